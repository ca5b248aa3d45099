// Gateways that hide their drafts, are not there, or say nothing: what a person sees of it, and how soon.
#include <future>

#include "tests/cli/served.h"
#include "tests/providers/http/fault_server.h"

using namespace sluice;
using namespace sluice::test;

namespace {

std::string block(const std::string& endpoint) {
  return "gateway: {provider: apig, endpoint: '" + endpoint + "', project_id: p1, instance_id: i1}\n";
}

/// A bench whose manifest names this endpoint.
struct Lost : Bench {
  explicit Lost(const std::string& endpoint) {
    folder.write("sluice.yaml", manifest({"pets"}, block(endpoint)));
    folder.write("pets.json", swagger({{"/a", "one"}}));
  }
};

std::chrono::milliseconds since(std::chrono::steady_clock::time_point began) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
}

}  // namespace

TEST_CASE("an edited draft is drift on a gateway whose exports hide it, and is put back") {
  for (const std::string quirk : {"dev=unpublished", "dev_definition=runtime"}) {
    INFO(quirk);
    const Served served("0s", {"--quirk", quirk});
    const ServedBench bench(served);
    CHECK(bench.run({"apply", "--auto-approve"}).code == 0);
    CHECK(bench.run({"plan", "--detailed-exitcode"}).code == 0);
    CHECK(bench.run({"drift"}).code == 0);

    const Value listed = served.ask("GET", "/apis?req_uri=/a&precise_search=req_uri");
    const std::string id(at(listed, "apis/0/id").as_string());
    Value definition = served.ask("GET", "/apis/" + id);
    definition.set("remark", "Edited by hand").set("cors", true);
    served.ask("PUT", "/apis/" + id, write_json(definition));

    const Finished drift = bench.run({"drift"});
    INFO(drift.out + drift.err);
    CHECK(drift.code == 2);
    CHECK(contains(drift.out, "Edited by hand"));
    CHECK(contains(drift.out, "x-apigateway-cors"));
    CHECK(bench.run({"plan", "--detailed-exitcode"}).code == 2);
    CHECK(bench.run({"apply", "--auto-approve", "--on-drift", "revert"}).code == 0);
    CHECK(bench.run({"plan", "--detailed-exitcode"}).code == 0);
    CHECK(bench.run({"drift"}).code == 0);
    CHECK(served.ask("GET", "/apis/" + id).text("remark") != "Edited by hand");
  }
}

TEST_CASE("a gateway that is not there is told within two seconds, with what to check") {
  std::string refused;
  {
    const testing::FaultServer gone([](testing::Peer&) {});
    refused = gone.url();
  }
  const Lost bench(refused);
  for (const std::vector<std::string>& words : {std::vector<std::string>{"plan"}, {"apply", "--auto-approve"}}) {
    const auto began = std::chrono::steady_clock::now();
    const Finished done = bench.run(words);
    INFO(words[0] << "\n" << done.out << done.err);
    CHECK(done.code == 1);
    CHECK(contains(done.err, "refused the connection; check the endpoint"));
    CHECK(since(began) < std::chrono::seconds(3));
  }
}

TEST_CASE("an apply that reached no gateway does not keep the state from the right one") {
  const Served served;
  const Lost bench("http://127.0.0.1:1");
  CHECK(bench.run({"apply", "--auto-approve"}).code == 1);
  bench.folder.write("sluice.yaml", manifest({"pets"}, served.gateway_block()));
  CHECK(bench.run({"plan"}).code == 0);
  bench.applied();
  bench.converged();
  bench.folder.write("sluice.yaml", manifest({"pets"}, block("http://127.0.0.1:1")));
  const Finished other = bench.run({"apply", "--auto-approve"});
  CHECK(other.code == 4);
  CHECK(contains(other.err, "The state belongs to apig at " + served.endpoint()));
}

TEST_CASE("a signal ends a run at once whose gateway says nothing") {
  std::promise<void> over;
  testing::FaultServer silent([done = over.get_future().share()](testing::Peer& peer) {
    peer.read_request();
    done.wait();
  });
  const Lost bench(silent.url());
  for (const std::vector<std::string>& words : {std::vector<std::string>{"plan"}, {"apply", "--auto-approve"}}) {
    const int before = silent.connections();
    const auto process = bench.start(words);
    while (silent.connections() == before) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    process->send_signal(SIGINT);
    const auto began = std::chrono::steady_clock::now();
    const Finished done = process->wait();
    INFO(words[0] << "\n" << done.out << done.err);
    CHECK(done.code == 130);
    CHECK(since(began) < std::chrono::seconds(5));
  }
  over.set_value();
}
