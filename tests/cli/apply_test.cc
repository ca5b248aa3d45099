// Plans and applies on the embedded gateway, and the gates between them.
#include "tests/cli/bench.h"

using namespace sluice;
using namespace sluice::test;

TEST_CASE("a plan is 0, and with --detailed-exitcode 2 when there are changes") {
  const Bench bench;
  const Finished text = bench.run({"plan"});
  CHECK(text.code == 0);
  CHECK(text.err.empty());
  CHECK(contains(text.out, "Plan: 3 to add, 0 to change, 0 to destroy."));
  CHECK(contains(text.out, "Gateway: embedded"));
  CHECK(text.out.substr(text.out.rfind('\n', text.out.size() - 2) + 1).starts_with("Digest: sha256:"));
  CHECK(bench.run({"plan", "--detailed-exitcode"}).code == 2);
  CHECK(bench.run({"plan", "--detailed-exitcode", "--format", "json"}).code == 2);
  bench.applied();
  CHECK(bench.run({"plan", "--detailed-exitcode"}).code == 0);
  const Finished clean = bench.run({"plan", "--detailed-exitcode", "--format", "json"});
  CHECK(clean.code == 0);
  CHECK(at(json_of(clean.out), "resource_changes").items().empty());
  CHECK(at(json_of(clean.out), "steps").items().empty());
  CHECK(at(json_of(clean.out), "summary/no_op") == Value(3));
}

TEST_CASE("the JSON plan has the shape of the contract") {
  const Bench bench;
  bench.applied();
  bench.pets({{"/a", "changed"}, {"/b/{id}", "two"}});
  const Finished done = bench.run({"plan", "--format", "json"});
  CHECK(done.code == 0);
  CHECK(done.err.empty());
  const Value plan = json_of(done.out);
  CHECK(at(plan, "format_version") == Value("1.0"));
  CHECK(at(plan, "sluice_version") == Value("0.1.0"));
  CHECK(std::string(plan.text("digest")).starts_with("sha256:"));
  for (const char* key : {"provider", "endpoint", "project_id", "instance_id"})
    CHECK(at(plan, std::string("gateway/") + key).is_string());
  CHECK(at(plan, "applyable") == Value(true));
  CHECK(at(plan, "complete") == Value(true));
  CHECK(at(plan, "errored") == Value(false));
  REQUIRE(at(plan, "resource_changes").items().size() == 1);
  const Value change = at(plan, "resource_changes/0");
  CHECK(change.text("address") == "api.pets[\"GET /a\"]");
  CHECK(change.text("type") == "api");
  CHECK(change.text("group") == "pets");
  CHECK(change.text("name") == "GET /a");
  CHECK(at(change, "change/actions") == Value::array({"update"}));
  for (const char* key : {"before", "after", "before_sensitive", "after_sensitive", "fields"})
    CHECK(at(change, "change").find(key) != nullptr);
  const Value field = at(change, "change/fields/0");
  CHECK(field.text("path") == "/description");
  CHECK(field.text("before") == "one");
  CHECK(field.text("after") == "changed");
  CHECK(field.text("live") == "one");
  CHECK(field.text("origin") == "pending");
  CHECK(field.text("risk") == "safe");
  CHECK(field.find("rule") != nullptr);
  CHECK(change.text("risk") == "safe");
  CHECK_FALSE(change.text("reason").empty());
  CHECK(at(change, "source/file") == Value("pets.json"));
  CHECK(at(change, "source/line").is_integer());
  CHECK(at(change, "source/column").is_integer());
  CHECK(change.find("moved_from") != nullptr);
  CHECK(at(change, "importing") == Value(false));
  for (const char* key : {"resource_drift", "unmanaged", "ignored", "steps"}) CHECK(at(plan, key).is_array());
  const Value step = at(plan, "steps/0");
  CHECK(at(step, "id") == Value(1));
  CHECK(step.text("kind") == "import");
  CHECK(step.text("group") == "pets");
  CHECK(step.text("api_mode") == "override");
  CHECK(step.text("extend_mode") == "merge");
  CHECK_FALSE(step.text("reason").empty());
  CHECK(at(step, "addresses") == Value::array({"api.pets[\"GET /a\"]"}));
  CHECK(at(step, "predicted").text("api.pets[\"GET /a\"]") == "updated");
  CHECK(at(step, "depends_on").is_array());
  for (const char* key :
       {"create", "update", "delete", "replace", "import", "no_op", "drift", "conflict", "breaking", "unmanaged"})
    CHECK(at(plan, std::string("summary/") + key).is_integer());
  CHECK(at(plan, "summary/update") == Value(1));
  CHECK(at(plan, "summary/no_op") == Value(2));
  const Value all = json_of(bench.run({"plan", "--format", "json", "--all"}).out);
  CHECK(at(all, "resource_changes").items().size() == 3);
  CHECK(all.text("digest") == plan.text("digest"));
}

