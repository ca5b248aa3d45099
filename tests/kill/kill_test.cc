// The real program, killed at its kth write, sync, rename or send, or with a disk that fails there: a sample of all k,
// or all of them by night. The gateway is another process and stays.
#include <algorithm>
#include <set>

#include "tests/cli/served.h"
#include "tests/kill/shimmed.h"

using namespace sluice;
using namespace sluice::test;

namespace {

constexpr int kOperations = 60;
constexpr std::size_t kSideBySide = 4;

long sample_size(long otherwise) {
  const char* given = std::getenv("SLUICE_KILLS");
  return given == nullptr ? otherwise : std::strtol(given, nullptr, 10);
}

/// From 1 to `most`: all by night, else so many, the first and the last among them.
std::vector<long> moments(long most, long sample) {
  std::vector<long> all;
  const bool every = std::getenv("SLUICE_NIGHTLY") != nullptr || sample >= most;
  for (long i = 0; i < (every ? most : sample); ++i) all.push_back(every ? i + 1 : 1 + i * (most - 1) / (sample - 1));
  return all;
}

/// A Swagger file of 60 operations, some of which another version has otherwise, and a response.
std::string operations(int version) {
  Operations list;
  const int first = version == 1 ? 0 : 8;
  for (int i = first; i < first + kOperations; ++i) {
    const bool changed = version == 2 && i < 40;
    list.push_back({"/a" + std::to_string(i) + (i % 3 == 0 ? "/{id}" : ""), changed ? "changed" : "one"});
  }
  std::string text = swagger(list);
  text.insert(1, R"("x-apigateway-responses": {"shared": {"THROTTLED": {"status": 429, "body": "{}"}}}, )");
  return text;
}

/// A project of its own on a gateway that many share: groups, policies and all.
class Project {
 public:
  Project(const Served& served, std::string name) : served_(served), name_(std::move(name)) {
    bench.folder.write("sluice.yaml", manifest({"pets"}, served.gateway_block(name_)));
    write(1);
  }
  void write(int version) const { bench.folder.write("pets.json", operations(version)); }

  /// Every operation is there once, published, and nothing else.
  void holds(int version) const {
    const Value groups = served_.ask("GET", "/api-groups?limit=500", "", name_);
    REQUIRE(at(groups, "groups").items().size() == 1);
    const std::string id(at(groups, "groups/0/id").as_string());
    const Value apis = served_.ask("GET", "/apis?limit=500&group_id=" + id, "", name_);
    std::set<std::string> paths;
    for (const Value& api : at(apis, "apis").items()) {
      paths.insert(std::string(api.text("req_uri")));
      CHECK(api.text("run_env_name") == "RELEASE");
      if (version == 2 && api.text("req_uri") == "/a25") CHECK(api.text("remark") == "changed");
    }
    CHECK(at(apis, "apis").items().size() == kOperations);
    CHECK(paths.size() == kOperations);
  }
  std::size_t groups() const {
    return at(served_.ask("GET", "/api-groups?limit=500", "", name_), "groups").items().size();
  }
  std::string state_folder() const { return bench.folder / ".sluice"; }

  Bench bench;
  std::unique_ptr<Process> process;
  long k = 0;

