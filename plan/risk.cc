#include "plan/risk.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "plan/canonical.h"
#include "plan/check.h"
#include "plan/risk_policies.h"
#include "plan/select.h"
#include "plan/words.h"

namespace sluice {
namespace {

using Rules = std::vector<std::string_view>;

const Value kNothing = {};

const Value& member(const Value& object, std::string_view name) {
  const Value* value = object.find(name);
  return value == nullptr ? kNothing : *value;
}

bool says(const Value& object, std::string_view name, const Value& value) { return member(object, name) == value; }

bool is_none(const Value& value) { return value.is_null() || value == Value("") || value == Value(0); }

/// One side of a field: its value, and what it stands in, from the whole body down to the object it is a member of.
struct Side {
  Value value;
  std::vector<const Value*> around;
  const Value& body() const { return *around.front(); }
  /// Of an element of a list, the element itself.
  const Value& object() const { return *around.back(); }
  /// The backend or backend policy, of what is in one.
  const Value& backend() const { return around.size() < 2 ? kNothing : *around[1]; }
};

/// A field that differs, where the table has it.
struct Spot {
  const FieldSchema* schema = nullptr;  ///< the list, of an element
  bool element = false;
  std::string_view pointer;
  Side before;
  Side after;
};

std::string unescaped(std::string_view token) { return replaced(replaced(std::string(token), "~1", "/"), "~0", "~"); }

/// The element of a keyed list; the case of header names does not count.
const Value& element_of(const Value& list, const FieldSchema& schema, const std::string& key) {
  for (const Value& item : list.items()) {
    const std::string own = element_key(item, schema);
    if (own == key || (item.text("in") == "header" && lower(own) == lower(key))) return item;
  }
  return kNothing;
}

/// Follows a pointer through a table and through both bodies.
Spot locate(std::span<const FieldSchema> fields, std::string_view pointer, const Value& before, const Value& after) {
  Spot spot{.pointer = pointer, .before = {{}, {&before}}, .after = {{}, {&after}}};
  const FieldSchema* list = nullptr;
  while (!pointer.empty()) {
    const std::size_t end = std::min(pointer.find('/', 1), pointer.size());
    const std::string token = unescaped(pointer.substr(1, end - 1));
    pointer.remove_prefix(end);
    if (list != nullptr) {
      spot.schema = list;
      spot.element = true;
      for (Side* side : {&spot.before, &spot.after})
        side->around.push_back(&element_of(member(side->object(), list->name), *list, token));
      fields = list->fields;
      list = nullptr;
      continue;
    }
    spot.schema = find_field(fields, token);
    spot.element = false;
    if (spot.schema == nullptr) return spot;
    if (pointer.empty()) break;
    if (spot.schema->kind == FieldKind::KeyedList) {
      list = spot.schema;
      continue;
    }
    fields = spot.schema->fields;
    for (Side* side : {&spot.before, &spot.after}) side->around.push_back(&member(side->object(), spot.schema->name));
  }
  return spot;
}

/// The variables of a path, in their order.
std::vector<std::string> variables_of(std::string_view path) {
  std::vector<std::string> names;
  for (std::size_t open = path.find('{'); open != std::string_view::npos; open = path.find('{', open + 1)) {
    const std::size_t close = path.find('}', open);
    if (close == std::string_view::npos) break;
    names.emplace_back(path.substr(open + 1, close - open - 1));
  }
  return names;
}

/// Where a value for the backend comes from, whatever the variables of the API's path are called.
std::string source_of(const Value& mapping, const Value& api) {
  const std::string_view value = mapping.text("value");
  if (mapping.text("origin") == "REQUEST") {
    const std::vector<std::string> names = variables_of(api.text("path"));
    const auto at = std::find(names.begin(), names.end(), value);
    if (at != names.end()) return fmt::format("variable {}", at - names.begin());
  }
  return fmt::format("{} {}", mapping.text("origin"), value);
}

/// A path of a backend with the source of each variable in the variable's place.
std::string resolved_path(std::string_view path, const Value& backend, const Value& api) {
  std::string resolved = without_variable_names(path);
  for (const std::string& name : variables_of(path)) {
    const auto& mappings = member(backend, "parameters").items();
    const auto mapping = std::find_if(mappings.begin(), mappings.end(), [&](const Value& item) {
      return item.text("in") == "path" && item.text("name") == name;
    });
    resolved += " <- " + (mapping == mappings.end() ? name : source_of(*mapping, api));
  }
  return resolved;
}

std::string resolved_paths(const Value& backend, const Value& api) {
  std::string all;
  const auto add = [&](const Value& endpoint) { all += resolved_path(endpoint.text("path"), backend, api); };
  for (const auto& [type, name] : kEndpoints) {
    const Value& endpoint = member(backend, name);
    add(endpoint);
    for (const Value& url : member(endpoint, "memberGroupUrlInfos").items()) add(url);
  }
  return all;
}

bool has_all(const Value& values, const Value& wanted) {
  return std::all_of(wanted.items().begin(), wanted.items().end(), [&](const Value& item) {
    return std::find(values.items().begin(), values.items().end(), item) != values.items().end();
  });
}

// Each judge looks at one field that differs, and names the rules that it falls under.

/// Mappings that stay as they are and take their value from another variable of the path: two have changed places.
bool fills_otherwise(const Value& before, const Value& after, const Spot& spot) {
  const auto& former = member(before, "parameters").items();
  const auto& mappings = member(after, "parameters").items();
  return std::any_of(mappings.begin(), mappings.end(), [&](const Value& mapping) {
    return std::find(former.begin(), former.end(), mapping) != former.end() &&
           source_of(mapping, spot.before.body()) != source_of(mapping, spot.after.body());
  });
}

void judge_protocol(const Spot& spot, Rules& rules) {
  const Value& before = spot.before.value;
  const Value& after = spot.after.value;
  if (!has_all(after, before)) rules.emplace_back("protocol-removed");
  const Value http = Value::array({Value("http")});
  if (has_all(after, http) && !has_all(before, http)) rules.emplace_back("protocol-opened");
}

/// Type, app code and authorizer say together who may call, so each of them is judged as all.
void judge_auth(const Spot& spot, Rules& rules) {
  const Value& before = member(spot.before.body(), "security");
  const Value& after = member(spot.after.body(), "security");
  const auto type_of = [](const Value& security) {
    const std::string_view type = security.text("type");
    return type.empty() ? std::string_view("NONE") : type;
  };
  if (type_of(before) != type_of(after)) {
    rules.emplace_back(type_of(after) == "NONE" ? "auth-weakened" : "auth-changed");
  } else if (before.text("authorizer") != after.text("authorizer")) {
    rules.emplace_back("auth-changed");
  } else if (before.text("app_code") != after.text("app_code")) {  // a code instead of a signature is easier
    rules.emplace_back(after.text("app_code").empty() ? "auth-changed" : "auth-weakened");
  }
}

void judge_param_type(const Value& before, const Value& after, Rules& rules) {
  const bool was_any = is_none(before) || before == Value("string");
  if (was_any && !is_none(after) && after != Value("string")) rules.emplace_back("param-type-narrowed");
}

void judge_enum(const Value& before, const Value& after, Rules& rules) {
  const bool narrowed = !after.items().empty() && (before.items().empty() || !has_all(after, before));
  if (narrowed) rules.emplace_back("enum-narrowed");
}

void judge_limit(const Value& before, const Value& after, bool lowest, Rules& rules) {
  if (!after.is_number()) return;
  const bool narrowed =
      !before.is_number() || (lowest ? after.as_number() > before.as_number() : after.as_number() < before.as_number());
  if (narrowed) rules.emplace_back("param-limits-changed");
}

/// All that says which values a parameter takes.
void judge_values(const Value& before, const Value& after, Rules& rules) {
  judge_param_type(member(before, "type"), member(after, "type"), rules);
  judge_enum(member(before, "enum"), member(after, "enum"), rules);
  for (const std::string_view name : {"minimum", "minLength"})
    judge_limit(member(before, name), member(after, name), true, rules);
  for (const std::string_view name : {"maximum", "maxLength"})
    judge_limit(member(before, name), member(after, name), false, rules);
}

/// What the variable of the path was called that is now `name`; "" where there was none.
std::string former_name(const Spot& spot, std::string_view name) {
  const std::vector<std::string> names = variables_of(spot.after.body().text("path"));
  const std::vector<std::string> former = variables_of(spot.before.body().text("path"));
  const auto at = static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
  return at < former.size() ? former[at] : std::string();
}

const Value& path_parameter(const Value& api, std::string_view name) {
  for (const Value& parameter : member(api, "parameters").items()) {
    if (parameter.text("in") == "path" && parameter.text("name") == name) return parameter;
  }
  return kNothing;
}

/// Another name of a variable is judged with its parameter and mappings; here, names that change places.
void judge_path(const Spot& spot, Rules& rules) {
  rules.emplace_back("path-changed");
  const Value& before = spot.before.body();
  const Value& after = spot.after.body();
  for (const std::string& name : variables_of(after.text("path"))) {
    const std::string former = former_name(spot, name);
    const Value& own = path_parameter(after, name);
    if (former != name && !own.is_null() && !path_parameter(before, name).is_null())
      judge_values(path_parameter(before, former), own, rules);
  }
  constexpr std::string_view kPolicies = "x-apigateway-backend-policies";
  bool otherwise = fills_otherwise(member(before, "x-apigateway-backend"), member(after, "x-apigateway-backend"), spot);
  for (const Value& policy : member(after, kPolicies).items()) {
    for (const Value& same : member(before, kPolicies).items()) {
      otherwise = otherwise || (same.text("name") == policy.text("name") && fills_otherwise(same, policy, spot));
    }
  }
  if (otherwise) rules.emplace_back("backend-request-changed");
}

/// A parameter that appears or goes. A path parameter comes and goes with the name of its variable: it is compared with
/// the one in the same place of the path.
void judge_parameter(const Spot& spot, Rules& rules) {
  const Value& before = spot.before.value;
  const Value& after = spot.after.value;
  if (after.is_null() && before.text("in") != "path") rules.emplace_back("param-removed");
  if (after.is_null()) return;
  if (after.text("in") != "path") {
    if (says(after, "required", true)) rules.emplace_back("param-required-added");
    return;
  }
  const Value& former = path_parameter(spot.before.body(), former_name(spot, after.text("name")));
  if (!former.is_null()) judge_values(former, after, rules);
}

void judge_required(const Spot& spot, Rules& rules) {
  if (spot.after.value == Value(true) && spot.after.object().text("in") != "path")
    rules.emplace_back("param-required-added");
}

/// Nobody leaves out what is required, before or from now on.
void judge_default(const Spot& spot, Rules& rules) {
  const bool optional = !says(spot.before.object(), "required", true) && !says(spot.after.object(), "required", true);
  if (optional) rules.emplace_back("param-default-changed");
}

void judge_range(const Spot& spot, Rules& rules) {
  judge_limit(spot.before.value, spot.after.value, spot.schema->name.starts_with("min"), rules);
}

void judge_backend_path(const Spot& spot, Rules& rules) {
  const auto resolved = [](const Side& side) {
    return resolved_path(side.value.is_string() ? side.value.as_string() : "", side.backend(), side.body());
  };
  if (resolved(spot.before) != resolved(spot.after)) rules.emplace_back("backend-moved");
}

/// What is mapped besides does no harm to calls; what fills a variable counts by what the path becomes.
void judge_mapping(const Spot& spot, Rules& rules) {
  const Value& before = spot.before.object();
  const Value& after = spot.after.object();
  if (before.is_null()) return;
  const auto paths = [](const Side& side) { return resolved_paths(side.backend(), side.body()); };
  const bool same = before.text("in") == "path" ? paths(spot.before) == paths(spot.after)
                                                : !after.is_null() && source_of(before, spot.before.body()) ==
                                                                          source_of(after, spot.after.body());
  if (!same) rules.emplace_back("backend-request-changed");
}

void judge_timeout(const Spot& spot, Rules& rules) {
  const Value& before = spot.before.value;
  const Value& after = spot.after.value;
  if (before.is_number() && after.is_number() && after.as_number() < before.as_number())
    rules.emplace_back("timeout-lowered");
}

void judge_invocation(const Spot& spot, Rules& rules) {
  rules.emplace_back(spot.after.value == Value("async") ? "made-async" : "response-changed");
}

void judge_visibility(const Spot& spot, Rules& rules) {
  rules.emplace_back(spot.after.value == Value("private") ? "made-private" : "made-public");
}

void judge_cors(const Spot& spot, Rules& rules) {
  rules.emplace_back(spot.after.value == Value(true) ? "cors-opened" : "cors-closed");
}

void judge_plugins(const Spot& spot, Rules& rules) {
  if (!has_all(spot.after.value, spot.before.value)) rules.emplace_back("plugin-removed");
  if (!has_all(spot.before.value, spot.after.value)) rules.emplace_back("plugin-added");
}

void add_throttle(const Tightness& tightness, Rules& rules) {
  if (tightness.tightened) rules.emplace_back("throttle-tightened");
  if (tightness.loosened) rules.emplace_back("throttle-loosened");
}

void add_access(const Tightness& tightness, Rules& rules) {
  if (tightness.tightened) rules.emplace_back("acl-tightened");
  if (tightness.loosened) rules.emplace_back("acl-loosened");
}

void judge_throttle(const Spot& spot, Rules& rules) {
  add_throttle(compare_ratelimits(spot.before.body(), spot.after.body(), spot.pointer), rules);
}

void judge_access(const Spot& spot, Rules& rules) {
  add_access(compare_acls(spot.before.body(), spot.after.body()), rules);
}

/// What a field of the tables is judged on; a field without one is safe for callers.
struct Topic {
  std::string_view name;
  void (*judge)(const Spot& spot, Rules& rules) = nullptr;
  std::string_view rule = {};  ///< of what is under this rule whenever it changes
};

constexpr Topic kTopics[] = {
    {"path", judge_path},
    {"protocol", judge_protocol},
    {"auth", judge_auth},
    {"parameter", judge_parameter},
    {"param-type",
     [](const Spot& spot, Rules& rules) { judge_param_type(spot.before.value, spot.after.value, rules); }},
    {"param-required", judge_required},
    {"param-default", judge_default},
    {"param-enum", [](const Spot& spot, Rules& rules) { judge_enum(spot.before.value, spot.after.value, rules); }},
    {"param-range", judge_range},
    {"pass-through", nullptr, "pass-through-changed"},
    {"backend", nullptr, "backend-moved"},
    {"backend-path", judge_backend_path},
    {"backend-auth", nullptr, "backend-auth-changed"},
    {"backend-request", nullptr, "backend-request-changed"},
    {"mapping", judge_mapping},
    {"timeout", judge_timeout},
    {"retries", nullptr, "retries-changed"},
    {"invocation", judge_invocation},
    {"visibility", judge_visibility},
    {"cors", judge_cors},
    {"content-type", nullptr, "content-type-changed"},
    {"response", nullptr, "response-changed"},
    {"plugins", judge_plugins},
    {"throttle", judge_throttle},
    {"access", judge_access},
};

class Judge {
 public:
  Judge(Plan& plan, const Judging& judging) : plan_(plan), judging_(judging) {
    for (const Change& change : plan.changes) {
      const bool policy = change.address.type() == "ratelimit" || change.address.type() == "acl";
      if (policy && change.prevented_by.empty()) changed_.emplace(change.address, &change);
    }
  }

