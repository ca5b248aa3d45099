#include "plan/limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "plan/diagnostic.h"
#include "plan/schema.h"
#include "plan/secrets.h"
#include "plan/swagger.h"
#include "plan/words.h"

namespace sluice {
namespace {

constexpr std::size_t kSampleLimit = 20'480;
constexpr std::int64_t kTimeoutLimit = 600'000;

bool is_letter(char32_t c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }
bool is_digit(char32_t c) { return c >= '0' && c <= '9'; }
bool is_chinese(char32_t c) { return c >= 0x4E00 && c <= 0x9FFF; }
bool is_one_of_these(char32_t c, std::u32string_view set) { return set.find(c) != std::u32string_view::npos; }
bool starts_name(char32_t c) { return is_letter(c) || is_digit(c) || is_chinese(c); }
bool is_of_name(char32_t c) { return starts_name(c) || is_one_of_these(c, U"-_./():\uFF08\uFF09\uFF1A\u3001"); }

/// The next character of a UTF-8 text, which is taken off its front; a byte that starts none counts as itself.
char32_t take_character(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t more = lead >= 0xF0 ? 3U : lead >= 0xE0 ? 2U : lead >= 0xC0 ? 1U : 0U;
  char32_t c = more == 0 ? lead : lead & (0x3FU >> more);
  std::size_t taken = 1;
  for (; taken <= more && taken < text.size(); ++taken) {
    c = (c << 6U) | (static_cast<unsigned char>(text[taken]) & 0x3FU);
  }
  text.remove_prefix(taken);
  return c;
}

template <typename First, typename Rest>
bool has_form(std::string_view text, std::size_t shortest, std::size_t longest, First first, Rest rest) {
  std::size_t count = 0;
  while (!text.empty()) {
    const char32_t c = take_character(text);
    if (++count == 1 ? !first(c) : !rest(c)) return false;
  }
  return count >= shortest && count <= longest;
}

class Checker {
 public:
  explicit Checker(const Value& api) : api_(api) {}

