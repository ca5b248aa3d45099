#include "plan/drift.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "plan/body_diff.h"
#include "plan/half_done.h"
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

/// " at 2026-07-31 02:13 UTC", or nothing where the time is not known.
std::string at_time(const std::string& time) { return time.empty() ? "" : " at " + shown_time(time); }

/// What an API names in the field at this pointer, and a gateway keeps by its id: whoever renames that changes the
/// name in every API, without publishing one. "" for other fields.
std::string_view named_in(std::string_view pointer) {
  if (pointer == "/security/authorizer") return "authorizer";
  if (pointer == "/x-apigateway-response") return "response";
  if (pointer == "/x-apigateway-ratelimit") return "throttling policy";
  if (pointer == "/x-apigateway-access-control") return "access control policy";
  if (pointer == "/x-apigateway-plugins") return "plug-in";
  if (pointer.ends_with("/x-apigateway-orchestrations")) return "orchestration rule";
  const bool channel =
      pointer.ends_with("/httpVpcEndpoints/name") || pointer.ends_with("/httpVpcMemberGroupEndpoints/name");
  return channel ? "channel" : "";
}

/// Whether nothing differs but the names of other objects, one for another: those may have been renamed.
bool only_names(const std::vector<FieldChange>& fields) {
  const auto is_name = [](const FieldChange& field) {
    if (named_in(field.path).empty()) return false;
    const auto names = [](const Value& value) {
      if (value.is_array()) return value.items().size();
      return value.is_string() && !value.as_string().empty() && value.as_string() != "default" ? std::size_t{1} : 0;
    };
    return names(field.before) > 0 && names(field.before) == names(field.after);
  };
  return !fields.empty() && std::all_of(fields.begin(), fields.end(), is_name);
}

/// "Its channel was probably renamed or replaced on the gateway".
std::string describe_names(const std::vector<FieldChange>& fields) {
  std::vector<std::string> kinds;
  for (const FieldChange& field : fields) {
    const std::string kind(named_in(field.path));
    if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) kinds.push_back(kind);
  }
  return fmt::format("Its {} {} probably renamed or replaced on the gateway", listed(kinds),
                     kinds.size() == 1 ? "was" : "were");
}

bool have_times(const Resource& ours, const Resource& now) {
  return !ours.changed_at.empty() && !now.changed_at.empty();
}

/// Whether both are known to be one version: nobody changed or published it between them.
bool at_same_time(const Resource& ours, const Resource& now) {
  return have_times(ours, now) && ours.changed_at == now.changed_at;
}

/// Where an API of ours is served, against where and what we published.
struct Serving {
  std::vector<std::string> as_left;        ///< environments that serve what the last apply left
  std::vector<std::string> offline;        ///< where it was taken offline
  std::vector<const Resource*> as_draft;   ///< published anew, as the draft is now
  std::vector<const Resource*> other;      ///< published anew, and not as the draft is
  std::vector<const Resource*> untouched;  ///< not as the last apply left it, though nobody published there since
  std::vector<const Resource*> rebound;    ///< as the last apply left it, but for what it is bound to
  std::vector<const Resource*> elsewhere;  ///< where we did not publish, and nobody had at the last apply
};

class DriftFinder {
 public:
  DriftFinder(const Baseline& base, const LiveState& live)
      : base_(base),
        live_(live),
        base_publications_(publications_of(base.resources)),
        live_publications_(publications_of(live.resources)) {
    find_renamed_environments();
  }

  std::vector<Change> run() {
    for (const auto& [address, ours] : base_.resources) {
      if (address.type() == "publication") continue;
      const Resource* now = find_resource(live_.resources, address);
      if (is_claimed(address, now)) continue;
      if (now == nullptr) {
        gone(ours);
      } else if (address.type() == "api") {
        compare_api(ours, *now);
      } else {
        compare(ours, *now);
      }
    }
    for (const auto& [api, publications] : base_publications_) {
      if (!base_.resources.contains(api)) compare_orphans(api);
    }
    for (const auto& [environment, name] : renamed_) add_renamed(environment, name);
    std::sort(drift_.begin(), drift_.end(), [](const Change& a, const Change& b) { return a.address < b.address; });
    return std::move(drift_);
  }

 private:
  /// What an interrupted run of ours was to leave: nobody else's doing.
  bool is_claimed(const Address& address, const Resource* now) const {
    const auto claim = base_.claimed.find(address);
    if (claim != base_.claimed.end() && claim->second == (now != nullptr ? unbound_digest(*now) : std::string()))
      return true;
    return now != nullptr && is_left_half_done(base_, *now);
  }

