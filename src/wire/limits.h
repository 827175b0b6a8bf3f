// How much of everything a RELOAD message may hold here. A message above a limit is refused with
// ErrorKind::limit before anything is done for it. RFC 6940 sets byte lengths only; these counts
// keep the work that one message can cause small.
#pragma once

#include <cstddef>

namespace chordial::wire {

inline constexpr std::size_t destinations_max = 64;        // destination_list and via_list, each
inline constexpr std::size_t forwarding_options_max = 16;  // options
inline constexpr std::size_t extensions_max = 16;          // MessageExtension
inline constexpr std::size_t certificates_max = 16;        // certificates of a SecurityBlock
inline constexpr std::size_t candidates_max = 32;          // IceCandidate of an Attach
inline constexpr std::size_t candidate_extensions_max = 16;
inline constexpr std::size_t probe_items_max = 32;
inline constexpr std::size_t kinds_max = 63;         // what unknown_kinds<0..2^8-1> can name
inline constexpr std::size_t values_max = 1024;      // values of one Kind in one message
inline constexpr std::size_t replicas_max = 32;      // replicas of a StoreKindResponse
inline constexpr std::size_t array_ranges_max = 64;  // ArrayRange of a specifier
inline constexpr std::size_t keys_max = 256;         // DictionaryKey of a specifier
inline constexpr std::size_t kind_descriptions_max = 64;
inline constexpr std::size_t resource_id_bytes_max = 254;  // §6.3.1.1

}  // namespace chordial::wire
