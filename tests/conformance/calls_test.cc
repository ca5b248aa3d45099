// What a run costs on the wire: requests for each group and environment, none for each API.
#include <fmt/format.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "engine/reconciler.h"
#include "plan/canonical.h"
#include "plan/json.h"
#include "providers/apig/apig_provider.h"
#include "providers/gateway/gateway.h"
#include "providers/gateway/local_transport.h"
#include "tests/conformance/rows.h"

namespace sluice::conformance {
namespace {

namespace fs = std::filesystem;

class Silent final : public RunListener {};

/// Requests by what they are for.
struct Calls {
  std::size_t polls = 0;
  std::size_t lists = 0;
  std::size_t others = 0;
  std::size_t changes = 0;  ///< of the others
  std::size_t of_one_api = 0;
};

std::vector<GroupRequest> groups_with(std::size_t groups, std::size_t apis,
                                      const std::vector<std::string>& environments, const std::string& description) {
  std::vector<GroupRequest> requests;
  for (std::size_t g = 0; g < groups; ++g) {
    const std::string name = fmt::format("group{}", g);
    GroupRequest request{name, "", {}, {.environments = environments}};
    const Address group = Address::group(name);
    request.desired.resources.emplace(group,
                                      make_resource(group, Value::object({{"name", name, 0}, {"description", "", 0}})));
    for (std::size_t i = 0; i < apis; ++i) {
      Value body = *parse_json(
          R"({"method":"GET","security":{"type":"NONE"},"x-apigateway-plugins":["cors1"],"x-apigateway-backend":
              {"type":"HTTP","httpEndpoints":{"address":"b:80","scheme":"http","method":"GET","path":"/"}}})");
      const std::string path = fmt::format("/p{}", i);
      body.set("path", path).set("operationId", fmt::format("get_{}", i)).set("description", description);
      const Address address = Address::api(name, "GET", path, "NORMAL");
      request.desired.resources.emplace(address, make_resource(address, body));
    }
    request.objects[{ObjectKind::Plugin, "cors1"}] = {apis, name, {}};
    requests.push_back(std::move(request));
  }
  return requests;
}

/// One gateway in this process, whose requests are counted.
class Counted {
 public:
  Counted() : folder_(fs::temp_directory_path() / ("sluice-calls-" + std::to_string(::getpid()))) {
    fs::remove_all(folder_);
    auto gateway = gateway::Gateway::open({});
    REQUIRE(gateway);
    gateway_ = std::move(*gateway);
    transport_ = std::make_unique<gateway::LocalTransport>(*gateway_, [this] { return clock_.now(); });
    provider_ = std::make_unique<ApigProvider>(*transport_, ApigSettings{{"apig", "test", "project", "instance"}, {}});
    store_ = sqlite_state_store((folder_ / "state.db").string());
    options_.threads = 0;
    make("envs", R"({"name":"TEST"})");
    make("plugins", R"({"plugin_name":"cors1","plugin_type":"cors","plugin_scope":"global","plugin_content":"{}"})");
  }
  ~Counted() { fs::remove_all(folder_); }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

  Plan plan(const std::vector<GroupRequest>& groups) {
    const auto state = store_->read();
    REQUIRE(state);
    auto plan = Reconciler(*provider_, clock_, options_).plan(groups, *state);
    if (!plan) FAIL(plan.error().message);
    CHECK(plan->findings.empty());
    return *plan;
  }
  void apply(const Plan& plan) {
    const auto token = store_->lock({"apply", "test"}, provider_->identity());
    REQUIRE(token);
    Silent silent;
    const auto report =
        Reconciler(*provider_, clock_, options_).apply(plan, *store_->read(), *store_, *token, "run", silent);
    REQUIRE(store_->unlock(*token));
    REQUIRE(report);
    CHECK(report->converged);
  }
  /// What was asked since the last time.
  Calls taken() {
    const auto log = gateway_->request_log();
    Calls calls;
    for (std::size_t i = seen_; i < log.size(); ++i) count(log[i].first, log[i].second, calls);
    seen_ = log.size();
    return calls;
  }

