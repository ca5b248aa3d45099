// What a gateway refuses in an API: what its table says of each field, then what fields say of each other.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "plan/canonical.h"
#include "plan/diagnostic.h"
#include "plan/json.h"
#include "plan/limits.h"
#include "plan/schema.h"
#include "plan/secrets.h"
#include "plan/swagger.h"
#include "plan/words.h"

namespace sluice {
namespace {

constexpr std::size_t kParameterLimit = 50;
constexpr std::size_t kPolicyLimit = 5;
constexpr std::size_t kConditionLimit = 1024;
constexpr std::string_view kBackend = "x-apigateway-backend";
constexpr std::string_view kPolicies = "x-apigateway-backend-policies";

/// Where a value stands in a body; written out only for a finding.
struct Where {
  const Where* parent = nullptr;
  std::string_view name = {};      ///< of a member; "" for an element of `list`
  const Value* element = nullptr;  ///< of the parent's list
  const FieldSchema* list = nullptr;

  /// The members on the way, without elements.
  std::string text() const {
    std::string path = parent != nullptr ? parent->text() : "";
    if (!name.empty() && !path.empty()) path += "/";
    return path.append(name);
  }
  /// The member of the body that holds it.
  std::string_view first() const {
    const std::string_view above = parent != nullptr ? parent->first() : std::string_view();
    return above.empty() ? name : above;
  }
  std::vector<std::string> tokens() const {
    std::vector<std::string> all = parent != nullptr ? parent->tokens() : std::vector<std::string>();
    if (!name.empty()) all.emplace_back(name);
    if (element != nullptr && element->is_string()) all.push_back(element->as_string());
    if (element != nullptr && !element->is_string()) {
      all.push_back(list->kind == FieldKind::KeyedList ? folded_element_key(*element, *list)
                                                       : write_json_sorted(*element));
    }
    return all;
  }
  Where at(std::string_view member) const { return {this, member}; }
  Where at(const Value& item, const FieldSchema& of) const { return {this, {}, &item, &of}; }
};

template <typename Test>
bool all_of(const Value& list, Test test) {
  return std::all_of(list.items().begin(), list.items().end(), test);
}

const Value::Array& items_of(std::string_view field, const Value& holder) {
  static const Value kNone;
  const Value* value = holder.find(field);
  return value != nullptr ? value->items() : kNone.items();
}

const FieldSchema& field_of(std::span<const FieldSchema> fields, std::string_view name) {
  return *find_field(fields, name);
}

/// Collects what is wrong, and reads the tables.
class TableChecker {
 public:
  std::vector<Broken> take() { return std::move(found_); }

 protected:
  void add(const Where& where, std::string_view what, std::string advice = {}) {
    found_.push_back({fmt::format("`{}` {}", where.text(), what), where.tokens(), std::move(advice)});
  }
  /// What a gateway may take.
  void warn(const Where& where, std::string_view what, std::string advice) {
    add(where, what, std::move(advice));
    found_.back().refused = false;
  }

  /// What the table says of each member, and members whose name is nearly one that counts: the gateway would drop those
  /// without a word.
  void check_members(const Where& where, const Value& holder, std::span<const FieldSchema> fields) {
    const bool top = where.parent == nullptr && where.name.empty();
    const bool of_security = where.first() == "security";
    for (const auto& member : holder.members()) {
      if (const FieldSchema* field = find_field(fields, member.key)) {
        check_field(where.at(member.key), member.value, *field);
        continue;
      }
      if (top || of_security) continue;  // the reader of the document has seen to these
      std::vector<std::string_view> names;
      for (const FieldSchema& known : fields) names.push_back(known.name);
      const std::string near = did_you_mean(member.key, names);
      if (!near.empty()) {
        add(where, fmt::format("has the unknown member `{}`", shown(member.key)),
            fmt::format("Did you mean `{}`?", near));
      }
    }
    for (const FieldSchema& field : fields) {
      if (field.needed && holder.find(field.name) == nullptr) add(where, fmt::format("has no `{}`", field.name));
    }
  }

