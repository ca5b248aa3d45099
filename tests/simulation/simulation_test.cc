// Applies over a network, a disk and a clock that fail as one number says, until one meets no fault; after each of them
// every promise is looked at. SLUICE_SEED=N plays one number, SLUICE_WAYS=N the first N, SLUICE_FROM=N others than the
// first.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cstdlib>

#include "engine/observation.h"
#include "plan/digest.h"
#include "plan/json.h"
#include "tests/property/stage.h"
#include "tests/simulation/process.h"

namespace sluice::simulation {
namespace {

constexpr unsigned kSeeds = 500;
constexpr unsigned kTwiceLost = 210;

/// What must have been met by so many: else these tests prove less than they say.
constexpr std::string_view kRecoveries[] = {"a request that surely failed was sent again",
                                            "a run was interrupted",
                                            "a run was killed",
                                            "a run was partial",
                                            "a run went on where a lost one ended",
                                            "a settling run waited for rest",
                                            "a signal before anything was sent",
                                            "a token was renewed",
                                            "an error of the disk before anything was sent",
                                            "an error of the gateway before anything was sent",
                                            "an intent came to nothing",
                                            "an intent was settled by export",
                                            "an intent was settled by its task",
                                            "an outcome was unknown",
                                            "delivered twice at a change",
                                            "meddling at a change",
                                            "task record vanished at a change",
                                            "task stuck at a change",
                                            "the gateway failed an import: failed_task",
                                            "the gateway failed an import: ignored",
                                            "the gateway failed an import: lost_task",
                                            "the gateway failed an import: partial_failure",
                                            "the lock was lost after something was sent",
                                            "the lock was lost before anything was sent",
                                            "what a lost run made is ours"};

unsigned number(const char* variable, unsigned otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : static_cast<unsigned>(std::strtoul(text, nullptr, 10));
}

void expect(bool condition, const std::string& what) {
  if (!condition) throw Violation{what};
}

/// What state and journal name.
bool is_named(const StateSnapshot& state, const Address& address) {
  const Baseline& base = state.base_of(address.group());
  return base.resources.contains(address) || base.claimed.contains(address);
}

class Way {
 public:
  Way(const Schedule& schedule, Counters& counters) : world_(schedule, counters) {}

  void go() {
    property::RandomState wanted = world_.generator().first();
    const Value stranger = world_.generator().foreign_api();
    for (const int attempts : world_.schedule().attempts) {
      requests_ = property::requests_of(wanted);
      theirs_ = world_.others().all();
      for (int i = 0; i < attempts; ++i) attempt();
      const int most = 1 + (world_.schedule().mischief ? 1 : 0);
      Ended last;
      for (int i = 0; i < most && !last.success(); ++i) {
        last = attempt(true);
        if (last.success() || last.gateway_failed) continue;
        expect(false, "a run that met no fault did not converge: " + told(last));
      }
      expect(last.success(), "a run that met no fault did not converge");
      if (!world_.gateway().group_id("alpha").empty() && world_.others().unmanaged().empty() &&
          !world_.next_import_goes_wrong())
        world_.others().add_unmanaged(stranger);
      wanted = world_.generator().next(wanted);
    }
  }

  World& world() { return world_; }

 private:
  static std::string told(const Ended& ended) {
    if (ended.error) return ended.error->message;
    std::string text;
    for (const Outcome& outcome : ended.report.outcomes) {
      if (outcome.as_predicted()) continue;
      text += fmt::format("{} is {} and not {} {} {}; ", outcome.address.text(), to_string(outcome.actual),
                          to_string(outcome.predicted), outcome.error_code, outcome.error_message);
    }
    return text;
  }

  Ended attempt(bool faultless = false) {
    const auto before = world_.made();
    const std::size_t open_before = world_.state().open_intents.size();
    const Ended ended = run_process(world_, requests_, faultless ? -1 - run_ : run_);
    ++run_;
    look_after(ended, before, open_before);
    if (ended.success()) expect_success(ended);
    if (faultless && ended.success()) expect_done();
    return ended;
  }

  void look_after(const Ended& ended, const std::map<Address, std::string>& before, std::size_t open_before) {
    const StateSnapshot state = world_.state();
    const auto after = world_.made();
    for (const auto& [address, version] : after) {
      expect(is_named(state, address), address.text() + " was made, and neither state nor journal names it");
    }
    expect(property::difference(theirs_, world_.others().all()).empty(), "what others have was changed");
    if (ended.meddled || open_before > 0) return;  // others work here, or an earlier run's requests still do
    const auto is_named_by_step = [&](const Address& address) {
      const bool with_its_group = address.type() == "response" && !after.contains(Address::group(address.group()));
      return ended.named.contains(address) || with_its_group ||
             (address.type() == "publication" && ended.named.contains(address.api_of_publication()));
    };
    for (const auto& [address, version] : after) {
      const auto was = before.find(address);
      const bool same = was != before.end() && was->second == version;
      const bool api_of_step = address.type() == "api" && is_named_by_publication(ended, address);
      expect(same || is_named_by_step(address) || api_of_step, address.text() + " changed, and no step names it");
    }
    for (const auto& [address, version] : before) {
      const bool gone = !after.contains(address);
      expect(!gone || is_named_by_step(address), address.text() + " is gone, and no step names it");
    }
  }

  /// Publishing and binding leave their time with the API.
  static bool is_named_by_publication(const Ended& ended, const Address& api) {
    return std::any_of(ended.named.begin(), ended.named.end(), [&](const Address& address) {
      return address.type() == "publication" && address.api_of_publication() == api;
    });
  }

