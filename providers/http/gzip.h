// Unpacks compressed answers. zlib is used here and nowhere else.
#pragma once

#include <cstddef>
#include <string>

#include "providers/http/answer_fault.h"

namespace sluice {

/// The text in one gzip stream (RFC 1952), at most `limit` bytes.
Taken<std::string> unpack_gzip(std::string packed, std::size_t limit);

}  // namespace sluice