TEST_CASE("an apply makes what the files say, and another one sends nothing") {
  const Bench bench;
  const Finished first = bench.apply();
  CHECK(first.code == 0);
  CHECK(contains(first.out, "Apply complete! Resources: 3 added, 0 changed, 0 destroyed."));
  bench.converged();
  const Finished second = bench.apply();
  CHECK(second.code == 0);
  CHECK(contains(second.out, "No changes."));
  const Finished json = bench.apply({"--format", "json"});
  CHECK(json.code == 0);
  CHECK(json.err.empty());
  const auto events = events_of(json);
  CHECK(events_of_type(events, "step_start").empty());
  CHECK(at(events.back(), "converged") == Value(true));
}

TEST_CASE("an apply tells what it does as events") {
  const Bench bench;
  const Finished done = bench.apply({"--format", "json"});
  CHECK(done.code == 0);
  CHECK(done.err.empty());
  const auto events = events_of(done);
  CHECK(events_of_type(events, "planned_change").size() == 3);
  CHECK(events_of_type(events, "apply_start").size() == 1);
  CHECK(events_of_type(events, "step_start").size() == 3);
  CHECK(events_of_type(events, "step_complete").size() == 3);
  CHECK(events_of_type(events, "task_progress").size() == 1);
  const auto outcomes = events_of_type(events, "outcome");
  CHECK(outcomes.size() == 3);
  for (const Value& outcome : outcomes) {
    CHECK_FALSE(outcome.text("address").empty());
    CHECK(outcome.text("predicted") == "created");
    CHECK(outcome.text("actual") == "created");
    CHECK(outcome.find("error_code") != nullptr);
    CHECK(outcome.find("error_msg") != nullptr);
  }
  bench.converged();
}

TEST_CASE("without a terminal and without --auto-approve nothing is sent") {
  const Bench bench;
  const Finished text = bench.run({"apply"});
  CHECK(text.code == 4);
  CHECK(contains(text.out, "Plan: 3 to add"));
  CHECK(contains(text.err, "--auto-approve"));
  const Finished json = bench.run({"apply", "--format", "json"});
  CHECK(json.code == 4);
  CHECK(events_of_type(events_of(json), "diagnostic").size() == 1);
  CHECK(bench.run({"plan", "--detailed-exitcode"}).code == 2);
  bench.applied();
  CHECK(bench.run({"apply"}).code == 0);  // nothing to ask
}

TEST_CASE("an apply that cannot begin is 1, and says so in its last event too") {
  const Bench bench;
  bench.folder.write("pets.json", "{");
  const Finished text = bench.apply();
  CHECK(text.code == 1);
  CHECK(text.out.empty());
  CHECK(contains(text.err, "pets.json:1:"));
  const Finished json = bench.apply({"--format", "json"});
  CHECK(json.code == 1);
  events_of(json);
  CHECK(bench.run({"plan"}).code == 1);
  bench.folder.write("sluice.yaml", "version: [");
  const Finished torn = bench.apply({"--format", "json"});
  CHECK(torn.code == 1);
  events_of(torn);
}

TEST_CASE("too many deletes are refused until the number is said") {
  const Bench bench(many(20));
  bench.applied();
  bench.pets(many(8));
  const Finished refused = bench.apply();
  CHECK(refused.code == 4);
  CHECK(contains(refused.err, "Refused: The plan deletes 12 of 20 owned APIs of the group pets"));
  CHECK(contains(refused.out, "12 to destroy"));
  CHECK(bench.apply({"--max-deletes", "11"}).code == 4);
  CHECK(bench.run({"plan"}).code == 4);
  const Finished json = bench.apply({"--format", "json"});
  CHECK(json.code == 4);
  CHECK(events_of_type(events_of(json), "step_start").empty());
  CHECK(bench.run({"drift"}).code == 0);
  CHECK(bench.apply({"--max-deletes", "12"}).code == 0);
  bench.converged();
}

TEST_CASE("more than 20 deletes in a run, and emptying a group, are refused") {
  const Bench bench(many(100));
  bench.applied();
  bench.pets(many(79));
  CHECK(bench.apply().code == 4);
  bench.pets(many(80));
  CHECK(bench.apply().code == 0);
  bench.folder.write("sluice.yaml", manifest({"others"}));
  bench.folder.write("others.json", swagger({{"/x", "one"}}));
  const Finished emptied = bench.apply();
  CHECK(emptied.code == 4);
  CHECK(contains(emptied.err, "--max-deletes 80"));
  CHECK(bench.apply({"--prune", "none"}).code == 0);
  CHECK(bench.apply({"--max-deletes", "80"}).code == 0);
  bench.converged();
  CHECK_FALSE(contains(bench.run({"state", "list"}).out, "pets"));
}

