#include "engine/reconciler.h"

#include <mutex>

#include "plan/canonical.h"
#include "plan/desired.h"
#include "plan/import_document.h"
#include "plan/json.h"
#include "plan/yaml.h"
#include "providers/memory/memory_provider.h"
#include "tests/support/jumping_clock.h"
#include "tests/support/temp_folder.h"

using namespace sluice;
using test::TempFolder;

namespace {

struct Operation {
  std::string path;
  std::string description;
  std::string name = {};  ///< "" makes one of the path
};
using Operations = std::vector<Operation>;

/// A group as the files would ask for it.
GroupRequest group_of(const std::string& name, const Operations& operations) {
  std::string paths;
  for (const Operation& operation : operations) {
    std::string id = operation.name.empty() ? "get" + operation.path : operation.name;
    std::replace_if(
        id.begin(), id.end(), [](char c) { return c == '/' || c == '{' || c == '}'; }, '_');
    const std::string variable = operation.path.find("{id}") == std::string::npos
                                     ? ""
                                     : R"("parameters":[{"name":"id","in":"path","type":"string","required":true}],)";
    paths += (paths.empty() ? "" : ",") +
             ("\"" + operation.path + R"(":{"get":{)" + variable + R"("operationId":")" + id) + R"(","description":")" +
             operation.description + R"(","responses":{"default":{"description":"x"}}}})";
  }
  const std::string manifest =
      "version: 1\ngroups:\n  - name: " + name + "\n    description: " + name +
      "\n    swagger: a.json\n    operations: {auth: none, backend: {type: HTTP, address: 'b:80', scheme: http, "
      "timeout: 5000}}\n";
  const auto read = parse_manifest({"sluice.yaml", manifest}, {});
  REQUIRE(read.value);
  SwaggerFile file{
      {"a.json", R"({"swagger":"2.0","info":{"title":"t","version":"1"},"schemes":["https"],"paths":{)" + paths + "}}"},
      {}};
  auto document = parse_document(file.source);
  REQUIRE(document.value);
  file.document = *document.value;
  auto desired = build_desired(read.value->groups[0], {&file, 1});
  for (const Diagnostic& diagnostic : desired.diagnostics) UNSCOPED_INFO(diagnostic.summary);
  REQUIRE(desired.value);
  return {name, "", std::move(desired.value->state), {.environments = {"RELEASE"}}};
}

Address api(const std::string& group, const std::string& path) { return Address::api(group, "GET", path, "NORMAL"); }

/// A provider in whose way the tests can stand.
class Watched final : public Provider {
 public:
  using Send = std::function<Result<Task>()>;

  explicit Watched(Provider& inner) : inner_(inner) {}
  GatewayIdentity identity() const override { return inner_.identity(); }
  Capabilities capabilities() const override { return inner_.capabilities(); }
  Result<Task> start_export(const ExportRequest& request) override {
    if (on_export) on_export();
    return inner_.start_export(request);
  }
  Result<Task> start(const Step& step, const RemoteIds& ids) override {
    {
      const std::lock_guard lock(mutex_);
      sent.push_back(step);
    }
    const Send send = [&] { return inner_.start(step, ids); };
    return on_start ? on_start(step, send) : send();
  }
  Result<TaskStatus> poll(Task& task) override { return inner_.poll(task); }
  Task resume(const std::string& id, const std::string& group) override { return inner_.resume(id, group); }

  /// Sends and waits, and keeps the answer to itself.
  void carry_out(const Send& send) {
    auto task = send();
    REQUIRE(task);
    for (int i = 0; i < 100; ++i) {
      const auto status = inner_.poll(*task);
      if (!status || !std::holds_alternative<TaskRunning>(*status)) return;
    }
  }
  std::vector<StepKind> kinds() const {
    std::vector<StepKind> kinds;
    for (const Step& step : sent) kinds.push_back(step.kind);
    return kinds;
  }

