#include "plan/diff.h"

#include <fmt/format.h>

#include <algorithm>

#include "plan/canonical.h"
#include "plan/half_done.h"
#include "plan/ignored_diff.h"
#include "plan/json.h"
#include "plan/moves.h"
#include "plan/policies.h"

namespace sluice {
namespace {

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    text += i == 0 ? "" : i + 1 == names.size() ? " and " : ", ";
    text += names[i];
  }
  return text;
}

class GroupComparison {
 public:
  GroupComparison(const Baseline& base, const DesiredState& desired, const LiveState& live, const DiffOptions& options)
      : base_(base),
        desired_(desired),
        live_(live),
        options_(options),
        base_publications_(publications_of(base.resources)),
        live_publications_(publications_of(live.resources)) {}

  GroupDiff run() {
    for (const auto& [address, resource] : desired_.resources) compare(resource);
    need_group_for_creates();
    for (const Change& change : result_.changes) {
      if (change.address.type() == "api" && change.action == Action::Update)
        named_after_.emplace(change.address, change.after.text("x-apigateway-response"));
    }
    for (const auto& [address, resource] : live_.resources) judge_unwanted(resource);
    for (const auto& [address, resource] : base_.resources) forget_if_gone(resource);
    for (const auto& [address, asked] : base_.kept) forget_if_unasked(address);
    result_.foreign = foreign_publications(base_, desired_.resources, live_);
    result_.drift = find_drift(base_, live_);
    std::erase_if(result_.drift, [this](const Change& change) { return is_adopted(change); });
    std::sort(result_.changes.begin(), result_.changes.end(),
              [](const Change& a, const Change& b) { return a.address < b.address; });
    link_moves(result_, options_.leaving);
    return std::move(result_);
  }

 private:
  bool owns(const Address& address) const {
    if (base_.resources.contains(address)) return true;
    const auto claim = base_.claimed.find(address);
    const Resource* live = find_resource(live_.resources, address);
    return claim != base_.claimed.end() && live != nullptr && unbound_digest(*live) == claim->second;
  }
  bool may_adopt(const Address& address) const {
    const std::string text = address.text();
    return std::any_of(options_.adopt.begin(), options_.adopt.end(),
                       [&](const std::string& glob) { return matches_glob(glob, text); });
  }
  std::string publication_words() const {
    return options_.environments.empty() ? "" : fmt::format(" and publish in {}", listed(options_.environments));
  }

  void compare(const Resource& desired) {
    const Resource* live = find_resource(live_.resources, desired.address);
    if (live == nullptr) return create(desired);
    const bool owned = owns(desired.address);
    const bool adopting = !owned && may_adopt(desired.address);
    if (owned || adopting) return compare_owned(desired, *live, adopting);
    if (desired.address.type() == "group") {
      keep(live->address, *live);  // an existing group may be used, and is never changed
      return;
    }
    const auto fields = differences(desired.address.type(), live->body, desired.body);
    if (fields.empty() && desired.address.type() != "api") {
      result_.unowned.push_back(desired.address);
      keep(desired.address, *live);
    } else if (fields.empty()) {
      compare_unowned_publications(desired, *live);
    } else {
      result_.collisions.push_back(
          {desired.address,
           fmt::format("it exists on the gateway, is not owned by Sluice, and differs ({})", fields.front().path),
           desired.source});
    }
  }

  /// Whether the files ask for exactly `body`.
  static bool asks_for(const Resource& desired, const Value& body) {
    return differences(desired.address.type(), body, desired.body).empty();
  }

  void create(const Resource& desired) {
    const Address& address = desired.address;
    const bool ours = base_.resources.contains(address);
    const bool stays = ours ? options_.on_drift == OnDrift::Keep : base_.kept.contains(address);
    if (!stays || !asks_for(desired, base_.asked_of(address))) return create_anew(desired);
    ++result_.unchanged;  // it was deleted on the gateway, and that is to stay
    if (ours) result_.forgets.push_back(address);
    result_.kept.emplace(address, desired.body);
  }

