// Whose an API is, and what may be sent, when others work on the gateway between a plan and its apply.
#include <algorithm>
#include <mutex>

#include "engine/reconciler.h"
#include "plan/desired.h"
#include "plan/import_document.h"
#include "plan/yaml.h"
#include "providers/memory/memory_provider.h"
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
  Result<Task> start_export(const ExportRequest& request) override { return inner_.start_export(request); }
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
  World() { options.threads = 0; }

  Reconciler reconciler() { return Reconciler(provider, clock, options); }
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
  /// Somebody else publishes what the draft is now.
  void foreign_publish(const Address& address) {
    Step step{.kind = StepKind::Publish, .group = address.group(), .environment = "RELEASE"};
    step.predicted = {{Address::publication(address, "RELEASE"), Effected::Published}};
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
  MemoryProvider memory{0, {"RELEASE"}};
  Watched provider{memory};
  SystemClock clock;
  ReconcilerOptions options;
  std::unique_ptr<StateStore> store = sqlite_state_store(folder / "state.db");
  Listener listener;
};

bool owns(const StateSnapshot& state, const Address& address) {
  const auto group = state.groups.find(address.group());
  return group != state.groups.end() && group->second.resources.contains(address);
}

Address released(const Address& api) { return Address::publication(api, "RELEASE"); }

bool sent_any(const Watched& provider, StepKind kind) {
  return std::any_of(provider.sent.begin(), provider.sent.end(),
                     [kind](const Step& step) { return step.kind == kind; });
}

GroupRequest nothing_of(const std::string& name) {
  return {.name = name, .owner = "", .desired = {}, .options = {.environments = {}}};
}

}  // namespace

TEST_CASE("a deletion that was carried out does not reach an API that somebody made anew") {
  World world;
  REQUIRE(world.applied({group_of("pets", {{"/a", "one"}, {"/b", "two"}})}).converged);
  const Plan plan = world.plan({group_of("pets", {{"/a", "one"}})});
  const auto first = world.apply(plan);
  REQUIRE(first);
  REQUIRE(first->converged);
  world.foreign_import(group_of("pets", {{"/b", "two"}}));
  if (GENERATE(false, true)) world.foreign_publish(api("pets", "/b"));
  const auto sent = world.memory.changes_sent();
  const auto again = world.apply(plan);
  REQUIRE_FALSE(again);
  CHECK(again.error().kind == ErrorKind::Refused);
  CHECK(world.memory.changes_sent() == sent);
  CHECK(world.live("pets").resources.contains(api("pets", "/b")));
}

TEST_CASE("an API that somebody made just as the plan wants it is left to them") {
  World world;
  REQUIRE(world.applied({group_of("pets", {{"/a", "one"}})}).converged);
  const bool others_too = GENERATE(false, true);
  INFO((others_too ? "the import has another API to send" : "nothing is left to send"));
  Operations operations = {{"/a", "one"}, {"/b", "two"}};
  if (others_too) operations.push_back({"/c", "three"});
  const Plan plan = world.plan({group_of("pets", operations)});
  world.foreign_import(group_of("pets", {{"/b", "two"}}));
  world.foreign_publish(api("pets", "/b"));
  world.provider.sent.clear();
  const auto report = world.apply(plan);
  REQUIRE(report);
  CHECK(report->converged);
  CHECK(world.provider.sent.size() == (others_too ? 2U : 0U));
  for (const Step& step : world.provider.sent) {
    REQUIRE(step.predicted.size() == 1);
    CHECK(step.predicted[0].address.name() == "GET /c");
  }
  CHECK(owns(world.state(), api("pets", "/a")));
  CHECK(owns(world.state(), api("pets", "/c")) == others_too);
  CHECK_FALSE(owns(world.state(), api("pets", "/b")));
  CHECK_FALSE(owns(world.state(), released(api("pets", "/b"))));
  operations.erase(operations.begin() + 1);
  const Plan without = world.plan({group_of("pets", operations)});
  CHECK(without.steps.empty());
  CHECK(without.unmanaged == std::vector<Address>{api("pets", "/b")});
}