  void run() {
    for (Change& change : plan_.changes) {
      if (change.prevented_by.empty()) judge_change(change);
    }
    for (Change& change : plan_.drift) judge_fields(change);
    report_expired();
  }

 private:
  void judge_change(Change& change) {
    judge_fields(change);
    const std::string& type = change.address.type();
    if (change.action == Action::Delete && change.rule.empty()) {
      change.rule = type == "api" ? "api-removed" : type == "publication" ? "unpublished" : "";
    }
    if (!change.rule.empty()) judge_rule(change);
    if (change.action == Action::Delete) return;
    for (const FieldChange& field : change.fields) {
      const bool worse = std::pair(field.risk, field.accepted.risk) > std::pair(change.risk, change.accepted.risk);
      if (field.rule.empty() || (!worse && !change.rule.empty())) continue;
      change.rule = field.rule;
      change.risk = field.risk;
      change.accepted = field.accepted;
    }
  }

  /// Of what it is as a whole. What moved is accepted under either of its addresses.
  void judge_rule(Change& change) const {
    auto [rule, risk, accepted] = worst(change.address, {change.rule});
    if (const auto& other = change.moved_from ? change.moved_from : change.moved_to) {
      const auto [same, there, reason] = worst(*other, {change.rule});
      if (there < risk) std::tie(risk, accepted) = std::pair(there, reason);
    }
    change.risk = risk;
    change.accepted = accepted;
  }

