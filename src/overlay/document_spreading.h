// ConfigUpdate (RFC 6940 §6.5.4): a newer configuration document goes to whoever turns out to have
// an older one. After a new document each neighbour is sent a Ping: one that answers
// Error_Config_Too_New is sent the document, one whose certificate is revoked now loses its link.
#pragma once

#include <span>
#include <vector>

#include "transport/transport.h"

namespace chordial::overlay {

class Core;

class DocumentSpreading {
 public:
  // The same node is not sent a document more often than this.
  static constexpr Duration repeat_interval{10'000'000};
  static constexpr std::size_t recent_max = 64;

  explicit DocumentSpreading(Core& core) : core_(core) {}

  // This node has a newer document than before.
  void on_adopted(Now now);
  void on_older_configuration(Now now, std::span<const wire::Destination> route);
  void on_request(Now now, transport::Request& request);

 private:
  struct Recent {
    NodeId node;
    MonotonicTime at;
  };

  Core& core_;
  std::vector<Recent> recent_;
};

}  // namespace chordial::overlay
