// Every way in which somebody changes a gateway by hand: what `drift` calls it, and what apply makes of it.
#include "tests/cli/hand.h"

using namespace sluice;
using namespace sluice::test;

namespace {

/// One way to change a gateway. In texts GROUP stands for the group's name.
struct Kind {
  std::string name;
  std::function<void(const Hand&)> change;
  std::vector<std::string> rows;   ///< "action address" of the drift, all of it
  std::vector<std::string> words;  ///< in what `drift` says
  /// What stays after `--on-drift keep`, seen on the gateway.
  std::function<bool(const Hand&)> kept;
};

bool is_described(const Hand& hand, const std::string& path, const std::string& description) {
  return hand.api(path).text("remark") == description;
}

bool holds(const Hand& hand, const std::string& path) {
  const Value listed = hand.served().ask("GET", "/apis?limit=500&group_id=" + hand.group_id());
  const auto& apis = at(listed, "apis").items();
  return std::any_of(apis.begin(), apis.end(), [&](const Value& api) { return api.text("req_uri") == path; });
}

std::vector<Kind> kinds() {
  const std::string api = "api.GROUP[\"GET /a\"]";
  const std::string released = "publication.GROUP.RELEASE[\"GET /a\"]";
  return {
      {"described",
       [](const Hand& hand) { hand.describe("/a", "theirs"); },
       {"update " + api},
       {"has changed", "It was changed on the gateway at 20", " UTC, but not published: RELEASE still serves what",
        "/description: \"one\" -> \"theirs\"  # changed on the gateway"},
       [](const Hand& hand) { return is_described(hand, "/a", "theirs"); }},
      {"described_and_published",
       [](const Hand& hand) {
         hand.describe("/a", "theirs");
         hand.publish("/a");
       },
       {"update " + api},
       {"It was changed on the gateway and published in RELEASE at 20", " UTC by somebody else."},
       [](const Hand& hand) { return is_described(hand, "/a", "theirs"); }},
      {"deleted",
       [](const Hand& hand) { hand.remove("/a"); },
       {"delete " + api},
       {"is gone", "It was deleted on the gateway."},
       [](const Hand& hand) { return !holds(hand, "/a"); }},
      {"offline",
       [](const Hand& hand) { hand.take_offline("/a"); },
       {"delete " + released},
       {"is gone", "It was taken offline in RELEASE."},
       [](const Hand& hand) { return hand.api("/a").text("run_env_name").empty(); }},
      {"moved",
       [](const Hand& hand) {
         hand.take_offline("/a");
         hand.publish("/a", hand.test_environment());
       },
       {"delete " + released, "create publication.GROUP.TEST[\"GET /a\"]"},
       {"It was moved from RELEASE to TEST at 20", "has appeared", "it was moved there from RELEASE"},
       [](const Hand& hand) { return hand.api("/a").text("run_env_name") == "TEST"; }},
      {"published_elsewhere",
       [](const Hand& hand) { hand.publish("/a", hand.test_environment()); },
       {"create publication.GROUP.TEST[\"GET /a\"]"},
       {"has appeared", "It was published in TEST at 20", " UTC by somebody else, and not by the last apply."},
       [](const Hand& hand) { return contains(std::string(hand.api("/a").text("run_env_name")), "TEST"); }},
      {"renamed",
       [](const Hand& hand) { hand.edit("/a", [](Value& definition) { definition.set("name", "their_name"); }); },
       {"update " + api},
       {"It was renamed on the gateway", "/operationId: \"get_a\" -> \"their_name\""},
       [](const Hand& hand) { return hand.api("/a").text("name") == "their_name"; }},
      {"backend",
       [](const Hand& hand) {
         hand.edit("/a", [](Value& definition) {
           Value backend = *definition.find("backend_api");
           definition.set("backend_api", backend.set("url_domain", "theirs:81"));
         });
         hand.publish("/a");
       },
       {"update " + api},
       {"published in RELEASE at 20", "/x-apigateway-backend/httpEndpoints/address: \"b:80\" -> \"theirs:81\""},
       [](const Hand& hand) { return at(hand.api("/a"), "backend_api/url_domain") == Value("theirs:81"); }},
      {"group_described",
       [](const Hand& hand) { hand.change_group(hand.group(), "theirs"); },
       {"update group.GROUP"},
       {"group.GROUP has changed", "/description: \"GROUP\" -> \"theirs\""},
       [](const Hand& hand) {
         return at(hand.served().ask("GET", "/api-groups/" + hand.group_id()), "remark") == Value("theirs");
       }},
      {"made_anew",
       [](const Hand& hand) {
         const Value definition = hand.api("/a");
         hand.remove("/a");
         hand.create(definition);
         hand.publish("/a");
       },
       {"update " + api},
       {"It was deleted on the gateway and made anew by somebody else and published in RELEASE at 20"},
       [](const Hand& hand) { return holds(hand, "/a"); }},
      {"made_anew_otherwise",
       [](const Hand& hand) {
         Value definition = hand.api("/a");
         hand.remove("/a");
         hand.create(definition.set("remark", "theirs"));
       },
       {"update " + api},
       {"It was deleted on the gateway and made anew by somebody else; it is not published in RELEASE any more."},
       [](const Hand& hand) { return is_described(hand, "/a", "theirs"); }},
      {"switched",
       [](const Hand& hand) {
         const std::string id(hand.api("/a").text("id"));
         const Value versions = hand.served().ask("GET", "/apis/publish/" + id);
         Value body = Value::object();
         body.set("version_id", at(versions, "api_versions/1/version_id"));
         hand.served().ask("PUT", "/apis/publish/" + id, write_json(body));
       },
       {"update " + released},
       {"RELEASE serves another version than the last apply left: somebody else put one there that was published at 20",
        "/description: \"one\" -> \"before\"  # changed on the gateway"},
       [](const Hand& hand) {
         const std::string id(hand.api("/a").text("id"));
         return at(hand.served().ask("GET", "/apis/runtime/" + id), "remark") == Value("before");
       }},
      {"auth",
       [](const Hand& hand) { hand.edit("/a", [](Value& definition) { definition.set("auth_type", "IAM"); }); },
       {"update " + api},
       {"/security/type: \"NONE\" -> \"IAM\""},
       [](const Hand& hand) { return hand.api("/a").text("auth_type") == "IAM"; }},
  };
}

std::string in_group(std::string text, const std::string& group) {
  for (std::size_t at = text.find("GROUP"); at != std::string::npos; at = text.find("GROUP", at + group.size())) {
    text.replace(at, 5, group);
  }
  return text;
}

std::vector<std::string> rows_of(const Value& json) {
  std::vector<std::string> rows;
  for (const Value& row : at(json, "resource_drift").items()) {
    rows.push_back(at(row, "change/actions/0").as_string() + " " + std::string(row.text("address")));
  }
  return rows;
}

/// A group as two applies left it, so that an older version of /a is there to go back to.
struct Drifting {
  Drifting(const Served& served, const std::string& group) : bench(served, {group}), hand(served, group) {
    files("before");
    bench.applied();
    files("one");
    bench.applied();
    bench.converged();
  }
  void files(const std::string& description) const {
    bench.folder.write(hand.group() + ".json", swagger({{"/a", description}, {"/b/{id}", "two"}}));
  }
  ServedBench bench;
  Hand hand;
};

/// What `drift` says is true, and asking changes nothing.
void is_reported(const Drifting& drifting, const Kind& kind) {
  const std::string& group = drifting.hand.group();
  const auto files = drifting.bench.folder.files();
  const std::string state = drifting.bench.folder.read(".sluice/state.db");
  const Value before = drifting.hand.all();
  const Finished text = drifting.bench.run({"drift"});
  INFO(text.out + text.err);
  CHECK(text.code == 2);
  for (const std::string& words : kind.words) CHECK(contains(text.out, in_group(words, group)));
  const Finished drift = drifting.bench.run({"drift", "--format", "json"});
  CHECK(drift.code == 2);
  std::vector<std::string> expected;
  for (const std::string& row : kind.rows) expected.push_back(in_group(row, group));
  CHECK(rows_of(json_of(drift.out)) == expected);
  CHECK(drifting.hand.all() == before);
  CHECK(drifting.bench.folder.read(".sluice/state.db") == state);
  CHECK(drifting.bench.folder.files() == files);
  const Finished unsaid = drifting.bench.apply();
  CHECK(unsaid.code == 4);
  CHECK(contains(unsaid.err, "--on-drift revert"));
  CHECK(drifting.hand.all() == before);
  const Finished fails = drifting.bench.apply({"--on-drift", "fail"});
  CHECK(fails.code == 6);
  CHECK(contains(fails.out, "Changed outside of Sluice since the last apply:"));
  CHECK(drifting.hand.all() == before);
}

}  // namespace