 private:
  void check_field(const Where& where, const Value& value, const FieldSchema& field) {
    switch (field.kind) {
      case FieldKind::Text:
      case FieldKind::CommaSet:
        return value.is_string() ? check_text(where, value.as_string(), field) : add(where, "must be a text");
      case FieldKind::Integer:
        if (!value.is_integer()) return add(where, "must be a whole number");
        return check_number(where, value.as_integer(), field.range);
      case FieldKind::Number:
        return value.is_number() ? void() : add(where, "must be a number");
      case FieldKind::Boolean:
        return value.is_bool() ? void() : add(where, "must be true or false");
      case FieldKind::Object:
        return value.is_object() ? check_members(where, value, field.fields) : add(where, "must be a map");
      case FieldKind::TextSet:
      case FieldKind::TextList:
        return check_texts(where, value, field);
      case FieldKind::ObjectSet:
      case FieldKind::KeyedList:
        if (!value.is_array() || !all_of(value, [](const Value& item) { return item.is_object(); })) {
          add(where, "must be a list of maps");
        }
        for (const Value& item : value.items()) check_members(where.at(item, field), item, field.fields);
        if (field.kind == FieldKind::KeyedList) check_keys(where, value, field);
    }
  }

  void check_text(const Where& where, const std::string& text, const FieldSchema& field) {
    const auto& choices = field.choices;
    if (!choices.empty() && !is_one_of(text, choices)) {
      return add(where, fmt::format("must be one of {}", fmt::join(choices, ", ")));
    }
    if (field.range.highest == 0 || is_mark(text)) return;  // the length of a secret is not known yet
    const auto length = static_cast<std::int64_t>(characters_in(text));
    if (length >= field.range.lowest && length <= field.range.highest) return;
    const std::string holder = where.element != nullptr ? fmt::format("holds \"{}\", which has", shown(text)) : "has";
    add(where, fmt::format("{} {} character{}, and a gateway takes {} to {}", holder, length, length == 1 ? "" : "s",
                           field.range.lowest, field.range.highest));
  }

  void check_number(const Where& where, std::int64_t number, const Range& range) {
    if (range.highest == 0 || (number >= range.lowest && number <= range.highest)) return;
    add(where, fmt::format("is {}, and a gateway takes {} to {}", number, range.lowest, range.highest));
  }

  void check_texts(const Where& where, const Value& list, const FieldSchema& field) {
    if (!list.is_array() || !all_of(list, [](const Value& item) { return item.is_string(); })) {
      return add(where, "must be a list of texts");
    }
    std::set<std::string_view> seen;
    for (const Value& item : list.items()) {
      check_text(where.at(item, field), item.as_string(), field);
      if (field.kind == FieldKind::TextList && !seen.insert(item.as_string()).second) {
        add(where.at(item, field), fmt::format("holds \"{}\" twice", shown(item.as_string())));
      }
    }
  }

  void check_keys(const Where& where, const Value& list, const FieldSchema& field) {
    if (list.items().size() < 2) return;
    std::set<std::string> keys;
    for (const Value& item : list.items()) {
      const auto [twin, fresh] = keys.insert(folded_element_key(item, field));
      if (!fresh) add(where.at(item, field), fmt::format("holds \"{}\" twice", shown(*twin)));
    }
  }

  std::vector<Broken> found_;
};

class ApiChecker : public TableChecker {
 public:
  ApiChecker(const Value& api, CloudKind cloud) : api_(api), cloud_(cloud) {}

  std::vector<Broken> run() {
    const Where top;
    check_members(top, api_, kApiSchema.fields);
    check_base64(top);
    check_names(top);
    check_tags(top);
    check_schemes(top);
    if (const Value* security = api_.find("security")) check_security(top, *security);
    check_parameters(top);
    if (const Value* backend = api_.find(kBackend)) check_backend(top.at(kBackend), *backend);
    check_policies(top);
    return take();
  }

