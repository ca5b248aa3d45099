#include "plan/ignore.h"

#include "tests/plan/support.h"

namespace sluice {
namespace {

using test::api;
using test::base;
using test::body;
using test::contains;
using test::desired;
using test::json;
using test::live;
using test::options;
using test::published;
using test::text_of;
using test::with;
using test::with_endpoint;

const Address kPets = Address::api("pets", "GET", "/pets", "NORMAL");

Value pets(const char* description = "") { return with(body("GET", "/pets", "listPets"), "description", description); }

Value with_parameters(Value api, std::string_view list) { return with(std::move(api), "parameters", json(list)); }

/// What the files' `wanted` becomes before what the gateway holds, for one rule.
Value laid(const Value& wanted, const Value& now, const std::string& path) {
  return with_ignored(api(wanted).body, api(now).body, {{path, "", "", ""}});
}

std::string problem(std::string_view path) {
  const auto found = ignore_path_problem(path);
  return found ? found->summary + " " + found->detail : "";
}

DiffOptions ignoring(const std::vector<std::string>& paths, std::vector<std::string> environments = {}) {
  DiffOptions result = options(std::move(environments));
  for (const std::string& path : paths) result.ignore.push_back({path, "", "by hand", ""});
  return result;
}

std::string text_of(const std::vector<IgnoredField>& fields) {
  std::string text;
  for (const IgnoredField& field : fields)
    text += field.address.text() + " " + field.path + " (" + field.reason + ")\n";
  return text;
}

TEST_CASE("paths of `ignore` name fields of APIs") {
  for (const char* path :
       {"/description", "/parameters", "/parameters/query:limit", "/parameters/query:limit/required",
        "/parameters/*/description", "/parameters/header:*", "/**/timeout", "/**", "/*", "/security", "/security/*",
        "/x-apigateway-backend", "/x-apigateway-backend/parameters/header:X-A~1b/value",
        "/x-apigateway-backend-policies/canary/conditions", "/x-apigateway-backend-policies/*/httpEndpoints/**",
        "/tags", "/parameters/query:limit/enum/**", "/x-apigateway-*"}) {
    CHECK(problem(path) == "");
  }
  CHECK(problem("/descripton") == "\"descripton\" is not a field there Did you mean `description`?");
  CHECK(contains(problem("/nothing/like/it"), "\"nothing\" is not a field there Known fields are operationId,"));
  CHECK(problem("description") == "it does not start with \"/\" Write it as in /parameters/query:limit.");
  CHECK(contains(problem("/"), "an empty part"));
  CHECK(contains(problem("/parameters//required"), "an empty part"));
  CHECK(problem("/parameters/limit/required") ==
        "\"limit\" is not the key of an element of `parameters` Write in:name, as in query:limit, or query:*.");
  CHECK(contains(problem("/parameters/body:limit"), "not the key of an element of `parameters`"));
  CHECK(problem("/parameters/query:limit/requird") == "\"requird\" is not a field there Did you mean `required`?");
  CHECK(problem("/description/x") == "nothing is below \"description\" End the path there.");
  CHECK(contains(problem("/method"), "says which one this is"));
  CHECK(contains(problem("/path"), "says which one this is"));
  CHECK(contains(problem("/parameters/query:limit/name"), "says which one this is"));
  CHECK(contains(problem("/security/type"), "depends on it"));
  CHECK(contains(problem("/x-apigateway-backend/type"), "depends on it"));
  CHECK(problem("/parameters/query:limit/type") == "");
}

TEST_CASE("what is ignored is as the gateway has it, also where that is nothing") {
  CHECK(laid(pets("files"), pets("hand"), "/description") == api(pets("hand")).body);
  CHECK(laid(pets("files"), pets(), "/description") == api(pets()).body);
  CHECK(laid(pets(), pets("hand"), "/description") == api(pets("hand")).body);
  CHECK(laid(pets("files"), pets("hand"), "/tags") == api(pets("files")).body);
  const Value one = with_endpoint(pets("a"), "timeout", 1000);
  const Value two = with_endpoint(pets("b"), "timeout", 2000);
  CHECK(laid(one, two, "/**/timeout") == api(with_endpoint(pets("a"), "timeout", 2000)).body);
  CHECK(laid(one, two, "/x-apigateway-backend") == api(with_endpoint(pets("a"), "timeout", 2000)).body);
  CHECK(laid(one, two, "/**") == api(two).body);
}

TEST_CASE("elements of keyed lists are ignored by their keys, on either side") {
  const Value files = with_parameters(pets(), R"([{"in": "query", "name": "limit", "required": true},
      {"in": "query", "name": "ours"}, {"in": "header", "name": "X-A", "default": "1"}])");
  const Value hand = with_parameters(pets(), R"([{"in": "query", "name": "limit", "description": "hand"},
      {"in": "query", "name": "theirs"}, {"in": "header", "name": "x-a", "default": "2"}])");
  const auto parameters = [&](const std::string& path) {
    std::string text;
    const Value result = laid(files, hand, path);
    for (const Value& one : result.find("parameters")->items()) {
      text += std::string(one.text("name")) +
              (one.find("required") != nullptr && *one.find("required") == Value(true) ? "!" : "") +
              std::string(one.text("description")) + std::string(one.text("default")) + " ";
    }
    return text;
  };
  CHECK(parameters("/tags") == "X-A1 limit! ours ");
  CHECK(parameters("/parameters/query:limit/required") == "X-A1 limit ours ");
  CHECK(parameters("/parameters/query:limit/description") == "X-A1 limit!hand ours ");
  CHECK(parameters("/parameters/query:limit") == "X-A1 limithand ours ");
  CHECK(parameters("/parameters/query:theirs") == "X-A1 limit! ours theirs ");
  CHECK(parameters("/parameters/query:ours") == "X-A1 limit! ");
  CHECK(parameters("/parameters/query:ours/default") == "X-A1 limit! ours ");  // made anew: as the files want it
  CHECK(parameters("/parameters/header:x-A/default") == "X-A2 limit! ours ");
  CHECK(parameters("/parameters/query:*") == "X-A1 limithand theirs ");
  CHECK(parameters("/parameters") == "x-a2 limithand theirs ");
}

