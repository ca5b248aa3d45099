// Every cell of the grid: played here by the real program against a gateway that goes wrong, or by a test that is
// named. `test_grid report -s` prints the grid.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <thread>

#include "tests/cli/bench.h"
#include "tests/grid/grid.h"
#include "tests/kill/shimmed.h"

using namespace sluice::test;

namespace {

constexpr std::size_t kLanes = 3;

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
  return text;
}

std::string swagger_file(bool changed) {
  Operations operations = {{"/a", changed ? "changed" : "one"}, {"/b/{id}", "two"}};
  if (changed) operations.push_back({"/c", "new"});
  return swagger(operations);
}

/// A gateway on one port and a user's folder, both as they are before the command of a cell: one plan is applied, and
/// the next one saved. Copied for each cell.
class Lane {
 public:
  Lane() {
    auto gateway = serve(template_.path(), "0", {});
    const std::string said = gateway->out();
    const std::string host = "http://127.0.0.1:";
    port_ = std::to_string(std::stoi(said.substr(said.find(host) + host.size())));
    template_.write("user/sluice.yaml",
                    manifest({"pets"}, "gateway: {provider: apig, endpoint: '" + host + port_ +
                                           "', project_id: p1, instance_id: i1, credentials: {command: [./token]}}\n"));
    template_.write("user/token", "#!/bin/sh\necho '{\"token\": \"t\"}'\n");
    std::filesystem::permissions(template_ / "user/token", std::filesystem::perms::owner_all);
    template_.write("user/pets.json", swagger_file(false));
    must({"apply", "--auto-approve"});
    template_.write("user/pets.json", swagger_file(true));
    must({"plan", "--out", "plan.json"});
    gateway->send_signal(SIGTERM);
    gateway->wait();
    gateway.reset();
    count_calls();
  }

  /// What is wrong with how a cell goes; "" when nothing is.
  std::string play(const Live& cell) {
    TempFolder folder;
    copy(folder);
    std::vector<std::string> flags;
    if (!cell.rule.empty()) {
      folder.write("faults.yaml", "[" + replaced(replaced(cell.rule, "$POLL", poll_), "$LOOK", look_) + "]");
      flags = {"--faults", "faults.yaml"};
    }
    if (cell.by_hand == "no instance") {
      folder.write("instances.yaml",
                   "projects: [{id: p1, name: p}]\ninstances: [{id: other, project_id: p1, name: other}]\n");
      flags = {"--instances", "instances.yaml"};
    }
    Finished done;
    {
      const auto gateway = serve(folder.path(), port_, flags);
      Process::Variables variables = {{"USER", "alice"}, {"PATH", "/usr/bin:/bin"}};
      if (cell.by_hand == "full disk") {
        variables = shimmed_at(1, "enospc", variables);
        variables.emplace("SLUICE_SHIM_BELOW", folder / "user");
        variables.emplace("SLUICE_SHIM_ON", "yes");
      }
      Process process(folder / "user", words(cell.words), variables);
      if (cell.signal_after > 0) {
        std::this_thread::sleep_for(std::chrono::milliseconds(cell.signal_after));
        process.send_signal(SIGINT);
      }
      done = process.wait(std::chrono::seconds(60));
      stop(*gateway);
    }
    const std::string told = "\n" + done.out + done.err;
    if (std::find(cell.codes.begin(), cell.codes.end(), done.code) == cell.codes.end())
      return fmt::format("it ends with {}, and not with one of {}{}", done.code, fmt::join(cell.codes, ", "), told);
    if (done.code != 0 && done.err.find("sluice") == std::string::npos && done.err.find(": ") == std::string::npos)
      return "it does not say what went wrong" + told;
    const auto gateway = serve(folder.path(), port_, {});
    const std::string left = after(folder, cell, done.code);
    stop(*gateway);
    return left.empty() ? left : left + told;
  }

 private:
  static std::vector<std::string> words(std::vector<std::string> words) {
    words.insert(words.begin(), SLUICE_BINARY);
    return words;
  }

  std::unique_ptr<Process> serve(const std::string& folder, const std::string& port,
                                 const std::vector<std::string>& flags) {
    std::vector<std::string> all = words({"gateway", "serve", "--listen", "127.0.0.1:" + port, "--data", "gateway.db"});
    all.insert(all.end(), flags.begin(), flags.end());
    auto process = std::make_unique<Process>(folder, all);
    if (!process->wait_for("Stop it")) std::fprintf(stderr, "a gateway does not start: %s\n", process->err().c_str());
    return process;
  }

  static void stop(Process& gateway) {
    gateway.send_signal(SIGTERM);
    gateway.wait();
  }

  Finished run(const std::string& folder, const std::vector<std::string>& command) const {
    Process process(folder, words(command), {{"USER", "alice"}, {"PATH", "/usr/bin:/bin"}});
    return process.wait(std::chrono::seconds(60));
  }

  void must(const std::vector<std::string>& command) const {
    const Finished done = run(template_ / "user", command);
    if (done.code != 0) std::fprintf(stderr, "the lane cannot be laid: %s%s\n", done.out.c_str(), done.err.c_str());
  }

  void copy(const TempFolder& to) const {
    std::filesystem::copy(template_.path(), to.path(), std::filesystem::copy_options::recursive);
  }