TEST_CASE("each change by hand is told as what it is, reverted when that is said, and kept when that is said") {
  const Served served;
  for (const Kind& kind : kinds()) {
    INFO(kind.name);
    {
      const Drifting reverted(served, kind.name + "_r");
      kind.change(reverted.hand);
      is_reported(reverted, kind);
      const Finished done = reverted.bench.apply({"--on-drift", "revert"});
      INFO(done.out + done.err);
      CHECK(done.code == 0);
      reverted.bench.converged();
      CHECK(is_described(reverted.hand, "/a", "one"));
      CHECK(contains(std::string(reverted.hand.api("/a").text("run_env_name")), "RELEASE"));
    }
    const Drifting kept(served, kind.name + "_k");
    kind.change(kept.hand);
    const Value before = kept.hand.all();
    const Finished done = kept.bench.apply({"--on-drift", "keep"});
    INFO(done.out + done.err);
    CHECK(done.code == 0);
    CHECK(kept.hand.all() == before);
    CHECK(kind.kept(kept.hand));
    kept.bench.converged();  // quiet, as long as the files ask for the same
    kept.files("newer");
    CHECK(kept.bench.apply().code == 0);
    kept.bench.converged();
    CHECK(is_described(kept.hand, "/a", "newer"));
    CHECK(contains(std::string(kept.hand.api("/a").text("run_env_name")), "RELEASE"));
  }
}

