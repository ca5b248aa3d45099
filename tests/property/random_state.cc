#include "tests/property/random_state.h"

#include <algorithm>
#include <set>

#include "plan/address.h"

namespace sluice::property {
namespace {

constexpr std::string_view kMethods[] = {"GET", "PUT", "POST", "DELETE", "HEAD", "OPTIONS", "PATCH"};
constexpr std::string_view kGroupNames[] = {"alpha", "beta"};

/// Every text below `value` through `change`, which is given its key too.
template <typename Change>
void for_each_text(Value& value, std::string_view key, const Change& change) {
  if (value.is_string()) {
    value = Value(change(key, value.as_string()));
  } else if (value.is_object()) {
    for (auto& member : value.mutable_members()) for_each_text(member.value, member.key, change);
  } else if (value.is_array()) {
    for (Value& item : value.mutable_items()) for_each_text(item, key, change);
  }
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

bool same_place(const Value& a, const Value& b) {
  return a.text("method") == b.text("method") && a.text("path") == b.text("path") &&
         a.text("x-apigateway-match-mode") == b.text("x-apigateway-match-mode");
}

/// The first path segment of an API, which is its own, for another one.
void set_segment(Value& api, const std::string& segment) {
  const std::string path(api.text("path"));
  const std::size_t end = path.find('/', 1);
  api.set("path", "/" + segment + (end == std::string::npos ? "" : path.substr(end)));
}

}  // namespace

Value StateGenerator::api() {
  Value body = bodies_.api();
  const std::string number = std::to_string(++count_);
  set_segment(body, "r" + number);
  body.set("operationId", "op_" + number);
  if (body.text("method") == "ANY") body.set("method", dice_.pick(kMethods));
  return body;
}

RandomGroup StateGenerator::group() {
  RandomGroup group;
  const std::size_t most = dice_.chance(8) ? 12 : 4;
  for (std::size_t left = dice_.below(most + 1); left > 0; --left) group.apis.push_back(api());
  RandomState unused;
  if (dice_.chance(2)) change_responses(unused, group);
  if (dice_.chance(2)) change_environments(unused, group);
  return group;
}

RandomState StateGenerator::first() {
  RandomState state;
  state.groups.emplace("alpha", group());
  if (dice_.chance(3)) state.groups.emplace("beta", group());
  for (std::size_t left = dice_.below(3); left > 0; --left) change_policies(state, state.groups.at("alpha"));
  settle(state);
  return state;
}

RandomState StateGenerator::next(const RandomState& from) {
  static constexpr Move kMoves[] = {&StateGenerator::add,
                                    &StateGenerator::remove,
                                    &StateGenerator::replace,
                                    &StateGenerator::change_fields,
                                    &StateGenerator::change_fields,
                                    &StateGenerator::rename_variable,
                                    &StateGenerator::rename,
                                    &StateGenerator::rotate_names,
                                    &StateGenerator::take_over_name,
                                    &StateGenerator::move_path,
                                    &StateGenerator::move_all,
                                    &StateGenerator::change_method,
                                    &StateGenerator::change_match_mode,
                                    &StateGenerator::move_to_other_group,
                                    &StateGenerator::change_environments,
                                    &StateGenerator::change_description,
                                    &StateGenerator::change_responses,
                                    &StateGenerator::change_policies,
                                    &StateGenerator::change_references};
  if (dice_.chance(12)) return first();
  RandomState state = from;
  if (dice_.chance(12)) state.groups.erase(std::string(dice_.pick(kGroupNames)));
  if (state.groups.empty()) state.groups.emplace(dice_.pick(kGroupNames), group());
  for (std::size_t left = 1 + dice_.below(4); left > 0; --left) {
    auto chosen = state.groups.begin();
    std::advance(chosen, dice_.below(state.groups.size()));
    (this->*dice_.pick(kMoves))(state, chosen->second);
  }
  settle(state);
  return state;
}

Value StateGenerator::foreign_api() {
  Value body = api();
  settle({}, {}, body);
  return body;
}

void StateGenerator::settle(RandomState& state) {
  for (auto& [name, group] : state.groups) {
    std::set<std::string> places;
    std::erase_if(group.apis, [&](const Value& api) {
      return !places.insert(std::string(api.text("method")) + without_variable_names(api.text("path"))).second;
    });
    for (Value& api : group.apis) settle(state, group, api);
  }
}

/// What an API names is there, and nothing that a gateway would not take.
void StateGenerator::settle(const RandomState& state, const RandomGroup& group, Value& api) {
  const auto keep_named = [&](std::string_view field, const std::map<std::string, Value>& known, bool always) {
    const std::string name(api.text(field));
    if (name.empty() || known.contains(name)) return;
    api.erase(field);
    if (known.empty() || (!always && dice_.chance(2))) return;
    auto chosen = known.begin();
    std::advance(chosen, dice_.below(known.size()));
    api.set(field, chosen->first);
  };
  keep_named("x-apigateway-ratelimit", state.ratelimits, false);
  keep_named("x-apigateway-access-control", state.acls, false);
  keep_named("x-apigateway-response", group.responses, false);
  if (group.environments.empty()) {
    for (const char* field : {"x-apigateway-ratelimit", "x-apigateway-access-control", "x-apigateway-plugins"}) {
      api.erase(field);
    }
  }
  const Value* plugins = api.find("x-apigateway-plugins");
  const bool known = plugins != nullptr && std::all_of(plugins->items().begin(), plugins->items().end(), [](auto& one) {
                       return std::any_of(std::begin(kPlugins), std::end(kPlugins),
                                          [&](const auto& plugin) { return Value(plugin.first) == one; });
                     });
  if (plugins != nullptr && !known) {
    Value names = Value::array();
    if (dice_.chance(2)) names.push(dice_.chance(2) ? kPlugins[0].first : kPlugins[2].first);
    if (dice_.chance(2)) names.push(kPlugins[1].first);
    api.set("x-apigateway-plugins", std::move(names));
  }
  const auto fit_backend = [&](Value& backend) {
    if (const Value* channel = backend.find("httpVpcEndpoints")) {
      // The embedded gateway knows no cascades.
      backend.set("httpVpcEndpoints", Value(*channel).set("cascade_flag", false));
    }
    if (const Value* groups = backend.find("httpVpcMemberGroupEndpoints")) {
      Value endpoint = *groups;
      endpoint.set("name", kChannel);
      Value urls = Value::array();
      const Value* given = endpoint.find("memberGroupUrlInfos");
      for (std::size_t i = 0; given != nullptr && i < given->items().size() && i < 2; ++i) {
        urls.push(Value(given->items()[i]).set("name", kMemberGroups[i]));
      }
      backend.set("httpVpcMemberGroupEndpoints", endpoint.set("memberGroupUrlInfos", std::move(urls)));
    }
  };
  if (const Value* found = api.find("x-apigateway-backend")) {
    Value backend = *found;
    fit_backend(backend);
    api.set("x-apigateway-backend", std::move(backend));
  }
  if (const Value* found = api.find("x-apigateway-backend-policies")) {
    Value policies = *found;
    for (Value& policy : policies.mutable_items()) fit_backend(policy);
    api.set("x-apigateway-backend-policies", std::move(policies));
  }
  // What the files leave open stays, and false goes with JSON only.
  const bool base64_is_open = api.find("x-apigateway-is-send-fg-body-base64") == nullptr;
  if (base64_is_open && api.find("x-apigateway-content-type") != nullptr) {
    api.set("x-apigateway-is-send-fg-body-base64", true);
  }
  Value parameters = api.find("parameters") == nullptr ? Value::array() : *api.find("parameters");
  for (Value& parameter : parameters.mutable_items()) {
    const Value* rules = parameter.find("x-apigateway-orchestrations");
    if (rules == nullptr) continue;
    const auto named = [&](std::string_view rule) { return rules->items().front() == Value(rule); };
    if (!rules->items().empty() && (named(kRules[0]) || named(kRules[1]))) continue;
    Value names = Value::array();
    if (dice_.chance(2)) names.push(dice_.pick(kRules));
    parameter.set("x-apigateway-orchestrations", std::move(names));
  }
  api.set("parameters", std::move(parameters));
}

void StateGenerator::add(RandomState&, RandomGroup& group) { group.apis.push_back(api()); }

void StateGenerator::remove(RandomState&, RandomGroup& group) {
  if (group.apis.empty()) return;
  group.apis.erase(group.apis.begin() + static_cast<std::ptrdiff_t>(dice_.below(group.apis.size())));
}

/// Another API of the same name, at the same method and first path segment.
void StateGenerator::replace(RandomState&, RandomGroup& group) {
  if (group.apis.empty()) return;
  Value& old = group.apis[dice_.below(group.apis.size())];
  Value body = api();
  const std::string path(old.text("path"));
  set_segment(body, path.substr(1, path.find('/', 1) - 1));
  body.set("method", *old.find("method")).set("operationId", *old.find("operationId"));
  old = std::move(body);
}

/// Some fields as another API has them, of those that stand for themselves.
void StateGenerator::change_fields(RandomState&, RandomGroup& group) {
  if (group.apis.empty()) return;
  static constexpr std::string_view kFree[] = {"description",
                                               "tags",
                                               "schemes",
                                               "security",
                                               "x-apigateway-request-type",
                                               "x-apigateway-cors",
                                               "x-apigateway-result-normal-sample",
                                               "x-apigateway-result-failure-sample"};
  Value& api = group.apis[dice_.below(group.apis.size())];
  const Value other = this->api();
  for (const std::string_view field : kFree) {
    if (!dice_.chance(3)) continue;
    const Value* value = other.find(field);
    if (value == nullptr) {
      api.erase(field);
    } else {
      api.set(field, *value);
    }
  }
}

void StateGenerator::rename_variable(RandomState&, RandomGroup& group) {
  for (Value& api : group.apis) {
    const std::string path(api.text("path"));
    const std::size_t open = path.find('{');
    if (open == std::string::npos) continue;
    const std::string from = path.substr(open + 1, path.find('}') - open - 1);
    const std::string to = "v" + std::to_string(++count_);
    for_each_text(api, "", [&](std::string_view key, const std::string& text) {
      const bool name = key == "name" || key == "value" || key == "parameter";
      if (name && text == from) return to;
      return key == "path" ? replaced(text, "{" + from + "}", "{" + to + "}") : text;
    });
    return;
  }
}

void StateGenerator::rename(RandomState&, RandomGroup& group) {
  if (group.apis.empty()) return;
  group.apis[dice_.below(group.apis.size())].set("operationId", "op_" + std::to_string(++count_));
}

/// Two names are swapped, or three go round.
void StateGenerator::rotate_names(RandomState&, RandomGroup& group) {
  const std::size_t count = std::min<std::size_t>(group.apis.size(), 2 + dice_.below(2));
  if (count < 2) return;
  const std::string first(group.apis[0].text("operationId"));
  for (std::size_t i = 0; i + 1 < count; ++i) {
    group.apis[i].set("operationId", std::string(group.apis[i + 1].text("operationId")));
  }
  group.apis[count - 1].set("operationId", first);
}

void StateGenerator::take_over_name(RandomState&, RandomGroup& group) {
  if (group.apis.empty()) return;
  Value& doomed = group.apis[dice_.below(group.apis.size())];
  Value heir = api();
  heir.set("operationId", std::string(doomed.text("operationId")));
  doomed = std::move(heir);
}

void StateGenerator::move_path(RandomState&, RandomGroup& group) {
  if (group.apis.empty()) return;
  set_segment(group.apis[dice_.below(group.apis.size())], "m" + std::to_string(++count_));
}

/// Another base path.
void StateGenerator::move_all(RandomState&, RandomGroup& group) {
  for (Value& api : group.apis) {
    const std::string path(api.text("path"));
    api.set("path", path.starts_with("/v2/") ? path.substr(3) : "/v2" + path);
  }
}

void StateGenerator::change_method(RandomState&, RandomGroup& group) {
  if (group.apis.empty()) return;
  Value& api = group.apis[dice_.below(group.apis.size())];
  Value changed = api;
  changed.set("method", dice_.pick(kMethods));
  const bool taken =
      std::any_of(group.apis.begin(), group.apis.end(), [&](const Value& one) { return same_place(one, changed); });
  if (!taken) api = std::move(changed);
}

void StateGenerator::change_match_mode(RandomState&, RandomGroup& group) {
  if (group.apis.empty()) return;
  Value& api = group.apis[dice_.below(group.apis.size())];
  const bool prefix = api.text("x-apigateway-match-mode") == "SWA";
  api.set("x-apigateway-match-mode", prefix ? "NORMAL" : "SWA");
}

void StateGenerator::move_to_other_group(RandomState& state, RandomGroup& group) {
  if (group.apis.empty()) return;
  for (const std::string_view name : kGroupNames) {
    RandomGroup& other = state.groups[std::string(name)];
    if (&other == &group) continue;
    other.apis.push_back(group.apis.back());
    group.apis.pop_back();
    return;
  }
}

void StateGenerator::change_environments(RandomState&, RandomGroup& group) {
  group.environments.clear();
  for (const std::string_view name : kEnvironments) {
    if (dice_.chance(2)) group.environments.emplace_back(name);
  }
}

void StateGenerator::change_description(RandomState&, RandomGroup& group) { group.description = dice_.text(0, 9); }

void StateGenerator::change_responses(RandomState&, RandomGroup& group) {
  const std::string name = "response_" + std::to_string(dice_.below(3));
  if (dice_.chance(3)) {
    group.responses.erase(name);
  } else {
    Value response = bodies_.response();
    if (response.empty()) response.set("THROTTLED", Value::object({{"status", 429, 0}}));
    group.responses[name] = std::move(response);
  }
}

void StateGenerator::change_policies(RandomState& state, RandomGroup&) {
  const std::string number = std::to_string(dice_.below(3));
  if (dice_.chance(2)) {
    state.ratelimits["limit_" + number] = bodies_.ratelimit();
  } else {
    state.acls["list_" + number] = bodies_.acl();
  }
  if (dice_.chance(4)) state.ratelimits.erase("limit_" + std::to_string(dice_.below(3)));
  if (dice_.chance(4)) state.acls.erase("list_" + std::to_string(dice_.below(3)));
}

/// `settle` finds others for these.
void StateGenerator::change_references(RandomState&, RandomGroup& group) {
  for (Value& api : group.apis) {
    for (const char* field : {"x-apigateway-ratelimit", "x-apigateway-access-control", "x-apigateway-response"}) {
      if (dice_.chance(2)) api.set(field, "another");
    }
    if (dice_.chance(2)) api.set("x-apigateway-plugins", Value::array({Value("another")}));
  }
}

}  // namespace sluice::property
