// Drafts that were edited after they were published are seen, however exports of drafts are meant, and nothing is asked
// API by API where nothing was edited.
#include "providers/apig/drafts.h"

#include <catch2/catch.hpp>

#include "plan/json.h"
#include "providers/apig/apig_provider.h"
#include "providers/gateway/gateway.h"
#include "providers/gateway/local_transport.h"

namespace sluice::apig {
namespace {

const std::string kBase = base_path("project", "instance");
using Quirks = std::map<std::string, std::string>;

/// How much of an API its list tells.
enum class Lists { Whole, Brief, WithoutTimes };

/// Counts questions about single APIs, and shortens lists.
class Watched final : public Transport {
 public:
  Watched(Transport& inner, Lists lists) : inner_(inner), lists_(lists) {}

  Result<HttpResponse> send(const HttpRequest& request) override {
    const std::string path = request.target.substr(kBase.size(), request.target.find('?') - kBase.size());
    if (request.method == "GET" && path.starts_with("/apis/")) ++details;
    if (request.method == "GET" && (path == "/authorizers" || path == "/vpc-channels")) ++name_lists;
    auto answer = inner_.send(request);
    if (!answer || path != "/apis" || request.method != "GET" || lists_ == Lists::Whole) return answer;
    Value list = *parse_json(answer->body);
    Value items = Value::array();
    for (Value item : list.find("apis")->items()) {
      for (const char* name : {"req_params", "backend_params", "mock_info", "backend_api", "func_info"})
        item.erase(name);
      if (lists_ == Lists::WithoutTimes) {
        item.erase("update_time");
        item.erase("publish_time");
      }
      items.push(std::move(item));
    }
    answer->body = write_json(list.set("apis", std::move(items)));
    return answer;
  }

  int details = 0;
  int name_lists = 0;

 private:
  Transport& inner_;
  Lists lists_;
};

class Bench {
 public:
  explicit Bench(const Quirks& quirks, Lists lists = Lists::Whole) {
    auto opened = gateway::Gateway::open({.data = ":memory:", .latency = {}, .quirks = quirks});
    REQUIRE(opened);
    gateway_ = std::move(*opened);
    inner_.emplace(*gateway_, [this] { return now; });
    watched.emplace(*inner_, lists);
    provider_.emplace(*watched, ApigSettings{{"apig", "test", "project", "instance"}, {}});
    ask("POST", "/envs", R"({"name":"TEST"})");
    group_ = std::string(ask("POST", "/api-groups", R"({"name":"pets"})").text("id"));
    for (const char* name : {"one", "two", "three"}) ids[name] = create(name);
  }

  Value ask(const std::string& method, const std::string& path, const std::string& body = "") {
    const auto answer = inner_->send({method, kBase + path, {{"Content-Type", "application/json"}}, body});
    REQUIRE(answer);
    INFO(method << " " << path << ": " << answer->body);
    REQUIRE(answer->status / 100 == 2);
    const auto value = answer->body.empty() ? parse_json("{}") : parse_json(answer->body);
    REQUIRE(value);
    return *value;
  }
  void publish(const std::string& name, const std::string& env_id = "DEFAULT_ENVIRONMENT_RELEASE_ID") {
    ask("POST", "/apis/action", R"({"action":"online","env_id":")" + env_id + R"(","api_id":")" + ids.at(name) + "\"}");
  }
  void publish_all() {
    for (const auto& [name, id] : ids) publish(name);
  }
  /// Changes a draft as a person on the console does.
  void edit(const std::string& name, const std::string& member, const Value& value) {
    Value definition = ask("GET", "/apis/" + ids.at(name));
    definition.set(member, value);
    ask("PUT", "/apis/" + ids.at(name), write_json(definition));
  }
  void later() { now += std::chrono::minutes(5); }

  /// Exports the group; what is asked about single APIs meanwhile is counted in `watched`.
  LiveState live(const std::vector<std::string>& environments = {"RELEASE"}) {
    watched->details = watched->name_lists = 0;
    auto task = provider_->start_export({.group = "pets", .environments = environments});
    REQUIRE(task);
    while (true) {
      auto status = provider_->poll(*task);
      if (!status) FAIL(status.error().message);
      if (const auto* failed = std::get_if<TaskFailed>(&*status)) FAIL(failed->error.message);
      if (auto* done = std::get_if<ExportDone>(&*status)) return std::move(done->live);
    }
  }

  static const Resource& api(const LiveState& live, const std::string& name) {
    return live.resources.at(Address::api("pets", "GET", "/" + name, "NORMAL"));
  }
  static const Resource& served(const LiveState& live, const std::string& name) {
    return live.resources.at(Address::publication(Address::api("pets", "GET", "/" + name, "NORMAL"), "RELEASE"));
  }

