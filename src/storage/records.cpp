#include "storage/records.h"

#include <algorithm>

#include "base/assert.h"
#include "base/byte_writer.h"

namespace chordial::storage {
namespace {

constexpr std::uint8_t record_version = 1;

std::uint64_t wall_ms_at(Now now, MonotonicTime moment) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(moment - now.monotonic);
  return static_cast<std::uint64_t>((now.wall + left).time_since_epoch().count());
}

}  // namespace

int compare(const Place& a, const Place& b) {
  if (a.index != b.index) return a.index < b.index ? -1 : 1;
  const auto order = std::lexicographical_compare_three_way(a.key.begin(), a.key.end(),
                                                            b.key.begin(), b.key.end());
  return order < 0 ? -1 : order > 0 ? 1 : 0;
}

Place place_of(const wire::StoredDataValue& value) {
  return {value.index, value.key};
}

Place place_of(const StoredValue& value, wire::DataModel model) {
  ByteReader reader(value.value_and_signature);
  Place place;
  if (model == wire::DataModel::array) place.index = reader.u32("index");
  if (model == wire::DataModel::dictionary) place.key = reader.vector(2, "key");
  CHORDIAL_INVARIANT(reader.ok());
  return place;
}

std::vector<StoredValue>::const_iterator find_place(const std::vector<StoredValue>& values,
                                                    wire::DataModel model, const Place& place) {
  return std::partition_point(values.begin(), values.end(), [&](const StoredValue& value) {
    return compare(place_of(value, model), place) < 0;
  });
}

wire::StoredDataParts parts_of(const StoredValue& value, wire::DataModel model) {
  wire::StoredData data;
  data.value_and_signature = value.value_and_signature;
  const auto parts = wire::parts_of(data, model);
  CHORDIAL_INVARIANT(parts);
  return *parts;
}

wire::StoredData stored_data(Now now, const StoredValue& value) {
  const auto left = std::chrono::duration_cast<std::chrono::seconds>(value.ends - now.monotonic);
  return {value.storage_time, static_cast<std::uint32_t>(std::max<std::int64_t>(left.count(), 0)),
          value.value_and_signature, 0};
}

Bytes record_key(const ResourceId& resource, wire::KindId kind, const Place& place) {
  ByteWriter writer;
  writer.raw(resource.bytes());
  writer.u32(kind);
  writer.u32(place.index);
  writer.raw(place.key);
  return writer.take();
}

ports::PersistWrite record_of(Now now, const ResourceId& resource, wire::KindId kind,
                              const Place& place, std::uint64_t generation,
                              const StoredValue& value, ByteView certificate) {
  ByteWriter writer;
  writer.u8(record_version);
  writer.u64(generation);
  writer.u64(value.storage_time);
  writer.u64(wall_ms_at(now, value.ends));
  writer.vector(4, certificate);
  writer.vector(4, value.value_and_signature);
  return {ports::PersistSpace::stored_resources, record_key(resource, kind, place), writer.take()};
}

ports::PersistWrite deletion_of(const ResourceId& resource, wire::KindId kind, const Place& place) {
  return {ports::PersistSpace::stored_resources, record_key(resource, kind, place), std::nullopt};
}

Expected<Record> parse_record(const ports::PersistedRecord& record) {
  Record parsed;
  ByteReader key(record.key);
  const auto resource = ResourceId::from_bytes(key.take(node_id_bytes, "resource"));
  parsed.kind = key.u32("kind");
  if (!key.ok()) return Failure(key.error());
  parsed.resource = *resource;
  ByteReader value(record.value);
  if (value.u8("version") != record_version)
    value.fail(ErrorKind::unsupported, "version", "a record of another version");
  parsed.generation = value.u64("generation");
  parsed.storage_time = value.u64("storage_time");
  parsed.ends_ms = value.u64("ends");
  parsed.certificate = value.vector(4, "certificate");
  parsed.value_and_signature = value.vector(4, "value");
  value.expect_end("record");
  if (!value.ok()) return Failure(value.error());
  return parsed;
}

}  // namespace chordial::storage
