// Golden files: what a rendering was, compared with what it is.
#pragma once

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

namespace sluice::test {

/// Compares `text` with tests/golden/NAME; with SLUICE_ACCEPT=1 in the environment, writes it there instead.
inline void check_golden(const std::string& name, const std::string& text) {
  const std::string path = std::string(SLUICE_SOURCE_DIR "/tests/golden/") + name;
  const char* accept = std::getenv("SLUICE_ACCEPT");
  if (accept != nullptr && std::string_view(accept) == "1") {
    std::ofstream(path, std::ios::binary) << text;
    return;
  }
  std::ifstream file(path, std::ios::binary);
  INFO("SLUICE_ACCEPT=1 rewrites tests/golden/" << name);
  REQUIRE(file);
  std::stringstream expected;
  expected << file.rdbuf();
  CHECK(text == expected.str());
}

}  // namespace sluice::test
