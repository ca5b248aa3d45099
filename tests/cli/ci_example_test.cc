// The scripts of examples/ci, as a pipeline runs them.
#include "tests/cli/bench.h"

namespace sluice::test {
namespace {

namespace fs = std::filesystem;

struct Pipeline {
  Pipeline() {
    fs::copy(fs::path(SLUICE_SOURCE_DIR) / "examples/ci", bench.folder / "ci", fs::copy_options::recursive);
    fs::create_directory(bench.folder / "bin");
    fs::create_symlink(SLUICE_BINARY, bench.folder / "bin/sluice");
  }
  Finished run(const std::string& script, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words = {"/bin/sh", "ci/" + script};
    words.insert(words.end(), more.begin(), more.end());
    return Process(bench.folder.path(), words,
                   {{"PATH", (bench.folder / "bin") + ":/usr/bin:/bin"}, {"GITHUB_REPOSITORY", "us/apis"}})
        .wait();
  }
  Bench bench;
};

TEST_CASE("the scripts of the pipeline plan, apply what was approved, and find drift") {
  const Pipeline pipeline;
  const Bench& bench = pipeline.bench;
  const Finished planned = pipeline.run("plan.sh");
  INFO(planned.out + planned.err);
  REQUIRE(planned.code == 0);
  for (const char* file : {"plan.json", "report.json", "plan.md", "plan.html", "plan.sarif"})
    CHECK_FALSE(bench.folder.read("reports/" + std::string(file)).empty());
  CHECK(bench.folder.read("reports/digest") ==
        std::string(json_of(bench.folder.read("reports/report.json")).text("digest")) + "\n");

  // Another plan than the one that was approved is not applied.
  const std::string approved = bench.folder.read("reports/digest");
  bench.folder.write("reports/digest", "sha256:0\n");
  CHECK(pipeline.run("apply.sh").code == 4);
  bench.folder.write("reports/digest", approved);
  const Finished applied = pipeline.run("apply.sh");
  INFO(applied.out + applied.err);
  REQUIRE(applied.code == 0);
  CHECK(pipeline.run("apply.sh").code == 0);

  const Finished nothing = pipeline.run("plan.sh");
  CHECK(nothing.code == 0);
  CHECK(contains(nothing.out, "Nothing to change."));
  CHECK(pipeline.run("drift.sh").code == 0);
  bench.changed_behind_the_back({{"/a", "by hand"}, {"/b/{id}", "two"}});
  CHECK(pipeline.run("drift.sh").code == 2);
  CHECK(contains(bench.folder.read("reports/drift.md"), "<!-- sluice:drift:"));
}

TEST_CASE("a plan that is refused leaves its reports and its exit code") {
  const Pipeline pipeline;
  pipeline.bench.applied();
  pipeline.bench.pets({});
  const Finished planned = pipeline.run("plan.sh");
  CHECK(planned.code == 4);
  CHECK_FALSE(pipeline.bench.folder.read("reports/plan.md").empty());
  pipeline.bench.folder.write("pets.json", "{");
  CHECK(pipeline.run("plan.sh").code == 1);
}

TEST_CASE("the comment of an earlier run is written over") {
  const Pipeline pipeline;
  const Bench& bench = pipeline.bench;
  bench.folder.write("bin/gh",
                     "#!/bin/sh\nprintf '%s\\n' \"$*\" >>calls\ncase $* in *--paginate*) cat earlier ;; esac\n");
  fs::permissions(bench.folder / "bin/gh", fs::perms::owner_all);
  REQUIRE(pipeline.run("plan.sh").code == 0);
  bench.folder.write("earlier", "");
  REQUIRE(pipeline.run("comment.sh", {"7"}).code == 0);
  CHECK(contains(bench.folder.read("calls"), "-X POST repos/us/apis/issues/7/comments -F body=@reports/plan.md"));
  CHECK(contains(bench.folder.read("calls"), "startswith(\"<!-- sluice:plan:"));
  bench.folder.write("earlier", "42\n43\n");
  REQUIRE(pipeline.run("comment.sh", {"7"}).code == 0);
  CHECK(contains(bench.folder.read("calls"), "-X PATCH repos/us/apis/issues/comments/42 -F body=@reports/plan.md"));
}

TEST_CASE("the pipeline files are YAML that names scripts which exist") {
  for (const char* file : {"github/sluice.yml", "gitlab-ci.yml"}) {
    const std::string path = std::string(SLUICE_SOURCE_DIR) + "/examples/ci/" + file;
    const Finished read = Process("/tmp", {"/usr/bin/python3", "-c",
                                           "import sys, yaml; text = open(sys.argv[1]).read(); yaml.safe_load(text); "
                                           "print(text)",
                                           path})
                              .wait();
    INFO(file << read.err);
    REQUIRE(read.code == 0);
    std::size_t scripts = 0;
    for (auto at = read.out.find("sh ci/"); at != std::string::npos; at = read.out.find("sh ci/", at + 1)) {
      const std::string script = read.out.substr(at + 6, read.out.find(".sh", at) + 3 - at - 6);
      INFO(script);
      CHECK(fs::exists(std::string(SLUICE_SOURCE_DIR) + "/examples/ci/" + script));
      ++scripts;
    }
    CHECK(scripts >= 3);
  }
}

}  // namespace
}  // namespace sluice::test