TEST_CASE("an open intent for an API with other contents does not make it ours") {
  World world;
  const std::vector<GroupRequest> groups = {group_of("pets", {{"/a", "one"}})};
  REQUIRE(world.applied(groups).converged);
  world.foreign_import(group_of("pets", {{"/x", "foreign"}}));
  const auto token = world.store->lock({"apply", "alice"}, world.provider.identity());
  REQUIRE(token);
  REQUIRE(world.store->begin_run(*token, {"run 2", "2026-01-01T00:00:00Z", "alice", "sha256:p"}));
  Intent intent{.run_id = "run 2", .group = "pets", .task_id = {}, .outcome = {}, .resources = {}};
  const Resource wanted = group_of("pets", {{"/x", "ours"}}).desired.resources.at(api("pets", "/x"));
  intent.resources = {{wanted.address, Effected::Created, wanted.digest}};
  const auto id = world.store->open_intent(*token, intent);
  REQUIRE(id);
  REQUIRE(world.store->note_task(*token, *id, "task"));
  REQUIRE(world.store->unlock(*token));
  REQUIRE(world.state().open_intents.size() == 1);
  if (GENERATE(false, true)) {
    world.resolve();
    CHECK(world.state().open_intents.empty());
    CHECK_FALSE(owns(world.state(), api("pets", "/x")));
  }
  const Plan plan = world.plan(groups);
  CHECK(plan.changes.empty());
  CHECK(plan.steps.empty());
  CHECK(plan.unmanaged == std::vector<Address>{api("pets", "/x")});
  const auto report = world.apply(plan);
  REQUIRE(report);
  CHECK(world.live("pets").resources.contains(api("pets", "/x")));
}

TEST_CASE("nothing is published of an import that was refused as a whole") {
  World world;
  REQUIRE(world.applied({group_of("pets", {{"/a", "one"}})}).converged);
  const bool update = GENERATE(false, true);
  if (update) world.foreign_import(group_of("pets", {{"/a", "foreign"}}));
  const Plan plan = world.plan({group_of("pets", {{"/a", "one"}, {"/b", "two"}})});
  world.provider.on_start = [](const Step& step, const Watched::Send& send) -> Result<Task> {
    if (step.kind == StepKind::Import) return fail(kNo);
    return send();
  };
  world.provider.sent.clear();
  const auto report = world.apply(plan);
  REQUIRE(report);
  CHECK_FALSE(report->converged);
  CHECK_FALSE(report->unknown);
  CHECK(sent_any(world.provider, StepKind::Import));
  CHECK_FALSE(sent_any(world.provider, StepKind::Publish));
  const LiveState live = world.live("pets");
  CHECK_FALSE(live.resources.contains(api("pets", "/b")));
  CHECK(live.resources.at(released(api("pets", "/a"))).body.text("description") == "one");
  CHECK(world.state().open_intents.empty());
}

TEST_CASE("drift that is kept is not published") {
  World world;
  GroupRequest pets = group_of("pets", {{"/a", "one"}, {"/b", "two"}});
  REQUIRE(world.applied({pets}).converged);
  world.foreign_import(group_of("pets", {{"/a", "foreign"}}));
  pets.options.on_drift = OnDrift::Keep;
  const Plan plan = world.plan({pets});
  CHECK(plan.changes.empty());
  CHECK(plan.steps.empty());
  const auto report = world.apply(plan);
  REQUIRE(report);
  CHECK(report->sent == 0);
  const LiveState live = world.live("pets");
  CHECK(live.resources.at(api("pets", "/a")).body.text("description") == "foreign");
  CHECK(live.resources.at(released(api("pets", "/a"))).body.text("description") == "one");
}

TEST_CASE("a publication that somebody made since the plan is not replaced or taken away") {
  World world;
  REQUIRE(world.applied({group_of("pets", {{"/a", "one"}, {"/b", "two"}})}).converged);
  const std::string wanted = GENERATE(as<std::string>(), "changed", "deleted", "offline");
  Operations operations = {{"/a", "one"}, {"/b", "two"}};
  if (wanted == "changed") operations[0].description = "changed";
  if (wanted == "deleted") operations.erase(operations.begin());
  if (wanted == "offline") {
    Step offline{.kind = StepKind::Offline, .group = "pets", .environment = "RELEASE"};
    offline.predicted = {{released(api("pets", "/a")), Effected::Offline}};
    world.foreign(offline);
  }
  const Plan plan = world.plan({group_of("pets", operations)});
  REQUIRE_FALSE(plan.steps.empty());
  world.foreign_import(group_of("pets", {{"/a", "foreign"}}));
  world.foreign_publish(api("pets", "/a"));
  world.foreign_import(group_of("pets", {{"/a", "one"}}));
  const auto sent = world.memory.changes_sent();
  const auto report = world.apply(plan);
  REQUIRE_FALSE(report);
  CHECK(report.error().kind == ErrorKind::Refused);
  CHECK(world.memory.changes_sent() == sent);
  CHECK(world.live("pets").resources.at(released(api("pets", "/a"))).body.text("description") == "foreign");
}

