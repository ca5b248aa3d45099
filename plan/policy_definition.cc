#include "plan/policy_definition.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "plan/diagnostic.h"
#include "plan/json.h"
#include "plan/schema.h"

namespace sluice {
namespace {

constexpr std::int64_t kHighestLimit = 2'147'483'647;
constexpr std::ptrdiff_t kMostAddresses = 100;

/// One policy: its name, and its body with what variables made into texts read as numbers and booleans again.
class DefinitionReader {
 public:
  DefinitionReader(const DefinitionReport& report, const Address& policy)
      : report_(report),
        kind_(policy.type() == "acl" ? "access control policy" : "throttling policy"),
        name_(policy.name()) {}

  Value ratelimit(const Value& written) {
    Value body = written;
    check_keys(body, kRatelimitSchema.fields);
    const std::int64_t api = number(body, "api-limit", true);
    const std::int64_t user = number(body, "user-limit", false);
    const std::int64_t app = number(body, "app-limit", false);
    const std::int64_t ip = number(body, "ip-limit", false);
    at_most(body, "user-limit", user, "api-limit", api);
    at_most(body, "app-limit", app, user != 0 ? "user-limit" : "api-limit", user != 0 ? user : api);
    at_most(body, "ip-limit", ip, "api-limit", api);
    number(body, "interval", true);
    choice(body, "unit", {"SECOND", "MINUTE", "HOUR", "DAY"}, true);
    boolean(body, "shared");
    read_special(body);
    return body;
  }

  Value acl(const Value& written) {
    Value body = written;
    check_keys(body, kAclSchema.fields);
    choice(body, "acl-type", {"PERMIT", "DENY"}, true);
    choice(body, "entity-type", {"IP", "DOMAIN", "DOMAIN_ID"}, false);
    const Value* value = body.find("value");
    if (value != nullptr && value->is_array()) value = joined(body, *value);
    if (value == nullptr || !value->is_string() || value->as_string().empty()) {
      problem(body, value, "value", "a text of addresses with commas between them");
    } else if ((body.find("entity-type") == nullptr || body.text("entity-type") == "IP") &&
               std::count(value->as_string().begin(), value->as_string().end(), ',') >= kMostAddresses) {
      report_("limit", fmt::format("`value` of {} has more than {} addresses.", name_, kMostAddresses),
              "Join some to ranges, or use two policies.", value->mark());
    }
    check_addresses(body);
    return body;
  }

 private:
  /// Addresses, ranges and networks have no other characters.
  void check_addresses(const Value& body) {
    const std::string_view entity = body.text("entity-type");
    const Value* value = body.find("value");
    if (value == nullptr || !value->is_string() || (!entity.empty() && entity != "IP")) return;
    const std::string& text = value->as_string();
    const bool addresses = text.find_first_not_of("0123456789abcdefABCDEF.:/-, ") == std::string::npos &&
                           text.find_first_of("0123456789") != std::string::npos;
    if (!addresses) problem(body, value, "value", "a text of IP addresses with commas between them");
  }

  void check_keys(const Value& body, std::span<const FieldSchema> fields) {
    std::vector<std::string_view> names;
    for (const FieldSchema& field : fields) names.push_back(field.name);
    for (const auto& member : body.members()) {
      if (find_field(fields, member.key) != nullptr) continue;
      const std::string near = did_you_mean(member.key, names);
      report_("key-unknown", fmt::format("`{}` is not a key of the {} {}.", member.key, kind_, name_),
              near.empty() ? fmt::format("Known keys are {}.", fmt::join(names, ", "))
                           : fmt::format("Did you mean `{}`?", near),
              member.key_mark);
    }
  }

  void problem(const Value& holder, const Value* value, std::string_view key, std::string_view wanted) {
    report_("policy-value",
            value == nullptr ? fmt::format("The policy {} has no `{}`.", name_, key)
                             : fmt::format("`{}` of the policy {} is not {}.", key, name_, wanted),
            fmt::format("Write {}.", wanted), value != nullptr ? value->mark() : holder.mark());
  }