  /// Publications are judged as the APIs that they serve.
  void judge_fields(Change& change) const {
    const bool publication = change.address.type() == "publication";
    const TypeSchema& schema = publication ? kApiSchema : schema_of(change.address.type());
    for (FieldChange& field : change.fields) {
      Spot spot = locate(schema.fields, field.path, change.before, change.after);
      spot.before.value = field.before;
      spot.after.value = field.after;
      std::tie(field.rule, field.risk, field.accepted) = worst(change.address, rules_of(spot));
    }
  }

  Rules rules_of(const Spot& spot) const {
    Rules rules;
    if (spot.schema == nullptr || spot.schema->rule.empty()) return rules;
    const std::string_view name = spot.schema->rule;
    if (name == "bound-ratelimit") {
      const auto compare = [](const Value& before, const Value& after) { return compare_ratelimits(before, after); };
      add_throttle(compare_bound(spot, &Address::ratelimit, compare), rules);
      return rules;
    }
    if (name == "bound-acl") {
      add_access(compare_bound(spot, &Address::acl, compare_acls), rules);
      return rules;
    }
    const auto* topic =
        std::find_if(std::begin(kTopics), std::end(kTopics), [&](const Topic& other) { return other.name == name; });
    check(topic != std::end(kTopics), "a field of a table is judged on what no rule looks at");
    if (topic->judge != nullptr) {
      topic->judge(spot, rules);
    } else {
      rules.push_back(topic->rule);
    }
    return rules;
  }

