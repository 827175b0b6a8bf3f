#include "conformance/stranger.h"

#include "transport/signature.h"

namespace chordial::conformance {

Stranger::Stranger(overlay::World& world) : world_(world), member_(world.add(overlay::Role::peer)) {
  link::MessageLinkOptions options;
  options.local = member_.address;
  options.self = member_.id;
  options.certificate = &member_.signer->certificate();
  member_.links = std::make_unique<link::MessageLinkLayer>(options, world.certificates, world);
  member_.links->set_handler(*this);
}

Stranger::~Stranger() {
  member_.links.reset();
}

void Stranger::link_with(const overlay::Member& peer) {
  EXPECT_TRUE(member_.links->connect(world_.now, peer.address, peer.id));
  EXPECT_TRUE(world_.run_until([&] { return linked(peer); }, std::chrono::seconds(5)));
}

Bytes Stranger::write(Stranger& origin, wire::MessageCode code, ByteView body,
                      const std::vector<wire::Destination>& to,
                      const std::vector<wire::Destination>& via,
                      const std::vector<wire::MessageExtension>& extensions,
                      std::uint64_t transaction_id) {
  wire::ForwardingHeader header;
  header.overlay = world_.context.overlay_hash;
  header.configuration_sequence = sequence;
  header.transaction_id = transaction_id;
  header.destination_list = to;
  header.via_list = via;
  ByteWriter contents;
  wire::write(contents, wire::MessageContents{code, body, extensions, 0, {}});
  const Bytes signature = transport::sign_contents(origin.signer(), origin.id(), header.overlay,
                                                   transaction_id, contents.view());
  return wire::with_header(
      header,
      transport::message_body(contents.view(), {origin.signer().certificate().der}, signature));
}

std::uint64_t Stranger::send(const overlay::Member& neighbour, wire::MessageCode code,
                             ByteView body, std::vector<wire::Destination> to,
                             std::vector<wire::MessageExtension> extensions,
                             std::optional<std::uint64_t> transaction_id) {
  if (to.empty()) to.push_back(wire::Destination::of(neighbour.id));
  const std::uint64_t transaction = transaction_id.value_or(++transactions_);
  const Bytes message = write(*this, code, body, to, {}, extensions, transaction);
  EXPECT_TRUE(member_.links->send(world_.now, links_.at(neighbour.id), message));
  return transaction;
}

std::uint64_t Stranger::relay(const overlay::Member& neighbour, Stranger& origin,
                              wire::MessageCode code, ByteView body,
                              std::optional<std::uint64_t> transaction_id) {
  const std::uint64_t transaction = transaction_id.value_or(++transactions_);
  const Bytes message = write(origin, code, body, {wire::Destination::of(neighbour.id)},
                              {wire::Destination::of(origin.id())}, {}, transaction);
  EXPECT_TRUE(member_.links->send(world_.now, links_.at(neighbour.id), message));
  return transaction;
}

std::optional<Stranger::Received> Stranger::ask(const overlay::Member& neighbour,
                                                wire::MessageCode code, ByteView body,
                                                std::vector<wire::Destination> to,
                                                std::vector<wire::MessageExtension> extensions) {
  const std::uint64_t transaction =
      send(neighbour, code, body, std::move(to), std::move(extensions));
  std::optional<Received> answer;
  (void)world_.run_until(
      [&] {
        for (const Received& each : received) {
          if (each.transaction_id == transaction && !wire::is_request(each.code)) answer = each;
        }
        return answer.has_value();
      },
      std::chrono::seconds(4));
  return answer;
}

std::vector<Stranger::Received> Stranger::requests(wire::MessageCode code) const {
  std::vector<Received> all;
  for (const Received& each : received) {
    if (each.code == code) all.push_back(each);
  }
  return all;
}

void Stranger::on_link_up(Now, link::LinkId link, const NodeId& peer, const crypto::Certificate&) {
  links_[peer] = link;
}

void Stranger::on_link_message(Now, link::LinkId link, ByteView message) {
  const auto view = wire::MessageView::parse(message);
  ASSERT_TRUE(view);
  const auto contents = view->contents();
  ASSERT_TRUE(contents);
  Received each;
  for (const auto& [node, known] : links_) {
    if (known == link) each.neighbour = node;
  }
  each.code = contents->message_code;
  each.transaction_id = view->header().transaction_id;
  each.body = to_bytes(contents->message_body);
  each.message = to_bytes(message);
  received.push_back(std::move(each));
}

void Stranger::on_link_down(Now, link::LinkId link, const Error&) {
  std::erase_if(links_, [link](const auto& entry) { return entry.second == link; });
}

wire::ErrorCode error_of(const std::optional<Stranger::Received>& answer) {
  if (!answer || answer->code != wire::MessageCode::error) return wire::ErrorCode::invalid;
  const auto error = wire::parse_value<wire::ErrorResponse>(answer->body);
  EXPECT_TRUE(error);
  return error ? error->error_code : wire::ErrorCode::invalid;
}

}  // namespace chordial::conformance
