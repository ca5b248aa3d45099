#include "providers/gateway/dataarts/calls.h"

#include <charconv>

#include "plan/json.h"

namespace sluice::gateway::dataarts {
namespace {

constexpr std::int64_t kLargestPage = 100;
constexpr std::int64_t kUsualPage = 10;

std::optional<std::int64_t> read_number(std::string_view text, std::int64_t absent, std::int64_t least,
                                        std::int64_t most) {
  if (text.empty()) return absent;
  std::int64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size() || value < least || value > most) return std::nullopt;
  return value;
}

}  // namespace

Result<Value, Fault> read_body(const Call& call, bool optional) {
  const std::string_view type = find_header(call.http.headers, "Content-Type");
  if (optional && call.http.body.empty()) return Value::object();
  if (!type.empty() && type.find("json") == std::string_view::npos) {
    return {{invalid("the Content-Type is not application/json")}};
  }
  auto body = parse_json(call.http.body);
  if (!body || !body->is_object()) return {{invalid("the body is no JSON object")}};
  return std::move(*body);
}

Result<Page, Fault> read_page(const Workspace& workspace, const Call& call) {
  const auto offset = read_number(call.parameter("offset"), 0, 0, 1'000'000'000);
  if (!offset) return {{invalid("offset")}};
  const auto limit = read_number(call.parameter("limit"), kUsualPage, 1, kLargestPage);
  if (!limit) return {{invalid("limit is not from 1 to 100")}};
  const std::int64_t first = workspace.rules.dataarts.page_offset ? *offset * *limit : *offset;
  return Page{static_cast<std::size_t>(first), static_cast<std::size_t>(*limit)};
}

std::vector<std::string> narrow(std::vector<std::string> names, std::string_view part) {
  std::erase_if(names, [&](const std::string& name) { return name.find(part) == std::string::npos; });
  return names;
}

}  // namespace sluice::gateway::dataarts