 private:
  /// Where a gateway cannot be told the type of the content, there is nothing to hold it against.
  void check_base64(const Where& top) {
    constexpr std::string_view kType = "x-apigateway-content-type";
    constexpr std::string_view kBase64 = "x-apigateway-is-send-fg-body-base64";
    const Value* base64 = api_.find(kBase64);
    if (base64 == nullptr || !base64->is_bool() || base64->as_bool() || cloud_ == CloudKind::Otc) return;
    if (api_.text(kType) != "application/json") {
      add(top.at(kBase64), fmt::format("is false, which takes `{}: application/json`", kType));
    }
  }

  void check_names(const Where& top) {
    if (characters_in(api_.text("path")) > kPathLimit) {
      add(top.at("path"), fmt::format("is longer than {} characters", kPathLimit));
    }
    if (!has_path_characters(api_.text("path"))) add(top.at("path"), "holds a character that a path may not hold");
    if (!api_.text("operationId").empty() && !is_api_name(api_.text("operationId"))) {
      add(top.at("operationId"), "is not 3 to 255 letters, digits and -_./():");
    }
    constexpr std::string_view kResponse = "x-apigateway-response";
    const std::string_view response = api_.text(kResponse);
    if (!response.empty() && response.size() <= 64 && !is_response_name(response)) {
      add(top.at(kResponse), fmt::format("is \"{}\": a name has letters, digits, - and _", shown(response)));
    }
  }

  void check_tags(const Where& top) {
    const Where where = top.at("tags");
    const FieldSchema& field = field_of(kApiSchema.fields, "tags");
    const Value::Array& tags = items_of("tags", api_);
    if (tags.size() > kTagLimit) add(where, fmt::format("holds more than {} tags", kTagLimit));
    for (const Value& tag : tags) {
      if (!tag.is_string() || is_tag(tag.as_string())) continue;
      add(where.at(tag, field), fmt::format("holds \"{}\": a tag starts with a letter and has letters, digits and "
                                            "-*#%.:_",
                                            shown(tag.as_string())));
    }
  }

  void check_schemes(const Where& top) {
    const Where where = top.at("schemes");
    for (const Value& scheme : items_of("schemes", api_)) {
      if (!scheme.is_string() || scheme.as_string() == "http" || scheme.as_string() == "https") continue;
      add(where.at(scheme, field_of(kApiSchema.fields, "schemes")),
          fmt::format("holds \"{}\", and a gateway has http and https", shown(scheme.as_string())));
    }
  }

  void check_security(const Where& top, const Value& security) {
    const Where where = top.at("security");
    const std::string_view type = security.text("type");
    if (security.find("app_code") != nullptr && type != "APP") {
      add(where.at("app_code"), "is given, which only the type APP has");
    }
    const bool named = !security.text("authorizer").empty();
    if (type == "AUTHORIZER" && !named) add(where, "has the type AUTHORIZER and no `authorizer`");
    if (type != "AUTHORIZER" && security.find("authorizer") != nullptr) {
      add(where.at("authorizer"), "is given, which only the type AUTHORIZER has");
    }
    if (const Value* definition = security.find("definition")) {
      const Where inside = where.at("definition");
      check_urn(inside.at("authorizer_uri"), definition->text("authorizer_uri"));
      check_urn(inside.at("authorizer_alias_uri"), definition->text("authorizer_alias_uri"));
    }
  }

  void check_urn(const Where& where, std::string_view urn) {
    if (urn.empty() || is_mark(urn) || is_function_urn(urn)) return;
    add(where, "is not the URN of a function: urn:fss:REGION:PROJECT:function:PACKAGE:NAME");
  }

