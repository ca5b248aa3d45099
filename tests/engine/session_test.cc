// Manifests and their files as they lie in folders: globs, included files, variables.
#include "engine/session.h"

#include <catch2/catch.hpp>
#include <filesystem>

#include "engine/file_patterns.h"
#include "engine/files.h"
#include "tests/support/temp_folder.h"

namespace sluice {
namespace {

namespace fs = std::filesystem;

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

/// A folder with a manifest.
class Project {
 public:
  std::string path(const std::string& name) const { return folder_ / name; }
  void write(const std::string& name, const std::string& text) const {
    REQUIRE(make_parent_folder(path(name)));
    REQUIRE(write_file(path(name), text));
  }

  /// Names seen from the folder.
  std::string named(const std::string& pattern) const {
    const auto files = files_named(path("sluice.yaml"), pattern);
    if (!files) return files.error().message;
    std::string text;
    for (const std::string& file : *files) text += fs::path(file).lexically_relative(path("")).string() + ";";
    return text;
  }

  Parsed<Manifest> load(std::map<std::string, std::vector<std::string>> flags = {},
                        const Environment& environment = {}) const {
    Invocation invocation;
    invocation.command = "plan";
    invocation.flags = std::move(flags);
    invocation.flags["file"] = {path("sluice.yaml")};
    return load_manifest(invocation, environment);
  }

  /// The findings, with places seen from the folder.
  std::string findings(const Diagnostics& diagnostics) const {
    std::string text;
    for (const Diagnostic& diagnostic : diagnostics) {
      text += to_string(diagnostic.at) + ": " + diagnostic.code + ": " + diagnostic.summary + " " + diagnostic.detail +
              "\n";
    }
    for (auto at = text.find(path("")); at != std::string::npos; at = text.find(path(""), at)) {
      text.erase(at, path("").size());
    }
    return text;
  }

