// Values as they are stored, and their metadata (RFC 6940 §7, §7.2, §7.4.3.2). The data model of a
// Kind is not on the wire, so that a value is read in two steps: StoredData without it, and then
// its parts with it.
#pragma once

#include <array>
#include <optional>

#include "wire/destination.h"
#include "wire/security_block.h"

namespace chordial::wire {

enum class DataModel : std::uint8_t { single_value, array, dictionary };

// Says which data model a Kind has. The configuration document's knowledge; storage::KindTable is
// one.
class KindModels {
 public:
  // Nothing: the Kind is not known.
  [[nodiscard]] virtual std::optional<DataModel> model(KindId kind) const = 0;

 protected:
  ~KindModels() = default;
};

// The Kinds of the IANA registry that this project speaks.
class RegisteredKindModels final : public KindModels {
 public:
  [[nodiscard]] std::optional<DataModel> model(KindId kind) const override;
};

// Index 0xffffffff appends (§7.4.1.1), and ends a range with the last element (§7.4.2.1).
inline constexpr std::uint32_t array_end = 0xffffffff;

struct DataValue {
  bool exists = false;
  ByteView value;
};
void read(ByteReader& reader, DataValue& value);
void write(ByteWriter& writer, const DataValue& value);

// One of the three: SingleValue, ArrayEntry, DictionaryEntry.
struct StoredDataValue {
  DataModel model = DataModel::single_value;
  std::uint32_t index = 0;  // array
  ByteView key;             // dictionary, at most 65535 bytes
  DataValue value;
};
void read(ByteReader& reader, StoredDataValue& value);  // value.model is set before
void write(ByteWriter& writer, const StoredDataValue& value);

struct StoredData {
  std::uint64_t storage_time = 0;  // milliseconds since 1970, UTC
  std::uint32_t lifetime = 0;      // seconds
  ByteView value_and_signature;    // StoredDataValue, Signature
  std::uint32_t offset = 0;        // of value_and_signature in the message
};
void read(ByteReader& reader, StoredData& data);
void write(ByteWriter& writer, const StoredData& data);

struct StoredDataParts {
  StoredDataValue value;
  Signature signature;
  ByteView value_bytes;  // StoredDataValue as it was read
};
// Errors: malformed, truncated.
[[nodiscard]] Expected<StoredDataParts> parts_of(const StoredData& data, DataModel model);
[[nodiscard]] Bytes encode(const StoredDataValue& value, const Signature& signature);
// The value_and_signature of a value that does not exist (§7.4.2.2).
[[nodiscard]] Bytes encode_synthetic(const StoredDataValue& where);

// resource_id || kind || storage_time || StoredDataValue || SignerIdentity (§7.1). The Resource-ID
// stands there without its length byte, like the Node-ID of §6.3.4: the RFC does not say, and the
// implementations that went before do so. An array's index counts as zero (§7.4.2.2).
// Hand the parts over in this order: {input.prefix, input.value, input.identity}.
struct DataSignatureInput {
  Bytes prefix;
  ByteView value;
  ByteView identity;
};
// `value_bytes` is an encoded StoredDataValue; it and the encoded identity outlive the input.
[[nodiscard]] DataSignatureInput data_signature_input(const WireResourceId& resource, KindId kind,
                                                      std::uint64_t storage_time, DataModel model,
                                                      ByteView value_bytes, ByteView identity);

struct MetaData {
  bool exists = false;
  std::uint32_t value_length = 0;
  std::uint8_t hash_algorithm = hash_sha256;
  ByteView hash_value;  // over DataValue::value with its four length bytes; at most 255 bytes
};
void read(ByteReader& reader, MetaData& metadata);
void write(ByteWriter& writer, const MetaData& metadata);

// MetaDataValue.
struct MetaDataValue {
  DataModel model = DataModel::single_value;
  std::uint32_t index = 0;
  ByteView key;
  MetaData value;
};
void read(ByteReader& reader, MetaDataValue& value);  // value.model is set before
void write(ByteWriter& writer, const MetaDataValue& value);

// The first field, which the RFC calls value_length, is taken as StoredData's length: the bytes
// that follow it. Nothing else would let a reader skip what it cannot parse.
struct StoredMetaData {
  std::uint64_t storage_time = 0;
  std::uint32_t lifetime = 0;
  ByteView metadata;  // MetaDataValue
  std::uint32_t offset = 0;
};
void read(ByteReader& reader, StoredMetaData& data);
void write(ByteWriter& writer, const StoredMetaData& data);
[[nodiscard]] Expected<MetaDataValue> metadata_of(const StoredMetaData& data, DataModel model);

}  // namespace chordial::wire
