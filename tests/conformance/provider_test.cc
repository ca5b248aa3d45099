// Is this a Provider? One suite for every row: after each step, a clean observer plans again and finds nothing.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "engine/reconciler.h"
#include "plan/canonical.h"
#include "plan/desired.h"
#include "plan/json.h"
#include "plan/policies.h"
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
  return {"pets",
          "",
          std::move(desired.value->state),
          {.environments = std::move(environments)},
          std::move(desired.value->objects)};
}

class Silent final : public RunListener {};

/// Where durable writes cost nothing, if there is such a place: hundreds of states are written here.
fs::path memory_folder() {
  const fs::path memory = "/dev/shm";
  std::error_code ignored;
  return fs::is_directory(memory, ignored) && ::access(memory.c_str(), W_OK) == 0 ? memory : fs::temp_directory_path();
}

/// One gateway, one state, and the acts of a user.
class Stage {
 public:
  explicit Stage(const Row& row)
      : fixture_(row.make()), folder_(memory_folder() / ("sluice-conformance-" + std::to_string(::getpid()))) {
    fs::remove_all(folder_);
    store_ = sqlite_state_store((folder_ / "state.db").string());
    options_.threads = row.quick && row.name.find("socket") == std::string::npos ? 0 : 4;
  }
  ~Stage() { fs::remove_all(folder_); }

  Fixture& fixture() { return *fixture_; }

  Result<Plan> try_plan(const std::vector<GroupRequest>& requests) {
    const auto state = store_->read();
    REQUIRE(state);
    Reconciler observer(fixture_->provider(), fixture_->clock(), options_);
    return observer.plan(requests, *state);
  }

  Plan plan(const std::vector<GroupRequest>& requests) {
    const auto plan = try_plan(requests);
    if (!plan) FAIL(plan.error().message);
    return *plan;
  }

  /// What comes of a plan, good or bad.
  RunReport carry_out(const Plan& plan) {
    const auto token = store_->lock({"apply", "test"}, fixture_->provider().identity());
    REQUIRE(token);
    Silent silent;
    Reconciler reconciler(fixture_->provider(), fixture_->clock(), options_);
    const auto report = reconciler.apply(plan, *store_->read(), *store_, *token, "run", silent);
    REQUIRE(store_->unlock(*token));
    if (!report) FAIL(report.error().message);
    return *report;
  }

  RunReport apply(const Plan& plan) {
    const RunReport report = carry_out(plan);
    for (const Outcome& outcome : report.outcomes) {
      INFO(outcome.address.text() << ": " << to_string(outcome.actual) << " " << outcome.error_message);
      CHECK(outcome.as_predicted());
    }
    CHECK(report.converged);
    return report;
  }

  /// What a clean observer finds against the state.
  Result<Plan> drift() {
    const auto state = store_->read();
    REQUIRE(state);
    Reconciler observer(fixture_->provider(), fixture_->clock(), options_);
    return observer.drift(*state);
  }