  void check_parameters(const Where& top) {
    const Where where = top.at("parameters");
    const FieldSchema& field = field_of(kApiSchema.fields, "parameters");
    const Value::Array& parameters = items_of("parameters", api_);
    if (parameters.size() > kParameterLimit) {
      add(where, fmt::format("holds more than {} parameters", kParameterLimit));
    }
    for (const Value& parameter : parameters) check_parameter(where.at(parameter, field), parameter);
    for (const std::string& variable : path_variables(api_.text("path"))) {
      const bool declared = std::any_of(parameters.begin(), parameters.end(), [&](const Value& parameter) {
        return parameter.text("in") == "path" && parameter.text("name") == variable;
      });
      if (declared) continue;
      add(top.at("path"), fmt::format("has the variable \"{}\", which no parameter declares", shown(variable)));
    }
  }

  void check_parameter(const Where& where, const Value& parameter) {
    const std::string_view name = parameter.text("name");
    if (!is_parameter_name(name)) {
      add(where, fmt::format("holds \"{}\": a name has 1 to 32 letters, digits and ._- and starts with a letter",
                             shown(name)));
    }
    if (parameter.text("in") == "header" && is_reserved_header(name)) {
      add(where, fmt::format("holds the header \"{}\", which the gateway keeps for itself", shown(name)));
    }
    const bool number = parameter.text("type") == "number";
    const auto bound_of = [&](std::string_view bound, std::string_view type) {
      if (parameter.find(bound) != nullptr) {
        add(where.at(bound), fmt::format("is given, which only the type {} has", type));
      }
    };
    for (const std::string_view bound : {"minimum", "maximum"}) {
      if (!number) bound_of(bound, "number");
    }
    for (const std::string_view bound : {"minLength", "maxLength"}) {
      if (number) bound_of(bound, "string");
    }
    if (characters_in(parameter.text("default")) > kRemarkLimit) {
      add(where.at("default"), fmt::format("is longer than {} characters", kRemarkLimit));
    }
    for (const Value& allowed : items_of("enum", parameter)) {
      if (!allowed.is_string()) continue;
      if (!allowed.as_string().empty() && allowed.as_string().find(',') == std::string::npos) continue;
      add(where.at("enum"), "holds a value that is empty or has a comma, which the gateway cannot keep");
      return;
    }
  }

  bool declares(std::string_view parameter) const {
    const Value::Array& list = items_of("parameters", api_);
    return std::any_of(list.begin(), list.end(), [&](const Value& one) { return one.text("name") == parameter; });
  }

  static std::string_view family(std::string_view type) { return type.starts_with("HTTP") ? "HTTP" : type; }

  void check_policies(const Where& top) {
    const Where where = top.at(kPolicies);
    const FieldSchema& field = field_of(kApiSchema.fields, kPolicies);
    const Value::Array& policies = items_of(kPolicies, api_);
    if (policies.size() > kPolicyLimit) add(where, fmt::format("holds more than {} policies", kPolicyLimit));
    for (const Value& policy : policies) check_policy(where.at(policy, field), policy, field);
  }

  void check_policy(const Where& where, const Value& policy, const FieldSchema& list) {
    const std::string_view name = policy.text("name");
    if (name.empty() || characters_in(name) > 64) {
      add(where, fmt::format("holds \"{}\": the name of a policy has 1 to 64 characters", shown(name)));
    }
    check_backend(where, policy);
    const Value* backend = api_.find(kBackend);
    const std::string_view beside = backend != nullptr ? backend->text("type") : policy.text("type");
    if (family(policy.text("type")) != family(beside)) {
      add(where.at("type"), fmt::format("of \"{}\" is {}, and beside a backend of the type {} the gateway takes {}",
                                        shown(name), shown(policy.text("type")), shown(beside),
                                        family(beside) == "HTTP" ? "HTTP and HTTP-VPC" : "that type only"));
    }
    const Value::Array& conditions = items_of("conditions", policy);
    if (conditions.empty()) add(where, fmt::format("holds \"{}\", which has no conditions", shown(name)));
    const Where inside = where.at("conditions");
    for (const Value& condition : conditions) {
      check_condition(inside.at(condition, field_of(list.fields, "conditions")), condition);
    }
  }

