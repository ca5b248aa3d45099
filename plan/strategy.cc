#include "plan/strategy.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "plan/canonical.h"
#include "plan/digest.h"
#include "plan/half_done.h"
#include "plan/import_document.h"
#include "plan/json.h"
#include "plan/moves.h"
#include "plan/policies.h"
#include "plan/words.h"

namespace sluice {
namespace {

/// What will not happen is told by what differs alone.
void prevent(Change& change, std::string_view by) {
  change.prevented_by = by;
  const std::size_t what_is_done = change.reason.find(':');
  if (what_is_done != std::string::npos) change.reason = change.reason.substr(0, what_is_done) + ".";
}

class Strategy {
 public:
  Strategy(GroupDiff& diff, const LiveState& live, std::string_view group, const Capabilities& capabilities,
           const DesiredState& policies, Deletions deletions, const ForcedModes& modes)
      : diff_(diff),
        live_(live),
        group_(group),
        capabilities_(capabilities),
        policies_(policies),
        first_(deletions == Deletions::First),
        modes_(modes) {}

  std::vector<Step> run() {
    if (keeps_apis()) prevent_updates();
    change_group();
    change_responses();
    if (first_) take_away(false);
    free_names();
    import_changes(Action::Create);
    import_changes(Action::Update);
    publish();
    bind();
    if (!first_) take_away(false);
    take_away(true);
    delete_responses();
    delete_group();
    return std::move(steps_);
  }

 private:
  /// `leaving` are the APIs that another group must serve first.
  void take_away(bool leaving) {
    take_offline(leaving);
    delete_apis(leaving);
  }

  /// Whether the manifest forbids to change an API by importing it.
  bool keeps_apis() const { return modes_.api == Mode::Merge; }

  void prevent_updates() {
    for (Change& change : diff_.changes) {
      if (change.address.type() == "api" && change.action == Action::Update) prevent(change, "api_mode: merge");
    }
  }

  Step& add(StepKind kind, std::string reason) {
    Step step{.id = static_cast<int>(steps_.size()) + 1,
              .kind = kind,
              .group = group_,
              .predicted = {},
              .reason = std::move(reason)};
    if (!steps_.empty()) step.depends_on = {steps_.back().id};
    return steps_.emplace_back(std::move(step));
  }

  template <typename Function>
  void each(std::string_view type, Action action, const Function& function) const {
    for (const Change& change : diff_.changes) {
      if (change.address.type() == type && change.action == action) function(change);
    }
  }

  void change_group() {
    const auto send = [this](StepKind kind, Effected effect, const Change& change, std::string reason) {
      Step& step = add(kind, std::move(reason));
      step.document = write_json(change.after);
      step.predicted.push_back({change.address, effect});
    };
    each("group", Action::Create, [&](const Change& change) {
      send(StepKind::CreateGroup, Effected::Created, change, "An import needs a group to import into.");
    });
    each("group", Action::Update, [&](const Change& change) {
      send(StepKind::UpdateGroup, Effected::Updated, change,
           change.moved_from ? fmt::format("The group {} gets its new name first: its id and its APIs stay.",
                                           change.moved_from->name())
                             : "The group's name or description differs.");
    });
  }

  void change_responses() {
    const auto send = [this](StepKind kind, Effected effect, const Change& change, std::string reason) {
      Step& step = add(kind, std::move(reason));
      step.document = response_document(change.address.name(), change.after);
      step.predicted.push_back({change.address, effect});
    };
    each("response", Action::Create, [&](const Change& change) {
      send(StepKind::CreateResponse, Effected::Created, change, "APIs can only name a response that is there.");
    });
    each("response", Action::Update, [&](const Change& change) {
      send(StepKind::UpdateResponse, Effected::Updated, change,
           "The response differs; APIs that name it need no import.");
    });
  }

  static std::string response_document(const std::string& name, const Value& responses) {
    Value document = Value::object();
    return write_json(document.set("name", name).set("responses", responses));
  }