  void create_anew(const Resource& desired) {
    const Resource* base = find_resource(base_.resources, desired.address);
    Change change{.address = desired.address, .action = Action::Create};
    change.after = desired.body;
    change.after_digest = desired.digest;
    change.origin = base == nullptr                                      ? Origin::Pending
                    : asks_for(desired, base_.asked_of(desired.address)) ? Origin::Drift
                                                                         : Origin::Conflict;
    change.source = desired.source;
    if (desired.address.type() == "group") {
      change.reason = "The group is not on the gateway.";
    } else {
      const bool is_api = desired.address.type() == "api";
      if (is_api) change.environments = options_.environments;
      change.touches = users_of(desired.address);
      change.reason =
          fmt::format("{}: {}{}.",
                      change.origin == Origin::Pending ? "It is not on the gateway"
                      : change.origin == Origin::Drift ? "It was deleted on the gateway"
                                                       : "It was deleted on the gateway, and changed in the files",
                      travel_word(desired.address), is_api ? publication_words() : "");
    }
    result_.changes.push_back(std::move(change));
  }

  /// How a new body of this resource gets to the gateway.
  static std::string_view travel_word(const Address& address) {
    if (address.type() == "group") return "update";
    return address.type() == "response" ? "write it" : "import";
  }

  /// The APIs that a change of this policy touches, in any group.
  std::vector<std::string> users_of(const Address& policy) const {
    std::set<std::string> users;
    std::set<Address> known;  // one API may have two spellings while a variable of its path is renamed
    const auto add = [&](const std::string& name) {
      const auto address = Address::parse(name);
      if (!address || known.insert(*address).second) users.insert(name);
    };
    if (const auto at = desired_.users.find(policy); at != desired_.users.end()) {
      for (const auto& [id, name] : at->second) add(name);
    }
    if (const auto at = live_.users.find(policy); at != live_.users.end()) {
      for (const auto& [id, name] : at->second) {
        const auto owned = options_.owned_apis.find(id);
        add(owned != options_.owned_apis.end() ? owned->second : name);
      }
    }
    return {users.begin(), users.end()};
  }

  /// A group that was deleted on the gateway and is to stay so comes back when something is to be created in it.
  void need_group_for_creates() {
    const bool creates = std::any_of(result_.changes.begin(), result_.changes.end(), [](const Change& change) {
      return change.address.type() == "api" && change.action == Action::Create;
    });
    if (!creates) return;
    for (const auto& entry : desired_.resources) {
      const Resource& desired = entry.second;
      if (desired.address.type() != "group" || find_resource(live_.resources, desired.address) != nullptr) continue;
      const bool planned = std::any_of(result_.changes.begin(), result_.changes.end(),
                                       [&](const Change& change) { return change.address == desired.address; });
      if (!planned) create_anew(desired);
    }
  }

  void compare_owned(const Resource& desired, const Resource& live, bool adopting) {
    const Resource* base = find_resource(base_.resources, desired.address);
    const TypeSchema& schema = schema_of(desired.address.type());
    Change change{.address = desired.address, .action = Action::Update};
    change.before = live.body;
    change.before_digest = live.digest;
    change.importing = adopting;
    change.source = desired.source;
    bool adopted = base != nullptr && base->digest != desired.digest;
    bool stays = false;
    if (live.digest == desired.digest) {  // most are: no need to look at their fields
      change.after = live.body;
      change.after_digest = live.digest;
      result_.undeclared += count_undeclared(live.body, schema.fields);
    } else {
      const Value applied = base_.body_of(desired.address);
      const Value asked = base_.asked_of(desired.address);
      BodyDiff body(base != nullptr, options_.on_drift);
      Sides sides{nullptr, &desired.body, &live.body};
      if (base != nullptr) sides = {&applied, &desired.body, &live.body, &asked};
      change.after = body.merge("", schema.fields, sides);
      change.after_digest = digest_of(change.after, schema.fields);
      change.fields = body.take_changes();
      adopted = body.adopted() > 0;
      stays = body.kept() > 0;
      result_.undeclared += body.undeclared();
    }
    const bool is_api = desired.address.type() == "api";
    if (is_api) change.environments = options_.environments;
    if (stays) result_.kept.emplace(desired.address, desired.body);
    if (change.fields.empty()) {
      keep(desired.address, live);
      const bool moved = base == nullptr || adopted || base_.remasked.contains(desired.address) ||
                         made_anew(*base, live) || moves_kept(*base, desired, live, stays);
      if (moved) record(live);
      if (adopting) result_.same.push_back(owned_from_now(change));
      if (is_api) compare_publications(change, desired, live, stays);
      return;
    }
    change.touches = users_of(desired.address);
    change.resets = live.uncarried;
    describe_update(change);
    if (is_api && options_.modes.api == Mode::Merge) {
      take_offline_where_replaced(live.address, serving_now(live.address));
    } else if (is_api) {
      take_offline_elsewhere(live.address, options_.environments);
    }
    note_published(change);
    result_.changes.push_back(std::move(change));
  }