  std::function<Result<Task>(const Step&, const Send&)> on_start;
  std::function<void()> on_export;
  std::vector<Step> sent;

 private:
  Provider& inner_;
  std::mutex mutex_;
};

class Listener final : public RunListener {
 public:
  void on_notice(Severity, const std::string& code, const std::string&) override { notices.push_back(code); }
  std::vector<std::string> notices;
};

const Error kLost{ErrorKind::Unavailable, "The answer was lost.", Effect::Unknown, {}};
const Error kNo{ErrorKind::Denied, "Not allowed.", Effect::None, "APIG.1"};

struct World {
  explicit World(int polls = 0, std::size_t threads = 0) : memory(polls), clock(clock_for(threads)) {
    options.threads = threads;
  }
  /// On one thread, nobody needs to wait.
  static std::unique_ptr<Clock> clock_for(std::size_t threads) {
    if (threads > 0) return std::make_unique<SystemClock>();
    return std::make_unique<test::JumpingClock>();
  }

  Reconciler reconciler() { return Reconciler(provider, *clock, options); }
  StateSnapshot state() {
    auto state = store->read();
    REQUIRE(state);
    return std::move(*state);
  }
  Plan plan(const std::vector<GroupRequest>& groups) {
    auto plan = reconciler().plan(groups, state());
    if (!plan) UNSCOPED_INFO(plan.error().message);
    REQUIRE(plan);
    return std::move(*plan);
  }
  Result<RunReport> apply(const Plan& plan) {
    const auto token = store->lock({"apply", "alice"}, provider.identity());
    REQUIRE(token);
    auto report = reconciler().apply(plan, *store->read(), *store, *token, "run", listener);
    REQUIRE(store->unlock(*token));
    return report;
  }
  RunReport applied(const std::vector<GroupRequest>& groups) {
    auto report = apply(plan(groups));
    if (!report) UNSCOPED_INFO(report.error().message);
    REQUIRE(report);
    return std::move(*report);
  }
  void resolve() {
    const auto token = store->lock({"apply", "alice"}, provider.identity());
    REQUIRE(token);
    REQUIRE(reconciler().resolve_open_intents(*store, *token, state(), listener));
    REQUIRE(store->unlock(*token));
  }
  /// A fault-free run, as the next `sluice apply` makes it; then nothing is left to do.
  void converges(const std::vector<GroupRequest>& groups) {
    provider.on_start = {};
    options.interrupted = [] { return false; };
    resolve();
    CHECK(applied(groups).converged);
    CHECK(state().open_intents.empty());
    const Plan again = plan(groups);
    CHECK(again.empty());
    CHECK(again.steps.empty());
    auto drift = reconciler().drift(state());
    REQUIRE(drift);
    CHECK(drift->drift.empty());
    CHECK(drift->unmanaged.empty());
  }
  /// Somebody else imports, without Sluice.
  void foreign_import(const GroupRequest& group) {
    std::vector<const Value*> bodies;
    for (const auto& [address, resource] : group.desired.resources) {
      if (address.type() == "api") bodies.push_back(&resource.body);
    }
    Step step{.kind = StepKind::Import, .group = group.name, .api_mode = Mode::Override};
    step.document = import_document(group.name, bodies);
    foreign(step);
  }
  void foreign_delete(const Address& address) {
    Step step{.kind = StepKind::DeleteApi, .group = address.group()};
    step.predicted = {{address, Effected::Deleted}};
    foreign(step);
  }
  void foreign(const Step& step) {
    provider.carry_out([&] { return memory.start(step, {}); });
  }
  LiveState live(const std::string& group) {
    auto task = memory.start_export({group, {"RELEASE"}});
    REQUIRE(task);
    while (true) {
      auto status = memory.poll(*task);
      REQUIRE(status);
      if (auto* done = std::get_if<ExportDone>(&*status)) return std::move(done->live);
    }
  }

