#include "plan/limits.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>

#include "plan/canonical.h"
#include "plan/diagnostic.h"
#include "plan/schema.h"
#include "plan/secrets.h"
#include "plan/swagger.h"
#include "plan/words.h"

namespace sluice {
namespace {

constexpr std::size_t kSampleLimit = 20'480;
constexpr std::size_t kParameterLimit = 50;
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

/// Where a value stands in a body; written out only for a finding.
struct Where {
  const Where* parent = nullptr;
  std::string_view name = {};

  std::string text() const {
    const std::string above = parent != nullptr ? parent->text() : "";
    return above.empty() ? std::string(name) : fmt::format("{}/{}", above, name);
  }
};

class Checker {
 public:
  explicit Checker(const Value& api) : api_(api) {}

  std::vector<std::string> run() {
    check_members({}, api_, schema_of("api").fields);
    choice("x-apigateway-request-type", api_, {"public", "private"});
    choice("x-apigateway-match-mode", api_, {"NORMAL", "SWA"});
    check_content();
    if (characters_in(api_.text("path")) > kPathLimit) {
      add("path", fmt::format("is longer than {} characters", kPathLimit));
    }
    if (!has_path_characters(api_.text("path"))) add("path", "holds a character that a path may not hold");
    if (!api_.text("operationId").empty() && !is_api_name(api_.text("operationId"))) {
      add("operationId", "is not 3 to 255 letters, digits and -_./():");
    }
    check_tags();
    for (const Value& scheme : items_of("schemes", api_)) {
      if (scheme.is_string() && scheme.as_string() != "http" && scheme.as_string() != "https") {
        add("schemes", fmt::format("holds \"{}\", and a gateway has http and https", shown(scheme.as_string())));
      }
    }
    if (const Value* security = api_.find("security")) check_security(*security);
    check_parameters();
    if (const Value* backend = api_.find("x-apigateway-backend")) check_backend("x-apigateway-backend", *backend);
    check_policies();
    return std::move(found_);
  }

 private:
  using Choices = std::initializer_list<std::string_view>;

  /// What the table says of each member, and members whose name is nearly one that counts: the gateway would drop those
  /// without a word.
  void check_members(const Where& where, const Value& holder, std::span<const FieldSchema> fields) {
    for (const auto& member : holder.members()) {
      if (const FieldSchema* field = find_field(fields, member.key)) {
        check_shape({&where, member.key}, member.value, *field);
        continue;
      }
      if (where.name.empty()) continue;  // the reader of the document has seen to these
      std::vector<std::string_view> names;
      for (const FieldSchema& known : fields) names.push_back(known.name);
      const std::string near = did_you_mean(member.key, names);
      if (!near.empty()) {
        add(where.text(), fmt::format("has the unknown member `{}`, did you mean `{}`?", shown(member.key), near));
      }
    }
  }

  void check_shape(const Where& where, const Value& value, const FieldSchema& field) {
    switch (field.kind) {
      case FieldKind::Text:
      case FieldKind::CommaSet:
        return expect(value.is_string(), where, "a text");
      case FieldKind::Integer:
        return expect(value.is_integer(), where, "a whole number");
      case FieldKind::Number:
        return expect(value.is_number(), where, "a number");
      case FieldKind::Boolean:
        return expect(value.is_bool(), where, "true or false");
      case FieldKind::Object:
        if (!value.is_object()) return expect(false, where, "a map");
        return check_members(where, value, field.fields);
      case FieldKind::TextSet:
      case FieldKind::TextList:
        return expect(value.is_array() && all_of(value, [](const Value& item) { return item.is_string(); }), where,
                      "a list of texts");
      case FieldKind::ObjectSet:
      case FieldKind::KeyedList:
        expect(value.is_array() && all_of(value, [](const Value& item) { return item.is_object(); }), where,
               "a list of maps");
        for (const Value& item : value.items()) check_members(where, item, field.fields);
        if (field.kind == FieldKind::KeyedList) check_keys(where, value, field);
    }
  }