  /// Whether the base must learn what the gateway's own is now, or what the files asked for where it stays.
  bool moves_kept(const Resource& base, const Resource& desired, const Resource& live, bool stays) const {
    const auto before = base_.kept.find(desired.address);
    if (!stays) return before != base_.kept.end();
    return base.digest != live.digest || before == base_.kept.end() || before->second != write_json(desired.body);
  }

  void keep(const Address& address, const Resource& live) {
    ++result_.unchanged;
    if (!options_.list_unchanged) return;
    Change change{.address = address, .action = Action::NoOp};
    change.before = live.body;
    change.after = live.body;
    change.before_digest = live.digest;
    change.after_digest = live.digest;
    result_.same.push_back(std::move(change));
  }

  /// Somebody else's API that is as the files want it: it is left alone, but it must be served where it should be.
  void compare_unowned_publications(const Resource& desired, const Resource& live) {
    for (const std::string& environment : options_.environments) {
      const Resource* published = find_resource(live_.resources, Address::publication(live.address, environment));
      if (published != nullptr && published->digest == live.digest) continue;
      result_.collisions.push_back({desired.address,
                                    fmt::format("it is not published in {} as the files want it", environment),
                                    desired.source});
      return;
    }
    result_.unowned.push_back(desired.address);
    keep(desired.address, live);
  }

  static Change owned_from_now(const Change& change) {
    Change same = change;
    same.action = Action::NoOp;
    same.reason = "It is as the files want it, and Sluice starts to own it.";
    return same;
  }

  void record(const Resource& live) { result_.records.push_back(live); }

  /// What is served now: a plan that takes it away or replaces it must have seen it.
  void note_published(Change& change) const {
    const auto published = live_publications_.find(change.address);
    if (published == live_publications_.end()) return;
    for (const Resource* resource : published->second) {
      change.published.emplace(resource->address.environment(), resource->digest);
    }
  }

  void describe_update(Change& change) const {
    const auto counts = [&](Origin origin) {
      return std::count_if(change.fields.begin(), change.fields.end(),
                           [origin](const FieldChange& field) { return field.origin == origin; });
    };
    const auto drifted = counts(Origin::Drift);
    const auto conflicts = counts(Origin::Conflict);
    change.origin = conflicts > 0 ? Origin::Conflict : drifted > 0 ? Origin::Drift : Origin::Pending;
    const std::string fields =
        change.fields.size() == 1 ? "1 field differs" : fmt::format("{} fields differ", change.fields.size());
    std::string who;
    if (drifted > 0) who += fmt::format(", {} changed on the gateway", drifted);
    if (conflicts > 0) who += fmt::format(", {} changed both there and in the files", conflicts);
    const bool is_api = change.address.type() == "api";
    change.reason =
        fmt::format("{}{}: {}{}.", fields, who, travel_word(change.address), is_api ? publication_words() : "");
    if (!change.resets.empty())
      change.reason += fmt::format(" An import resets what no document carries: {}.", listed(change.resets));
  }

