// Every example runs as written.
#include <filesystem>

#include "tests/cli/bench.h"

using namespace sluice;
using namespace sluice::test;

namespace fs = std::filesystem;

TEST_CASE("every example with a manifest applies as written, and plans to nothing then") {
  int examples = 0;
  for (const auto& example : fs::directory_iterator(fs::path(SLUICE_SOURCE_DIR) / "examples")) {
    if (!fs::exists(example.path() / "sluice.yaml")) continue;
    ++examples;
    DYNAMIC_SECTION(example.path().filename().string()) {
      const Bench bench;
      fs::copy(example.path(), bench.folder.path(), fs::copy_options::overwrite_existing);
      bench.applied();
      bench.converged();
    }
  }
  CHECK(examples >= 2);
}
