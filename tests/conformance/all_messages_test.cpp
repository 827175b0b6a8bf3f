// That the generator leaves nothing out, and puts nothing in that nobody may send.
#include "conformance/all_messages.h"

#include <gtest/gtest.h>
#include <set>

#include "wire/attach.h"
#include "wire/body_dispatch.h"
#include "wire/link_messages.h"
#include "wire/storage_messages.h"

namespace chordial::conformance {
namespace {

using namespace wire;

// Message codes 35 to 38 and whatever else §14 sets aside for experiments.
constexpr std::uint16_t exp_message_first = 0x23, exp_message_last = 0x26;
constexpr std::uint16_t exp_extension = 1;
constexpr std::uint8_t exp_forwarding_option = 1;

struct Seen {
  std::set<MessageCode> codes;
  std::set<ErrorCode> errors;
  std::set<KindId> kinds;
  std::set<SignerIdentityType> identities;
  std::set<std::uint8_t> signatures;
  std::set<std::uint16_t> extensions;
  std::set<std::uint8_t> options;
  std::set<OverlayLinkType> links;
  std::size_t fragments = 0;
};

Seen look() {
  Seen seen;
  for (const Message& message : all_messages()) {
    const auto view = MessageView::parse(message.bytes);
    EXPECT_TRUE(view) << message.name;
    for (const ForwardingOption& option : view->header().options)
      seen.options.insert(option.type);
    if (!view->header().is_whole()) {
      ++seen.fragments;
      continue;
    }
    const auto contents = view->contents();
    const auto block = view->security_block();
    EXPECT_TRUE(contents && block) << message.name;
    seen.codes.insert(contents->message_code);
    seen.identities.insert(block->signature.identity.identity_type);
    seen.signatures.insert(block->signature.signature_algorithm);
    for (const MessageExtension& extension : contents->extensions)
      seen.extensions.insert(extension.type);
    if (contents->message_code == MessageCode::error)
      seen.errors.insert(parse_body<ErrorResponse>(*contents)->error_code);
    if (contents->message_code == MessageCode::attach_req) {
      const auto attach = parse_body<AttachReqAns>(*contents);
      for (const IceCandidate& candidate : attach->candidates)
        seen.links.insert(candidate.overlay_link);
    }
    if (contents->message_code == MessageCode::store_req) {
      const auto store = parse_body<StoreReq>(*contents);
      for (const StoreKindData& data : store->kind_data)
        seen.kinds.insert(data.kind);
    }
  }
  return seen;
}

TEST(AllMessages, AreAllThereAre) {
  const Seen seen = look();
  for (unsigned number = 1; number <= 0xffff; ++number) {
    const auto code = static_cast<MessageCode>(number);
    EXPECT_EQ(seen.codes.contains(code), *wire::name_of(code) != '\0') << number;
  }
  for (unsigned number = 1; number <= 0xffff; ++number) {
    const auto code = static_cast<ErrorCode>(number);
    const bool experimental = code == ErrorCode::exp_a || code == ErrorCode::exp_b;
    EXPECT_EQ(seen.errors.contains(code), *wire::name_of(code) != '\0' && !experimental) << number;
  }
  for (const KindId kind : {kind_sip_registration, kind_turn_service, kind_certificate_by_node,
                            kind_certificate_by_user, kind_redir, kind_private_first})
    EXPECT_TRUE(seen.kinds.contains(kind)) << kind;
  EXPECT_TRUE(seen.identities.contains(SignerIdentityType::cert_hash));
  EXPECT_TRUE(seen.identities.contains(SignerIdentityType::cert_hash_node_id));
  EXPECT_TRUE(seen.signatures.contains(signature_rsa));
  EXPECT_TRUE(seen.signatures.contains(signature_ecdsa));
  EXPECT_GT(seen.fragments, 3u);
}

// §14.3, §14.4, §14.7 to §14.14: nobody sends these in operation.
TEST(AllMessages, HoldNothingExperimental) {
  const Seen seen = look();
  for (std::uint16_t code = exp_message_first; code <= exp_message_last; ++code) {
    EXPECT_FALSE(seen.codes.contains(static_cast<MessageCode>(code)));
    EXPECT_STREQ(wire::name_of(static_cast<MessageCode>(code)), "");
  }
  EXPECT_FALSE(seen.errors.contains(ErrorCode::exp_a) || seen.errors.contains(ErrorCode::exp_b));
  EXPECT_FALSE(seen.extensions.contains(exp_extension));
  EXPECT_FALSE(seen.options.contains(exp_forwarding_option));
  EXPECT_FALSE(seen.links.contains(OverlayLinkType::exp_link));
}

}  // namespace
}  // namespace chordial::conformance
