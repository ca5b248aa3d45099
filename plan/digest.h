// Digests: SHA-256 of canonical text and of secrets, and what object storage signs and sums with. OpenSSL is used here
// and nowhere else in plan/.
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

/// HMAC-SHA-1 in Base64, as object storage signs requests.
std::string hmac_sha1_base64(std::string_view key, std::string_view bytes);

/// MD5, as object storage sums objects: 32 lower-case hexadecimal digits, and Base64 as in Content-MD5.
std::string md5_hex(std::string_view bytes);
std::string md5_base64(std::string_view bytes);

}  // namespace sluice
