// Commands that start, check, show and list; and command lines that are wrong.
#include "tests/cli/bench.h"

using namespace sluice;
using namespace sluice::test;

TEST_CASE("version and help go to stdout") {
  const Bench bench;
  CHECK(bench.run({"version"}).out == "sluice 0.1.0\n");
  CHECK(bench.run({"--version"}).out == "sluice 0.1.0\n");
  CHECK(bench.run({"help", "plan"}).out.starts_with("sluice plan\n\n"));
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"help"}, {"--help"}, {"help", "plan"}, {"plan", "--help"}, {"help", "state", "list"}, {"help", "render"}}) {
    const Finished done = bench.run(words);
    CHECK(done.code == 0);
    CHECK_FALSE(done.out.empty());
    CHECK(done.err.empty());
  }
  CHECK(contains(bench.run({"help", "apply"}).out, "--auto-approve"));
}

TEST_CASE("wrong usage is 64, says what is wrong, and prints nothing to stdout") {
  const Bench bench;
  const std::vector<std::string> rows[] = {{},
                                           {"frobnicate"},
                                           {"plan", "--frobnicate"},
                                           {"plan", "extra"},
                                           {"plan", "--out"},
                                           {"plan", "--auto-approve"},
                                           {"plan", "--format", "xml"},
                                           {"plan", "--format", "text", "--format", "json"},
                                           {"plan", "--format", "json="},
                                           {"plan", "--format", "json=a", "--format", "html=a"},
                                           {"validate", "--format", "html=a"},
                                           {"validate", "--format", "markdown"},
                                           {"plan", "--width", "79"},
                                           {"plan", "--max-bytes", "100"},
                                           {"schema"},
                                           {"schema", "plans"},
                                           {"completion", "tcsh"},
                                           {"plan", "--parallelism", "0"},
                                           {"plan", "--parallelism", "many"},
                                           {"plan", "--timeout", "5"},
                                           {"plan", "--on-drift", "maybe"},
                                           {"plan", "--fail-on", "safe"},
                                           {"plan", "--max-deletes", "-1"},
                                           {"plan", "--expires", "soon"},
                                           {"apply", "--lock-timeout", "long"},
                                           {"drift", "--unmanaged", "maybe"},
                                           {"show"},
                                           {"help", "frobnicate"},
                                           {"plan", "--var", "X"},
                                           {"validate", "--var", "=x"},
                                           {"plan", "--version"},
                                           {"plan", "--endpoint", "https://gateway.example"},
                                           {"apply", "p.plan", "--adopt", "**"},
                                           {"apply", "p.plan", "--prune", "none"},
                                           {"apply", "p.plan", "--on-drift", "keep"},
                                           {"gateway", "serve", "--listen", "127.0.0.1:99999"},
                                           {"gateway", "serve", "--quirk", "unknown=1"},
                                           {"gateway", "serve", "--quirk", "none"},
                                           {"gateway", "serve", "--latency", "slow"}};
  for (const auto& words : rows) {
    const Finished done = bench.run(words);
    INFO((words.empty() ? "" : words.back()) + "\n" + done.err);
    CHECK(done.code == 64);
    CHECK(done.out.empty());
    CHECK(done.err.starts_with("Error: "));
    CHECK(std::count(done.err.begin(), done.err.end(), '\n') == 1);
  }
}

TEST_CASE("an endpoint for the embedded gateway is refused, whoever names it") {
  const Bench bench;
  const Finished flag = bench.run({"plan", "--endpoint", "https://gateway.example"});
  CHECK(flag.err.starts_with("Error: The embedded gateway has no endpoint: --endpoint https://gateway.example names"));
  CHECK(bench.run({"apply", "--auto-approve"}, {{"SLUICE_ENDPOINT", "https://gateway.example"}}).code == 64);
  // A stranger's pull request must not be compared with a gateway.db that it brings.
  bench.applied();
  const Finished stranger =
      bench.run({"plan", "--untrusted", "--endpoint", "https://gateway.example", "--state", "s.db"});
  CHECK(stranger.code == 4);
  CHECK(contains(stranger.err, "The embedded gateway has no endpoint: "));
  CHECK(stranger.out.empty());
}

TEST_CASE("what is no plan file is said to be none") {
  const Bench bench;
  const Finished shown = bench.run({"show", "sluice.yaml"});
  CHECK(shown.code == 1);
  CHECK(contains(shown.err, "Error: sluice.yaml: The file is not a plan that can be used: it is no plan file"));
}

