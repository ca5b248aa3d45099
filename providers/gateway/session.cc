#include "providers/gateway/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "plan/json.h"
#include "providers/gateway/names.h"

namespace sluice::gateway {
namespace {

constexpr std::int64_t kLargestPage = 500;

/// The query parameter as a number; nothing when it is no number.
std::optional<std::int64_t> read_number(std::string_view text, std::int64_t absent) {
  if (text.empty()) return absent;
  std::int64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code == std::errc::result_out_of_range) return text.front() == '-' ? INT64_MIN : INT64_MAX;
  if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string_view Call::parameter(std::string_view name) const {
  const auto at = query.find(name);
  return at != query.end() ? std::string_view(at->second) : std::string_view();
}

std::string Session::new_id() {
  if (rules.sequential_ids) return fmt::format("{:032x}", store.next_number());
  return fmt::format("{:016x}{:016x}", random(), random());
}

std::string Session::new_api_name() {
  std::uint64_t number = rules.sequential_ids ? store.next_number() : random();
  std::string name = "API_";
  for (int i = 0; i < 4; ++i, number /= 26) name.push_back(static_cast<char>('a' + static_cast<char>(number % 26)));
  return name;
}

const Environment& release_environment() {
  static const Environment release{std::string(kReleaseId), std::string(kReleaseName), "", Now{}};
  return release;
}

const Environment* Session::environment(std::string_view id) const {
  return id == kReleaseId ? &release_environment() : instance.environments.find(id);
}

Result<Value, Fault> read_body(const Call& call) {
  auto body = parse_json(call.http.body);
  if (!body || !body->is_object()) return refuse("APIG.2000", "Parameter error: the body must be a JSON object");
  return std::move(*body);
}

Result<std::string, Fault> required_text(const Value& body, std::string_view name) {
  const Value* value = body.find(name);
  if (value == nullptr || value->is_null()) return refuse_missing(name);
  if (!value->is_string()) return refuse_invalid(name);
  if (value->as_string().empty()) return refuse_missing(name);
  return value->as_string();
}

Result<std::string, Fault> optional_text(const Value& body, std::string_view name, std::size_t longest,
                                         std::string_view code) {
  const Value* value = body.find(name);
  if (value == nullptr || value->is_null()) return std::string();
  if (!value->is_string() || length_of(value->as_string()) > longest) return refuse_invalid(name, code);
  return value->as_string();
}

HttpResponse json_answer(int status, const Value& body) {
  return {status, {{"Content-Type", "application/json"}}, write_json(body)};
}

HttpResponse empty_answer() { return {204, {}, {}}; }

Result<Page, Fault> read_page(const Call& call) {
  const auto offset = read_number(call.parameter("offset"), 0);
  if (!offset) return refuse_invalid("offset");
  const auto limit = read_number(call.parameter("limit"), 0);
  if (!limit) return refuse_invalid("limit");
  Page page;
  page.offset = static_cast<std::size_t>(std::max<std::int64_t>(*offset, 0));
  page.limit = *limit <= 0 ? 20 : static_cast<std::size_t>(std::min(*limit, kLargestPage));
  return page;
}

bool passes(std::string_view filter, std::string_view text, bool exact) {
  if (filter.empty()) return true;
  return exact ? filter == text : text.find(filter) != std::string_view::npos;
}

bool is_precise(const Call& call, std::string_view filter) {
  std::string_view names = call.parameter("precise_search");
  while (!names.empty()) {
    const std::size_t comma = std::min(names.find(','), names.size());
    if (names.substr(0, comma) == filter) return true;
    names.remove_prefix(std::min(comma + 1, names.size()));
  }
  return false;
}

}  // namespace sluice::gateway
