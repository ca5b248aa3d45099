// All renderings of one plan: what they look like, and that they tell the same numbers.
#include <chrono>
#include <functional>
#include <regex>

#include "plan/plan_json.h"
#include "plan/render_html.h"
#include "plan/render_markdown.h"
#include "plan/render_sarif.h"
#include "plan/render_text.h"
#include "plan/review.h"
#include "plan/safety.h"
#include "plan/text_diff.h"
#include "tests/plan/golden.h"
#include "tests/plan/renderings.h"

namespace sluice {
namespace {

using test::api;
using test::body;
using test::check_golden;
using test::contains;
using test::Rendering;
using test::renderings;
using test::with;

Plan empty_plan() {
  const Resource a = api(body("GET", "/a", "one"));
  return test::plan_of(test::base({a}), test::desired({a}), test::live({a}), test::options());
}

/// `count` APIs, of which `changed` differ.
Plan large_plan(int count, int changed, std::chrono::steady_clock::duration* diff_time = nullptr) {
  std::vector<Resource> before;
  std::vector<Resource> after;
  for (int i = 0; i < count; ++i) {
    const std::string path = "/p" + std::to_string(i);
    const Value one = with(body("GET", path, "op" + std::to_string(i)), "description", "as it was");
    before.push_back(api(one));
    after.push_back(i < changed ? api(with(one, "description", "as it will be")) : before.back());
  }
  const Baseline base = test::base(before);
  const DesiredState desired = test::desired(after);
  const LiveState live = test::live(before);
  const auto begin = std::chrono::steady_clock::now();
  Plan plan = test::plan_of(base, desired, live, test::options({}));
  if (diff_time != nullptr) *diff_time = std::chrono::steady_clock::now() - begin;
  return plan;
}

/// The number that follows `pattern`'s first group in the text; nothing when it is not there.
std::optional<std::size_t> number_in(const std::string& text, const std::string& pattern) {
  std::smatch match;
  if (!std::regex_search(text, match, std::regex(pattern))) return std::nullopt;
  return std::stoul(match[1]);
}

TEST_CASE("each rendering of each kind of plan reads as it always did") {
  const std::pair<const char*, Plan> plans[] = {{"review_empty", empty_plan()},
                                                {"review_everything", test::plan_of_every_part()},
                                                {"review_policies", test::plan_of_policies()},
                                                {"review_hostile", test::plan_of_hostile_texts(150)}};
  for (const auto& [name, plan] : plans) {
    for (const Rendering& rendering : renderings()) {
      const std::string text = rendering.render(plan);
      CHECK(text == rendering.render(plan));
      check_golden(std::string(name) + "." + rendering.suffix, text);
    }
  }
  Plan drift = test::plan_of_every_part();
  drift.drift_only = true;
  drift.changes.clear();
  drift.steps.clear();
  check_golden("review_drift.md", render_markdown(drift));
  check_golden("review_drift.html", render_html(drift));
  check_golden("review_drift.sarif", render_sarif(drift));
  check_golden("review_drift.github", render_github(drift));
}

TEST_CASE("every rendering tells the same numbers") {
  for (const Plan& plan : {test::plan_of_everything(), empty_plan(), test::plan_of_policies(), large_plan(50, 7),
                           test::plan_of_every_part()}) {
    const std::string text = render_text(plan, {});
    const std::string html = render_html(plan);
    const std::string github = render_github(plan);
    const Value in_json = *plan_to_json(plan).find("summary");
    const Value sarif = test::json(render_sarif(plan));
    const Value in_sarif = *sarif.find("runs")->items()[0].find("properties")->find("summary");
    // The table of markdown: names, then rules, then numbers, in the order of the facts.
    std::istringstream lines(render_markdown(plan));
    std::string line;
    while (std::getline(lines, line) &&
           !line.starts_with("| to add | to change | to destroy | to import | unchanged |")) {
    }
    std::getline(lines, line);
    std::getline(lines, line);
    std::istringstream cells(line);
    const std::map<std::string_view, std::string> in_text = {{"create", "(\\d+) to add"},
                                                             {"update", "(\\d+) to change"},
                                                             {"delete", "(\\d+) to destroy"},
                                                             {"import", "(\\d+) to import"},
                                                             {"no_op", "\\((\\d+) unchanged"},
                                                             {"drift", "Drift: (\\d+)"},
                                                             {"conflict", "Conflicts: (\\d+)"},
                                                             {"breaking", "Breaking: (\\d+)"},
                                                             {"unmanaged", "left alone: (\\d+)"},
                                                             {"prevented", "Will not happen: (\\d+)"},
                                                             {"ignored", "(\\d+) fields? (?:is|are) ignored"},
                                                             {"kept", "files differ: (\\d+) resource"},
                                                             {"unowned", ", (\\d+) not owned\\)"}};
    for (const Fact& fact : summary_facts(plan)) {
      const std::string key(fact.key);
      const auto count = static_cast<std::int64_t>(fact.count);
      INFO(key);
      CHECK(*in_json.find(key) == Value(count));
      CHECK(*in_sarif.find(key) == Value(count));
      CHECK(number_in(html, "data-count=\"" + key + "\">(\\d+)<") == fact.count);
      CHECK(number_in(github, "[ (](\\d+) " + std::string(fact.label)) == fact.count);
      CHECK(number_in(text, in_text.at(fact.key)).value_or(0) == fact.count);
      std::string bar;
      std::size_t cell = 0;
      cells >> bar >> cell;
      CHECK(cell == fact.count);
    }
  }
}

TEST_CASE("the hash of a secret is in no rendering for people") {
  const std::string mask = "secret:hmac-sha256:0123456789abcdef0123456789abcdef";
  const Value inner = Value::object({{"key", mask, 0}, {"other", "a", 0}});
  Plan plan = test::plan_of_everything();
  for (Change& change : plan.changes) {
    change.risk = Risk::Breaking;
    change.rule = "auth-changed";
    if (change.action == Action::Create) change.after.set("x-token", mask).set("x-text", write_json(inner));
    for (const Value& value : {Value(mask), inner, Value(write_json(inner)), Value("one\ntwo " + write_json(mask))}) {
      change.fields.push_back({"/x", "plain", value, mask, Origin::Conflict, Risk::Breaking, "auth-changed"});
      change.fields.push_back({"/y", value, "plain\n", mask, Origin::Conflict, Risk::Breaking, "auth-changed"});
    }
  }
  plan.drift = plan.changes;
  for (const Rendering& rendering : renderings()) {
    if (std::string_view(rendering.suffix) == "json") continue;  // there it stands, as sensitive
    INFO(rendering.suffix);
    const std::string text = rendering.render(plan);
    CHECK_FALSE(contains(text, "hmac-sha256"));
    CHECK(contains(text, "(sensitive)"));
  }
}

TEST_CASE("a code block in markdown ends where it should, whatever stands in it") {
  const Resource was = api(with(body("GET", "/a", "one"), "description", "a\n`````\nb"));
  const Resource will = api(with(body("GET", "/a", "one"), "description", "a\n``````\nc"));
  const std::string text =
      render_markdown(test::plan_of(test::base({was}), test::desired({will}), test::live({was}), test::options()));
  CHECK(contains(text, "```````diff\n"));
  CHECK(contains(text, "\n```````\n"));
}

TEST_CASE("markdown stays in its budget and says what it leaves out") {
  const Plan plan = large_plan(500, 400);
  for (const std::size_t budget :
       {std::size_t{4'000}, std::size_t{20'000}, std::size_t{60'000}, std::size_t{1'000'000}}) {
    const std::string text = render_markdown(plan, {budget});
    INFO(budget);
    CHECK(text.size() <= budget);
    std::size_t shown = 0;
    for (auto at = text.find("api.pets&#91;"); at != std::string::npos; at = text.find("api.pets&#91;", at + 1))
      ++shown;
    const std::size_t hidden = number_in(text, "\\*\\*(\\d+) changes? not shown").value_or(0);
    CHECK(shown + hidden == 400);
    CHECK((hidden == 0) == (budget == 1'000'000));
    CHECK(contains(text, "this text has at most") == (hidden > 0));
    if (budget >= 20'000) CHECK(contains(text, "<details><summary>"));  // the first ones with all that is to say
    if (hidden > 0) CHECK(text.size() > budget / 2);
    CHECK(text.starts_with("<!-- sluice:plan:"));
    CHECK(text.ends_with("Digest: <code>" + plan.digest + "</code>\n"));
  }
}

TEST_CASE("deletes and breaking changes keep their place in a small budget") {
  Plan plan = large_plan(400, 399);
  Change& last = plan.changes.back();
  last.risk = Risk::Breaking;
  last.rule = "api-removed";
  const std::string text = render_markdown(plan, {4'000});
  const std::string name = html_text(last.address.text());
  CHECK(contains(text, name));
  CHECK(text.find(name) < text.find("will be updated in-place</summary>"));
}

TEST_CASE("the marker of a comment is the gateway's, not the plan's") {
  Plan other = test::plan_of_everything();
  CHECK(markdown_marker(other) == markdown_marker(empty_plan()));
  other.gateway.instance_id = "i2";
  CHECK(markdown_marker(other) != markdown_marker(empty_plan()));
}

TEST_CASE("what differs is shown, of whatever kind it is") {
  struct Row {
    const char* before;
    const char* after;
    const char* lines;  ///< sign place|before|after, joined by newlines
  };
  const std::string wide(300, 'x');
  const std::string long_before = "\"" + wide + "A" + wide + "\"";
  const std::string long_after = "\"" + wide + "B" + wide + "\"";
  const std::string far = "- |..." + wide.substr(0, 30) + "A" + wide.substr(0, 30) + "...|\n+ ||..." +
                          wide.substr(0, 30) + "B" + wide.substr(0, 30) + "...\n";
  const Row rows[] = {
      {"1", "2", ""},
      {R"("a")", R"("b")", ""},
      {R"("{\"a\": 1, \"b\": 2}")", R"("{\"b\": 3, \"c\": 4}")", "- /a|1|\n~ /b|2|3\n+ /c||4\n"},
      {R"("{\"a\": 1}")", R"("{ \"a\":1}")",
       "  |the same JSON, written differently|the same JSON, written differently\n"},
      {R"("[1, 2, 3]")", R"("[1, 3]")", "- /1|2|\n"},
      {R"("[{\"k\": 1}]")", R"("[{\"k\": 2}]")", "~ /0/k|1|2\n"},
      {R"("one\ntwo\nthree\nfour")", R"("one\n2\nthree\nfour")", "  |one|one\n- |two|\n+ ||2\n  |three|three\n"},
      {long_before.c_str(), long_after.c_str(), far.c_str()},
      {"null", R"("one\ntwo")", "+ ||one\n+ ||two\n"},
      {R"("secret:hmac-sha256:0123456789abcdef0123456789abcdef")", R"("b")", ""},
      {R"("{\"k\": \"secret:hmac-sha256:0123456789abcdef0123456789abcdef\"}")", R"("{\"k\": \"b\"}")",
       "~ /k|(sensitive)|\"b\"\n"},
  };
  for (const Row& row : rows) {
    std::string lines;
    for (const DiffLine& line : difference_lines(test::json(row.before), test::json(row.after)))
      lines += std::string(1, line.sign) + " " + line.place + "|" + line.before + "|" + line.after + "\n";
    INFO(row.before);
    CHECK(lines == row.lines);
  }
}

TEST_CASE("two texts far apart in two places show both places") {
  std::string before;
  for (int i = 0; i < 40; ++i) before += "line " + std::to_string(i) + "\n";
  std::string after = before;
  after.replace(after.find("line 5\n"), 6, "LINE 5");
  after.replace(after.find("line 30\n"), 7, "LINE 30");
  std::string shown;
  for (const TextLine& line : text_difference(before, after)) shown += std::string(1, line.sign) + line.text + "\n";
  CHECK(shown == " line 4\n-line 5\n+LINE 5\n line 6\n ...\n line 29\n-line 30\n+LINE 30\n line 31\n");
}

TEST_CASE("a long list of lines takes time for its length only") {
  std::string before;
  std::string after;
  for (int i = 0; i < 100'000; ++i) {
    before += "a" + std::to_string(i) + "\n";
    after += "b" + std::to_string(i) + "\n";
  }
  CHECK(text_difference(before, after).size() == 200'001);
}

TEST_CASE("lines are broken at spaces, and words stay whole") {
  const Plan plan = test::plan_of_everything();
  const std::string wrapped = render_text(plan, {.width = 80});
  std::istringstream lines(wrapped);
  for (std::string line; std::getline(lines, line);) {
    INFO(line);
    const std::size_t indent = line.find_first_not_of(' ');
    CHECK((line.size() <= 80 || (indent != std::string::npos && line.find(' ', indent) == std::string::npos)));
  }
  const auto words = [](const std::string& text) {
    std::istringstream stream(text);
    std::string all;
    for (std::string word; stream >> word;) all += word + " ";
    return all;
  };
  CHECK(words(wrapped) == words(render_text(plan, {})));
  CHECK(render_text(plan, {.width = 200}) != wrapped);
}

TEST_CASE("a drift counts what breaks as its rows tell it") {
  const auto definition = [](const char* address) {
    return test::with_endpoint(test::body("GET", "/pets", "listPets"), "address", address);
  };
  Plan drift;
  drift.drift_only = true;
  const Resource ours = test::api(definition("a:80"));
  drift.drift = find_drift(test::base({ours}), test::live({test::api(definition("b:80"))}));
  drift.drift[0].fields[0].risk = Risk::Breaking;
  const std::string html = render_html(drift);
  CHECK(test::contains(html, "<span class=\"tag breaking\">"));
  CHECK(test::contains(html, "data-count=\"breaking\">1<"));
  CHECK(summarize(drift).breaking == 1);
}

TEST_CASE("the summary alone has the numbers, the gateway and the digest") {
  const Plan plan = test::plan_of_everything();
  const std::string text = render_text_summary(plan, {});
  CHECK(std::count(text.begin(), text.end(), '\n') == 2);
  CHECK(render_text(plan, {}).ends_with(text));
  Plan drift = plan;
  drift.drift_only = true;
  CHECK(render_drift_text(drift, {}).ends_with(render_text_summary(drift, {})));
}

TEST_CASE("findings become results of code scanning and annotations") {
  const Diagnostics findings = {
      {Severity::Error, "path-bad", "It is 100 % bad: \"x\", y", "Mend it.", {"a dir/pets.yaml", 3, 7}},
      {Severity::Warning, "left-out", "A thing is left out.", "", {"", 0, 0}}};
  const Value sarif = test::json(render_sarif(findings));
  const Value run = sarif.find("runs")->items()[0];
  const Value::Array results = run.find("results")->items();
  REQUIRE(results.size() == 2);
  CHECK(results[0].text("ruleId") == "path-bad");
  CHECK(results[0].text("level") == "error");
  CHECK(results[0].find("message")->text("text") == "It is 100 % bad: \"x\", y Mend it.");
  const Value physical = *results[0].find("locations")->items()[0].find("physicalLocation");
  CHECK(physical.find("artifactLocation")->text("uri") == "a%20dir/pets.yaml");
  CHECK(*physical.find("region")->find("startLine") == Value(3));
  CHECK(results[1].find("locations") == nullptr);
  CHECK(render_github(findings) ==
        "::error file=a dir/pets.yaml,line=3,col=7,title=path-bad::It is 100 %25 bad: \"x\", y Mend it.\n"
        "::warning title=left-out::A thing is left out.\n");
}

TEST_CASE("every risk of a plan is a finding, once") {
  Plan plan = test::plan_of_everything();
  plan.drift_decided = true;  // else its conflict is one more
  const Value sarif = test::json(render_sarif(plan));
  std::multiset<std::string> found;
  const Value run = sarif.find("runs")->items()[0];
  for (const Value& result : run.find("results")->items()) {
    const Value location = result.find("locations")->items()[0];
    found.insert(std::string(result.text("ruleId")) + " " + std::string(result.text("level")) + " " +
                 std::string(location.find("logicalLocations")->items()[0].text("fullyQualifiedName")));
  }
  CHECK(found == std::multiset<std::string>{"api-removed error api.pets[\"GET /deleted\"]",
                                            "unpublished error publication.pets.TEST[\"GET /served\"]",
                                            "protocol-removed error api.pets[\"GET /updated\"]",
                                            "timeout-lowered warning api.pets[\"GET /updated\"]"});
}

TEST_CASE("that all of a change came from the gateway is said once in markdown, and what came from where else") {
  const auto shown = [](Origin second) {
    Plan plan = empty_plan();
    Change change{.address = Address::api("pets", "GET", "/a", "NORMAL"), .action = Action::Update};
    change.reason = "2 fields differ.";
    change.fields.push_back({"/one", "a", "b", {}, Origin::Drift, Risk::Safe, ""});
    change.fields.push_back({"/two", "a", "b", "c", second, Risk::Safe, ""});
    plan.changes.push_back(change);
    return render_markdown(plan);
  };
  CHECK_FALSE(contains(shown(Origin::Drift), "changed on the gateway"));
  CHECK(contains(shown(Origin::Pending), "- <code>/one</code>: changed on the gateway\n"));
  CHECK_FALSE(contains(shown(Origin::Pending), "<code>/two</code>"));
  CHECK(
      contains(shown(Origin::Conflict), "- <code>/two</code>: changed on the gateway and in the files, last applied"));
}

TEST_CASE("why a plan is refused is in every rendering, and it is not applyable") {
  Plan plan = empty_plan();
  Change change{.address = Address::api("pets", "GET", "/a", "NORMAL"), .action = Action::Update};
  change.origin = Origin::Conflict;
  change.fields.push_back({.path = "/description", .origin = Origin::Conflict});
  plan.changes.push_back(change);
  finish(plan);
  for (const Rendering& rendering : renderings()) {
    INFO(rendering.suffix);
    CHECK(contains(rendering.render(plan), "was changed both in the files and on the gateway"));
  }
  CHECK(summary_line(plan).ends_with(" Refused as it stands."));
  CHECK(contains(render_markdown(plan), "### Sluice: refused, 0 to add, 1 to change"));
  CHECK(*plan_to_json(plan).find("applyable") == Value(false));
  CHECK(plan_to_json(plan).find("refusals")->items().size() == 1);
  plan.drift_decided = true;
  CHECK_FALSE(contains(summary_line(plan), "Refused"));
  CHECK(*plan_to_json(plan).find("applyable") == Value(true));
  CHECK(plan_to_json(plan).find("refusals") == nullptr);
}

TEST_CASE("what the gateway lacks or has no room for is in every rendering, and a plan with errors is none") {
  Plan plan = test::plan_of_everything();
  plan.findings = {
      {Severity::Error, "object-missing", "The plug-in \"gone\" is missing.", "Create it.", {"p.yaml", 3, 7}},
      {Severity::Warning, "authorizer-differs", "The authorizer differs.", "", {"p.yaml", 4, 1}}};
  plan.shortages = {"This plan needs 2 more APIs."};
  for (const Rendering& rendering : renderings()) {
    INFO(rendering.suffix);
    const std::string text = rendering.render(plan);
    CHECK(contains(text, "gone"));
    CHECK(contains(text, "is missing."));
    CHECK(contains(text, "The authorizer differs."));
    CHECK(contains(text, "This plan needs 2 more APIs."));
  }
  const Value json = plan_to_json(plan);
  CHECK(*json.find("errored") == Value(true));
  CHECK(*json.find("applyable") == Value(false));
  CHECK(summary_line(plan).starts_with("No plan: 1 error is in the way."));
  CHECK(contains(render_markdown(plan), "### Sluice: no plan, 1 error in the way"));
  CHECK(contains(render_markdown(plan, {.max_bytes = kLeastMarkdownBytes}), "is missing."));
  CHECK(contains(render_github(plan), "::error file=p.yaml,line=3,col=7,title=object-missing::The plug-in"));
  CHECK(contains(render_github(plan), "::error title=quota::This plan needs 2 more APIs."));
  Plan saved = empty_plan();
  saved.findings = plan.findings;
  const auto read = read_plan_file(write_plan_file(saved));
  INFO((read ? "" : read.error().message));
  REQUIRE(read);
  CHECK(read->findings == plan.findings);
  CHECK(refusals(*read, {}).size() == 1);

  Plan crowded = plan;
  for (int i = 0; i < 1000; ++i) crowded.findings.push_back(plan.findings.back());
  const std::string text = render_markdown(crowded);
  CHECK(text.size() <= 60'000);
  CHECK(contains(text, "findings not shown"));
  CHECK(contains(text, "api.pets&#91;&quot;GET /deleted&quot;&#93;"));
  plan.findings.erase(plan.findings.begin());
  CHECK(*plan_to_json(plan).find("errored") == Value(false));
  CHECK(contains(summary_line(plan), "It is more than the gateway allows."));
}

TEST_CASE("rendering ten thousand operations takes less time than their diff") {
  std::chrono::steady_clock::duration diff{};
  const Plan plan = large_plan(10'000, 100, &diff);
  for (const Rendering& rendering : renderings()) {
    const auto begin = std::chrono::steady_clock::now();
    const std::string text = rendering.render(plan);
    const auto took = std::chrono::steady_clock::now() - begin;
    INFO(rendering.suffix << " took " << took.count() << " ns, the diff " << diff.count());
    CHECK(took < diff);
    CHECK_FALSE(text.empty());
  }
  const Plan all = large_plan(10'000, 10'000);
  CHECK(render_markdown(all).size() <= 60'000);
  CHECK(contains(render_html(all), "data-count=\"update\">10000<"));
}

}  // namespace
}  // namespace sluice