  /// The API itself is right; is it served everywhere it should be, as it should be? A draft that somebody edited and
  /// that stays is not ours to publish, unless it was published as it is when it was kept.
  void compare_publications(const Change& api, const Resource& desired, const Resource& live_api, bool draft_stays) {
    std::vector<std::string> serving;
    bool held_back = false;
    for (const std::string& environment : options_.environments) {
      const Address address = Address::publication(live_api.address, environment);
      const Resource* live = find_resource(live_.resources, address);
      const Resource* base = find_resource(base_.resources, address);
      if (live != nullptr) serving.push_back(environment);
      if (live != nullptr && live->digest == api.after_digest) {
        if (base == nullptr || base->digest != live->digest || base_.remasked.contains(address)) record(*live);
        continue;
      }
      const bool drifted = base != nullptr && (live == nullptr || live->digest != base->digest);
      const Origin origin = origin_of(address, desired, live, api);
      const bool keeps = origin == Origin::Conflict ? false
                         : drifted                  ? options_.on_drift == OnDrift::Keep
                                                    : was_kept(address, desired);
      if (keeps) {
        keep_publication(address, desired, live, drifted);
        continue;
      }
      if (draft_stays && (base == nullptr || base->digest != api.after_digest)) {
        held_back = true;
        continue;
      }
      publish(api, address, live, origin);
      if (live == nullptr) serving.push_back(environment);
    }
    if (held_back) {
      take_offline_where_replaced(live_api.address, serving);
    } else {
      take_offline_elsewhere(live_api.address, serving);
    }
  }

  /// Of the group's environments, those that serve the API as it is now.
  std::vector<std::string> serving_now(const Address& api) const {
    std::vector<std::string> serving;
    for (const std::string& environment : options_.environments) {
      if (find_resource(live_.resources, Address::publication(api, environment)) != nullptr)
        serving.push_back(environment);
    }
    return serving;
  }

  /// Where it is not to be published now: while none of the group's environments serves it, it stays where it is.
  void take_offline_where_replaced(const Address& api, const std::vector<std::string>& serving) {
    if (!serving.empty() || options_.environments.empty()) take_offline_elsewhere(api, serving);
  }

  /// Who moved what an environment serves, where that is not as it should be.
  Origin origin_of(const Address& publication, const Resource& desired, const Resource* live, const Change& api) const {
    const Resource* base = find_resource(base_.resources, publication);
    if (base_.claimed.contains(publication)) return Origin::Pending;  // an interrupted run of ours did that
    if (base != nullptr) {
      if (live != nullptr && live->digest == base->digest) return Origin::Pending;
      const bool as_asked = base->digest == api.after_digest || base->digest == desired.digest;
      return as_asked ? Origin::Drift : Origin::Conflict;
    }
    // Where the files want it for the first time, and somebody else published another version since the last apply.
    const bool appeared =
        live != nullptr && base_.resources.contains(api.address) && !base_.unmanaged.contains(publication);
    return appeared ? Origin::Conflict : Origin::Pending;
  }

  bool was_kept(const Address& publication, const Resource& desired) const {
    return base_.kept.contains(publication) && base_.asked_of(publication) == Value(desired.digest);
  }

  void keep_publication(const Address& address, const Resource& desired, const Resource* live, bool drifted) {
    result_.kept.emplace(address, desired.digest);
    if (!drifted) return;
    if (live != nullptr) {
      record(*live);
    } else {
      result_.forgets.push_back(address);
    }
  }

  void publish(const Change& api, const Address& address, const Resource* live, Origin origin) {
    const std::string& environment = address.environment();
    Change change{.address = address, .action = live == nullptr ? Action::Create : Action::Update};
    change.origin = origin;
    change.after = api.after;
    change.after_digest = api.after_digest;
    change.source = api.source;
    if (live == nullptr) {
      change.reason = origin != Origin::Pending
                          ? fmt::format("It was taken offline in {}: publish it again.", environment)
                          : fmt::format("It is not published in {}.", environment);
    } else {
      change.before = live->body;
      change.before_digest = live->digest;
      change.fields = differences("api", live->body, api.after);
      change.reason =
          fmt::format("{} serves another version than the one that is imported: publish it again.", environment);
    }
    result_.changes.push_back(std::move(change));
  }