  TempFolder folder;
  MemoryProvider memory;
  Watched provider{memory};
  std::unique_ptr<Clock> clock;
  ReconcilerOptions options;
  std::unique_ptr<StateStore> store = sqlite_state_store(folder / "state.db", *clock);
  Listener listener;
};

Effected outcome_of(const RunReport& report, const Address& address) {
  for (const Outcome& outcome : report.outcomes) {
    if (outcome.address == address) return outcome.actual;
  }
  FAIL("no outcome of " + address.text());
  return Effected::Unknown;
}

}  // namespace

TEST_CASE("a response that nobody defines is refused before anything is sent") {
  World world;
  GroupRequest group = group_of("pets", {{"/a", "", "one"}});
  Resource& user = group.desired.resources.at(api("pets", "/a"));
  Value body = user.body;
  user = make_resource(user.address, body.set("x-apigateway-response", "teapot"));
  const auto refusal = [&](const GroupRequest& request) {
    const auto plan = world.reconciler().plan({request}, world.state());
    REQUIRE(plan);
    return plan->findings.empty() ? std::string() : plan->findings[0].summary;
  };
  CHECK(
      refusal(group).find("api.pets[\"GET /a\"] uses the response \"teapot\", which neither the files nor the gateway "
                          "have.") != std::string::npos);
  const Address teapot = Address::response("pets", "teapot");
  GroupRequest whole = group;
  whole.desired.resources.emplace(teapot, make_resource(teapot, *parse_json(R"({"THROTTLED": {"status": 418}})")));
  CHECK(world.applied({whole}).converged);
  CHECK(refusal(group).find("which the files no longer define") != std::string::npos);
  group.options.prune = Prune::None;
  CHECK(refusal(group).empty());
}

TEST_CASE("after an apply there is nothing to do, and applying again sends nothing") {
  const int polls = GENERATE(0, 3);
  const std::size_t threads = GENERATE(std::size_t(0), std::size_t(4));
  World world(polls, threads);
  std::vector<GroupRequest> groups;
  for (const std::string name : {"pets", "orders", "users"})
    groups.push_back(group_of(name, {{"/a", "one"}, {"/b/{id}", "two"}}));
  const RunReport report = world.applied(groups);
  CHECK(report.converged);
  CHECK(report.sent == 9);
  CHECK(report.outcomes.size() == 9);
  CHECK(world.plan(groups).empty());
  const auto sent = world.memory.changes_sent();
  CHECK(world.applied(groups).sent == 0);
  CHECK(world.memory.changes_sent() == sent);

  groups[0] = group_of("pets", {{"/a", "changed"}, {"/c", "new"}});
  groups.erase(groups.begin() + 2);
  std::vector<GroupRequest> asked = groups;
  asked.push_back({.name = "users", .owner = "", .desired = {}, .options = {.environments = {}}});
  CHECK(world.applied(asked).converged);
  CHECK(world.plan(groups).empty());
  CHECK(world.live("users").resources.empty());
  CHECK_FALSE(world.live("pets").resources.contains(api("pets", "/b/{id}")));
  world.converges(groups);
}

TEST_CASE("a finished plan applied again sends nothing and ends well") {
  World world;
  const std::vector<GroupRequest> groups = {group_of("pets", {{"/a", "one"}, {"/b", "two"}})};
  const Plan plan = world.plan(groups);
  REQUIRE(world.apply(plan));
  const auto sent = world.memory.changes_sent();
  const auto again = world.apply(plan);
  REQUIRE(again);
  CHECK(again->converged);
  CHECK(again->sent == 0);
  CHECK(world.memory.changes_sent() == sent);
  world.converges(groups);
}