  /// What an API was bound to, and what it will be bound to. A policy that is not known may let through less.
  template <typename Compare>
  Tightness compare_bound(const Spot& spot, Address (*address_of)(std::string_view), const Compare& compare) const {
    if (is_none(spot.after.value)) return {false, true};
    if (is_none(spot.before.value)) return {true, false};
    const auto definition = [&](const Value& name, bool planned) -> const Value* {
      const Address address = address_of(name.is_string() ? name.as_string() : "");
      const auto changed = changed_.find(address);
      if (planned && changed != changed_.end()) return &changed->second->after;
      const auto live = judging_.policies.find(address);
      return live == judging_.policies.end() ? nullptr : &live->second.body;
    };
    const Value* before = definition(spot.before.value, false);
    const Value* after = definition(spot.after.value, true);
    return before != nullptr && after != nullptr ? compare(*before, *after) : Tightness{true, false};
  }

  /// The gravest of the rules, by what the manifest says of them here.
  std::tuple<std::string, Risk, Acceptance> worst(const Address& address, const Rules& rules) const {
    std::tuple<std::string, Risk, Acceptance> found;
    auto& [id, risk, accepted] = found;
    for (const std::string_view rule : rules) {
      if (rule.empty()) continue;
      const Risk own = severity_of(address, rule);
      const AcceptedRisk* exception = own == Risk::Safe ? nullptr : acceptance_of(address, rule);
      const Acceptance taken =
          exception == nullptr ? Acceptance() : Acceptance{own, exception->reason, exception->until};
      const Risk counts = exception == nullptr ? own : Risk::Safe;
      if (!id.empty() && std::pair(counts, taken.risk) <= std::pair(risk, accepted.risk)) continue;
      id = rule;
      risk = counts;
      accepted = taken;
    }
    return found;
  }

