// Is this a Provider? One suite for every row: after each step, a clean observer plans again and finds nothing.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "engine/reconciler.h"
#include "plan/desired.h"
#include "plan/yaml.h"
#include "tests/conformance/rows.h"

namespace sluice::conformance {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kHead = R"(
swagger: "2.0"
info: {title: pets, description: "Pets", version: "1"}
basePath: /v1
paths:
)";
constexpr std::string_view kList = R"(
  /pets:
    get: {operationId: listPets, description: "Lists", parameters: [{name: limit, in: query, type: integer, maximum: 50}]}
)";
constexpr std::string_view kChangedList = R"(
  /pets:
    get: {operationId: listPets, description: "Lists all", parameters: [{name: limit, in: query, type: integer, maximum: 99}, {name: X-Id, in: header, type: string}]}
)";
constexpr std::string_view kShow = R"(
  /pets/{id}:
    parameters: [{name: id, in: path, type: string, required: true}]
    get: {operationId: showPet, description: "Shows"}
    delete: {operationId: deletePet, security: [{apig-auth-iam: []}]}
)";
constexpr std::string_view kRenamedVariable = R"(
  /pets/{petId}:
    parameters: [{name: petId, in: path, type: string, required: true}]
    get: {operationId: showPet, description: "Shows"}
    delete: {operationId: deletePet, security: [{apig-auth-iam: []}]}
)";
constexpr std::string_view kTakesName = R"(
  /animals:
    get: {operationId: listPets, description: "Lists"}
)";
constexpr std::string_view kSwappedNames = R"(
  /pets/{petId}:
    parameters: [{name: petId, in: path, type: string, required: true}]
    get: {operationId: deletePet, description: "Shows"}
    delete: {operationId: showPet, security: [{apig-auth-iam: []}]}
)";
constexpr std::string_view kSchemes = R"(
securityDefinitions:
  apig-auth-iam: {type: apiKey, in: header, name: unused, x-apigateway-auth-type: IAM}
)";

GroupRequest request_for(const std::string& paths, std::vector<std::string> environments = {"RELEASE"}) {
  GroupSettings settings;
  settings.name = "pets";
  settings.environments = environments;
  settings.operations.security = Value::object({{"type", "none", 0}});
  settings.operations.backend = *parse_json(R"({"type":"HTTP","address":"pets.internal:80","scheme":"http"})");
  SwaggerFile file{{"pets.yaml", std::string(kHead) + paths + std::string(kSchemes)}, {}};
  auto document = parse_document(file.source);
  REQUIRE(document.value);
  file.document = *document.value;
  auto desired = build_desired(settings, {&file, 1});
  for (const auto& diagnostic : desired.diagnostics) INFO(diagnostic.summary);
  REQUIRE(desired.value);
  return {"pets", "", std::move(desired.value->state), {.environments = std::move(environments)}};
}

class Silent final : public RunListener {};

/// One gateway, one state, and the acts of a user.
class Stage {
 public:
  explicit Stage(const Row& row)
      : fixture_(row.make()),
        folder_(fs::temp_directory_path() / ("sluice-conformance-" + std::to_string(::getpid()))) {
    fs::remove_all(folder_);
    store_ = sqlite_state_store((folder_ / "state.db").string());
    options_.threads = row.quick && row.name.find("socket") == std::string::npos ? 0 : 4;
  }
  ~Stage() { fs::remove_all(folder_); }

  Fixture& fixture() { return *fixture_; }

  Plan plan(const GroupRequest& request) {
    const auto state = store_->read();
    REQUIRE(state);
    Reconciler observer(fixture_->provider(), fixture_->clock(), options_);
    const auto plan = observer.plan({request}, *state);
    if (!plan) FAIL(plan.error().message);
    return *plan;
  }

  RunReport apply(const Plan& plan) {
    const auto token = store_->lock({"apply", "test"}, fixture_->provider().identity());
    REQUIRE(token);
    Silent silent;
    Reconciler reconciler(fixture_->provider(), fixture_->clock(), options_);
    const auto report = reconciler.apply(plan, *store_->read(), *store_, *token, "run", silent);
    REQUIRE(store_->unlock(*token));
    if (!report) FAIL(report.error().message);
    for (const Outcome& outcome : report->outcomes) {
      INFO(outcome.address.text() << ": " << to_string(outcome.actual) << " " << outcome.error_message);
      CHECK(outcome.as_predicted());
    }
    CHECK(report->converged);
    return *report;
  }

