#include "plan/diff.h"

#include <fmt/format.h>

#include <algorithm>

#include "plan/canonical.h"
#include "plan/risk.h"

namespace sluice {
namespace {

std::string escaped_token(std::string_view token) {
  std::string result;
  for (const char c : token) {
    if (c == '~') {
      result += "~0";
    } else if (c == '/') {
      result += "~1";
    } else {
      result += c;
    }
  }
  return result;
}

Value value_or_null(const Value* value) { return value != nullptr ? *value : Value(); }

bool same(const Value* a, const Value* b) {
  if (a == nullptr || b == nullptr) return a == b;
  return a == b || *a == *b;
}

/// The three values of one place; null where absent. Without a base, every difference is pending.
struct Sides {
  const Value* base = nullptr;
  const Value* desired = nullptr;
  const Value* live = nullptr;
};

/// Merges desired over live, field by field, and notes each difference.
class BodyDiff {
 public:
  BodyDiff(bool has_base, OnDrift on_drift) : has_base_(has_base), on_drift_(on_drift) {}

  /// The body that apply leaves: desired, with what the files leave open taken from live.
  Value merge(const std::string& path, std::span<const FieldSchema> fields, const Sides& sides,
              std::span<const std::string_view> keys = {}) {
    Value::Object members;
    for (const FieldSchema& field : fields) {
      const Sides inner = member(sides, field.name);
      const bool is_key = std::find(keys.begin(), keys.end(), field.name) != keys.end();
      Value value;
      if (is_key || (inner.desired == nullptr && field.kept)) {
        value = value_or_null(inner.desired != nullptr ? inner.desired : inner.live);
      } else {
        value = merge_field(path + "/" + escaped_token(field.name), field, inner);
      }
      if (!value.is_null()) members.push_back({std::string(field.name), std::move(value), 0});
    }
    carry_undeclared(fields, sides, members);
    return Value::object(std::move(members));
  }

  std::vector<FieldChange> take_changes() { return std::move(changes_); }
  std::size_t adopted() const { return adopted_; }
  std::size_t undeclared() const { return undeclared_; }
  /// Fields that somebody changed on the gateway and that stay so.
  std::size_t kept() const { return kept_; }

 private:
  static Sides member(const Sides& sides, std::string_view name) {
    const auto find = [name](const Value* value) { return value != nullptr ? value->find(name) : nullptr; };
    return {find(sides.base), find(sides.desired), find(sides.live)};
  }

  Value merge_field(const std::string& path, const FieldSchema& field, const Sides& sides) {
    const bool both = sides.desired != nullptr && sides.live != nullptr;
    if (field.kind == FieldKind::Object && both && sides.desired->is_object() && sides.live->is_object()) {
      return merge(path, field.fields, sides);
    }
    if (field.kind == FieldKind::KeyedList) return merge_list(path, field, sides);
    return settle(path, sides,
                  [&](const Value& before, const Value& after) { return judge_field(field.rule, before, after); });
  }

  Value merge_list(const std::string& path, const FieldSchema& list, const Sides& sides) {
    std::map<std::string, Sides> elements;
    const auto collect = [&](const Value* value, const Value* Sides::*side) {
      if (value == nullptr) return;
      for (const Value& element : value->items()) elements[folded_element_key(element, list)].*side = &element;
    };
    collect(sides.base, &Sides::base);
    collect(sides.desired, &Sides::desired);
    collect(sides.live, &Sides::live);
    Value::Array merged;
    for (const auto& [folded, element] : elements) {
      const Value* shown = element.desired != nullptr ? element.desired : element.live;
      if (shown == nullptr) continue;
      const std::string inner = path + "/" + escaped_token(element_key(*shown, list));
      const bool both = element.desired != nullptr && element.live != nullptr;
      Value value = both ? merge(inner, list.fields, element, list.keys)
                         : settle(inner, element, [&](const Value& before, const Value& after) {
                             return judge_element(list.rule, before, after);
                           });
      if (!value.is_null()) merged.push_back(std::move(value));
    }
    return merged.empty() ? Value() : Value::array(std::move(merged));
  }

