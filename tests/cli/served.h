// The embedded gateway as a server of its own, and manifests that name it.
#pragma once

#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/StreamCopier.h>

#include "tests/cli/bench.h"

namespace sluice::test {

class Served {
 public:
  /// `flags` are more of `gateway serve`.
  explicit Served(const std::string& latency = "0s", const std::vector<std::string>& flags = {})
      : process_(folder_.path(), words(latency, flags)) {
    REQUIRE(process_.wait_for("Stop it"));
    const std::string said = process_.out();
    const std::string host = "http://127.0.0.1:";
    port_ = static_cast<unsigned short>(std::stoi(said.substr(said.find(host) + host.size())));
  }

  std::string endpoint() const { return "http://127.0.0.1:" + std::to_string(port_); }
  std::string gateway_block(const std::string& project = "p1") const {
    return "gateway: {provider: apig, endpoint: '" + endpoint() + "', project_id: " + project + ", instance_id: i1}\n";
  }
  /// A raw request; its answer's body.
  Value ask(const std::string& method, const std::string& path, const std::string& body = "",
            const std::string& project = "p1") const {
    Poco::Net::HTTPClientSession session("127.0.0.1", port_);
    Poco::Net::HTTPRequest request(method, "/v2/" + project + "/apigw/instances/i1" + path,
                                   Poco::Net::HTTPMessage::HTTP_1_1);
    request.setContentType("application/json");
    request.setContentLength64(static_cast<Poco::Int64>(body.size()));
    session.sendRequest(request) << body << std::flush;
    Poco::Net::HTTPResponse response;
    std::string text;
    Poco::StreamCopier::copyToString(session.receiveResponse(response), text);
    INFO(text);
    REQUIRE(response.getStatus() / 100 == 2);
    return text.empty() ? Value() : json_of(text);
  }
  Finished stop() {
    process_.send_signal(SIGTERM);
    return process_.wait();
  }
  std::string data() const { return folder_.read("gateway.db"); }

 private:
  static std::vector<std::string> words(const std::string& latency, const std::vector<std::string>& flags) {
    std::vector<std::string> words = {SLUICE_BINARY, "gateway",    "serve",     "--listen", "127.0.0.1:0",
                                      "--data",      "gateway.db", "--latency", latency};
    words.insert(words.end(), flags.begin(), flags.end());
    return words;
  }

  TempFolder folder_;
  Process process_;
  unsigned short port_ = 0;
};

/// A bench whose manifest names a served gateway.
struct ServedBench : Bench {
  explicit ServedBench(const Served& served, const std::vector<std::string>& groups = {"pets"}) {
    folder.write("sluice.yaml", manifest(groups, served.gateway_block()));
    for (const std::string& group : groups) folder.write(group + ".json", swagger({{"/a", "one"}, {"/b/{id}", "two"}}));
  }
};

}  // namespace sluice::test