  bool was_known(const Address& address) const {
    return base_.resources.contains(address) || base_.claimed.contains(address) || base_.unmanaged.contains(address);
  }

  /// An environment of ours was renamed when it is gone, and what we published there at one moment is known, to the
  /// same moment, to be published in another one. Ids of environments are not in the state.
  void find_renamed_environments() {
    if (live_.environments.empty()) return;
    std::map<std::string, std::set<std::string>> names;
    for (const auto& [api, publications] : base_publications_) {
      const auto served = live_publications_.find(api);
      if (served == live_publications_.end()) continue;
      for (const Resource* ours : publications) {
        if (live_.environments.contains(ours->address.environment())) continue;
        for (const Resource* now : served->second) {
          const bool same = at_same_time(*ours, *now) && ours->remote_id == now->remote_id;
          if (same && !was_known(now->address)) names[ours->address.environment()].insert(now->address.environment());
        }
      }
    }
    for (const auto& [environment, found] : names) {
      if (found.size() == 1) renamed_.emplace(environment, *found.begin());
    }
  }

  /// What is served now where we published, whatever the environment is called.
  const Resource* now_of(const Address& publication) const {
    const auto renamed = renamed_.find(publication.environment());
    if (renamed == renamed_.end()) return find_resource(live_.resources, publication);
    return find_resource(live_.resources, Address::publication(publication.api_of_publication(), renamed->second));
  }

  /// What we published where this is served now, or null.
  const Resource* ours_of(const Address& publication) const {
    for (const auto& [environment, name] : renamed_) {
      if (name != publication.environment()) continue;
      const Address address = Address::publication(publication.api_of_publication(), environment);
      if (const Resource* ours = find_resource(base_.resources, address)) return ours;
    }
    return find_resource(base_.resources, publication);
  }

  static Change row(const Address& address, Action action) {
    Change change{.address = address, .action = action};
    change.origin = Origin::Drift;
    return change;
  }

  Change update_of(const Resource& ours, const Resource& now) const {
    Change change = row(ours.address, Action::Update);
    change.before_digest = ours.digest;
    change.after_digest = now.digest;
    if (ours.digest == now.digest && !made_anew(ours, now))
      return change;  // no row, so no need to read the base's body
    change.before = base_.body_of(ours.address);
    change.after = now.body;
    if (ours.digest != now.digest) {
      set_fields(change, differences(ours.address.type(), change.before, now.body));
    }
    return change;
  }

  static void set_fields(Change& change, std::vector<FieldChange> fields) {
    for (FieldChange& field : fields) {
      field.origin = Origin::Drift;
      field.base = field.before;
    }
    change.fields = std::move(fields);
  }

  void gone(const Resource& ours) {
    Change change = row(ours.address, Action::Delete);
    change.before_digest = ours.digest;
    change.before = base_.body_of(ours.address);
    change.reason = "It was deleted on the gateway.";
    if (ours.address.type() == "group") {
      const auto apis = std::count_if(base_.resources.begin(), base_.resources.end(),
                                      [](const auto& entry) { return entry.first.type() == "api"; });
      if (apis > 0) {
        change.reason = fmt::format("It was deleted on the gateway, and with it {}.",
                                    apis == 1 ? "1 API of ours" : fmt::format("{} APIs of ours", apis));
      }
    } else if (ours.address.type() == "api") {
      if (live_.resources.empty()) change.reason = "It was deleted on the gateway, with its group.";
      if (const Resource* moved = same_id_elsewhere(ours)) {
        change.reason =
            fmt::format("Its method or path was changed on the gateway: it is {} now.", moved->address.text());
      }
    }
    drift_.push_back(std::move(change));
  }

  /// What the gateway calls by the id of ours, and we don't.
  const Resource* same_id_elsewhere(const Resource& ours) const {
    if (ours.remote_id.empty()) return nullptr;
    for (const auto& [address, resource] : live_.resources) {
      if (address.type() == "api" && resource.remote_id == ours.remote_id) return &resource;
    }
    return nullptr;
  }

  void compare(const Resource& ours, const Resource& now) {
    const bool anew = made_anew(ours, now);
    Change change = update_of(ours, now);
    if (!anew && change.fields.empty()) return;
    change.reason =
        anew ? "It was deleted or renamed on the gateway, and another one has its name now." : describe_fields(change);
    drift_.push_back(std::move(change));
  }

