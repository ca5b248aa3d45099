#include "providers/gateway/multipart.h"

#include <algorithm>
#include <cctype>

#include "plan/words.h"

namespace sluice::gateway {
namespace {

/// The value of `key=value` or `key="value"` in a header; "" when absent.
std::string parameter(std::string_view header, std::string_view key) {
  const std::string small = lower(header);
  for (std::size_t at = small.find(key); at != std::string::npos; at = small.find(key, at + 1)) {
    const bool starts = at > 0 && (small[at - 1] == ';' || small[at - 1] == ' ' || small[at - 1] == '\t');
    std::size_t from = at + key.size();
    if (!starts || from >= small.size() || small[from] != '=') continue;
    ++from;
    if (from < small.size() && small[from] == '"') {
      std::string value;
      for (++from; from < header.size() && header[from] != '"'; ++from) {
        if (header[from] == '\\' && from + 1 < header.size()) ++from;
        value.push_back(header[from]);
      }
      return value;
    }
    return std::string(header.substr(from, header.find_first_of("; \t\r\n", from) - from));
  }
  return {};
}

/// The name in the part's Content-Disposition; "" when it has none.
std::string part_name(std::string_view headers) {
  while (!headers.empty()) {
    const std::size_t end = std::min(headers.find("\r\n"), headers.size());
    const std::string_view line = headers.substr(0, end);
    if (lower(line.substr(0, 20)) == "content-disposition:") return parameter(line, "name");
    headers.remove_prefix(std::min(end + 2, headers.size()));
  }
  return {};
}

}  // namespace

std::optional<std::vector<FormPart>> read_form(std::string_view content_type, std::string_view body) {
  if (lower(content_type.substr(0, 19)) != "multipart/form-data") return std::nullopt;
  const std::string boundary = parameter(content_type, "boundary");
  if (boundary.empty() || boundary.size() > 200) return std::nullopt;
  const std::string first = "--" + boundary;
  const std::string next = "\r\n" + first;
  std::size_t at = body.find(first);
  if (at == std::string_view::npos) return std::nullopt;
  at += first.size();
  std::vector<FormPart> parts;
  while (body.substr(at, 2) == "\r\n") {
    at += 2;
    const std::size_t end = body.find(next, at);
    // A part without any header starts with the empty line itself.
    const std::size_t blank = body.substr(at, 2) == "\r\n" ? at : body.find("\r\n\r\n", at);
    if (end == std::string_view::npos || blank == std::string_view::npos || blank > end) return std::nullopt;
    const std::size_t from = blank + (blank == at ? 2 : 4);
    if (from > end) return std::nullopt;
    parts.push_back({part_name(body.substr(at, blank - at)), body.substr(from, end - from)});
    at = end + next.size();
  }
  if (body.substr(at, 2) != "--") return std::nullopt;
  return parts;
}

const FormPart* find_part(const std::vector<FormPart>& parts, std::string_view name) {
  const auto at = std::find_if(parts.begin(), parts.end(), [name](const FormPart& p) { return p.name == name; });
  return at != parts.end() ? &*at : nullptr;
}

}  // namespace sluice::gateway
