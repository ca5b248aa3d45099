// The README's session with curl, line by line, against the built binary.
#include <Poco/Net/ServerSocket.h>

#include <filesystem>
#include <fstream>

#include "tests/cli/bench.h"

using namespace sluice;
using namespace sluice::test;

namespace fs = std::filesystem;

namespace {

std::string readme() {
  std::ifstream file(fs::path(SLUICE_SOURCE_DIR) / "README.md");
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// The shell lines under a heading.
std::string lines_under(const std::string& text, const std::string& heading) {
  const std::size_t begin = text.find("\n## " + heading + "\n");
  REQUIRE(begin != std::string::npos);
  const std::string section = text.substr(begin + 1, text.find("\n## ", begin + 1) - begin);
  const std::string fence = "```sh\n";
  std::string out;
  for (std::size_t at = section.find(fence); at != std::string::npos; at = section.find(fence, at)) {
    at += fence.size();
    out += section.substr(at, section.find("```", at) - at);
  }
  return out;
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
  return text;
}

unsigned short free_port() {
  Poco::Net::ServerSocket socket(Poco::Net::SocketAddress("127.0.0.1", 0));
  return socket.address().port();
}

bool is_installed(const std::string& program) {
  return fs::exists("/usr/bin/" + program) || fs::exists("/bin/" + program);
}

}  // namespace

TEST_CASE("the README's session with curl runs as written") {
  if (!is_installed("curl") || !is_installed("openssl")) {
    WARN("curl or openssl is not installed: the session was not run");
    return;
  }
  const TempFolder folder;
  const std::string session = lines_under(readme(), "The gateway by hand");
  REQUIRE(session.find("async-import") != std::string::npos);
  fs::create_symlink(SLUICE_BINARY, fs::path(folder.path()) / "sluice");
  folder.write("session.sh",
               "set -euo pipefail\n" + replaced(session, "127.0.0.1:8080", "127.0.0.1:" + std::to_string(free_port())));
  Process process(folder.path(), {"/bin/bash", "session.sh"}, {{"PATH", folder.path() + ":/usr/bin:/bin"}});
  const Finished finished = process.wait();
  INFO(finished.out << finished.err);
  CHECK(finished.code == 0);
  CHECK(finished.out.find(R"("failure":[])") != std::string::npos);
  CHECK(finished.out.find(R"("task_status":"succeed","task_type":"export_api")") != std::string::npos);
  CHECK(folder.read("exported.yaml").find("operationId: listPets") != std::string::npos);
}