  static std::string describe_fields(const Change& change) {
    const auto name = std::find_if(change.fields.begin(), change.fields.end(),
                                   [](const FieldChange& field) { return field.path == "/name"; });
    if (change.address.type() != "group" || name == change.fields.end()) return "It was changed on the gateway.";
    return fmt::format("It was renamed to {} on the gateway{}.", name->after.is_string() ? name->after.as_string() : "",
                       change.fields.size() > 1 ? ", and its description was changed" : "");
  }

  void compare_api(const Resource& ours, const Resource& now) {
    const bool anew = made_anew(ours, now);
    Change change = update_of(ours, now);
    const Serving serving = serving_of(ours.address, now, anew, only_names(change.fields));
    if (anew || !change.fields.empty()) {
      change.reason = describe_api(change, serving, anew, ours, now);
      drift_.push_back(std::move(change));
      if (!anew) add_elsewhere(ours.address, serving);
      return;
    }
    for (const std::string& environment : serving.offline) add_offline(ours.address, environment, serving);
    for (const Resource* version : serving.rebound) add_other_version(*version, &ours, true);
    for (const auto* list : {&serving.as_draft, &serving.other, &serving.untouched}) {
      for (const Resource* version : *list) add_other_version(*version, &ours, false);
    }
    add_elsewhere(ours.address, serving);
  }

  /// `by_name`: the draft differs from what the last apply left in nothing but names of other objects.
  Serving serving_of(const Address& api, const Resource& draft, bool anew, bool by_name) const {
    Serving serving;
    if (const auto published = base_publications_.find(api); published != base_publications_.end()) {
      for (const Resource* ours : published->second) {
        const Resource* now = now_of(ours->address);
        if (is_claimed(ours->address, now)) continue;
        const bool asked = now == nullptr || !now->digest.empty();  // exports are made of environments that are known
        if (now == nullptr) {
          serving.offline.push_back(ours->address.environment());
        } else if (asked ? now->digest == ours->digest && !anew : is_left_unseen(*ours, *now, by_name)) {
          serving.as_left.push_back(ours->address.environment());
        } else if (!anew && asked && is_rebound(*ours, *now)) {
          serving.rebound.push_back(now);
        } else if (!anew &&
                   (have_times(*ours, *now) ? at_same_time(*ours, *now) : by_name && now->digest == draft.digest)) {
          serving.untouched.push_back(now);
        } else {
          (now->digest == draft.digest ? serving.as_draft : serving.other).push_back(now);
        }
      }
    }
    if (const auto published = live_publications_.find(api); published != live_publications_.end()) {
      for (const Resource* now : published->second) {
        if (!was_known(now->address) && ours_of(now->address) == nullptr) serving.elsewhere.push_back(now);
      }
    }
    return serving;
  }

  /// Whether what no export shows is as we left it: it is taken to be, but in an environment that was renamed.
  static bool is_left_unseen(const Resource& ours, const Resource& now, bool by_name) {
    return ours.address == now.address || (at_same_time(ours, now) && !by_name);
  }

  /// Whether what is served differs from what we published in nothing but the policies and plug-ins on it, which are
  /// put on and taken off without publishing.
  bool is_rebound(const Resource& ours, const Resource& now) const {
    const Address api = ours.address.api_of_publication();
    const Resource* draft = find_resource(base_.resources, api);  // the base has the body of what was published here
    return draft != nullptr && draft->digest == ours.digest &&
           only_bindings(differences("api", base_.body_of(api), now.body));
  }

  static bool only_bindings(const std::vector<FieldChange>& fields) {
    return !fields.empty() && std::all_of(fields.begin(), fields.end(),
                                          [](const FieldChange& field) { return is_binding_field(field.path); });
  }

  static std::string bound_where(const std::vector<const Resource*>& versions) {
    std::vector<std::string> places;
    for (const Resource* version : versions) places.push_back(version->address.environment());
    return listed(places);
  }