 private:
  test::TempFolder folder_;
};

const std::string kPets =
    "swagger: '2.0'\ninfo: {title: t, version: '1'}\npaths:\n  /pets: {get: {operationId: listPets}}\n";
const std::string kGroup =
    "version: 1\ngroups:\n  - name: pets\n    swagger: pets.yaml\n    operations: {auth: none, backend: {type: "
    "MOCK}}\n";

TEST_CASE("a glob names files below its manifest, sorted, and nothing else") {
  const Project project;
  for (const std::string name : {"b.yaml", "a.yaml", "a.json", "x/c.yaml", "x/y/d.yaml", "x/ä.yaml", ".hidden/e.yaml",
                                 ".f.yaml", "sluice.yaml"}) {
    project.write(name, "");
  }
  fs::create_directory(project.path("folder.yaml"));
  CHECK(project.named("*.yaml") == "a.yaml;b.yaml;");
  CHECK(project.named("./*.yaml") == "a.yaml;b.yaml;");
  CHECK(project.named("**/*.yaml") == "a.yaml;b.yaml;x/c.yaml;x/y/d.yaml;x/ä.yaml;");
  CHECK(project.named("?.*") == "a.json;a.yaml;b.yaml;");
  CHECK(project.named("x/?.yaml") == "x/c.yaml;x/ä.yaml;");
  CHECK(project.named("x/**") == "x/c.yaml;x/y/d.yaml;x/ä.yaml;");
  CHECK(project.named("**/y/*") == "x/y/d.yaml;");
  CHECK(project.named(".hidden/*.yaml") == ".hidden/e.yaml;");
  CHECK(project.named("**/**/d.yaml") == "x/y/d.yaml;");
  CHECK(project.named("b.yaml") == "b.yaml;");
  CHECK(project.named("none.yaml") == "none.yaml;");  // a path: reading it says what is wrong
  CHECK(project.named("*.yml") == "The glob \"*.yml\" matches no file.");
  CHECK(project.named("nowhere/*.yaml") == "The glob \"nowhere/*.yaml\" matches no file.");
  CHECK(project.named("../*.yaml") ==
        "The glob \"../*.yaml\" leaves the folder of the manifest, which globs never do.");
  CHECK(contains(project.named("/*.yaml"), "is not relative to the manifest"));
}

TEST_CASE("a glob does not leave the manifest's folder through links") {
  const Project outside;
  outside.write("secret.yaml", "");
  const Project project;
  project.write("real/a.yaml", "");
  fs::create_directory_symlink(outside.path(""), project.path("out"));
  fs::create_symlink(outside.path("secret.yaml"), project.path("link.yaml"));
  fs::create_directory_symlink(project.path("real"), project.path("in"));
  fs::create_directory_symlink(project.path(""), project.path("circle"));
  CHECK(project.named("*.yaml") == "The glob \"*.yaml\" matches no file.");
  CHECK(project.named("out/*.yaml") == "The glob \"out/*.yaml\" matches no file.");
  CHECK(project.named("in/*.yaml") == "in/a.yaml;");
  CHECK(project.named("**/*.yaml") == "real/a.yaml;");
}

TEST_CASE("a group's files are sorted and read once; what cannot be found is told at its place") {
  const Project project;
  project.write("pets.yaml", kPets);
  project.write("toys.yaml", kPets);
  project.write("sluice.yaml", "version: 1\ngroups:\n  - name: pets\n    swagger: [toys.yaml, '*s.yaml', pets.yaml]\n");
  auto manifest = project.load();
  REQUIRE(manifest.value);
  Diagnostics diagnostics;
  const auto files = swagger_files(manifest.value->groups[0], diagnostics);
  CHECK(diagnostics.empty());
  REQUIRE(files.size() == 2);
  CHECK(files[0].text == project.path("pets.yaml"));
  CHECK(files[1].text == project.path("toys.yaml"));
  project.write("sluice.yaml", "version: 1\ngroups:\n  - name: pets\n    swagger: ['*.json', ../*.yaml, gone.yaml]\n");
  manifest = project.load();
  REQUIRE(manifest.value);
  const auto loaded = load_groups(*manifest.value);
  CHECK_FALSE(loaded.value);
  CHECK(project.findings(loaded.diagnostics) ==
        "sluice.yaml:4:15: glob-nothing: The glob \"*.json\" matches no file. Correct it; paths are relative to the "
        "file that names them.\n"
        "sluice.yaml:4:25: glob-outside: The glob \"../*.yaml\" leaves the folder of the manifest, which globs never "
        "do. Name files below the folder of the file that names them, or give a plain path.\n"
        "sluice.yaml:4:36: file-unreadable: Cannot read gone.yaml: No such file or directory. Correct the path, or "
        "create the file.\n");
}

TEST_CASE("included files name their files from where they are") {
  const Project project;
  project.write("sluice.yaml",
                "version: 1\ninclude: ['teams/*.yaml']\ndefaults: {operations: {auth: none, backend: "
                "{type: MOCK}}}\n");
  project.write("teams/a.yaml", "groups: [{name: aaa, swagger: files/a.yaml}]\ninclude: more/b.yaml\n");
  project.write("teams/more/b.yaml", "groups: [{name: bbb, swagger: ../files/a.yaml}]\n");
  project.write("teams/files/a.yaml", kPets);
  const auto manifest = project.load();
  INFO(project.findings(manifest.diagnostics));
  REQUIRE(manifest.value);
  CHECK(manifest.value->files == std::vector<std::string>{project.path("sluice.yaml"), project.path("teams/a.yaml"),
                                                          project.path("teams/more/b.yaml")});
  const auto loaded = load_groups(*manifest.value);
  INFO(project.findings(loaded.diagnostics));
  REQUIRE(loaded.value);
  CHECK(loaded.value->groups.size() == 2);
  CHECK(loaded.value->files ==
        std::vector<std::string>{project.path("teams/files/a.yaml"), project.path("teams/files/a.yaml")});
}

TEST_CASE("a file that is included twice, in a circle or not there is told") {
  const Project project;
  project.write("sluice.yaml", "version: 1\ninclude: [a.yaml, b.yaml]\n");
  project.write("a.yaml", "include: [b.yaml]\n");
  project.write("b.yaml", "include: [a.yaml]\n");
  CHECK(project.findings(project.load().diagnostics) ==
        "b.yaml:1:11: include-cycle: The file includes itself: a.yaml -> b.yaml -> a.yaml. Take one of them out.\n"
        "sluice.yaml:2:19: include-twice: b.yaml is included twice. It is also included at a.yaml:1:11; take one of "
        "them out.\n");
  project.write("b.yaml", "include: [sluice.yaml]\n");
  project.write("sluice.yaml", "version: 1\ninclude: [a.yaml]\n");
  CHECK(contains(project.findings(project.load().diagnostics),
                 "b.yaml:1:11: include-cycle: The file includes itself: sluice.yaml -> a.yaml -> b.yaml -> "
                 "sluice.yaml."));
  project.write("sluice.yaml", "version: 1\ninclude: [sluice.yaml]\n");
  CHECK(contains(project.findings(project.load().diagnostics),
                 "sluice.yaml:2:11: include-cycle: The file includes itself: sluice.yaml -> sluice.yaml."));
  project.write("sluice.yaml", "version: 1\ninclude: ['c*.yaml', gone.yaml]\n");
  CHECK(project.findings(project.load().diagnostics) ==
        "sluice.yaml:2:11: glob-nothing: The glob \"c*.yaml\" matches no file. Correct it; paths are relative to the "
        "file that names them.\n"
        "sluice.yaml:2:22: file-unreadable: Cannot read gone.yaml: No such file or directory. Correct the path, or "
        "create the file.\n");
}

TEST_CASE("--var wins over --var-file, the last file over the first, all over the environment") {
  const Project project;
  project.write("sluice.yaml", kGroup + "    owner: ${A}-${B}-${C}-${D:-d}\n");
  project.write("one.env", "A=one\nB=one\nC=one\n");
  project.write("two.yaml", "A: two\nB: two\n");
  const auto loaded =
      project.load({{"var", {"A=var"}}, {"var-file", {project.path("one.env"), project.path("two.yaml")}}},
                   {{"A", "env"}, {"B", "env"}, {"C", "env"}, {"D", "env"}});
  REQUIRE(loaded.value);
  CHECK(loaded.value->groups[0].owner == "var-two-one-env");
  CHECK(contains(project.findings(project.load({{"var-file", {project.path("gone")}}}).diagnostics),
                 "gone: file-unreadable: Cannot read gone: No such file or directory."));
  CHECK(contains(project.findings(project.load({{"var", {"A"}}}).diagnostics), "--var A is not NAME=VALUE."));
}

}  // namespace
}  // namespace sluice
