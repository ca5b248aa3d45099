#include "plan/policy_definition.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "plan/diagnostic.h"
#include "plan/json.h"
#include "plan/limits.h"
#include "plan/schema.h"
#include "plan/secrets.h"
#include "plan/words.h"

namespace sluice {
namespace {

constexpr std::int64_t kHighestLimit = 2'147'483'647;
constexpr std::size_t kMostAddresses = 100;
constexpr std::size_t kMostSpecials = 30;  ///< of each kind
constexpr std::size_t kMostHeaders = 10;
constexpr std::int64_t kNoStatus = 444;  ///< means "close the connection" to the gateway's server

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
    read_special(body, api);
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
      return body;
    }
    check_addresses(body);
    return body;
  }

 private:
  void check_addresses(const Value& body) {
    const std::string_view entity = body.text("entity-type");
    const Value* value = body.find("value");
    if (value == nullptr || !value->is_string() || (!entity.empty() && entity != "IP")) return;
    const auto entries = listed_addresses(value->as_string());
    for (const std::string_view entry : entries) {
      if (is_address_entry(entry) || holds_mark(*value)) continue;
      report_("policy-value",
              fmt::format("`value` of the policy {} holds \"{}\", which is not an IP address, network or range.", name_,
                          shown(entry)),
              "Write a text of IP addresses with commas between them, such as 10.0.0.1, 10.0.0.0/8 or "
              "10.0.0.1-10.0.0.9.",
              value->mark());
      return;
    }
    if (entries.empty()) return problem(body, value, "value", "a text of IP addresses with commas between them");
    if (entries.size() > kMostAddresses) {
      report_(
          "limit",
          fmt::format("`value` of {} has {} addresses; the gateway takes {}.", name_, entries.size(), kMostAddresses),
          "Join some to ranges, or use two policies.", value->mark());
    }
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

  void read_special(Value& body, std::int64_t most) {
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
      const std::int64_t limit = number(item, "limit", true);
      if (limit > most && most != 0) {
        report_("policy-limit",
                fmt::format("`limit` in `special` of the policy {} is {}, above its `api-limit` of {}.", name_, limit,
                            most),
                "Lower it; the gateway takes no higher one.", item.find("limit")->mark());
      }
      if (item.text("instance").empty()) problem(item, item.find("instance"), "instance", "the id of the app or user");
    }
    check_twins(read);
    body.set("special", std::move(read));
  }

  void check_twins(const Value& special) {
    std::map<std::string_view, std::size_t> counts;
    std::set<std::pair<std::string_view, std::string_view>> seen;
    for (const Value& item : special.items()) {
      const std::string_view type = item.text("type");
      if (type.empty() || item.text("instance").empty()) continue;
      if (!seen.emplace(type, item.text("instance")).second) {
        report_("policy-value",
                fmt::format("`special` of the policy {} names the {} {} twice.", name_, type == "APP" ? "app" : "user",
                            shown(item.text("instance"))),
                "Keep one of the two.", item.mark());
      }
      if (++counts[type] != kMostSpecials + 1) continue;
      report_("limit",
              fmt::format("`special` of the policy {} names more than {} of the type {}.", name_, kMostSpecials, type),
              "Leave some out, or use two policies.", item.mark());
    }
  }

  const DefinitionReport& report_;
  std::string_view kind_;
  std::string name_;
};

/// One group response: what the table and the reference say of each kind of error.
class ResponseChecker {
 public:
  ResponseChecker(const Address& response, const DefinitionReport& report) : name_(response.name()), report_(report) {}

  void run(const Value& body) {
    if (!is_response_name(name_)) {
      report_("response-name", fmt::format("\"{}\" cannot be the name of a response.", shown(name_)),
              "A name has 1 to 64 letters, digits, - and _.", 0);
    }
    for (const auto& member : body.members()) {
      if (find_field(kResponseSchema.fields, member.key) == nullptr) {
        unknown_type(member);
      } else if (!member.value.is_object()) {
        problem(member.key, "is not a map", "Give `status` and `body` below it.", member.value.mark());
      } else {
        check(member.key, member.value);
      }
    }
  }