TEST_CASE("members beside another type are not mixed") {
  const Value mock =
      with(pets(), "x-apigateway-backend", json(R"({"type": "MOCK", "mockEndpoints": {"result-content": "x"}})"));
  CHECK(laid(mock, pets(), "/x-apigateway-backend/httpEndpoints") == api(mock).body);
  CHECK(laid(mock, pets(), "/**/timeout") == api(mock).body);
  CHECK(laid(mock, pets(), "/x-apigateway-backend") == api(pets()).body);
  CHECK(laid(mock, pets(), "/x-apigateway-backend/*") == api(pets()).body);
}

TEST_CASE("a day is a day of the calendar") {
  for (const char* day : {"2027-01-31", "2028-02-29", "2000-02-29", "0001-12-31"}) CHECK(is_day(day));
  for (const char* none : {"2027-02-29", "2027-13-01", "2027-00-10", "2027-01-00", "2027-1-31", "31.1.2027",
                           "1900-02-29", "2027-04-31", "2027-01-31T00:00", ""}) {
    CHECK_FALSE(is_day(none));
  }
}

TEST_CASE("a rule past its day is reported with its line, once, and still holds") {
  IgnoreRule rule{"/description", "", "", "2027-01-31"};
  rule.at = {"sluice.yaml", 12, 9};
  Diagnostics findings;
  report_expired({rule}, "2027-01-31", findings);
  CHECK(findings.empty());
  report_expired({rule}, "2027-02-01", findings);
  report_expired({rule}, "2027-02-01", findings);  // of another group with the same defaults
  CHECK(test::text_of(findings) ==
        "sluice.yaml:12:9: warning ignore-expired: /description was to be ignored until 2027-01-31, and still is. Take "
        "the rule out, or renew it with a later `until`.\n");
}

TEST_CASE("an ignored field is no change, no drift and no conflict, and the base learns it") {
  struct Row {
    const char* base;
    const char* desired;
    const char* live;
    const char* ignored;
  };
  for (const Row& row : {Row{"a", "a", "b", "/description"},
                         {"a", "b", "a", "/description"},
                         {"a", "b", "c", "/description"},
                         {"a", "b", "b", ""},
                         {"a", "a", "a", ""},
                         {"", "a", "b", "/description"},
                         {"a", "", "b", "/description"},
                         {"a", "b", "", "/description"}}) {
    INFO(row.base << " " << row.desired << " " << row.live);
    const GroupDiff diff = diff_group(base({api(pets(row.base))}), desired({api(pets(row.desired))}),
                                      live({api(pets(row.live))}), ignoring({"/description"}));
    CHECK(text_of(diff.changes) == "");
    CHECK(text_of(diff.drift) == "");
    CHECK(diff.unchanged == 1);
    CHECK(text_of(diff.ignored) ==
          (*row.ignored == '\0' ? std::string() : "api.pets[\"GET /pets\"] /description (by hand)\n"));
    const bool moved = std::string(row.base) != row.live;
    REQUIRE(diff.records.size() == (moved ? 1U : 0U));
    if (moved) CHECK(diff.records[0].digest == api(pets(row.live)).digest);
  }
}

