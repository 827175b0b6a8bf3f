#include "wire/stored_data.h"

namespace chordial::wire {
namespace {

constexpr std::size_t times_bytes = 12;  // storage_time, lifetime

// Array indexes are left out of the signature (§7.4.2.2); they are the value's first four bytes.
constexpr std::size_t index_bytes = 4;

}  // namespace

std::optional<DataModel> RegisteredKindModels::model(KindId kind) const {
  switch (kind) {
    case kind_turn_service:
      return DataModel::single_value;
    case kind_certificate_by_node:
    case kind_certificate_by_user:
      return DataModel::array;
    case kind_sip_registration:
    case kind_redir:
      return DataModel::dictionary;
    default:
      return std::nullopt;
  }
}

void read(ByteReader& reader, DataValue& value) {
  value.exists = read_boolean(reader, "DataValue.exists");
  value.value = reader.vector(4, "DataValue.value");
}

void write(ByteWriter& writer, const DataValue& value) {
  writer.u8(value.exists ? 1 : 0);
  writer.vector(4, value.value);
}

void read(ByteReader& reader, StoredDataValue& value) {
  if (value.model == DataModel::array) value.index = reader.u32("ArrayEntry.index");
  if (value.model == DataModel::dictionary) value.key = reader.vector(2, "DictionaryEntry.key");
  read(reader, value.value);
}

void write(ByteWriter& writer, const StoredDataValue& value) {
  if (value.model == DataModel::array) writer.u32(value.index);
  if (value.model == DataModel::dictionary) writer.vector(2, value.key);
  write(writer, value.value);
}

void read(ByteReader& reader, StoredData& data) {
  ByteReader inside = reader.sub_reader(4, "StoredData.length");
  data.storage_time = inside.u64("storage_time");
  data.lifetime = inside.u32("lifetime");
  data.offset = inside.offset();
  data.value_and_signature = inside.rest();
  reader.adopt(inside);
}

void write(ByteWriter& writer, const StoredData& data) {
  writer.u32(static_cast<std::uint32_t>(times_bytes + data.value_and_signature.size()));
  writer.u64(data.storage_time);
  writer.u32(data.lifetime);
  writer.raw(data.value_and_signature);
}

Expected<StoredDataParts> parts_of(const StoredData& data, DataModel model) {
  ByteReader reader(data.value_and_signature, data.offset);
  StoredDataParts parts;
  parts.value.model = model;
  read(reader, parts.value);
  parts.value_bytes = data.value_and_signature.first(reader.position());
  read(reader, parts.signature);
  reader.expect_end("StoredData");
  if (!reader.ok()) return Failure(reader.error());
  return parts;
}

Bytes encode(const StoredDataValue& value, const Signature& signature) {
  ByteWriter writer;
  write(writer, value);
  write(writer, signature);
  return writer.take();
}

Bytes encode_synthetic(const StoredDataValue& where) {
  StoredDataValue value = where;
  value.value = DataValue{};
  return encode(value, Signature{});
}

DataSignatureInput data_signature_input(const WireResourceId& resource, KindId kind,
                                        std::uint64_t storage_time, DataModel model,
                                        ByteView value_bytes, ByteView identity) {
  ByteWriter prefix;
  prefix.raw(resource.bytes());
  prefix.u32(kind);
  prefix.u64(storage_time);
  if (model == DataModel::array && value_bytes.size() >= index_bytes) {
    prefix.u32(0);
    value_bytes = value_bytes.subspan(index_bytes);
  }
  return {prefix.take(), value_bytes, identity};
}

void read(ByteReader& reader, MetaData& metadata) {
  metadata.exists = read_boolean(reader, "MetaData.exists");
  metadata.value_length = reader.u32("MetaData.value_length");
  metadata.hash_algorithm = reader.u8("MetaData.hash_algorithm");
  metadata.hash_value = reader.vector(1, "MetaData.hash_value");
}

void write(ByteWriter& writer, const MetaData& metadata) {
  writer.u8(metadata.exists ? 1 : 0);
  writer.u32(metadata.value_length);
  writer.u8(metadata.hash_algorithm);
  writer.vector(1, metadata.hash_value);
}

void read(ByteReader& reader, MetaDataValue& value) {
  if (value.model == DataModel::array) value.index = reader.u32("ArrayEntryMeta.index");
  if (value.model == DataModel::dictionary) value.key = reader.vector(2, "DictionaryEntryMeta.key");
  read(reader, value.value);
}

void write(ByteWriter& writer, const MetaDataValue& value) {
  if (value.model == DataModel::array) writer.u32(value.index);
  if (value.model == DataModel::dictionary) writer.vector(2, value.key);
  write(writer, value.value);
}

void read(ByteReader& reader, StoredMetaData& data) {
  ByteReader inside = reader.sub_reader(4, "StoredMetaData.value_length");
  data.storage_time = inside.u64("storage_time");
  data.lifetime = inside.u32("lifetime");
  data.offset = inside.offset();
  data.metadata = inside.rest();
  reader.adopt(inside);
}

void write(ByteWriter& writer, const StoredMetaData& data) {
  writer.u32(static_cast<std::uint32_t>(times_bytes + data.metadata.size()));
  writer.u64(data.storage_time);
  writer.u32(data.lifetime);
  writer.raw(data.metadata);
}

Expected<MetaDataValue> metadata_of(const StoredMetaData& data, DataModel model) {
  ByteReader reader(data.metadata, data.offset);
  MetaDataValue value;
  value.model = model;
  read(reader, value);
  reader.expect_end("StoredMetaData");
  if (!reader.ok()) return Failure(reader.error());
  return value;
}

}  // namespace chordial::wire