  /// Applies, then looks again: nothing may be left to do, and doing it again sends nothing.
  Plan reach(const GroupRequest& request) { return reach(std::vector<GroupRequest>{request}); }
  Plan reach(const std::vector<GroupRequest>& requests) {
    Plan made = plan(requests);
    apply(made);
    const Plan again = plan(requests);
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

/// The request with a member set on one of its APIs, or taken off when null.
GroupRequest with_member(GroupRequest request, std::string_view name, std::string_view member, const Value& value) {
  for (auto& [address, resource] : request.desired.resources) {
    if (address.name() != name) continue;
    Value body = resource.body;
    body.erase(member);
    if (!value.is_null()) body.set(member, value);
    resource = make_resource(resource.address, body);
    for (const ObjectName& named : objects_named_by(resource.body)) request.objects.try_emplace(named);
    return request;
  }
  FAIL("no such API");
  return request;
}

/// What the manifest defines, with the users that the groups' files give.
GroupRequest policies_for(const std::vector<std::pair<Address, std::string>>& definitions,
                          const std::vector<GroupRequest>& groups) {
  GroupRequest request{"", "", {}, {}};
  for (const auto& [address, body] : definitions) {
    request.desired.resources.emplace(address, make_resource(address, *parse_json(body)));
  }
  for (const GroupRequest& group : groups) {
    for (const auto& [address, resource] : group.desired.resources) {
      for (const Address& policy : policies_used_by(resource.body)) {
        request.desired.users[policy].emplace(address.text(), address.text());
      }
    }
  }
  return request;
}

const Change* find_change(const Plan& plan, const std::string& address) {
  const auto at = std::find_if(plan.changes.begin(), plan.changes.end(),
                               [&](const Change& change) { return change.address.text() == address; });
  return at == plan.changes.end() ? nullptr : &*at;
}

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
  const auto all = every_row();
  const std::size_t index = GENERATE_COPY(range(std::size_t{0}, all.size()));
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

    // Where that is another API, its name would be taken: it keeps the variable.
    const auto with_variable = [&](std::string_view text) {
      std::string out(text);
      for (std::size_t at = 0; !row.renames_variables && (at = out.find("petId")) != std::string::npos;) {
        out.replace(at, 5, "id");
      }
      return out;
    };
    const std::string renamed = std::string(kChangedList) + with_variable(kRenamedVariable);
    plan = stage.reach(request_for(renamed));
    if (row.renames_variables) {
      CHECK(actions(plan) ==
            "update api.pets[\"DELETE /v1/pets/{petId}\"]\nupdate api.pets[\"GET /v1/pets/{petId}\"]\n");
    }

    plan = stage.reach(request_for(renamed, {"RELEASE", "TEST"}));
    CHECK(kinds(plan) == "publish");
    CHECK(plan.changes.size() == 3);

    if (row.quick) {
      plan = stage.reach(request_for(renamed, {"TEST"}));
      CHECK(kinds(plan) == "offline");

      const std::string swapped = with_variable(kSwappedNames);
      plan = stage.reach(request_for(std::string(kChangedList) + swapped, {"TEST"}));
      CHECK(kinds(plan) == "import:override import:override publish");

      plan = stage.reach(request_for(std::string(kTakesName) + swapped, {"TEST"}));
      CHECK(kinds(plan) == "import:override import:merge publish offline delete");
    }

    GroupRequest gone{"pets", "", {}, {.environments = {}}};
    plan = stage.reach(gone);
    CHECK(kinds(plan).ends_with("delete-group"));
  }
}

TEST_CASE("where a renamed path variable makes another API, its name is in the way, and that is said") {
  for (const Row& row : switch_rows()) {
    if (row.renames_variables) continue;
    Stage stage(row);
    stage.reach(request_for(std::string(kList) + std::string(kShow)));
    const Plan plan = stage.plan({request_for(std::string(kChangedList) + std::string(kRenamedVariable))});
    const RunReport report = stage.carry_out(plan);
    CHECK_FALSE(report.converged);
    std::string said;
    for (const Outcome& outcome : report.outcomes) {
      if (outcome.address.type() == "api")
        said += outcome.address.name() + " " + std::string(to_string(outcome.actual)) + outcome.error_code + "\n";
    }
    CHECK(said ==
          "GET /v1/pets updated\nDELETE /v1/pets/{petId} failedAPIG.3202\nGET /v1/pets/{petId} failedAPIG.3202\n");
  }
}