TEST_CASE("a breaking change is 6 when that was asked for, after the plan was shown") {
  const Bench bench;
  bench.applied();
  CHECK(bench.run({"plan", "--fail-on", "breaking"}).code == 0);
  bench.pets({{"/a", "one"}});
  for (const std::string risk : {"breaking", "warning"}) {
    const Finished plan = bench.run({"plan", "--fail-on", risk});
    CHECK(plan.code == 6);
    CHECK(contains(plan.out, "1 to destroy"));
    CHECK(contains(plan.err, "--fail-on"));
  }
  CHECK(json_of(bench.run({"plan", "--fail-on", "breaking", "--format", "json"}).out).is_object());
  CHECK(bench.apply({"--fail-on", "breaking"}).code == 6);
  const Finished json = bench.apply({"--fail-on", "breaking", "--format", "json"});
  CHECK(json.code == 6);
  events_of(json);
  CHECK(bench.run({"drift"}).code == 0);
  CHECK(bench.apply().code == 0);
}

TEST_CASE("another plan than the expected one is refused") {
  const Bench bench;
  const std::string digest(json_of(bench.run({"plan", "--format", "json"}).out).text("digest"));
  CHECK(bench.run({"plan", "--expect", digest}).code == 0);
  CHECK(bench.run({"plan", "--expect", "sha256:0"}).code == 4);
  const Finished refused = bench.apply({"--expect", "sha256:0"});
  CHECK(refused.code == 4);
  CHECK(contains(refused.err, digest));
  CHECK(bench.run({"plan", "--detailed-exitcode"}).code == 2);
  CHECK(bench.apply({"--expect", digest}).code == 0);
}

TEST_CASE("a saved plan is shown, applied once, and a second time sends nothing") {
  const Bench bench;
  const Finished saved = bench.run({"plan", "--out", "p.plan"});
  CHECK(saved.code == 0);
  CHECK(contains(saved.err, "sluice apply p.plan"));
  const Finished shown = bench.run({"show", "p.plan"});
  CHECK(shown.code == 0);
  CHECK(shown.out == saved.out);
  const Value json = json_of(bench.run({"show", "p.plan", "--format", "json"}).out);
  CHECK(json == json_of(bench.run({"plan", "--format", "json"}).out));
  bench.folder.write("pets.json", "the files are not read again");
  const Finished first = bench.run({"apply", "p.plan"});
  INFO(first.out + first.err);
  CHECK(first.code == 0);
  const Finished second = bench.run({"apply", "p.plan", "--format", "json"});
  CHECK(second.code == 0);
  const auto events = events_of(second);
  CHECK(events_of_type(events, "step_start").empty());
  CHECK(at(events.back(), "converged") == Value(true));
  CHECK(bench.run({"drift"}).code == 0);
}

TEST_CASE("two saved plans of the same inputs are the same but for their times") {
  const Bench bench;
  const auto digest = [&] { return std::string(json_of(bench.run({"plan", "--format", "json"}).out).text("digest")); };
  CHECK(digest() == digest());
  CHECK(bench.run({"plan", "--format", "json"}).out == bench.run({"plan", "--format", "json"}).out);
}

TEST_CASE("a stale plan is refused and nothing is sent") {
  const Bench bench;
  bench.applied();
  bench.pets({{"/a", "mine"}, {"/b/{id}", "mine"}});
  CHECK(bench.run({"plan", "--out", "p.plan"}).code == 0);
  bench.changed_behind_the_back({{"/a", "theirs"}, {"/b/{id}", "two"}});
  const Finished text = bench.run({"apply", "p.plan"});
  CHECK(text.code == 4);
  CHECK(contains(text.err, "The plan is stale: api.pets[\"GET /a\"] was changed on the gateway since"));
  const Finished json = bench.run({"apply", "p.plan", "--format", "json"});
  CHECK(json.code == 4);
  CHECK(events_of_type(events_of(json), "step_start").empty());
  const Value drift = json_of(bench.run({"drift", "--format", "json"}).out);
  CHECK(at(drift, "resource_drift/0/address") == Value("api.pets[\"GET /a\"]"));
}

