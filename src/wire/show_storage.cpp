#include "wire/show.h"
#include "wire/sip_registration.h"

namespace chordial::wire {

void Show::kind(KindId kind) {
  visitor_.enumerated("kind", kind, name_of_kind(kind));
}

// The records that the RFCs define are shown as structures, those that do not parse as bytes: what
// stands in a value is nobody's business but its usage's.
void Show::data_value(KindId kind, const DataValue& value) {
  visitor_.boolean("exists", value.exists);
  if (kind == kind_sip_registration && value.exists) {
    if (const auto registration = parse_value<SipRegistration>(value.value)) {
      visitor_.begin_object("value");
      const bool is_uri = registration->type == SipRegistrationType::sip_registration_uri;
      const bool is_route = registration->type == SipRegistrationType::sip_registration_route;
      visitor_.enumerated("type", static_cast<std::uint8_t>(registration->type),
                          is_uri     ? "sip_registration_uri"
                          : is_route ? "sip_registration_route"
                                     : "");
      if (is_uri) {
        text_or_bytes("uri", registration->uri);
      } else if (is_route) {
        text_or_bytes("contact_prefs", registration->contact_prefs);
        destinations("destination_list", registration->destination_list);
      } else {
        visitor_.bytes("data", registration->unknown);
      }
      visitor_.end_object();
      return;
    }
  }
  if (kind == kind_turn_service && value.exists) {
    if (const auto server = parse_value<TurnServer>(value.value)) {
      visitor_.begin_object("value");
      visitor_.number("iteration", server->iteration);
      address("server_address", server->server_address);
      visitor_.end_object();
      return;
    }
  }
  visitor_.bytes("value", value.value);
}

Expected<void> Show::stored_data(KindId kind, const List<StoredData>& values) {
  const auto model = kinds_.model(kind);
  visitor_.begin_list("values");
  for (const StoredData& data : values) {
    visitor_.begin_object("StoredData");
    visitor_.number("storage_time", data.storage_time);
    visitor_.number("lifetime", data.lifetime);
    if (!model) {
      visitor_.bytes("value_and_signature", data.value_and_signature);
      visitor_.end_object();
      continue;
    }
    const auto parts = parts_of(data, *model);
    if (!parts) return Failure(parts.error());
    visitor_.begin_object("value");
    if (*model == DataModel::single_value) {
      data_value(kind, parts->value.value);
    } else {
      if (*model == DataModel::array) visitor_.number("index", parts->value.index);
      if (*model == DataModel::dictionary) visitor_.bytes("key", parts->value.key);
      visitor_.begin_object("value");
      data_value(kind, parts->value.value);
      visitor_.end_object();
    }
    visitor_.end_object();
    signature(parts->signature);
    visitor_.end_object();
  }
  visitor_.end_list();
  return {};
}

Expected<void> Show::stored_metadata(KindId kind, const List<StoredMetaData>& values) {
  const auto model = kinds_.model(kind);
  visitor_.begin_list("values");
  for (const StoredMetaData& data : values) {
    visitor_.begin_object("StoredMetaData");
    visitor_.number("storage_time", data.storage_time);
    visitor_.number("lifetime", data.lifetime);
    if (!model) {
      visitor_.bytes("metadata", data.metadata);
      visitor_.end_object();
      continue;
    }
    const auto metadata = metadata_of(data, *model);
    if (!metadata) return Failure(metadata.error());
    visitor_.begin_object("metadata");
    if (*model == DataModel::array) visitor_.number("index", metadata->index);
    if (*model == DataModel::dictionary) visitor_.bytes("key", metadata->key);
    visitor_.boolean("exists", metadata->value.exists);
    visitor_.number("value_length", metadata->value.value_length);
    visitor_.enumerated("hash_algorithm", metadata->value.hash_algorithm,
                        name_of_hash(metadata->value.hash_algorithm));
    visitor_.bytes("hash_value", metadata->value.hash_value);
    visitor_.end_object();
    visitor_.end_object();
  }
  visitor_.end_list();
  return {};
}

Expected<void> Show::body(const StoreReq& body) {
  visitor_.bytes("resource", body.resource.bytes());
  visitor_.number("replica_number", body.replica_number);
  visitor_.begin_list("kind_data");
  for (const StoreKindData& data : body.kind_data) {
    visitor_.begin_object("StoreKindData");
    kind(data.kind);
    visitor_.number("generation_counter", data.generation_counter);
    const Expected<void> shown = stored_data(data.kind, data.values);
    if (!shown) return shown;
    visitor_.end_object();
  }
  visitor_.end_list();
  return {};
}

Expected<void> Show::body(const StoreAns& body) {
  visitor_.begin_list("kind_responses");
  for (const StoreKindResponse& response : body.kind_responses) {
    visitor_.begin_object("StoreKindResponse");
    kind(response.kind);
    visitor_.number("generation_counter", response.generation_counter);
    visitor_.begin_list("replicas");
    for (const NodeId& node : response.replicas)
      visitor_.node_id("", node);
    visitor_.end_list();
    visitor_.end_object();
  }
  visitor_.end_list();
  return {};
}

Expected<void> Show::specifier(const StoredDataSpecifier& specifier) {
  visitor_.begin_object("StoredDataSpecifier");
  kind(specifier.kind);
  visitor_.number("generation", specifier.generation);
  visitor_.number("length", specifier.model_specifier.size());
  const auto model = kinds_.model(specifier.kind);
  if (model == DataModel::array) {
    const auto indices = array_specifier(specifier);
    if (!indices) return Failure(indices.error());
    visitor_.begin_list("indices");
    for (const ArrayRange& range : *indices) {
      visitor_.begin_object("ArrayRange");
      visitor_.number("first", range.first);
      visitor_.number("last", range.last);
      visitor_.end_object();
    }
    visitor_.end_list();
  } else if (model == DataModel::dictionary) {
    const auto keys = dictionary_specifier(specifier);
    if (!keys) return Failure(keys.error());
    visitor_.begin_list("keys");
    for (const DictionaryKey& key : *keys)
      visitor_.bytes("", key.key);
    visitor_.end_list();
  } else if (model == DataModel::single_value) {
    if (const auto empty = single_specifier(specifier); !empty) return empty;
  } else {
    visitor_.bytes("model_specifier", specifier.model_specifier);
  }
  visitor_.end_object();
  return {};
}

Expected<void> Show::body(const FetchReq& body) {
  visitor_.bytes("resource", body.resource.bytes());
  visitor_.begin_list("specifiers");
  for (const StoredDataSpecifier& entry : body.specifiers) {
    if (const auto shown = specifier(entry); !shown) return shown;
  }
  visitor_.end_list();
  return {};
}

Expected<void> Show::body(const FetchAns& body) {
  visitor_.begin_list("kind_responses");
  for (const FetchKindResponse& response : body.kind_responses) {
    visitor_.begin_object("FetchKindResponse");
    kind(response.kind);
    visitor_.number("generation", response.generation);
    if (const auto shown = stored_data(response.kind, response.values); !shown) return shown;
    visitor_.end_object();
  }
  visitor_.end_list();
  return {};
}

Expected<void> Show::body(const StatAns& body) {
  visitor_.begin_list("kind_responses");
  for (const StatKindResponse& response : body.kind_responses) {
    visitor_.begin_object("StatKindResponse");
    kind(response.kind);
    visitor_.number("generation", response.generation);
    if (const auto shown = stored_metadata(response.kind, response.values); !shown) return shown;
    visitor_.end_object();
  }
  visitor_.end_list();
  return {};
}

Expected<void> Show::body(const FindReq& body) {
  visitor_.bytes("resource", body.resource.bytes());
  visitor_.begin_list("kinds");
  for (const KindId id : body.kinds)
    visitor_.enumerated("", id, name_of_kind(id));
  visitor_.end_list();
  return {};
}

Expected<void> Show::body(const FindAns& body) {
  visitor_.begin_list("results");
  for (const FindKindData& data : body.results) {
    visitor_.begin_object("FindKindData");
    kind(data.kind);
    visitor_.bytes("closest", data.closest.bytes());
    visitor_.end_object();
  }
  visitor_.end_list();
  return {};
}

}  // namespace chordial::wire
