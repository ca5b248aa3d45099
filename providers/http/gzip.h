// Unpacks compressed answers, and packs texts. zlib is used here and nowhere else.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "providers/http/answer_fault.h"

namespace sluice {

/// The text as one gzip stream, the same for the same text. Quickly rather than tightly.
std::string pack_gzip(std::string_view text);

/// The text in one gzip stream (RFC 1952), at most `limit` bytes.
Taken<std::string> unpack_gzip(std::string packed, std::size_t limit);

}  // namespace sluice
