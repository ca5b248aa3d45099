// Each command, however it ends, in each format: the exit code is the same, stdout is of that kind, and a report that
// goes to a file is there before the exit.
#include <filesystem>

#include "tests/cli/bench.h"

namespace sluice::test {
namespace {

enum class State { Clean, Changes, Breaking, Broken, TooManyDeletes, Faulty, Slow };

const std::vector<std::string> kReports = {"text", "json", "markdown", "html", "sarif", "github"};
const std::vector<std::string> kFindings = {"text", "json", "sarif", "github"};
const std::vector<std::string> kPlain = {"text", "json"};

void write_manifest(const Bench& bench, const std::string& gateway) {
  bench.folder.write("sluice.yaml", manifest({"pets"}, "gateway: {provider: embedded" + gateway + "}\n"));
}

/// Twelve APIs that were applied and imported, and what happened since.
void prepare(const Bench& bench, State state) {
  Operations operations = many(12);
  bench.pets(operations);
  bench.applied();
  REQUIRE(bench.run({"plan", "--out", "saved.plan"}).code == 0);
  operations[0].description = "two";
  operations.push_back({"/new", "one"});
  if (state == State::Changes || state == State::Faulty || state == State::Slow) bench.pets(operations);
  if (state == State::Breaking) bench.pets(many(11));
  if (state == State::TooManyDeletes) bench.pets({{"/new", "one"}});
  if (state == State::Broken) bench.folder.write("pets.json", "{");
  if (state == State::Faulty) {
    bench.folder.write("faults.yaml",
                       "- {method: POST, path: '**/openapi/async-import', nth: 1, action: partial_failure}\n");
    write_manifest(bench, ", faults: faults.yaml");
  }
  if (state == State::Slow) write_manifest(bench, ", latency: 60s");
  if (state == State::Broken || state == State::Slow) return;
  const Finished saved = bench.run({"plan", "--out", "saved.plan"});
  REQUIRE((saved.code == 0 || saved.code == 4));
}

struct Cell {
  std::vector<std::string> command;
  State state;
  int code;
  const std::vector<std::string>& formats;
  bool silent = false;  ///< text says it on stderr only
};

const std::vector<Cell>& cells() {
  static const std::vector<std::string> kApply = {"apply", "--auto-approve"};
  static const std::vector<Cell> all = {
      {{"plan", "--detailed-exitcode"}, State::Clean, 0, kReports},
      {{"plan", "--detailed-exitcode"}, State::Changes, 2, kReports},
      {{"plan"}, State::Changes, 0, kReports},
      {{"plan", "--fail-on", "breaking"}, State::Breaking, 6, kReports},
      {{"plan"}, State::TooManyDeletes, 4, kReports},
      {{"plan"}, State::Broken, 1, kReports, true},
      {{"plan"}, State::Slow, 130, kReports, true},
      {{"show", "saved.plan"}, State::Clean, 0, kReports},
      {{"show", "saved.plan"}, State::Changes, 0, kReports},
      {{"show", "saved.plan"}, State::TooManyDeletes, 0, kReports},
      {{"show", "pets.json"}, State::Clean, 1, kReports, true},
      {{"drift"}, State::Clean, 0, kReports},
      {{"drift"}, State::Slow, 130, kReports, true},
      {kApply, State::Clean, 0, kReports},
      {kApply, State::Changes, 0, kReports},
      {kApply, State::Faulty, 3, kReports},
      {kApply, State::TooManyDeletes, 4, kReports},
      {{"apply", "--auto-approve", "--fail-on", "breaking"}, State::Breaking, 6, kReports},
      {{"apply"}, State::Changes, 4, kReports},
      {kApply, State::Broken, 1, kReports, true},
      {kApply, State::Slow, 130, kReports, true},
      {{"apply", "saved.plan"}, State::Changes, 0, kReports},
      {{"apply", "saved.plan"}, State::TooManyDeletes, 4, kReports},
      {{"validate"}, State::Clean, 0, kFindings},
      {{"validate"}, State::Broken, 2, kFindings},
      {{"render"}, State::Clean, 0, kPlain},
      {{"render"}, State::Broken, 1, kPlain, true},
      {{"import", "**"}, State::Clean, 0, kPlain, true},  // all of it is owned already
      {{"import", "api.nobody[\"GET /a\"]"}, State::Clean, 1, kPlain, true},
      {{"import", "**"}, State::Slow, 130, kPlain, true},
      {{"state", "list"}, State::Clean, 0, kPlain},
      {{"state", "show", "api.pets[\"GET /none\"]"}, State::Clean, 1, kPlain, true},
  };
  return all;
}

bool is_apply(const Cell& cell) { return cell.command.front() == "apply"; }

/// Runs it in a copy of `bench`'s folder; a slow gateway's command is interrupted.
Finished run_in_copy(const Bench& bench, const Cell& cell, const std::vector<std::string>& formats,
                     const TempFolder& copy) {
  std::filesystem::copy(bench.folder.path(), copy.path(),
                        std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
  std::vector<std::string> words = {SLUICE_BINARY};
  words.insert(words.end(), cell.command.begin(), cell.command.end());
  for (const std::string& format : formats) words.insert(words.end(), {"--format", format});
  Process process(copy.path(), words);
  if (cell.state == State::Slow) {
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    process.send_signal(SIGINT);
  }
  return process.wait();
}

/// Whether a text is what the format writes.
bool is_of(const Cell& cell, const std::string& format, const std::string& text) {
  const bool reports = &cell.formats == &kReports;
  if (format == "markdown") return text.starts_with("<!-- sluice:") && contains(text, "### Sluice: ");
  if (format == "html") return text.starts_with("<!DOCTYPE html>") && contains(text, "</html>");
  if (format == "sarif") return json_of(text).text("version") == "2.1.0";
  if (format == "github") return text.empty() || text.starts_with("::");
  if (format == "text") return reports ? contains(text, "Gateway: ") : !text.starts_with("{\n  \"valid\"");
  if (is_apply(cell)) return text.starts_with(R"({"type":"version")") && contains(text, R"("type":"apply_complete")");
  return json_of(text).is_object();
}

TEST_CASE("every command ends alike in every format, and its reports are there before it does") {
  std::map<State, std::unique_ptr<Bench>> benches;
  for (const Cell& cell : cells()) {
    auto& bench = benches[cell.state];
    if (!bench) {
      bench = std::make_unique<Bench>();
      prepare(*bench, cell.state);
    }
    std::string name;
    for (const std::string& word : cell.command) name += word + " ";
    INFO(name << "in state " << static_cast<int>(cell.state));
    const bool has_report = cell.command.front() != "import" && cell.command.front() != "state" &&
                            !(cell.command.front() == "render" && cell.code != 0) &&
                            !(cell.command.front() == "show" && cell.code != 0);
    for (const std::string& format : cell.formats) {
      INFO(format);
      const TempFolder copy;
      const Finished done = run_in_copy(*bench, cell, {format}, copy);
      INFO(done.out << done.err);
      CHECK(done.code == cell.code);
      if (cell.code != 0 && cell.code != 2 && cell.code != 3) CHECK_FALSE(done.err.empty());
      if (format == "text" && cell.silent) CHECK(done.out.empty());
      if (format == "text" && !cell.silent) CHECK(is_of(cell, format, done.out));
      if (format != "text" && (has_report || cell.code == 0)) CHECK(is_of(cell, format, done.out));
      if (format != "text" && !has_report && cell.code != 0) CHECK(done.out.empty());
    }
    if (&cell.formats != &kReports || !has_report) continue;
    std::vector<std::string> files;
    for (const std::string& format : cell.formats) {
      if (format != "text") files.push_back(format + "=report." + format);
    }
    const TempFolder copy;
    const Finished done = run_in_copy(*bench, cell, files, copy);
    INFO(done.out << done.err);
    CHECK(done.code == cell.code);
    for (const std::string& format : cell.formats) {
      INFO(format << " in a file");
      if (format != "text") CHECK(is_of(cell, format, copy.read("report." + format)));
    }
  }
}

TEST_CASE("an apply writes its events and its reports beside the text that a person reads") {
  const Bench bench;
  const Finished done =
      bench.apply({"--format", "text", "--format", "json=events.ndjson", "--format", "markdown=plan.md"});
  INFO(done.err);
  REQUIRE(done.code == 0);
  CHECK(contains(done.out, "Plan: 3 to add, 0 to change, 0 to destroy."));
  CHECK(contains(done.out, "Apply complete! Resources: 3 added"));
  CHECK(contains(done.err, "pets: import (merge): done"));
  CHECK(contains(bench.folder.read("plan.md"), "### Sluice: 3 to add, 0 to change, 0 to destroy"));
  const auto events = events_of({done.code, bench.folder.read("events.ndjson"), ""});
  CHECK(events_of_type(events, "outcome").size() == 3);
  CHECK(at(events.back(), "summary/added") == Value(3));

  REQUIRE(bench.apply({"--format", "json=events.ndjson"}).code == 0);  // an earlier run's may be written over
  CHECK(events_of_type(events_of({0, bench.folder.read("events.ndjson"), ""}), "outcome").empty());
  const Finished report = bench.apply({"--format", "markdown"});
  CHECK(report.out.starts_with("<!-- sluice:"));
  CHECK_FALSE(contains(report.out, "Apply complete"));
}

TEST_CASE("nothing that an apply needs is written over by its reports") {
  const Bench bench;
  REQUIRE(bench.run({"plan", "--out", "p.plan"}).code == 0);
  const auto refuses = [&](const std::vector<std::string>& words, const std::string& file) {
    const std::string before = bench.folder.read(file);
    const Finished done = bench.run(words);
    INFO(done.out << done.err);
    CHECK(done.code == 1);
    CHECK(contains(done.err, "name another"));
    CHECK(bench.folder.read(file) == before);
  };
  refuses({"apply", "--auto-approve", "--format", "json=sluice.yaml"}, "sluice.yaml");
  refuses({"apply", "--auto-approve", "--format", "markdown=pets.json"}, "pets.json");
  refuses({"apply", "p.plan", "--format", "markdown=p.plan"}, "p.plan");
  refuses({"apply", "p.plan", "--format", "json=p.plan"}, "p.plan");
  refuses({"show", "p.plan", "--format", "html=p.plan"}, "p.plan");
  bench.applied();
  refuses({"drift", "--format", "markdown=sluice.yaml"}, "sluice.yaml");
}

TEST_CASE("the man page has every command and flag of the help, and roff has nothing to say against it") {
  const Bench bench;
  const Finished page = bench.run({"man"});
  REQUIRE(page.code == 0);
  bench.folder.write("sluice.1", page.out);
  Process process(bench.folder.path(), {"/usr/bin/groff", "-man", "-Tascii", "-P-cbou", "-ww", "sluice.1"},
                  {{"PATH", "/usr/bin:/bin"}});
  const Finished shown = process.wait();
  CHECK(shown.code == 0);
  CHECK(shown.err.empty());
  std::istringstream help(bench.run({"help"}).out);
  std::size_t commands = 0;
  for (std::string line; std::getline(help, line);) {
    if (!line.starts_with("  ") || contains(line, "(not built yet)")) continue;
    std::istringstream words(line);
    std::string name;
    words >> name;
    INFO(line);
    CHECK(contains(shown.out, "sluice " + name));
    ++commands;
  }
  CHECK(commands > 10);
  for (const char* word :
       {"--detailed-exitcode", "--max-deletes N", "--format KIND[=FILE]", "SLUICE_TOKEN", "EXIT STATUS"})
    CHECK(contains(shown.out, word));
}

}  // namespace
}  // namespace sluice::test
