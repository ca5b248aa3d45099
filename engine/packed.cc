#include "engine/packed.h"

#include "providers/gateway/encoding.h"
#include "providers/http/gzip.h"

namespace sluice {
namespace {

constexpr std::size_t kLargest = 2'000'000'000;

}  // namespace

std::string packed(std::string_view text) {
  return text.empty() ? std::string() : gateway::encode_base64(pack_gzip(text));
}

Result<std::string> unpacked(std::string_view column) {
  if (column.empty()) return std::string();
  auto text = unpack_gzip(gateway::decode_base64(column), kLargest);
  if (!text) return fail(ErrorKind::Storage, "a packed column holds what cannot be unpacked");
  return std::move(*text);
}

}  // namespace sluice
