#include "plan/targets.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "plan/drift.h"
#include "plan/ownership.h"
#include "plan/policies.h"

namespace sluice {
namespace {

/// What every address of a kind in this group begins with.
std::string front_of(std::string_view type, const std::string& group) {
  return std::string(type) + Address::group(group).text().substr(std::string_view("group").size());
}

/// Whether the glob may match a text that begins with `front` and goes on.
bool may_begin(std::string_view glob, std::string_view front) {
  // The shortest pieces of the glob that could have read all of `front`; what is left of it matches some text.
  for (std::size_t length = 0; length <= glob.size(); ++length) {
    if (matches_glob(glob.substr(0, length), front)) return true;
  }
  return false;
}

/// Whether the glob matches every text that begins with `front`.
bool covers(std::string_view glob, std::string_view front) { return glob.ends_with("**") && matches_glob(glob, front); }

bool any_names(const std::vector<std::string>& globs, const Address& address) {
  const auto any = [&](const Address& named) {
    return std::any_of(globs.begin(), globs.end(), [&](const std::string& glob) { return names(glob, named); });
  };
  if (globs.empty()) return false;
  if (any(address)) return true;
  if (address.type() == "publication" && any(address.api_of_publication())) return true;
  return !address.group().empty() && any(Address::group(address.group()));
}

std::optional<std::string> nothing_named(std::string_view flag, const std::string& glob,
                                         const std::set<Address>& known) {
  const bool any =
      std::any_of(known.begin(), known.end(), [&](const Address& address) { return any_names({glob}, address); });
  if (any) return std::nullopt;
  std::string near;
  std::vector<std::string> texts;
  for (const Address& address : known) {
    if (address.type() == "group" && address.name() == glob) near = address.text();
    texts.push_back(address.text());
  }
  if (near.empty()) near = did_you_mean(glob, std::vector<std::string_view>(texts.begin(), texts.end()));
  return fmt::format(
      "--{} {} names nothing in the files, the state or what was looked at.{} `sluice plan --all` lists "
      "the addresses.",
      flag, glob, near.empty() ? "" : fmt::format(" Did you mean {}?", near));
}

bool sets(const Change& change) { return change.action == Action::Create || change.action == Action::Update; }

/// Takes a deletion out of `diff.changes`, which is used by what is left out.
void leave_behind(GroupDiff& diff, const Address& address, std::string note, Scope& scope) {
  const auto at = std::find_if(diff.changes.begin(), diff.changes.end(),
                               [&](const Change& change) { return change.address == address; });
  diff.left_out.push_back(std::move(*at));
  diff.changes.erase(at);
  ++scope.left_out;
  if (!note.empty()) scope.notes.push_back(std::move(note));
}

const Change* find_change(const std::vector<Change>& changes, const Address& address) {
  const auto at =
      std::find_if(changes.begin(), changes.end(), [&](const Change& change) { return change.address == address; });
  return at == changes.end() ? nullptr : &*at;
}

/// Takes out what the targets do not mean, but for changes; what the base knows of others stays known.
void drop_rows(GroupDiff& diff, const Targets& targets, const Baseline& base) {
  const auto is_out = [&](const Address& address) { return !targets.includes(address); };
  const auto row_is_out = [&](const auto& row) { return is_out(row.address); };
  std::erase_if(diff.drift, row_is_out);
  std::erase_if(diff.collisions, row_is_out);
  std::erase_if(diff.records, row_is_out);
  std::erase_if(diff.same, row_is_out);
  std::erase_if(diff.ignored, row_is_out);
  for (auto* list : {&diff.unmanaged, &diff.forgets, &diff.unowned, &diff.foreign, &diff.protect, &diff.unprotect})
    std::erase_if(*list, is_out);
  std::erase_if(diff.kept, [&](const auto& entry) { return is_out(entry.first); });
  std::copy_if(base.unmanaged.begin(), base.unmanaged.end(), std::back_inserter(diff.foreign), is_out);
}

class GroupNarrowing {
 public:
  GroupNarrowing(GroupDiff& diff, const Targets& targets, const Baseline& base, const LiveState& live, Scope& scope)
      : diff_(diff), targets_(targets), base_(base), live_(live), scope_(scope) {}

  void run() {
    split();
    leave_out_what_needs_the_excluded();
    bring_responses();
    bring_group();
    scope_.left_out += diff_.left_out.size();
    leave_unserved(diff_.left_out);
    leave_last_publications();
    leave_used_responses();
    leave_group_that_is_not_empty();
    drop_the_rest();
  }

