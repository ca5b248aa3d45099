// Percent encoding of URLs (RFC 3986) and Base64 (RFC 4648), read and written.
#pragma once

#include <string>
#include <string_view>

namespace sluice::gateway {

/// Percent escapes undone; those that are none stay as they are. In queries a plus may stand for a space.
std::string decode_percent(std::string_view text, bool plus_is_space);

/// Everything but letters, digits and -_.~ as upper-case escapes.
std::string encode_percent(std::string_view text);

/// Base64 with padding; undone, "" for what is none.
std::string encode_base64(std::string_view bytes);
std::string decode_base64(std::string_view text);

/// Whether two texts are equal, in a time that tells nothing about where they differ.
bool equals_secret(std::string_view a, std::string_view b);

}  // namespace sluice::gateway
