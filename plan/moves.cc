#include "plan/moves.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "plan/canonical.h"
#include "plan/diff.h"
#include "plan/schema.h"
#include "plan/select.h"
#include "plan/step.h"

namespace sluice {
namespace {

constexpr std::string_view kRule = "api-moved";

using Changes = std::vector<Change*>;

/// What of ours goes and what is made, of a group's APIs; what is linked already is in neither. What is not ours and
/// goes all the same, by `prune: all`, belongs to a creation only where the manifest says so.
struct Candidates {
  Changes gone;
  Changes made;
};

Candidates candidates(GroupDiff& diff, bool with_foreign = false) {
  Candidates found;
  for (Change& change : diff.changes) {
    if (change.address.type() != "api" || change.moved_from || change.moved_to) continue;
    if (change.foreign && !with_foreign) continue;
    if (change.action == Action::Delete) found.gone.push_back(&change);
    if (change.action == Action::Create) found.made.push_back(&change);
  }
  return found;
}

void mark_as_moved(Change& change) {
  change.risk = Risk::Breaking;
  change.rule = kRule;
}

void link(Change& gone, const Address& to) {
  gone.moved_to = to;
  mark_as_moved(gone);
  gone.reason =
      fmt::format("{}. {}",
                  leaves_group(gone) ? "Its id, its app authorizations, its statistics and its group's domain "
                                       "go with it, once the other group serves what takes its place"
                                     : "Its id, its app authorizations and its statistics go with it",
                  gone.reason);
}

void link(Change& gone, Change& made) {
  link(gone, made.address);
  std::string lost;
  for (const auto& [environment, digest] : gone.published) {
    const bool goes_on =
        std::find(made.environments.begin(), made.environments.end(), environment) != made.environments.end();
    if (!goes_on) lost += (lost.empty() ? "" : ", ") + environment;
  }
  if (leaves_group(gone) && !lost.empty())
    gone.reason += fmt::format(" The other group does not publish in {}: nothing serves it there any more.", lost);
  made.moved_from = gone.address;
  mark_as_moved(made);
  made.fields = differences("api", gone.before, made.after);
  std::erase_if(made.fields, [](const FieldChange& field) {  // what its address says
    return field.path == "/method" || field.path == "/path" || field.path == "/x-apigateway-match-mode";
  });
  made.reason = fmt::format("Callers of the other have to move too{}. {}",
                            leaves_group(gone) ? ", also to the domain of this group" : "", made.reason);
}

/// Links the pairs of one key, where exactly one went and one came.
template <typename Key>
void link_by(Candidates found, const Key& key) {
  std::map<std::string, std::pair<Changes, Changes>> by_key;
  for (Change* change : found.gone) by_key[key(change->before)].first.push_back(change);
  for (Change* change : found.made) by_key[key(change->after)].second.push_back(change);
  for (auto& [text, sides] : by_key) {
    auto& [gone, made] = sides;
    if (!text.empty() && gone.size() == 1 && made.size() == 1) link(*gone.front(), *made.front());
  }
}

std::string name_of(const Value& body) { return std::string(body.text("operationId")); }

/// An endpoint without its path, nor the method where it is the API's own.
void leave_out_place(Value& backend, std::string_view method) {
  for (const char* const type :
       {"httpEndpoints", "httpVpcEndpoints", "httpVpcMemberGroupEndpoints", "functionEndpoints", "mockEndpoints"}) {
    const Value* endpoint = backend.find(type);
    if (endpoint == nullptr) continue;
    Value without = *endpoint;
    without.erase("path");
    if (without.text("method") == method) without.erase("method");
    backend.set(type, std::move(without));
  }
}

/// A digest of all but where the API is, what it is called, and where its backend is asked.
std::string kind_of(const Value& body) {
  Value reduced = body;
  const std::string method(body.text("method"));
  for (const char* const member : {"method", "path", "operationId", "x-apigateway-match-mode"}) reduced.erase(member);
  if (const Value* backend = body.find("x-apigateway-backend")) {
    Value without = *backend;
    leave_out_place(without, method);
    reduced.set("x-apigateway-backend", std::move(without));
  }
  return digest_of(reduced, schema_of("api").fields);
}

bool is_named(const MoveRule& rule, const Address& api) {
  const std::string& name = api.name();
  const std::size_t space = name.find(' ');
  std::string_view path = std::string_view(name).substr(space + 1);
  if (path.ends_with(" SWA")) path.remove_suffix(4);
  return matches_operation(rule.operations, std::string_view(name).substr(0, space), path);
}

/// What of a rule's groups it speaks of.
Candidates candidates(const MoveRule& rule, const std::map<std::string, MovingGroup>& groups) {
  Candidates found;
  const auto from = groups.find(rule.from_group);
  const auto to = groups.find(rule.to);
  if (from == groups.end() || to == groups.end()) return found;
  found.gone = candidates(*from->second.diff, true).gone;
  found.made = candidates(*to->second.diff).made;
  std::erase_if(found.gone, [&](const Change* change) { return !is_named(rule, change->address); });
  return found;
}

/// An earlier run may have made the other already: it goes to where the files want it, whether that is a change or not.
void link_to_what_is_there(const MoveRule& rule, const Candidates& found, const MovingGroup& target) {
  std::map<std::string_view, const Address*> by_name;
  for (const auto& [address, resource] : target.desired->resources) {
    if (address.type() == "api") by_name.emplace(resource.body.text("operationId"), &address);
  }
  for (Change* change : found.gone) {
    if (change->moved_to) continue;
    const auto same = target.desired->resources.find(change->address.in_group(rule.to));
    const auto named = by_name.find(change->before.text("operationId"));
    if (same != target.desired->resources.end()) {
      link(*change, same->first);
    } else if (named != by_name.end()) {
      link(*change, *named->second);
    }
  }
}

std::size_t linked_by(const MoveRule& rule, const std::map<std::string, MovingGroup>& groups) {
  const Candidates found = candidates(rule, groups);
  if (found.gone.empty()) return 0;
  std::map<Address, Change*> made;
  for (Change* change : found.made) made.emplace(change->address, change);
  for (Change* change : found.gone) {
    const auto same = made.find(change->address.in_group(rule.to));
    if (same != made.end()) link(*change, *same->second);
  }
  link_by(candidates(rule, groups), name_of);
  link_to_what_is_there(rule, found, groups.at(rule.to));
  return static_cast<std::size_t>(std::count_if(found.gone.begin(), found.gone.end(),
                                                [](const Change* change) { return change->moved_to.has_value(); }));
}

/// Whether --target or --exclude leave out that an API which the rule names goes.
bool is_left_out(const MoveRule& rule, const std::map<std::string, MovingGroup>& groups) {
  const auto from = groups.find(rule.from_group);
  if (from == groups.end()) return false;
  const auto& left_out = from->second.diff->left_out;
  return std::any_of(left_out.begin(), left_out.end(), [&](const Change& change) {
    return change.address.type() == "api" && change.action == Action::Delete && is_named(rule, change.address);
  });
}

/// Whether the target's files have what the rule speaks of.
bool is_wanted(const MoveRule& rule, const std::map<std::string, MovingGroup>& groups) {
  const auto to = groups.find(rule.to);
  if (to == groups.end() || to->second.desired == nullptr) return false;
  const auto& resources = to->second.desired->resources;
  return std::any_of(resources.begin(), resources.end(),
                     [&](const auto& entry) { return entry.first.type() == "api" && is_named(rule, entry.first); });
}

}  // namespace

void link_moves(GroupDiff& diff, const std::set<Address>& leaving) {
  const auto staying = [&] {
    Candidates found = candidates(diff);
    std::erase_if(found.gone, [&](const Change* change) { return leaving.contains(change->address); });
    return found;
  };
  const Candidates found = staying();
  if (found.gone.empty() || found.made.empty()) return;
  link_by(found, name_of);
  link_by(staying(), kind_of);
}

std::set<Address> leaving_apis(const std::vector<MoveRule>& rules, const std::string& group,
                               const std::map<std::string, const DesiredState*>& desired) {
  std::set<Address> leaving;
  for (const MoveRule& rule : rules) {
    const auto target = desired.find(rule.to);
    if (rule.from_group != group || target == desired.end()) continue;
    for (const auto& [address, resource] : target->second->resources) {
      if (address.type() == "api" && is_named(rule, address)) leaving.insert(address.in_group(group));
    }
  }
  return leaving;
}

void link_moves(const std::map<std::string, MovingGroup>& groups, const std::vector<MoveRule>& rules,
                Diagnostics& findings) {
  for (const MoveRule& rule : rules) {
    if (linked_by(rule, groups) > 0 || is_left_out(rule, groups)) continue;
    const bool done = is_wanted(rule, groups);
    findings.push_back(
        {Severity::Warning, "moved-nothing",
         fmt::format("`moved` from {} to group.{} links nothing: {}.", rule.from, rule.to,
                     done ? "the files have such APIs there, and none is to go where they came from"
                          : "no API of that group goes while one of the same method and path, or name, comes"),
         done ? "Take the line out: it has done its work. A group with `prune: none` keeps them."
              : "Correct it, or take it out.",
         rule.at});
  }
}

bool leaves_group(const Change& change) {
  return change.action == Action::Delete && change.moved_to && change.moved_to->group() != change.address.group();
}

void await_arrivals(std::vector<Step>& steps, const std::vector<Change>& changes) {
  std::map<Address, Address> leaving;
  for (const Change& change : changes) {
    if (leaves_group(change)) leaving.emplace(change.address, *change.moved_to);
  }
  if (leaving.empty()) return;
  const auto api_of = [](const Address& address) {
    return address.type() == "publication" ? address.api_of_publication() : address;
  };
  const auto takes_away = [&](const Step& step) {
    return (step.kind == StepKind::Offline || step.kind == StepKind::DeleteApi) &&
           std::any_of(step.predicted.begin(), step.predicted.end(),
                       [&](const Prediction& prediction) { return leaving.contains(api_of(prediction.address)); });
  };
  // What waits goes to the end, so that each step only waits for those before it.
  std::vector<Step> order;
  std::vector<Step> late;
  std::set<std::string> begun;
  for (Step& step : steps) {
    if (takes_away(step)) begun.insert(step.group);
    (begun.contains(step.group) ? late : order).push_back(std::move(step));
  }
  std::move(late.begin(), late.end(), std::back_inserter(order));
  std::map<int, int> numbers;
  for (std::size_t i = 0; i < order.size(); ++i) numbers.emplace(order[i].id, static_cast<int>(i) + 1);
  std::map<Address, int> served_by;  // the last step that does something for an API that is not taken away
  for (Step& step : order) {
    step.id = numbers.at(step.id);
    for (int& id : step.depends_on) id = numbers.at(id);
    if (step.kind == StepKind::Import || step.kind == StepKind::Publish || step.kind == StepKind::Bind) {
      for (const Prediction& prediction : step.predicted) served_by[api_of(prediction.address)] = step.id;
    }
    if (!takes_away(step)) continue;
    std::set<int> awaited(step.depends_on.begin(), step.depends_on.end());
    for (const Prediction& prediction : step.predicted) {
      const auto target = leaving.find(api_of(prediction.address));
      if (target == leaving.end()) continue;
      if (const auto served = served_by.find(target->second); served != served_by.end()) awaited.insert(served->second);
    }
    step.depends_on.assign(awaited.begin(), awaited.end());
  }
  steps = std::move(order);
}

}  // namespace sluice