  /// Environments that were taken off the list: only what we published there goes; `serving` are those that stay.
  void take_offline_elsewhere(const Address& api, const std::vector<std::string>& serving) {
    const auto published = base_publications_.find(api);
    if (published == base_publications_.end()) return;
    for (const Resource* base : published->second) {
      const Address& address = base->address;
      if (is_wanted_environment(address.environment())) continue;
      const Resource* live = find_resource(live_.resources, address);
      if (live == nullptr) continue;
      Change change{.address = address, .action = Action::Delete};
      change.before = live->body;
      change.before_digest = live->digest;
      change.environments = serving;
      const bool moved = live->digest != base->digest && !live->digest.empty();
      if (moved && !base_.claimed.contains(address)) change.origin = Origin::Conflict;
      change.reason =
          fmt::format("{} is no longer among the group's environments{}: take it offline there.", address.environment(),
                      change.origin == Origin::Conflict ? ", and serves another version than the last apply left" : "");
      result_.changes.push_back(std::move(change));
    }
  }

  bool is_wanted_environment(const std::string& name) const {
    return std::find(options_.environments.begin(), options_.environments.end(), name) != options_.environments.end();
  }

  /// In live and not in the files: ours goes, everybody else's stays, unless the group says `prune: all`.
  void judge_unwanted(const Resource& live) {
    const Address& address = live.address;
    if (address.type() == "publication" || desired_.resources.contains(address)) return;
    const bool is_group = address.type() == "group";
    const bool is_api = address.type() == "api";
    const Resource* base = find_resource(base_.resources, address);
    const bool theirs = base != nullptr && made_anew(*base, live);
    const bool ours = owns(address) && !theirs;
    const auto& external = options_.external;
    if (std::find(external.begin(), external.end(), address) != external.end()) {  // handed over: it is let go
      if (base != nullptr) result_.forgets.push_back(address);
      return;
    }
    if (theirs) result_.forgets.push_back(address);
    if (!ours && (!is_api || options_.prune != Prune::All)) {
      if (is_api) result_.unmanaged.push_back(address);
      return;
    }
    if (options_.prune == Prune::None || (is_group && holds_unmanaged())) return keep(address, live);
    if (is_used_by_others(address)) return keep_for_others(live);
    Change change{.address = address, .action = Action::Delete};
    change.before = live.body;
    change.before_digest = live.digest;
    change.touches = users_of(address);
    change.reason = is_group ? "The manifest no longer names the group."
                    : is_api ? deletion_reason(address, ours)
                             : "Nothing defines it any more: delete it.";
    change.foreign = !ours;
    if (base != nullptr && base->digest != live.digest && !base_.claimed.contains(address) &&
        !is_left_half_done(base_, live)) {
      change.origin = Origin::Conflict;
      change.reason += " It was changed on the gateway since the last apply.";
    }
    note_published(change);
    result_.changes.push_back(std::move(change));
  }

  /// Whether APIs that this plan does not change use a policy or response: the gateway would not delete it.
  bool is_used_by_others(const Address& address) const {
    if (address.type() == "response") {
      return std::any_of(live_.resources.begin(), live_.resources.end(), [&](const auto& entry) {
        const auto& [api, resource] = entry;
        if (api.type() != "api" || resource.body.text("x-apigateway-response") != address.name()) return false;
        if (desired_.resources.contains(api)) {
          const auto named = named_after_.find(api);
          return !owns(api) || options_.modes.api == Mode::Merge || named == named_after_.end() ||
                 named->second == address.name();
        }
        return !owns(api) || options_.prune == Prune::None;
      });
    }
    const auto users = live_.users.find(address);
    return users != live_.users.end() &&
           std::any_of(users->second.begin(), users->second.end(), [this](const auto& user) {
             return !options_.owned_apis.contains(user.first) || options_.staying_apis.contains(user.first);
           });
  }

  void keep_for_others(const Resource& live) {
    ++result_.unchanged;
    Change change{.address = live.address, .action = Action::NoOp};
    change.before = live.body;
    change.after = live.body;
    change.before_digest = live.digest;
    change.after_digest = live.digest;
    change.touches = users_of(live.address);
    change.reason = "Nothing defines it any more, but APIs that are not changed here use it: it stays.";
    result_.same.push_back(std::move(change));
  }

  bool holds_unmanaged() const {
    if (options_.prune == Prune::All) return false;
    return std::any_of(live_.resources.begin(), live_.resources.end(),
                       [this](const auto& entry) { return entry.first.type() == "api" && !owns(entry.first); });
  }

