// Random states of a gateway as a manifest asks for them, and random ways from one to the next.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/reconciler.h"
#include "plan/value.h"
#include "tests/plan/table_generator.h"

namespace sluice::property {

/// One group of a manifest. APIs are bodies in the words of kApiSchema; no two have one name, or one method and path.
struct RandomGroup {
  std::string description = "one";
  std::vector<std::string> environments = {"RELEASE"};
  std::vector<Value> apis;
  std::map<std::string, Value> responses;
};

/// What a manifest asks for; groups by name.
struct RandomState {
  std::map<std::string, RandomGroup> groups;
  std::map<std::string, Value> ratelimits;
  std::map<std::string, Value> acls;
};

/// What exists on the gateway for APIs to name: plug-ins and their types, rules, a channel and its member groups.
inline constexpr std::pair<std::string_view, std::string_view> kPlugins[] = {
    {"plug_cors", "cors"}, {"plug_limit", "rate_limit"}, {"plug_other_cors", "cors"}};
inline constexpr std::string_view kRules[] = {"rule_a", "rule_b"};
inline constexpr std::string_view kEnvironments[] = {"RELEASE", "TEST", "PROD"};
inline constexpr std::string_view kChannel = "channel_1";
inline constexpr std::string_view kMemberGroups[] = {"blue", "green"};

/// States of one seed.
class StateGenerator {
 public:
  explicit StateGenerator(unsigned seed) : bodies_(seed), dice_(seed + 1) {}

  RandomState first();
  /// Something else: from hardly to all.
  RandomState next(const RandomState& from);
  /// The document of a group that somebody else made: what it names exists.
  Value foreign_api();

  test::Dice& dice() { return dice_; }

 private:
  using Move = void (StateGenerator::*)(RandomState&, RandomGroup&);

  Value api();
  RandomGroup group();
  void settle(RandomState& state);
  void settle(const RandomState& state, const RandomGroup& group, Value& api);

  void add(RandomState& state, RandomGroup& group);
  void remove(RandomState& state, RandomGroup& group);
  void replace(RandomState& state, RandomGroup& group);
  void change_fields(RandomState& state, RandomGroup& group);
  void rename_variable(RandomState& state, RandomGroup& group);
  void rename(RandomState& state, RandomGroup& group);
  void rotate_names(RandomState& state, RandomGroup& group);
  void take_over_name(RandomState& state, RandomGroup& group);
  void move_path(RandomState& state, RandomGroup& group);
  void move_all(RandomState& state, RandomGroup& group);
  void change_method(RandomState& state, RandomGroup& group);
  void change_match_mode(RandomState& state, RandomGroup& group);
  void move_to_other_group(RandomState& state, RandomGroup& group);
  void change_environments(RandomState& state, RandomGroup& group);
  void change_description(RandomState& state, RandomGroup& group);
  void change_responses(RandomState& state, RandomGroup& group);
  void change_policies(RandomState& state, RandomGroup& group);
  void change_references(RandomState& state, RandomGroup& group);

  test::TableGenerator bodies_;
  test::Dice dice_;
  int count_ = 0;
};

/// What the engine plans: the state's files read as the product reads them, and the groups that are gone. With
/// `shuffle`, the same thing otherwise: files, their order, keys, set-like lists and spellings.
std::vector<GroupRequest> requests_of(const RandomState& state, unsigned shuffle = 0);

}  // namespace sluice::property
