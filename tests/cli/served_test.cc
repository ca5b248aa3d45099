// Against a gateway behind a socket.
#include "tests/cli/served.h"

using namespace sluice;
using namespace sluice::test;

TEST_CASE("an authorizer that the files define differently is a warning, and no change") {
  const Served served;
  const ServedBench bench(served);
  const auto define = [&](int ttl, const std::string& description) {
    bench.folder.write(
        "pets.json",
        R"({"swagger": "2.0", "info": {"title": "t", "version": "1"}, "schemes": ["https"], "securityDefinitions": )"
        R"({"fn1": {"type": "apiKey", "name": "n", "in": "header", "x-apigateway-auth-type": "AUTHORIZER", )"
        R"("x-apigateway-authorizer": {"type": "frontend", "authorizer_type": "FUNC", )"
        R"("authorizer_uri": "urn:fss:r:p:function:default:f", "identities": [{"name": "X-K", "location": "header"}], )"
        R"("ttl": )" +
            std::to_string(ttl) +
            R"(}}}, "paths": {"/a": {"get": {"operationId": "get_a", "security": [{"fn1": []}], "description": ")" +
            description + R"(", "responses": {"default": {"description": "x"}}}}}})");
  };
  define(5, "one");
  CHECK(bench.run({"plan"}).code == 1);
  served.ask("POST", "/authorizers",
             R"({"name":"fn1","type":"FRONTEND","authorizer_type":"FUNC",)"
             R"("authorizer_uri":"urn:fss:r:p:function:default:f","identities":[{"name":"X-K","location":"HEADER"}],)"
             R"("ttl":5})");
  const Finished same = bench.run({"plan"});
  CHECK(same.code == 0);
  CHECK_FALSE(contains(same.err, "fn1"));
  bench.applied();
  bench.converged();

  define(7, "one");
  const Finished differs = bench.run({"plan", "--detailed-exitcode", "--format", "markdown"});
  INFO(differs.out + differs.err);
  CHECK(differs.code == 0);
  CHECK(contains(differs.err, "warning: The authorizer fn1 is defined differently on the gateway (ttl)."));
  CHECK(contains(differs.out, "defined differently on the gateway"));
  define(7, "two");
  bench.applied();
  bench.converged();
  CHECK(at(served.ask("GET", "/authorizers"), "authorizer_list/0/ttl") == Value(5));
}

TEST_CASE("a saved plan whose plug-in is gone since is refused, and nothing is sent") {
  const Served served;
  const ServedBench bench(served);
  bench.folder.write("sluice.yaml",
                     manifest({"pets"}, served.gateway_block()) +
                         "    overrides:\n      - {match: 'GET /a', set: {x-apigateway-plugins: [cors1]}}\n");
  const auto make_plugin = [&] {
    const Value made = served.ask("POST", "/plugins",
                                  R"({"plugin_name":"cors1","plugin_type":"cors","plugin_scope":"global",)"
                                  R"("plugin_content":"{}"})");
    return std::string(made.text("plugin_id"));
  };
  const std::string first = make_plugin();
  const Finished planned = bench.run({"plan", "--out", "p.json"});
  INFO(planned.out + planned.err);
  REQUIRE(planned.code == 0);
  served.ask("DELETE", "/plugins/" + first);
  const Finished refused = bench.run({"apply", "p.json"});
  INFO(refused.out + refused.err);
  CHECK(refused.code == 4);
  CHECK(contains(refused.err, "The plan is stale: The plug-in cors1 does not exist on the gateway;"));
  CHECK(at(served.ask("GET", "/api-groups?name=pets&precise_search=name"), "total") == Value(0));

  // Another of that name serves as well; and once all is done, the names are no business of the plan any more.
  make_plugin();
  const Finished applied = bench.run({"apply", "p.json"});
  INFO(applied.out + applied.err);
  CHECK(applied.code == 0);
  bench.converged();
  const Finished again = bench.run({"apply", "p.json"});
  INFO(again.out + again.err);
  CHECK(again.code == 0);
}

TEST_CASE("a whole life against a served gateway whose tasks take their time") {
  Served served("300ms");
  const ServedBench bench(served);
  const Finished first = bench.apply({"--format", "json"});
  INFO(first.out + first.err);
  CHECK(first.code == 0);
  CHECK(events_of_type(events_of(first), "outcome").size() == 3);
  bench.converged();
  bench.pets({{"/a", "changed"}, {"/c", "new"}});
  CHECK(bench.run({"plan", "--out", "p.plan", "--detailed-exitcode"}).code == 2);
  const Finished second = bench.run({"apply", "p.plan"});
  CHECK(second.code == 0);
  CHECK(contains(second.out, "1 added, 1 changed, 1 destroyed"));
  bench.converged();
  const Finished stopped = served.stop();
  CHECK(stopped.code == 0);
  CHECK(contains(stopped.out, "Stopped after "));
}

