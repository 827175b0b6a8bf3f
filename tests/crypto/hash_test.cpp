// Digests against the vectors of FIPS 180, RFC 1321, RFC 2202 and RFC 4231.
#include "crypto/hash.h"

#include <gtest/gtest.h>

namespace chordial::crypto {
namespace {

template <class Digest>
std::string hex(const Digest& digest) {
  return to_hex(digest);
}

TEST(Hash, KnownDigests) {
  const ByteView abc = as_bytes("abc");
  EXPECT_EQ(hex(sha256({abc})), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex(sha1({abc})), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(hex(md5({abc})), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(hex(sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Hash, PartsAreOneAfterTheOther) {
  EXPECT_EQ(sha256({as_bytes("a"), {}, as_bytes("bc")}), sha256({as_bytes("abc")}));
  EXPECT_NE(sha256({as_bytes("abc")}), sha256({as_bytes("acb")}));
}

TEST(Hash, KnownMacs) {
  const Bytes key(20, 0x0b);
  const ByteView text = as_bytes("Hi There");
  EXPECT_EQ(hex(hmac_sha256(key, {text})),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hex(hmac_sha1(key, {text})), "b617318655057264e28bc0b6fb378c8ef146be00");
  const ByteView jefe = as_bytes("Jefe");
  EXPECT_EQ(hex(hmac_sha256(jefe, {as_bytes("what do ya want "), as_bytes("for nothing?")})),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  // A key longer than a block is hashed first.
  const Bytes long_key(131, 0xaa);
  EXPECT_EQ(hex(hmac_sha256(long_key,
                            {as_bytes("Test Using Larger Than Block-Size Key - Hash Key First")})),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

}  // namespace
}  // namespace chordial::crypto
