// Every answer that the documents show in two shapes, or whose shape they leave open: one table each.
#include <catch2/catch.hpp>

#include "plan/json.h"
#include "plan/swagger.h"
#include "plan/yaml.h"
#include "providers/apig/apig_provider.h"
#include "providers/apig/calls.h"
#include "providers/http/dates.h"

namespace sluice::apig {
namespace {

HttpResponse answer(const std::string& body, int status = 200) { return {status, {}, body}; }

const std::string kDocument =
    R"({"swagger":"2.0","info":{"title":"pets","version":"1"},"paths":{"/a":{"get":{"operationId":"getA",)"
    R"("x-apigateway-backend":{"type":"MOCK","mockEndpoints":{"result-content":"ok"}}}}}})";

/// A text as it stands inside a JSON string, without the quotes.
std::string quoted(const std::string& text) { return write_json(Value(text)); }

TEST_CASE("an exported file is read under either pair of keys, in either format") {
  const std::string yaml = write_yaml(*parse_json(kDocument));
  const std::string rows[] = {
      R"({"FileName":"pets-RELEASE-all-2023-07-11-19:54:22","FileType":".json","Comment":)" + quoted(kDocument) + "}",
      R"({"FileType":"json","Comment":)" + quoted(kDocument) + "}",
      R"({"file_type":"json","content":)" + quoted(kDocument) + "}",
      R"({"content":)" + quoted("\n\t" + kDocument) + R"(,"file_type":".json","size":7,"more":{"a":[1]}})",
      R"({"FileType":".yaml","Comment":)" + quoted(yaml) + "}",
      R"({"file_type":"yaml","content":)" + quoted("# a comment\n" + yaml) + "}",
      R"({"FileType":".json","Comment":)" + quoted(yaml) + "}",
  };
  for (std::string row : rows) {
    INFO(row);
    const auto file = read_exported_file(std::span<char>(row.data(), row.size()));
    REQUIRE(file);
    const auto document = read_exported_document(*file);
    REQUIRE(document);
    const Swagger read = read_swagger(*document, SwaggerOrigin::Export);
    CHECK(read.findings.empty());
    REQUIRE(read.operations.size() == 1);
    CHECK(read.operations[0].path == "/a");
    CHECK(read.operations[0].body.text("operationId") == "getA");
  }
}

TEST_CASE("a task's result is a text or the object itself, and a word that is not known means that it runs") {
  struct Row {
    std::string body;
    TaskAnswer::State state;
    std::string result;
  };
  using enum TaskAnswer::State;
  const Row rows[] = {
      {R"({"task_id":"t","task_status":"succeed","task_result":"{\"success\":[]}"})", Succeeded, R"({"success":[]})"},
      {R"({"task_id":"t","task_status":"succeed","task_result":{"success":[]}})", Succeeded, R"({"success":[]})"},
      {R"({"task_result" : {"error_code":"APIG.3201"}, "task_status":"failed","extra":null})", Failed,
       R"({"error_code":"APIG.3201"})"},
      {R"({"task_status":"waiting","task_result":""})", Running, ""},
      {R"({"task_status":"processing","task_result":null})", Running, ""},
      {R"({"task_status":"processing"})", Running, ""},
      {R"({"task_status":"resting","task_result":"{}"})", Running, ""},
      {R"({"task_status":"SUCCEED","task_result":"{}"})", Running, ""},
  };
  for (const Row& row : rows) {
    INFO(row.body);
    HttpResponse response = answer(row.body);
    const auto task = read_task(response);
    REQUIRE(task);
    CHECK(task->state == row.state);
    CHECK(std::string(task->result.data(), task->result.size()) == row.result);
  }
}

TEST_CASE("what an import left as it was is told in `ignore` or in `failure`, which may be missing or null") {
  struct Row {
    std::string result;
    std::size_t entries;
    Effected effect;
    std::string code;
  };
  const Row rows[] = {
      {R"({"success":[],"failure":[]})", 0, {}, ""},
      {R"({"success":[],"failure":[],"ignore":null})", 0, {}, ""},
      {R"({"success":null,"failure":null,"ignore":[]})", 0, {}, ""},
      {R"({})", 0, {}, ""},
      {R"({"success":[],"failure":[],"ignore":[{"method":"GET","path":"/a"}]})", 1, Effected::Ignored, ""},
      {R"({"success":[],"failure":[{"method":"GET","path":"/a","error_code":"APIG.3301","error_msg":"exists"}]})", 1,
       Effected::Failed, "APIG.3301"},
      {R"({"success":[{"method":"GET","path":"/a","action":"create","id":"1","news":[1]}],"swagger":{"id":"x"}})", 1,
       Effected::Created, ""},
      {R"({"success":[{"method":"GET","path":"/a","action":"update","id":"1"}],"group_id":"g","ignore":[]})", 1,
       Effected::Updated, ""},
  };
  const std::vector<Prediction> predicted = {{Address::api("pets", "GET", "/a", "NORMAL"), Effected::Created}};
  for (Row row : rows) {
    INFO(row.result);
    const auto entries = read_import_entries(std::span<char>(row.result.data(), row.result.size()), predicted);
    REQUIRE(entries);
    REQUIRE(entries->size() == row.entries);
    if (row.entries == 0) continue;
    CHECK(entries->front().effect == row.effect);
    CHECK(entries->front().error_code == row.code);
  }
}

TEST_CASE("a code means the same under every status, and a status counts only without one") {
  struct Row {
    std::string code;
    ErrorKind kind;
  };
  const Row rows[] = {
      {"APIG.1005", ErrorKind::Denied},    {"APIG.1002", ErrorKind::Denied},    {"APIGW.0301", ErrorKind::Denied},
      {"APIG.1101", ErrorKind::Denied},    {"APIG.1107", ErrorKind::Conflict},  {"APIG.3415", ErrorKind::Conflict},
      {"APIG.3416", ErrorKind::Conflict},  {"APIG.3102", ErrorKind::Conflict},  {"APIG.3201", ErrorKind::Conflict},
      {"APIG.3301", ErrorKind::Conflict},  {"APIG.3001", ErrorKind::NotFound},  {"APIG.3030", ErrorKind::NotFound},
      {"APIG.3093", ErrorKind::NotFound},  {"APIG.2011", ErrorKind::Invalid},   {"APIG.3603", ErrorKind::Invalid},
      {"APIG.0308", ErrorKind::Throttled}, {"APIG.9008", ErrorKind::Throttled},
  };
  const HttpRequest request{"DELETE", "/v2/p/apigw/instances/i/apis/1", {}, ""};
  for (const Row& row : rows) {
    for (const int status : {400, 401, 403, 404, 409, 412, 500}) {
      INFO(row.code << " under " << status);
      const std::string body = R"({"error_code":")" + row.code + R"(","error_msg":"no","request_id":"r"})";
      const Error error = error_of(request, answer(body, status), true);
      CHECK(error.kind == row.kind);
      CHECK(error.code == row.code);
      const bool sure = status < 500 || row.kind == ErrorKind::Throttled;
      CHECK(error.effect == (sure ? Effect::None : Effect::Unknown));
    }
  }
  const std::pair<int, ErrorKind> plain[] = {
      {400, ErrorKind::Invalid},   {401, ErrorKind::Denied},      {403, ErrorKind::Denied},
      {404, ErrorKind::NotFound},  {409, ErrorKind::Conflict},    {412, ErrorKind::Conflict},
      {429, ErrorKind::Throttled}, {500, ErrorKind::Unavailable}, {503, ErrorKind::Unavailable},
  };
  for (const auto& [status, kind] : plain) {
    // Without a code nobody knows who answered, so a change may have been made.
    for (const char* body :
         {"", "<html>no</html>", R"({"error_msg":"no"})", R"({"error_code":null})", "[]", "\"no\""}) {
      INFO(status << " " << body);
      const Error error = error_of(request, answer(body, status), true);
      CHECK(error.kind == kind);
      CHECK(error.code.empty());
      CHECK(error.effect == Effect::Unknown);
      CHECK(error.message.starts_with("DELETE /v2/p/apigw/instances/i/apis/1 was answered with status "));
    }
  }
}

TEST_CASE("times have any number of digits behind the point, and an offset or none") {
  std::string digits;
  for (int count = 0; count <= 9; ++count) {
    const std::string fraction = count == 0 ? "" : "." + digits;
    const auto utc = parse_rfc3339("2020-07-31T12:42:51" + fraction + "Z");
    const auto offset = parse_rfc3339("2020-07-31T20:42:51" + fraction + "+08:00");
    INFO(fraction);
    REQUIRE(utc);
    CHECK(utc == offset);
    const int milliseconds = count == 0 ? 0 : count == 1 ? 300 : count == 2 ? 310 : 314;
    CHECK(*utc == *parse_rfc3339("2020-07-31T12:42:51Z") + std::chrono::milliseconds(milliseconds));
    digits += "314357324"[count % 9];
  }
  CHECK_FALSE(parse_rfc3339("2020-07-31T12:42:51"));
}

TEST_CASE("what an API's list item says of its publications, in every form") {
  struct Row {
    std::string item;
    std::vector<std::string> names, ids, publish_ids, times;
  };
  const std::vector<std::string> none;
  const Row rows[] = {
      {"", none, none, none, none},
      {R"("run_env_name":null,"run_env_id":null,"publish_id":null,"publish_time":null)", none, none, none, none},
      {R"("run_env_name":"","run_env_id":"","publish_id":"","publish_time":"")", none, none, none, none},
      {R"("run_env_name":"RELEASE","run_env_id":"e1","publish_id":"p1","publish_time":"2020-08-03T01:36:00Z")",
       {"RELEASE"},
       {"e1"},
       {"p1"},
       {"2020-08-03T01:36:00Z"}},
      {R"("run_env_name":"RELEASE|TEST","run_env_id":"e1|e2","publish_id":"p1|p2","publish_time":"2020-08-03T01:36:00Z")",
       {"RELEASE", "TEST"},
       {"e1", "e2"},
       {"p1", "p2"},
       none},
      {R"("run_env_name":"RELEASE|TEST","run_env_id":"e1|e2","publish_id":"p1|p2","publish_time":"|2020-08-03T01:36:00Z")",
       {"RELEASE", "TEST"},
       {"e1", "e2"},
       {"p1", "p2"},
       {"", "2020-08-03T01:36:00Z"}},
      {R"("run_env_name":"RELEASE|TEST","run_env_id":"e1")", {"RELEASE", "TEST"}, none, none, none},
      {R"("run_env_id":"e1|e2","publish_id":"p1|p2")", none, {"e1", "e2"}, {"p1", "p2"}, none},
      {R"("run_env_name":7,"publish_time":{"a":1},"news":[{"x":null}])", none, none, none, none},
  };
  for (const Row& row : rows) {
    INFO(row.item);
    HttpResponse response =
        answer(R"({"total":1,"size":1,"news":{},"apis":[{"id":"1","req_method":"GET","req_uri":"/a")" +
               (row.item.empty() ? "" : "," + row.item) + "}]}");
    const auto page = read_apis(response);
    REQUIRE(page);
    const ListedApi& api = page->items.at(0);
    CHECK(api.published_in == row.names);
    CHECK(api.env_ids == row.ids);
    CHECK(api.publish_ids == row.publish_ids);
    CHECK(api.published_at == row.times);
  }
}

TEST_CASE("publications are told by ids with dashes or without") {
  const Address one = Address::publication(Address::api("g", "GET", "/a", "NORMAL"), "RELEASE");
  const std::string plain = "5f918d104dc84480a75166ba99efff21";
  const std::string dashed = "5f918d10-4dc8-4480-a751-66ba99efff21";
  for (const auto& [known, told] : {std::pair(plain, dashed), std::pair(dashed, plain), std::pair(dashed, dashed)}) {
    HttpResponse response = answer(R"({"success":[{"api_id":")" + told + R"(","publish_id":"p"}],"failure":null})");
    const auto entries = read_publish_entries(response, {{known, one}}, true);
    REQUIRE(entries);
    REQUIRE(entries->size() == 1);
    CHECK(entries->front().effect == Effected::Published);
  }
}

/// Answers lists of environments, page by page.
class Lists final : public Transport {
 public:
  std::function<std::string(std::size_t offset)> page;
  int asked = 0;

