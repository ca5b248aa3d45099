// SHA-256, for digests of canonical text and keyed hashes of secrets. OpenSSL is used here and nowhere else in plan/.
#pragma once

#include <string>
#include <string_view>

namespace sluice {

/// 64 lower-case hexadecimal digits.
std::string sha256_hex(std::string_view bytes);

/// The same in Base64, as a Content-Security-Policy names a script.
std::string sha256_base64(std::string_view bytes);

/// HMAC-SHA-256 as 64 lower-case hexadecimal digits.
std::string hmac_sha256_hex(std::string_view key, std::string_view bytes);

/// A key made of a text that may be guessed (PBKDF2), as 64 lower-case hexadecimal digits: each guess takes some 50 ms.
std::string stretched_key(std::string_view text, std::string_view salt);

}  // namespace sluice
