// Who asks, and how politely: credentials of every kind, what is told of them (nothing), and waiting that can be ended.
#include <filesystem>

#include "tests/cli/served.h"
#include "tests/providers/http/fault_server.h"

using namespace sluice;
using namespace sluice::test;
using sluice::testing::FaultServer;
using sluice::testing::Peer;

namespace {

/// IAM that knows everybody, and a gateway that refuses everybody and quotes what it was sent.
class QuotingServer {
 public:
  std::string url() const { return server_.url(); }
  std::string block(const std::string& more = "") const {
    return "gateway: {provider: apig, endpoint: '" + url() + "', project_id: p1, instance_id: i1" + more + "}\n";
  }

 private:
  static std::string json_text(const std::string& text) {
    std::string result;
    for (const char c : text)
      result += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c == '\r' || c == '\n' ? '|' : c);
    return result;
  }
  static void serve(Peer& peer) {
    for (std::string request = peer.read_request(); !request.empty(); request = peer.read_request()) {
      const std::string body = request.starts_with("POST /v3/auth/tokens")
                                   ? R"({"token": {"expires_at": "2099-01-02T15:04:05.000000Z"}})"
                                   : R"({"error_code": "APIGW.0301", "error_msg": "Incorrect IAM authentication: )" +
                                         json_text(request) + R"("})";
      const std::string status = request.starts_with("POST /v3/")
                                     ? "201 Created\r\nX-Subject-Token: canary-5e7ab1e-id-issued"
                                     : "401 Unauthorized";
      peer.write("HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    }
  }

  FaultServer server_{serve};
};

/// Each way to say who one is, all with secrets that hold the canary.
std::vector<std::pair<std::string, Process::Variables>> identities(const std::string& iam) {
  return {{"token", {{"SLUICE_TOKEN", "canary-5e7ab1e-id/token=="}}},
          {"key",
           {{"SLUICE_ACCESS_KEY", "AK-canary-5e7ab1e-id"},
            {"SLUICE_SECRET_KEY", "SK-canary-5e7ab1e-id"},
            {"SLUICE_SECURITY_TOKEN", "ST/canary-5e7ab1e-id"}}},
          {"key of the cloud's tools",
           {{"HW_ACCESS_KEY", "AK-canary-5e7ab1e-id"}, {"HW_SECRET_KEY", "SK-canary-5e7ab1e-id"}}},
          {"login",
           {{"OS_USERNAME", "alice"},
            {"OS_PASSWORD", "pw-canary-5e7ab1e-id"},
            {"OS_DOMAIN_NAME", "acme"},
            {"OS_AUTH_URL", iam + "/v3"}}}};
}

void no_canary(const Bench& bench, const Finished& done) {
  INFO(done.out);
  INFO(done.err);
  CHECK_FALSE(contains(done.out, kCanary));
  CHECK_FALSE(contains(done.err, kCanary));
  for (const std::string& file : bench.folder.files()) {
    INFO(file);
    CHECK((file == "get-token" || !contains(bench.folder.read(file), kCanary)));
  }
}

void write_command(const Bench& bench, const std::string& text) {
  bench.folder.write("get-token", "#!/bin/sh\n" + text);
  std::filesystem::permissions(bench.folder / "get-token", std::filesystem::perms::owner_all);
}

}  // namespace

TEST_CASE("no secret appears anywhere, at the most talkative level, when all goes well") {
  const QuotingServer iam;
  for (const auto& [name, variables] : identities(iam.url())) {
    INFO(name);
    const Served served;
    const ServedBench bench(served);
    const Finished plan = bench.run({"plan", "--log-level", "trace", "--out", "p.plan"}, variables);
    CHECK(plan.code == 0);
    CHECK(contains(plan.err, " debug: GET /v2/p1/apigw/instances/i1/api-groups?"));
    CHECK(contains(plan.err, name == "token" || name == "login" ? "X-Auth-Token: *** (" : "Authorization: *** ("));
    no_canary(bench, plan);
    const Finished apply = bench.run({"apply", "p.plan", "--log-level=trace", "--log-format=json"}, variables);
    CHECK(apply.code == 0);
    no_canary(bench, apply);
    CHECK_FALSE(contains(served.data(), kCanary));
  }
}

TEST_CASE("no secret appears anywhere when the gateway refuses and quotes what it was sent") {
  const QuotingServer server;
  for (const auto& [name, variables] : identities(server.url())) {
    INFO(name);
    const Bench bench;
    bench.folder.write("sluice.yaml", manifest({"pets"}, server.block()));
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"plan", "--log-level", "trace"}, {"apply", "--auto-approve", "--format", "json"}}) {
      const Finished done = bench.run(words, variables);
      CHECK(done.code == 1);
      CHECK(contains(done.err + done.out, "APIGW.0301"));
      no_canary(bench, done);
    }
  }
}

TEST_CASE("a command of the manifest brings the credential, and is asked again when it is refused") {
  const QuotingServer server;
  const Bench bench;
  bench.folder.write("sluice.yaml", manifest({"pets"}, server.block(", credentials: {command: [./get-token]}")));
  write_command(bench, "echo >> calls\necho '{\"token\": \"canary-5e7ab1e-id-from-command\"}'");
  const Finished done = bench.run({"plan", "--log-level", "trace"});
  CHECK(done.code == 1);
  CHECK(contains(done.err, "APIGW.0301"));
  CHECK(bench.folder.read("calls") == "\n\n");
  no_canary(bench, done);
  write_command(bench, "echo canary-5e7ab1e-id; exit 7");
  const Finished failed = bench.run({"plan"});
  CHECK(failed.code == 1);
  CHECK(contains(failed.err, "Error: the command ./get-token ended with code 7: run it by hand to see why."));
  no_canary(bench, failed);
  const Finished refused =
      bench.run({"plan", "--untrusted", "--endpoint", server.url(), "--state", "s.db"}, {{"SLUICE_TOKEN", "t"}});
  CHECK(refused.code == 4);
  CHECK(contains(refused.err, "--untrusted runs none"));
}