  /// A name is unique in its group, so whoever still holds a name that is needed gets a temporary one first. Its
  /// published version keeps serving.
  void free_names() {
    std::map<std::string_view, const Change*> needed;
    std::map<Address, const Change*> by_address;
    for (const Change& change : diff_.changes) {
      if (change.address.type() != "api") continue;
      by_address.emplace(change.address, &change);
      const bool made = change.action == Action::Create || change.action == Action::Update;
      if (made && change.prevented_by.empty()) {
        needed.emplace(change.after.text("operationId"), &change);
      }
    }
    std::vector<Value> renamed;
    std::vector<Prediction> predicted;
    for (const auto& [address, holder] : live_.resources) {
      if (address.type() != "api") continue;
      const auto need = needed.find(holder.body.text("operationId"));
      if (need == needed.end() || need->second->address == address) continue;
      const auto change = by_address.find(address);
      if (change == by_address.end()) {
        diff_.collisions.push_back(name_is_taken(*need->second, address));
        continue;
      }
      const bool gone_first = first_ && change->second->action == Action::Delete && !leaves_group(*change->second);
      if (gone_first) continue;  // with its name
      if (keeps_apis()) {
        refuse_to_free(*need->second, address);
        continue;
      }
      Value body = holder.body;
      body.set("operationId", temporary_name(address));
      predicted.push_back({address, Effected::Updated, digest_of(body, schema_of("api").fields)});
      renamed.push_back(std::move(body));
    }
    std::vector<const Value*> bodies;
    for (const Value& body : renamed) bodies.push_back(&body);
    add_imports(bodies, predicted, Mode::Override, [&](const Value& /*first*/, std::size_t count) {
      return fmt::format("api_mode {} gives {} a temporary name, so that another API can take the one it has",
                         modes_.api ? "override, forced by the manifest," : "override", counted(count, "API", "APIs"));
    });
  }

  /// By an API that no change of this plan concerns.
  Collision name_is_taken(const Change& change, const Address& holder) const {
    const bool left_out = std::any_of(diff_.left_out.begin(), diff_.left_out.end(),
                                      [&](const Change& other) { return other.address == holder; });
    const bool theirs = std::find(diff_.unmanaged.begin(), diff_.unmanaged.end(), holder) != diff_.unmanaged.end() ||
                        std::find(diff_.unowned.begin(), diff_.unowned.end(), holder) != diff_.unowned.end();
    Collision collision{
        change.address,
        fmt::format("it needs the name {}, which {} has, {}", change.after.text("operationId"), holder.text(),
                    left_out ? "whose own change is left out by --target or --exclude"
                    : theirs ? "an API that is not owned by Sluice"
                             : "an API that stays as it is"),
        change.source,
        holder,
        {},
        left_out};
    if (!left_out && !theirs)
      collision.way_out =
          "Give one of them another name, or let the other go: `prune: none` or --on-drift keep may be what keeps it.";
    return collision;
  }

  void refuse_to_free(const Change& change, const Address& holder) {
    Collision collision{change.address,
                        fmt::format("it needs the name {}, which {} has until it is changed or deleted, and "
                                    "`api_mode: merge` lets no import free it first",
                                    change.after.text("operationId"), holder.text()),
                        change.source, holder};
    collision.way_out = fmt::format("Say `api_mode: auto` for the group {}, or give one of them another name.", group_);
    diff_.collisions.push_back(std::move(collision));
  }

  void import_changes(Action action) {
    std::vector<const Value*> bodies;
    std::vector<Prediction> predicted;
    each("api", action, [&](const Change& change) {
      bodies.push_back(&change.after);
      predicted.push_back({change.address, !change.prevented_by.empty() ? Effected::Ignored
                                           : action == Action::Create   ? Effected::Created
                                                                        : Effected::Updated});
    });
    if (bodies.empty()) return;
    const bool create = action == Action::Create;
    const Mode mode = modes_.api.value_or(create ? Mode::Merge : Mode::Override);
    add_imports(bodies, predicted, mode,
                [&](const Value& first, std::size_t count) { return mode_reason(create, mode, count, first); });
  }