TEST_CASE("policies and responses go through their life, and every step can be planned again to nothing",
          "[bindings]") {
  const auto all = every_row();
  const std::size_t index = GENERATE_COPY(range(std::size_t{0}, all.size()));
  const Row& row = all[index];
  DYNAMIC_SECTION(row.name) {
    Stage stage(row);
    const Address gold = Address::ratelimit("gold");
    const Address silver = Address::ratelimit("silver");
    const Address office = Address::acl("office");
    const std::string tight = R"({"api-limit": 10, "interval": 1, "unit": "SECOND"})";
    const std::string loose = R"({"api-limit": 100, "user-limit": 50, "interval": 1, "unit": "SECOND"})";
    const std::string lan = R"({"acl-type": "PERMIT", "entity-type": "IP", "value": "10.0.0.0/8, 1.2.3.4"})";
    const GroupRequest plain = request_for(std::string(kList) + std::string(kShow));
    GroupRequest group = with_member(plain, "GET /v1/pets", "x-apigateway-ratelimit", "gold");
    group = with_member(group, "GET /v1/pets/{id}", "x-apigateway-access-control", "office");
    group = with_member(group, "DELETE /v1/pets/{id}", "x-apigateway-response", "teapot");
    const Address teapot = Address::response("pets", "teapot");
    group.desired.resources.emplace(
        teapot, make_resource(teapot, *parse_json(R"({"THROTTLED": {"status": 418, "body": "slow down"}})")));

    Plan plan = stage.reach({group, policies_for({{gold, loose}, {office, lan}}, {group})});
    CHECK(kinds(plan) == "create-group import:merge create-response import:merge publish bind bind");
    CHECK(plan.steps[1].extend_mode == Mode::Merge);

    plan = stage.reach({group, policies_for({{gold, tight}, {office, lan}}, {group})});
    CHECK(actions(plan) == "update ratelimit.gold\n");
    CHECK(kinds(plan) == "import:merge");
    CHECK(plan.steps[0].extend_mode == Mode::Override);
    CHECK(plan.changes[0].touches == std::vector<std::string>{R"(api.pets["GET /v1/pets"])"});
    CHECK(plan.changes[0].rule == "throttle-tightened");

    GroupRequest changed = with_member(group, "GET /v1/pets", "x-apigateway-ratelimit", "silver");
    changed = with_member(changed, "GET /v1/pets/{id}", "x-apigateway-access-control", Value());
    changed.desired.resources.at(teapot) =
        make_resource(teapot, *parse_json(R"({"THROTTLED": {"status": 429, "body": "slower"}})"));
    plan = stage.reach({changed, policies_for({{gold, tight}, {silver, loose}, {office, lan}}, {changed})});
    CHECK(kinds(plan) == "import:merge update-response import:override publish unbind unbind bind");
    const Change* listed = find_change(plan, R"(api.pets["GET /v1/pets"])");
    REQUIRE(listed != nullptr);
    REQUIRE(listed->fields.size() == 1);
    CHECK(listed->fields[0].path == "/x-apigateway-ratelimit");
    CHECK(listed->fields[0].before == Value("gold"));
    CHECK(listed->fields[0].after == Value("silver"));

    GroupRequest bare = with_member(changed, "DELETE /v1/pets/{id}", "x-apigateway-response", Value());
    bare.desired.resources.erase(teapot);
    plan = stage.reach({bare, policies_for({{silver, loose}}, {bare})});
    CHECK(kinds(plan) == "import:override publish delete-response delete-policy delete-policy");
    CHECK(plan.steps.back().depends_on == std::vector<int>{static_cast<int>(plan.steps.size()) - 1});

    const GroupRequest no_group{"pets", "", {}, {.environments = {}}};
    plan = stage.reach({no_group, GroupRequest{"", "", {}, {}}});
    CHECK(kinds(plan).ends_with("delete-group delete-policy"));
  }
}

TEST_CASE("plug-ins are bound where publishing binds nothing, and taken off where they are dropped", "[bindings]") {
  const auto all = every_row();
  const std::size_t index = GENERATE_COPY(range(std::size_t{0}, all.size()));
  const Row& row = all[index];
  DYNAMIC_SECTION(row.name) {
    Stage stage(row);
    stage.fixture().make_plugins({{"cors1", "cors"}, {"limit1", "rate_limit"}});
    const GroupRequest plain = request_for(std::string(kList) + std::string(kShow), {"RELEASE", "TEST"});
    const auto with_plugins = [&](std::string_view names) {
      return with_member(plain, "GET /v1/pets", "x-apigateway-plugins", *parse_json(names));
    };
    Plan plan = stage.reach(with_plugins(R"(["cors1", "limit1"])"));
    CHECK(kinds(plan) == "create-group import:merge publish publish bind bind bind bind");
    plan = stage.reach(with_plugins(R"(["cors1"])"));
    CHECK(kinds(plan) == "import:override publish publish unbind unbind bind bind");
    plan = stage.reach(plain);
    CHECK(kinds(plan) == "import:override publish publish unbind unbind");
  }
}