  template <typename Judge>
  Value settle(const std::string& path, const Sides& sides, const Judge& judge) {
    Value before = value_or_null(sides.live);
    Value after = value_or_null(sides.desired);
    if (same(sides.desired, sides.live)) {
      if (has_base_ && !same(sides.base, sides.desired)) ++adopted_;
      return after;
    }
    Origin origin = Origin::Pending;
    if (has_base_ && same(sides.base, sides.desired)) origin = Origin::Drift;
    if (has_base_ && !same(sides.base, sides.desired) && !same(sides.base, sides.live)) origin = Origin::Conflict;
    if (origin == Origin::Drift && on_drift_ == OnDrift::Keep) {
      ++kept_;
      return before;
    }
    const Judgement verdict = judge(before, after);
    changes_.push_back(
        {path, before, after, value_or_null(sides.base), origin, verdict.risk, std::string(verdict.rule)});
    return after;
  }

  /// What the gateway holds beyond our tables stays as it is: an import would reset it otherwise.
  void carry_undeclared(std::span<const FieldSchema> fields, const Sides& sides, Value::Object& members) {
    if (sides.live == nullptr) return;
    for (const auto& extra : sides.live->members()) {
      if (find_field(fields, extra.key) != nullptr) continue;
      members.push_back({extra.key, extra.value, 0});
      ++undeclared_;
    }
  }