 private:
  static void count(const std::string& method, const std::string& target, Calls& calls) {
    const std::string rest = target.substr(target.find("/instances/instance/") + 20);
    const bool list = method == "GET" && rest.find('/') == std::string::npos;
    const bool list_below = method == "GET" && (rest == "project/configs" || rest.ends_with("/attached-apis"));
    if (rest.find("async-tasks/") != std::string::npos) {
      ++calls.polls;
    } else if (list || list_below) {
      ++calls.lists;
    } else {
      ++calls.others;
      calls.changes += method != "GET" && !rest.ends_with("async-export") ? 1U : 0U;
    }
    const bool batch = rest == "apis/publish" || rest.starts_with("apis/publish?") || rest.find("action=") != rest.npos;
    calls.of_one_api += rest.starts_with("apis/") && !batch ? 1U : 0U;
  }

  void make(const std::string& what, const std::string& body) {
    const auto made = transport_->send(
        {"POST", "/v2/project/apigw/instances/instance/" + what, {{"Content-Type", "application/json"}}, body});
    REQUIRE(made);
    REQUIRE(made->status == 201);
  }

  fs::path folder_;
  JumpingClock clock_;
  std::unique_ptr<gateway::Gateway> gateway_;
  std::unique_ptr<gateway::LocalTransport> transport_;
  std::unique_ptr<ApigProvider> provider_;
  std::unique_ptr<StateStore> store_;
  ReconcilerOptions options_;
  std::size_t seen_ = 0;
};

std::string row(std::string_view run, std::size_t groups, std::size_t environments, std::size_t apis,
                const Calls& calls, std::size_t limit) {
  return fmt::format(
      "{:<10} {:>2} groups {:>2} environments {:>3} APIs: {:>4} others (at most {}), {} of them changes, "
      "{} lists, {} polls, {} of one API\n",
      run, groups, environments, apis, calls.others, limit, calls.changes, calls.lists, calls.polls, calls.of_one_api);
}

TEST_CASE("a run costs requests for each group and environment, and none for each API") {
  std::string table;
  bool within = true;
  const auto judge = [&](std::string_view run, std::size_t groups, std::size_t environments, std::size_t apis,
                         const Calls& calls, std::size_t each) {
    const std::size_t limit = groups * each;
    table += row(run, groups, environments, apis, calls, limit);
    within = within && calls.others <= limit && calls.of_one_api == 0;
    // Lists grow with groups and environments too: those of a group, and who has the plug-in.
    within = within && calls.lists <= groups * (8 + 3 * environments) + 3;
  };
  for (const std::size_t groups : {std::size_t{1}, std::size_t{3}, std::size_t{10}}) {
    for (const std::size_t environments : {std::size_t{1}, std::size_t{2}}) {
      for (const std::size_t apis : {std::size_t{5}, std::size_t{50}}) {
        Counted gateway;
        std::vector<std::string> names = {"RELEASE", "TEST"};
        names.resize(environments);
        const auto wanted = groups_with(groups, apis, names, "one");
        (void)gateway.taken();
        gateway.apply(gateway.plan(wanted));
        judge("first", groups, environments, apis, gateway.taken(), 4 + 2 * environments);
        CHECK(gateway.plan(wanted).empty());
        const Calls unchanged = gateway.taken();
        judge("unchanged", groups, environments, apis, unchanged, 1 + environments);
        within = within && unchanged.changes == 0;
        const Plan update = gateway.plan(groups_with(groups, apis, names, "two"));
        (void)gateway.taken();
        gateway.apply(update);  // looks before and after
        judge("update", groups, environments, apis, gateway.taken(), 4 + 3 * environments);
      }
    }
  }
  INFO(table);
  CHECK(within);
}

}  // namespace
}  // namespace sluice::conformance
