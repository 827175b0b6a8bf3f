#include "wire/storage_messages.h"

namespace chordial::wire {
namespace {

template <class T>
Expected<List<T>> read_specifier(const StoredDataSpecifier& specifier, std::size_t count_max,
                                 const char* field) {
  ByteReader reader(specifier.model_specifier, specifier.offset);
  List<T> list = read_list<T>(reader, 2, count_max, field);
  reader.expect_end("model_specifier");
  if (!reader.ok()) return Failure(reader.error());
  return list;
}

template <class T>
Bytes write_specifier(const List<T>& list) {
  ByteWriter writer;
  write_list(writer, 2, list);
  return writer.take();
}

}  // namespace

void read(ByteReader& reader, StoreKindData& data) {
  data.kind = reader.u32("StoreKindData.kind");
  data.generation_counter = reader.u64("generation_counter");
  data.values = read_list<StoredData>(reader, 4, values_max, "StoreKindData.values");
}

void write(ByteWriter& writer, const StoreKindData& data) {
  writer.u32(data.kind);
  writer.u64(data.generation_counter);
  write_list(writer, 4, data.values);
}

void read(ByteReader& reader, StoreReq& store) {
  read(reader, store.resource);
  store.replica_number = reader.u8("replica_number");
  store.kind_data = read_list<StoreKindData>(reader, 4, kinds_max, "kind_data");
}

void write(ByteWriter& writer, const StoreReq& store) {
  write(writer, store.resource);
  writer.u8(store.replica_number);
  write_list(writer, 4, store.kind_data);
}

void read(ByteReader& reader, StoreKindResponse& response) {
  response.kind = reader.u32("StoreKindResponse.kind");
  response.generation_counter = reader.u64("generation_counter");
  response.replicas = read_list<NodeId>(reader, 2, replicas_max, "replicas");
}

void write(ByteWriter& writer, const StoreKindResponse& response) {
  writer.u32(response.kind);
  writer.u64(response.generation_counter);
  write_list(writer, 2, response.replicas);
}

void read(ByteReader& reader, StoreAns& answer) {
  answer.kind_responses = read_list<StoreKindResponse>(reader, 2, kinds_max, "kind_responses");
}

void write(ByteWriter& writer, const StoreAns& answer) {
  write_list(writer, 2, answer.kind_responses);
}

void read(ByteReader& reader, ArrayRange& range) {
  range.first = reader.u32("ArrayRange.first");
  range.last = reader.u32("ArrayRange.last");
}

void write(ByteWriter& writer, const ArrayRange& range) {
  writer.u32(range.first);
  writer.u32(range.last);
}

void read(ByteReader& reader, DictionaryKey& key) {
  key.key = reader.vector(2, "DictionaryKey");
}

void write(ByteWriter& writer, const DictionaryKey& key) {
  writer.vector(2, key.key);
}

void read(ByteReader& reader, StoredDataSpecifier& specifier) {
  specifier.kind = reader.u32("StoredDataSpecifier.kind");
  specifier.generation = reader.u64("generation");
  specifier.model_specifier = reader.vector(2, "model_specifier");
  specifier.offset = reader.offset() - static_cast<std::uint32_t>(specifier.model_specifier.size());
}

void write(ByteWriter& writer, const StoredDataSpecifier& specifier) {
  writer.u32(specifier.kind);
  writer.u64(specifier.generation);
  writer.vector(2, specifier.model_specifier);
}

Expected<void> single_specifier(const StoredDataSpecifier& specifier) {
  if (!specifier.model_specifier.empty())
    return failure(ErrorKind::malformed, "model_specifier", "not empty for a single value",
                   specifier.offset);
  return {};
}

Expected<List<ArrayRange>> array_specifier(const StoredDataSpecifier& specifier) {
  return read_specifier<ArrayRange>(specifier, array_ranges_max, "indices");
}

Expected<List<DictionaryKey>> dictionary_specifier(const StoredDataSpecifier& specifier) {
  return read_specifier<DictionaryKey>(specifier, keys_max, "keys");
}

Bytes encode_specifier(const List<ArrayRange>& indices) {
  return write_specifier(indices);
}

Bytes encode_specifier(const List<DictionaryKey>& keys) {
  return write_specifier(keys);
}

void read(ByteReader& reader, FetchReq& fetch) {
  read(reader, fetch.resource);
  fetch.specifiers = read_list<StoredDataSpecifier>(reader, 2, kinds_max, "specifiers");
}

void write(ByteWriter& writer, const FetchReq& fetch) {
  write(writer, fetch.resource);
  write_list(writer, 2, fetch.specifiers);
}

void read(ByteReader& reader, FetchKindResponse& response) {
  response.kind = reader.u32("FetchKindResponse.kind");
  response.generation = reader.u64("generation");
  response.values = read_list<StoredData>(reader, 4, values_max, "FetchKindResponse.values");
}

void write(ByteWriter& writer, const FetchKindResponse& response) {
  writer.u32(response.kind);
  writer.u64(response.generation);
  write_list(writer, 4, response.values);
}

void read(ByteReader& reader, FetchAns& answer) {
  answer.kind_responses = read_list<FetchKindResponse>(reader, 4, kinds_max, "kind_responses");
}

void write(ByteWriter& writer, const FetchAns& answer) {
  write_list(writer, 4, answer.kind_responses);
}

void read(ByteReader& reader, StatKindResponse& response) {
  response.kind = reader.u32("StatKindResponse.kind");
  response.generation = reader.u64("generation");
  response.values = read_list<StoredMetaData>(reader, 4, values_max, "StatKindResponse.values");
}

void write(ByteWriter& writer, const StatKindResponse& response) {
  writer.u32(response.kind);
  writer.u64(response.generation);
  write_list(writer, 4, response.values);
}

void read(ByteReader& reader, StatAns& answer) {
  answer.kind_responses = read_list<StatKindResponse>(reader, 4, kinds_max, "kind_responses");
}

void write(ByteWriter& writer, const StatAns& answer) {
  write_list(writer, 4, answer.kind_responses);
}

void read(ByteReader& reader, FindReq& find) {
  read(reader, find.resource);
  find.kinds = read_list<KindId>(reader, 1, kinds_max, "kinds");
}

void write(ByteWriter& writer, const FindReq& find) {
  write(writer, find.resource);
  write_list(writer, 1, find.kinds);
}

void read(ByteReader& reader, FindKindData& data) {
  data.kind = reader.u32("FindKindData.kind");
  read(reader, data.closest);
}

void write(ByteWriter& writer, const FindKindData& data) {
  writer.u32(data.kind);
  write(writer, data.closest);
}

void read(ByteReader& reader, FindAns& answer) {
  answer.results = read_list<FindKindData>(reader, 2, kinds_max, "results");
}

void write(ByteWriter& writer, const FindAns& answer) {
  write_list(writer, 2, answer.results);
}

}  // namespace chordial::wire