TEST_CASE("a group in which somebody made an API is not deleted") {
  World world;
  REQUIRE(world.applied({group_of("pets", {{"/a", "one"}})}).converged);
  const Plan plan = world.plan({nothing_of("pets")});
  REQUIRE(plan.steps.back().kind == StepKind::DeleteGroup);
  world.foreign_import(group_of("pets", {{"/x", "foreign"}}));
  world.provider.sent.clear();
  const auto report = world.apply(plan);
  REQUIRE(report);
  CHECK_FALSE(report->converged);
  CHECK_FALSE(report->unknown);
  CHECK_FALSE(sent_any(world.provider, StepKind::DeleteGroup));
  const LiveState live = world.live("pets");
  CHECK(live.resources.contains(api("pets", "/x")));
  CHECK(live.resources.contains(Address::group("pets")));
  CHECK(world.plan({nothing_of("pets")}).steps.empty());
}

TEST_CASE("a swap of names that was stopped half-way is finished") {
  World world;
  REQUIRE(world.applied({group_of("pets", {{"/a", "x", "one"}, {"/b", "y", "two"}})}).converged);
  const std::vector<GroupRequest> groups = {group_of("pets", {{"/a", "x", "two"}, {"/b", "y", "one"}})};
  const Plan plan = world.plan(groups);
  REQUIRE(plan.steps.size() == 3);
  const std::string how = GENERATE(as<std::string>(), "interrupted", "refused");
  const bool same_plan = GENERATE(false, true);
  INFO(how << (same_plan ? ", the same plan again" : ", a fresh plan"));
  bool stop = false;
  int imports = 0;
  world.options.interrupted = [&] { return stop; };
  world.provider.on_start = [&](const Step& step, const Watched::Send& send) -> Result<Task> {
    if (step.kind != StepKind::Import) return send();
    ++imports;
    if (imports == 1 && how == "refused") return send();
    if (imports > 1) return fail(kNo);
    stop = true;
    world.provider.carry_out(send);
    return fail(kLost);
  };
  const auto stopped = world.apply(plan);
  REQUIRE(stopped);
  CHECK_FALSE(stopped->converged);
  REQUIRE(world.live("pets").resources.at(api("pets", "/a")).body.text("operationId").starts_with("tmp_"));
  stop = false;
  world.provider.on_start = {};
  if (same_plan) {
    const auto again = world.apply(plan);
    if (!again) UNSCOPED_INFO(again.error().message);
    REQUIRE(again);
    CHECK(again->converged);
    world.resolve();
  } else {
    world.resolve();
    const Plan fresh = world.plan(groups);
    CHECK_FALSE(fresh.has_conflict());
    CHECK(fresh.collisions.empty());
    const auto again = world.apply(fresh);
    REQUIRE(again);
    CHECK(again->converged);
  }
  const LiveState live = world.live("pets");
  CHECK(live.resources.at(api("pets", "/a")).body.text("operationId") == "two");
  CHECK(live.resources.at(api("pets", "/b")).body.text("operationId") == "one");
  CHECK(live.resources.at(released(api("pets", "/a"))).body.text("operationId") == "two");
  CHECK(world.plan(groups).empty());
  CHECK(world.state().open_intents.empty());
}

TEST_CASE("the state forgets the publications of an API that is gone, whatever its group is called") {
  const std::string name = GENERATE(as<std::string>(), "shop", "shop.v1");
  World world;
  const auto token = world.store->lock({"apply", "alice"}, world.provider.identity());
  REQUIRE(token);
  StateChange change{.group = name, .owned = {}, .gone = {}, .unmanaged = {}, .closed_intents = {}};
  const Value published = Value::object({{"definition", "sha256:1", 0}});
  for (const std::string path : {"/a", "/b"}) {
    change.owned.push_back({api(name, path), Value::object({{"operationId", path, 0}}), "sha256:1"});
    for (const std::string environment : {"RELEASE", "test.eu"})
      change.owned.push_back({Address::publication(api(name, path), environment), published, "sha256:1"});
  }
  REQUIRE(world.store->commit(*token, change));
  CHECK(world.state().groups.at(name).resources.size() == 6);
  change.owned.clear();
  change.gone = {api(name, "/a")};
  REQUIRE(world.store->commit(*token, change));
  const StateSnapshot state = world.state();
  CHECK(state.groups.at(name).resources.size() == 3);
  CHECK_FALSE(owns(state, released(api(name, "/a"))));
  CHECK(owns(state, api(name, "/b")));
  CHECK(owns(state, released(api(name, "/b"))));
  REQUIRE(world.store->unlock(*token));
}