TEST_CASE("a plan that the gateway has moved away from is refused, and nothing is sent") {
  World world;
  std::vector<GroupRequest> groups = {group_of("pets", {{"/a", "one"}, {"/b", "two"}}),
                                      group_of("orders", {{"/a", "one"}})};
  REQUIRE(world.applied(groups).converged);
  groups[0] = group_of("pets", {{"/a", "one, changed"}, {"/b", "two"}});
  groups[1] = group_of("orders", {{"/a", "one, changed"}});
  const Plan plan = world.plan(groups);
  world.foreign_import(group_of("pets", {{"/a", "foreign"}}));
  const auto sent = world.memory.changes_sent();
  const auto serial = world.state().serial;
  const auto report = world.apply(plan);
  REQUIRE_FALSE(report);
  CHECK(report.error().kind == ErrorKind::Refused);
  CHECK(
      report.error().message ==
      R"(The plan is stale: api.pets["GET /a"] was changed on the gateway since. Nothing was sent; make a new plan.)");
  CHECK(world.memory.changes_sent() == sent);
  CHECK(world.state().serial == serial);
}

TEST_CASE("what appeared or went away since the plan was made is refused too") {
  World world;
  REQUIRE(world.applied({group_of("pets", {{"/a", "one"}})}).converged);
  const Plan adds = world.plan({group_of("pets", {{"/a", "one"}, {"/b", "two"}})});
  const Plan changes = world.plan({group_of("pets", {{"/a", "changed"}})});
  world.foreign_import(group_of("pets", {{"/b", "foreign"}}));
  const auto appeared = world.apply(adds);
  REQUIRE_FALSE(appeared);
  CHECK(appeared.error().message.find("has appeared on the gateway, with other contents") != std::string::npos);
  Step offline{.kind = StepKind::Offline, .group = "pets", .environment = "RELEASE"};
  offline.predicted = {{Address::publication(api("pets", "/a"), "RELEASE"), Effected::Offline}};
  world.foreign(offline);
  world.foreign_delete(api("pets", "/a"));
  const auto gone = world.apply(changes);
  REQUIRE_FALSE(gone);
  CHECK(gone.error().message.find("is gone from the gateway") != std::string::npos);
}

TEST_CASE("a half-done plan applied again sends only the rest") {
  World world;
  const std::vector<GroupRequest> groups = {group_of("pets", {{"/a", "one"}, {"/b", "two"}})};
  const Plan plan = world.plan(groups);
  world.provider.on_start = [](const Step& step, const Watched::Send& send) -> Result<Task> {
    if (step.kind == StepKind::Publish) return fail(kNo);
    return send();
  };
  const auto half = world.apply(plan);
  REQUIRE(half);
  CHECK_FALSE(half->converged);
  CHECK_FALSE(half->unknown);
  CHECK(outcome_of(*half, api("pets", "/a")) == Effected::Failed);
  CHECK(world.state().open_intents.empty());
  world.provider.on_start = {};
  world.provider.sent.clear();
  const auto rest = world.apply(plan);
  REQUIRE(rest);
  CHECK(rest->converged);
  CHECK(world.provider.kinds() == std::vector<StepKind>{StepKind::Publish});
  world.converges(groups);
}

TEST_CASE("of a half-done import only what is missing is sent") {
  World world;
  const GroupRequest pets = group_of("pets", {{"/a", "one"}, {"/b", "two"}, {"/c", "three"}});
  const Plan plan = world.plan({pets});
  Step create{.kind = StepKind::CreateGroup, .group = "pets"};
  create.document = R"({"name":"pets","description":"pets"})";
  create.predicted = {{Address::group("pets"), Effected::Created}};
  world.foreign(create);
  world.foreign_import(group_of("pets", {{"/b", "two"}}));
  const auto report = world.apply(plan);
  REQUIRE(report);
  CHECK(report->converged);
  CHECK(world.provider.kinds() == std::vector<StepKind>{StepKind::Import, StepKind::Publish});
  REQUIRE(world.provider.sent[0].predicted.size() == 2);
  CHECK(world.provider.sent[0].document.find("\"/b\"") == std::string::npos);
  CHECK(world.provider.sent[1].predicted.size() == 3);
}

