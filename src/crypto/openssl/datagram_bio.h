// Private to this room: the library's view of a socket. One write is one datagram out, one read
// takes the one datagram in; its memory BIO would glue them together.
#pragma once

#include "crypto/openssl/native.h"

namespace chordial::crypto::openssl {

class DatagramChannel {
 public:
  virtual void outgoing(ByteView datagram) = 0;

  ByteView incoming;  // empty: nothing there

 protected:
  ~DatagramChannel() = default;
};

class DatagramBioMethod {
 public:
  DatagramBioMethod();

  [[nodiscard]] explicit operator bool() const { return method_ != nullptr; }
  // The channel outlives the BIO. Null if the library fails.
  [[nodiscard]] NativeBio make(DatagramChannel& channel) const;

 private:
  Native<BIO_METHOD, BIO_meth_free> method_;
};

}  // namespace chordial::crypto::openssl