  std::vector<std::string> run() {
    choice("x-apigateway-request-type", api_, std::array<std::string_view, 2>{"public", "private"});
    choice("x-apigateway-match-mode", api_, std::array<std::string_view, 2>{"NORMAL", "SWA"});
    boolean("x-apigateway-cors", api_);
    text("description", api_);
    if (characters_in(api_.text("path")) > kPathLimit) {
      add("path", fmt::format("is longer than {} characters", kPathLimit));
    }
    if (!has_path_characters(api_.text("path"))) add("path", "holds a character that a path may not hold");
    if (!api_.text("operationId").empty() && !is_api_name(api_.text("operationId"))) {
      add("operationId", "is not 3 to 255 letters, digits and -_./():");
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
    check_spelling("", api_, schema_of("api").fields);
    return std::move(found_);
  }

 private:
  /// A member whose name is nearly one that counts: the gateway would drop it without a word.
  void check_spelling(const std::string& where, const Value& holder, std::span<const FieldSchema> fields) {
    for (const auto& member : holder.members()) {
      const FieldSchema* field = find_field(fields, member.key);
      if (field == nullptr) {
        if (where.empty()) continue;  // the reader of the document has seen to these
        std::vector<std::string_view> names;
        for (const FieldSchema& known : fields) names.push_back(known.name);
        const std::string near = did_you_mean(member.key, names);
        if (!near.empty()) {
          add(where, fmt::format("has the unknown member `{}`, did you mean `{}`?", shown(member.key), near));
        }
        continue;
      }
      const std::string place = where.empty() ? member.key : fmt::format("{}/{}", where, member.key);
      if (field->kind == FieldKind::Object) check_spelling(place, member.value, field->fields);
      for (const Value& item : member.value.items()) check_spelling(place, item, field->fields);
    }
  }
  void add(std::string_view field, std::string_view what) { found_.push_back(fmt::format("`{}` {}", field, what)); }

  template <std::size_t N>
  void choice(std::string_view field, const Value& holder, const std::array<std::string_view, N>& choices,
              std::string_view shown = "") {
    const Value* value = holder.find(field);
    if (value == nullptr ||
        (value->is_string() && is_one_of(value->as_string(), std::span<const std::string_view>(choices))))
      return;
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
    if (tags->items().size() > kTagLimit) add("tags", fmt::format("holds more than {} tags", kTagLimit));
    for (const Value& tag : tags->items()) {
      const std::string name = tag.is_string() ? tag.as_string() : "";
      if (is_tag(name)) continue;
      add("tags",
          fmt::format("holds \"{}\": a tag starts with a letter and has letters, digits and -*#%.:_", shown(name)));
    }
  }

  void check_parameter(const Value& parameter) {
    const std::string_view name = parameter.text("name");
    if (!is_parameter_name(name)) {
      add("parameters", fmt::format("holds \"{}\": a name has 1 to 32 letters, digits and ._- and starts with a letter",
                                    shown(name)));
    }
    names_.emplace(name);
    text("description", parameter);
    boolean("required", parameter);
    list("enum", parameter);
    choice("x-apigateway-pass-through", parameter, std::array<std::string_view, 2>{"always", "never"});
  }

  void check_backend(std::string_view where, const Value& backend) {
    if (!backend.is_object()) return add(where, "must be a map");
    constexpr std::array<std::string_view, 4> kTypes = {"HTTP", "HTTP-VPC", "FUNCTION", "MOCK"};
    choice("type", backend, kTypes, fmt::format("{}/type", where));
    const std::string_view type = backend.text("type");
    if (type.empty()) add(where, "has no type");
    constexpr std::pair<std::string_view, std::string_view> kEndpoints[] = {{"HTTP", "httpEndpoints"},
                                                                            {"HTTP-VPC", "httpVpcEndpoints"},
                                                                            {"FUNCTION", "functionEndpoints"},
                                                                            {"MOCK", "mockEndpoints"}};
    for (const auto& [name, member] : kEndpoints) {
      const Value* endpoint = backend.find(member);
      const std::string place = fmt::format("{}/{}", where, member);
      if (endpoint != nullptr) {
        check_endpoint(place, *endpoint);
        if (name == type) check_whole(place, member, *endpoint);
      } else if (name == type) {
        add(where, fmt::format("has the type {} and no {}", type, member));
      }
    }
    const Value* mappings = list("parameters", backend);
    if (mappings != nullptr) check_mappings(where, *mappings);
    for (const std::string_view member : {"httpEndpoints", "httpVpcEndpoints"}) {
      const Value* endpoint = backend.find(member);
      if (endpoint != nullptr) check_backend_path(fmt::format("{}/{}/path", where, member), *endpoint, mappings);
    }
  }

  /// Members without which the gateway has nowhere to send a call.
  void check_whole(const std::string& where, std::string_view kind, const Value& endpoint) {
    constexpr std::array<std::string_view, 3> kHttp = {"address", "method", "path"};
    constexpr std::array<std::string_view, 3> kChannel = {"name", "method", "path"};
    constexpr std::array<std::string_view, 1> kFunction = {"function-urn"};
    std::span<const std::string_view> needed;
    if (kind == "httpEndpoints") needed = kHttp;
    if (kind == "httpVpcEndpoints") needed = kChannel;
    if (kind == "functionEndpoints") needed = kFunction;
    for (const std::string_view member : needed) {
      if (endpoint.find(member) == nullptr) add(where, fmt::format("has no `{}`", member));
    }
  }

  void check_mappings(std::string_view where, const Value& mappings) {
    for (const Value& mapping : mappings.items()) {
      if (!mapping.is_object()) {
        add(fmt::format("{}/parameters", where), "holds an element that is not a map");
      } else if (mapping.text("origin") == "REQUEST" && !names_.contains(mapping.text("value"))) {
        add(fmt::format("{}/parameters", where),
            fmt::format("hands on \"{}\", which is not a parameter of the operation", shown(mapping.text("value"))));
      }
    }
  }

  void check_backend_path(const std::string& where, const Value& endpoint, const Value* mappings) {
    for (const std::string& variable : path_variables(endpoint.text("path"))) {
      const bool mapped = mappings != nullptr &&
                          std::any_of(mappings->items().begin(), mappings->items().end(), [&](const Value& mapping) {
                            return mapping.text("in") == "path" && mapping.text("name") == variable;
                          });
      if (!mapped) {
        add(where, fmt::format("has the variable \"{}\", which no mapping with `in: path` fills", shown(variable)));
      }
    }
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
  std::set<std::string, std::less<>> names_;  ///< of the request parameters
  std::vector<std::string> found_;
};

int cut_member(Value& holder, std::string_view name, std::size_t limit) {
  const Value* member = holder.find(name);
  if (member == nullptr || !member->is_string() || member->as_string().size() <= limit) return 0;
  if (is_mark(member->as_string())) return 0;  // its length is not known yet
  std::string text = member->as_string();
  if (!cut_text(text, limit)) return 0;
  holder.set(name, text);
  return 1;
}

/// Cuts texts in each element of a list; the list is copied only when there is something to cut.
int cut_in_list(Value& holder, std::string_view name, std::span<const std::string_view> texts) {
  const Value* list = holder.find(name);
  if (list == nullptr || !list->is_array() || list->items().empty()) return 0;
  const auto too_long = [&](const Value& item) {
    return std::any_of(texts.begin(), texts.end(),
                       [&](std::string_view text) { return item.text(text).size() > kRemarkLimit; });
  };
  if (std::none_of(list->items().begin(), list->items().end(), too_long)) return 0;
  Value shortened = *list;
  int count = 0;
  for (Value& item : shortened.mutable_items()) {
    for (const std::string_view text : texts) count += item.is_object() ? cut_member(item, text, kRemarkLimit) : 0;
  }
  holder.set(name, std::move(shortened));
  return count;
}

}  // namespace

std::vector<std::string> limits_broken(const Value& api) { return Checker(api).run(); }

bool is_api_name(std::string_view name) { return has_form(name, 3, kNameLimit, starts_name, is_of_name); }

std::string api_name_from(std::string_view text) {
  std::string name;
  while (!text.empty()) {
    const std::string_view before = text;
    const char32_t c = take_character(text);
    const bool kept = is_of_name(c) && c != '/' && (!name.empty() || starts_name(c));
    if (kept) name += before.substr(0, before.size() - text.size());
    if (!kept && !name.empty() && name.back() != '_') name += '_';
  }
  while (name.ends_with('_')) name.pop_back();
  cut_text(name, kNameLimit);
  return name;
}

bool is_parameter_name(std::string_view name) {
  return has_form(name, 1, 32, is_letter,
                  [](char32_t c) { return is_letter(c) || is_digit(c) || is_one_of_these(c, U"._-"); });
}

bool is_tag(std::string_view tag) {
  const auto first = [](char32_t c) { return is_letter(c) || is_chinese(c); };
  return has_form(tag, 1, 128, first,
                  [&](char32_t c) { return first(c) || is_digit(c) || is_one_of_these(c, U"-*#%.:_"); });
}

bool has_path_characters(std::string_view path) {
  return std::all_of(path.begin(), path.end(), [](char c) {
    const auto wide = static_cast<unsigned char>(c);
    return is_letter(wide) || is_digit(wide) || is_one_of_these(wide, U"/{}*%-_.+");
  });
}

int cut_texts(Value& body) {
  constexpr std::array<std::string_view, 2> kOfParameters = {"description", "x-apigateway-sample"};
  int count = cut_member(body, "description", kRemarkLimit);
  count += cut_member(body, "x-apigateway-result-normal-sample", kSampleLimit);
  count += cut_member(body, "x-apigateway-result-failure-sample", kSampleLimit);
  return count + cut_in_list(body, "parameters", kOfParameters);
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
