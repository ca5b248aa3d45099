// A gateway with what others have on it, a state, and the acts of a user.
#pragma once

#include <catch2/catch.hpp>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "plan/plan_json.h"
#include "plan/render_text.h"
#include "tests/property/others.h"
#include "tests/property/random_state.h"
#include "tests/support/in_process.h"

namespace sluice::property {

class Stage {
 public:
  /// `generator` makes what others have: a group of their own, and, once the group alpha is there, APIs in it.
  explicit Stage(StateGenerator& generator);
  ~Stage();
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  test::InProcessGateway& gateway() { return gateway_; }
  StateSnapshot state();

  Plan plan(const std::vector<GroupRequest>& requests);
  /// Every outcome is as predicted.
  RunReport apply(const Plan& plan);
  /// Applies, and looks again: nothing is left to do, nothing has drifted, and doing it again (now and then) sends
  /// nothing.
  void reach(const std::vector<GroupRequest>& requests, const Plan& plan);
  /// What an empty state's client finds: what is asked for is there, published where it should be, and nothing else but
  /// what others made.
  void seen_by_a_clean_observer(const std::vector<GroupRequest>& requests, const std::set<std::string>& others = {});

  /// Somebody makes APIs in the group alpha.
  void add_unmanaged(StateGenerator& generator);
  /// All that others have, as they see it.
  std::string what_others_have() { return others_.all(); }
  LiveState exported(const std::string& group);
  const std::set<std::string>& unmanaged() const { return others_.unmanaged(); }

 private:
  /// What is otherwise than a plan wanted it.
  std::string difference_seen(const Plan& plan, const Address& address);

  test::InProcessGateway gateway_;
  Others others_;
  std::filesystem::path folder_;
  std::unique_ptr<StateStore> store_;
  ReconcilerOptions options_;
  std::size_t reached_ = 0;
};

/// The plan as JSON, without where things stand in files.
std::string without_places(Plan plan);

/// Where two texts part, with what stands around; "" when they don't.
std::string difference(const std::string& one, const std::string& other);

/// Every member of `wanted` is in `seen`, wherever it stands; what the gateway has besides does not count.
bool holds(const Value& seen, const Value& wanted);

/// The requests with this said of every group.
std::vector<GroupRequest> with(std::vector<GroupRequest> requests, const std::function<void(DiffOptions&)>& change);

}  // namespace sluice::property