TEST_CASE("names that a gateway does not have are findings, and nothing is sent") {
  for (const std::size_t index : {std::size_t{0}, std::size_t{2}}) {
    Stage stage(rows()[index]);
    stage.fixture().make_plugins({{"cors1", "cors"}, {"cors2", "cors"}});
    const GroupRequest group = request_for(std::string(kList), {"RELEASE", "TEST"});
    const auto codes = [&](std::string_view member, std::string_view value) {
      const Plan plan = stage.plan({with_member(group, "GET /v1/pets", member, *parse_json(value))});
      std::string text;
      for (const Diagnostic& one : plan.findings) text += one.code + " " + one.detail.substr(0, 18) + "\n";
      return text;
    };
    CHECK(codes("x-apigateway-plugins", R"(["cors3", "cors1"])") == "object-missing Did you mean cors1\n");
    CHECK(codes("x-apigateway-plugins", R"(["cors1", "cors2"])") == "plugin-type-twice Take one of them o\n");
    CHECK(codes("security", R"({"type": "AUTHORIZER", "authorizer": "fn1"})") == "object-missing Create it on the g\n");
    CHECK(codes("x-apigateway-plugins", R"(["cors1"])").empty());
    GroupRequest elsewhere = group;
    elsewhere.options.environments = {"RELEASE", "TEXT"};
    elsewhere.environments_at = {{"TEXT", {"sluice.yaml", 4, 9}}};
    const Plan plan = stage.plan({elsewhere});
    REQUIRE(plan.findings.size() == 1);
    CHECK(plan.findings[0].code == "environment-missing");
    CHECK(to_string(plan.findings[0].at) == "sluice.yaml:4:9");
    CHECK(stage.fixture().changes_sent() <= 3);  // what the stage made
  }
}

/// Every extension that has more than one spelling, or another place, in some position of a switch.
constexpr std::string_view kRich = R"(
  /rich/{id}:
    get:
      operationId: richOne
      description: "Rich"
      parameters:
        - {name: id, in: path, type: string, required: true}
        - {name: page, in: query, type: integer, minimum: 1, maximum: 9, default: 2}
      responses:
        default: {description: ok}
        x-apigateway-result-normal-sample: "good"
        x-apigateway-result-failure-sample: "bad"
      x-apigateway-backend:
        type: HTTP
        httpEndpoints: {address: "a.internal:80", scheme: http, method: GET, path: "/r/{id}", timeout: 700}
        parameters:
          - {name: id, in: path, origin: REQUEST, value: id}
          - {name: X-Fixed, in: header, origin: CONSTANT, value: "1"}
      x-apigateway-backend-policies:
        - name: second
          type: HTTP
          effectMode: ANY
          httpEndpoints: {address: "b.internal:80", scheme: https, method: POST, path: "/s", timeout: 800}
          conditions:
            - {origin: param, parameter: page, type: exact, value: "3"}
            - {origin: source, value: "10.0.0.0/8"}
)";

/// What drift shows of an API that somebody edited, which is then taken back.
void edit_and_revert(Stage& stage, const GroupRequest& group, bool publish) {
  REQUIRE(stage.fixture().edit("listPets", publish ? "By hand" : "By hand, not published", publish));
  const auto drift = stage.drift();
  REQUIRE(drift);
  CHECK(drift->drift.size() == 1);
  if (!drift->drift.empty()) CHECK(drift->drift[0].address.text() == R"(api.pets["GET /v1/pets"])");
  const Plan plan = stage.reach({group, GroupRequest{"", "", {}, {}}});
  CHECK(actions(plan) == "update api.pets[\"GET /v1/pets\"]\n");
}