  const RiskSettings& settings_of(const Address& address) const {
    static const RiskSettings none;
    const auto at = judging_.settings.find(address.group());
    return at == judging_.settings.end() ? none : at->second;
  }

  Risk severity_of(const Address& address, std::string_view rule) const {
    const RiskSettings& settings = settings_of(address);
    const auto own = settings.severity.find(rule);
    if (own != settings.severity.end()) return own->second;
    const RiskRule* row = find_risk_rule(rule);
    return row == nullptr ? Risk::Safe : row->severity;
  }

  const AcceptedRisk* acceptance_of(const Address& address, std::string_view rule) const {
    for (const AcceptedRisk& entry : settings_of(address).accept) {
      if (entry.rule == rule && !is_past(entry) && concerns(entry, address)) return &entry;
    }
    return nullptr;
  }

  bool is_past(const AcceptedRisk& entry) const {
    return !entry.until.empty() && !judging_.today.empty() && judging_.today > entry.until;
  }

  static bool concerns(const AcceptedRisk& entry, const Address& address) {
    if (entry.api.empty()) return true;
    if (address.type() != "api" && address.type() != "publication") return false;
    std::string_view name = address.name();
    if (name.ends_with(" SWA")) name.remove_suffix(4);
    const std::size_t space = name.find(' ');
    return matches_operation(entry.api, name.substr(0, space), name.substr(space + 1));
  }

  /// `defaults` are in every group's settings, so that an entry of theirs is told once.
  void report_expired() {
    std::set<std::tuple<std::string, int, int>> told;
    for (const auto& [group, settings] : judging_.settings) {
      for (const AcceptedRisk& entry : settings.accept) {
        if (!is_past(entry) || !told.emplace(entry.at.file, entry.at.line, entry.at.column).second) continue;
        plan_.findings.push_back({Severity::Warning, "risk-accept-expired",
                                  fmt::format("The risk {}{} was accepted until {}, which is past: it counts again.",
                                              entry.rule, entry.api.empty() ? "" : " of " + entry.api, entry.until),
                                  "Give it a later date, or take the entry out.", entry.at});
      }
    }
  }

  Plan& plan_;
  const Judging& judging_;
  std::map<Address, const Change*> changed_;  ///< policies
};

}  // namespace

void judge(Plan& plan, const Judging& judging) { Judge(plan, judging).run(); }

}  // namespace sluice