  void check_keys(const Where& where, const Value& list, const FieldSchema& field) {
    if (list.items().size() < 2) return;
    std::set<std::string> keys;
    for (const Value& item : list.items()) {
      std::string key = folded_element_key(item, field);
      if (const auto [twin, fresh] = keys.insert(std::move(key)); !fresh) {
        add(where.text(), fmt::format("holds \"{}\" twice", shown(*twin)));
      }
    }
  }

  template <typename Test>
  static bool all_of(const Value& list, Test test) {
    return std::all_of(list.items().begin(), list.items().end(), test);
  }
  void expect(bool right, const Where& where, std::string_view shape) {
    if (!right) add(where.text(), fmt::format("must be {}", shape));
  }
  void add(std::string_view field, std::string_view what) { found_.push_back(fmt::format("`{}` {}", field, what)); }

  /// Of a text that is there; another shape has been found already.
  void choice(std::string_view field, const Value& holder, Choices choices, std::string_view shown_as = "") {
    const Value* value = holder.find(field);
    if (value == nullptr || !value->is_string()) return;
    if (std::find(choices.begin(), choices.end(), value->as_string()) != choices.end()) return;
    add(shown_as.empty() ? field : shown_as, fmt::format("must be one of {}", fmt::join(choices, ", ")));
  }
  static const Value::Array& items_of(std::string_view field, const Value& holder) {
    static const Value kNone;
    const Value* value = holder.find(field);
    return value != nullptr ? value->items() : kNone.items();
  }

  void check_content() {
    constexpr std::string_view kType = "x-apigateway-content-type";
    constexpr std::string_view kBase64 = "x-apigateway-is-send-fg-body-base64";
    choice(kType, api_, {"application/json", "application/xml", "multipart/form-data", "text/plain"});
    const Value* base64 = api_.find(kBase64);
    if (base64 == nullptr || !base64->is_bool() || base64->as_bool()) return;
    if (api_.text(kType) != "application/json")
      add(kBase64, fmt::format("is false, which takes `{}: application/json`", kType));
  }

  void check_tags() {
    const Value::Array& tags = items_of("tags", api_);
    if (tags.size() > kTagLimit) add("tags", fmt::format("holds more than {} tags", kTagLimit));
    for (const Value& tag : tags) {
      if (!tag.is_string() || is_tag(tag.as_string())) continue;
      add("tags", fmt::format("holds \"{}\": a tag starts with a letter and has letters, digits and -*#%.:_",
                              shown(tag.as_string())));
    }
  }

  void check_security(const Value& security) {
    choice("type", security, {"NONE", "APP", "IAM", "AUTHORIZER"}, "security/type");
    choice("app_code", security, {"header"}, "security/app_code");
    const std::string_view type = security.text("type");
    if (security.find("app_code") != nullptr && type != "APP") {
      add("security/app_code", "is given, which only the type APP has");
    }
    const bool named = !security.text("authorizer").empty();
    if (type == "AUTHORIZER" && !named) add("security", "has the type AUTHORIZER and no `authorizer`");
    if (type != "AUTHORIZER" && security.find("authorizer") != nullptr) {
      add("security/authorizer", "is given, which only the type AUTHORIZER has");
    }
  }

  void check_parameters() {
    const Value::Array& parameters = items_of("parameters", api_);
    if (parameters.size() > kParameterLimit) {
      add("parameters", fmt::format("holds more than {} parameters", kParameterLimit));
    }
    for (const Value& parameter : parameters) check_parameter(parameter);
    for (const std::string& variable : path_variables(api_.text("path"))) {
      const bool declared = std::any_of(parameters.begin(), parameters.end(), [&](const Value& parameter) {
        return parameter.text("in") == "path" && parameter.text("name") == variable;
      });
      if (!declared) add("path", fmt::format("has the variable \"{}\", which no parameter declares", shown(variable)));
    }
  }

