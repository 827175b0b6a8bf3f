#include "crypto/openssl/datagram_bio.h"

#include <algorithm>
#include <cstring>

namespace chordial::crypto::openssl {

namespace {

DatagramChannel& channel_of(BIO* bio) {
  return *static_cast<DatagramChannel*>(BIO_get_data(bio));
}

int write_datagram(BIO* bio, const char* data, int size) {
  BIO_clear_retry_flags(bio);
  if (size > 0) {
    channel_of(bio).outgoing(as_bytes({data, static_cast<std::size_t>(size)}));
  }
  return size;
}

int read_datagram(BIO* bio, char* data, int size) {
  BIO_clear_retry_flags(bio);
  DatagramChannel& channel = channel_of(bio);
  if (channel.incoming.empty()) {
    BIO_set_retry_read(bio);
    return -1;
  }
  const std::size_t taken =
      std::min(channel.incoming.size(), static_cast<std::size_t>(std::max(size, 0)));
  std::memcpy(data, channel.incoming.data(), taken);
  channel.incoming = {};
  return static_cast<int>(taken);
}

long control(BIO*, int command, long, void*) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

}  // namespace

DatagramBioMethod::DatagramBioMethod()
    : method_(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "datagram")) {
  if (!method_ || BIO_meth_set_write(method_.get(), write_datagram) != 1 ||
      BIO_meth_set_read(method_.get(), read_datagram) != 1 ||
      BIO_meth_set_ctrl(method_.get(), control) != 1) {
    method_.reset();
  }
}

NativeBio DatagramBioMethod::make(DatagramChannel& channel) const {
  NativeBio bio(BIO_new(method_.get()));
  if (bio) {
    BIO_set_data(bio.get(), &channel);
    BIO_set_init(bio.get(), 1);
  }
  return bio;
}

}  // namespace chordial::crypto::openssl