  /// A list of addresses is the same as a text with commas.
  static const Value* joined(Value& body, const Value& list) {
    std::vector<std::string> words;
    for (const Value& item : list.items()) words.push_back(item.is_string() ? item.as_string() : write_json(item));
    Value text(fmt::format("{}", fmt::join(words, ",")));
    text.set_mark(list.mark());
    body.set("value", std::move(text));
    return body.find("value");
  }

  /// The number from 1 on; 0 where it is absent or wrong.
  std::int64_t number(Value& holder, std::string_view key, bool needed) {
    const Value* value = holder.find(key);
    if (value == nullptr && !needed) return 0;
    Value read = value != nullptr ? *value : Value();
    if (read.is_string()) {
      if (auto parsed = parse_json(read.as_string()); parsed && parsed->is_integer()) read = *parsed;
    }
    if (!read.is_integer() || read.as_integer() < 1 || read.as_integer() > kHighestLimit) {
      problem(holder, value, key, fmt::format("a whole number from 1 to {}", kHighestLimit));
      return 0;
    }
    read.set_mark(value->mark());
    holder.set(key, read);
    return read.as_integer();
  }

  void at_most(const Value& body, std::string_view key, std::int64_t value, std::string_view above, std::int64_t most) {
    if (value == 0 || most == 0 || value <= most) return;
    report_("policy-limit",
            fmt::format("`{}` of the policy {} is {}, above its `{}` of {}.", key, name_, value, above, most),
            "Lower it; the gateway takes no higher one.", body.find(key)->mark());
  }

  void choice(Value& holder, std::string_view key, std::initializer_list<std::string_view> choices, bool needed) {
    const Value* value = holder.find(key);
    if (value == nullptr && !needed) return;
    std::string word = value != nullptr && value->is_string() ? value->as_string() : "";
    for (char& c : word) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    if (std::find(choices.begin(), choices.end(), word) == choices.end()) {
      problem(holder, value, key, fmt::format("one of {}", fmt::join(choices, ", ")));
      return;
    }
    Value folded(word);
    folded.set_mark(value->mark());
    holder.set(key, std::move(folded));
  }

  void boolean(Value& holder, std::string_view key) {
    const Value* value = holder.find(key);
    if (value == nullptr || value->is_bool()) return;
    if (value->is_string() && (value->as_string() == "true" || value->as_string() == "false")) {
      holder.set(key, value->as_string() == "true");
      return;
    }
    problem(holder, value, key, "true or false");
  }

  void read_special(Value& body) {
    const Value* special = body.find("special");
    if (special == nullptr || special->is_null()) return;
    if (!special->is_array()) return problem(body, special, "special", "a list of maps");
    Value read = *special;
    if (read.items().empty()) return;
    for (Value& item : read.mutable_items()) {
      if (!item.is_object()) {
        problem(body, &item, "special", "a list of maps");
        continue;
      }
      check_keys(item, find_field(kRatelimitSchema.fields, "special")->fields);
      choice(item, "type", {"APP", "USER"}, true);
      number(item, "limit", true);
      if (item.text("instance").empty()) problem(item, item.find("instance"), "instance", "the id of the app or user");
    }
    body.set("special", std::move(read));
  }

  const DefinitionReport& report_;
  std::string_view kind_;
  std::string name_;
};

}  // namespace

bool is_policy_name(std::string_view name) {
  const auto letter = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (static_cast<unsigned char>(c) & 0x80U) != 0;
  };
  const auto characters =
      std::count_if(name.begin(), name.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
  return characters >= 3 && characters <= 64 && letter(name.front()) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '_'; });
}

Value read_definition(const Address& policy, const Value& body, const DefinitionReport& report) {
  if (!is_policy_name(policy.name())) {
    report("policy-name", fmt::format("\"{}\" cannot be the name of a policy.", policy.name()),
           "A name has 3 to 64 letters, digits and _, and starts with a letter.", 0);
  }
  if (!body.is_object()) {
    report("key-shape", fmt::format("The policy {} is not a map.", policy.name()),
           "Write its fields below its name, indented.", body.mark());
    return body;
  }
  DefinitionReader reader(report, policy);
  return policy.type() == "acl" ? reader.acl(body) : reader.ratelimit(body);
}

}  // namespace sluice
