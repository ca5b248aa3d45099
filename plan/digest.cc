#include "plan/digest.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

#include "plan/check.h"

namespace sluice {
namespace {

std::string to_hex(const unsigned char* bytes, std::size_t length) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  hex.reserve(2 * length);
  for (std::size_t i = 0; i < length; ++i) {
    hex += kDigits[bytes[i] >> 4U];
    hex += kDigits[bytes[i] & 15U];
  }
  return hex;
}

std::string to_base64(const unsigned char* bytes, std::size_t length) {
  std::string text(4 * ((length + 2) / 3) + 1, '\0');  // with the NUL that OpenSSL writes
  const int written = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes, static_cast<int>(length));
  text.resize(static_cast<std::size_t>(written));
  return text;
}

using Sha256 = std::array<unsigned char, 32>;
using Md5 = std::array<unsigned char, 16>;

Sha256 sha256(std::string_view bytes) {
  Sha256 digest{};
  unsigned length = 0;
  check(EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha256(), nullptr) == 1 &&
            length == digest.size(),
        "SHA-256 failed");
  return digest;
}

Md5 md5(std::string_view bytes) {
  Md5 digest{};
  unsigned length = 0;
  check(EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_md5(), nullptr) == 1 &&
            length == digest.size(),
        "MD5 failed");
  return digest;
}

}  // namespace

std::string sha256_hex(std::string_view bytes) {
  const auto digest = sha256(bytes);
  return to_hex(digest.data(), digest.size());
}

std::string sha256_base64(std::string_view bytes) {
  const auto digest = sha256(bytes);
  return to_base64(digest.data(), digest.size());
}

std::string hmac_sha256_hex(std::string_view key, std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  check(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), data, bytes.size(), digest.data(), &length) !=
            nullptr,
        "HMAC-SHA-256 failed");
  return to_hex(digest.data(), length);
}

std::string stretched_key(std::string_view text, std::string_view salt) {
  constexpr int kRounds = 200'000;
  Sha256 key{};
  const auto* salt_bytes = reinterpret_cast<const unsigned char*>(salt.data());
  check(PKCS5_PBKDF2_HMAC(text.data(), static_cast<int>(text.size()), salt_bytes, static_cast<int>(salt.size()),
                          kRounds, EVP_sha256(), static_cast<int>(key.size()), key.data()) == 1,
        "PBKDF2 failed");
  return to_hex(key.data(), key.size());
}

std::string hmac_sha1_base64(std::string_view key, std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  check(
      HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()), data, bytes.size(), digest.data(), &length) != nullptr,
      "HMAC-SHA-1 failed");
  return to_base64(digest.data(), length);
}

std::string md5_hex(std::string_view bytes) {
  const Md5 digest = md5(bytes);
  return to_hex(digest.data(), digest.size());
}

std::string md5_base64(std::string_view bytes) {
  const Md5 digest = md5(bytes);
  return to_base64(digest.data(), digest.size());
}

}  // namespace sluice