  /// One sentence on everything that moved of an API.
  static std::string describe_api(const Change& change, const Serving& serving, bool anew, const Resource& ours,
                                  const Resource& now) {
    const bool renamed = change.fields.size() == 1 && change.fields[0].path == "/operationId";
    const bool bound = !anew && only_bindings(change.fields);
    const bool in_place = bound && !serving.rebound.empty();  // what is published was bound anew, and nothing else
    const bool as_ours = !anew && !bound && serving.as_draft.empty() && serving.other.empty();
    const bool named = as_ours && serving.as_left.empty() && only_names(change.fields) &&
                       (at_same_time(ours, now) || !serving.untouched.empty());
    const bool untouched =
        as_ours && !serving.untouched.empty() && !(have_times(ours, now) && !at_same_time(ours, now));
    std::string text =
        anew        ? "It was deleted on the gateway and made anew by somebody else"
        : in_place  ? fmt::format("What it is bound to in {} was {} on the gateway", bound_where(serving.rebound),
                                 only_names(change.fields) ? "renamed or replaced" : "changed")
        : bound     ? "What it is bound to was changed on the gateway"
        : named     ? describe_names(change.fields)
        : untouched ? "It differs from what the last apply left, though nobody changed or published it since"
        : renamed   ? "It was renamed on the gateway"
                    : "It was changed on the gateway";
    if (named) {
      if (at_same_time(ours, now)) text += ": nobody changed the API itself since the last apply";
    } else if (untouched || in_place) {
      if (!serving.as_left.empty()) text += "; " + still_as_left(serving);
    } else if (!serving.as_draft.empty()) {
      text += fmt::format(" and published in {}{}", published_where(serving.as_draft), anew ? "" : " by somebody else");
    } else if (!serving.as_left.empty()) {
      text += at_time(now.changed_at) + ", but not published: ";
      text += still_as_left(serving);
    } else if (!anew && serving.other.empty() && serving.offline.empty()) {
      text += at_time(now.changed_at);
    }
    if (!serving.as_draft.empty() && !serving.as_left.empty()) {
      text += "; " + still_as_left(serving);
    }
    if (!named && !untouched && !serving.untouched.empty()) {
      text += fmt::format("; what {} serves differs too, though nobody published there since",
                          bound_where(serving.untouched));
    }
    if (!in_place && !serving.rebound.empty())
      text += fmt::format("; what it is bound to in {} was changed", bound_where(serving.rebound));
    if (!serving.offline.empty()) text += fmt::format("; it is not published in {} any more", listed(serving.offline));
    if (!serving.other.empty())
      text += fmt::format("; another version was published in {}", published_where(serving.other));
    return text + ".";
  }

  static std::string still_as_left(const Serving& serving) {
    return fmt::format("{} still {} what the last apply left", listed(serving.as_left),
                       serving.as_left.size() == 1 ? "serves" : "serve");
  }

  /// "RELEASE at 2026-07-31 02:13 UTC and TEST at …".
  static std::string published_where(const std::vector<const Resource*>& versions) {
    std::vector<std::string> places;
    for (const Resource* version : versions)
      places.push_back(version->address.environment() + at_time(version->changed_at));
    return listed(places);
  }

  void add_offline(const Address& api, const std::string& environment, const Serving& serving) {
    Change change = row(Address::publication(api, environment), Action::Delete);
    const auto ours = base_.resources.find(change.address);
    change.before_digest = ours->second.digest;
    change.before = base_.body_of(change.address);
    if (const auto renamed = renamed_.find(environment); renamed != renamed_.end()) {
      change.reason = fmt::format("It was taken offline in {}, which is called {} now.", environment, renamed->second);
    } else if (!live_.environments.empty() && !live_.environments.contains(environment)) {
      change.reason = fmt::format("The environment {} was deleted on the gateway.", environment);
    } else if (!serving.elsewhere.empty()) {
      change.reason =
          fmt::format("It was moved from {} to {} by somebody else.", environment, published_where(serving.elsewhere));
    } else {
      change.reason = fmt::format("It was taken offline in {}.", environment);
    }
    drift_.push_back(std::move(change));
  }

  void add_other_version(const Resource& version, const Resource* api, bool rebound) {
    const Resource& ours = *ours_of(version.address);
    Change change = row(ours.address, Action::Update);
    change.before_digest = ours.digest;
    change.after_digest = version.digest;
    if (api != nullptr && api->digest == ours.digest &&
        !version.digest.empty()) {  // the base holds what was published, as the API's own body
      change.before = base_.body_of(api->address);
      change.after = version.body;
      set_fields(change, differences("api", change.before, version.body));
    } else {
      change.before = base_.body_of(version.address);
      change.after = Value::object({{"definition", version.digest, 0}});
      change.fields.push_back({"/definition", ours.digest, version.digest, ours.digest, Origin::Drift});
    }
    if (rebound) {
      change.reason = fmt::format("What it is bound to in {} was {} on the gateway.", version.address.environment(),
                                  only_names(change.fields) ? "renamed or replaced" : "changed");
      drift_.push_back(std::move(change));
      return;
    }
    if (at_same_time(ours, version)) {
      change.reason = fmt::format(
          "{} serves something else than the last apply left, though nobody published there since{}.",
          version.address.environment(), only_names(change.fields) ? ". " + describe_names(change.fields) : "");
      drift_.push_back(std::move(change));
      return;
    }
    change.reason = fmt::format(
        "{} serves another version than the last apply left{}.", version.address.environment(),
        version.changed_at.empty()
            ? std::string()
            : fmt::format(": somebody else put one there that was published{}", at_time(version.changed_at)));
    drift_.push_back(std::move(change));
  }

