// As many operations as real files have, and more than one group takes.
#include "tests/cli/served.h"

using namespace sluice;
using namespace sluice::test;

namespace {

/// A manifest with two groups that split one file at /a600, by their paths.
std::string split_manifest() {
  std::string text = "version: 1\ngroups:\n";
  for (const auto& [name, paths] : {std::pair{"first", "[/low/**]"}, std::pair{"second", "[/high/**]"}}) {
    text += std::string("  - name: ") + name + "\n    swagger: all.json\n    select: {paths: " + paths +
            "}\n    operations: {auth: none, backend: {type: HTTP, address: 'b:80', scheme: http}}\n";
  }
  return text;
}

Operations spread(int count) {
  Operations operations;
  for (int i = 0; i < count; ++i) {
    operations.push_back({std::string(i < count / 2 ? "/low/a" : "/high/a") + std::to_string(i), "one"});
  }
  return operations;
}

}  // namespace

TEST_CASE("1,200 operations of one file, split over two groups, converge and send nothing again") {
  const Bench bench;
  bench.folder.write("sluice.yaml", split_manifest());
  bench.folder.write("all.json", swagger(spread(1200)));
  const Value plan = json_of(bench.run({"plan", "--format", "json"}).out);
  CHECK(at(plan, "summary/create") == Value(1202));
  bench.applied();
  bench.converged();
  const Finished again = bench.apply({"--format", "json"});
  CHECK(events_of_type(events_of(again), "step_start").empty());
}

TEST_CASE("more operations than a group takes are an error that says what to do") {
  const Bench bench(many(1001));
  const Finished done = bench.run({"plan"});
  CHECK(done.code == 1);
  CHECK(contains(done.err, "1001 APIs; a gateway takes 1000 in a group"));
  CHECK(contains(done.err, "select"));
  CHECK(bench.apply().code == 1);
  CHECK_FALSE(bench.folder.files().contains(".sluice/gateway.db"));
}
