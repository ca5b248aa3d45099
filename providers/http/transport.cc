#include "providers/http/transport.h"

#include <algorithm>
#include <cctype>

namespace sluice {

std::string_view find_header(const HttpHeaders& headers, std::string_view name) {
  const auto same = [name](const auto& header) {
    return std::equal(name.begin(), name.end(), header.first.begin(), header.first.end(),
                      [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
  };
  const auto at = std::find_if(headers.begin(), headers.end(), same);
  return at == headers.end() ? std::string_view() : std::string_view(at->second);
}

}  // namespace sluice
