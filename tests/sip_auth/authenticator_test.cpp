// A phone and an authenticator talk until one of them is convinced.
#include "sip/auth/authenticator.h"

#include <gtest/gtest.h>
#include <map>

namespace chordial::sip {
namespace {

constexpr const char* realm = "dht.example";

Now at_s(std::int64_t s) {
  return {MonotonicTime(std::chrono::seconds(s)), WallTime{}};
}

std::string parameter(const std::string& value, const std::string& name) {
  const std::size_t at = value.find(name + "=\"");
  if (at == std::string::npos) return "";
  const std::size_t from = at + name.size() + 2;
  return value.substr(from, value.find('"', from) - from);
}

struct Answer {
  std::string user = "alice";
  std::string password = "secret";
  std::string method = "REGISTER";
  std::string uri = "sip:dht.example";
  std::string nonce;
  std::string nc = "00000001";
  std::string qop = "auth";
  DigestAlgorithm algorithm = DigestAlgorithm::sha256;

  [[nodiscard]] std::string value() const {
    const std::string ha1 = digest_ha1(algorithm, user, realm, password);
    const std::string response =
        digest_response(algorithm, {ha1, method, uri, nonce, nc, "c0", qop});
    return "Digest username=\"" + user + "\", realm=\"" + realm + "\", nonce=\"" + nonce +
           "\", uri=\"" + uri + "\", response=\"" + response +
           "\", algorithm=" + algorithm_name(algorithm) + ", cnonce=\"c0\", nc=" + nc +
           (qop.empty() ? "" : ", qop=" + qop);
  }
};

class AuthenticatorTest : public testing::Test {
 protected:
  enum class Outcome { challenge, stale, refused, accepted };

  Outcome ask(Now now, const std::vector<std::string>& values,
              const std::string& uri = "sip:dht.example", const std::string& method = "REGISTER") {
    const std::vector<std::string_view> views(values.begin(), values.end());
    const DigestRequest request{method, uri, views, source, server};
    const auto begun = authenticator.begin(request);
    if (const auto* challenge = std::get_if<Challenge>(&begun))
      return challenge->stale ? Outcome::stale : Outcome::challenge;
    if (std::holds_alternative<Refused>(begun)) return Outcome::refused;
    const auto& need = std::get<NeedCredential>(begun);
    asked = need.query;
    Expected<Credential> credential = failure(ErrorKind::not_found, "username", "no such user");
    if (need.query.username == "alice")
      credential = Credential{digest_ha1(need.query.algorithm, "alice", need.query.realm, "secret"),
                              "alice@dht.example"};
    const auto done = authenticator.finish(now, request, need, credential);
    if (const auto* challenge = std::get_if<Challenge>(&done))
      return challenge->stale ? Outcome::stale : Outcome::challenge;
    EXPECT_EQ(std::get<Authenticated>(done).aor, "alice@dht.example");
    return Outcome::accepted;
  }
  std::string fresh_nonce(Now now) {
    return parameter(authenticator.challenges(now, false, source).front(), "nonce");
  }