  std::string deletion_reason(const Address& api, bool owned) const {
    std::vector<std::string> ours;
    std::vector<std::string> others;
    if (const auto published = live_publications_.find(api); published != live_publications_.end()) {
      for (const Resource* resource : published->second) {
        (owns(resource->address) ? ours : others).push_back(resource->address.environment());
      }
    }
    std::string reason = owned ? "The files no longer name it: " : "It is not owned by Sluice; prune: all: ";
    if (!ours.empty()) reason += fmt::format("take it offline in {}, then ", listed(ours));
    if (!others.empty())
      reason += fmt::format("take it offline in {}, where others published it, then ", listed(others));
    return reason + "delete it.";
  }

  void forget_if_gone(const Resource& base) {
    const Address& address = base.address;
    if (find_resource(live_.resources, address) != nullptr) return;
    const bool publication = address.type() == "publication";
    const bool wanted = publication ? is_wanted_environment(address.environment()) &&
                                          desired_.resources.contains(address.api_of_publication())
                                    : desired_.resources.contains(address);
    if (!wanted) result_.forgets.push_back(address);
  }

  /// What was kept as it was on the gateway, and the files no longer ask for, is no longer remembered.
  void forget_if_unasked(const Address& address) {
    const bool publication = address.type() == "publication";
    const bool wanted = desired_.resources.contains(publication ? address.api_of_publication() : address) &&
                        (!publication || is_wanted_environment(address.environment()));
    if (!wanted && !base_.resources.contains(address)) result_.forgets.push_back(address);
  }

  /// The gateway was moved to where the files already are: nothing to revert.
  bool is_adopted(const Change& drift) const {
    const Address& address = drift.address;
    const Resource* ours = find_resource(base_.resources, address);
    const Resource* now = find_resource(live_.resources, address);
    if (ours != nullptr && now != nullptr && made_anew(*ours, *now)) return false;
    const bool publication = address.type() == "publication";
    const Resource* desired = find_resource(desired_.resources, publication ? address.api_of_publication() : address);
    if (publication && !is_wanted_environment(address.environment())) desired = nullptr;
    if (drift.action == Action::Delete) return desired == nullptr;
    const Resource* live = find_resource(live_.resources, address);
    if (desired == nullptr || live == nullptr || !asks_for(*desired, live->body)) return false;
    return publication || !is_served_otherwise(*live);
  }

  /// Whether somebody took an API of ours offline where it should be, or published yet another version there.
  bool is_served_otherwise(const Resource& api) const {
    return std::any_of(options_.environments.begin(), options_.environments.end(), [&](const std::string& environment) {
      const Address address = Address::publication(api.address, environment);
      const Resource* ours = find_resource(base_.resources, address);
      const Resource* now = find_resource(live_.resources, address);
      if (ours == nullptr || (now != nullptr && now->digest == ours->digest)) return false;
      return now == nullptr || now->digest != api.digest;
    });
  }

  const Baseline& base_;
  const DesiredState& desired_;
  const LiveState& live_;
  const DiffOptions& options_;
  PublicationIndex base_publications_;
  PublicationIndex live_publications_;
  std::map<Address, std::string> named_after_;  ///< the response that an API which is updated names then
  GroupDiff result_;
};

}  // namespace

GroupDiff diff_group(const Baseline& base, const DesiredState& desired, const LiveState& live,
                     const DiffOptions& options) {
  DiffOptions ordered = options;  // in which order a manifest names environments means nothing
  std::sort(ordered.environments.begin(), ordered.environments.end());
  Baseline without_kept;
  const bool forgets = options.forget_kept && !base.kept.empty();
  if (forgets) {
    without_kept = base;
    without_kept.kept.clear();
  }
  const IgnoringView view(forgets ? without_kept : base, desired, live, options.ignore);
  GroupDiff diff = GroupComparison(view.base(), view.desired(), view.live(), ordered).run();
  if (!options.ignore.empty()) {
    show_as_it_is(diff, view, live);
    if (options.modes.api != Mode::Merge) refuse_broken_mixtures(diff, view, desired, live);
  }
  diff.ignored = view.hidden();
  compare_protection(base, desired, options.protect, diff);
  return diff;
}

}  // namespace sluice