  void add_elsewhere(const Address& api, const Serving& serving) {
    for (const Resource* version : serving.elsewhere) {
      Change change = row(Address::publication(api, version->address.environment()), Action::Create);
      change.after = version->body;
      change.after_digest = version->digest;
      const std::string& environment = version->address.environment();
      change.reason =
          fmt::format("It was published in {}{} by somebody else, and not by the last apply{}.", environment,
                      at_time(version->changed_at),
                      serving.offline.empty() ? std::string()
                                              : fmt::format("; it was moved there from {}", listed(serving.offline)));
      drift_.push_back(std::move(change));
    }
  }

  /// Publications of ours whose API is somebody else's.
  void compare_orphans(const Address& api) {
    const Resource nobody{api, Value(), ""};
    const Serving serving = serving_of(api, nobody, false, false);
    for (const std::string& environment : serving.offline) add_offline(api, environment, {});
    for (const auto* list : {&serving.other, &serving.untouched}) {
      for (const Resource* version : *list) add_other_version(*version, nullptr, false);
    }
  }

  /// One row for all that we published in an environment that has another name now. It stands where no other row does.
  void add_renamed(const std::string& environment, const std::string& name) {
    std::size_t count = 0;
    const Resource* shown = nullptr;
    const auto is_told = [this](const Address& address) {
      return std::any_of(drift_.begin(), drift_.end(), [&](const Change& row) { return row.address == address; });
    };
    for (const auto& [address, ours] : base_.resources) {
      if (address.type() != "publication" || address.environment() != environment || now_of(address) == nullptr)
        continue;
      ++count;
      if (shown == nullptr && !is_told(address)) shown = &ours;
    }
    if (shown == nullptr) return;
    Change change = row(shown->address, Action::Delete);
    change.before_digest = shown->digest;
    change.before = base_.body_of(shown->address);
    change.reason =
        fmt::format("The environment {} was renamed to {} on the gateway{}.", environment, name,
                    count == 1 ? "" : fmt::format(", with {} APIs of ours that are published there", count));
    drift_.push_back(std::move(change));
  }

  const Baseline& base_;
  const LiveState& live_;
  PublicationIndex base_publications_;
  PublicationIndex live_publications_;
  std::map<std::string, std::string> renamed_ = {};  ///< environments of ours, with the names that they have now
  std::vector<Change> drift_;
};

}  // namespace

PublicationIndex publications_of(const ResourceMap& resources) {
  PublicationIndex index;
  for (const auto& [address, resource] : resources) {
    if (address.type() == "publication") index[address.api_of_publication()].push_back(&resource);
  }
  return index;
}

const Resource* find_resource(const ResourceMap& resources, const Address& address) {
  const auto at = resources.find(address);
  return at == resources.end() ? nullptr : &at->second;
}

bool made_anew(const Resource& ours, const Resource& live) {
  return ours.address.type() != "publication" && !ours.remote_id.empty() && !live.remote_id.empty() &&
         ours.remote_id != live.remote_id;
}

std::vector<Change> find_drift(const Baseline& base, const LiveState& live) { return DriftFinder(base, live).run(); }

std::vector<Address> foreign_publications(const Baseline& base, const ResourceMap& desired, const LiveState& live) {
  std::vector<Address> found;
  for (const auto& [address, resource] : live.resources) {
    if (address.type() != "publication") continue;
    if (base.resources.contains(address) || base.claimed.contains(address)) continue;
    const Address api = address.api_of_publication();
    if (base.resources.contains(api) || desired.contains(api)) found.push_back(address);
  }
  return found;
}

std::string shown_time(std::string_view time) {
  constexpr std::string_view kShape = "0000-00-00T00:00";
  bool fits = time.size() > kShape.size() && time.ends_with('Z');
  for (std::size_t i = 0; fits && i < kShape.size(); ++i) {
    fits = kShape[i] == '0' ? time[i] >= '0' && time[i] <= '9' : time[i] == kShape[i];
  }
  if (!fits) return std::string(time);
  return fmt::format("{} {} UTC", time.substr(0, 10), time.substr(11, 5));
}

}  // namespace sluice