  void check_parameter(const Value& parameter) {
    const std::string_view name = parameter.text("name");
    if (!is_parameter_name(name)) {
      add("parameters", fmt::format("holds \"{}\": a name has 1 to 32 letters, digits and ._- and starts with a letter",
                                    shown(name)));
    }
    if (parameter.text("in") == "header" && is_reserved_header(name)) {
      add("parameters", fmt::format("holds the header \"{}\", which the gateway keeps for itself", shown(name)));
    }
    choice("in", parameter, {"path", "query", "header"}, "parameters/in");
    choice("type", parameter, {"string", "number"}, "parameters/type");
    choice("x-apigateway-pass-through", parameter, {"always", "never"}, "parameters/x-apigateway-pass-through");
    const bool number = parameter.text("type") == "number";
    for (const std::string_view bound : {"minimum", "maximum"}) {
      if (!number && parameter.find(bound) != nullptr) bound_of(bound, "number");
    }
    for (const std::string_view bound : {"minLength", "maxLength"}) {
      if (number && parameter.find(bound) != nullptr) bound_of(bound, "string");
    }
    if (characters_in(parameter.text("default")) > kRemarkLimit) {
      add("parameters/default", fmt::format("is longer than {} characters", kRemarkLimit));
    }
    for (const Value& allowed : items_of("enum", parameter)) {
      if (!allowed.is_string()) continue;
      if (!allowed.as_string().empty() && allowed.as_string().find(',') == std::string::npos) continue;
      add("parameters/enum", "holds a value that is empty or has a comma, which the gateway cannot keep");
      return;
    }
  }
  void bound_of(std::string_view bound, std::string_view type) {
    add(fmt::format("parameters/{}", bound), fmt::format("is given, which only the type {} has", type));
  }

  bool declares(std::string_view parameter) const {
    const Value::Array& list = items_of("parameters", api_);
    return std::any_of(list.begin(), list.end(), [&](const Value& one) { return one.text("name") == parameter; });
  }

  void check_policies() {
    constexpr std::string_view kPolicies = "x-apigateway-backend-policies";
    const Value::Array& policies = items_of(kPolicies, api_);
    if (policies.size() > 5) add(kPolicies, "holds more than 5 policies");
    const auto family = [](std::string_view type) { return type == "HTTP-VPC" ? std::string_view("HTTP") : type; };
    const Value* backend = api_.find("x-apigateway-backend");
    for (const Value& policy : policies) {
      const std::string_view name = policy.text("name");
      if (name.empty() || characters_in(name) > 64) {
        add(kPolicies, fmt::format("holds \"{}\": the name of a policy has 1 to 64 characters", shown(name)));
      }
      check_backend(kPolicies, policy);
      if (backend != nullptr && family(policy.text("type")) != family(backend->text("type"))) {
        add(kPolicies,
            fmt::format("holds \"{}\" of the type {}, and beside a backend of the type {} the gateway takes {}",
                        shown(name), shown(policy.text("type")), shown(backend->text("type")),
                        family(backend->text("type")) == "HTTP" ? "HTTP and HTTP-VPC" : "that type only"));
      }
      choice("effectMode", policy, {"ANY", "ALL"}, fmt::format("{}/effectMode", kPolicies));
      const Value::Array& conditions = items_of("conditions", policy);
      if (conditions.empty()) add(kPolicies, fmt::format("holds \"{}\", which has no conditions", shown(name)));
      for (const Value& condition : conditions) check_condition(fmt::format("{}/conditions", kPolicies), condition);
    }
  }

  void check_condition(const std::string& where, const Value& condition) {
    choice("origin", condition, {"source", "param", "system", "cookie", "frontend_authorizer"}, where + "/origin");
    choice("type", condition, {"exact", "enum", "pattern"}, where + "/type");
    const std::string_view origin = condition.text("origin");
    const bool named = origin == "param" || origin == "system";
    if (named && condition.text("parameter").empty()) add(where, "holds one that names no `parameter`");
    check_text(where, "value", condition, 1024);
  }