  Result<HttpResponse> send(const HttpRequest& request) override {
    ++asked;
    CHECK(request.target.find("limit=500") != std::string::npos);
    const auto at = request.target.find("offset=") + 7;
    return answer(page(std::stoul(request.target.substr(at))));
  }

  Result<std::vector<ListedGroup>> groups() {
    const Calls calls(*this, "/v2/p/apigw/instances/i");
    return calls.all_pages<ListedGroup>([&](std::size_t offset) { return find_group(calls.base(), "pets", offset); },
                                        read_groups);
  }
};

/// `count` items from `first` on; `total` "" leaves it out.
std::string page_of(std::size_t first, std::size_t count, const std::string& total) {
  std::string items;
  for (std::size_t i = first; i < first + count; ++i) {
    items += (items.empty() ? "" : ",") + (R"({"id":"id)" + std::to_string(i) + R"(","name":"n"})");
  }
  return "{" + (total.empty() ? "" : "\"total\":" + total + ",") + R"("size":0,"groups":[)" + items + "]}";
}

TEST_CASE("a list is read page by page, however the server cuts the pages") {
  struct Row {
    std::string name;
    std::size_t length, largest;
    std::string total;
    int asked;
  };
  const Row rows[] = {
      {"1,001 items", 1001, 500, "1001", 3},
      {"exactly two pages", 1000, 500, "1000", 2},
      {"nothing", 0, 500, "0", 1},
      {"pages corrected to fewer items", 1001, 100, "1001", 11},
      {"pages of the default length", 45, 20, "45", 3},
      {"no total", 1001, 500, "", 4},
      {"a total of null", 45, 20, "null", 4},
      {"no total and nothing", 0, 500, "", 1},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    Lists lists;
    lists.page = [&](std::size_t offset) {
      const std::size_t left = row.length - std::min(offset, row.length);
      return page_of(offset, std::min(left, row.largest), row.total);
    };
    const auto groups = lists.groups();
    REQUIRE(groups);
    CHECK(groups->size() == row.length);
    CHECK(lists.asked == row.asked);
    for (std::size_t i = 0; i < groups->size(); ++i) CHECK((*groups)[i].id == "id" + std::to_string(i));
  }
}

TEST_CASE("a list that changes while it is read is read again by whoever wants it, not taken") {
  struct Row {
    std::string name;
    std::function<std::string(std::size_t)> page;
  };
  const Row rows[] = {
      {"an item twice", [](std::size_t offset) { return page_of(offset == 0 ? 0 : offset - 1, 500, "1000"); }},
      {"it grew", [](std::size_t offset) { return page_of(offset, 500, offset == 0 ? "1000" : "1001"); }},
      {"it shrank", [](std::size_t offset) { return page_of(offset, 500, offset == 0 ? "1001" : "1000"); }},
      {"the same page for ever", [](std::size_t) { return page_of(0, 500, "1001"); }},
      {"an end before the end", [](std::size_t offset) { return page_of(offset, offset == 0 ? 500 : 0, "1001"); }},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    Lists lists;
    lists.page = row.page;
    const auto groups = lists.groups();
    REQUIRE_FALSE(groups);
    CHECK(groups.error().kind == ErrorKind::Unavailable);
    CHECK(groups.error().effect == Effect::None);
    CHECK(groups.error().message.ends_with("try again."));
  }
}

TEST_CASE("a list without its items, or with a total that is none, is refused") {
  for (const char* body : {R"({"total":1})", R"({"total":1,"groups":null})", R"({"total":"1","groups":[]})",
                           R"({"total":-1,"groups":[]})", R"({"groups":{}})", "[]", "<html>"}) {
    INFO(body);
    HttpResponse response = answer(body);
    CHECK_FALSE(read_groups(response));
  }
}

/// Publishes and keeps what it was asked; request number `fails` ends with this.
class Publisher final : public Transport {
 public:
  Result<HttpResponse> send(const HttpRequest& request) override {
    if (request.target.find("/envs?") != std::string::npos) return answer(R"({"total":0,"envs":[]})");
    if (request.target.find("/api-groups?") != std::string::npos) return answer(R"({"total":0,"groups":[]})");
    const auto ids = *parse_json(request.body)->find("apis");
    batches.push_back(ids.items().size());
    if (batches.size() == fails) return failure;
    Value list = Value::array();
    for (const Value& id : ids.items()) list.push(Value::object({{"api_id", id, 0}}));
    return answer(write_json(Value::object({{"success", std::move(list), 0}})));
  }
  std::vector<std::size_t> batches;
  std::size_t fails = 0;
  Result<HttpResponse> failure = HttpResponse{};
};

/// Publishes 2,001 APIs, or as many as `failure` lets through.
Result<std::vector<EntryResult>> publish_many(Publisher& publisher) {
  ApigProvider provider(publisher, {{"apig", "test", "p", "i"}, {}});
  REQUIRE(provider.start_export({.group = "pets"}));  // so that environments are known
  Step step{.kind = StepKind::Publish, .group = "pets", .environment = "RELEASE"};
  RemoteIds ids;
  for (int i = 0; i < 2001; ++i) {
    const Address address = Address::api("pets", "GET", "/p" + std::to_string(i), "NORMAL");
    ids.emplace(address, "id" + std::to_string(i));
    step.predicted.push_back({Address::publication(address, "RELEASE"), Effected::Published});
  }
  auto task = provider.start(step, ids);
  if (!task) return task.forward();
  auto status = provider.poll(*task);
  REQUIRE(status);
  return std::get<StepDone>(*status).entries;
}

TEST_CASE("at most 1,000 APIs are published at once") {
  Publisher publisher;
  const auto entries = publish_many(publisher);
  REQUIRE(entries);
  CHECK(entries->size() == 2001);
  CHECK(publisher.batches == std::vector<std::size_t>{1000, 1000, 1});
}

TEST_CASE("of several batches one may fail: what was done before is told, what is not known is not") {
  Publisher publisher;
  publisher.fails = 2;
  publisher.failure = answer(R"({"error_code":"APIG.1005","error_msg":"no"})", 403);
  const auto entries = publish_many(publisher);
  REQUIRE(entries);
  REQUIRE(entries->size() == 2001);
  CHECK(publisher.batches.size() == 2);
  const auto failed = std::count_if(entries->begin(), entries->end(),
                                    [](const EntryResult& entry) { return entry.effect == Effected::Failed; });
  CHECK(failed == 1001);
  CHECK(entries->back().error_code == "APIG.1005");

  Publisher lost;
  lost.fails = 2;
  lost.failure = fail(Error{ErrorKind::Unavailable, "the connection broke", Effect::Unknown, {}});
  const auto unknown = publish_many(lost);
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().effect == Effect::Unknown);
}

}  // namespace
}  // namespace sluice::apig
