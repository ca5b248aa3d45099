// Canaries: secrets that tests plant in every kind of input, and search in every byte that a test leaves.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::test {

/// Every canary begins so, and nothing else holds it.
inline const std::string kCanary = "canary-5e7ab1e-";

// What is planted: one for each way in.
inline const std::string kCanaryVariable = "canary-5e7ab1e-variable-secret";  ///< ${secret:NAME}
inline const std::string kCanaryHook = "canary-5e7ab1e-hook";                 ///< ${secret:NAME} within a path
inline const std::string kCanarySensitive = "canary-5e7ab1e-sensitive-path";  ///< where `sensitive` points
inline const std::string kCanaryConstant = "canary-5e7ab1e-constant";         ///< a constant X-Api-Key
inline const std::string kCanaryLive = "canary-5e7ab1e-live";                 ///< the same, of somebody else's API
inline const std::string kCanaryToken = "canary-5e7ab1e-token";               ///< SLUICE_TOKEN
inline const std::string kCanaryAccessKey = "canary-5e7ab1e-access-key";      ///< with the next two: a signing key
inline const std::string kCanarySecretKey = "canary-5e7ab1e-secret-key";
inline const std::string kCanarySecurityToken = "canary-5e7ab1e-security-token";
inline const std::string kCanaryCommand = "canary-5e7ab1e-command-token";    ///< what a credentials command prints
inline const std::string kCanaryPassword = "canary-5e7ab1e-password";        ///< OS_PASSWORD
inline const std::string kCanaryStateUrl = "canary-5e7ab1e-state-password";  ///< in a state's URL
inline const std::string kCanaryHashKey = "canary-5e7ab1e-hash-key";         ///< SLUICE_HASH_KEY

/// The middle of `text` in Base64, as it stands there when `before` bytes (0 to 2) come first.
inline std::string in_base64(std::string_view text, std::size_t before) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string digits;
  const std::string padded = std::string(before, '\0') + std::string(text);
  for (std::size_t i = 0; i + 3 <= padded.size(); i += 3) {
    const auto byte = [&](std::size_t at) {
      return static_cast<std::uint32_t>(static_cast<unsigned char>(padded[at]));
    };
    const std::uint32_t three = (byte(i) << 16U) | (byte(i + 1) << 8U) | byte(i + 2);
    for (const unsigned shift : {18U, 12U, 6U, 0U}) digits += kDigits[(three >> shift) & 63U];
  }
  return digits.substr(before == 0 ? 0 : 4);  // what the bytes before have a part in
}

/// How a canary would look: in plain, in hexadecimal digits, in Base64 at each place.
inline const std::vector<std::string>& canary_forms() {
  static const std::vector<std::string> forms = [] {
    std::vector<std::string> all = {kCanary};
    std::string hex;
    for (const char c : kCanary) {
      hex += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4U];
      hex += "0123456789abcdef"[static_cast<unsigned char>(c) & 15U];
    }
    all.push_back(hex);
    for (std::size_t before = 0; before < 3; ++before) all.push_back(in_base64(kCanary, before));
    return all;
  }();
  return forms;
}

/// What stands around the first canary in `bytes`; "" when there is none.
inline std::string canary_in(std::string_view bytes) {
  for (const std::string& form : canary_forms()) {
    const std::size_t at = bytes.find(form);
    if (at == std::string_view::npos) continue;
    const std::size_t from = at < 60 ? 0 : at - 60;
    return std::string(bytes.substr(from, form.size() + 120));
  }
  return {};
}

/// Whether a file is a gateway's own: that holds what it is given.
inline bool is_gateway_data(const std::filesystem::path& file) {
  return file.filename().string().starts_with("gateway.db");
}

inline std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace sluice::test