TEST_CASE("a port that another program has is told in a sentence") {
  const Bench bench;
  const auto first = bench.start({"gateway", "serve", "--listen", "127.0.0.1:0", "--data", "a.db"});
  REQUIRE(first->wait_for("Stop it"));
  const std::string said = first->out();
  const std::size_t begin = said.find("127.0.0.1:");
  const std::string address = said.substr(begin, said.find(',', begin) - begin);
  const Finished second = bench.run({"gateway", "serve", "--listen", address, "--data", "b.db"});
  CHECK(second.code == 1);
  CHECK(second.err == "Error: Cannot listen on " + address +
                          ": another program listens there already. Stop it, or name another port.\n");
  first->send_signal(SIGTERM);
  CHECK(first->wait().code == 0);
}

TEST_CASE("what is not built yet says so and is 1") {
  const Bench bench;
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"task", "show", "t"}, {"plan", "--state", "https://h/d"}}) {
    const Finished done = bench.run(words);
    INFO(done.err);
    CHECK(done.code == 1);
    CHECK(done.out.empty());
    CHECK(contains(done.err, "not built yet"));
  }
}

TEST_CASE("a state is a file or PostgreSQL, and what is neither is told so") {
  const Bench bench;
  const Finished done = bench.run({"plan", "--state", "mysql://u:secret@h/d"});
  INFO(done.err);
  CHECK(done.code == 1);
  CHECK(contains(done.err, "A state is not kept at a mysql:// address: name a file, or postgres://"));
  CHECK_FALSE(contains(done.err, "secret"));
}

TEST_CASE("a starter is written once, and works as written") {
  const TempFolder folder;
  const auto run = [&](const std::vector<std::string>& words) {
    std::vector<std::string> all = {SLUICE_BINARY};
    all.insert(all.end(), words.begin(), words.end());
    return Process(folder.path(), all).wait();
  };
  const Finished first = run({"init"});
  CHECK(first.code == 0);
  CHECK(contains(first.out, "Next: sluice plan"));
  CHECK(folder.files() == std::set<std::string>{"hello.yaml", "sluice.yaml"});
  folder.write("hello.yaml", folder.read("hello.yaml") + "# mine\n");
  const std::string before = folder.read("hello.yaml");
  const Finished second = run({"init"});
  CHECK(second.code == 1);
  CHECK(second.out.empty());
  CHECK(contains(second.err, "exists and is not overwritten"));
  CHECK(folder.read("hello.yaml") == before);
  CHECK(run({"init", "sub/dir"}).code == 0);
  CHECK(run({"validate", "-f", "sub/dir/sluice.yaml"}).code == 0);
  CHECK(run({"apply", "--auto-approve"}).code == 0);
  CHECK(run({"plan", "--detailed-exitcode"}).code == 0);
}

TEST_CASE("validate is offline, 0 when valid and 2 with findings") {
  const Bench bench;
  const Finished valid = bench.run({"validate"});
  CHECK(valid.code == 0);
  CHECK(valid.out == "Valid: 2 operations.\n");
  CHECK(valid.err.empty());
  const Value good = json_of(bench.run({"validate", "--format", "json"}).out);
  CHECK(at(good, "valid") == Value(true));
  CHECK(at(good, "diagnostics").items().empty());
  CHECK(bench.folder.files() == std::set<std::string>{"pets.json", "sluice.yaml"});

  bench.folder.write("pets.json",
                     "swagger: '2.0'\ninfo: {title: t, version: '1'}\npaths:\n  /a/pre-{x}:\n    get:\n"
                     "      operationId: getIt\n      responses: {default: {description: x}}\n");
  const Finished text = bench.run({"validate"});
  CHECK(text.code == 2);
  CHECK(contains(text.out, "Not valid: "));
  CHECK(contains(text.err, "pets.json:5:"));
  const Finished json = bench.run({"validate", "--format=json"});
  CHECK(json.code == 2);
  const Value bad = json_of(json.out);
  CHECK(at(bad, "valid") == Value(false));
  REQUIRE_FALSE(at(bad, "diagnostics").items().empty());
  for (const Value& diagnostic : at(bad, "diagnostics").items()) {
    for (const std::string_view key : {"severity", "code", "summary", "detail", "file", "line", "column"})
      CHECK(diagnostic.find(key) != nullptr);
  }
  CHECK(at(bad, "diagnostics/0/file") == Value("pets.json"));
  CHECK(at(bad, "diagnostics/0/line") == Value(5));
}

TEST_CASE("validate finds a manifest that is missing, torn or misspelled") {
  const Bench bench;
  for (const std::string text : {"", "version: 1\ngroups: [", "version: 1\ngruops: []\n", "version: 9\ngroups: []\n"}) {
    bench.folder.write("sluice.yaml", text);
    INFO(text);
    CHECK(bench.run({"validate"}).code == 2);
    CHECK(bench.run({"plan"}).code == 1);
    CHECK(bench.run({"apply", "--auto-approve"}).code == 1);
  }
  bench.folder.write("sluice.yaml", "version: 1\ngruops: []\n");
  CHECK(contains(bench.run({"validate"}).err, "groups"));
  CHECK(bench.run({"validate", "-f", "none.yaml"}).code == 2);
  const Finished plan = bench.run({"plan", "-f", "none.yaml"});
  CHECK(plan.code == 1);
  CHECK(contains(plan.err, "none.yaml"));
  CHECK(contains(plan.err, "sluice init"));
}