 private:
  void problem(std::string_view field, std::string_view what, std::string detail, std::uint32_t mark) {
    report_("response-value", fmt::format("`{}` of the response {} {}.", field, shown(name_), what), std::move(detail),
            mark);
  }

  void unknown_type(const Value::Member& member) {
    std::vector<std::string_view> types;
    for (const FieldSchema& field : kResponseSchema.fields) types.push_back(field.name);
    const std::string near = did_you_mean(member.key, types);
    report_("response-type",
            fmt::format("The response {} names the error \"{}\", which the gateway does not know.", shown(name_),
                        shown(member.key)),
            near.empty() ? "THROTTLED and AUTH_FAILURE are two that it knows." : fmt::format("Did you mean {}?", near),
            member.key_mark);
  }

  void check(std::string_view type, const Value& definition) {
    const auto& known = find_field(kResponseSchema.fields, type)->fields;
    for (const auto& member : definition.members()) {
      if (find_field(known, member.key) != nullptr) continue;
      problem(type, fmt::format("has the unknown member `{}`", shown(member.key)),
              "Known are status, body and headers.", member.key_mark);
    }
    check_status(type, definition.find("status"), find_field(known, "status")->range);
    check_body(type, definition.find("body"));
    check_headers(type, definition.find("headers"));
  }

  void check_status(std::string_view type, const Value* status, const Range& range) {
    if (status == nullptr || status->is_null()) return;
    Value number = *status;
    if (number.is_string()) {
      if (auto read = parse_json(number.as_string()); read) number = *read;
    }
    const bool taken = number.is_integer() && number.as_integer() >= range.lowest &&
                       number.as_integer() <= range.highest && number.as_integer() != kNoStatus;
    if (taken) return;
    problem(fmt::format("{}/status", type), "is not a status that the gateway takes",
            fmt::format("Write a number from {} to {}, but not {}.", range.lowest, range.highest, kNoStatus),
            status->mark());
  }

  void check_body(std::string_view type, const Value* body) {
    if (body == nullptr || body->is_null() || body->is_string()) return;
    for (const auto& member : body->members()) {
      const std::size_t slash = member.key.find('/');
      const bool named = slash != std::string::npos && slash > 0 && slash + 1 < member.key.size();
      if (named) continue;
      problem(fmt::format("{}/body", type), fmt::format("names \"{}\", which is not a media type", shown(member.key)),
              "Write it as `body: {\"application/json\": TEXT}`.", member.key_mark);
    }
    const bool by_media_type =
        body->is_object() && std::all_of(body->members().begin(), body->members().end(),
                                         [](const auto& member) { return member.value.is_string(); });
    if (by_media_type && body->members().size() <= 1) return;
    problem(fmt::format("{}/body", type),
            by_media_type ? "has several media types, and the gateway keeps one"
                          : "is not a map from a media type to a text",
            "Write it as `body: {\"application/json\": TEXT}`.", body->mark());
  }

  void check_headers(std::string_view type, const Value* headers) {
    if (headers == nullptr || headers->is_null()) return;
    const std::string field = fmt::format("{}/headers", type);
    if (!headers->is_array()) {
      return problem(field, "is not a list", "Write it as `headers: [{key: NAME, value: TEXT}]`.", headers->mark());
    }
    if (headers->items().size() > kMostHeaders) {
      problem(field, fmt::format("holds more than {} headers", kMostHeaders), "Leave some out.", headers->mark());
    }
    for (const Value& header : headers->items()) {
      if (!header.text("key").empty() && !header.text("value").empty()) continue;
      problem(field, "holds one without `key` or `value`", "Write both, as texts.", header.mark());
    }
  }

  std::string name_;
  const DefinitionReport& report_;
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

void check_response_definition(const Address& response, const Value& body, const DefinitionReport& report) {
  ResponseChecker(response, report).run(body);
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
