#include "tests/simulation/process.h"

#include <fmt/format.h>

#include "providers/http/authorized.h"
#include "providers/http/paced.h"
#include "providers/http/retrying.h"
#include "tests/simulation/watch.h"

namespace sluice::simulation {
namespace {

constexpr Milliseconds kDeadline = std::chrono::hours(2);
constexpr Milliseconds kLastBreath = std::chrono::minutes(10);  ///< of a run past its deadline

class Silent final : public RunListener {};

class Process {
 public:
  Process(World& world, int run)
      : world_(world),
        clock_(world.gateway().clock()),
        began_(clock_.steady()),
        watch_(world, run),
        wire_(watch_),
        bucket_({}, timing()),
        paced_(wire_, bucket_, timing()),
        credentials_(
            [this]() -> Result<Credential> {
              return Credential{Secret(fmt::format("token-{}", ++tokens_)), {}};
            },
            timing()),
        authorized_(paced_, credentials_, {"gateway", "project"}, timing(), {}),
        retrying_(authorized_, timing(), {}),
        provider_(retrying_, {{"apig", "test", "project", "instance"}, test::InProcessGateway::capabilities()}),
        store_(faulty_store(watch_)) {
    options_.threads = 0;
    options_.interrupted = [this] { return watch_.signalled || is_late(); };
  }

  Ended run(const std::vector<GroupRequest>& requests) {
    world_.note(fmt::format("run {}", watch_.run));
    Ended ended;
    try {
      auto report = apply(requests);
      if (report) {
        ended.report = std::move(*report);
      } else {
        ended.error = report.error();
      }
    } catch (const Killed&) {
      ended.killed = true;
      world_.note("killed");
    }
    ended.meddled = watch_.meddled;
    ended.gateway_failed = watch_.gateway_failed;
    ended.named = watch_.named;
    watch_.expect_few();
    if (clock_.steady() - began_ > kDeadline + kLastBreath) throw Violation{"a run went on long after its deadline"};
    if (ended.error && watch_.carried_out > 0)
      throw Violation{"something was sent, and the run ends as if nothing were: " + ended.error->message};
    count(ended);
    return ended;
  }

 private:
  bool is_late() const { return clock_.steady() - began_ > kDeadline; }

  Timing timing() {
    return {.now = [this] { return clock_.now(); },
            .steady = [this] { return clock_.steady(); },
            .sleep =
                [this](Milliseconds time) {
                  clock_.sleep_for(time);
                  return !is_late();
                },
            .random = [this] { return static_cast<double>(++chance_ * 7 % 10) / 10; },
            .ended = [this] { return is_late(); }};
  }

  /// As the command does it.
  Result<RunReport> apply(const std::vector<GroupRequest>& requests) {
    const auto token = store_->lock({.operation = "apply", .who = "simulation"}, provider_.identity());
    if (!token) return token.forward();
    auto report = with_lock(requests, *token);
    (void)store_->unlock(*token).has_value();
    return report;
  }

  Result<RunReport> with_lock(const std::vector<GroupRequest>& requests, const LockToken& token) {
    auto state = store_->read();
    if (!state) return state.forward();
    Reconciler reconciler(provider_, clock_, options_);
    Silent silent;
    const StateSnapshot before = *state;
    if (const auto resolved = reconciler.resolve_open_intents(*store_, token, *state, silent); !resolved)
      return resolved.forward();
    state = store_->read();
    if (!state) return state.forward();
    count_resolved(before, *state);
    auto plan = reconciler.plan(requests, *state);
    if (!plan) return plan.forward();
    if (!plan->applyable()) {
      ++world_.counters()["a plan was refused"];
      std::string why;
      for (const Collision& collision : plan->collisions) why += " " + collision.address.text();
      return fail(ErrorKind::Refused, "The plan cannot be carried out:" + why);
    }
    const std::string id = fmt::format("run-{}", watch_.run);
    if (!plan->steps.empty()) {
      if (const auto begun = store_->begin_run(
              token,
              {.id = id, .started_at = to_rfc3339(clock_.now()), .actor = "simulation", .plan_digest = plan->digest});
          !begun)
        return begun.forward();
    }
    auto report = reconciler.apply(*plan, *state, *store_, token, id, silent);
    if (!plan->steps.empty()) (void)store_->end_run(token, id, 0).has_value();
    return report;
  }

  void count_resolved(const StateSnapshot& before, const StateSnapshot& after) {
    Counters& counters = world_.counters();
    for (const Intent& intent : before.open_intents) {
      ++counters[intent.task_id.empty() ? "an intent was settled by export" : "an intent was settled by its task"];
      for (const IntendedResource& resource : intent.resources) {
        if (resource.after_digest.empty()) continue;
        const Baseline& base = after.base_of(resource.address.group());
        const bool had = before.base_of(resource.address.group()).resources.contains(resource.address);
        if (had) continue;
        ++counters[base.resources.contains(resource.address) ? "what a lost run made is ours"
                                                             : "an intent came to nothing"];
      }
    }
    if (!before.open_intents.empty() && watch_.exports > 2 * 4) ++counters["a settling run waited for rest"];
    reopened_ = !before.open_intents.empty();
  }

  void count(const Ended& ended) {
    Counters& counters = world_.counters();
    if (ended.killed) ++counters["a run was killed"];
    if (ended.error) {
      const ErrorKind kind = ended.error->kind;
      ++counters[kind == ErrorKind::Storage       ? "an error of the disk before anything was sent"
                 : kind == ErrorKind::Locked      ? "the lock was lost before anything was sent"
                 : kind == ErrorKind::Refused     ? "a run was refused"
                 : kind == ErrorKind::Interrupted ? "a signal before anything was sent"
                                                  : "an error of the gateway before anything was sent"];
    }
    if (ended.killed || ended.error) return;
    if (ended.report.unknown) ++counters["an outcome was unknown"];
    if (ended.report.interrupted) ++counters["a run was interrupted"];
    if (!ended.report.converged && !ended.report.unknown) ++counters["a run was partial"];
    if (watch_.taken_over && watch_.carried_out > 0) ++counters["the lock was lost after something was sent"];
    if (ended.success() && reopened_ && ended.report.sent > 0) ++counters["a run went on where a lost one ended"];
    if (ended.success() && watch_.sure_faults > 0) ++counters["a request that surely failed was sent again"];
    if (ended.success() && tokens_ > 1) ++counters["a token was renewed"];
    if (ended.success() && ended.report.adopted > 0) ++counters["something was adopted"];
  }

  World& world_;
  Clock& clock_;
  Milliseconds began_;
  Watch watch_;
  int tokens_ = 0;
  int chance_ = 0;
  bool reopened_ = false;
  FaultyTransport wire_;
  TokenBucket bucket_;
  PacedTransport paced_;
  Credentials credentials_;
  AuthorizedTransport authorized_;
  RetryingTransport retrying_;
  ApigProvider provider_;
  std::unique_ptr<StateStore> store_;
  ReconcilerOptions options_;
};

}  // namespace

Ended run_process(World& world, const std::vector<GroupRequest>& requests, int run) {
  world.bury();
  return Process(world, run).run(requests);
}

}  // namespace sluice::simulation
