// Store, Fetch, Stat and Find (RFC 6940 §7.4). Knows nothing of what is stored.
#pragma once

#include "wire/stored_data.h"

namespace chordial::wire {

struct StoreKindData {
  KindId kind = 0;
  std::uint64_t generation_counter = 0;
  List<StoredData> values;
};
void read(ByteReader& reader, StoreKindData& data);
void write(ByteWriter& writer, const StoreKindData& data);

struct StoreReq {
  WireResourceId resource;
  std::uint8_t replica_number = 0;
  List<StoreKindData> kind_data;
};
void read(ByteReader& reader, StoreReq& store);
void write(ByteWriter& writer, const StoreReq& store);

struct StoreKindResponse {
  KindId kind = 0;
  std::uint64_t generation_counter = 0;
  List<NodeId> replicas;
};
void read(ByteReader& reader, StoreKindResponse& response);
void write(ByteWriter& writer, const StoreKindResponse& response);

// Also the error_info of Error_Generation_Counter_Too_Low.
struct StoreAns {
  List<StoreKindResponse> kind_responses;
};
void read(ByteReader& reader, StoreAns& answer);
void write(ByteWriter& writer, const StoreAns& answer);

// int32 in the RFC; array_end is its -1.
struct ArrayRange {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
};
void read(ByteReader& reader, ArrayRange& range);
void write(ByteWriter& writer, const ArrayRange& range);

struct DictionaryKey {
  ByteView key;
};
void read(ByteReader& reader, DictionaryKey& key);
void write(ByteWriter& writer, const DictionaryKey& key);

struct StoredDataSpecifier {
  KindId kind = 0;
  std::uint64_t generation = 0;
  ByteView model_specifier;  // at most 65535 bytes; its structure depends on the Kind's data model
  std::uint32_t offset = 0;  // of model_specifier in the message
};
void read(ByteReader& reader, StoredDataSpecifier& specifier);
void write(ByteWriter& writer, const StoredDataSpecifier& specifier);
// The model_specifier by data model. Errors: malformed, truncated, limit. Overlapping or backward
// ranges are storage's business.
[[nodiscard]] Expected<void> single_specifier(const StoredDataSpecifier& specifier);
[[nodiscard]] Expected<List<ArrayRange>> array_specifier(const StoredDataSpecifier& specifier);
[[nodiscard]] Expected<List<DictionaryKey>> dictionary_specifier(
    const StoredDataSpecifier& specifier);
// And to write one.
[[nodiscard]] Bytes encode_specifier(const List<ArrayRange>& indices);
[[nodiscard]] Bytes encode_specifier(const List<DictionaryKey>& keys);

// FetchReq and StatReq, which have the same fields.
struct FetchReq {
  WireResourceId resource;
  List<StoredDataSpecifier> specifiers;
};
void read(ByteReader& reader, FetchReq& fetch);
void write(ByteWriter& writer, const FetchReq& fetch);

struct FetchKindResponse {
  KindId kind = 0;
  std::uint64_t generation = 0;
  List<StoredData> values;
};
void read(ByteReader& reader, FetchKindResponse& response);
void write(ByteWriter& writer, const FetchKindResponse& response);

struct FetchAns {
  List<FetchKindResponse> kind_responses;
};
void read(ByteReader& reader, FetchAns& answer);
void write(ByteWriter& writer, const FetchAns& answer);

struct StatKindResponse {
  KindId kind = 0;
  std::uint64_t generation = 0;
  List<StoredMetaData> values;
};
void read(ByteReader& reader, StatKindResponse& response);
void write(ByteWriter& writer, const StatKindResponse& response);

struct StatAns {
  List<StatKindResponse> kind_responses;
};
void read(ByteReader& reader, StatAns& answer);
void write(ByteWriter& writer, const StatAns& answer);

struct FindReq {
  WireResourceId resource;
  List<KindId> kinds;
};
void read(ByteReader& reader, FindReq& find);
void write(ByteWriter& writer, const FindReq& find);

struct FindKindData {
  KindId kind = 0;
  WireResourceId closest;  // all zero where none is known
};
void read(ByteReader& reader, FindKindData& data);
void write(ByteWriter& writer, const FindKindData& data);

struct FindAns {
  List<FindKindData> results;
};
void read(ByteReader& reader, FindAns& answer);
void write(ByteWriter& writer, const FindAns& answer);

}  // namespace chordial::wire