TEST_CASE("the state is listed and shown") {
  const Bench bench;
  const Finished none = bench.run({"state", "list"});
  CHECK(none.code == 1);
  CHECK(contains(none.err, "There is no state"));
  bench.applied();
  const Finished list = bench.run({"state", "list"});
  CHECK(list.code == 0);
  CHECK(list.err.empty());
  CHECK(list.out ==
        "group.pets\napi.pets[\"GET /a\"]\napi.pets[\"GET /b/{id}\"]\n"
        "publication.pets.RELEASE[\"GET /a\"]\npublication.pets.RELEASE[\"GET /b/{id}\"]\n");
  const Value listed = json_of(bench.run({"state", "list", "--format", "json"}).out);
  CHECK(at(listed, "resources").items().size() == 5);
  const Value shown = json_of(bench.run({"state", "show", "--format", "json"}).out);
  REQUIRE(at(shown, "resources").items().size() == 5);
  for (const Value& resource : at(shown, "resources").items()) CHECK_FALSE(resource.text("remote_id").empty());
  const Finished one = bench.run({"state", "show", "api.pets[\"GET /a\"]"});
  CHECK(one.code == 0);
  CHECK(contains(one.out, "remote_id: "));
  CHECK_FALSE(contains(one.out, "/b/"));
  const Finished nothing = bench.run({"state", "show", "api.nothing"});
  CHECK(nothing.code == 1);
  CHECK(nothing.out.empty());
}

TEST_CASE("a damaged state is an error for every command, and no state") {
  const Bench bench;
  bench.applied();
  bench.folder.write(".sluice/state.db",
                     "this is no database, but long enough to be taken for one" + std::string(5000, 'x'));
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"plan"}, {"drift"}, {"state", "list"}, {"apply", "--auto-approve"}}) {
    const Finished done = bench.run(words);
    INFO(done.err);
    CHECK(done.code == 1);
    CHECK(done.out.empty());
    CHECK(contains(done.err, "not a database"));
  }
}

TEST_CASE("the files that a command only reads are as before") {
  const Bench bench;
  bench.applied();
  const auto files = bench.folder.files();
  const std::string state = bench.folder.read(".sluice/state.db");
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"plan"}, {"drift"}, {"state", "list"}, {"state", "show"}, {"validate"}, {"plan", "--format", "json"}}) {
    CHECK(bench.run(words).code == 0);
    INFO(words[0]);
    CHECK(bench.folder.files() == files);
    CHECK(bench.folder.read(".sluice/state.db") == state);
  }
}

TEST_CASE("a format goes to the file that it names") {
  const Bench bench;
  std::filesystem::create_directory(bench.folder / "out");
  const Finished both = bench.run({"plan", "--format", "text", "--format", "json=out/plan.json"});
  CHECK(both.code == 0);
  CHECK(contains(both.out, "Plan: 3 to add"));
  CHECK(at(json_of(bench.folder.read("out/plan.json")), "summary/create") == Value(3));
  CHECK(bench.run({"plan", "--format", "json=pets.json/below"}).code == 1);
}

TEST_CASE("variables stand for flags, and a flag wins") {
  const Bench bench;
  bench.folder.write("other.yaml", bench.folder.read("sluice.yaml"));
  std::filesystem::remove(bench.folder / "sluice.yaml");
  CHECK(bench.run({"validate"}).code == 2);
  CHECK(bench.run({"validate"}, {{"SLUICE_FILE", "other.yaml"}}).code == 0);
  CHECK(bench.run({"validate", "-f", "other.yaml"}, {{"SLUICE_FILE", "none.yaml"}}).code == 0);
  CHECK(json_of(bench.run({"plan"}, {{"SLUICE_FILE", "other.yaml"}, {"SLUICE_FORMAT", "json"}}).out).is_object());
  CHECK(bench.run({"apply"}, {{"SLUICE_FILE", "other.yaml"}, {"SLUICE_AUTO_APPROVE", "1"}}).code == 4);
}

TEST_CASE("a reader who hangs up is an error and no crash") {
  const Bench bench;
  const Process shell(bench.folder.path(), {"/bin/sh", "-c", std::string(SLUICE_BINARY) + " plan >/dev/full; echo $?"});
  const Finished done = const_cast<Process&>(shell).wait();
  CHECK(done.out == "1\n");
}