/// GET /v1/pets through the member groups of a channel, and more of such an API by condition.
std::string grouped(const std::string& path, int timeout) {
  return R"(
  /pets:
    get:
      operationId: listPets
      x-apigateway-backend:
        type: HTTP-VPC-MEMBER-GROUP
        httpVpcMemberGroupEndpoints:
          name: web
          timeout: )" +
         std::to_string(timeout) + R"(
          memberGroupUrlInfos:
            - {name: green, scheme: HTTPS, method: POST, path: "/green"}
            - {name: blue, scheme: http, method: GET, path: ")" +
         path + R"("}
      x-apigateway-backend-policies:
        - name: second
          type: HTTP-VPC-MEMBER-GROUP
          effectMode: ANY
          httpVpcMemberGroupEndpoints:
            name: web
            memberGroupUrlInfos: [{name: blue, scheme: http, method: GET, path: "/s"}]
          conditions: [{origin: source, value: "10.0.0.0/8"}]
)";
}

TEST_CASE("backends by member group go through their life") {
  Stage stage(member_group_row());
  REQUIRE(stage.fixture().make_channel(R"({"name":"web","port":80,"balance_strategy":1,"member_type":"ip",
    "member_groups":[{"member_group_name":"blue"},{"member_group_name":"green"}]})"));
  const GroupRequest first = request_for(grouped("/blue", 5000) + std::string(kShow));
  stage.reach(first);
  for (const bool publish : {false, true}) edit_and_revert(stage, first, publish);
  const GroupRequest second = request_for(grouped("/azure", 700) + std::string(kShow));
  const Plan changed = stage.reach(second);
  CHECK(actions(changed) == "update api.pets[\"GET /v1/pets\"]\n");
  REQUIRE(changed.changes.size() == 1);
  const std::string at = "/x-apigateway-backend/httpVpcMemberGroupEndpoints/";
  std::set<std::string> paths;
  for (const auto& field : changed.changes[0].fields) paths.insert(field.path);
  CHECK(paths == std::set<std::string>{at + "memberGroupUrlInfos/blue/path", at + "timeout"});
  CHECK(actions(stage.reach(request_for(std::string(kShow)))) == "delete api.pets[\"GET /v1/pets\"]\n");
}

TEST_CASE("in every position of every switch a group goes through its life", "[switches]") {
  for (const Row& row : switch_rows()) {
    DYNAMIC_SECTION(row.name) {
      Stage stage(row);
      const Address gold = Address::ratelimit("gold");
      const std::string limit = R"({"api-limit": 10, "interval": 1, "unit": "SECOND"})";
      const std::string both = std::string(kList) + std::string(kShow) + std::string(kRich);
      const GroupRequest plain = request_for(both);
      const GroupRequest bound = with_member(plain, "GET /v1/pets", "x-apigateway-ratelimit", "gold");

      Plan plan = stage.reach({bound, policies_for({{gold, limit}}, {bound})});
      CHECK(plan.changes.size() == 6);
      plan = stage.reach({plain, GroupRequest{"", "", {}, {}}});
      CHECK(find_change(plan, "ratelimit.gold") != nullptr);

      edit_and_revert(stage, plain, true);
      edit_and_revert(stage, plain, false);

      const GroupRequest changed = request_for(std::string(kChangedList) + std::string(kRich));
      plan = stage.reach({changed, GroupRequest{"", "", {}, {}}});
      CHECK(plan.changes.size() == 3);
      const GroupRequest gone{"pets", "", {}, {.environments = {}}};
      plan = stage.reach({gone, GroupRequest{"", "", {}, {}}});
      CHECK(kinds(plan).ends_with("delete-group"));
    }
  }
}

TEST_CASE("an external policy must exist") {
  const auto all = rows();
  const std::size_t index = GENERATE(std::size_t{0}, std::size_t{2});
  Stage stage(all[index]);
  GroupRequest gateway{"", "", {}, {}};
  gateway.options.external = {Address::ratelimit("platinum")};
  const auto plan = stage.try_plan({request_for(std::string(kList)), gateway});
  REQUIRE(plan);
  REQUIRE(plan->findings.size() == 1);
  CHECK(plan->findings[0].summary.find("ratelimit.platinum is `external`") == 0);
}

TEST_CASE("a task that another run started is unknown or ended, never an endless wait") {
  for (const Row& row : every_row()) {
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
