// Certificates, requests and seals as strangers send them.
#include "base/assert.h"
#include "crypto/openssl/issuing.h"
#include "crypto/openssl/seal.h"
#include "crypto/openssl/store.h"

namespace {

using namespace chordial;
using namespace chordial::crypto;

// The root and the delegate of the corpus; their keys are gone.
constexpr const char* root =
    "3082016f30820115a00302010202104d6ed5c1b73eef3ddd7ab0e5c67c16d2300a06082a8648ce3d04030230"
    "163114301206035504030c0b6578616d706c652e6f7267301e170d3237303131343038303030305a170d3237"
    "303231343038303030305a30163114301206035504030c0b6578616d706c652e6f72673059301306072a8648"
    "ce3d020106082a8648ce3d03010703420004b74ac358f8c014f7f91483507248dea96fe53b364bd851bebcac"
    "cfbdf6b41f6961af58676cc4cce0fd89e1353beb792c8a44351a69e0108fab0c6e4b588fc61da34530433012"
    "0603551d130101ff040830060101ff020101300e0603551d0f0101ff040403020204301d0603551d0e041604"
    "14158893bd3a1f29aa14775fc6de886af71fd2cd8c300a06082a8648ce3d0403020348003045022035dbfc43"
    "96934f1aef24a881fea8babff11c44c8bc40e736f303234eb4365678022100b4bf0935a4b9350b96de34474f"
    "c7b9e64bd5fa557e89e424dadfa4d0839291b2";
constexpr const char* delegate =
    "308201883082012fa00302010202107bf2755af7a88363feb4ec3d35be2567300a06082a8648ce3d04030230"
    "163114301206035504030c0b6578616d706c652e6f7267301e170d3237303131343038303030305a170d3237"
    "303231343038303030305a300f310d300b06035504030c04736974653059301306072a8648ce3d020106082a"
    "8648ce3d03010703420004383d9801dcbb684f7861546109322c058718f4f3b60f6379b18b0cea45b8e9257a"
    "a9720b87809ea68808bf5ef6c3bf550f06d5b1927b81908c66f22b2a2b4520a366306430120603551d130101"
    "ff040830060101ff020100300e0603551d0f0101ff040403020204301d0603551d0e0416041498dacaeae039"
    "d12fbac1f3a31f34bc2aa4d9de13301f0603551d23041830168014158893bd3a1f29aa14775fc6de886af71f"
    "d2cd8c300a06082a8648ce3d040302034700304402201afac5fd82d2c25b4eeff48118495b412ab8d8245a07"
    "c7aff0ad64c85e01cc4202205ea83e9e51912efa73a0975916dbc59f02cfc3573381fafdb5227adb70ac45bf";

Trust trust_of_corpus() {
  Trust trust;
  trust.overlay = "example.org";
  trust.roots = {*from_hex(root)};
  trust.delegates = {{*from_hex(delegate), {{0x1000, 1}}, "2[0-9]{2}@example\\.org"}};
  trust.self_signed = SelfSignedDigest::sha256;
  return trust;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto store = *openssl::Store::create(trust_of_corpus(), 16);
  static const auto key = *openssl::PrivateKey::generate();
  const ByteView input(data, size);
  const Now now{};

  if (const auto certificate = store->add(input, now)) {
    CHORDIAL_INVARIANT(equal((*certificate)->der, input));
    CHORDIAL_INVARIANT((*certificate)->hash == sha256({input}));
    CHORDIAL_INVARIANT(!(*certificate)->node_ids.empty() && !(*certificate)->user_names.empty());
    CHORDIAL_INVARIANT(*store->add(input, now) == *certificate);
    CHORDIAL_INVARIANT(openssl::seal(**certificate, as_bytes("x"), {}).has_value() ||
                       size > 1000);  // an RSA key
  }
  if (const auto request = openssl::read_certificate_request(input)) {
    CHORDIAL_INVARIANT(request->user_name.empty() ||
                       normalized_user_name(request->user_name) == request->user_name);
  }
  CHORDIAL_INVARIANT(!openssl::open_seal(key, input, {}));
  static_cast<void>(openssl::certificates_from_pem(as_text(input)));
  return 0;
}