TEST_CASE("a lost answer of an import that was done is settled by looking") {
  const std::size_t threads = GENERATE(std::size_t(0), std::size_t(4));
  World world(0, threads);
  const std::vector<GroupRequest> groups = {group_of("pets", {{"/a", "one"}}), group_of("users", {{"/a", "one"}})};
  world.provider.on_start = [&](const Step& step, const Watched::Send& send) -> Result<Task> {
    if (step.kind != StepKind::Import || step.group != "pets") return send();
    world.provider.carry_out(send);
    return fail(kLost);
  };
  const RunReport report = world.applied(groups);
  CHECK_FALSE(report.converged);  // it was not published: nothing is sent after a lost answer before looking
  CHECK(outcome_of(report, Address::group("pets")) == Effected::Created);
  CHECK(outcome_of(report, api("users", "/a")) == Effected::Created);
  CHECK(world.state().groups.at("pets").resources.contains(api("pets", "/a")));
  world.provider.sent.clear();
  world.converges(groups);
  CHECK(world.provider.kinds() == std::vector<StepKind>{StepKind::Publish});
}

TEST_CASE("a lost answer of the last step that was done is a success") {
  World world;
  const std::vector<GroupRequest> groups = {group_of("pets", {{"/a", "one"}})};
  world.provider.on_start = [&](const Step& step, const Watched::Send& send) -> Result<Task> {
    if (step.kind != StepKind::Publish) return send();
    world.provider.carry_out(send);
    return fail(kLost);
  };
  const RunReport report = world.applied(groups);
  CHECK(report.converged);
  CHECK_FALSE(report.unknown);
  CHECK(world.state().open_intents.empty());
  const auto sent = world.memory.changes_sent();
  world.converges(groups);
  CHECK(world.memory.changes_sent() == sent);
}

TEST_CASE("a lost answer of an import that never arrived is unknown, and the next apply converges") {
  World world;
  const std::vector<GroupRequest> groups = {group_of("pets", {{"/a", "one"}, {"/b", "two"}})};
  world.provider.on_start = [&](const Step& step, const Watched::Send& send) -> Result<Task> {
    if (step.kind == StepKind::Import) return fail(kLost);
    return send();
  };
  const RunReport report = world.applied(groups);
  CHECK_FALSE(report.converged);
  CHECK(report.unknown);
  CHECK(outcome_of(report, api("pets", "/a")) == Effected::Unknown);
  CHECK(world.state().open_intents.size() == 1);
  CHECK(world.provider.kinds() == std::vector<StepKind>{StepKind::CreateGroup, StepKind::Import});
  world.converges(groups);
}

TEST_CASE("an import whose answer was lost and that lands late is found by the next apply") {
  World world;
  const std::vector<GroupRequest> groups = {group_of("pets", {{"/a", "one"}})};
  Step late;
  world.provider.on_start = [&](const Step& step, const Watched::Send& send) -> Result<Task> {
    if (step.kind != StepKind::Import) return send();
    late = step;
    return fail(kLost);
  };
  CHECK(world.applied(groups).unknown);
  world.foreign(late);
  world.provider.on_start = {};
  world.resolve();
  CHECK(world.state().groups.at("pets").resources.contains(api("pets", "/a")));  // ours: the journal says so
  world.provider.sent.clear();
  world.converges(groups);
  CHECK(world.provider.kinds() == std::vector<StepKind>{StepKind::Publish});
}

TEST_CASE("an import whose task vanished is waited for, and found") {
  World world;
  const std::vector<GroupRequest> groups = {group_of("pets", {{"/a", "one"}})};
  Step late;
  world.provider.on_start = [&](const Step& step, const Watched::Send& send) -> Result<Task> {
    if (step.kind != StepKind::Import) return send();
    late = step;
    return Task{"nobody knows it", nullptr};
  };
  CHECK(world.applied(groups).unknown);
  REQUIRE(world.state().open_intents.size() == 1);
  CHECK(world.state().open_intents[0].task_id == "nobody knows it");
  int exports = 0;
  world.provider.on_export = [&] {
    if (++exports == 3) world.foreign(late);
  };
  world.resolve();
  CHECK(world.state().groups.at("pets").resources.contains(api("pets", "/a")));
  CHECK(world.state().open_intents.empty());
}