TEST_CASE("what is sent holds the gateway's value in each ignored place") {
  const auto before = with_endpoint(pets("a"), "timeout", 1000);
  const auto wanted = with_endpoint(pets("a"), "timeout", 2000);
  const auto now = with_endpoint(pets("hand"), "timeout", 1000);
  const GroupDiff diff =
      diff_group(base({api(before)}), desired({api(wanted)}), live({api(now)}), ignoring({"/description"}));
  CHECK(text_of(diff.changes) ==
        "update api.pets[\"GET /pets\"] pending: 1 field differs: import.\n"
        "  /x-apigateway-backend/httpEndpoints/timeout 1000 -> 2000 pending\n");
  REQUIRE(diff.changes.size() == 1);
  CHECK(diff.changes[0].after.text("description") == "hand");
  CHECK(diff.changes[0].before_digest == api(now).digest);
  CHECK(diff.changes[0].after_digest == api(with_endpoint(pets("hand"), "timeout", 2000)).digest);
  CHECK(text_of(diff.ignored) == "api.pets[\"GET /pets\"] /description (by hand)\n");
}

TEST_CASE("an API that is made is as the files want it") {
  const GroupDiff diff =
      diff_group({}, desired({api(pets("files"))}), live({}), ignoring({"/description", "/parameters"}));
  REQUIRE(diff.changes.size() == 1);
  CHECK(diff.changes[0].after_digest == api(pets("files")).digest);
  CHECK(diff.ignored.empty());
}

TEST_CASE("a rule holds for the operations of its glob") {
  DiffOptions one = options();
  one.ignore.push_back({"/description", "GET /pets/*", "", ""});
  CHECK(diff_group(base({api(pets("a"))}), desired({api(pets("b"))}), live({api(pets("a"))}), one).changes.size() == 1);
  one.ignore.push_back({"/description", "* /pets", "", ""});
  CHECK(diff_group(base({api(pets("a"))}), desired({api(pets("b"))}), live({api(pets("a"))}), one).changes.empty());
}

TEST_CASE("an API of somebody else that differs in what is ignored is no collision") {
  const Resource theirs = api(pets("hand"));
  const GroupDiff diff = diff_group({}, desired({api(pets("files"))}), live({theirs, published(theirs)}),
                                    ignoring({"/description"}, {"RELEASE"}));
  CHECK(diff.collisions.empty());
  CHECK(diff.unowned.size() == 1);
}

TEST_CASE(
    "a draft that was edited in ignored places, and not published, does not make its publication another version") {
  const Resource ours = api(pets("a"));
  const GroupDiff diff =
      diff_group(base({ours, published(ours)}), desired({ours}), live({api(pets("hand")), published(ours)}),
                 ignoring({"/description"}, {"RELEASE"}));
  CHECK(text_of(diff.changes) == "");
  CHECK(text_of(diff.drift) == "");
  CHECK(text_of(diff.ignored) == "api.pets[\"GET /pets\"] /description (by hand)\n");
  CHECK(diff.records.empty());  // until it is published the base is as both were
}

TEST_CASE("an API that was edited in ignored places and published is as the last apply left it") {
  const Resource ours = api(pets("a"));
  const Resource theirs = api(pets("hand"));
  const GroupDiff diff = diff_group(base({ours, published(ours)}), desired({ours}), live({theirs, published(theirs)}),
                                    ignoring({"/description"}, {"RELEASE"}));
  CHECK(text_of(diff.changes) == "");
  CHECK(text_of(diff.drift) == "");
  REQUIRE(diff.records.size() == 2);
  for (const Resource& record : diff.records) CHECK(record.digest == theirs.digest);
}