  void check_condition(const Where& where, const Value& condition) {
    if (condition.text("origin") != "source" && condition.text("parameter").empty()) {
      add(where, "holds one that names no `parameter`");
    }
    check_text_of(where, "value", condition, kConditionLimit);
    const std::string_view origin = condition.text("origin");
    if (origin == "source") check_source(where.at("value"), condition.text("value"));
    const std::string_view parameter = condition.text("parameter");
    if (origin != "param" || parameter.empty() || declares(parameter)) return;
    add(where.at("parameter"), fmt::format("is \"{}\", which is not a parameter of the operation", shown(parameter)),
        "Declare it below `parameters`, or correct the name.");
  }

  /// The callers' addresses, with commas between them.
  void check_source(const Where& where, std::string_view addresses) {
    if (is_mark(addresses)) return;
    for (const std::string_view one : listed_addresses(addresses)) {
      if (is_address_entry(one)) continue;
      add(where, fmt::format("holds \"{}\", which is not an IP address, network or range", shown(one)),
          "Write addresses such as 10.0.0.1, 10.0.0.0/8 or 10.0.0.1-10.0.0.9.");
    }
  }

  /// A text that must be there.
  void check_text_of(const Where& where, std::string_view member, const Value& holder, std::size_t longest) {
    const Value* value = holder.find(member);
    if (value == nullptr) return add(where, fmt::format("holds one that has no `{}`", member));
    if (value->is_string() && characters_in(value->as_string()) > longest) {
      add(where.at(member), fmt::format("is longer than {} characters", longest));
    }
  }

  void check_backend(const Where& where, const Value& backend) {
    if (!backend.is_object()) return;
    const std::string_view type = backend.text("type");
    if (type.empty()) add(where, "has no type");
    const Value::Array& mappings = items_of("parameters", backend);
    for (const auto& [name, member] : kEndpoints) {
      const Value* endpoint = backend.find(member);
      if (endpoint != nullptr) {
        check_endpoint(where.at(member), *endpoint, mappings);
      } else if (name == type) {
        add(where, fmt::format("has the type {} and no {}", type, member));
      }
    }
    const Where inside = where.at("parameters");
    const FieldSchema& list = field_of(field_of(kApiSchema.fields, kBackend).fields, "parameters");
    for (const Value& mapping : mappings) check_mapping(inside.at(mapping, list), mapping);
  }

  void check_mapping(const Where& where, const Value& mapping) {
    if (!is_parameter_name(mapping.text("name"))) {
      add(where, fmt::format("holds \"{}\": a name has 1 to 32 letters, digits and ._- and starts with a letter",
                             shown(mapping.text("name"))));
    }
    if (mapping.find("in") == nullptr) add(where, "holds one that has no `in`");
    check_text_of(where, "value", mapping, kRemarkLimit);
    const std::string_view value = mapping.text("value");
    if (mapping.text("origin") == "REQUEST" && mapping.find("value") != nullptr && !declares(value)) {
      add(where, fmt::format("hands on \"{}\", which is not a parameter of the operation", shown(value)));
    }
  }

  void check_endpoint(const Where& where, const Value& endpoint, const Value::Array& mappings) {
    if (!endpoint.is_object()) return;
    if (const Value* address = endpoint.find("address")) check_address(where.at("address"), *address);
    check_timeout(where.at("timeout"), endpoint);
    check_fixed(where, endpoint);
    check_urn(where.at("function-urn"), endpoint.text("function-urn"));
    check_urn(where.at("alias-urn"), endpoint.text("alias-urn"));
    check_path(where, endpoint, mappings);
    const Value* urls = endpoint.find("memberGroupUrlInfos");
    if (urls == nullptr) return;
    const Where inside = where.at("memberGroupUrlInfos");
    const FieldSchema& member = field_of(field_of(kApiSchema.fields, kBackend).fields, "httpVpcMemberGroupEndpoints");
    const FieldSchema& list = field_of(member.fields, "memberGroupUrlInfos");
    for (const Value& url : urls->items()) {
      if (url.text("name").empty()) add(inside.at(url, list), "holds one that has no `name`");
      check_path(inside.at(url, list), url, mappings);
    }
  }