TEST_CASE("one API that is refused does not stop the publishing of the others, and nothing is deleted") {
  World world;
  REQUIRE(world.applied({group_of("pets", {{"/old", "old"}})}).converged);
  const std::vector<GroupRequest> groups = {group_of("pets", {{"/a", "one"}, {"/b", "two", "taken"}})};
  const Plan plan = world.plan(groups);
  world.foreign_import(group_of("pets", {{"/foreign", "x", "taken"}}));
  const auto report = world.apply(plan);
  REQUIRE(report);
  CHECK_FALSE(report->converged);
  CHECK_FALSE(report->unknown);
  CHECK(outcome_of(*report, api("pets", "/a")) == Effected::Created);
  CHECK(outcome_of(*report, api("pets", "/b")) == Effected::Failed);
  CHECK(outcome_of(*report, api("pets", "/old")) == Effected::Skipped);
  const LiveState live = world.live("pets");
  CHECK(live.resources.contains(Address::publication(api("pets", "/a"), "RELEASE")));
  CHECK(live.resources.contains(Address::publication(api("pets", "/old"), "RELEASE")));
  CHECK(live.resources.contains(api("pets", "/foreign")));
  CHECK_FALSE(world.state().groups.at("pets").resources.contains(api("pets", "/b")));
  world.foreign_delete(api("pets", "/foreign"));
  world.converges(groups);
}

TEST_CASE("what somebody made meanwhile is reported as ignored and not taken for ours") {
  World world;
  REQUIRE(world.applied({group_of("pets", {{"/a", "one"}})}).converged);
  const std::vector<GroupRequest> groups = {group_of("pets", {{"/a", "one"}, {"/b", "two"}})};
  bool done = false;
  world.provider.on_start = [&](const Step& step, const Watched::Send& send) -> Result<Task> {
    if (step.kind == StepKind::Import && !done) {
      done = true;
      world.foreign_import(group_of("pets", {{"/b", "foreign"}}));
    }
    return send();
  };
  const RunReport report = world.applied(groups);
  CHECK_FALSE(report.converged);
  CHECK(outcome_of(report, api("pets", "/b")) == Effected::Ignored);
  CHECK(world.live("pets").resources.at(api("pets", "/b")).body.text("description") == "foreign");
  CHECK_FALSE(world.state().groups.at("pets").resources.contains(api("pets", "/b")));
  CHECK(world.plan(groups).collisions.size() == 1);
}

TEST_CASE("a change that is none of the plan's is reported") {
  World world;
  REQUIRE(world.applied({group_of("pets", {{"/a", "one"}, {"/b", "two"}})}).converged);
  world.provider.on_start = [&](const Step& step, const Watched::Send& send) -> Result<Task> {
    if (step.kind == StepKind::Import) world.foreign_import(group_of("pets", {{"/b", "foreign"}}));
    return send();
  };
  (void)world.applied({group_of("pets", {{"/a", "changed"}, {"/b", "two"}})});
  CHECK(world.listener.notices == std::vector<std::string>{"unexpected-change"});
}

TEST_CASE("a group that could not be made stops its own steps and no other group") {
  World world;
  const std::vector<GroupRequest> groups = {group_of("pets", {{"/a", "one"}}), group_of("users", {{"/a", "one"}})};
  world.provider.on_start = [](const Step& step, const Watched::Send& send) -> Result<Task> {
    if (step.group == "pets") return fail(kNo);
    return send();
  };
  const RunReport report = world.applied(groups);
  CHECK_FALSE(report.converged);
  CHECK(outcome_of(report, Address::group("pets")) == Effected::Failed);
  CHECK(outcome_of(report, api("pets", "/a")) == Effected::Skipped);
  CHECK(outcome_of(report, api("users", "/a")) == Effected::Created);
  world.converges(groups);
}

