#include "plan/policy_settings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "plan/json.h"

namespace sluice {
namespace {

constexpr std::int64_t kHighestLimit = 2'147'483'647;
constexpr std::ptrdiff_t kMostAddresses = 100;

constexpr Key kRatelimitKeys[] = {{"api-limit"}, {"user-limit"}, {"app-limit"}, {"ip-limit"},
                                  {"interval"},  {"unit"},       {"shared"},    {"special"}};
constexpr Key kSpecialKeys[] = {{"type"}, {"limit"}, {"instance"}};
constexpr Key kAclKeys[] = {{"acl-type"}, {"entity-type"}, {"value"}};

bool is_policy_name(std::string_view name) {
  const auto letter = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (static_cast<unsigned char>(c) & 0x80U) != 0;
  };
  const auto characters =
      std::count_if(name.begin(), name.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
  return characters >= 3 && characters <= 64 && letter(name.front()) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '_'; });
}

/// One policy: its name, and its body with what variables made into texts read as numbers and booleans again.
class PolicyReader {
 public:
  PolicyReader(BlockReader& reader, std::string name) : reader_(reader), name_(std::move(name)) {}

  Value ratelimit(const Value& written) {
    Value body = written;
    reader_.check_keys(body, kRatelimitKeys, fmt::format("the throttling policy {}", name_));
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
    reader_.check_keys(body, kAclKeys, fmt::format("the access control policy {}", name_));
    choice(body, "acl-type", {"PERMIT", "DENY"}, true);
    choice(body, "entity-type", {"IP", "DOMAIN", "DOMAIN_ID"}, false);
    const Value* value = body.find("value");
    if (value != nullptr && value->is_array()) value = joined(body, *value);
    if (value == nullptr || !value->is_string() || value->as_string().empty()) {
      problem(body, value, "value", "a text of addresses with commas between them");
    } else if ((body.find("entity-type") == nullptr || body.text("entity-type") == "IP") &&
               std::count(value->as_string().begin(), value->as_string().end(), ',') >= kMostAddresses) {
      reader_.error("limit", fmt::format("`value` of {} has more than {} addresses.", name_, kMostAddresses),
                    "Join some to ranges, or use two policies.", value->mark());
    }
    return body;
  }

 private:
  void problem(const Value& holder, const Value* value, std::string_view key, std::string_view wanted) {
    reader_.error("policy-value",
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
    reader_.error("policy-limit",
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
      reader_.check_keys(item, kSpecialKeys, "an element of `special`");
      choice(item, "type", {"APP", "USER"}, true);
      number(item, "limit", true);
      if (item.text("instance").empty()) problem(item, item.find("instance"), "instance", "the id of the app or user");
    }
    body.set("special", std::move(read));
  }

  BlockReader& reader_;
  std::string name_;
};

}  // namespace

void read_policies(const Value& root, BlockReader& reader, std::vector<PolicyDefinition>& policies) {
  for (const std::string_view kind : {"ratelimits", "acls"}) {
    const Value* block = reader.block(root, kind);
    if (block == nullptr) continue;
    for (const auto& member : block->members()) {
      if (!is_policy_name(member.key)) {
        reader.error("policy-name", fmt::format("\"{}\" cannot be the name of a policy.", member.key),
                     "A name has 3 to 64 letters, digits and _, and starts with a letter.", member.key_mark);
      }
      if (!member.value.is_object()) {
        reader.error("key-shape", fmt::format("The policy {} is not a map.", member.key),
                     "Write its fields below its name, indented.", member.value.mark());
        continue;
      }
      PolicyReader policy(reader, member.key);
      const bool acl = kind == "acls";
      policies.push_back({acl ? Address::acl(member.key) : Address::ratelimit(member.key),
                          acl ? policy.acl(member.value) : policy.ratelimit(member.value), reader.at(member.key_mark)});
    }
  }
}

void read_external(const Value& root, BlockReader& reader, std::vector<Address>& external) {
  for (const Value& text : reader.read_texts(root, "external")) {
    const auto address = Address::parse(text.as_string());
    const bool policy = address && (address->type() == "ratelimit" || address->type() == "acl");
    if (!policy) {
      reader.error("external-address",
                   fmt::format("\"{}\" is not the address of a throttling or access control policy.", text.as_string()),
                   "Write ratelimit.NAME or acl.NAME.", text.mark());
    } else if (std::find(external.begin(), external.end(), *address) == external.end()) {
      external.push_back(*address);
    }
  }
}

void check_policies_once(const std::vector<PolicyDefinition>& policies, const std::vector<Address>& external,
                         BlockReader& reader) {
  std::map<Address, const PolicyDefinition*> seen;
  for (const PolicyDefinition& policy : policies) {
    const auto [first, fresh] = seen.emplace(policy.address, &policy);
    if (!fresh) {
      reader.report({Severity::Error, "policy-twice", fmt::format("{} is defined twice.", policy.address.text()),
                     fmt::format("It is also at {}; remove one of them.", to_string(first->second->at)), policy.at});
    }
    if (std::find(external.begin(), external.end(), policy.address) != external.end()) {
      reader.report({Severity::Error, "policy-external",
                     fmt::format("{} is defined here, and `external` says that it is not ours.", policy.address.text()),
                     "Take it out of one of the two.", policy.at});
    }
  }
}

}  // namespace sluice