TEST_CASE("an API that was added by hand is told once, and left alone") {
  const Served served;
  const Drifting drifting(served, "added");
  Value definition = drifting.hand.api("/a");
  definition.set("req_uri", "/theirs").set("name", "theirs");
  drifting.hand.create(definition);
  const Value before = drifting.hand.all();
  const Finished drift = drifting.bench.run({"drift"});
  CHECK(drift.code == 2);
  CHECK(contains(drift.out,
                 "Appeared since the last apply, and not managed by Sluice: 1\n    api.added[\"GET /theirs\"]"));
  CHECK(contains(drift.out, "No drift in what Sluice owns."));
  CHECK(drifting.bench.run({"drift", "--unmanaged", "report"}).code == 0);
  drifting.bench.applied();  // it is nobody's drift: an apply sees it, and needs no word for it
  drifting.bench.converged();
  CHECK(drifting.hand.all() == before);
}

TEST_CASE("a group that was renamed by hand is found by its id") {
  const Served served;
  const Drifting drifting(served, "named");
  const std::string id = drifting.hand.group_id();
  drifting.hand.change_group("their_name", "named");
  const Finished drift = drifting.bench.run({"drift"});
  INFO(drift.out + drift.err);
  CHECK(drift.code == 2);
  CHECK(contains(drift.out, "group.named has changed"));
  CHECK(contains(drift.out, "It was renamed to their_name on the gateway."));
  CHECK(contains(drift.out, "Drift: 1 resource changed"));
  CHECK(drifting.bench.apply().code == 4);
  SECTION("revert") {
    CHECK(drifting.bench.apply({"--on-drift", "revert"}).code == 0);
    drifting.bench.converged();
    CHECK(drifting.hand.group_id() == id);
  }
  SECTION("keep") {
    CHECK(drifting.bench.apply({"--on-drift", "keep"}).code == 0);
    drifting.bench.converged();
    CHECK(Hand(served, "their_name").group_id() == id);
    drifting.files("newer");
    CHECK(drifting.bench.apply().code == 0);
    drifting.bench.converged();
    CHECK(is_described(Hand(served, "their_name"), "/a", "newer"));
  }
}

