// One place in the table of transactions.
#pragma once

#include <cstdint>
#include <variant>

#include "base/timer_queue.h"
#include "sip/transaction/client_transaction.h"
#include "sip/transaction/server_transaction.h"
#include "sip/transaction/transaction_key.h"
#include "sip/transaction/transaction_user.h"

namespace chordial::sip {

struct TransactionSlot {
  TransactionSlot(TimerHandler& handler, std::uint32_t index, const TransactionKey& its_key,
                  TransactionId its_id,
                  std::variant<ClientTransaction, ServerTransaction> its_machine)
      : key(its_key), id(its_id), machine(std::move(its_machine)), timer(handler, index) {}

  TransactionKey key;
  TransactionId id;
  TransactionUser* user = nullptr;  // none for a CANCEL of ours
  std::uint64_t context = 0;
  std::variant<ClientTransaction, ServerTransaction> machine;
  Timer timer;

  [[nodiscard]] ClientTransaction* client() { return std::get_if<ClientTransaction>(&machine); }
  [[nodiscard]] ServerTransaction* server() { return std::get_if<ServerTransaction>(&machine); }
  [[nodiscard]] const Flow& flow() const {
    return std::visit([](const auto& m) -> const Flow& { return m.flow(); }, machine);
  }
  [[nodiscard]] std::size_t memory_bytes() const {
    return sizeof(*this) + std::visit([](const auto& m) { return m.heap_bytes(); }, machine);
  }
};

}  // namespace chordial::sip
