// A client that shares nothing with this project but the service's documents, against the served gateway.
#include <filesystem>

#include "tests/cli/served.h"

using namespace sluice;
using namespace sluice::test;

TEST_CASE("a client written from the service's documents finds the gateway as they say") {
  if (!std::filesystem::exists("/usr/bin/python3")) {
    WARN("python3 is not installed: the client was not run");
    return;
  }
  const TempFolder folder;
  folder.write("credentials.yaml",
               "keys: [{access_key: AKEXAMPLE, secret_key: SKEXAMPLE}]\n"
               "users: [{name: ann, password: example, domain: D1, projects: [eu-de]}]\n");
  const Served served("20ms", {"--credentials", folder.path() + "/credentials.yaml"});
  const std::string script = SLUICE_SOURCE_DIR "/tests/cli/reference_client.py";
  const std::string address = served.endpoint().substr(std::string_view("http://").size());
  Process client(folder.path(),
                 {"/usr/bin/python3", script, address, "ann", "example", "D1", "eu-de", "AKEXAMPLE", "SKEXAMPLE"});
  const Finished finished = client.wait();
  INFO(finished.out << finished.err);
  CHECK(finished.code == 0);
  CHECK(finished.out == "The gateway answers as documented.\n");
}
