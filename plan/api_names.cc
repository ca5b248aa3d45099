#include "plan/api_names.h"

#include <fmt/format.h>

#include <map>
#include <set>

#include "plan/digest.h"
#include "plan/limits.h"
#include "plan/words.h"

namespace sluice {
namespace {

std::string by_path(const Operation& operation) {
  std::string name = api_name_from(fmt::format("{} {}", operation.method, operation.path));
  return is_api_name(name) ? name : "API_" + name;
}

std::string by_pattern(const Operation& operation, std::string_view pattern) {
  std::string name = replaced(std::string(pattern), "{operationId}", operation.body.text("operationId"));
  name = replaced(std::move(name), "{method}", operation.method);
  name = api_name_from(replaced(std::move(name), "{path}", operation.path));
  return is_api_name(name) ? name : by_path(operation);
}

/// Different for every identity, and the same whatever else the group holds.
std::string by_digest(const Operation& operation) {
  const std::string identity = fmt::format("{} {} {}", operation.method, operation.path, operation.match_mode);
  constexpr std::size_t kDigits = 8;
  std::string name = by_path(operation);
  cut_text(name, kNameLimit - kDigits - 1);
  return fmt::format("{}_{}", name, sha256_hex(identity).substr(0, kDigits));
}

}  // namespace

std::vector<ApiName> api_names(std::span<const Operation> operations, std::string_view pattern) {
  std::vector<ApiName> names;
  std::set<std::string> own;
  for (const Operation& operation : operations) {
    const std::string_view name = operation.body.text("operationId");
    const bool valid = is_api_name(name);
    names.push_back({valid ? std::string(name) : by_pattern(operation, pattern), !valid});
    if (valid) own.emplace(name);
  }
  for (const auto& next : {by_path, by_digest}) {
    std::map<std::string_view, int> uses;
    for (const ApiName& name : names) uses[name.name] += name.made ? 1 : 0;
    std::vector<std::size_t> taken;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (names[i].made && (own.contains(names[i].name) || uses[names[i].name] > 1)) taken.push_back(i);
    }
    for (const std::size_t i : taken) names[i].name = next(operations[i]);
  }
  return names;
}

}  // namespace sluice
