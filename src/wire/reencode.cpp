#include <deque>

#include "wire/body_dispatch.h"
#include "wire/walk.h"

namespace chordial::wire {
namespace {

// Bodies whose structure needs no data model are written as they were parsed.
template <class T>
Expected<Bytes> rewritten(const T& body, const KindModels&) {
  return body_of(body);
}

// `data` parsed to its last field and written anew; as it came where the Kind is not known. The
// bytes of the new one live in `bytes`.
Expected<StoredData> rewritten_value(const StoredData& data, std::optional<DataModel> model,
                                     std::deque<Bytes>& bytes) {
  if (!model) return data;
  const auto parts = parts_of(data, *model);
  if (!parts) return Failure(parts.error());
  StoredData written = data;
  written.value_and_signature = bytes.emplace_back(encode(parts->value, parts->signature));
  return written;
}

Expected<StoredMetaData> rewritten_value(const StoredMetaData& data, std::optional<DataModel> model,
                                         std::deque<Bytes>& bytes) {
  if (!model) return data;
  const auto metadata = metadata_of(data, *model);
  if (!metadata) return Failure(metadata.error());
  StoredMetaData written = data;
  written.metadata = bytes.emplace_back(body_of(*metadata));
  return written;
}

// The Kinds of a StoreReq, a FetchAns or a StatAns, each with a list of values.
template <class Value, class PerKind>
Expected<Bytes> rewritten_kinds(std::span<const PerKind> kinds, const KindModels& models,
                                auto&& write_all) {
  std::deque<Bytes> bytes;
  std::deque<std::vector<Value>> values;
  std::vector<PerKind> written;
  for (PerKind kind : kinds) {
    std::vector<Value>& list = values.emplace_back();
    for (const Value& value : kind.values) {
      auto again = rewritten_value(value, models.model(kind.kind), bytes);
      if (!again) return Failure(again.error());
      list.push_back(*again);
    }
    kind.values = list;
    written.push_back(kind);
  }
  return write_all(written);
}

template <class T>
std::vector<T> collect(const List<T>& list) {
  std::vector<T> all;
  for (const T& item : list)
    all.push_back(item);
  return all;
}

Expected<Bytes> rewritten(const StoreReq& store, const KindModels& models) {
  const auto kinds = collect(store.kind_data);
  return rewritten_kinds<StoredData, StoreKindData>(kinds, models, [&](const auto& written) {
    return body_of(StoreReq{store.resource, store.replica_number, written});
  });
}

Expected<Bytes> rewritten(const FetchAns& answer, const KindModels& models) {
  const auto kinds = collect(answer.kind_responses);
  return rewritten_kinds<StoredData, FetchKindResponse>(
      kinds, models, [](const auto& written) { return body_of(FetchAns{written}); });
}

Expected<Bytes> rewritten(const StatAns& answer, const KindModels& models) {
  const auto kinds = collect(answer.kind_responses);
  return rewritten_kinds<StoredMetaData, StatKindResponse>(
      kinds, models, [](const auto& written) { return body_of(StatAns{written}); });
}

Expected<Bytes> rewritten_specifier(const StoredDataSpecifier& specifier,
                                    std::optional<DataModel> model) {
  if (model == DataModel::array)
    return array_specifier(specifier).map(
        [](const auto& indices) { return encode_specifier(indices); });
  if (model == DataModel::dictionary)
    return dictionary_specifier(specifier).map(
        [](const auto& keys) { return encode_specifier(keys); });
  if (model == DataModel::single_value)
    return single_specifier(specifier).map([] { return Bytes(); });
  return to_bytes(specifier.model_specifier);
}

Expected<Bytes> rewritten(const FetchReq& fetch, const KindModels& models) {
  std::deque<Bytes> bytes;
  std::vector<StoredDataSpecifier> specifiers;
  for (StoredDataSpecifier specifier : fetch.specifiers) {
    auto again = rewritten_specifier(specifier, models.model(specifier.kind));
    if (!again) return Failure(again.error());
    specifier.model_specifier = bytes.emplace_back(*std::move(again));
    specifiers.push_back(specifier);
  }
  return body_of(FetchReq{fetch.resource, specifiers});
}

}  // namespace

Expected<Bytes> reencode(ByteView message, const KindModels& kinds) {
  const auto view = MessageView::parse(message);
  if (!view) return Failure(view.error());
  if (!view->header().is_whole()) return with_header(view->header(), view->body());
  const auto contents = view->contents();
  if (!contents) return Failure(contents.error());
  const auto security_block = view->security_block();
  if (!security_block) return Failure(security_block.error());
  Bytes body;
  const Expected<void> done = with_body(*contents, [&](const auto& structure) -> Expected<void> {
    Expected<Bytes> written = rewritten(structure, kinds);
    if (!written) return Failure(written.error());
    body = *std::move(written);
    return {};
  });
  if (!done) return Failure(done.error());
  return MessageBuilder(view->header(), contents->message_code, body, contents->extensions)
      .finish(*security_block);
}

}  // namespace chordial::wire