TEST_CASE("an interrupted run leaves its intents open, and the next one converges") {
  const StepKind at = GENERATE(StepKind::CreateGroup, StepKind::Import, StepKind::Publish);
  const bool done_before = GENERATE(false, true);
  const std::size_t threads = GENERATE(std::size_t(0), std::size_t(2));
  World world(0, threads);
  const std::vector<GroupRequest> groups = {group_of("pets", {{"/a", "one"}, {"/b", "two"}})};
  std::atomic<bool> stop{false};
  world.options.interrupted = [&] { return stop.load(); };
  world.provider.on_start = [&](const Step& step, const Watched::Send& send) -> Result<Task> {
    if (step.kind != at) return send();
    stop = true;
    if (done_before) world.provider.carry_out(send);
    return fail(kLost);
  };
  const auto report = world.apply(world.plan(groups));
  REQUIRE(report);
  CHECK(report->interrupted);
  CHECK_FALSE(report->converged);
  const StateSnapshot state = world.state();
  REQUIRE_FALSE(state.open_intents.empty());
  CHECK(state.open_intents.back().kind == at);
  world.converges(groups);
}

TEST_CASE("an interruption before the first send sends nothing") {
  World world;
  const std::vector<GroupRequest> groups = {group_of("pets", {{"/a", "one"}})};
  const Plan plan = world.plan(groups);
  world.options.interrupted = [] { return true; };
  const auto report = world.apply(plan);
  REQUIRE_FALSE(report);
  CHECK(report.error().kind == ErrorKind::Interrupted);
  CHECK(world.memory.changes_sent() == 0);
}

TEST_CASE("a lock that is lost in the middle stops the run before the next send") {
  World world;
  const std::vector<GroupRequest> groups = {group_of("pets", {{"/a", "one"}})};
  const Plan plan = world.plan(groups);
  const auto token = world.store->lock({"apply", "alice"}, world.provider.identity());
  REQUIRE(token);
  world.provider.on_start = [&](const Step&, const Watched::Send& send) -> Result<Task> {
    REQUIRE(world.store->unlock(*token));
    return send();
  };
  const auto report = world.reconciler().apply(plan, world.state(), *world.store, *token, "run", world.listener);
  REQUIRE(report);
  CHECK_FALSE(report->converged);
  CHECK(report->unknown);
  CHECK(world.listener.notices == std::vector<std::string>{"run-stopped"});
  CHECK(world.provider.kinds() == std::vector<StepKind>{StepKind::CreateGroup});
  world.converges(groups);
}

TEST_CASE("drift is what moved on the gateway since the last apply") {
  World world;
  REQUIRE(world.applied({group_of("pets", {{"/a", "one"}, {"/b", "two"}})}).converged);
  world.foreign_import(group_of("pets", {{"/a", "foreign"}, {"/new", "new"}}));
  const auto drift = world.reconciler().drift(world.state());
  REQUIRE(drift);
  REQUIRE(drift->drift.size() == 1);
  CHECK(drift->drift[0].address == api("pets", "/a"));
  CHECK(drift->unmanaged == std::vector<Address>{api("pets", "/new")});
  CHECK(drift->steps.empty());
}

TEST_CASE("an environment that is not there is an error before anything is sent") {
  World world;
  GroupRequest pets = group_of("pets", {{"/a", "one"}});
  pets.options.environments = {"nowhere"};
  const auto plan = world.reconciler().plan({pets}, world.state());
  REQUIRE(plan);
  REQUIRE(plan->findings.size() == 1);
  CHECK(plan->findings[0].code == "environment-missing");
  CHECK_FALSE(plan->applyable());
  CHECK(world.memory.changes_sent() == 0);
}