  bool has_base_;
  OnDrift on_drift_;
  std::vector<FieldChange> changes_;
  std::size_t adopted_ = 0;
  std::size_t undeclared_ = 0;
  std::size_t kept_ = 0;
};

std::size_t count_undeclared(const Value& body, std::span<const FieldSchema> fields) {
  const auto& members = body.members();
  return static_cast<std::size_t>(std::count_if(members.begin(), members.end(), [&](const Value::Member& member) {
    return find_field(fields, member.key) == nullptr;
  }));
}

const Resource* find(const ResourceMap& resources, const Address& address) {
  const auto at = resources.find(address);
  return at == resources.end() ? nullptr : &at->second;
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    text += i == 0 ? "" : i + 1 == names.size() ? " and " : ", ";
    text += names[i];
  }
  return text;
}

/// The publications of each API.
using PublicationIndex = std::map<Address, std::vector<const Resource*>>;

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
    for (const auto& [address, resource] : live_.resources) judge_unwanted(resource);
    for (const auto& [address, resource] : base_.resources) forget_if_gone(resource);
    result_.drift = find_drift(base_, live_);
    std::erase_if(result_.drift, [this](const Change& change) { return is_adopted(change); });
    std::sort(result_.changes.begin(), result_.changes.end(),
              [](const Change& a, const Change& b) { return a.address < b.address; });
    return std::move(result_);
  }

 private:
  bool owns(const Address& address) const {
    if (base_.resources.contains(address)) return true;
    const auto claim = base_.claimed.find(address);
    const Resource* live = find(live_.resources, address);
    return claim != base_.claimed.end() && live != nullptr && live->digest == claim->second;
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
    const Resource* live = find(live_.resources, desired.address);
    if (live == nullptr) return create(desired);
    const bool owned = owns(desired.address);
    const bool adopting = !owned && may_adopt(desired.address);
    if (owned || adopting) return compare_owned(desired, *live, adopting);
    if (desired.address.type() == "group") {
      keep(live->address, *live);  // an existing group may be used, and is never changed
      return;
    }
    BodyDiff body(false, OnDrift::Revert);
    body.merge("", schema_of(desired.address.type()).fields, {nullptr, &desired.body, &live->body});
    const auto fields = body.take_changes();
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
    BodyDiff diff(false, OnDrift::Revert);
    diff.merge("", schema_of(desired.address.type()).fields, {nullptr, &desired.body, &body});
    return diff.take_changes().empty();
  }

  void create(const Resource& desired) {
    const Resource* base = find(base_.resources, desired.address);
    if (options_.on_drift == OnDrift::Keep && base != nullptr && asks_for(desired, base_.body_of(desired.address))) {
      ++result_.unchanged;  // it was deleted on the gateway, and that is to stay
      return;
    }
    create_anew(desired);
  }

  void create_anew(const Resource& desired) {
    const Resource* base = find(base_.resources, desired.address);
    Change change{.address = desired.address, .action = Action::Create};
    change.after = desired.body;
    change.after_digest = desired.digest;
    change.origin = base != nullptr ? Origin::Drift : Origin::Pending;
    change.source = desired.source;
    if (desired.address.type() == "group") {
      change.reason = "The group is not on the gateway.";
    } else {
      const bool is_api = desired.address.type() == "api";
      if (is_api) change.environments = options_.environments;
      change.touches = users_of(desired.address);
      change.reason =
          fmt::format("{}: {}{}.", base != nullptr ? "It was deleted on the gateway" : "It is not on the gateway",
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
    if (const auto at = desired_.users.find(policy); at != desired_.users.end()) {
      for (const auto& [id, name] : at->second) users.insert(name);
    }
    if (const auto at = live_.users.find(policy); at != live_.users.end()) {
      for (const auto& [id, name] : at->second) {
        const auto owned = options_.owned_apis.find(id);
        users.insert(owned != options_.owned_apis.end() ? owned->second : name);
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
      if (desired.address.type() != "group" || find(live_.resources, desired.address) != nullptr) continue;
      const bool planned = std::any_of(result_.changes.begin(), result_.changes.end(),
                                       [&](const Change& change) { return change.address == desired.address; });
      if (!planned) create_anew(desired);
    }
  }

  void compare_owned(const Resource& desired, const Resource& live, bool adopting) {
    const Resource* base = find(base_.resources, desired.address);
    const TypeSchema& schema = schema_of(desired.address.type());
    Change change{.address = desired.address, .action = Action::Update};
    change.before = live.body;
    change.before_digest = live.digest;
    change.importing = adopting;
    change.source = desired.source;
    bool adopted = base != nullptr && base->digest != desired.digest;
    bool kept = false;
    if (live.digest == desired.digest) {  // most are: no need to look at their fields
      change.after = live.body;
      change.after_digest = live.digest;
      result_.undeclared += count_undeclared(live.body, schema.fields);
    } else {
      const Value applied = base_.body_of(desired.address);
      BodyDiff body(base != nullptr, options_.on_drift);
      change.after = body.merge("", schema.fields, {base != nullptr ? &applied : nullptr, &desired.body, &live.body});
      change.after_digest = digest_of(change.after, schema.fields);
      change.fields = body.take_changes();
      adopted = body.adopted() > 0;
      kept = body.kept() > 0;
      result_.undeclared += body.undeclared();
    }
    const bool is_api = desired.address.type() == "api";
    if (is_api) change.environments = options_.environments;
    if (change.fields.empty()) {
      keep(desired.address, live);
      if (base == nullptr || adopted) record(live);
      if (adopting) result_.same.push_back(owned_from_now(change));
      if (is_api && !kept) compare_publications(change, live);  // a draft that somebody edited is not ours to publish
      return;
    }
    change.touches = users_of(desired.address);
    describe_update(change);
    if (is_api) take_offline_elsewhere(live.address);
    note_published(change);
    result_.changes.push_back(std::move(change));
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
      const Resource* published = find(live_.resources, Address::publication(live.address, environment));
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
    for (const FieldChange& field : change.fields) {
      if (field.risk > change.risk) {
        change.risk = field.risk;
        change.rule = field.rule;
      }
    }
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
  }

  /// The API itself is right; is it served everywhere it should be, as it should be?
  void compare_publications(const Change& api, const Resource& live_api) {
    for (const std::string& environment : options_.environments) {
      const Address address = Address::publication(live_api.address, environment);
      const Resource* live = find(live_.resources, address);
      if (live != nullptr && live->digest == api.after_digest) {
        if (!base_.resources.contains(address)) record(*live);
        continue;
      }
      const Resource* base = find(base_.resources, address);
      const bool drifted = base != nullptr && (live == nullptr || live->digest != base->digest);
      if (drifted && options_.on_drift == OnDrift::Keep) continue;
      Change change{.address = address, .action = live == nullptr ? Action::Create : Action::Update};
      change.origin = drifted ? Origin::Drift : Origin::Pending;
      change.after = api.after;
      change.after_digest = api.after_digest;
      change.source = api.source;
      if (live == nullptr) {
        change.reason = base != nullptr ? fmt::format("It was taken offline in {}: publish it again.", environment)
                                        : fmt::format("It is not published in {}.", environment);
      } else {
        change.before = live->body;
        change.before_digest = live->digest;
        BodyDiff body(false, OnDrift::Revert);
        body.merge("", schema_of("api").fields, {nullptr, &api.after, &live->body});
        change.fields = body.take_changes();
        change.reason =
            fmt::format("{} serves another version than the one that is imported: publish it again.", environment);
      }
      result_.changes.push_back(std::move(change));
    }
    take_offline_elsewhere(live_api.address);
  }

  /// Environments that were taken off the list: only what we published there goes.
  void take_offline_elsewhere(const Address& api) {
    const auto published = base_publications_.find(api);
    if (published == base_publications_.end()) return;
    for (const Resource* base : published->second) {
      const Address& address = base->address;
      if (is_wanted_environment(address.environment())) continue;
      const Resource* live = find(live_.resources, address);
      if (live == nullptr) continue;
      Change change{.address = address, .action = Action::Delete};
      change.before = live->body;
      change.before_digest = live->digest;
      change.risk = Risk::Breaking;
      change.rule = "api-removed";
      change.reason =
          fmt::format("{} is no longer among the group's environments: take it offline there.", address.environment());
      result_.changes.push_back(std::move(change));
    }
  }

  bool is_wanted_environment(const std::string& name) const {
    return std::find(options_.environments.begin(), options_.environments.end(), name) != options_.environments.end();
  }

  /// In live and not in the files: ours goes, everybody else's stays.
  void judge_unwanted(const Resource& live) {
    const Address& address = live.address;
    if (address.type() == "publication" || desired_.resources.contains(address)) return;
    const bool is_group = address.type() == "group";
    const bool is_api = address.type() == "api";
    if (!owns(address)) {
      if (is_api) result_.unmanaged.push_back(address);
      return;
    }
    if (options_.prune == Prune::None || (is_group && holds_unmanaged())) return keep(address, live);
    if (is_used_by_others(address)) return keep(address, live);  // the gateway deletes no policy that is bound
    Change change{.address = address, .action = Action::Delete};
    change.before = live.body;
    change.before_digest = live.digest;
    change.risk = is_api ? Risk::Breaking : Risk::Safe;
    change.rule = is_api ? "api-removed" : "";
    change.touches = users_of(address);
    change.reason = is_group ? "The manifest no longer names the group."
                    : is_api ? deletion_reason(address)
                             : "Nothing defines it any more: delete it.";
    note_published(change);
    result_.changes.push_back(std::move(change));
  }

  /// Whether an API that is not ours is bound to this policy.
  bool is_used_by_others(const Address& policy) const {
    const auto users = live_.users.find(policy);
    return users != live_.users.end() &&
           std::any_of(users->second.begin(), users->second.end(),
                       [this](const auto& user) { return !options_.owned_apis.contains(user.first); });
  }

  bool holds_unmanaged() const {
    return std::any_of(live_.resources.begin(), live_.resources.end(),
                       [this](const auto& entry) { return entry.first.type() == "api" && !owns(entry.first); });
  }

  std::string deletion_reason(const Address& api) const {
    std::vector<std::string> ours;
    std::vector<std::string> others;
    if (const auto published = live_publications_.find(api); published != live_publications_.end()) {
      for (const Resource* resource : published->second) {
        (owns(resource->address) ? ours : others).push_back(resource->address.environment());
      }
    }
    std::string reason = "The files no longer name it: ";
    if (!ours.empty()) reason += fmt::format("take it offline in {}, then ", listed(ours));
    if (!others.empty())
      reason += fmt::format("take it offline in {}, where others published it, then ", listed(others));
    return reason + "delete it.";
  }

  void forget_if_gone(const Resource& base) {
    const Address& address = base.address;
    if (find(live_.resources, address) != nullptr) return;
    const bool publication = address.type() == "publication";
    const bool wanted = publication ? is_wanted_environment(address.environment()) &&
                                          desired_.resources.contains(address.api_of_publication())
                                    : desired_.resources.contains(address);
    if (!wanted) result_.forgets.push_back(address);
  }

  /// The gateway was moved to where the files already are: nothing to revert.
  bool is_adopted(const Change& drift) const {
    const Address& address = drift.address;
    const bool publication = address.type() == "publication";
    const Resource* desired = find(desired_.resources, publication ? address.api_of_publication() : address);
    if (publication && !is_wanted_environment(address.environment())) desired = nullptr;
    if (drift.action == Action::Delete) return desired == nullptr;
    const Resource* live = find(live_.resources, address);
    return desired != nullptr && live != nullptr && asks_for(*desired, live->body);
  }

  static PublicationIndex publications_of(const ResourceMap& resources) {
    PublicationIndex index;
    for (const auto& [address, resource] : resources) {
      if (address.type() == "publication") index[address.api_of_publication()].push_back(&resource);
    }
    return index;
  }

  const Baseline& base_;
  const DesiredState& desired_;
  const LiveState& live_;
  const DiffOptions& options_;
  PublicationIndex base_publications_;
  PublicationIndex live_publications_;
  GroupDiff result_;
};

}  // namespace

GroupDiff diff_group(const Baseline& base, const DesiredState& desired, const LiveState& live,
                     const DiffOptions& options) {
  return GroupComparison(base, desired, live, options).run();
}

std::vector<Change> find_drift(const Baseline& base, const LiveState& live) {
  std::vector<Change> drift;
  for (const auto& [address, before] : base.resources) {
    const Resource* now = find(live.resources, address);
    const bool is_publication = address.type() == "publication";
    Change change{.address = address, .action = now == nullptr ? Action::Delete : Action::Update};
    change.origin = Origin::Drift;
    change.before_digest = before.digest;
    if (now != nullptr && now->digest == before.digest) continue;
    change.before = base.body_of(address);
    if (now == nullptr) {
      change.reason = is_publication ? fmt::format("It was taken offline in {}.", address.environment())
                                     : "It was deleted on the gateway.";
      drift.push_back(std::move(change));
      continue;
    }
    change.after = now->body;
    change.after_digest = now->digest;
    if (is_publication) {
      change.after = Value::object({{"definition", now->digest, 0}});
      change.fields.push_back(
          {"/definition", before.digest, now->digest, before.digest, Origin::Drift, Risk::Safe, ""});
      change.reason =
          fmt::format("{} serves a version that was not published by the last apply.", address.environment());
    } else {
      BodyDiff body(false, OnDrift::Revert);
      body.merge("", schema_of(address.type()).fields, {nullptr, &now->body, &change.before});
      change.fields = body.take_changes();
      if (change.fields.empty()) continue;
      for (FieldChange& field : change.fields) {
        field.origin = Origin::Drift;
        field.base = field.before;
      }
      change.reason = "It was changed on the gateway.";
    }
    drift.push_back(std::move(change));
  }
  return drift;
}

}  // namespace sluice