  gateway::Now now{std::chrono::milliseconds(1'700'000'000'000)};
  std::optional<Watched> watched;
  std::map<std::string, std::string> ids;

 private:
  std::string create(const std::string& name) {
    const std::string body = R"({"name":"api_)" + name + R"(","type":1,"req_protocol":"HTTPS","req_method":"GET",)" +
                             R"("req_uri":"/)" + name + R"(","auth_type":"NONE","backend_type":"MOCK","group_id":")" +
                             group_ + R"(","mock_info":{"result_content":"ok"}})";
    return std::string(ask("POST", "/apis", body).text("id"));
  }

  std::unique_ptr<gateway::Gateway> gateway_;
  std::optional<gateway::LocalTransport> inner_;
  std::optional<ApigProvider> provider_;
  std::string group_;
};

/// Exports that may hide drafts.
const Quirks kHiding[] = {
    {{"dev", "unpublished"}}, {{"dev_definition", "runtime"}}, {{"dev", "unpublished"}, {"dev_definition", "runtime"}}};

const Value kMock = Value::object({{"result_content", "edited", 0}});

TEST_CASE("an edited draft is seen where exports hide it, at one question; the served version stays what it was") {
  for (const Quirks& quirks : kHiding) {
    for (const Lists lists : {Lists::Whole, Lists::Brief}) {
      INFO(quirks.begin()->first << "=" << quirks.begin()->second << ", lists " << static_cast<int>(lists));
      Bench bench(quirks, lists);
      bench.later();
      bench.publish_all();
      const LiveState before = bench.live();
      CHECK(bench.watched->details == 0);
      CHECK(Bench::api(before, "two").digest == Bench::served(before, "two").digest);

      bench.later();
      bench.edit("two", "mock_info", kMock);
      const LiveState edited = bench.live();
      CHECK(bench.watched->details == 1);
      CHECK(bench.watched->name_lists == 0);
      CHECK(Bench::api(edited, "two").digest != Bench::api(before, "two").digest);
      CHECK(
          Bench::api(edited, "two").body.find("x-apigateway-backend")->find("mockEndpoints")->text("result-content") ==
          "edited");
      CHECK(Bench::served(edited, "two").digest == Bench::served(before, "two").digest);
      CHECK(Bench::api(edited, "one").digest == Bench::api(before, "one").digest);
      CHECK_FALSE(Bench::api(edited, "two").remote_id.empty());

      bench.later();
      bench.publish("two");
      const LiveState after = bench.live();
      CHECK(bench.watched->details == 0);
      CHECK(Bench::served(after, "two").digest == Bench::api(edited, "two").digest);
    }
  }
}

TEST_CASE("where exports show drafts nothing is asked, but for one that was put back to what is served") {
  Bench bench(Quirks{});
  bench.later();
  bench.publish_all();
  bench.later();
  bench.edit("two", "mock_info", kMock);
  const LiveState edited = bench.live();
  CHECK(bench.watched->details == 0);
  CHECK(Bench::api(edited, "two").digest != Bench::served(edited, "two").digest);
  bench.edit("three", "remark", "for a while");
  bench.edit("three", "remark", "");
  CHECK(bench.live().resources.size() == edited.resources.size());
  CHECK(bench.watched->details == 0);  // the other one proves that drafts are shown
  bench.edit("two", "mock_info", Value::object({{"result_content", "ok", 0}}));
  bench.live();
  CHECK(bench.watched->details == 2);
}

TEST_CASE("an edit in the moment of publication, or on a list without times, shows in what the list tells") {
  for (const Quirks& quirks : kHiding) {
    for (const Lists lists : {Lists::Whole, Lists::Brief, Lists::WithoutTimes}) {
      Bench bench(quirks, lists);
      bench.publish_all();
      bench.live();
      CHECK(bench.watched->details == 0);
      bench.edit("two", "remark", "edited at once");
      const LiveState edited = bench.live();
      CHECK(bench.watched->details == 1);
      CHECK(Bench::api(edited, "two").body.text("description") == "edited at once");
    }
  }
}

TEST_CASE("what drafts refer to is listed only when one of them does") {
  Bench bench(kHiding[0]);
  const std::string guard(bench
                              .ask("POST", "/authorizers",
                                   R"({"name":"Guard","type":"FRONTEND","authorizer_type":"FUNC",)"
                                   R"("authorizer_uri":"urn:fss:r:p:function:default:f"})")
                              .text("id"));
  bench.publish_all();
  bench.later();
  Value definition = bench.ask("GET", "/apis/" + bench.ids.at("one"));
  definition.set("auth_type", "AUTHORIZER").set("authorizer_id", guard);
  bench.ask("PUT", "/apis/" + bench.ids.at("one"), write_json(definition));
  const LiveState live = bench.live();
  CHECK(bench.watched->details == 1);
  CHECK(bench.watched->name_lists == 1);
  CHECK(Bench::api(live, "one").body.find("security")->text("authorizer") == "Guard");
}