TEST_CASE("a group that was deleted by hand is one thing that happened") {
  const Served served;
  const Drifting drifting(served, "doomed");
  drifting.hand.remove("/a");
  drifting.hand.remove("/b/{id}");
  served.ask("DELETE", "/api-groups/" + drifting.hand.group_id());
  const Finished drift = drifting.bench.run({"drift"});
  INFO(drift.out + drift.err);
  CHECK(drift.code == 2);
  CHECK(contains(drift.out, "It was deleted on the gateway, and with it 2 APIs of ours."));
  CHECK_FALSE(contains(drift.out, "api.doomed"));
  CHECK(at(json_of(drifting.bench.run({"drift", "--format", "json"}).out), "summary/drift") == Value(3));
  CHECK(drifting.bench.apply().code == 4);
  SECTION("revert") {
    CHECK(drifting.bench.apply({"--on-drift", "revert"}).code == 0);
    drifting.bench.converged();
  }
  SECTION("keep") {
    CHECK(drifting.bench.apply({"--on-drift", "keep"}).code == 0);
    drifting.bench.converged();
    CHECK(at(served.ask("GET", "/api-groups?precise_search=name&name=doomed"), "total") == Value(0));
  }
}

TEST_CASE("an environment that was deleted by hand is said to be gone") {
  const Served served;
  const Hand hand(served, "somewhere");
  const std::string environment = hand.test_environment();
  const ServedBench bench(served, {"somewhere"});
  std::string text = bench.folder.read("sluice.yaml");
  bench.folder.write("sluice.yaml", text.insert(text.find("    swagger:"), "    environments: [RELEASE, TEST]\n"));
  bench.applied();
  for (const char* path : {"/a", "/b/{id}"}) hand.take_offline(path, environment);
  served.ask("DELETE", "/envs/" + environment);
  const Finished drift = bench.run({"drift"});
  INFO(drift.out + drift.err);
  CHECK(drift.code == 2);
  CHECK(
      contains(drift.out, "publication.somewhere.TEST[\"GET /a\"] is gone\n      # The environment TEST was deleted"));
  const Finished plan = bench.run({"plan"});
  CHECK(plan.code == 1);
  CHECK(contains(plan.err, "The environment TEST does not exist"));
}

TEST_CASE("what is renamed by hand is told as that, and not as publications by somebody else") {
  const Served served;
  const Hand hand(served, "somewhere");
  const ServedBench bench(served, {"somewhere"});
  const std::string environment = at(served.ask("POST", "/envs", R"({"name": "staging"})"), "id").as_string();
  const std::string channel =
      at(served.ask("POST", "/vpc-channels", R"({"name":"ch1","port":80,"balance_strategy":1,"member_type":"ip"})"),
         "id")
          .as_string();
  bench.folder.write("sluice.yaml",
                     "version: 1\n" + served.gateway_block() +
                         "groups:\n  - name: somewhere\n    swagger: somewhere.json\n    environments: [staging]\n"
                         "    operations: {auth: none, backend: {type: HTTP-VPC, channel: ch1, scheme: http}}\n");
  bench.applied();
  CHECK(bench.run({"drift"}).code == 0);
  SECTION("a channel") {
    served.ask("PUT", "/vpc-channels/" + channel,
               R"({"name":"ch2","port":80,"balance_strategy":1,"member_type":"ip"})");
    const Finished drift = bench.run({"drift"});
    INFO(drift.out + drift.err);
    CHECK(drift.code == 2);
    CHECK(contains(drift.out, "Its channel was probably renamed or replaced on the gateway: nobody changed the API"));
    CHECK_FALSE(contains(drift.out, "by somebody else"));
    hand.describe("/a", "theirs");
    hand.publish("/a", environment);
    CHECK(contains(bench.run({"drift"}).out, "It was changed on the gateway and published in staging at 20"));
  }
  SECTION("an environment") {
    served.ask("PUT", "/envs/" + environment, R"({"name": "stage2"})");
    const Finished drift = bench.run({"drift"});
    INFO(drift.out + drift.err);
    CHECK(drift.code == 2);
    CHECK(contains(drift.out, "The environment staging was renamed to stage2 on the gateway, with 2 APIs of ours"));
    CHECK(contains(drift.out, "Drift: 1 resource changed"));
    hand.publish("/b/{id}", environment);
    CHECK(contains(bench.run({"drift"}).out, "stage2 serves another version than the last apply left"));
  }
}