 private:
  const Served& served_;
  std::string name_;
};

using Projects = std::vector<std::unique_ptr<Project>>;

const std::vector<std::string> kApply = {"apply", "--auto-approve"};

/// One more apply ends well and makes what was wanted, whatever came before.
void expect_convergence(const Projects& projects, int version) {
  for (const auto& project : projects) project->process = project->bench.start({"state", "list"});
  for (const auto& project : projects) {
    const Finished listed = project->process->wait();
    INFO("k = " << project->k << "\n" << listed.out << listed.err);
    CHECK((listed.code == 0 || contains(listed.err, "no state")));
  }
  for (const auto& project : projects) project->process = project->bench.start(kApply);
  for (const auto& project : projects) {
    const Finished done = project->process->wait();
    INFO("k = " << project->k << "\n" << done.out << done.err);
    CHECK(done.code == 0);
    project->holds(version);
  }
  for (const auto& project : projects) project->process = project->bench.start({"plan", "--detailed-exitcode"});
  for (const auto& project : projects) {
    const Finished plan = project->process->wait();
    INFO("k = " << project->k << "\n" << plan.out << plan.err);
    CHECK(plan.code == 0);
  }
}

/// How many calls an apply makes that nothing disturbs; of those below a folder, where one is named.
long count_calls(Project& project, const std::string& below) {
  Process::Variables variables = {{"SLUICE_SHIM_COUNT", project.bench.folder / "calls"}};
  if (!below.empty()) variables.emplace("SLUICE_SHIM_BELOW", below);
  const Finished done = project.bench.run(kApply, shimmed(variables));
  INFO(done.out << done.err);
  REQUIRE(done.code == 0);
  return std::stol(project.bench.folder.read("calls"));
}

/// Calls `play` with projects that are as an apply towards `version` finds them, a few at a time.
void for_each_moment(const Served& served, const std::string& name, int version, const std::vector<long>& ks,
                     const std::function<void(const Projects&)>& play) {
  for (std::size_t first = 0; first < ks.size(); first += kSideBySide) {
    Projects projects;
    for (std::size_t i = first; i < std::min(ks.size(), first + kSideBySide); ++i) {
      projects.push_back(std::make_unique<Project>(served, name + std::to_string(ks[i])));
      projects.back()->k = ks[i];
      if (version == 2) projects.back()->process = projects.back()->bench.start(kApply);
    }
    for (const auto& project : projects) {
      if (version == 1) continue;
      REQUIRE(project->process->wait().code == 0);
      project->write(2);
    }
    play(projects);
  }
}

long calls_towards(const Served& served, int version, const std::string& name, bool disk) {
  Project counted(served, name);
  if (version == 2) {
    REQUIRE(counted.bench.run(kApply).code == 0);
    counted.write(2);
  }
  return count_calls(counted, disk ? counted.state_folder() : "");
}

}  // namespace

TEST_CASE("killed at any write, sync, rename or send: the state is readable, and one more apply makes the rest") {
  const Served served("20ms");
  for (const int version : {1, 2}) {
    for (const std::string what : {"kill", "killed-after"}) {
      const std::string name = (what == "kill" ? "k" : "a") + std::to_string(version) + "x";
      const long calls = calls_towards(served, version, name, false);
      std::size_t killed = 0;
      const auto ks = moments(calls, sample_size(what == "kill" ? 9 : 4));
      for_each_moment(served, name, version, ks, [&](const Projects& projects) {
        for (const auto& project : projects)
          project->process = project->bench.start(kApply, shimmed_at(project->k, what));
        for (const auto& project : projects) killed += project->process->wait().code == 128 + SIGKILL ? 1U : 0U;
        expect_convergence(projects, version);
      });
      WARN(killed << " of " << ks.size() << " applies were killed, of " << calls << " moments");
      CHECK(killed + 3 >= ks.size());  // how often it asks for a task varies a little
    }
  }
}

TEST_CASE(
    "a disk that fails at any write: nothing is sent, or it is said what may have been, and one more apply makes the "
    "rest") {
  const Served served("20ms");
  for (const std::string what : {"enospc", "eio"}) {
    const std::string name = what;
    const long calls = calls_towards(served, 1, name, true);
    const auto ks = moments(calls, sample_size(8));
    std::size_t failed = 0;
    for_each_moment(served, name, 1, ks, [&](const Projects& projects) {
      for (const auto& project : projects) {
        Process::Variables more = {{"SLUICE_SHIM_BELOW", project->state_folder()}};
        if (what == "enospc") more.emplace("SLUICE_SHIM_ON", "yes");
        project->process = project->bench.start(kApply, shimmed_at(project->k, what, more));
      }
      for (const auto& project : projects) {
        const Finished done = project->process->wait();
        INFO(what << " at " << project->k << "\n" << done.out << done.err);
        CHECK((done.code == 0 || done.code == 1 || done.code == 3 || done.code == 5));
        if (done.code == 1) CHECK(project->groups() == 0);
        if (done.code != 0) CHECK((contains(done.err, "state") || contains(done.err, ".sluice")));
        failed += done.code == 0 ? 0U : 1U;
      }
      expect_convergence(projects, 1);
    });
    WARN(failed << " of " << ks.size() << " applies met the failing disk, of " << calls << " moments");
    CHECK(failed > 0);
  }
}