  void check_path(const Where& where, const Value& holder, const Value::Array& mappings) {
    const Value* path = holder.find("path");
    if (path == nullptr || !path->is_string()) return;
    if (!path->as_string().starts_with('/') && !is_mark(path->as_string())) {
      add(where.at("path"), "must start with \"/\"");
    }
    for (const std::string& variable : path_variables(path->as_string())) {
      const bool mapped = std::any_of(mappings.begin(), mappings.end(), [&](const Value& mapping) {
        return mapping.text("in") == "path" && mapping.text("name") == variable;
      });
      if (mapped) continue;
      add(where.at("path"),
          fmt::format("has the variable \"{}\", which no mapping with `in: path` fills", shown(variable)));
    }
  }

  void check_address(const Where& where, const Value& address) {
    if (!address.is_string() || is_mark(address.as_string())) return;
    const std::string& host = address.as_string();
    if (host.empty() || host.size() > 255 || host.find_first_of(" /?#@") != std::string::npos) {
      return add(where, "must be HOST or HOST:PORT, without a scheme or path");
    }
    const std::size_t colon = host.rfind(':');
    const bool has_port = colon != std::string::npos && (host.find(':') == colon || host[colon - 1] == ']');
    if (!has_port || is_port(std::string_view(host).substr(colon + 1))) return;
    add(where, fmt::format("has the port \"{}\", and ports are 1 to 65535", shown(host.substr(colon + 1))));
  }

  static bool is_port(std::string_view text) {
    constexpr int kHighest = 65'535;
    if (text.empty() || text.size() > 5) return false;
    int port = 0;
    for (const char c : text) {
      if (c < '0' || c > '9') return false;
      port = port * 10 + (c - '0');
    }
    return port >= 1 && port <= kHighest;
  }

  /// Documents say 60,000; a feature of the gateway lifts that to what the table says.
  void check_timeout(const Where& where, const Value& endpoint) {
    constexpr std::int64_t kUsual = 60'000;
    const Value* timeout = endpoint.find("timeout");
    if (timeout == nullptr || !timeout->is_integer() || timeout->as_integer() <= kUsual) return;
    if (timeout->as_integer() > timeout_range().highest) return;  // told as an error
    warn(where,
         fmt::format("is {}, and a gateway takes more than {} only where its feature backend_timeout allows it",
                     timeout->as_integer(), kUsual),
         "See to that feature of the gateway, or lower the timeout.");
  }
  static const Range& timeout_range() {
    const FieldSchema& http = field_of(field_of(kApiSchema.fields, kBackend).fields, "httpEndpoints");
    return field_of(http.fields, "timeout").range;
  }

  /// Members that the documents call mandatory, and that gateways take their own default for.
  void check_fixed(const Where& where, const Value& endpoint) {
    if (where.name == "mockEndpoints" && endpoint.text("result-content").empty()) {
      warn(where, "has no `result-content`, which the gateway's documents ask for",
           "Give it (`result` in `operations.backend`): it is what callers are answered.");
    }
    const bool versioned = !endpoint.text("version").empty() || !endpoint.text("alias-urn").empty();
    if (where.name != "functionEndpoints" || versioned) return;
    warn(where, "has neither `version` nor `alias-urn`, and the gateway's documents ask for one",
         "Say which version of the function answers, such as `version: latest`.");
  }

  const Value& api_;
  CloudKind cloud_;
};

}  // namespace

std::vector<Broken> limits_broken(const Value& api, CloudKind cloud) { return ApiChecker(api, cloud).run(); }

}  // namespace sluice
