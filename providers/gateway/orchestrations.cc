#include "providers/gateway/orchestrations.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "providers/gateway/apis.h"
#include "providers/gateway/fields.h"
#include "providers/gateway/names.h"
#include "providers/gateway/references.h"

namespace sluice::gateway {
namespace {

constexpr std::size_t kMostMappings = 300;
constexpr std::size_t kMostListed = 3000;  ///< mappings times listed values
constexpr std::size_t kLongestText = 128;
constexpr std::int64_t kLongestCut = 100;

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

Value check_mapped_param(const Value& from, std::optional<Fault>& fault) {
  Fields fields(from, fault);
  Value out;
  out.set("mapped_param_name", fields.required("mapped_param_name", kLongestText));
  out.set("mapped_param_type", fields.word("mapped_param_type", {"string", "number"}));
  return out.set("mapped_param_location", fields.word("mapped_param_location", {"query", "header"}));
}

Value check_listed(Fields& fields, bool needed) {
  Value out = Value::array();
  std::set<std::string> seen;
  for (const Value& item : fields.list("map_param_list")) {
    const bool good = item.is_string() && !item.as_string().empty() && length_of(item.as_string()) <= kLongestText;
    if (!good || !seen.insert(item.as_string()).second) {
      fields.report(invalid("map_param_list"));
      return out;
    }
    out.push(item);
  }
  if (needed && out.empty()) fields.report(missing("map_param_list"));
  return out;
}

Value check_range(const Value* from, std::optional<Fault>& fault) {
  if (from == nullptr) {
    if (!fault) fault = missing("map_param_range");
    return {};
  }
  Fields fields(*from, fault);
  Value out;
  out.set("range_start", fields.required("range_start", kLongestText));
  return out.set("range_end", fields.required("range_end", kLongestText));
}

/// One mapping of a rule: what its strategy needs, and the value that comes out.
Value check_mapping(const Value& from, std::string_view strategy, std::optional<Fault>& fault) {
  Fields fields(from, fault);
  Value out;
  const bool cuts = is_one_of(strategy, {"head_n", "tail_n"});
  if (strategy == "list") out.set("map_param_list", check_listed(fields, true));
  if (is_one_of(strategy, {"range", "hash_range"})) {
    out.set("map_param_range", check_range(fields.find("map_param_range"), fault));
  }
  const bool free = cuts || strategy == "hash";
  out.set("mapped_param_value",
          free ? fields.text("mapped_param_value", kLongestText) : fields.required("mapped_param_value", kLongestText));
  if (cuts) out.set("intercept_length", fields.integer("intercept_length", 1, kLongestCut, 0));
  if (cuts && fields.find("intercept_length") == nullptr) fields.report(missing("intercept_length"));
  return out;
}

Value check_mappings(Fields& fields, std::string_view strategy, std::optional<Fault>& fault) {
  const Value::Array& list = fields.list("orchestration_map");
  if (list.size() > kMostMappings) fields.report(invalid("orchestration_map"));
  if (list.empty() && strategy != "hash") fields.report(missing("orchestration_map"));
  Value out = Value::array();
  std::size_t listed = 0;
  for (const Value& item : list) {
    if (!fields.ok()) break;
    Value mapping = check_mapping(item, strategy, fault);
    const Value* values = mapping.find("map_param_list");
    if (values != nullptr) listed = std::max(listed, values->items().size());
    const auto& known = out.items();
    if (std::find(known.begin(), known.end(), mapping) != known.end()) fields.report(invalid("orchestration_map"));
    out.push(std::move(mapping));
  }
  if (list.size() * listed > kMostListed) fields.report(invalid("orchestration_map"));
  return out;
}

Value write_outline(const Policy& rule) {
  Value out;
  out.set("orchestration_id", rule.id).set("orchestration_name", rule.name);
  for (const char* name : {"orchestration_strategy", "orchestration_mapped_param", "is_preprocessing"}) {
    if (const Value* value = rule.body.find(name); value != nullptr) out.set(name, *value);
  }
  out.set("orchestration_create_time", write_time(rule.created));
  return out.set("orchestration_update_time", write_time(rule.updated));
}

Value write_rule(const Policy& rule) {
  Value out = write_outline(rule);
  const Value* map = rule.body.find("orchestration_map");
  return out.set("orchestration_map", map != nullptr ? *map : Value::array());
}

Result<WantedPolicy, Fault> read_wanted(const Session& session, const Call& call, std::string_view self) {
  const auto body = read_body(call);
  if (!body) return body.forward();
  auto wanted = check_orchestration(*body);
  if (!wanted) return wanted.forward();
  const auto free = name_is_free(session.instance, PolicyKind::Orchestration, wanted->name, self);
  if (!free) return free.forward();
  return wanted;
}

Unexpected<Fault> unknown_rule(std::string_view id) { return {unknown_policy(PolicyKind::Orchestration, id)}; }

Value write_user(const Session& session, const Api& api) {
  const Value& d = api.definition;
  const Group* group = session.instance.groups.find(api.group_id);
  Value out;
  out.set("api_id", api.id).set("api_name", d.text("name"));
  for (const char* name : {"req_protocol", "req_method", "req_uri", "auth_type", "match_mode"}) {
    out.set(name, d.text(name));
  }
  out.set("group_id", api.group_id).set("group_name", group != nullptr ? group->name : std::string());
  return out.set("attached_time", write_time(api.updated));
}

}  // namespace

Result<WantedPolicy, Fault> check_orchestration(const Value& body) {
  std::optional<Fault> fault;
  Fields fields(body, fault);
  const std::string name = fields.required("orchestration_name", 64);
  // Rules and environments follow the same rule.
  if (!is_environment_name(name)) fields.report(invalid("orchestration_name"));
  const std::string strategy = fields.word(
      "orchestration_strategy", {"list", "hash", "range", "hash_range", "none_value", "default", "head_n", "tail_n"});
  const bool preprocessing = fields.flag("is_preprocessing", false);
  if (preprocessing && is_one_of(strategy, {"none_value", "default"})) fields.report(invalid("is_preprocessing"));
  Value out;
  out.set("orchestration_strategy", strategy).set("is_preprocessing", preprocessing);
  const Value* param = fields.find("orchestration_mapped_param");
  if (param != nullptr && !param->is_null()) {
    out.set("orchestration_mapped_param", check_mapped_param(*param, fault));
  } else if (!preprocessing) {
    fields.report(missing("orchestration_mapped_param"));
  }
  out.set("orchestration_map", check_mappings(fields, strategy, fault));
  if (fault) return Unexpected<Fault>{*fault};
  return WantedPolicy{name, std::move(out)};
}

Result<Value, Fault> read_orchestrations(const Value& list) {
  if (list.is_null()) return Value::array();
  if (!list.is_array()) return refuse_invalid("orchestrations");
  for (const Value& item : list.items()) {
    if (!item.is_string() || item.as_string().empty()) return refuse_invalid("orchestrations");
  }
  return list;
}

Reply create_orchestration(Session& session, const Call& call) {
  auto wanted = read_wanted(session, call, "");
  if (!wanted) return wanted.forward();
  const auto room = room_for_policy(PolicyKind::Orchestration, session.instance.orchestrations.size());
  if (!room) return room.forward();
  return json_answer(201, write_rule(add_policy(session, PolicyKind::Orchestration, std::move(*wanted))));
}

Reply list_orchestrations(Session& session, const Call& call) {
  const auto rows =
      filtered_policies(session, call, PolicyKind::Orchestration, "orchestration_id", "orchestration_name");
  return list_answer(call, "orchestrations", rows, write_outline);
}

Reply show_orchestration(Session& session, const Call& call) {
  const Policy* rule = session.instance.orchestrations.find(call.ids[0]);
  if (rule == nullptr) return unknown_rule(call.ids[0]);
  return json_answer(200, write_rule(*rule));
}

Reply update_orchestration(Session& session, const Call& call) {
  Policy* rule = session.instance.orchestrations.find(call.ids[0]);
  if (rule == nullptr) return unknown_rule(call.ids[0]);
  auto wanted = read_wanted(session, call, rule->id);
  if (!wanted) return wanted.forward();
  const Value* now = rule->body.find("orchestration_mapped_param");
  const Value* then = wanted->body.find("orchestration_mapped_param");
  if ((now != nullptr ? *now : Value()) != (then != nullptr ? *then : Value())) return refuse("APIG.3713");
  replace_policy(session, *rule, std::move(*wanted));
  return json_answer(200, write_rule(*rule));
}

Reply delete_orchestration(Session& session, const Call& call) {
  if (session.instance.orchestrations.find(call.ids[0]) == nullptr) return unknown_rule(call.ids[0]);
  if (is_referred_to(session.instance, PolicyKind::Orchestration, call.ids[0])) return refuse("APIG.3716");
  erase_policy(session, PolicyKind::Orchestration, call.ids[0]);
  return empty_answer();
}

Reply list_orchestrated_apis(Session& session, const Call& call) {
  if (session.instance.orchestrations.find(call.ids[0]) == nullptr) return unknown_rule(call.ids[0]);
  std::vector<const Api*> rows;
  for (const auto& [number, api] : session.instance.apis.rows()) {
    const bool asked_for =
        passes(call.parameter("api_id"), api.id, true) &&
        passes(call.parameter("api_name"), api.definition.text("name"), is_precise(call, "api_name"));
    if (asked_for && refers(api.definition, PolicyKind::Orchestration, call.ids[0])) rows.push_back(&api);
  }
  return list_answer(call, "apis", rows, [&](const Api& api) { return write_user(session, api); });
}

}  // namespace sluice::gateway