  /// The same of what goes to other groups.
  void run(const std::map<std::string, MovingGroup>& groups) {
    std::vector<Change> left_out;
    for (const auto& [name, group] : groups) {
      if (group.diff != &diff_)
        left_out.insert(left_out.end(), group.diff->left_out.begin(), group.diff->left_out.end());
    }
    if (!leave_unserved(left_out)) return;
    leave_used_responses();
    leave_group_that_is_not_empty();
    std::erase_if(diff_.losses, [this](const ProtectedLoss& loss) { return !is_taken_away(loss.address); });
  }

 private:
  void split() {
    std::vector<Change> all = std::move(diff_.changes);
    diff_.changes.clear();
    for (Change& change : all) {
      (targets_.includes(change.address) ? diff_.changes : diff_.left_out).push_back(std::move(change));
    }
  }

  static Address response_of(const Change& api) {
    return Address::response(api.address.group(), api.after.text("x-apigateway-response"));
  }

  /// Whether the plan would create it, and an exclude says that it must not.
  bool is_missing(const Address& address) const {
    const Change* change = find_change(diff_.left_out, address);
    return change != nullptr && change->action == Action::Create && targets_.excludes(address);
  }

  void leave_out_what_needs_the_excluded() {
    for (std::size_t i = diff_.changes.size(); i-- > 0;) {
      const Change& change = diff_.changes[i];
      if (change.address.type() != "api" || !sets(change)) continue;
      const Address response = response_of(change);
      if (!is_missing(response)) continue;
      scope_.notes.push_back(fmt::format("{} is left out too: it names {}, which is not there and is excluded.",
                                         change.address.text(), response.text()));
      diff_.left_out.push_back(std::move(diff_.changes[i]));
      diff_.changes.erase(diff_.changes.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }

  /// Whether a group gets another name: nothing of it is found under its new one before.
  static bool renames(const Change& change) {
    return change.address.type() == "group" && change.action == Action::Update &&
           std::any_of(change.fields.begin(), change.fields.end(),
                       [](const FieldChange& field) { return field.path == "/name"; });
  }

  /// Moves a creation, or another name, that is needed from what is left out to what is planned.
  void bring(const Address& address) {
    const auto at = std::find_if(diff_.left_out.begin(), diff_.left_out.end(), [&](const Change& change) {
      return change.address == address && (change.action == Action::Create || renames(change));
    });
    if (at == diff_.left_out.end()) return;
    scope_.notes.push_back(fmt::format("{} comes along: what is targeted needs it.", address.text()));
    diff_.changes.push_back(std::move(*at));
    diff_.left_out.erase(at);
  }

  void bring_responses() {
    std::set<Address> needed;
    for (const Change& change : diff_.changes) {
      if (change.address.type() == "api" && sets(change)) needed.insert(response_of(change));
    }
    for (const Address& response : needed) bring(response);
  }

  void bring_group() {
    const bool renamed = std::any_of(diff_.left_out.begin(), diff_.left_out.end(), renames);
    const auto in_group = [&](const Change& change) {
      return change.address.type() != "group" && (renamed || sets(change));
    };
    const auto first = std::find_if(diff_.changes.begin(), diff_.changes.end(), in_group);
    if (first != diff_.changes.end()) bring(Address::group(std::string(first->address.group())));
    std::sort(diff_.changes.begin(), diff_.changes.end(),
              [](const Change& a, const Change& b) { return a.address < b.address; });
  }

  /// A deletion of what moves stays behind where what takes its place is left out; whether there is one.
  bool leave_unserved(const std::vector<Change>& left_out) {
    std::set<Address> unserved;
    for (const Change& change : left_out) {
      if (change.action != Action::Create) continue;
      if (change.address.type() == "api") unserved.insert(change.address);
      if (change.address.type() == "publication") unserved.insert(change.address.api_of_publication());
    }
    std::vector<std::pair<Address, Address>> staying;
    for (const Change& change : diff_.changes) {
      if (change.action == Action::Delete && change.moved_to && unserved.contains(*change.moved_to))
        staying.emplace_back(change.address, *change.moved_to);
    }
    constexpr std::size_t kTold = 10;
    for (std::size_t i = 0; i < staying.size(); ++i) {
      const auto& [from, to] = staying[i];
      std::string note;
      if (i < kTold) note = fmt::format("{} stays: it moves to {}, whose change is left out.", from.text(), to.text());
      if (i == kTold) note = fmt::format("{} more stay, which move to what is left out.", staying.size() - kTold);
      leave_behind(diff_, from, std::move(note), scope_);
    }
    return !staying.empty();
  }

  /// What is taken offline because other environments serve it stays behind where publishing it there is left out.
  void leave_last_publications() {
    std::vector<Address> last;
    for (Change& change : diff_.changes) {
      if (change.address.type() != "publication" || change.action != Action::Delete) continue;
      const Address api = change.address.api_of_publication();
      const bool served = !change.environments.empty();
      std::erase_if(change.environments, [&](const std::string& environment) {
        const Address other = Address::publication(api, environment);
        return find_resource(live_.resources, other) == nullptr && find_change(diff_.changes, other) == nullptr &&
               find_change(diff_.changes, api) == nullptr;
      });
      if (served && change.environments.empty()) last.push_back(change.address);
    }
    for (const Address& address : last) {
      leave_behind(diff_, address, fmt::format("{} stays: publishing it elsewhere is left out.", address.text()),
                   scope_);
    }
  }

  void leave_used_responses() {
    std::vector<std::pair<Address, Address>> used;  // a response that was to go, and who names it until its own change
    for (const Change& change : diff_.changes) {
      if (change.address.type() != "response" || change.action != Action::Delete) continue;
      for (const Change& other : diff_.left_out) {
        const Resource* api = find_resource(live_.resources, other.address);
        if (api == nullptr || api->body.text("x-apigateway-response") != change.address.name()) continue;
        used.emplace_back(change.address, other.address);
        break;
      }
    }
    for (const auto& [response, user] : used) {
      leave_behind(diff_, response,
                   fmt::format("{} stays: {} names it, and its change is left out.", response.text(), user.text()),
                   scope_);
    }
  }

  void leave_group_that_is_not_empty() {
    const auto group = std::find_if(diff_.changes.begin(), diff_.changes.end(), [](const Change& change) {
      return change.address.type() == "group" && change.action == Action::Delete;
    });
    if (group == diff_.changes.end()) return;
    const auto remains = std::find_if(diff_.left_out.begin(), diff_.left_out.end(), [](const Change& change) {
      return change.address.type() == "api" && change.action == Action::Delete;
    });
    if (remains == diff_.left_out.end()) return;
    const Address address = group->address;
    leave_behind(
        diff_, address,
        fmt::format("{} stays: it is not empty while {} is left out.", address.text(), remains->address.text()),
        scope_);
  }

  void drop_the_rest() {
    // Of the unchanged, those that are not listed one by one are counted with the rest of the group.
    std::set<Address> listed;
    for (const Change& change : diff_.same) listed.insert(change.address);
    const std::size_t unlisted = diff_.unchanged - std::min(diff_.unchanged, listed.size());
    std::erase_if(listed, [this](const Address& address) { return !targets_.includes(address); });
    diff_.unchanged = unlisted + listed.size();
    drop_rows(diff_, targets_, base_);
    std::erase_if(diff_.losses, [this](const ProtectedLoss& loss) { return !is_taken_away(loss.address); });
  }

  /// Whether what is left of the changes deletes it, or takes its publications away.
  bool is_taken_away(const Address& address) const {
    return std::any_of(diff_.changes.begin(), diff_.changes.end(), [&](const Change& change) {
      if (change.action != Action::Delete) return false;
      const bool publication = change.address.type() == "publication";
      return (publication ? change.address.api_of_publication() : change.address) == address;
    });
  }

  GroupDiff& diff_;
  const Targets& targets_;
  const Baseline& base_;
  const LiveState& live_;
  Scope& scope_;
};

}  // namespace

Targets::Targets(std::vector<std::string> targets, std::vector<std::string> excludes)
    : targets_(std::move(targets)), excludes_(std::move(excludes)) {}

bool Targets::excludes(const Address& address) const { return any_names(excludes_, address); }

bool Targets::includes(const Address& address) const {
  return (targets_.empty() || any_names(targets_, address)) && !excludes(address);
}

bool Targets::may_concern(const std::string& group) const {
  if (empty()) return true;
  std::vector<std::string> fronts;
  if (group.empty()) {
    fronts = {"ratelimit.", "ratelimit[", "acl.", "acl["};
  } else {
    const Address itself = Address::group(group);
    if (excludes(itself)) return false;
    if (!targets_.empty() && any_names(targets_, itself)) return true;
    for (const std::string_view type : {"api", "publication", "response"}) {
      for (const char next : {'.', '['}) fronts.push_back(front_of(type, group) + next);
    }
  }
  return std::any_of(fronts.begin(), fronts.end(), [&](const std::string& front) {
    const auto names_some = [&](const std::string& glob) { return may_begin(glob, front); };
    const bool wanted = targets_.empty() || std::any_of(targets_.begin(), targets_.end(), names_some);
    const bool unwanted =
        std::any_of(excludes_.begin(), excludes_.end(), [&](const std::string& glob) { return covers(glob, front); });
    return wanted && !unwanted;
  });
}

std::optional<std::string> Targets::names_nothing(const std::set<Address>& known) const {
  for (const std::string& glob : targets_) {
    if (auto wrong = nothing_named("target", glob, known)) return wrong;
  }
  return std::nullopt;
}

std::optional<std::string> Targets::excludes_nothing(const std::set<Address>& known) const {
  for (const std::string& glob : excludes_) {
    if (glob.find('*') != std::string::npos) continue;
    if (auto wrong = nothing_named("exclude", glob, known)) return wrong;
  }
  return std::nullopt;
}

DesiredState narrowed(const DesiredState& desired, const Targets& targets) {
  DesiredState part = desired;
  std::erase_if(part.resources, [&](const auto& entry) { return !targets.includes(entry.first); });
  return part;
}

void narrow_group(GroupDiff& diff, const Targets& targets, const Baseline& base, const LiveState& live, Scope& scope) {
  GroupNarrowing(diff, targets, base, live, scope).run();
}

void leave_unserved(GroupDiff& diff, const std::map<std::string, MovingGroup>& groups, const Targets& targets,
                    const Baseline& base, const LiveState& live, Scope& scope) {
  GroupNarrowing(diff, targets, base, live, scope).run(groups);
}

void narrow_policies(GroupDiff& diff, const Targets& targets, const Baseline& base,
                     const std::vector<const Change*>& changes, Scope& scope, Diagnostics& findings) {
  std::map<Address, const Change*> needed;  // by an API that is planned
  std::set<Address> planned;
  for (const Change* change : changes) {
    const bool publication = change->address.type() == "publication";
    planned.insert(publication ? change->address.api_of_publication() : change->address);
    if (!sets(*change)) continue;
    for (const Address& policy : policies_used_by(change->after)) needed.emplace(policy, change);
  }
  for (const Change& change : diff.changes) {
    const auto user = needed.find(change.address);
    if (change.action != Action::Create || user == needed.end() || !targets.excludes(change.address)) continue;
    findings.push_back({Severity::Error, "target-needs-excluded",
                        fmt::format("{} names {}, which is not on the gateway and is excluded.",
                                    user->second->address.text(), change.address.text()),
                        "Exclude the API as well, or take --exclude of the policy away.", user->second->source});
  }
  std::vector<Change> all = std::move(diff.changes);
  diff.changes.clear();
  for (Change& change : all) {
    const bool meant = targets.includes(change.address);
    const bool comes_along = !meant && change.action == Action::Create && needed.contains(change.address) &&
                             !targets.excludes(change.address);
    const auto stranger = std::find_if(change.touches.begin(), change.touches.end(), [&](const std::string& user) {
      const auto api = Address::parse(user);
      return !api || !planned.contains(*api);
    });
    const bool stays = meant && change.action == Action::Delete && stranger != change.touches.end();
    if (stays) {
      scope.notes.push_back(
          fmt::format("{} stays: {} uses it, and no change of it is planned.", change.address.text(), *stranger));
    }
    if (comes_along) {
      scope.notes.push_back(fmt::format("{} comes along: what is targeted needs it.", change.address.text()));
    }
    if (meant && change.action == Action::Update) {
      const auto outside = std::count_if(change.touches.begin(), change.touches.end(), [&](const std::string& user) {
        const auto api = Address::parse(user);
        return !api || !targets.includes(*api);
      });
      if (outside > 0) {
        scope.notes.push_back(
            fmt::format("{} applies to {} too that {} not targeted; they are listed with it.", change.address.text(),
                        outside == 1 ? "1 API" : fmt::format("{} APIs", outside), outside == 1 ? "is" : "are"));
      }
    }
    ((meant && !stays) || comes_along ? diff.changes : diff.left_out).push_back(std::move(change));
  }
  scope.left_out += diff.left_out.size();
  drop_rows(diff, targets, base);
}

void narrow_view(Plan& plan, const Targets& targets) {
  if (targets.empty()) return;
  const auto is_out = [&](const Address& address) { return !targets.includes(address); };
  const auto row_is_out = [&](const auto& row) { return is_out(row.address); };
  plan.scope.targets = targets.targets();
  plan.scope.excludes = targets.exclusions();
  plan.scope.left_out += std::erase_if(plan.changes, row_is_out);
  std::erase_if(plan.unchanged, row_is_out);
  std::erase_if(plan.drift, row_is_out);
  std::erase_if(plan.collisions, row_is_out);
  std::erase_if(plan.unmanaged, is_out);
  std::erase_if(plan.unowned, is_out);
  std::erase_if(plan.steps, [&](const Step& step) {
    return std::all_of(step.predicted.begin(), step.predicted.end(), row_is_out);
  });
}

}  // namespace sluice
