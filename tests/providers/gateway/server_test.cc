// The gateway over a real socket.
#include "providers/gateway/server.h"

#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/StreamCopier.h>

#include "tests/providers/gateway/bench.h"

using namespace sluice;
using namespace sluice::gateway::test;
namespace net = Poco::Net;

namespace {

struct Served : Bench {
  Served() {
    auto started = gateway::Server::start(*gateway, "127.0.0.1:0");
    REQUIRE(started);
    server = std::move(*started);
    session.setHost("127.0.0.1");
    session.setPort(net::SocketAddress(server->address()).port());
    session.setKeepAlive(true);
  }

  Answer ask(const std::string& method, const std::string& path, const std::string& body, bool chunked = false) {
    net::HTTPRequest request(method, std::string(kBase) + path, net::HTTPMessage::HTTP_1_1);
    if (chunked) {
      request.setChunkedTransferEncoding(true);
    } else if (!body.empty()) {
      request.setContentLength64(static_cast<Poco::Int64>(body.size()));
    }
    session.sendRequest(request) << body << std::flush;
    net::HTTPResponse response;
    std::string text;
    Poco::StreamCopier::copyToString(session.receiveResponse(response), text);
    auto parsed = parse_json(text);
    return {response.getStatus(), text, parsed ? *parsed : Value()};
  }

  /// Sends bytes as they are and reads until the server closes.
  std::string raw(const std::string& bytes) const {
    net::StreamSocket socket{net::SocketAddress(server->address())};
    socket.sendBytes(bytes.data(), static_cast<int>(bytes.size()));
    socket.setReceiveTimeout(Poco::Timespan(5, 0));
    std::string out;
    char buffer[4096];
    for (int got = 1; got > 0;) {
      got = socket.receiveBytes(buffer, sizeof buffer);
      out.append(buffer, static_cast<std::size_t>(std::max(got, 0)));
    }
    return out;
  }

  std::unique_ptr<gateway::Server> server;
  net::HTTPClientSession session;
};

}  // namespace

TEST_CASE("requests go over one connection and come back as handled") {
  Served bench;
  const Answer made = bench.ask("POST", "/api-groups", R"({"name":"served"})");
  CHECK(made.status == 201);
  CHECK(made.body.text("name") == "served");
  const auto first = bench.session.socket().impl();
  const std::string path = "/api-groups/" + std::string(made.body.text("id"));
  CHECK(bench.ask("GET", path, "").body == made.body);
  CHECK(bench.ask("PUT", path, R"({"name":"renamed"})", true).body.text("name") == "renamed");
  CHECK(bench.ask("DELETE", path, "").status == 204);
  CHECK(bench.ask("GET", path, "").status == 404);
  CHECK(bench.session.socket().impl() == first);
  CHECK(bench.gateway->requests_handled() == 5);
}

TEST_CASE("a body beyond the limit is refused unread") {
  Served bench;
  const std::string answer = bench.raw("POST " + std::string(kBase) +
                                       "/api-groups HTTP/1.1\r\nHost: x\r\n"
                                       "Content-Length: 99999999999\r\n\r\n");
  CHECK(answer.find("413") != std::string::npos);
  CHECK(answer.find("APIG.3603") != std::string::npos);
  CHECK(bench.gateway->requests_handled() == 0);
}

TEST_CASE("bytes that are no HTTP leave the server at work") {
  Served bench;
  bench.raw("\x16\x03\x01 garbage\r\n\r\n");
  CHECK(bench.ask("GET", "/envs", "").status == 200);
}

TEST_CASE("a stopped server takes no more requests, and an address that is none is refused") {
  Served bench;
  const std::string address = bench.server->address();
  CHECK(bench.ask("GET", "/envs", "").status == 200);
  bench.server->stop();
  bench.server->stop();
  CHECK_THROWS(net::StreamSocket(net::SocketAddress(address)));
  CHECK_FALSE(gateway::Server::start(*bench.gateway, "nonsense"));
  Served other;
  const auto taken = gateway::Server::start(*bench.gateway, other.server->address());
  REQUIRE_FALSE(taken);
  CHECK(taken.error().kind == ErrorKind::Unavailable);
}