  /// What a mode makes of APIs that are to be created or updated, and what it does not do.
  std::string mode_reason(bool create, Mode mode, std::size_t count, const Value& first) const {
    const std::string apis = counted(count, "API", "APIs");
    const std::string_view forced = modes_.api ? ", forced by the manifest," : "";
    if (create && mode == Mode::Merge)
      return fmt::format("api_mode merge{} creates {}; one that somebody makes meanwhile is kept and reported", forced,
                         apis);
    if (create)
      return fmt::format("api_mode override{} creates {}; override would replace one that somebody makes meanwhile",
                         forced, apis);
    if (mode == Mode::Override)
      return fmt::format("api_mode override{} replaces {}; no other API travels", forced, apis);
    return fmt::format("api_mode merge{} keeps the existing {} {}{}: {} will not happen", forced, first.text("method"),
                       first.text("path"), count > 1 ? fmt::format(" and {} more", count - 1) : "",
                       counted(count, "update", "updates"));
  }

  /// What becomes of the definitions that a document carries.
  std::string definitions_reason(const std::vector<const Resource*>& definitions) const {
    if (modes_.extend != Mode::Override) {
      const std::string_view forced =
          modes_.extend ? "extend_mode merge, forced by the manifest," : "extend_mode merge";
      if (definitions.empty())
        return modes_.extend ? fmt::format("; {} finds no policy to keep", forced) : "; no policy travels";
      return fmt::format("; {} keeps the policies that it names", forced);
    }
    if (definitions.empty()) return "; extend_mode override, forced by the manifest, finds no policy to replace";
    std::string names;
    for (const Resource* definition : definitions) names += (names.empty() ? "" : ", ") + definition->address.text();
    return fmt::format("; extend_mode override, forced by the manifest, replaces the definition of {} as well", names);
  }

  /// Splits by the limits of one import; two APIs of one method and path cannot share a document. `reason` is told of
  /// how many APIs a step has.
  template <typename Reason>
  void add_imports(const std::vector<const Value*>& bodies, const std::vector<Prediction>& predictions, Mode mode,
                   const Reason& reason) {
    std::vector<bool> sent(bodies.size(), false);
    std::size_t left = bodies.size();
    while (left > 0) {
      std::vector<const Value*> chunk;
      std::vector<Prediction> predicted;
      std::set<std::pair<std::string_view, std::string_view>> used;
      std::size_t bytes = 0;
      for (std::size_t i = 0; i < bodies.size() && chunk.size() < capabilities_.apis_per_import; ++i) {
        if (sent[i]) continue;
        const std::size_t size = write_json(*bodies[i]).size();
        if (!chunk.empty() && bytes + size > capabilities_.bytes_per_import) break;
        if (!used.emplace(bodies[i]->text("path"), bodies[i]->text("method")).second) continue;
        sent[i] = true;
        --left;
        bytes += size;
        chunk.push_back(bodies[i]);
        predicted.push_back(predictions[i]);
      }
      const std::vector<const Resource*> definitions = definitions_for(chunk);
      Step& step = add(StepKind::Import, reason(*chunk.front(), chunk.size()) + definitions_reason(definitions) + ".");
      step.api_mode = mode;
      step.extend_mode = modes_.extend.value_or(Mode::Merge);
      step.document = import_document(group_, chunk, definitions);
      step.predicted = std::move(predicted);
    }
  }

  std::vector<const Resource*> definitions_for(const std::vector<const Value*>& bodies) const {
    std::map<Address, const Resource*> used;
    for (const Value* body : bodies) {
      for (const Address& address : policies_used_by(*body)) {
        const auto definition = policies_.resources.find(address);
        if (definition != policies_.resources.end()) used.emplace(address, &definition->second);
      }
    }
    std::vector<const Resource*> definitions;
    for (const auto& [address, definition] : used) definitions.push_back(definition);
    return definitions;
  }

