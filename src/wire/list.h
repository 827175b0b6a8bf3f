// Lists of structures, `T items<0..2^n-1>` in RELOAD's presentation language (RFC 6940 §6.3.1).
//
// One type serves both ways. A list that was read is a window on the message's bytes: it was
// checked whole when it was read, and each element is parsed again when the iterator comes to it,
// so that reading allocates nothing. A list to be written looks at a caller's array of elements.
// Neither owns anything: bytes and arrays outlive the list.
//
// A structure T has two free functions in this namespace:
//   void read(ByteReader&, T&)          failures stick to the reader
//   void write(ByteWriter&, const T&)
#pragma once

#include <concepts>
#include <iterator>
#include <span>
#include <vector>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "base/node_id.h"

namespace chordial::wire {

// Elements that are no structures of this room.
void read(ByteReader& reader, NodeId& node);
void write(ByteWriter& writer, const NodeId& node);
void read(ByteReader& reader, std::uint32_t& number);
void write(ByteWriter& writer, std::uint32_t number);

// Boolean: 0 or 1; anything else is malformed.
[[nodiscard]] bool read_boolean(ByteReader& reader, const char* field);

template <class T>
class List {
 public:
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    using pointer = const T*;
    using reference = const T&;

    Iterator() = default;
    const T& operator*() const { return current_; }
    const T* operator->() const { return &current_; }
    Iterator& operator++() {
      --left_;
      load();
      return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const Iterator& a, const Iterator& b) { return a.left_ == b.left_; }

   private:
    friend class List;
    explicit Iterator(const List& list)
        : reader_(list.bytes_, list.offset_), items_(list.items_), left_(list.count_) {
      load();
    }
    void load() {
      if (left_ == 0) return;
      if (items_ != nullptr) {
        current_ = *items_++;
      } else {
        current_ = T{};
        read(reader_, current_);
      }
    }

    ByteReader reader_{ByteView{}};
    const T* items_ = nullptr;
    std::uint32_t left_ = 0;
    T current_{};
  };

  List() = default;
  // To be written. At most as many as the list's limit in wire/limits.h.
  List(std::span<const T> items)  // NOLINT(google-explicit-constructor)
      : items_(items.data()), count_(static_cast<std::uint32_t>(items.size())) {}
  List(const std::vector<T>& items)  // NOLINT(google-explicit-constructor)
      : List(std::span<const T>(items)) {}
  List(std::vector<T>&&) = delete;

  [[nodiscard]] std::size_t size() const { return count_; }
  [[nodiscard]] bool empty() const { return count_ == 0; }
  [[nodiscard]] Iterator begin() const { return Iterator(*this); }
  [[nodiscard]] Iterator end() const { return Iterator(); }
  // Not empty.
  [[nodiscard]] T front() const { return *begin(); }
  [[nodiscard]] T back() const {
    T last{};
    for (const T& item : *this)
      last = item;
    return last;
  }
  // The list's own bytes, without their length field; only of a list that was read.
  [[nodiscard]] ByteView bytes() const { return bytes_; }

  // Checks all of `inside` and keeps a window on it. A failure goes to `inside`.
  static List read_from(ByteReader& inside, std::size_t count_max, const char* field) {
    List list;
    list.offset_ = inside.offset();
    ByteReader probe = inside;
    list.bytes_ = probe.rest();
    while (!inside.done()) {
      if (list.count_ == count_max) {
        inside.fail(ErrorKind::limit, field, "more elements than the limit");
        break;
      }
      T item{};
      read(inside, item);
      ++list.count_;
    }
    return inside.ok() ? list : List();
  }

 private:
  ByteView bytes_;
  const T* items_ = nullptr;
  std::uint32_t offset_ = 0;
  std::uint32_t count_ = 0;
};

// field<0..2^(8*length_bytes)-1>
template <class T>
[[nodiscard]] List<T> read_list(ByteReader& reader, unsigned length_bytes, std::size_t count_max,
                                const char* field) {
  ByteReader inside = reader.sub_reader(length_bytes, field);
  List<T> list = List<T>::read_from(inside, count_max, field);
  return reader.adopt(inside) ? list : List<T>();
}

// The elements without a length field.
template <class T>
void write_items(ByteWriter& writer, const List<T>& list) {
  for (const T& item : list)
    write(writer, item);
}
template <class T>
void write_list(ByteWriter& writer, unsigned length_bytes, const List<T>& list) {
  const std::size_t hole = writer.open(length_bytes);
  write_items(writer, list);
  writer.close(hole, length_bytes);
}

}  // namespace chordial::wire
