// Contents, extensions, security block, and the order in which a message is made and signed (RFC
// 6940 §6.3.3, §6.3.4).
#include "wire/message.h"

#include "wire/golden.h"
#include "wire/link_messages.h"

namespace chordial::wire::test {
namespace {

TEST(Message, WholeMessageByHand) {
  const std::string hash(64, 'a');
  const Bytes by_hand =
      hex("d2454c4f 12345678 0007 0a 64 c0000000 00000072 0102030405060708 00000000 0000 0012 0000"
          "01 10" +
          std::string(node_11) +
          "0017 00000002 0000 00000000"
          "0000 04 03 01 0022 04 20" +
          hash + "0003 aabbcc");
  EXPECT_EQ(to_hex(message_around(MessageCode::ping_req, hex("0000"))), to_hex(by_hand));
  const auto view = MessageView::parse(by_hand);
  ASSERT_TRUE(view);
  const auto contents = view->contents();
  ASSERT_TRUE(contents);
  EXPECT_EQ(contents->message_code, MessageCode::ping_req);
  EXPECT_EQ(contents->body_offset, view->header_bytes() + 6);
  EXPECT_EQ(to_hex(contents->encoded), "001700000002000000000000");
  const auto block = view->security_block();
  ASSERT_TRUE(block);
  EXPECT_TRUE(block->certificates.empty());
  EXPECT_EQ(block->signature.identity.identity_type, SignerIdentityType::cert_hash);
  EXPECT_EQ(to_hex(block->signature.identity.value), hash);
  EXPECT_EQ(to_hex(block->signature.identity.encoded), "0100220420" + hash);
  EXPECT_EQ(to_hex(block->signature.signature_value), "aabbcc");
}

TEST(MessageBuilder, SignsWhatTheReaderChecks) {
  ForwardingHeader header;
  header.overlay = 0xdeadbeef;
  header.transaction_id = 0x1122334455667788;
  const Bytes hash(32, 1), der(100, 2), signature_value(70, 3);
  const Bytes identity = encode(SignerIdentity::cert_hash(hash));
  MessageBuilder builder(header, MessageCode::ping_req, body_of(PingReq{}));
  const MessageSignatureInput input = builder.signature_input(identity);
  EXPECT_EQ(to_hex(input.prefix), "deadbeef1122334455667788");
  EXPECT_EQ(to_hex(input.contents), "001700000002000000000000");
  EXPECT_EQ(to_hex(input.identity), "0100220420" + to_hex(hash));

  const std::vector<GenericCertificate> certificates{{certificate_type_x509, der}};
  const Bytes message = builder.finish(
      {certificates,
       {hash_sha256, signature_ecdsa, SignerIdentity::cert_hash(hash), signature_value}});
  const auto view = MessageView::parse(message);
  ASSERT_TRUE(view) << view.error().text();
  const auto contents = view->contents();
  const auto block = view->security_block();
  ASSERT_TRUE(contents && block);
  const MessageSignatureInput read_back =
      signature_input(view->header().overlay, view->header().transaction_id, contents->encoded,
                      block->signature.identity.encoded);
  EXPECT_EQ(to_hex(read_back.prefix), "deadbeef1122334455667788");
  EXPECT_EQ(to_hex(read_back.contents), "001700000002000000000000");
  EXPECT_EQ(to_hex(read_back.identity), to_hex(identity));
  EXPECT_EQ(to_hex(block->certificates.front().certificate), to_hex(der));
}

TEST(SignerIdentity, EveryForm) {
  const Bytes hash{1, 2, 3};
  const Bytes unknown_value{9, 9};
  const std::pair<SignerIdentity, const char*> cases[] = {
      {SignerIdentity::cert_hash(hash), "01 0005 04 03 010203"},
      {SignerIdentity::cert_hash_node_id(hash), "02 0005 04 03 010203"},
      {SignerIdentity{}, "03 0000"},
      {{static_cast<SignerIdentityType>(8), hash_none, unknown_value, {}}, "08 0002 0909"},
  };
  for (const auto& [identity, by_hand] : cases) {
    const Bytes encoded = encode(identity);
    EXPECT_EQ(to_hex(encoded), to_hex(hex(by_hand)));
    const auto again = parse_value<SignerIdentity>(encoded);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->identity_type, identity.identity_type);
    EXPECT_EQ(to_hex(again->value), to_hex(identity.value));
  }
  EXPECT_FALSE(parse_value<SignerIdentity>(hex("03 0001 00"))) << "none has no value";
  EXPECT_FALSE(parse_value<SignerIdentity>(hex("01 0006 04 03 010203 00"))) << "a byte too many";
}

TEST(Signature, KnowsTheMarksOfAnUnsignedValue) {
  const Bytes hash(32, 1), value{1};
  Signature real{hash_sha256, signature_ecdsa, SignerIdentity::cert_hash(hash), value};
  EXPECT_FALSE(real.is_unsigned());
  EXPECT_TRUE(Signature{}.is_none());
  EXPECT_TRUE(Signature{}.is_unsigned());
  Signature half = real;
  half.hash_algorithm = hash_none;
  EXPECT_TRUE(half.is_unsigned());
  EXPECT_FALSE(half.is_none());
  half = real;
  half.signature_algorithm = signature_anonymous;
  EXPECT_TRUE(half.is_unsigned());
  half = real;
  half.identity = SignerIdentity{};
  EXPECT_TRUE(half.is_unsigned());
}

TEST(SecurityBlock, TakesSoManyCertificatesAndNoMore) {
  const std::vector<GenericCertificate> full(certificates_max), over(certificates_max + 1);
  EXPECT_TRUE(parse_value<SecurityBlock>(body_of(SecurityBlock{full, {}})));
  const auto refused = parse_value<SecurityBlock>(body_of(SecurityBlock{over, {}}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::limit);
  EXPECT_STREQ(refused.error().field, "SecurityBlock.certificates");
}

MessageContents contents_with(const std::vector<MessageExtension>& extensions) {
  return {MessageCode::ping_req, {}, extensions, 0, {}};
}

TEST(MessageExtension, ByHandAndUpToTheLimit) {
  const std::vector<MessageExtension> one{{0x0102, true, as_bytes("x"), 0}};
  EXPECT_EQ(to_hex(body_of(contents_with(one))),
            to_hex(hex("0017 00000000 00000008 0102 01 00000001 78")));
  const std::vector<MessageExtension> full(extensions_max), over(extensions_max + 1);
  EXPECT_TRUE(parse_value<MessageContents>(body_of(contents_with(full))));
  EXPECT_EQ(parse_value<MessageContents>(body_of(contents_with(over))).error().kind,
            ErrorKind::limit);
  EXPECT_STREQ(
      parse_value<MessageContents>(hex("0017 00000000 00000008 0102 02 00000001 78")).error().field,
      "MessageExtension.critical");
}

TEST(MessageExtension, FindsTheCriticalOnesNobodyKnows) {
  const std::vector<MessageExtension> extensions{
      {5, false, {}, 0}, {6, true, {}, 0}, {7, true, {}, 0}};
  const std::uint16_t six[] = {6}, both[] = {6, 7};
  const MessageContents contents = contents_with(extensions);
  EXPECT_EQ(unknown_critical_extension(contents, {}), 6);
  EXPECT_EQ(unknown_critical_extension(contents, six), 7);
  EXPECT_EQ(unknown_critical_extension(contents, both), std::nullopt);
}

TEST(SipTunnel, IsACriticalExtensionOfAPing) {
  const std::string sip = "OPTIONS sip:bob@example.org SIP/2.0\r\n\r\n";
  const std::vector<MessageExtension> one{make_sip_tunnel(as_bytes(sip))};
  const Bytes bytes = body_of(contents_with(one));
  const auto contents = parse_value<MessageContents>(bytes);
  ASSERT_TRUE(contents);
  const auto tunnel = find_sip_tunnel(*contents);
  ASSERT_TRUE(tunnel && *tunnel);
  EXPECT_EQ(as_text((*tunnel)->sip_message), sip);
  const std::uint16_t known[] = {sip_tunnel_extension};
  EXPECT_EQ(unknown_critical_extension(*contents, known), std::nullopt);

  EXPECT_EQ(*find_sip_tunnel(contents_with({})), std::nullopt);
  const std::vector<MessageExtension> two{one[0], one[0]};
  EXPECT_FALSE(find_sip_tunnel(contents_with(two)));
  std::vector<MessageExtension> not_critical = one;
  not_critical[0].critical = false;
  EXPECT_FALSE(find_sip_tunnel(contents_with(not_critical)));
  const std::vector<MessageExtension> other{make_sip_tunnel(as_bytes(sip), 0x4000)};
  EXPECT_EQ(*find_sip_tunnel(contents_with(other)), std::nullopt);
  EXPECT_TRUE(*find_sip_tunnel(contents_with(other), 0x4000));
}

TEST(MessageCode, PairsRequestsWithAnswers) {
  EXPECT_TRUE(is_request(MessageCode::ping_req));
  EXPECT_FALSE(is_request(MessageCode::ping_ans));
  EXPECT_FALSE(is_request(MessageCode::error));
  EXPECT_EQ(answer_to(MessageCode::store_req), MessageCode::store_ans);
  EXPECT_EQ(answer_to(MessageCode::config_update_req), MessageCode::config_update_ans);
  EXPECT_STREQ(name_of(ErrorCode::invalid_message), "Error_Invalid_Message");
  EXPECT_STREQ(name_of(static_cast<ErrorCode>(1)), "");
}

}  // namespace
}  // namespace chordial::wire::test