  /// Which of its polls an apply makes after the first import, and which of its exports after the last change.
  void count_calls() {
    TempFolder folder;
    copy(folder);
    const auto gateway = serve(folder.path(), port_, {});
    const Finished done = run(folder / "user", {"apply", "plan.json", "--log-level", "debug"});
    stop(*gateway);
    std::istringstream lines(done.err);
    int polls = 0;
    int exports = 0;
    bool sent = false;
    for (std::string line; std::getline(lines, line);) {
      const auto has = [&](const char* text) { return line.find(text) != std::string::npos; };
      if (!has("debug: ")) continue;
      if (has("GET /v2") && has("/async-tasks/")) {
        ++polls;
        if (sent && poll_.empty()) poll_ = std::to_string(polls);
      }
      if (has("/openapi/async-export")) {
        ++exports;
        if (sent && look_.empty()) look_ = std::to_string(exports);
      }
      sent = sent || has("/openapi/async-import");
    }
  }

  std::string after(const TempFolder& folder, const Live& cell, int code) const {
    const std::string user = folder / "user";
    const bool plans = cell.words[0] == "plan";
    const bool unsent = code == 1 || code == 4 || plans;
    if (unsent && cell.fault != "target deleted" && cell.fault != "live changed") {
      const Finished again = run(user, {"plan", "--format", "json"});
      if (again.out.find("\"create\":1,\"update\":1") == std::string::npos &&
          again.out.find("\"create\": 1, \"update\": 1") == std::string::npos &&
          again.out.find("\"create\": 1") == std::string::npos)
        return "something was sent\n" + again.out + again.err;
    }
    if (!cell.settles) {
      const Finished again = run(user, {"apply", "--auto-approve", "--timeout", "1s"});
      return again.code == 5 ? ""
                             : fmt::format("another apply ends with {}, and not with 5\n{}", again.code, again.err);
    }
    const Finished again = run(user, {"apply", "--auto-approve", "--on-drift", "revert"});
    if (again.code != 0) return fmt::format("another apply ends with {}\n{}{}", again.code, again.out, again.err);
    const Finished plan = run(user, {"plan", "--detailed-exitcode"});
    if (plan.code != 0) return fmt::format("something is left to do\n{}{}", plan.out, plan.err);
    const Finished drift = run(user, {"drift"});
    return drift.code == 0 ? "" : fmt::format("something has drifted\n{}{}", drift.out, drift.err);
  }

  TempFolder template_;
  std::string port_;
  std::string poll_;
  std::string look_;
};

std::string name_of(const Live& cell) { return cell.step + ": " + cell.fault; }

/// Whether a cell's test is there; nothing when its file is not.
std::optional<bool> is_there(const Cell& cell) {
  std::ifstream in(std::string(SLUICE_SOURCE_DIR) + "/tests/" + cell.file);
  if (!in) return std::nullopt;
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  return text.find("\"" + cell.test) != std::string::npos;
}

bool is_live(const std::string& fault, std::string_view step) {
  static const std::vector<Live> cells = live_cells();
  return std::any_of(cells.begin(), cells.end(),
                     [&](const Live& cell) { return cell.fault == fault && cell.step == step; });
}

}  // namespace

TEST_CASE("each cell of the grid that is played here goes as it should") {
  std::vector<Live> cells = live_cells();
  if (const char* only = std::getenv("SLUICE_CELL"))
    std::erase_if(cells, [&](const Live& cell) { return name_of(cell).find(only) == std::string::npos; });
  std::vector<std::string> wrong(cells.size());
  std::atomic<std::size_t> next{0};
  std::vector<std::jthread> lanes;
  for (std::size_t i = 0; i < std::min(kLanes, cells.size()); ++i) {
    lanes.emplace_back([&] {
      Lane lane;
      for (std::size_t at = next++; at < cells.size(); at = next++) wrong[at] = lane.play(cells[at]);
    });
  }
  lanes.clear();
  for (std::size_t i = 0; i < cells.size(); ++i) {
    INFO(name_of(cells[i]) << "\n" << cells[i].rule << "\n" << wrong[i]);
    CHECK(wrong[i].empty());
  }
}

TEST_CASE("each cell of the grid is played, or names the test that plays it") {
  const auto faults = rows();
  for (const Row& row : faults) {
    INFO(row.fault);
    REQUIRE(row.cells.size() == std::size(kSteps));
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
      const Cell& cell = row.cells[i];
      if (cell.file.empty()) continue;
      INFO(kSteps[i] << ": " << cell.file << ", " << cell.test);
      const auto there = is_there(cell);
      if (!there) WARN("not here yet: tests/" << cell.file);
      CHECK(there.value_or(true));
    }
  }
  for (const Live& cell : live_cells()) {
    INFO(name_of(cell));
    CHECK(std::any_of(faults.begin(), faults.end(), [&](const Row& row) { return row.fault == cell.fault; }));
  }
}

TEST_CASE("report", "[.]") {
  std::string text = fmt::format("{:24}", "");
  for (const std::string_view step : kSteps) text += fmt::format("{:>4}", step);
  std::vector<std::string> notes;
  for (const Row& row : rows()) {
    text += fmt::format("\n{:24}", row.fault);
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
      const Cell& cell = row.cells[i];
      const bool live = is_live(row.fault, kSteps[i]);
      const bool elsewhere = !cell.file.empty() && is_there(cell).value_or(false);
      text += live ? "   \u2713" : elsewhere ? "   \u2022" : cell.file.empty() ? "   \u2014" : "   ?";
      if (!cell.file.empty())
        notes.push_back(fmt::format("{} {}: tests/{}: {}", kSteps[i], row.fault, cell.file, cell.test));
    }
  }
  text +=
      "\n\n\u2713 played here   \u2022 played by the test named below   \u2014 cannot go wrong there   ? its test is "
      "not here\n";
  for (std::size_t i = 0; i < std::size(kSteps); ++i) text += fmt::format("{:>4} {}\n", kSteps[i], kStepWords[i]);
  for (const std::string& note : notes) text += note + "\n";
  std::fputs(text.c_str(), stdout);
}