TEST_CASE("the rules of an edited draft's parameters have their names") {
  Bench bench(kHiding[0]);
  const Value rule =
      bench.ask("POST", "/orchestrations",
                R"({"orchestration_name":"by_age","orchestration_strategy":"hash","is_preprocessing":true})");
  bench.publish_all();
  bench.later();
  Value parameter = *parse_json(R"({"name":"age","type":"STRING","location":"QUERY","required":2})");
  parameter.set("orchestrations", Value::array({*rule.find("orchestration_id")}));
  bench.edit("one", "req_params", Value::array({parameter}));
  const LiveState live = bench.live();
  const Value* parameters = Bench::api(live, "one").body.find("parameters");
  REQUIRE(parameters != nullptr);
  CHECK(*parameters->items().front().find("x-apigateway-orchestrations") == Value::array({Value("by_age")}));
}

TEST_CASE("an API that is served only where nobody looks is asked for when exports leave it out") {
  Bench bench(kHiding[0]);
  bench.publish_all();
  bench.later();
  // Nothing is exported but drafts, and those of published APIs are left out.
  const LiveState live = bench.live({});
  CHECK(bench.watched->details == 3);
  CHECK(Bench::api(live, "one").body.text("operationId") == "api_one");
}

TEST_CASE("many drafts are asked for over several polls") {
  Bench bench(kHiding[0]);
  std::vector<DraftQuestions::Question> questions;
  for (int i = 0; i < 45; ++i) {
    questions.push_back({bench.ids.at("one"), Address::api("pets", "GET", "/one", "NORMAL")});
  }
  const Calls calls(*bench.watched, kBase);
  DraftQuestions asking(std::move(questions));
  for (const bool all : {false, false, true}) {
    const auto known = asking.ask_some(calls, "g");
    REQUIRE(known);
    CHECK(*known == all);
  }
  CHECK(bench.watched->details == 45);
  CHECK(asking.bodies().size() == 1);
}

TEST_CASE("a draft that is gone or has moved means that the group changed meanwhile") {
  Bench bench(Quirks{});
  const Calls calls(*bench.watched, kBase);
  for (const auto& [id, path] : std::vector<std::pair<std::string, std::string>>{
           {"00000000000000000000000000000000", "/one"}, {bench.ids.at("one"), "/moved"}}) {
    DraftQuestions asking({{id, Address::api("pets", "GET", path, "NORMAL")}});
    const auto known = asking.ask_some(calls, "g");
    REQUIRE_FALSE(known);
    CHECK(known.error().kind == ErrorKind::Unavailable);
  }
}

TEST_CASE("how old a draft is against what is served, in every form of times") {
  struct Row {
    const char* updated;
    const char* published;
    Age age;
  };
  const Row rows[] = {
      {"2020-07-31T12:42:51.314357324Z", "2020-07-31T12:42:51.314Z", Age::Unclear},
      {"2020-07-31T12:42:51.314Z", "2020-07-31T12:42:51.315Z", Age::Older},
      {"2020-07-31T12:42:51.315Z", "2020-07-31T12:42:51.314Z", Age::Unclear},
      {"2020-07-31T12:42:52.315Z", "2020-07-31T12:42:51.314Z", Age::Newer},
      {"2020-07-31T12:42:51Z", "2020-07-31T12:42:51Z", Age::Unclear},
      {"2020-07-31T12:42:51.9Z", "2020-07-31T12:42:51Z", Age::Unclear},
      {"2020-07-31T12:42:51Z", "2020-07-31T12:42:52Z", Age::Older},
      {"2020-07-31T12:42:51+08:00", "2020-07-31T04:42:52Z", Age::Older},
      {"2020-07-31T12:42:55+08:00", "2020-07-31T04:42:52.829753306Z", Age::Newer},
      {"", "2020-07-31T04:42:52Z", Age::Unclear},
      {"2020-07-31T04:42:52Z", "", Age::Unclear},
      {"yesterday", "2020-07-31T04:42:52Z", Age::Unclear},
  };
  for (const Row& row : rows) {
    INFO(row.updated << " " << row.published);
    CHECK(age_of_draft(row.updated, row.published) == row.age);
  }
}

}  // namespace
}  // namespace sluice::apig