  /// Applies, then looks again: nothing may be left to do, and doing it again sends nothing.
  Plan reach(const GroupRequest& request) {
    Plan made = plan(request);
    apply(made);
    const Plan again = plan(request);
    for (const Change& change : again.changes) {
      INFO(change.address.text() << " " << (change.fields.empty() ? change.reason : change.fields[0].path));
      CHECK(false);
    }
    CHECK(again.drift.empty());
    const std::size_t before = fixture_->changes_sent();
    apply(again);
    CHECK(fixture_->changes_sent() == before);
    const auto state = store_->read();
    REQUIRE(state);
    CHECK(state->open_intents.empty());
    Reconciler observer(fixture_->provider(), fixture_->clock(), options_);
    const auto drift = observer.drift(*state);
    REQUIRE(drift);
    CHECK(drift->drift.empty());
    CHECK(drift->unmanaged.empty());
    return made;
  }

 private:
  std::unique_ptr<Fixture> fixture_;
  fs::path folder_;
  std::unique_ptr<StateStore> store_;
  ReconcilerOptions options_;
};

std::string actions(const Plan& plan) {
  std::string text;
  for (const Change& change : plan.changes) {
    text += std::string(to_string(change.action)) + " " + change.address.text() + "\n";
  }
  return text;
}

std::string kinds(const Plan& plan) {
  std::string text;
  for (const Step& step : plan.steps) {
    text += (text.empty() ? "" : " ") + std::string(to_string(step.kind));
    if (step.kind == StepKind::Import) text += ":" + std::string(to_string(step.api_mode));
  }
  return text;
}

TEST_CASE("a group goes through its life, and every step can be planned again to nothing") {
  const auto all = rows();
  const std::size_t index = GENERATE(range(std::size_t{0}, std::size_t{9}));
  REQUIRE(all.size() == 9);
  const Row& row = all[index];
  DYNAMIC_SECTION(row.name) {
    Stage stage(row);
    const std::string both = std::string(kList) + std::string(kShow);

    Plan plan = stage.reach(request_for(both));
    CHECK(kinds(plan) == "create-group import:merge publish");
    CHECK(plan.changes.size() == 4);

    plan = stage.reach(request_for(std::string(kChangedList) + std::string(kShow)));
    CHECK(actions(plan) == "update api.pets[\"GET /v1/pets\"]\n");
    CHECK(kinds(plan) == "import:override publish");

    plan = stage.reach(request_for(std::string(kChangedList) + std::string(kRenamedVariable)));
    CHECK(actions(plan) == "update api.pets[\"DELETE /v1/pets/{petId}\"]\nupdate api.pets[\"GET /v1/pets/{petId}\"]\n");

    plan = stage.reach(request_for(std::string(kChangedList) + std::string(kRenamedVariable), {"RELEASE", "TEST"}));
    CHECK(kinds(plan) == "publish");
    CHECK(plan.changes.size() == 3);

    if (row.quick) {
      plan = stage.reach(request_for(std::string(kChangedList) + std::string(kRenamedVariable), {"TEST"}));
      CHECK(kinds(plan) == "offline");

      plan = stage.reach(request_for(std::string(kChangedList) + std::string(kSwappedNames), {"TEST"}));
      CHECK(kinds(plan) == "import:override import:override publish");

      plan = stage.reach(request_for(std::string(kTakesName) + std::string(kSwappedNames), {"TEST"}));
      CHECK(kinds(plan) == "import:override import:merge publish offline delete");
    }

    GroupRequest gone{"pets", "", {}, {.environments = {}}};
    plan = stage.reach(gone);
    CHECK(kinds(plan).ends_with("delete-group"));
  }
}

TEST_CASE("an environment that does not exist is an error of the plan") {
  for (const Row& row : rows()) {
    DYNAMIC_SECTION(row.name) {
      const auto fixture = row.make();
      const auto task = fixture->provider().start_export({"pets", {"STAGING"}});
      REQUIRE_FALSE(task);
      CHECK(task.error().kind == ErrorKind::NotFound);
      CHECK(task.error().message.find("STAGING") != std::string::npos);
    }
  }
}

TEST_CASE("a task that another run started is unknown or ended, never an endless wait") {
  for (const Row& row : rows()) {
    DYNAMIC_SECTION(row.name) {
      const auto fixture = row.make();
      Task task = fixture->provider().resume("00000000000000000000000000000000", "pets");
      const auto status = fixture->provider().poll(task);
      REQUIRE(status);
      const auto* failed = std::get_if<TaskFailed>(&*status);
      REQUIRE(failed != nullptr);
      CHECK(failed->error.kind == ErrorKind::NotFound);
      CHECK(failed->error.effect == Effect::Unknown);
    }
  }
}

}  // namespace
}  // namespace sluice::conformance