  /// A text that must be there.
  void check_text(std::string_view where, std::string_view member, const Value& holder, std::size_t longest) {
    const Value* value = holder.find(member);
    if (value == nullptr) return add(where, fmt::format("holds one that has no `{}`", member));
    if (value->is_string() && characters_in(value->as_string()) > longest) {
      add(fmt::format("{}/{}", where, member), fmt::format("is longer than {} characters", longest));
    }
  }

  void check_backend(std::string_view where, const Value& backend) {
    if (!backend.is_object()) return;
    choice("type", backend, {"HTTP", "HTTP-VPC", "FUNCTION", "MOCK"}, fmt::format("{}/type", where));
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
    const Value::Array& mappings = items_of("parameters", backend);
    check_mappings(fmt::format("{}/parameters", where), mappings);
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

  void check_mappings(const std::string& where, const Value::Array& mappings) {
    for (const Value& mapping : mappings) {
      choice("in", mapping, {"path", "query", "header"}, where + "/in");
      choice("origin", mapping, {"REQUEST", "CONSTANT", "SYSTEM"}, where + "/origin");
      if (!is_parameter_name(mapping.text("name"))) {
        add(where, fmt::format("holds \"{}\": a name has 1 to 32 letters, digits and ._- and starts with a letter",
                               shown(mapping.text("name"))));
      }
      if (mapping.find("in") == nullptr) add(where, "holds one that has no `in`");
      check_text(where, "value", mapping, kRemarkLimit);
      if (mapping.text("origin") == "REQUEST" && mapping.find("value") != nullptr && !declares(mapping.text("value"))) {
        add(where,
            fmt::format("hands on \"{}\", which is not a parameter of the operation", shown(mapping.text("value"))));
      }
    }
  }

  void check_backend_path(const std::string& where, const Value& endpoint, const Value::Array& mappings) {
    for (const std::string& variable : path_variables(endpoint.text("path"))) {
      const bool mapped = std::any_of(mappings.begin(), mappings.end(), [&](const Value& mapping) {
        return mapping.text("in") == "path" && mapping.text("name") == variable;
      });
      if (!mapped) {
        add(where, fmt::format("has the variable \"{}\", which no mapping with `in: path` fills", shown(variable)));
      }
    }
  }

  void check_endpoint(const std::string& where, const Value& endpoint) {
    if (!endpoint.is_object()) return;
    choice("scheme", endpoint, {"http", "https"}, where + "/scheme");
    choice("method", endpoint, {"GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "ANY"}, where + "/method");
    choice("invocation-type", endpoint, {"sync", "async"}, where + "/invocation-type");
    choice("network-type", endpoint, {"V1", "V2"}, where + "/network-type");
    choice("req_protocol", endpoint, {"HTTPS", "GRPCS"}, where + "/req_protocol");
    choice("retryCount", endpoint, {"-1", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"},
           where + "/retryCount");
    const Value* timeout = endpoint.find("timeout");
    if (timeout != nullptr && timeout->is_integer() &&
        (timeout->as_integer() < 1 || timeout->as_integer() > kTimeoutLimit)) {
      add(where + "/timeout", fmt::format("must be a whole number of milliseconds from 1 to {}", kTimeoutLimit));
    }
    const Value* path = endpoint.find("path");
    if (path != nullptr && path->is_string() && !path->as_string().starts_with('/')) {
      add(where + "/path", "must start with \"/\"");
    }
    if (const Value* address = endpoint.find("address")) check_address(where + "/address", *address);
  }

  void check_address(const std::string& where, const Value& address) {
    if (!address.is_string()) return;
    const std::string& host = address.as_string();
    if (host.empty() || host.size() > 255 || host.find_first_of(" /?#@") != std::string::npos) {
      add(where, "must be HOST or HOST:PORT, without a scheme or path");
    }
  }

  const Value& api_;
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

bool is_reserved_header(std::string_view name) {
  const std::string folded = lower(name);
  return folded == "authorization" || folded == "x-auth-token" || folded == "x-stage" ||
         folded.starts_with("x-apig-") || folded.starts_with("x-sdk-");
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
