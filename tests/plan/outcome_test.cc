#include "plan/outcome.h"

#include "tests/plan/support.h"

namespace sluice {
namespace {

/// With everything that was there before being ours.
Ledger account(const Plan& plan, std::string_view group, const std::map<int, StepResult>& results,
               const LiveState& before, const LiveState& after) {
  std::set<Address> owned;
  for (const auto& [address, resource] : before.resources) owned.insert(address);
  return sluice::account(plan, group, results, before, after, owned);
}

using test::api;
using test::base;
using test::body;
using test::contains;
using test::desired;
using test::live;
using test::options;
using test::published;
using test::with;

const Address kPets = Address::api("pets", "GET", "/pets", "NORMAL");
Resource pets(const char* description) {
  return api(with(body("GET", "/pets", "listPets"), "description", description));
}

std::string text_of(const Ledger& ledger) {
  std::string text;
  for (const Outcome& o : ledger.outcomes) {
    text += o.address.text() + " " + std::string(to_string(o.predicted)) + " " + std::string(to_string(o.actual));
    if (!o.error_code.empty()) text += " " + o.error_code;
    if (!o.error_message.empty()) text += ": " + o.error_message;
    text += "\n";
  }
  return text;
}

std::string addresses(const std::vector<Resource>& list) {
  std::string text;
  for (const Resource& resource : list) text += resource.address.text() + "\n";
  return text;
}

std::string addresses(const std::vector<Address>& list) {
  std::string text;
  for (const Address& address : list) text += address.text() + "\n";
  return text;
}

/// Every step done, every entry as predicted.
std::map<int, StepResult> all_well(const Plan& plan) {
  std::map<int, StepResult> results;
  for (const Step& step : plan.steps) {
    StepResult& result = results[step.id];
    result.end = StepEnd::Done;
    for (const Prediction& prediction : step.predicted)
      result.entries.push_back({prediction.address, prediction.effect});
  }
  return results;
}

/// What a step said about an API.
enum class Said {
  NotStarted,
  AsPredicted,
  Ignored,
  EntryFailed,
  EntryUnknown,
  EntryMissing,
  StepFailed,
  StepUnknown,
};

StepResult step_result(Said said, const Prediction& prediction) {
  StepResult result;
  result.end = said == Said::NotStarted    ? StepEnd::NotStarted
               : said == Said::StepFailed  ? StepEnd::Failed
               : said == Said::StepUnknown ? StepEnd::Unknown
                                           : StepEnd::Done;
  if (result.end == StepEnd::Failed || result.end == StepEnd::Unknown) {
    result.error_code = "APIG.1";
    result.error_message = "step said no";
  }
  const auto entry = [&](Effected effect, const char* code, const char* message) {
    result.entries.push_back({prediction.address, effect, "", code, message});
  };
  if (said == Said::AsPredicted) entry(prediction.effect, "", "");
  if (said == Said::Ignored) entry(Effected::Ignored, "", "");
  if (said == Said::EntryFailed) entry(Effected::Failed, "APIG.2", "entry said no");
  if (said == Said::EntryUnknown) entry(Effected::Unknown, "", "entry is lost");
  return result;
}

TEST_CASE("what was predicted, reported and seen makes one outcome") {
  struct Kind {
    Action action;
    const char* missing;  ///< what is said when the export does not show it
  };
  const Kind kinds[] = {{Action::Create, "it is not there"},
                        {Action::Update, "the gateway holds another definition"},
                        {Action::Delete, "it is still there"}};
  struct Row {
    Said said;
    bool seen;
    Effected actual;  ///< Published stands for "as predicted"
    const char* code;
    const char* message;  ///< {} is what is missing
  };
  const char* const kKept = "the gateway kept what it had: somebody else made it meanwhile";
  const Row rows[] = {
      {Said::NotStarted, true, Effected::Published, "", ""},
      {Said::NotStarted, false, Effected::Skipped, "", "an earlier step of the group did not succeed"},
      {Said::AsPredicted, true, Effected::Published, "", ""},
      {Said::AsPredicted, false, Effected::Failed, "", "the gateway reports success, but {}"},
      {Said::Ignored, true, Effected::Ignored, "", kKept},
      {Said::Ignored, false, Effected::Ignored, "", kKept},
      {Said::EntryFailed, true, Effected::Published, "", ""},
      {Said::EntryFailed, false, Effected::Failed, "APIG.2", "entry said no"},
      {Said::EntryUnknown, true, Effected::Published, "", ""},
      {Said::EntryUnknown, false, Effected::Unknown, "", "entry is lost; {}"},
      {Said::EntryMissing, true, Effected::Published, "", ""},
      {Said::EntryMissing, false, Effected::Unknown, "", "the gateway's answer does not name it; {}"},
      {Said::StepFailed, true, Effected::Published, "", ""},
      {Said::StepFailed, false, Effected::Failed, "APIG.1", "step said no"},
      {Said::StepUnknown, true, Effected::Published, "", ""},
      {Said::StepUnknown, false, Effected::Unknown, "APIG.1", "step said no; {}"},
  };
  for (const Kind& kind : kinds) {
    const LiveState before = kind.action == Action::Create ? live({}) : live({pets("old")});
    const LiveState reached = kind.action == Action::Delete ? live({}) : live({pets("new")});
    const Plan plan =
        test::plan_of(kind.action == Action::Create ? base({}) : base({pets("old")}),
                      kind.action == Action::Delete ? desired({}) : desired({pets("new")}), before, options());
    REQUIRE(plan.changes.size() == 1);
    REQUIRE(plan.steps.size() == 1);
    for (const Row& row : rows) {
      const Effected predicted = prediction_of(plan.changes[0]);
      const std::map<int, StepResult> results = {{1, step_result(row.said, plan.steps[0].predicted.at(0))}};
      const Ledger ledger = account(plan, "pets", results, before, row.seen ? reached : before);
      INFO(to_string(kind.action) << ", said " << static_cast<int>(row.said) << ", seen " << row.seen);
      REQUIRE(ledger.outcomes.size() == 1);
      const Outcome& outcome = ledger.outcomes[0];
      std::string message = row.message;
      if (const auto at = message.find("{}"); at != std::string::npos) message.replace(at, 2, kind.missing);
      CHECK(outcome.predicted == predicted);
      CHECK(outcome.actual == (row.actual == Effected::Published ? predicted : row.actual));
      CHECK(outcome.error_code == row.code);
      CHECK(outcome.error_message == message);
      CHECK(ledger.converged() == (row.actual == Effected::Published));
      CHECK(ledger.unexpected.empty());
      // What the run did not make, and was not ours before, stays somebody else's.
      const bool strangers =
          kind.action == Action::Create && row.actual == Effected::Published && row.said == Said::NotStarted;
      const bool ours = row.seen && row.actual != Effected::Ignored && !strangers;
      CHECK(ledger.owned.size() == (ours && kind.action != Action::Delete ? 1U : 0U));
      CHECK(ledger.gone.size() == (ours && kind.action == Action::Delete ? 1U : 0U));
    }
  }
}

TEST_CASE("an API that is imported but not published is not done") {
  const LiveState before = live({test::group()});
  const Plan plan = test::plan_of(base({}), desired({pets("new")}), before, options({"RELEASE", "TEST"}));
  std::map<int, StepResult> results = all_well(plan);
  REQUIRE(results.size() == 3);
  const Ledger silent =
      account(plan, "pets", results, before, live({test::group(), pets("new"), published(pets("new"), "TEST")}));
  CHECK(
      text_of(silent) ==
      "api.pets[\"GET /pets\"] created failed: the gateway reports success, but RELEASE does not serve this version\n");
  CHECK(addresses(silent.owned) == "api.pets[\"GET /pets\"]\npublication.pets.TEST[\"GET /pets\"]\n");

  const Ledger old_version =
      account(plan, "pets", results, before,
              live({test::group(), pets("new"), published(pets("old")), published(pets("new"), "TEST")}));
  CHECK(contains(text_of(old_version), "RELEASE does not serve this version"));

  results[2].entries[0] = {results[2].entries[0].address, Effected::Failed, "", "APIG.9", "quota"};
  const Ledger told = account(plan, "pets", results, before, live({test::group(), pets("new")}));
  CHECK(text_of(told) == "api.pets[\"GET /pets\"] created failed APIG.9: quota\n");

  const Ledger well =
      account(plan, "pets", all_well(plan), before,
              live({test::group(), pets("new"), published(pets("new")), published(pets("new"), "TEST")}));
  CHECK(well.converged());
  CHECK(well.owned.size() == 3);
}

TEST_CASE("what this run made is ours as it is seen, also where it came out otherwise") {
  const LiveState before = live({test::group()});
  const Plan plan = test::plan_of(base({}), desired({pets("new")}), before, options({"RELEASE"}));
  REQUIRE(plan.steps.size() == 2);
  const Resource other = pets("cut by the gateway");
  const LiveState after = live({test::group(), other, published(other)});
  const auto owned = [&](const std::map<int, StepResult>& results, const LiveState& now) {
    const Ledger ledger = account(plan, "pets", results, before, now);
    CHECK_FALSE(ledger.converged());
    return addresses(ledger.owned);
  };
  const std::string both = "api.pets[\"GET /pets\"]\npublication.pets.RELEASE[\"GET /pets\"]\n";
  CHECK(owned(all_well(plan), after) == both);
  // What the next run sees of it is an update that the files ask for: neither drift nor a collision.
  const GroupDiff next =
      diff_group(base({other, published(other)}), desired({pets("new")}), after, options({"RELEASE"}));
  CHECK(next.drift.empty());
  CHECK(next.collisions.empty());
  CHECK(next.changes.size() == 1);

  const Prediction& imported = plan.steps[0].predicted.at(0);
  for (const Said said : {Said::EntryMissing, Said::EntryUnknown, Said::StepUnknown}) {
    INFO(static_cast<int>(said));
    CHECK(owned({{1, step_result(said, imported)}}, live({test::group(), other})) == "api.pets[\"GET /pets\"]\n");
    const Resource renamed = api(with(body("GET", "/pets", "somebody_elses"), "description", "new"));
    CHECK(owned({{1, step_result(said, imported)}}, live({test::group(), renamed})).empty());
  }
  for (const Said said : {Said::NotStarted, Said::Ignored, Said::EntryFailed, Said::StepFailed}) {
    INFO(static_cast<int>(said));
    CHECK(owned({{1, step_result(said, imported)}}, after).empty());
  }
  std::map<int, StepResult> by_id = all_well(plan);
  by_id[1].entries[0].remote_id = "ours";
  LiveState replaced = live({test::group(), other});
  replaced.resources.at(kPets).remote_id = "theirs";
  CHECK(owned(by_id, replaced).empty());
}

TEST_CASE("an API whose publishing never started says why it is not done") {
  const LiveState before = live({test::group()});
  const Plan plan = test::plan_of(base({}), desired({pets("new")}), before, options({"RELEASE"}));
  std::map<int, StepResult> results = all_well(plan);
  results[2] = {};
  CHECK(text_of(account(plan, "pets", results, before, live({test::group(), pets("new")}))) ==
        "api.pets[\"GET /pets\"] created failed: RELEASE does not serve this version, because an earlier step of the "
        "group "
        "did not succeed\n");
}

TEST_CASE("a publication that stands alone is judged on its own") {
  const LiveState before = live({pets("a")});
  const Plan plan = test::plan_of(base({pets("a")}), desired({pets("a")}), before, options({"RELEASE"}));
  CHECK(text_of(account(plan, "pets", all_well(plan), before, live({pets("a"), published(pets("a"))}))) ==
        "publication.pets.RELEASE[\"GET /pets\"] published published\n");
  CHECK(text_of(account(plan, "pets", all_well(plan), before, before)) ==
        "publication.pets.RELEASE[\"GET /pets\"] published failed: the gateway reports success, but it is not there\n");
}

TEST_CASE("a delete that was ignored is not a delete") {
  const LiveState before = live({pets("a"), published(pets("a"))});
  const Plan plan = test::plan_of(base({pets("a"), published(pets("a"))}), desired({}), before, options({"RELEASE"}));
  std::map<int, StepResult> results = all_well(plan);
  CHECK(account(plan, "pets", results, before, live({})).converged());
  results.at(1) = step_result(Said::StepFailed, plan.steps.at(0).predicted.at(0));
  results.at(2) = {};
  CHECK(text_of(account(plan, "pets", results, before, before)) ==
        "api.pets[\"GET /pets\"] deleted failed APIG.1: step said no\n");
}

TEST_CASE("what changed without being in the plan is listed") {
  const auto other = [](const char* path, const char* description) {
    return api(with(body("GET", path, "op_" + std::string(path + 1)), "description", description));
  };
  const LiveState before = live({pets("old"), other("/kept", ""), other("/moved", "a"), other("/gone", "")});
  const Plan plan = test::plan_of(base({pets("old")}), desired({pets("new")}), before, options());
  const LiveState after = live({pets("new"), published(pets("new"), "TEST"), other("/kept", ""), other("/moved", "b"),
                                other("/appeared", ""), published(other("/kept", ""), "TEST")});
  const Ledger ledger = account(plan, "pets", all_well(plan), before, after);
  CHECK(ledger.converged());
  CHECK(addresses(ledger.unexpected) ==
        "api.pets[\"GET /appeared\"]\napi.pets[\"GET /gone\"]\napi.pets[\"GET /moved\"]\n"
        "publication.pets.TEST[\"GET /kept\"]\n");
}

TEST_CASE("what is live as desired enters the base, what is gone leaves it") {
  const Resource gone = api(body("GET", "/gone", "gone"));
  const LiveState now = live({pets("b")});
  const Plan plan = test::plan_of(base({pets("a"), gone}), desired({pets("b")}), now, options());
  CHECK(plan.changes.empty());
  const Ledger ledger = account(plan, "pets", {}, now, now);
  CHECK(ledger.converged());
  CHECK(addresses(ledger.owned) == "api.pets[\"GET /pets\"]\n");
  CHECK(addresses(ledger.gone) == "api.pets[\"GET /gone\"]\n");
  CHECK(account(plan, "pets", {}, now, live({pets("c")})).owned.empty());
}

TEST_CASE("a policy that came with another group's import is made by this run, and one that was there is not") {
  const Address gold = Address::ratelimit("gold");
  const Resource made = make_resource(gold, Value::object({{"api-limit", 7, 0}}));
  Change change{.address = gold, .action = Action::Create};
  change.after_digest = made.digest;
  Step home{.id = 1, .kind = StepKind::Import, .group = "pets"};
  home.predicted = {{gold, Effected::Created}};
  Step other{.id = 2, .kind = StepKind::Import, .group = "owners"};
  other.document = R"({"x-apigateway-ratelimits":{"gold":{"api-limit":7}}})";
  Plan plan;
  plan.changes = {change};
  plan.steps = {home, other};
  const std::map<int, StepResult> sent = {
      {2, {.end = StepEnd::Done, .entries = {}, .error_code = {}, .error_message = {}}}};
  const auto outcome = [&](const std::map<int, StepResult>& results, const LiveState& before) {
    const Ledger ledger = sluice::account(plan, "", results, before, live({made}), {});
    return std::string(to_string(ledger.outcomes.at(0).actual)) + " " + addresses(ledger.owned);
  };
  CHECK(outcome(sent, live({})) == "created ratelimit.gold\n");
  CHECK(outcome({}, live({})) == "created ");
  CHECK(outcome(sent, live({made})) == "skipped ");
  for (const char* document : {R"({"x-apigateway-ratelimits":{"golden":{"api-limit":7}}})",
                               R"({"x-apigateway-access-controls":{"gold":{"acl-type":"DENY"}}})",
                               R"({"paths":{"/a":{"get":{"tags":["gold"]}}}})"}) {
    INFO(document);
    plan.steps[1].document = document;
    CHECK(outcome(sent, live({})) == "created ");
  }
}

TEST_CASE("another group's changes are not this group's ledger") {
  const Plan plan = test::plan_of(base({}), desired({pets("a")}), live({}), options());
  CHECK(account(plan, "owners", {}, {}, {}).outcomes.empty());
}

}  // namespace
}  // namespace sluice
