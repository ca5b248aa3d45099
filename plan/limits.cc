#include "plan/limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace sluice {
namespace {

constexpr std::size_t kRemarkLimit = 255;
constexpr std::size_t kPathLimit = 512;
constexpr std::int64_t kTimeoutLimit = 600'000;

bool is_letter(unsigned char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }
bool is_digit(unsigned char c) { return c >= '0' && c <= '9'; }

template <std::size_t N>
bool is_one_of(std::string_view word, const std::array<std::string_view, N>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

class Checker {
 public:
  explicit Checker(const Value& api) : api_(api) {}

  std::vector<std::string> run() {
    choice("x-apigateway-request-type", api_, std::array<std::string_view, 2>{"public", "private"});
    choice("x-apigateway-match-mode", api_, std::array<std::string_view, 2>{"NORMAL", "SWA"});
    boolean("x-apigateway-cors", api_);
    text("description", api_);
    if (api_.text("path").size() > kPathLimit) add("path", fmt::format("is longer than {} characters", kPathLimit));
    if (api_.text("path").find_first_of(" ?#\"\\<>") != std::string_view::npos) {
      add("path", "holds a character that a path may not hold");
    }
    check_tags();
    if (const Value* parameters = list("parameters", api_)) {
      for (const Value& parameter : parameters->items()) check_parameter(parameter);
    }
    if (const Value* backend = api_.find("x-apigateway-backend")) check_backend("x-apigateway-backend", *backend);
    if (const Value* policies = list("x-apigateway-backend-policies", api_)) {
      if (policies->items().size() > 5) add("x-apigateway-backend-policies", "holds more than 5 policies");
      for (const Value& policy : policies->items()) check_backend("x-apigateway-backend-policies", policy);
    }
    return std::move(found_);
  }

 private:
  void add(std::string_view field, std::string_view what) { found_.push_back(fmt::format("`{}` {}", field, what)); }

  template <std::size_t N>
  void choice(std::string_view field, const Value& holder, const std::array<std::string_view, N>& choices,
              std::string_view shown = "") {
    const Value* value = holder.find(field);
    if (value == nullptr || (value->is_string() && is_one_of(value->as_string(), choices))) return;
    std::string known;
    for (const std::string_view one : choices) known += fmt::format("{}{}", known.empty() ? "" : ", ", one);
    add(shown.empty() ? field : shown, fmt::format("must be one of {}", known));
  }
  void boolean(std::string_view field, const Value& holder) {
    const Value* value = holder.find(field);
    if (value != nullptr && !value->is_bool()) add(field, "must be true or false");
  }
  void text(std::string_view field, const Value& holder) {
    const Value* value = holder.find(field);
    if (value != nullptr && !value->is_string()) add(field, "must be a text");
  }
  const Value* list(std::string_view field, const Value& holder) {
    const Value* value = holder.find(field);
    if (value == nullptr || value->is_array()) return value;
    add(field, "must be a list");
    return nullptr;
  }

  void check_tags() {
    const Value* tags = list("tags", api_);
    if (tags == nullptr) return;
    if (tags->items().size() > 10) add("tags", "holds more than 10 tags");
    for (const Value& tag : tags->items()) {
      const std::string name = tag.is_string() ? tag.as_string() : "";
      const auto first = static_cast<unsigned char>(name.empty() ? ' ' : name[0]);
      const bool valid = name.size() <= 128 && (is_letter(first) || first >= 0x80) &&
                         std::all_of(name.begin(), name.end(), [](unsigned char c) {
                           return is_letter(c) || is_digit(c) || c >= 0x80 ||
                                  std::string_view("-*#%.:_").find(static_cast<char>(c)) != std::string_view::npos;
                         });
      if (!valid)
        add("tags", fmt::format("holds \"{}\": a tag starts with a letter and has letters, digits and -*#%.:_", name));
    }
  }

  void check_parameter(const Value& parameter) {
    const std::string_view name = parameter.text("name");
    const bool valid = !name.empty() && name.size() <= 32 && is_letter(static_cast<unsigned char>(name[0])) &&
                       std::all_of(name.begin(), name.end(), [](unsigned char c) {
                         return is_letter(c) || is_digit(c) || c == '.' || c == '_' || c == '-';
                       });
    if (!valid) {
      add("parameters",
          fmt::format("holds \"{}\": a name has 1 to 32 letters, digits and ._- and starts with a letter", name));
    }
    for (const Value* holder : {&parameter}) {
      text("description", *holder);
      boolean("required", *holder);
      list("enum", *holder);
      choice("x-apigateway-pass-through", *holder, std::array<std::string_view, 2>{"always", "never"});
    }
  }

  void check_backend(std::string_view where, const Value& backend) {
    if (!backend.is_object()) return add(where, "must be a map");
    constexpr std::array<std::string_view, 4> kTypes = {"HTTP", "HTTP-VPC", "FUNCTION", "MOCK"};
    choice("type", backend, kTypes, fmt::format("{}/type", where));
    if (backend.text("type").empty()) add(where, "has no type");
    for (const std::string_view member : {"httpEndpoints", "httpVpcEndpoints", "functionEndpoints", "mockEndpoints"}) {
      if (const Value* endpoint = backend.find(member)) check_endpoint(fmt::format("{}/{}", where, member), *endpoint);
    }
    list("parameters", backend);
  }

  void check_endpoint(const std::string& where, const Value& endpoint) {
    if (!endpoint.is_object()) return add(where, "must be a map");
    constexpr std::array<std::string_view, 8> kMethods = {"GET",  "POST",    "PUT",   "DELETE",
                                                          "HEAD", "OPTIONS", "PATCH", "ANY"};
    choice("scheme", endpoint, std::array<std::string_view, 2>{"http", "https"}, where + "/scheme");
    choice("method", endpoint, kMethods, where + "/method");
    if (const Value* timeout = endpoint.find("timeout")) {
      const bool valid = timeout->is_integer() && timeout->as_integer() >= 1 && timeout->as_integer() <= kTimeoutLimit;
      if (!valid)
        add(where + "/timeout", fmt::format("must be a whole number of milliseconds from 1 to {}", kTimeoutLimit));
    }
    if (const Value* path = endpoint.find("path");
        path != nullptr && (!path->is_string() || !path->as_string().starts_with('/'))) {
      add(where + "/path", "must start with \"/\"");
    }
    if (const Value* address = endpoint.find("address")) check_address(where + "/address", *address);
  }

  void check_address(const std::string& where, const Value& address) {
    const std::string host = address.is_string() ? address.as_string() : "";
    if (host.empty() || host.size() > 255 || host.find_first_of(" /?#@") != std::string::npos) {
      add(where, "must be HOST or HOST:PORT, without a scheme or path");
    }
  }

  const Value& api_;
  std::vector<std::string> found_;
};

bool cut_description(Value& holder) {
  const Value* description = holder.find("description");
  if (description == nullptr || !description->is_string()) return false;
  std::string text = description->as_string();
  if (!cut_text(text, kRemarkLimit)) return false;
  holder.set("description", text);
  return true;
}

}  // namespace

std::vector<std::string> limits_broken(const Value& api) { return Checker(api).run(); }

int cut_descriptions(Value& body) {
  int count = cut_description(body) ? 1 : 0;
  const Value* parameters = body.find("parameters");
  if (parameters == nullptr || parameters->items().empty()) return count;
  Value shortened = *parameters;
  for (Value& parameter : shortened.mutable_items()) count += cut_description(parameter) ? 1 : 0;
  body.set("parameters", std::move(shortened));
  return count;
}

bool cut_text(std::string& text, std::size_t limit) {
  std::size_t characters = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0U) == 0x80U) continue;
    if (++characters > limit) {
      text.resize(i);
      return true;
    }
  }
  return false;
}

}  // namespace sluice