TEST_CASE("half of a pair of credentials is an error that names the other half") {
  const Served served;
  const ServedBench bench(served);
  const Finished done = bench.run({"plan"}, {{"SLUICE_ACCESS_KEY", kCanary}});
  CHECK(done.code == 1);
  CHECK(contains(done.err, "Error: SLUICE_ACCESS_KEY is set and SLUICE_SECRET_KEY is not"));
  no_canary(bench, done);
}

TEST_CASE("a stranger's manifest is planned with what the command line says") {
  const Served served;
  const ServedBench bench(served);
  bench.applied();
  const std::string elsewhere =
      "gateway: {provider: apig, endpoint: 'https://elsewhere.invalid', project_id: p1, instance_id: i1}\n";
  bench.folder.write("sluice.yaml", manifest({"pets"}, elsewhere));
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"plan", "--untrusted", "--endpoint", served.endpoint()},
        {"state", "list", "--untrusted"}}) {
    const Finished refused = bench.run(words, {{"SLUICE_TOKEN", "t"}});
    CHECK(refused.code == 4);
    CHECK(contains(refused.err, "say --state FILE"));
  }
  CHECK(bench.run({"plan", "--untrusted", "--state", ".sluice/state.db"}, {{"SLUICE_TOKEN", "t"}}).code == 4);
  const std::vector<std::string> words = {"plan",    "--untrusted",      "--endpoint",         served.endpoint(),
                                          "--state", ".sluice/state.db", "--detailed-exitcode"};
  const Finished done = bench.run(words, {{"SLUICE_TOKEN", "t"}});
  INFO(done.out + done.err);
  CHECK(done.code == 0);
  bench.folder.write("sluice.yaml", manifest({"pets"}, elsewhere) + "    owner: ${HOME_SECRET}\n");
  const Finished expanded = bench.run(words, {{"SLUICE_TOKEN", "t"}, {"HOME_SECRET", kCanary}});
  CHECK(expanded.code == 1);
  CHECK(contains(expanded.err, "The variable HOME_SECRET is not set."));
  CHECK_FALSE(contains(expanded.err + expanded.out, kCanary));
}

TEST_CASE("--insecure is said aloud, even quietly") {
  const Served served;
  const ServedBench bench(served);
  const Finished done = bench.run({"plan", "--insecure", "-q"});
  CHECK(done.code == 0);
  CHECK(done.err.starts_with("WARNING: --insecure: certificates are not checked."));
}

TEST_CASE("requests can be watched without disturbing what a script reads") {
  const Served served;
  const ServedBench bench(served);
  const Finished quiet = bench.run({"plan", "--format", "json"});
  CHECK(quiet.err.empty());
  const Finished done = bench.run({"plan", "--format", "json", "--log-level", "debug", "--log-format", "json"});
  CHECK(done.code == 0);
  CHECK(json_of(done.out).find("digest") != nullptr);
  std::istringstream lines(done.err);
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    const Value record = json_of(line);
    CHECK(record.text("level") == "debug");
    CHECK(record.text("status") == "200");
    CHECK(record.find("milliseconds") != nullptr);
  }
  CHECK(count >= 2);
  CHECK(bench.run({"plan", "--log-level", "loud"}).code == 64);
  CHECK(bench.run({"plan"}, {{"SLUICE_LOG_LEVEL", "loud"}}).code == 64);
}

TEST_CASE("a run that waits because the gateway is busy can be interrupted, and ends by its deadline") {
  const FaultServer busy([](Peer& peer) {
    while (!peer.read_request().empty()) {
      peer.write(
          "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 100\r\nContent-Length: 27\r\n\r\n"
          R"({"error_code": "APIG.0308"})");
    }
  });
  const Bench bench;
  bench.folder.write("sluice.yaml", manifest({"pets"}, "gateway: {provider: apig, endpoint: '" + busy.url() +
                                                           "', project_id: p1, instance_id: i1}\n"));
  const auto begin = std::chrono::steady_clock::now();
  const auto waiting = bench.start({"plan"});
  REQUIRE(waiting->wait_for("is sent again in 100000 ms, as the service asked"));
  waiting->send_signal(SIGINT);
  CHECK(waiting->wait().code == 130);
  const Finished late = bench.run({"plan", "--deadline", "3s"});
  INFO(late.err);
  CHECK(late.code == 1);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(20));
}

TEST_CASE("a gateway that never answers does not hold a run beyond its deadline") {
  const FaultServer silent([](Peer& peer) {
    while (!peer.read_request().empty()) {
    }
  });
  const Bench bench;
  bench.folder.write("sluice.yaml", manifest({"pets"}, "gateway: {provider: apig, endpoint: '" + silent.url() +
                                                           "', project_id: p1, instance_id: i1}\n"));
  const auto begin = std::chrono::steady_clock::now();
  const Finished done = bench.run({"plan", "--deadline", "1s"});
  INFO(done.err);
  CHECK(done.code == 1);
  CHECK(contains(done.err, "--deadline 1s has passed"));
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(10));
}