  /// Where an import's reference takes effect is not documented, and dropping one unbinds nothing: both are looked
  /// after once the API is published.
  void bind() {
    using ByBinding = std::map<std::pair<std::string, Binding>, std::vector<Prediction>>;
    ByBinding dropped;
    ByBinding named;
    const auto note = [&](const Change& change, const Address& publication) {
      const std::vector<Binding> before = bindings_of(change.before);
      const std::vector<Binding> after = bindings_of(change.after);
      for (const Binding& binding : before) {
        if (std::find(after.begin(), after.end(), binding) == after.end()) {
          dropped[{publication.environment(), binding}].push_back({publication, Effected::Unbound});
        }
      }
      for (const Binding& binding : after) {
        named[{publication.environment(), binding}].push_back({publication, Effected::Bound});
      }
    };
    for (const Change& change : diff_.changes) {
      if (change.action != Action::Create && change.action != Action::Update) continue;
      if (!change.prevented_by.empty()) continue;
      if (change.address.type() == "publication") note(change, change.address);
      if (change.address.type() != "api") continue;
      for (const std::string& environment : change.environments) {
        note(change, Address::publication(change.address, environment));
      }
    }
    const auto send = [this](StepKind kind, const ByBinding& bindings, std::string_view reason) {
      for (const auto& [key, predicted] : bindings) {
        const auto& [environment, binding] = key;
        const std::string apis = counted(predicted.size(), "API", "APIs");
        Step& step = add(kind, fmt::format(fmt::runtime(reason), binding.kind, binding.name, apis, environment));
        step.environment = environment;
        Value document = Value::object();
        step.document = write_json(document.set("type", binding.kind).set("name", binding.name));
        step.predicted = predicted;
      }
    };
    send(StepKind::Unbind, dropped, "An import unbinds nothing: {} {} is taken off {} in {}.");
    send(StepKind::Bind, named, "Looks whether publishing bound {} {} to {} in {}, and binds what is missing.");
  }

  void publish() {
    std::map<std::string, std::vector<Prediction>> by_environment;
    for (const Change& change : diff_.changes) {
      const bool sets = change.action == Action::Create || change.action == Action::Update;
      if (!sets || !change.prevented_by.empty()) continue;
      if (change.address.type() == "publication") {
        by_environment[change.address.environment()].push_back({change.address, Effected::Published});
      }
      if (change.address.type() != "api") continue;
      for (const std::string& environment : change.environments) {
        by_environment[environment].push_back({Address::publication(change.address, environment), Effected::Published});
      }
    }
    send_batches(StepKind::Publish, by_environment, "An import does not publish: {0} in {1}.");
  }

  void take_offline(bool leaving) {
    std::map<std::string, std::vector<Prediction>> by_environment;
    const auto add_publication = [&](const Address& address) {
      by_environment[address.environment()].push_back({address, Effected::Offline});
    };
    std::set<Address> doomed;
    each("api", Action::Delete, [&](const Change& change) {
      if (leaves_group(change) == leaving) doomed.insert(change.address);
    });
    each("publication", Action::Delete, [&](const Change& change) {
      if (!leaving) add_publication(change.address);
    });
    for (const auto& [address, resource] : live_.resources) {
      if (address.type() == "publication" && doomed.contains(address.api_of_publication())) add_publication(address);
    }
    send_batches(
        StepKind::Offline, by_environment,
        leaving ? "Takes {0} offline in {1}: another group has what takes their place." : "Takes {0} offline in {1}.");
  }

  void send_batches(StepKind kind, const std::map<std::string, std::vector<Prediction>>& by_environment,
                    std::string_view reason) {
    for (const auto& [environment, predictions] : by_environment) {
      for (std::size_t start = 0; start < predictions.size(); start += capabilities_.ids_per_publish) {
        const std::size_t end = std::min(start + capabilities_.ids_per_publish, predictions.size());
        Step& step = add(kind, fmt::format(fmt::runtime(reason), counted(end - start, "API", "APIs"), environment));
        step.environment = environment;
        step.predicted.assign(predictions.begin() + static_cast<std::ptrdiff_t>(start),
                              predictions.begin() + static_cast<std::ptrdiff_t>(end));
      }
    }
  }

  static std::string reason_to_delete(const Change& change) {
    if (change.foreign) return "It is not owned by Sluice and the group says prune: all";
    return change.moved_to ? "It has moved to " + change.moved_to->text() : "The files no longer name it";
  }

  void delete_apis(bool leaving) {
    each("api", Action::Delete, [&](const Change& change) {
      if (leaves_group(change) != leaving) return;
      const bool early = first_ && !leaving;
      add(StepKind::DeleteApi,
          fmt::format("{}, and no environment serves it by now.{}", reason_to_delete(change),
                      early ? " It goes first: the gateway has no room for what is new beside it." : ""))
          .predicted.push_back({change.address, Effected::Deleted});
    });
  }