  IpAddress source = *IpAddress::parse("198.51.100.1");
  SocketAddress server{*IpAddress::parse("192.0.2.7"), 5062};
  Rng rng{7, 9};
  Authenticator authenticator{{.realm = realm, .replay_entries_max = 4}, rng};
  CredentialQuery asked;
};

TEST_F(AuthenticatorTest, ChallengesOfferSha256First) {
  const auto values = authenticator.challenges(at_s(1), true, source, "Phone/1.0");
  ASSERT_EQ(values.size(), 2u);
  EXPECT_NE(values[0].find("algorithm=SHA-256"), std::string::npos);
  EXPECT_NE(values[1].find("algorithm=MD5"), std::string::npos);
  for (const std::string& value : values) {
    EXPECT_EQ(value.rfind("Digest realm=\"dht.example\"", 0), 0u);
    EXPECT_NE(value.find("qop=\"auth\""), std::string::npos);
    EXPECT_NE(value.find("stale=true"), std::string::npos);
  }
}

TEST_F(AuthenticatorTest, PhonesThatGiveUpOnSha256AreOfferedMd5Alone) {
  const auto old =
      authenticator.challenges(at_s(1), false, source, "baresip v1.0.0 (x86_64/linux)");
  ASSERT_EQ(old.size(), 1u);
  EXPECT_NE(old[0].find("algorithm=MD5"), std::string::npos);
  EXPECT_EQ(authenticator.challenges(at_s(1), false, source, "baresip v3.1.0").size(), 2u);
  Authenticator strict({.realm = realm, .offer_md5 = false}, rng);
  const auto values = strict.challenges(at_s(1), false, source, "baresip v1.0.0");
  ASSERT_EQ(values.size(), 1u);
  EXPECT_NE(values[0].find("SHA-256"), std::string::npos) << "the operator's word counts first";
}

// RFC 8760 leaves the order to the server; some clients look at the first one and give up.
TEST_F(AuthenticatorTest, WhoDoesNotSayWhatItIsIsOfferedMd5First) {
  const auto values = authenticator.challenges(at_s(1), false, source);
  ASSERT_EQ(values.size(), 2u);
  EXPECT_NE(values[0].find("algorithm=MD5"), std::string::npos);
  EXPECT_NE(values[1].find("algorithm=SHA-256"), std::string::npos);
}

TEST_F(AuthenticatorTest, TheUriMayBeWhereTheRequestWasSent) {
  const auto with_uri = [&](const char* uri) {
    Answer answer{.method = "INVITE", .uri = uri, .nonce = fresh_nonce(at_s(1))};
    return ask(at_s(2), {answer.value()}, "sip:bob@dht.example", "INVITE");
  };
  EXPECT_EQ(with_uri("sip:bob@dht.example"), Outcome::accepted);
  EXPECT_EQ(with_uri("sip:192.0.2.7:5062"), Outcome::accepted) << "as SIPp has it";
  EXPECT_EQ(with_uri("sip:192.0.2.7:5060"), Outcome::refused);
  EXPECT_EQ(with_uri("sip:carol@dht.example"), Outcome::refused);
}

TEST_F(AuthenticatorTest, GoodAnswersInBothAlgorithms) {
  for (const DigestAlgorithm algorithm : digest_algorithms) {
    Answer answer{.nonce = fresh_nonce(at_s(1)), .algorithm = algorithm};
    EXPECT_EQ(ask(at_s(2), {answer.value()}), Outcome::accepted);
    EXPECT_EQ(ask(at_s(2), {answer.value()}), Outcome::stale) << "the same count again";
    answer.nc = "00000002";
    EXPECT_EQ(ask(at_s(3), {answer.value()}), Outcome::accepted);
  }
  EXPECT_EQ(authenticator.failures(), 0u);
}

TEST_F(AuthenticatorTest, BestAlgorithmOfSeveralAndForeignRealmsPassed) {
  Answer md5{.nonce = fresh_nonce(at_s(1)), .algorithm = DigestAlgorithm::md5};
  Answer sha{.nonce = md5.nonce};
  const std::string foreign =
      R"(Digest username="x", realm="elsewhere", nonce="n", uri="sip:dht.example", response="0")";
  EXPECT_EQ(ask(at_s(2), {"Basic abc", foreign, md5.value(), sha.value()}), Outcome::accepted);
  EXPECT_EQ(asked.algorithm, DigestAlgorithm::sha256);
  EXPECT_EQ(ask(at_s(2), {foreign}), Outcome::challenge);
  EXPECT_EQ(ask(at_s(2), {}), Outcome::challenge);
}

TEST_F(AuthenticatorTest, WrongPasswordAndUnknownUserAreToldTheSame) {
  Answer answer{.password = "wrong", .nonce = fresh_nonce(at_s(1))};
  EXPECT_EQ(ask(at_s(2), {answer.value()}), Outcome::challenge);
  answer = {.user = "mallory", .nonce = answer.nonce};
  EXPECT_EQ(ask(at_s(2), {answer.value()}), Outcome::challenge);
  EXPECT_EQ(authenticator.failures(), 2u);
  EXPECT_EQ(authenticator.replay_entries(), 0u) << "only proven digests fill the table";
}

TEST_F(AuthenticatorTest, OldOrForeignNonceIsStaleOnlyForWhoKnowsThePassword) {
  Answer answer{.nonce = fresh_nonce(at_s(1))};
  EXPECT_EQ(ask(at_s(601), {answer.value()}), Outcome::accepted);
  answer.nc = "00000002";
  EXPECT_EQ(ask(at_s(602), {answer.value()}), Outcome::stale);
  answer.nonce = "00ff";
  EXPECT_EQ(ask(at_s(602), {answer.value()}), Outcome::stale);
  answer.password = "wrong";
  EXPECT_EQ(ask(at_s(602), {answer.value()}), Outcome::challenge);
}

TEST_F(AuthenticatorTest, ANonceIsGoodWhereItWasSentAlone) {
  Answer answer{.nonce = fresh_nonce(at_s(1))};
  source = *IpAddress::parse("203.0.113.9");
  EXPECT_EQ(ask(at_s(2), {answer.value()}), Outcome::stale);
  source = *IpAddress::parse("198.51.100.1");
  EXPECT_EQ(ask(at_s(2), {answer.value()}), Outcome::accepted);
}

TEST_F(AuthenticatorTest, ACountIsUsedUpByProvenDigestsAloneAndNeverRollsBack) {
  Answer answer{.password = "wrong", .nonce = fresh_nonce(at_s(1)), .nc = "00000009"};
  EXPECT_EQ(ask(at_s(2), {answer.value()}), Outcome::challenge);
  answer.password = "secret";
  answer.nc = "00000004";
  EXPECT_EQ(ask(at_s(2), {answer.value()}), Outcome::accepted) << "9 was never proven";
  answer.nc = "00000003";
  EXPECT_EQ(ask(at_s(2), {answer.value()}), Outcome::stale) << "rolled back";
  struct Visitor final : CounterVisitor {
    std::map<std::string, std::uint64_t> values;
    void counter(const char* name, std::uint64_t value) override { values[name] = value; }
    void gauge(const char* name, std::uint64_t value) override { values[name] = value; }
  } visitor;
  authenticator.visit(visitor);
  EXPECT_EQ(visitor.values["auth_accepted"], 1u);
  EXPECT_EQ(visitor.values["auth_failures"], 1u);
  EXPECT_EQ(visitor.values["auth_nonces_replayed"], 1u);
  EXPECT_EQ(visitor.values["auth_nonces_remembered"], 1u);
}

TEST_F(AuthenticatorTest, MethodAndUriAreBound) {
  Answer answer{.nonce = fresh_nonce(at_s(1))};
  EXPECT_EQ(ask(at_s(2), {answer.value()}, "sip:dht.example", "INVITE"), Outcome::challenge);
  EXPECT_EQ(ask(at_s(2), {answer.value()}, "sip:bob@dht.example"), Outcome::refused);
  EXPECT_EQ(ask(at_s(2), {answer.value()}, "sip:DHT.example;transport=udp"), Outcome::accepted);
}

TEST_F(AuthenticatorTest, WithoutQopOrCountIsRefused) {
  Answer answer{.nonce = fresh_nonce(at_s(1)), .qop = ""};
  EXPECT_EQ(ask(at_s(2), {answer.value()}), Outcome::refused);
  answer.qop = "auth-int";
  EXPECT_EQ(ask(at_s(2), {answer.value()}), Outcome::refused);
}

TEST_F(AuthenticatorTest, ReplayTableIsBounded) {
  for (int i = 0; i < 20; ++i) {
    const Answer answer{.nonce = fresh_nonce(at_s(i + 1))};
    EXPECT_EQ(ask(at_s(i + 1), {answer.value()}), Outcome::accepted);
    EXPECT_LE(authenticator.replay_entries(), 4u);
  }
}

}  // namespace
}  // namespace chordial::sip