TEST_CASE("what is served and hidden is shown as it is where it is published again") {
  const Resource ours = api(pets("a"));
  const Resource draft = api(pets("hand"));
  const Resource served = api(with_endpoint(pets("other"), "timeout", 7000));
  const GroupDiff diff = diff_group(base({ours, published(ours)}), desired({ours}), live({draft, published(served)}),
                                    ignoring({"/description"}, {"RELEASE"}));
  REQUIRE(diff.changes.size() == 1);
  const Change& change = diff.changes[0];
  CHECK(change.address.type() == "publication");
  CHECK(change.before_digest == served.digest);
  CHECK(change.before == served.body);
  CHECK(change.after_digest == draft.digest);
  REQUIRE(change.fields.size() == 1);
  CHECK(change.fields[0].path == "/x-apigateway-backend/httpEndpoints/timeout");
  CHECK(text_of(diff.drift).find("description") == std::string::npos);
}

TEST_CASE("what a change of an API replaces is noted as it is served, ignored places and all") {
  const Resource ours = api(pets("a"));
  const Resource served = api(pets("served"));
  const GroupDiff diff =
      diff_group(base({ours, published(ours)}), desired({api(with_endpoint(pets("a"), "timeout", 9000))}),
                 live({api(pets("draft")), published(served)}), ignoring({"/description"}, {"RELEASE"}));
  REQUIRE(diff.changes.size() == 1);
  CHECK(diff.changes[0].published == std::map<std::string, std::string>{{"RELEASE", served.digest}});
  CHECK(diff.changes[0].after.text("description") == "draft");
}

TEST_CASE("drift leaves out what is ignored, and says what that is") {
  const Resource ours = api(pets("a"));
  const Resource theirs = api(with_endpoint(pets("hand"), "timeout", 9000));
  const LiveState now = live({theirs, published(theirs)});
  const Baseline left = base({ours, published(ours)});
  const std::vector<IgnoreRule> rules = {{"/description", "", "by hand", ""}};
  const IgnoringView view(left, {}, now, rules);
  const std::vector<Change> drift = find_drift(view.base(), view.live());
  REQUIRE(drift.size() == 1);
  REQUIRE(drift[0].fields.size() == 1);
  CHECK(drift[0].fields[0].path == "/x-apigateway-backend/httpEndpoints/timeout");
  CHECK(text_of(view.hidden()) == "api.pets[\"GET /pets\"] /description (by hand)\n");
}

TEST_CASE("random bodies: nothing differs where a rule names it, and nothing else moved") {
  test::BodyGenerator generator(41);
  const std::string paths[] = {"/description",
                               "/parameters",
                               "/parameters/query:*",
                               "/parameters/*/description",
                               "/**/timeout",
                               "/x-apigateway-backend",
                               "/x-apigateway-backend/parameters/*/value",
                               "/x-apigateway-backend/httpEndpoints",
                               "/x-apigateway-backend-policies/*/conditions",
                               "/security",
                               "/tags",
                               "/x-apigateway-*"};
  std::size_t hidden = 0;
  for (int round = 0; round < 600; ++round) {
    const Resource wanted = api(generator.next());
    Value other = generator.next();
    other.set("path", wanted.body.text("path")).set("method", wanted.body.text("method"));
    other.set("x-apigateway-match-mode", wanted.body.text("x-apigateway-match-mode"));
    const Resource now = api(other);
    const std::string& path = paths[static_cast<std::size_t>(round) % std::size(paths)];
    INFO(path << "\n" << write_json(wanted.body) << "\n" << write_json(now.body));
    const Value result = with_ignored(wanted.body, now.body, {{path, "", "", ""}});
    CHECK(make_resource(wanted.address, result).body == result);  // canonical as it is
    std::set<std::string> before;
    for (const FieldChange& field : differences("api", now.body, wanted.body)) before.insert(field.path);
    std::set<std::string> after;
    for (const FieldChange& field : differences("api", now.body, result)) after.insert(field.path);
    std::set<std::string> moved;
    for (const FieldChange& field : differences("api", wanted.body, result)) moved.insert(field.path);
    for (const std::string& one : after) CHECK(before.contains(one));
    for (const std::string& one : moved) {
      CHECK_FALSE(after.contains(one));
      const bool kept = one == "/x-apigateway-content-type" || one == "/x-apigateway-is-send-fg-body-base64";
      CHECK((kept || before.contains(one)));
    }
    hidden += moved.size();
    CHECK(with_ignored(result, now.body, {{path, "", "", ""}}) == result);  // once is enough
  }
  CHECK(hidden > 100);
}

}  // namespace
}  // namespace sluice
