#include "plan/render_text.h"

#include "tests/plan/golden.h"
#include "tests/plan/support.h"

namespace sluice {
namespace {

using test::api;
using test::body;
using test::check_golden;
using test::contains;
using test::with;

TEST_CASE("a plan with one of everything reads as it always did") {
  check_golden("plan_everything.txt", render_text(test::plan_of_everything(), {}));
  check_golden("plan_policies.txt", render_text(test::plan_of_policies(), {}));
  check_golden("plan_everything_color.txt", render_text(test::plan_of_everything(), {.color = true}));
}

TEST_CASE("on request a plan shows what stays as it is beside what changes") {
  const Resource before = api(body("GET", "/a", "one"));
  const Resource after = api(with(body("GET", "/a", "one"), "description", "new"));
  const Plan plan = test::plan_of(test::base({before}), test::desired({after}), test::live({before}), test::options());
  const std::string text = render_text(plan, {.context = true});
  CHECK(contains(text, "      + /description: \"new\"\n        /x-apigateway-match-mode: \"NORMAL\"\n"));
  CHECK_FALSE(contains(text, "        /description"));
  CHECK_FALSE(contains(render_text(plan, {}), "match-mode"));
  const auto limited = [](int most) {
    return api(with(body("GET", "/a", "one"), "parameters",
                    test::json(R"([{"in": "query", "name": "limit", "type": "number", "maximum": )" +
                               std::to_string(most) + "}]")));
  };
  const Plan nested = test::plan_of(test::base({limited(10)}), test::desired({limited(20)}), test::live({limited(10)}),
                                    test::options());
  const std::string list = render_text(nested, {.context = true});
  CHECK(contains(list, "      ~ /parameters/query:limit/maximum: 10 -> 20\n"));
  CHECK(contains(list, "        /schemes: "));
  CHECK_FALSE(contains(list, "        /parameters: "));
  check_golden("plan_context.txt", render_text(test::plan_of_everything(), {.context = true}));
}

TEST_CASE("an empty plan reads as it always did") {
  const Resource a = api(body("GET", "/a", "one"));
  check_golden("plan_empty.txt",
               render_text(test::plan_of(test::base({a}), test::desired({a}), test::live({a}), test::options()), {}));
}

TEST_CASE("a drift report reads as it always did") {
  Plan plan = test::plan_of_everything();
  plan.drift_only = true;
  check_golden("drift.txt", render_drift_text(plan, {}));
  plan.drift.clear();
  plan.unmanaged.clear();
  check_golden("drift_none.txt", render_drift_text(plan, {}));
}

TEST_CASE("each kind of drift reads as it always did") {
  const auto named = [](std::string_view path, const char* description) {
    return api(with(body("GET", path, "op_" + std::string(path.substr(1))), "description", description));
  };
  const auto at = [](Resource resource, std::string_view id, std::string_view minute) {
    resource.remote_id = id;
    resource.changed_at = "2026-07-31T02:" + std::string(minute) + ":09.5Z";
    return resource;
  };
  const auto serve = [&](const Resource& resource, std::string_view environment, std::string_view minute) {
    return at(test::published(resource, environment), "", minute);
  };
  std::vector<Resource> ours = {test::group("pets", "as applied")};
  for (const char* path : {"/edited", "/published", "/deleted", "/offline", "/moved", "/anew", "/switched"}) {
    const Resource resource = at(named(path, "as applied"), path, "00");
    ours.push_back(resource);
    ours.push_back(test::published(resource));
  }
  const auto applied = [&](const char* path) { return at(named(path, "as applied"), path, "00"); };
  const auto theirs = [&](const char* path) { return at(named(path, "by hand"), path, "13"); };
  LiveState live = test::live({test::group("zoo", "by hand"), theirs("/edited"),
                               serve(applied("/edited"), "RELEASE", "00"), theirs("/published"),
                               serve(theirs("/published"), "RELEASE", "14"), applied("/offline"), applied("/moved"),
                               serve(applied("/moved"), "TEST", "15"), at(named("/anew", "by hand"), "other", "16"),
                               applied("/switched"), serve(theirs("/switched"), "RELEASE", "17")});
  live.resources.erase(Address::group("zoo"));
  live.resources.emplace(Address::group("pets"),
                         make_resource(Address::group("pets"), test::group("zoo", "by hand").body));
  Plan plan;
  plan.gateway = test::gateway();
  plan.drift_only = true;
  GroupDiff diff;
  diff.drift = find_drift(test::base(ours), live);
  diff.unchanged = 3;
  for (int i = 0; i < 12; ++i) diff.unmanaged.push_back(named("/theirs" + std::to_string(i), "").address);
  add_group(plan, {.name = "pets", .owner = "team-pets", .environments = {}, .records = {}, .forgets = {}},
            std::move(diff), {});
  finish(plan);
  check_golden("drift_kinds.txt", render_drift_text(plan, {}));
}

TEST_CASE("a plan in which something is kept says so") {
  DiffOptions keep = test::options();
  keep.on_drift = OnDrift::Keep;
  const Resource ours = api(with(body("GET", "/a", "one"), "description", "as applied"));
  const Resource theirs = api(with(body("GET", "/a", "one"), "description", "by hand"));
  check_golden("plan_kept.txt",
               render_text(test::plan_of(test::base({ours}), test::desired({ours}), test::live({theirs}), keep), {}));
}

TEST_CASE("what others made anew as the files want it is not said to be a change that stays") {
  const auto with_id = [](const char* description, const char* id) {
    Resource resource = api(with(body("GET", "/a", "one"), "description", description));
    resource.remote_id = id;
    return resource;
  };
  const auto summary = [&](const Resource& now, const DiffOptions& options) {
    return summary_line(
        test::plan_of(test::base({with_id("a", "1")}), test::desired({with_id("a", "")}), test::live({now}), options));
  };
  CHECK(summary(with_id("a", "2"), test::options()) ==
        "No changes. What was made anew on the gateway is as the files want it. Drift: 1.");
  DiffOptions keep = test::options();
  keep.on_drift = OnDrift::Keep;
  CHECK(contains(summary(with_id("b", "2"), keep), "No changes. What was changed on the gateway stays."));
  CHECK(summary(with_id("a", "1"), keep) == "No changes. Your gateway matches the configuration.");
}

TEST_CASE("a plan with collisions reads as it always did") {
  const Plan plan =
      test::plan_of({}, test::desired({api(with(body("GET", "/a", "one"), "description", "ours"))}),
                    test::live({api(with(body("GET", "/a", "one"), "description", "theirs"))}), test::options());
  check_golden("plan_collision.txt", render_text(plan, {}));
}

TEST_CASE("deletes come first and the digest is the last line") {
  const Plan plan = test::plan_of_everything();
  const std::string text = render_text(plan, {});
  const auto last_delete = text.rfind("will be destroyed");
  REQUIRE(last_delete != std::string::npos);
  CHECK(last_delete < text.find("will be created"));
  CHECK(last_delete < text.find("will be updated"));
  CHECK(text.ends_with(" Gateway: apig at https://apig.example.com (project p1, instance i1)\nDigest: " + plan.digest +
                       "\n"));
}

TEST_CASE("without colour no escape sequence is written, with colour the words are the same") {
  const Plan plan = test::plan_of_everything();
  const std::string plain = render_text(plan, {});
  CHECK_FALSE(contains(plain, "\x1b"));
  std::string painted = render_text(plan, {.color = true});
  CHECK(contains(painted, "\x1b[31m"));
  for (auto at = painted.find('\x1b'); at != std::string::npos; at = painted.find('\x1b')) {
    painted.erase(at, painted.find('m', at) - at + 1);
  }
  CHECK(painted == plain);
}

TEST_CASE("control characters and direction marks are spelled out") {
  struct Row {
    std::string_view raw;
    std::string_view shown;
  };
  const Row rows[] = {{"plain é € 宠", "plain é € 宠"},
                      {"\x1b[31m", "\\x1b[31m"},
                      {"a\nb\r\tc", "a\\x0ab\\x0d\\x09c"},
                      {"\x7f", "\\x7f"},
                      {"\xC2\x9B"
                       "31m",
                       "\\u009b31m"},
                      {"\xC2\xA0", "\xC2\xA0"},
                      {"\xE2\x80\x8E\xE2\x80\x8F", "\\u200e\\u200f"},
                      {"\xE2\x80\xA8\xE2\x80\xAA\xE2\x80\xAE", "\\u2028\\u202a\\u202e"},
                      {"\xE2\x81\xA6\xE2\x81\xA9", "\\u2066\\u2069"},
                      {"\xD8\x9C", "\\u061c"},
                      {"\xD8\x9B", "\xD8\x9B"},
                      {"\xE2\x80\x93", "\xE2\x80\x93"},
                      {"\xE2\x80", "\xE2\x80"}};
  for (const Row& row : rows) CHECK(printable(row.raw) == row.shown);
}

TEST_CASE("hostile texts never reach the output raw") {
  const std::string hostile = "\x1b]0;own\x07\nDigest: sha256:fake\r\xE2\x80\xAE\xC2\x9B\x7F";
  const auto checked = [&](const std::string& text) {
    for (const char* raw : {"\x1b", "\x07", "\r", "\x7F", "\xE2\x80\xAE", "\xC2\x9B", "\nDigest: sha256:fake"}) {
      CHECK_FALSE(contains(text, raw));
    }
  };
  Plan plan = test::plan_of_everything();
  plan.gateway.endpoint += hostile;
  plan.unmanaged.push_back(Address::api("pets" + hostile, "GET", "/" + hostile, "NORMAL"));
  plan.collisions.push_back({Address::group(hostile), hostile, {hostile, 1, 1}});
  for (auto* list : {&plan.changes, &plan.drift, &plan.unchanged}) {
    list->push_back({.address = Address::api("pets", "GET", "/" + hostile, "NORMAL"), .action = Action::Update});
  }
  for (auto* list : {&plan.changes, &plan.drift, &plan.unchanged}) {
    for (Change& change : *list) {
      change.reason += hostile;
      change.source = {"pets" + hostile + ".yaml", 1, 1};
      change.risk = Risk::Breaking;
      change.rule = "rule" + hostile;
      if (change.action == Action::Create) change.after.set("x" + hostile, hostile);
      change.fields.push_back({"/x" + hostile, hostile, Value::object({{hostile, hostile, 0}}), hostile,
                               Origin::Conflict, Risk::Breaking, "rule" + hostile});
    }
  }
  for (Step& step : plan.steps) {
    step.reason += hostile;
    step.environment += hostile;
    step.group += hostile;
  }
  checked(render_text(plan, {}));
  checked(render_drift_text(plan, {}));
}

TEST_CASE("long values are cut between characters") {
  std::string wide;
  for (int i = 0; i < 200; ++i) wide += "宠";
  const Plan plan =
      test::plan_of({}, test::desired({api(with(body("GET", "/a", "one"), "description", wide))}), {}, test::options());
  const std::string text = render_text(plan, {});
  CHECK_FALSE(contains(text, wide));
  CHECK(contains(text, "宠...\n"));
  CHECK(parse_json(write_json(Value(text))));  // still UTF-8
}

TEST_CASE("the summary line counts what matters") {
  CHECK(summary_line({}) == "No changes. Your gateway matches the configuration.");
  CHECK(summary_line(test::plan_of_everything()) ==
        "Plan: 1 to import, 2 to add, 5 to change, 2 to destroy. Drift: 3. Conflicts: 1. Breaking: 3. Refused as it "
        "stands.");
}

}  // namespace
}  // namespace sluice
