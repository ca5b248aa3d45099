// Reports: several formats at once, on every way a command can end, the schemas, and completion.
#include "tests/cli/bench.h"

namespace sluice::test {
namespace {

const std::vector<std::string> kAllFormats = {"--format", "text",
                                              "--format", "json=out/r.json",
                                              "--format", "markdown=out/r.md",
                                              "--format", "html=out/r.html",
                                              "--format", "sarif=out/r.sarif",
                                              "--format", "github=out/r.github"};

std::vector<std::string> with_all_formats(std::vector<std::string> words) {
  words.insert(words.end(), kAllFormats.begin(), kAllFormats.end());
  return words;
}

/// What /usr/bin/python3 says of documents and a schema of the program's.
Finished validated(const Bench& bench, const std::string& schema, std::vector<std::string> files, bool strict = true) {
  const Finished printed = bench.run({"schema", schema});
  REQUIRE(printed.code == 0);
  bench.folder.write("schema.json", printed.out);
  std::vector<std::string> words = {"/usr/bin/python3", std::string(SLUICE_SOURCE_DIR) + "/tests/cli/validate_json.py"};
  if (strict) words.emplace_back("--strict");
  words.push_back("schema.json");
  words.insert(words.end(), files.begin(), files.end());
  return Process(bench.folder.path(), words).wait();
}

TEST_CASE("all formats at once tell of one plan") {
  const Bench bench;
  std::filesystem::create_directory(bench.folder / "out");
  const Finished done = bench.run(with_all_formats({"plan", "--out", "p.plan"}));
  INFO(done.err);
  REQUIRE(done.code == 0);
  CHECK(contains(done.out, "Plan: 3 to add, 0 to change, 0 to destroy. (0 unchanged) Gateway: embedded"));
  CHECK(at(json_of(bench.folder.read("out/r.json")), "summary/create") == Value(3));
  CHECK(contains(bench.folder.read("out/r.md"), "### Sluice: 3 to add, 0 to change, 0 to destroy"));
  CHECK(contains(bench.folder.read("out/r.html"), "data-count=\"create\">3<"));
  CHECK(at(json_of(bench.folder.read("out/r.sarif")), "runs/0/properties/summary/create") == Value(3));
  CHECK(contains(bench.folder.read("out/r.github"), "(3 to add, "));
  for (const char* kind : {"json", "md", "html", "sarif", "github"})
    std::filesystem::rename(bench.folder / ("out/r." + std::string(kind)),
                            bench.folder / ("plan." + std::string(kind)));
  REQUIRE(bench.run(with_all_formats({"show", "p.plan"})).code == 0);
  for (const char* kind : {"json", "md", "html", "sarif", "github"})
    CHECK(bench.folder.read("out/r." + std::string(kind)) == bench.folder.read("plan." + std::string(kind)));
}

TEST_CASE("the reports are there before the exit, however the run ends") {
  struct Row {
    const char* what;
    std::vector<std::string> words;
    int code;
  };
  const Bench bench;
  const auto check_rows = [&](const std::vector<Row>& rows) {
    for (const Row& row : rows) {
      INFO(row.what);
      std::filesystem::remove_all(bench.folder / "out");
      std::filesystem::create_directory(bench.folder / "out");
      const Finished done = bench.run(with_all_formats(row.words));
      INFO(done.err);
      CHECK(done.code == row.code);
      for (const char* kind : {"json", "md", "html", "sarif", "github"})
        CHECK_FALSE(bench.folder.read("out/r." + std::string(kind)).empty());
      CHECK(json_of(bench.folder.read("out/r.json")).is_object());
      CHECK(contains(done.out, "Gateway: embedded"));
      CHECK_FALSE(contains(done.err, "Gateway: embedded"));
    }
  };
  check_rows(
      {{"changes", {"plan", "--detailed-exitcode"}, 2}, {"another digest", {"plan", "--expect", "sha256:0"}, 4}});
  CHECK(at(json_of(bench.folder.read("out/r.json")), "applyable") == Value(false));
  CHECK(contains(bench.folder.read("out/r.md"), "and sha256:0 was expected"));
  bench.applied();
  check_rows({{"clean", {"plan", "--detailed-exitcode"}, 0}, {"no drift", {"drift"}, 0}});
  bench.changed_behind_the_back({{"/a", "by hand"}, {"/b/{id}", "two"}});
  check_rows({{"drift", {"drift"}, 2}, {"policy", {"plan", "--on-drift", "fail"}, 6}});
  bench.pets({});
  check_rows({{"too many deletes", {"plan"}, 4}});
  bench.pets({{"/a", "one"}, {"/b/{id}", "two"}});
  const std::string plain = bench.folder.read("sluice.yaml");
  bench.folder.write("sluice.yaml",
                     plain + "    overrides:\n      - {match: 'GET /a', set: {x-apigateway-plugins: [cors1]}}\n");
  check_rows({{"a name that the gateway lacks", {"plan", "--out", "lacking.plan"}, 1}});
  CHECK(at(json_of(bench.folder.read("out/r.json")), "errored") == Value(true));
  CHECK(at(json_of(bench.folder.read("out/r.json")), "diagnostics/0/line") == Value(8));
  CHECK(contains(bench.folder.read("out/r.github"), "::error file=sluice.yaml,line=8,"));
  const Finished schema = validated(bench, "plan", {"out/r.json"});
  INFO(schema.out + schema.err);
  CHECK(schema.code == 0);
  CHECK_FALSE(std::filesystem::exists(bench.folder / "lacking.plan"));
  bench.folder.write("sluice.yaml", plain);
}

TEST_CASE("a plan that cannot be made leaves no report and no saved plan of an earlier one") {
  const Bench bench;
  std::filesystem::create_directory(bench.folder / "out");
  const auto old = bench.run(with_all_formats({"plan", "--out", "p.plan"}));
  REQUIRE(old.code == 0);
  const auto check_reports = [&](const std::vector<std::string>& words, int code, const std::string& why) {
    const Finished done = bench.run(with_all_formats(words));
    INFO(why + "\n" + done.out + done.err);
    CHECK(done.code == code);
    CHECK(done.out.empty());
    const Value json = json_of(bench.folder.read("out/r.json"));
    CHECK(at(json, "errored") == Value(true));
    CHECK(at(json, "applyable") == Value(false));
    for (const char* kind : {"json", "md", "html", "sarif", "github"})
      CHECK(contains(bench.folder.read("out/r." + std::string(kind)), why));
    CHECK(contains(bench.folder.read("out/r.github"), "::error "));
    const Finished schema = validated(bench, "plan", {"out/r.json"});
    INFO(schema.out + schema.err);
    CHECK(schema.code == 0);
    CHECK_FALSE(std::filesystem::exists(bench.folder / "p.plan"));
  };
  bench.folder.write("notes.md", "mine");
  bench.folder.write("pets.json", "{");
  check_reports({"plan", "--out", "p.plan"}, 1, "pets.json");
  const Finished json = bench.run({"plan", "--format", "json", "--format", "markdown=notes.md"});
  CHECK(json.code == 1);
  CHECK(at(json_of(json.out), "errored") == Value(true));
  CHECK(bench.folder.read("notes.md") == "mine");
  CHECK(bench.run({"plan", "--format", "json=pets.json", "--out", "sluice.yaml"}).code == 1);
  CHECK(bench.folder.read("pets.json") == "{");
  CHECK(bench.folder.read("sluice.yaml") == manifest({"pets"}));
  bench.folder.write("sluice.yaml", "groups: 3");
  check_reports({"plan"}, 1, "groups");
  check_reports({"plan", "--untrusted"}, 1, "groups");
  bench.folder.write("sluice.yaml", manifest({"pets"}));
  check_reports({"drift"}, 1, "There is no state");
  CHECK(contains(bench.folder.read("out/r.md"), "no drift report, 1 error in the way"));
}

TEST_CASE("a refused plan does not look as if it could be approved") {
  const Bench bench(many(12));
  bench.applied();
  std::filesystem::create_directory(bench.folder / "out");
  bench.pets({});
  const Finished plan = bench.run(with_all_formats({"plan", "--out", "p.plan"}));
  CHECK(plan.code == 4);
  for (const std::string& text :
       {plan.out, bench.folder.read("out/r.json"), bench.folder.read("out/r.md"), bench.folder.read("out/r.html"),
        bench.folder.read("out/r.sarif"), bench.folder.read("out/r.github")})
    CHECK(contains(text, "The plan deletes every API that Sluice owns in the group pets"));
  CHECK(contains(plan.out, "Refused as it stands."));
  CHECK(contains(plan.out, "Sluice would perform these actions"));
  CHECK(at(json_of(bench.folder.read("out/r.json")), "applyable") == Value(false));
  CHECK(at(json_of(bench.run({"show", "p.plan", "--format", "json"}).out), "applyable") == Value(false));
  const Finished allowed = bench.run({"plan", "--max-deletes", "12", "--format", "json"});
  CHECK(allowed.code == 0);
  CHECK(at(json_of(allowed.out), "applyable") == Value(true));
}

TEST_CASE("what is left out is a line with --summary, and nothing with -q; a folder is never made") {
  const Bench bench;
  std::string text = bench.folder.read("pets.json");
  text.insert(text.find("\"paths\""), R"("tags": [{"name": "x"}], "externalDocs": {"url": "https://x.example"}, )");
  bench.folder.write("pets.json", text);
  const auto count = [](const std::string& said, const std::string& words) {
    std::size_t found = 0;
    for (std::size_t at = said.find(words); at != std::string::npos; at = said.find(words, at + 1)) ++found;
    return found;
  };
  CHECK(count(bench.run({"plan"}).err, "Left out, because the gateway does not hold them") == 1);
  CHECK(count(bench.run({"plan", "-q"}).err, "eft out") == 0);
  const std::string summary = bench.run({"plan", "--summary"}).err;
  CHECK(count(summary, "\n") == 1);
  CHECK(contains(summary, "Warning: Some of what the files say is left out"));
  const Finished lost = bench.run({"plan", "--out", "none/p.plan"});
  CHECK(lost.code == 1);
  CHECK(contains(lost.err, "there is no folder none."));
  CHECK_FALSE(std::filesystem::exists(bench.folder / "none"));
}

TEST_CASE("text is short or narrow where that is asked for") {
  const Bench bench;
  const Finished summary = bench.run({"plan", "--summary"});
  CHECK(std::count(summary.out.begin(), summary.out.end(), '\n') == 2);
  CHECK(summary.out.starts_with("Plan: 3 to add, 0 to change, 0 to destroy. (0 unchanged) Gateway: embedded"));
  const std::string narrow = bench.run({"plan", "--width", "80"}).out;
  CHECK(narrow != bench.run({"plan"}).out);
  CHECK(narrow == bench.run({"plan"}, {{"SLUICE_WIDTH", "80"}}).out);
  bench.applied();
  const std::string unowned = bench.run({"plan", "--summary", "--state", "new.db"}).out;
  CHECK(contains(unowned, " unchanged, 2 not owned)"));
  const std::string drift = bench.run({"drift", "--summary"}).out;
  CHECK(drift.starts_with("No drift. The gateway is as the last apply left it. Gateway: embedded"));
  CHECK(bench.run({"plan", "--format", "markdown", "--max-bytes", "4000"}).out.size() <= 4000);
}

TEST_CASE("no report is written over a file that the plan is made of") {
  const Bench bench;
  const std::string before = bench.folder.read("pets.json");
  const Finished done = bench.run({"plan", "--format", "json=pets.json"});
  CHECK(done.code != 0);
  CHECK(contains(done.err, "--format json=pets.json names one of the files"));
  CHECK(bench.folder.read("pets.json") == before);
}

TEST_CASE("what validate finds is there for code scanning and annotations") {
  const Bench bench;
  CHECK(at(json_of(bench.run({"validate", "--format", "sarif"}).out), "runs/0/results").items().empty());
  CHECK(bench.run({"validate", "--format", "github"}).out.empty());
  bench.pets({{"/a/pre-{id}", "one"}});
  const Finished done =
      bench.run({"validate", "--format", "text", "--format", "sarif=v.sarif", "--format", "github=v.txt"});
  CHECK(done.code == 2);
  CHECK(contains(done.out, "Not valid"));
  const Value json = json_of(bench.run({"validate", "--format", "json"}).out);
  const Value sarif = json_of(bench.folder.read("v.sarif"));
  const std::size_t found = at(json, "diagnostics").items().size();
  REQUIRE(found > 0);
  CHECK(at(sarif, "version") == Value("2.1.0"));
  CHECK(at(sarif, "runs/0/results").items().size() == found);
  CHECK(at(sarif, "runs/0/results/0/ruleId") == at(json, "diagnostics/0/code"));
  CHECK(at(sarif, "runs/0/results/0/locations/0/physicalLocation/artifactLocation/uri") ==
        at(json, "diagnostics/0/file"));
  CHECK(at(sarif, "runs/0/results/0/locations/0/physicalLocation/region/startLine") == at(json, "diagnostics/0/line"));
  const std::string annotations = bench.folder.read("v.txt");
  CHECK(static_cast<std::size_t>(std::count(annotations.begin(), annotations.end(), '\n')) == found);
  CHECK(annotations.starts_with("::error file=pets.json,line="));
}

TEST_CASE("plans and events are as their schemas say") {
  const Bench bench;
  const auto saved = [&](const std::string& name, const Finished& done) {
    INFO(done.err);
    REQUIRE_FALSE(done.out.empty());
    bench.folder.write(name, done.out);
  };
  saved("create.json", bench.run({"plan", "--format", "json"}));
  saved("apply.ndjson", bench.apply({"--format", "json"}));
  saved("all.json", bench.run({"plan", "--format", "json", "--all"}));
  bench.changed_behind_the_back({{"/a", "by hand"}, {"/c", "three"}});
  saved("drift.json", bench.run({"drift", "--format", "json"}));
  bench.pets({{"/a", "in the files"}, {"/c", "ours"}, {"/d", "four"}});
  saved("mixed.json", bench.run({"plan", "--format", "json"}));
  saved("refused.ndjson", bench.apply({"--format", "json"}));
  saved("mixed.ndjson",
        bench.apply({"--format", "json", "--on-drift", "revert", "--adopt", "**", "--max-deletes", "9"}));
  const Finished plans = validated(bench, "plan", {"create.json", "all.json", "drift.json", "mixed.json"});
  INFO(plans.out << plans.err);
  CHECK(plans.code == 0);
  const Finished events = validated(bench, "events", {"apply.ndjson", "refused.ndjson", "mixed.ndjson"}, false);
  INFO(events.out << events.err);
  CHECK(events.code == 0);
  bench.folder.write("bad.json", "{\"format_version\": \"2.0\"}");
  CHECK(validated(bench, "plan", {"bad.json"}).code == 1);
  bench.folder.write("bad.ndjson", R"({"type": "outcome", "timestamp": "2026-01-01T00:00:00Z", "run_id": "r"})");
  CHECK(validated(bench, "events", {"bad.ndjson"}, false).code == 1);
}

TEST_CASE("plans of every part, and of texts that want to be more than text, are as their schema says") {
  const Bench bench;
  std::vector<std::string> files;
  for (const char* plan : {"empty", "everything", "policies", "moves", "hostile"})
    files.push_back(std::string(SLUICE_SOURCE_DIR) + "/tests/golden/review_" + plan + ".json");
  const Finished done = validated(bench, "plan", files);
  INFO(done.out << done.err);
  CHECK(done.code == 0);
}

TEST_CASE("the events that an apply writes to a file are as their schema says, however it ends") {
  const Bench bench(many(12));
  const auto events = [&](const std::string& name, int code, std::unique_ptr<Process> process) {
    const Finished done = process->wait();
    INFO(name << done.out << done.err);
    CHECK(done.code == code);
    CHECK(events_of({code, bench.folder.read(name), ""}).size() > 2);
    CHECK(contains(done.out, "Gateway: embedded"));
  };
  const auto apply = [&](const std::string& name, std::vector<std::string> words = {}) {
    words.insert(words.begin(), {"apply", "--auto-approve", "--format", "text", "--format", "json=" + name});
    return bench.start(words);
  };
  events("made.ndjson", 0, apply("made.ndjson"));
  events("same.ndjson", 0, apply("same.ndjson"));
  bench.pets({});
  events("refused.ndjson", 4, apply("refused.ndjson"));
  bench.pets({{"/a0", "two"}, {"/new", "one"}});
  bench.folder.write("faults.yaml",
                     "- {method: POST, path: '**/openapi/async-import', nth: 1, action: partial_failure}\n");
  bench.folder.write("sluice.yaml", manifest({"pets"}, "gateway: {provider: embedded, faults: faults.yaml}\n"));
  events("partial.ndjson", 3, apply("partial.ndjson", {"--max-deletes", "20"}));
  bench.pets({{"/a0", "three"}, {"/new", "three"}});
  bench.folder.write("faults.yaml", "- {method: POST, path: '**/openapi/async-import', nth: 1, action: stuck}\n");
  auto slow = apply("interrupted.ndjson", {"--max-deletes", "20"});
  REQUIRE(slow->wait_for("Digest: "));
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  slow->send_signal(SIGINT);
  events("interrupted.ndjson", 130, std::move(slow));
  bench.folder.write("pets.json", "{");
  const Finished broken = bench.apply({"--format", "text", "--format", "json=broken.ndjson"});
  CHECK(broken.code == 1);
  const Finished done = validated(
      bench, "events",
      {"made.ndjson", "same.ndjson", "refused.ndjson", "partial.ndjson", "interrupted.ndjson", "broken.ndjson"}, false);
  INFO(done.out << done.err);
  CHECK(done.code == 0);
}

TEST_CASE("a saved plan is as the schema says, with more in it") {
  const Bench bench;
  REQUIRE(bench.run({"plan", "--out", "plan.json"}).code == 0);
  const Finished done = validated(bench, "plan", {"plan.json"}, false);
  INFO(done.out << done.err);
  CHECK(done.code == 0);
}

TEST_CASE("manifests are as their schema says") {
  const Bench bench;
  std::vector<std::string> files = {"sluice.yaml"};
  for (const auto& entry : std::filesystem::directory_iterator(std::string(SLUICE_SOURCE_DIR) + "/examples")) {
    const std::string file = (entry.path() / "sluice.yaml").string();
    if (std::filesystem::exists(file)) files.push_back(file);
  }
  REQUIRE(files.size() >= 3);
  bench.run({"init", "starter"});
  files.emplace_back("starter/sluice.yaml");
  const Finished good = validated(bench, "manifest", files, false);
  INFO(good.out << good.err);
  CHECK(good.code == 0);
  for (const char* bad : {"version: 2\ngroups: []\n", "version: 1\ngroup: []\n", "version: 1\ngroups: [{name: abc}]\n",
                          "version: 1\ngroups: [{name: abc, swagger: a.yaml, enviroments: [X]}]\n",
                          "version: 1\ngateway: {provider: aws}\ngroups: []\n",
                          "version: 1\ngroups: [{name: abc, swagger: a.yaml, operations: {backend: {adress: x}}}]\n",
                          "version: 1\ngroups: [{name: abc, swagger: a.yaml, prune: some}]\n"}) {
    INFO(bad);
    bench.folder.write("bad.yaml", bad);
    CHECK(validated(bench, "manifest", {"bad.yaml"}, false).code == 1);
    CHECK(bench.run({"validate", "-f", "bad.yaml"}).code == 2);
  }
}

TEST_CASE("completion knows the commands and flags that help knows") {
  const Bench bench;
  const auto completions = [&](const std::string& line) {
    bench.folder.write("ask.sh",
                       "source ./sluice.bash\nCOMP_WORDS=(" + line +
                           ")\nCOMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n_sluice\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n");
    const Finished done = Process(bench.folder.path(), {"/bin/bash", "ask.sh"}).wait();
    CHECK(done.err.empty());
    return " " + [&] {
      std::string words = done.out;
      std::replace(words.begin(), words.end(), '\n', ' ');
      return words;
    }();
  };
  bench.folder.write("sluice.bash", bench.run({"completion", "bash"}).out);
  CHECK(contains(completions("sluice ''"), " plan "));
  CHECK(completions("sluice dri") == " drift ");
  CHECK(completions("sluice schema ''").starts_with(" manifest plan events "));
  CHECK(completions("sluice state s") == " show ");
  CHECK(completions("sluice plan --on-d") == " --on-drift ");
  CHECK(completions("sluice plan --on-drift ''") == " revert keep fail ");
  CHECK(completions("sluice plan --format m") == " markdown ");
  CHECK(completions("sluice import --format ''") == " text json ");
  CHECK(completions("sluice state list --form") == " --format ");
  CHECK(contains(completions("sluice plan -f p"), " pets.json "));
  const std::string help = bench.run({"help", "plan"}).out;
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const std::string script = bench.run({"completion", shell}).out;
    std::istringstream lines(help);
    for (std::string line; std::getline(lines, line);) {
      const std::size_t flag = line.find("--");
      if (flag == std::string::npos || contains(line, "not built yet")) continue;
      const std::string name = line.substr(flag + 2, line.find_first_of(" :", flag) - flag - 2);
      INFO(shell << " " << name);
      CHECK((contains(script, "--" + name) || contains(script, "-l " + name + " ")));
    }
  }
}

TEST_CASE("fish completes by the script that it is given") {
  const Bench bench;
  bench.folder.write("sluice.fish", bench.run({"completion", "fish"}).out);
  bench.folder.write("ask.fish",
                     "source sluice.fish\ncomplete -C 'sluice plan --on-drift '\ncomplete -C 'sluice dri'\n");
  const Finished done =
      Process(bench.folder.path(), {"/usr/bin/fish", "ask.fish"}, {{"HOME", bench.folder.path()}}).wait();
  INFO(done.err);
  for (const char* line : {"fail\t", "keep\t", "revert\t", "drift\t"}) CHECK(contains(done.out, line));
}

TEST_CASE("each completion script is one that its shell reads") {
  const Bench bench;
  for (const auto& [shell, option] : std::initializer_list<std::pair<std::string, std::string>>{
           {"bash", "-n"}, {"zsh", "-n"}, {"fish", "--no-execute"}}) {
    const std::string program = "/usr/bin/" + shell;
    INFO(shell);
    REQUIRE(std::filesystem::exists(program));
    bench.folder.write("script." + shell, bench.run({"completion", shell}).out);
    const Finished read =
        Process(bench.folder.path(), {program, option, "script." + shell}, {{"HOME", bench.folder.path()}}).wait();
    INFO(read.err);
    CHECK(read.code == 0);
    CHECK(read.err.empty());
  }
}

}  // namespace
}  // namespace sluice::test