  /// What a clean observer finds is what was asked for.
  void expect_success(const Ended& ended) {
    if (ended.meddled) return;
    for (const GroupRequest& request : requests_) {
      if (request.name.empty()) continue;
      const LiveState live = exported(request.name);
      for (const auto& [address, resource] : request.desired.resources) {
        expect_holds(live, address, resource.body);
        if (address.type() != "api") continue;
        for (const std::string& environment : request.options.environments)
          expect_holds(live, Address::publication(address, environment), resource.body);
      }
    }
  }

  static void expect_holds(const LiveState& live, const Address& address, const Value& body) {
    const auto seen = live.resources.find(address);
    expect(seen != live.resources.end(), address.text() + " is not there after a success");
    expect(property::holds(seen->second.body, body), address.text() + " is\n" + write_json(seen->second.body) +
                                                         "\nafter a success, and not\n" + write_json(body));
  }

  LiveState exported(const std::string& group) {
    ExportRequest request{.group = group};
    for (const std::string_view name : property::kEnvironments) request.environments.emplace_back(name);
    request.responses = true;
    ReconcilerOptions options;
    options.threads = 0;
    Observation observation(world_.gateway().provider(), world_.gateway().clock(), options, {request});
    LiveState live;
    const auto done = observation.finish([&](const ExportRequest&, ExportDone exported) -> Result<void> {
      live = std::move(exported.live);
      return {};
    });
    expect(done.has_value(), "a clean observer cannot look");
    return live;
  }

  /// Nothing is left to do, nothing is open, and what the state owns is there.
  void expect_done() {
    const StateSnapshot state = world_.state();
    expect(state.open_intents.empty(), "an intent is still open after a success");
    const auto made = world_.made();
    for (const auto& [name, base] : state.groups) {
      for (const auto& [address, resource] : base.resources)
        expect(made.contains(address), "the state owns " + address.text() + ", which is not there");
    }
    ReconcilerOptions options;
    options.threads = 0;
    Reconciler observer(world_.gateway().provider(), world_.gateway().clock(), options);
    const auto plan = observer.plan(requests_, state);
    expect(plan.has_value(), "no plan can be made");
    expect(plan->empty() && plan->steps.empty() && plan->drift.empty(),
           "something is left to do:\n" + render_text(*plan, {}));
  }

  World world_;
  std::vector<GroupRequest> requests_;
  std::string theirs_;
  int run_ = 0;
};

struct Played {
  std::string violation;  ///< "" when every promise was kept
  std::string digest;     ///< of all that happened
  std::string log;
};

Played play(const Schedule& schedule, Counters& counters) {
  Played played;
  Way way(schedule, counters);
  try {
    way.go();
  } catch (const Violation& violation) {
    played.violation = violation.what;
  }
  played.log = way.world().log();
  played.digest = sha256_hex(played.log);
  return played;
}

/// The schedule without the faults that the violation does not need.
Schedule shrunk(Schedule schedule) {
  Counters unused;
  for (std::size_t i = schedule.faults.size(); i-- > 0;) {
    Schedule less = schedule;
    less.faults.erase(less.faults.begin() + static_cast<std::ptrdiff_t>(i));
    if (!play(less, unused).violation.empty()) schedule = std::move(less);
  }
  Schedule calm = schedule;
  calm.mischief.reset();
  if (!play(calm, unused).violation.empty()) schedule = std::move(calm);
  return schedule;
}

}  // namespace

TEST_CASE("a run that settles what a lost one left is lost too, at any of its writes") {
  Counters counters;
  for (unsigned seed = 1; seed <= kTwiceLost; ++seed) {
    Schedule schedule = schedule_of(seed);
    const int change = 1 + static_cast<int>(seed % 7);
    const int commit = 2 + static_cast<int>(seed / 7 % 5);  // the first takes the lock
    schedule.attempts = {2, 0};
    schedule.mischief.reset();
    schedule.faults = {{0, Where::Change, change, seed % 2 == 0 ? Kind::KillAfter : Kind::LateAndKill},
                       {1, Where::Commit, commit, seed % 3 == 0 ? Kind::KillAfter : Kind::KillBefore}};
    const Played played = play(schedule, counters);
    if (!played.violation.empty()) FAIL_CHECK(to_text(schedule) << "\n" << played.violation);
  }
  CHECK(counters["kill before at a commit"] >= 60);
  CHECK(counters["kill after at a commit"] >= 25);
}

TEST_CASE("whatever fails at whatever moment: every promise is kept") {
  const unsigned one = number("SLUICE_SEED", 0);
  const unsigned first = one != 0 ? one : number("SLUICE_FROM", 1);
  const unsigned count = one != 0 ? 1 : number("SLUICE_WAYS", kSeeds);
  Counters counters;
  unsigned bad = 0;
  for (unsigned seed = first; seed < first + count; ++seed) {
    const Schedule schedule = schedule_of(seed);
    const Played played = play(schedule, counters);
    if (!played.violation.empty()) {
      const Schedule less = shrunk(schedule);
      Counters unused;
      const Played again = play(less, unused);
      FAIL_CHECK(to_text(schedule) << "\nless is enough: " << to_text(less) << "\n" << again.violation);
      if (one != 0) std::fputs(again.log.c_str(), stderr);
      if (++bad == 5) break;
    }
    if (seed % 25 == 0) {
      Counters unused;
      CHECK(play(schedule, unused).digest == played.digest);
    }
  }
  for (const std::string_view recovery : kRecoveries) {
    INFO(recovery);
    if (count >= kSeeds) CHECK(counters.contains(std::string(recovery)));
  }
  std::string table;
  for (const auto& [what, often] : counters) table += fmt::format("{:6} {}\n", often, what);
  if (std::getenv("SLUICE_COUNTERS") != nullptr) std::fputs(table.c_str(), stderr);
}

}  // namespace sluice::simulation