  void delete_responses() {
    bool with_group = false;
    each("group", Action::Delete, [&](const Change&) { with_group = true; });
    each("response", Action::Delete, [&](const Change& change) {
      if (with_group) return;  // goes with it
      add(StepKind::DeleteResponse, "The files no longer define it, and no API names it by now.")
          .predicted.push_back({change.address, Effected::Deleted});
    });
  }

  void delete_group() {
    each("group", Action::Delete, [&](const Change& change) {
      add(StepKind::DeleteGroup, "The manifest no longer names the group, and it is empty by now.")
          .predicted.push_back({change.address, Effected::Deleted});
    });
  }

  GroupDiff& diff_;
  const LiveState& live_;
  std::string group_;
  const Capabilities& capabilities_;
  const DesiredState& policies_;
  bool first_;  ///< deletions of APIs
  ForcedModes modes_;
  std::vector<Step> steps_;
};

void number(std::vector<Step>& steps) {
  for (std::size_t i = 0; i < steps.size(); ++i) {
    steps[i].id = static_cast<int>(i) + 1;
    steps[i].depends_on = i == 0 ? std::vector<int>{} : std::vector<int>{static_cast<int>(i)};
  }
}

ForcedModes modes_of(const std::map<std::string, ForcedModes>& modes, const std::string& group) {
  const auto at = modes.find(group);
  return at == modes.end() ? ForcedModes{} : at->second;
}

/// The group in which a policy's definition travels: the first that uses it and does not force another mode, else the
/// first that uses it.
std::string home_of(const Change& policy, const DesiredState& policies, const std::string& any_group,
                    const std::map<std::string, ForcedModes>& modes) {
  const auto users = policies.users.find(policy.address);
  if (users == policies.users.end() || users->second.empty()) return any_group;
  const Mode wanted = policy.action == Action::Create ? Mode::Merge : Mode::Override;
  std::string first;
  for (const auto& [id, name] : users->second) {
    const auto api = Address::parse(name);
    if (!api) continue;
    if (modes_of(modes, api->group()).extend.value_or(wanted) == wanted) return api->group();
    if (first.empty()) first = api->group();
  }
  return first.empty() ? any_group : first;
}

/// What a mode makes of definitions that are to be created or changed, and what it does not do.
std::string policy_reason(bool create, Mode mode, bool forced, const std::vector<const Change*>& changes) {
  const std::string count = counted(changes.size(), "policy", "policies");
  const std::string_view by = forced ? ", forced by the manifest," : "";
  if (create && mode == Mode::Merge)
    return fmt::format("extend_mode merge{} creates {}; one that somebody makes meanwhile is kept.", by, count);
  if (create)
    return fmt::format("extend_mode override{} creates {}; override would replace one that somebody makes meanwhile.",
                       by, count);
  if (mode == Mode::Override)
    return fmt::format("extend_mode override{} replaces the definition of {}; no API travels.", by, count);
  return fmt::format("extend_mode merge{} keeps the existing {}{}: {} will not happen.", by,
                     changes.front()->address.text(),
                     changes.size() > 1 ? fmt::format(" and {} more", changes.size() - 1) : "",
                     counted(changes.size(), "update", "updates"));
}

}  // namespace

std::vector<Step> choose_steps(GroupDiff& diff, const LiveState& live, std::string_view group,
                               const Capabilities& capabilities, const DesiredState& policies, Deletions deletions,
                               const ForcedModes& modes) {
  return Strategy(diff, live, group, capabilities, policies, deletions, modes).run();
}

PolicySteps choose_policy_steps(GroupDiff& diff, const DesiredState& policies, const std::string& any_group,
                                const std::map<std::string, ForcedModes>& modes) {
  PolicySteps result;
  std::map<std::pair<std::string, Action>, std::vector<const Change*>> travelling;
  for (Change& change : diff.changes) {
    if (change.action == Action::Delete) {
      Step step{.kind = StepKind::DeletePolicy,
                .reason = "The manifest no longer names it, and no API uses it by now."};
      step.predicted.push_back({change.address, Effected::Deleted});
      result.deletions.push_back(std::move(step));
    } else {
      const std::string home = home_of(change, policies, any_group, modes);
      if (change.action == Action::Update && modes_of(modes, home).extend == Mode::Merge)
        prevent(change, "extend_mode: merge");
      travelling[{home, change.action}].push_back(&change);
    }
  }
  for (const auto& [key, changes] : travelling) {
    const auto& [group, action] = key;
    const bool create = action == Action::Create;
    Step step{.kind = StepKind::Import, .group = group};
    const ForcedModes forced = modes_of(modes, group);
    step.api_mode = forced.api.value_or(Mode::Merge);
    step.extend_mode = forced.extend.value_or(create ? Mode::Merge : Mode::Override);
    step.reason = policy_reason(create, step.extend_mode, forced.extend.has_value(), changes);
    std::vector<Resource> definitions;
    for (const Change* change : changes) {
      definitions.push_back({change->address, change->after, change->after_digest});
      step.predicted.push_back({change->address, !change->prevented_by.empty() ? Effected::Ignored
                                                 : create                      ? Effected::Created
                                                                               : Effected::Updated});
    }
    std::vector<const Resource*> pointers;
    for (const Resource& definition : definitions) pointers.push_back(&definition);
    step.document = import_document(group, {}, pointers);
    result.by_group[group].push_back(std::move(step));
  }
  number(result.deletions);
  return result;
}

void keep_used_policies(GroupDiff& policies, const std::vector<const Change*>& changes) {
  std::map<std::string, std::vector<const Change*>> by_api;
  for (const Change* change : changes) {
    const bool publication = change->address.type() == "publication";
    if (publication || change->address.type() == "api")
      by_api[(publication ? change->address.api_of_publication() : change->address).text()].push_back(change);
  }
  const auto is_let_go = [&](const std::string& api, const Address& policy) {
    const auto planned = by_api.find(api);
    return planned != by_api.end() &&
           std::any_of(planned->second.begin(), planned->second.end(), [&](const Change* change) {
             const std::vector<Address> used = policies_used_by(change->after);
             return change->prevented_by.empty() && std::find(used.begin(), used.end(), policy) == used.end();
           });
  };
  const auto stays = [&](const Change& change) {
    return change.action == Action::Delete &&
           std::any_of(change.touches.begin(), change.touches.end(),
                       [&](const std::string& api) { return !is_let_go(api, change.address); });
  };
  for (Change& change : policies.changes) {
    if (!stays(change)) continue;
    change.action = Action::NoOp;
    change.origin = Origin::Pending;
    change.after = change.before;
    change.after_digest = change.before_digest;
    change.reason = "Nothing defines it any more, but APIs that are not changed here use it: it stays.";
    policies.same.push_back(change);
    ++policies.unchanged;
  }
  std::erase_if(policies.changes, [](const Change& change) { return change.action == Action::NoOp; });
}

std::vector<Collision> replaced_though_kept(const GroupDiff& policies, const std::vector<Step>& steps) {
  std::vector<Collision> collisions;
  const auto collide = [&](const Address& address, std::string_view way_out) {
    const auto replaces = [&](const Step& step) {
      return step.kind == StepKind::Import && step.extend_mode == Mode::Override &&
             defines_policy(step.document, address);
    };
    const auto step = std::find_if(steps.begin(), steps.end(), replaces);
    if (step == steps.end()) return;
    Collision collision{address,
                        fmt::format("it is to stay as it is on the gateway, and `extend_mode: override` of the group "
                                    "{} would replace it",
                                    step->group),
                        {}};
    collision.way_out = way_out;
    collisions.push_back(std::move(collision));
  };
  for (const auto& [address, asked] : policies.kept)
    collide(address, "Say `extend_mode: auto` there, or --on-drift revert.");
  for (const Change& change : policies.left_out) {
    if (change.action == Action::Update)
      collide(change.address, "Say `extend_mode: auto` there, or let its change be planned as well.");
  }
  return collisions;
}

std::vector<Step> with_policy_steps(std::vector<Step> steps, std::vector<Step> policies) {
  const auto after = std::find_if(steps.begin(), steps.end(), [](const Step& step) {
    return step.kind != StepKind::CreateGroup && step.kind != StepKind::UpdateGroup;
  });
  steps.insert(after, std::make_move_iterator(policies.begin()), std::make_move_iterator(policies.end()));
  number(steps);
  return steps;
}

}  // namespace sluice