TEST_CASE("a change by hand over HTTP is drift") {
  const Served served;
  const ServedBench bench(served);
  bench.applied();
  const Value groups = served.ask("GET", "/api-groups");
  const std::string id(at(groups, "groups/0/id").as_string());
  served.ask("PUT", "/api-groups/" + id, R"({"name":"pets","remark":"by hand"})");
  const Finished drift = bench.run({"drift", "--format", "json"});
  CHECK(drift.code == 2);
  CHECK(at(json_of(drift.out), "resource_drift/0/address") == Value("group.pets"));
  CHECK(bench.apply().code == 4);
  CHECK(bench.apply({"--on-drift", "revert"}).code == 0);
  bench.converged();
}

TEST_CASE("a gateway that is not there is an error, and nothing was sent") {
  const std::string token = "t0ken-6f1c9a";
  Served served;
  const ServedBench bench(served);
  served.stop();
  const auto plan = bench.start({"plan"}, {{"SLUICE_TOKEN", token}});
  const auto apply = bench.start({"apply", "--auto-approve"}, {{"SLUICE_TOKEN", token}});
  const auto events = bench.start({"apply", "--auto-approve", "--format", "json", "--state", "other.db"});
  for (Process* process : {plan.get(), apply.get()}) {
    const Finished done = process->wait();
    INFO(done.out + done.err);
    CHECK(done.code == 1);
    CHECK(done.out.empty());
    CHECK(done.err.starts_with("Error: "));
    CHECK_FALSE(contains(done.err, token));
  }
  const Finished json = events->wait();
  CHECK(json.code == 1);
  CHECK(events_of_type(events_of(json), "diagnostic").size() == 1);
}

TEST_CASE("a token appears in no output and in no file") {
  const std::string token = "t0ken-6f1c9a";
  const Process::Variables variables = {{"SLUICE_TOKEN", token}};
  Served served;
  const ServedBench bench(served);
  std::string said;
  const auto run = [&](const std::vector<std::string>& words) {
    const Finished done = bench.run(words, variables);
    said += done.out + done.err;
    return done.code;
  };
  CHECK(run({"plan", "--out", "p.plan"}) == 0);
  CHECK(run({"plan", "--format", "json=plan.json"}) == 0);
  CHECK(run({"apply", "p.plan"}) == 0);
  CHECK(run({"apply", "--auto-approve", "--format", "json"}) == 0);
  CHECK(run({"drift"}) == 0);
  CHECK(run({"state", "show", "--format", "json"}) == 0);
  bench.folder.write("sluice.yaml", manifest({"pets"}, served.gateway_block()) + "    owner: ${SLUICE_TOKEN}\n");
  CHECK(run({"validate"}) == 2);
  CHECK(run({"plan"}) == 1);
  CHECK_FALSE(contains(said, token));
  for (const std::string& file : bench.folder.files()) {
    INFO(file);
    CHECK_FALSE(contains(bench.folder.read(file), token));
  }
  CHECK_FALSE(contains(served.data(), token));
}

TEST_CASE("of two applies at once one is refused, and one that waits for the lock goes on") {
  const Served served("500ms");
  const ServedBench bench(served);
  const auto first = bench.start({"apply", "--auto-approve"});
  REQUIRE(first->wait_for("import"));
  const Finished refused = bench.apply();
  CHECK(refused.code == 4);
  CHECK(contains(refused.err, "is locked by alice (process "));
  const Finished json = bench.apply({"--format", "json"});
  CHECK(json.code == 4);
  CHECK(events_of_type(events_of(json), "diagnostic").size() == 1);
  CHECK(bench.run({"plan"}).code == 0);  // looking takes no lock
  const Finished waited = bench.apply({"--lock-timeout", "30s"});
  INFO(waited.out + waited.err);
  CHECK(waited.code == 0);
  CHECK(first->wait().code == 0);
  bench.converged();
}

TEST_CASE("a task over its timeout is unknown, and the next apply finds what it did") {
  const Served served("500ms");
  const ServedBench bench(served);
  const Finished done = bench.apply({"--timeout", "150ms", "--format", "json"});
  INFO(done.out + done.err);
  CHECK(done.code == 5);
  CHECK(at(events_of(done).back(), "converged") == Value(false));
  CHECK(bench.apply().code == 0);
  bench.converged();
}

TEST_CASE("a server stops on SIGTERM and SIGINT, and refuses an address that is none or taken") {
  Served served;
  const Bench bench;
  CHECK(bench.run({"gateway", "serve", "--listen", "nonsense"}).code != 0);
  CHECK(bench.run({"gateway", "serve", "--listen", served.endpoint().substr(7)}).code == 1);
  CHECK(bench.run({"gateway", "serve", "--quirk", "none=such"}).code == 64);
  CHECK(served.stop().code == 0);
}