TEST_CASE("a plan file that was changed, torn, is none or is not there is 1") {
  const Bench bench;
  CHECK(bench.run({"plan", "--out", "p.plan"}).code == 0);
  const std::string good = bench.folder.read("p.plan");
  std::string tampered = good;
  const auto at_backend = tampered.rfind("b:80");
  REQUIRE(at_backend != std::string::npos);
  tampered.replace(at_backend, 4, "c:80");
  for (const std::string& text : {tampered, good.substr(0, good.size() / 2), std::string("{}"), std::string()}) {
    bench.folder.write("p.plan", text);
    for (const std::string command : {"show", "apply"}) {
      const Finished done = bench.run({command, "p.plan"});
      INFO(done.err);
      CHECK(done.code == 1);
      CHECK(done.err.starts_with("Error: "));
    }
    const Finished json = bench.run({"apply", "p.plan", "--format", "json"});
    CHECK(json.code == 1);
    events_of(json);
  }
  CHECK(bench.run({"apply", "none.plan"}).code == 1);
  CHECK(bench.run({"plan", "--detailed-exitcode"}).code == 2);
  bench.folder.write("p.plan", good);
  CHECK(bench.run({"apply", "p.plan"}).code == 0);
}

TEST_CASE("a plan past its date is refused") {
  const Bench bench;
  CHECK(bench.run({"plan", "--out", "p.plan", "--expires", "0s"}).code == 0);
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));
  const Finished done = bench.run({"apply", "p.plan"});
  CHECK(done.code == 4);
  CHECK(contains(done.err, "expired"));
}

TEST_CASE("a plan or a state of another gateway is refused") {
  const Bench bench;
  CHECK(bench.run({"plan", "--out", "p.plan"}).code == 0);
  bench.applied();
  bench.folder.write("sluice.yaml", manifest({"pets"}, "gateway: {provider: embedded, data: other.db}\n"));
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"plan"}, {"drift"}, {"apply", "--auto-approve"}, {"apply", "--auto-approve", "--format", "json"}}) {
    const Finished done = bench.run(words);
    INFO(done.err);
    CHECK(done.code == 4);
    CHECK(contains(done.err, "The state belongs to embedded at .sluice/gateway.db"));
  }
  const Finished plan = bench.run({"apply", "p.plan", "--state", "new.db"});
  CHECK(plan.code == 4);
  CHECK(contains(plan.err, "The plan was made for"));
}

TEST_CASE("credentials in the environment without a gateway in the manifest are refused") {
  const Bench bench;
  for (const std::string name :
       {"SLUICE_TOKEN", "SLUICE_ACCESS_KEY", "SLUICE_SECRET_KEY", "HW_ACCESS_KEY", "HW_SECRET_KEY", "OS_PASSWORD"}) {
    for (const std::vector<std::string>& words :
         std::vector<std::vector<std::string>>{{"plan"}, {"drift"}, {"apply", "--auto-approve"}}) {
      const Finished done = bench.run(words, {{name, "hush-hush"}});
      INFO(name + " " + words[0] + ": " + done.err);
      CHECK(done.code == 4);
      CHECK(contains(done.err, name));
      CHECK_FALSE(contains(done.out + done.err, "hush-hush"));
    }
  }
  bench.folder.write("sluice.yaml", manifest({"pets"}, "gateway: {provider: embedded}\n"));
  CHECK(bench.run({"plan"}, {{"SLUICE_TOKEN", "hush-hush"}}).code == 0);
}

TEST_CASE("an API that is not ours and differs is a collision until it is adopted") {
  const Bench bench;
  bench.changed_behind_the_back({{"/a", "theirs"}});
  const Finished plan = bench.run({"plan"});
  CHECK(plan.code == 4);
  CHECK(contains(plan.err, "--adopt"));
  CHECK(contains(plan.err, "api.pets[\"GET /a\"]"));
  const Finished json = bench.run({"plan", "--format", "json"});
  CHECK(json.code == 4);
  CHECK(at(json_of(json.out), "applyable") == Value(false));
  CHECK(bench.apply().code == 4);
  CHECK_FALSE(contains(bench.run({"state", "list"}).out, "GET /a"));
  CHECK(bench.apply({"--adopt", "api.pets[\"GET /a\"]"}).code == 0);
  bench.converged();
}

TEST_CASE("an API that is not in the files and not ours is left alone") {
  const Bench bench;
  bench.changed_behind_the_back({{"/theirs", "theirs"}});
  bench.applied();
  const Value plan = json_of(bench.run({"plan", "--format", "json"}).out);
  CHECK(at(plan, "unmanaged") == Value::array({"api.pets[\"GET /theirs\"]"}));
  bench.converged();
}

TEST_CASE("the deadline ends a run that has not begun") {
  const Bench bench;
  const Finished plan = bench.run({"plan", "--deadline", "0s"});
  CHECK(plan.code == 1);
  CHECK(contains(plan.err, "--deadline 0s has passed"));
  const Finished apply = bench.apply({"--deadline", "0s", "--format", "json"});
  CHECK(apply.code == 1);
  CHECK(contains(apply.out, "--deadline 0s has passed"));
  events_of(apply);
}
