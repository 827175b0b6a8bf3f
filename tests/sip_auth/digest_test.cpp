// The arithmetic against the examples of the RFCs.
#include "sip/auth/digest.h"

#include <gtest/gtest.h>

namespace chordial::sip {
namespace {

struct Example {
  DigestAlgorithm algorithm;
  const char* response;
};

TEST(Digest, Rfc7616Section391) {
  const Example examples[] = {
      {DigestAlgorithm::md5, "8ca523f5e9506fed4657c9700eebdbec"},
      {DigestAlgorithm::sha256, "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"},
  };
  for (const Example& example : examples) {
    const std::string ha1 =
        digest_ha1(example.algorithm, "Mufasa", "http-auth@example.org", "Circle of Life");
    EXPECT_EQ(ha1.size(), digest_characters(example.algorithm));
    EXPECT_EQ(digest_response(example.algorithm,
                              {.ha1 = ha1,
                               .method = "GET",
                               .uri = "/dir/index.html",
                               .nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
                               .nc = "00000001",
                               .cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
                               .qop = "auth"}),
              example.response);
  }
}

// RFC 2617 §3.5 (its MD5 example is what old phones were tested with).
TEST(Digest, Rfc2617Section35) {
  const std::string ha1 =
      digest_ha1(DigestAlgorithm::md5, "Mufasa", "testrealm@host.com", "Circle Of Life");
  EXPECT_EQ(ha1, "939e7578ed9e3c518a452acee763bce9");
  EXPECT_EQ(digest_response(DigestAlgorithm::md5, {.ha1 = ha1,
                                                   .method = "GET",
                                                   .uri = "/dir/index.html",
                                                   .nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093",
                                                   .nc = "00000001",
                                                   .cnonce = "0a4f113b",
                                                   .qop = "auth"}),
            "6629fae49393a05397450978507c4ef1");
}

TEST(Digest, AlgorithmNames) {
  EXPECT_EQ(algorithm_by_name("SHA-256"), DigestAlgorithm::sha256);
  EXPECT_EQ(algorithm_by_name("sha-256"), DigestAlgorithm::sha256);
  EXPECT_EQ(algorithm_by_name("md5"), DigestAlgorithm::md5);
  EXPECT_EQ(algorithm_by_name(""), DigestAlgorithm::md5);
  EXPECT_EQ(algorithm_by_name("MD5-sess"), std::nullopt);
  EXPECT_EQ(algorithm_by_name("SHA-512-256"), std::nullopt);
}

}  // namespace
}  // namespace chordial::sip
