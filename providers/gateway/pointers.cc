#include "providers/gateway/pointers.h"

#include <string>

namespace sluice::gateway {
namespace {

constexpr int kMostReferences = 16;  // a chain longer than this is taken for a loop

/// `~1` and `~0` of a JSON pointer.
std::string unescape(std::string_view token) {
  std::string out;
  for (std::size_t i = 0; i < token.size(); ++i) {
    const bool escaped = token[i] == '~' && i + 1 < token.size() && (token[i + 1] == '0' || token[i + 1] == '1');
    out.push_back(escaped ? (token[++i] == '1' ? '/' : '~') : token[i]);
  }
  return out;
}

}  // namespace

const Value& member_of(const Value& from, std::string_view name) {
  static const Value none;
  const Value* found = from.find(name);
  return found != nullptr && !found->is_null() ? *found : none;
}

const Value* resolve(const Value& document, const Value& value) {
  const Value* at = &value;
  for (int hops = 0; at != nullptr && at->find("$ref") != nullptr; ++hops) {
    std::string_view pointer = at->text("$ref");
    if (!pointer.starts_with("#/") || hops == kMostReferences) return nullptr;
    pointer.remove_prefix(2);
    at = &document;
    for (bool more = true; more && at != nullptr;) {
      const std::size_t slash = pointer.find('/');
      at = at->find(unescape(pointer.substr(0, slash)));
      more = slash != std::string_view::npos;
      if (more) pointer.remove_prefix(slash + 1);
    }
  }
  return at;
}

}  // namespace sluice::gateway
