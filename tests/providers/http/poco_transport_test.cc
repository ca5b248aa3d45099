#include "providers/http/poco_transport.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "tests/providers/http/fault_server.h"
#include "tests/providers/http/test_certificate.h"

namespace sluice {
namespace {

using testing::FaultServer;
using testing::Peer;
using testing::TestCertificate;
using namespace std::chrono_literals;

std::unique_ptr<Transport> transport_to(const Endpoint& endpoint) {
  auto made = connect_to(endpoint);
  REQUIRE(made);
  return *std::move(made);
}

std::unique_ptr<Transport> transport_to(const std::string& url) { return transport_to(Endpoint{url}); }

const HttpRequest kGet{"GET", "/v2/apis?name=hush", {{"X-Auth-Token", "s3cret"}}, ""};
const HttpRequest kPost{"POST", "/v2/import?name=hush", {{"X-Auth-Token", "s3cret"}}, "the body"};

/// Answers every request on a connection with `body`.
void answer_all(Peer& peer, const std::string& body = "ok") {
  while (!peer.read_request().empty()) peer.answer(body);
}

void check_error(const Result<HttpResponse>& result, ErrorKind kind, Effect effect) {
  REQUIRE_FALSE(result);
  const Error& error = result.error();
  INFO(error.message);
  CHECK(error.kind == kind);
  CHECK(error.effect == effect);
  CHECK(error.message.find("/v2/") != std::string::npos);
  CHECK(error.message.find("hush") == std::string::npos);
  CHECK(error.message.find("s3cret") == std::string::npos);
  CHECK(error.message.find('\n') == std::string::npos);
}

TEST_CASE("a request arrives as written and the answer comes back whole") {
  std::promise<std::string> seen;
  FaultServer server([&](Peer& peer) {
    seen.set_value(peer.read_request());
    peer.write(
        "HTTP/1.1 404 Not Found\r\nX-Request-Id: 7\r\nX-Twice: a\r\nX-Twice: b\r\nContent-Length: 4\r\n\r\nnope");
  });
  const auto transport = transport_to(server.url());
  const auto answer = transport->send({"PUT", "/v2/a?b=%20c", {{"X-One", "1"}, {"content-length", "99"}}, "12345"});
  REQUIRE(answer);
  CHECK(answer->status == 404);
  CHECK(answer->body == "nope");
  CHECK(find_header(answer->headers, "x-request-id") == "7");
  CHECK(answer->headers.size() == 4);
  CHECK(seen.get_future().get() ==
        "PUT /v2/a?b=%20c HTTP/1.1\r\nHost: 127.0.0.1:" + server.port() +
            "\r\nX-One: 1\r\nUser-Agent: sluice\r\nAccept-Encoding: gzip\r\nContent-Length: 5\r\n\r\n12345");
}

TEST_CASE("a request without a body announces its length too") {
  std::promise<std::string> seen;
  FaultServer server([&](Peer& peer) {
    seen.set_value(peer.read_request());
    peer.answer("");
  });
  const auto transport = transport_to(server.url());
  CHECK(transport->send({"POST", "/v2/a", {{"host", "gateway"}}, ""}));
  CHECK(seen.get_future().get() ==
        "POST /v2/a HTTP/1.1\r\nhost: gateway\r\nUser-Agent: sluice\r\nAccept-Encoding: gzip\r\nContent-Length: "
        "0\r\n\r\n");
}

TEST_CASE("requests one after the other share a connection") {
  FaultServer server([](Peer& peer) { answer_all(peer); });
  const auto transport = transport_to(server.url());
  for (int i = 0; i < 5; ++i) CHECK(transport->send(kPost)->body == "ok");
  CHECK(server.connections() == 1);
}

TEST_CASE("a connection that the server gives up is not used again") {
  const std::string ending = GENERATE("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
                                      "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", "HTTP/1.1 200 OK\r\n\r\nok",
                                      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok and more than was announced");
  FaultServer server([&](Peer& peer) {
    peer.read_request();
    peer.write(ending);
  });
  const auto transport = transport_to(server.url());
  for (int i = 0; i < 3; ++i) CHECK(transport->send(kPost)->body == "ok");
  CHECK(server.connections() == 3);
}

TEST_CASE("several threads share a transport") {
  FaultServer server([](Peer& peer) { answer_all(peer); });
  const auto transport = transport_to(server.url());
  std::atomic<int> good = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 8; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 25; ++i) good += transport->send(kPost) ? 1 : 0;
      });
    }
  }
  CHECK(good == 200);
  CHECK(server.connections() <= 8);
}

TEST_CASE("a server that is not there has done nothing") {
  std::string url;
  {
    const FaultServer gone([](Peer&) {});
    url = gone.url();
  }
  const auto transport = transport_to(url);
  check_error(transport->send(kPost), ErrorKind::Unavailable, Effect::None);
  CHECK(transport->send(kPost).error().message ==
        "POST /v2/import could not be sent: " + url + " refused the connection; check the endpoint and that it is up");
  check_error(transport_to("https://no..such..host")->send(kPost), ErrorKind::Unavailable, Effect::None);
}

TEST_CASE("a connection that ends before the answer leaves the outcome unknown") {
  FaultServer server([](Peer& peer) { peer.read_request(); });
  const auto transport = transport_to(server.url());
  check_error(transport->send(kPost), ErrorKind::Unavailable, Effect::Unknown);
  CHECK(server.connections() == 1);
  check_error(transport->send(kGet), ErrorKind::Unavailable, Effect::Unknown);
  CHECK(server.connections() == 2);
  CHECK(transport->send(kPost).error().message ==
        "POST /v2/import to " + server.url() +
            ": the connection was closed before an answer came; look whether it took effect before sending it again");
}

TEST_CASE("a connection that was closed while idle is noticed before it is used") {
  FaultServer server([](Peer& peer) {
    peer.read_request();
    peer.answer("ok");
  });
  const auto transport = transport_to(server.url());
  for (int i = 1; i <= 3; ++i) {
    CHECK(transport->send(kPost)->body == "ok");
    std::this_thread::sleep_for(30ms);
    CHECK(server.connections() == i);
  }
}

TEST_CASE("on a reused connection a lost read is repeated once and a lost change never") {
  std::atomic<int> requests = 0;
  FaultServer server([&](Peer& peer) {
    peer.read_request();
    ++requests;
    peer.answer("first of " + std::to_string(peer.number()));
    if (!peer.read_request().empty()) ++requests;
  });
  const auto transport = transport_to(server.url());
  SECTION("read") {
    CHECK(transport->send(kGet)->body == "first of 1");
    CHECK(transport->send(kGet)->body == "first of 2");
    CHECK(requests == 3);
  }
  SECTION("change") {
    CHECK(transport->send(kGet)->body == "first of 1");
    check_error(transport->send(kPost), ErrorKind::Unavailable, Effect::Unknown);
    CHECK(requests == 2);
    CHECK(server.connections() == 1);
  }
}

TEST_CASE("an answer that is cut off is an error, never a short answer") {
  const std::string head = "HTTP/1.1 200 OK\r\n";
  const std::string answer = GENERATE_COPY(
      head + "Content-Length: 10\r\n\r\n12345", head + "Content-Length: 10\r\n\r\n", head + "Content-Len", "HTT",
      head + "Content-Length: ten\r\n\r\n1234567890", head + "Content-Length: -1\r\n\r\n1234567890",
      head + "Transfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n", head + "Transfer-Encoding: chunked\r\n\r\n5\r\n123",
      head + "Transfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n0\r\n", head + "Transfer-Encoding: chunked\r\n\r\n",
      head + "Transfer-Encoding: chunked\r\n\r\nfive\r\n12345\r\n0\r\n\r\n",
      head + "Transfer-Encoding: chunked\r\n\r\n5\r\n1234567\r\n0\r\n\r\n",
      std::string("hello, who is there?\r\n\r\n"));
  FaultServer server([&](Peer& peer) {
    peer.read_request();
    peer.write(answer);
  });
  const auto transport = transport_to(server.url());
  INFO(answer);
  check_error(transport->send(kPost), ErrorKind::Protocol, Effect::Unknown);
}

TEST_CASE("chunks, interim answers and answers without a body are understood") {
  FaultServer server([](Peer& peer) {
    peer.read_request();
    peer.write("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n");
    peer.write(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0A\r\n0123456789\r\n0\r\nT: 1\r\n\r\n");
    peer.read_request();
    peer.write("HTTP/1.1 204 No Content\r\n\r\n");
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 77\r\n\r\n");
    peer.read_request();
    peer.answer("");
  });
  const auto transport = transport_to(server.url());
  CHECK(transport->send(kPost)->body == "abc0123456789");
  CHECK(transport->send(kPost)->status == 204);
  CHECK(transport->send({"HEAD", "/v2/a", {}, ""})->body.empty());
  CHECK(transport->send(kPost)->body.empty());
  CHECK(server.connections() == 1);
}

TEST_CASE("waiting ends") {
  std::promise<void> done;
  auto until_done = done.get_future().share();
  FaultServer server([until_done](Peer& peer) {
    const std::string request = peer.read_head();
    if (request.starts_with("POST /v2/drip")) {
      peer.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
      while (until_done.wait_for(10ms) == std::future_status::timeout) peer.write("x");
    } else {
      until_done.wait();
    }
  });
  const auto begin = std::chrono::steady_clock::now();
  Endpoint endpoint{server.url()};
  endpoint.send_timeout = endpoint.receive_timeout = endpoint.answer_timeout = 150ms;
  const auto transport = transport_to(endpoint);
  SECTION("for the first byte") { check_error(transport->send(kGet), ErrorKind::Timeout, Effect::Unknown); }
  SECTION("for a body that drips") {
    check_error(transport->send({"POST", "/v2/drip", {}, ""}), ErrorKind::Timeout, Effect::Unknown);
  }
  SECTION("for a server that does not read") {
    check_error(transport->send({"POST", "/v2/a", {}, std::string(30'000'000, 'x')}), ErrorKind::Timeout,
                Effect::Unknown);
  }
  CHECK(std::chrono::steady_clock::now() - begin < 3s);
  done.set_value();
}

TEST_CASE("a run that is to end waits for nobody: not for an answer, nor for the rest of one, nor for a slow reader") {
  const std::string half = "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf";
  struct Row {
    std::string name;
    std::string written;  ///< by the server, which then falls silent
    bool reads;           ///< the request
  };
  const Row rows[] = {{"silence", "", true},
                      {"half a head", "HTTP/1.1 200 OK\r\nX-", true},
                      {"half a body", half, true},
                      {"half a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nha", true},
                      {"nobody reads", "", false}};
  for (const Row& row : rows) {
    INFO(row.name);
    std::promise<void> done;
    FaultServer server([&, over = done.get_future().share()](Peer& peer) {
      if (row.reads) peer.read_request();
      peer.write(row.written);
      over.wait();
    });
    const auto began = std::chrono::steady_clock::now();
    const auto ended = [began] { return std::chrono::steady_clock::now() - began > 50ms; };
    auto transport = connect_to(Endpoint{server.url()}, ended);
    REQUIRE(transport);
    HttpRequest request = kPost;
    if (!row.reads) request.body = std::string(std::size_t{64} * 1024 * 1024, 'x');
    const auto result = (*transport)->send(request);
    CHECK(std::chrono::steady_clock::now() - began < 3s);
    check_error(result, ErrorKind::Interrupted, Effect::Unknown);
    done.set_value();
  }
}

TEST_CASE("a run that has ended opens no connection") {
  const Endpoint endpoint{"https://192.0.2.1:9"};  // an address that nobody has
  auto transport = connect_to(endpoint, [] { return true; });
  REQUIRE(transport);
  const auto began = std::chrono::steady_clock::now();
  const auto result = (*transport)->send(kPost);
  REQUIRE_FALSE(result);
  CHECK(result.error().effect == Effect::None);
  CHECK(std::chrono::steady_clock::now() - began < 3s);
}

TEST_CASE("large bodies travel both ways, up to the limit") {
  const std::string large(30'000'000, 'x');
  FaultServer server([&](Peer& peer) {
    for (std::string request = peer.read_request(); !request.empty(); request = peer.read_request()) {
      peer.answer(request.substr(request.find("\r\n\r\n") + 4));
    }
  });
  Endpoint endpoint{server.url()};
  endpoint.body_limit = large.size();
  const auto transport = transport_to(endpoint);
  CHECK(transport->send({"POST", "/v2/a", {}, large})->body == large);
  check_error(transport->send({"POST", "/v2/a", {}, large + "x"}), ErrorKind::Invalid, Effect::Unknown);
}

TEST_CASE("the limit holds for bodies of unknown length") {
  const std::string head = GENERATE("Transfer-Encoding: chunked\r\n\r\n40\r\n", "\r\n");
  FaultServer server([&](Peer& peer) {
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\n" + head + std::string(64, 'x') + "\r\n0\r\n\r\n");
  });
  Endpoint endpoint{server.url()};
  endpoint.body_limit = 63;
  check_error(transport_to(endpoint)->send(kGet), ErrorKind::Invalid, Effect::Unknown);
}

TEST_CASE("an answer that comes before the whole request was read is not lost") {
  FaultServer server([](Peer& peer) {
    peer.read_head();
    peer.write("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig");
  });
  const auto transport = transport_to(server.url());
  const auto answer = transport->send({"POST", "/v2/a", {}, std::string(30'000'000, 'x')});
  REQUIRE(answer);
  CHECK(answer->status == 413);
  CHECK(answer->body == "big");
}

TEST_CASE("a redirect is an error that names the place, and is not followed") {
  std::atomic<int> followed = 0;
  FaultServer other([&](Peer& peer) {
    ++followed;
    answer_all(peer);
  });
  const std::string status = GENERATE("301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect");
  FaultServer server([&](Peer& peer) {
    peer.read_request();
    peer.write("HTTP/1.1 " + status + "\r\nLocation: http://me:hush@127.0.0.1:" + other.port() +
               "/v2/else?name=hush\r\nContent-Length: 0\r\n\r\n");
  });
  const auto result = transport_to(server.url())->send(kPost);
  check_error(result, ErrorKind::Invalid, Effect::Unknown);
  CHECK(result.error().message.find("redirected to http://127.0.0.1:" + other.port() + "/v2/else (3") !=
        std::string::npos);
  CHECK(followed == 0);
}

TEST_CASE("a header as long as a token may be is taken whole") {
  const std::string token(40'000, 't');
  FaultServer server([&](Peer& peer) {
    peer.read_request();
    peer.answer("ok", "X-Subject-Token:  " + token + " \r\n");
  });
  const auto answer = transport_to(server.url())->send(kPost);
  REQUIRE(answer);
  CHECK(find_header(answer->headers, "X-Subject-Token") == token);
}

TEST_CASE("headers without end or in great number are an error") {
  const bool many = GENERATE(true, false);
  FaultServer server([&](Peer& peer) {
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\n");
    if (many) {
      for (int i = 0; i < 1000; ++i) peer.write("X: y\r\n");
    } else {
      peer.write("X: " + std::string(1'000'000, 'y'));
    }
  });
  check_error(transport_to(server.url())->send(kPost), ErrorKind::Protocol, Effect::Unknown);
}

/// "hello, gateway" three times, as gzip makes it.
std::string packed() {
  constexpr unsigned char kBytes[] = {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xcb, 0x48, 0xcd,
                                      0xc9, 0xc9, 0xd7, 0x51, 0x48, 0x4f, 0x2c, 0x49, 0x2d, 0x4f, 0xac, 0x54, 0xc8,
                                      0xc0, 0xc7, 0x05, 0x00, 0x34, 0x1b, 0xf1, 0x68, 0x2c, 0x00, 0x00, 0x00};
  return {reinterpret_cast<const char*>(kBytes), sizeof kBytes};
}

TEST_CASE("a compressed answer is unpacked, and a broken one is an error") {
  const std::string whole = packed();
  std::string bent = whole;
  bent[whole.size() / 2] = static_cast<char>(bent[whole.size() / 2] ^ 0x55);
  const auto result_of = [](const std::string& body, std::size_t limit) {
    FaultServer server([body](Peer& peer) {
      peer.read_request();
      peer.answer(body, "Content-Encoding: gzip\r\n");
    });
    Endpoint endpoint{server.url()};
    endpoint.body_limit = limit;
    return transport_to(endpoint)->send(kPost);
  };
  const std::string text = "hello, gateway hello, gateway hello, gateway";
  CHECK(result_of(whole, 1000)->body == text);
  CHECK(result_of(whole, text.size())->body == text);
  check_error(result_of(whole, text.size() - 1), ErrorKind::Invalid, Effect::Unknown);
  for (const std::string& wrong :
       {whole.substr(0, whole.size() - 1), whole.substr(0, 12), whole + "x", bent, std::string("plain text")}) {
    check_error(result_of(wrong, 1000), ErrorKind::Protocol, Effect::Unknown);
  }
  CHECK(result_of("", 1000)->body.empty());
}

TEST_CASE("a coding that nobody asked for is an error") {
  FaultServer server([](Peer& peer) {
    peer.read_request();
    peer.answer("???", "Content-Encoding: br\r\n");
  });
  check_error(transport_to(server.url())->send(kPost), ErrorKind::Invalid, Effect::Unknown);
}

TEST_CASE("a proxy is asked for a tunnel, and TLS is with the host behind it") {
  const TestCertificate certificate("DNS:gateway.example");
  std::promise<std::string> asked;
  std::promise<std::string> seen;
  FaultServer proxy([&](Peer& peer) {
    asked.set_value(peer.read_head());
    peer.write("HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n");
    peer.start_tls(certificate.server_context());
    seen.set_value(peer.read_request());
    peer.answer("through the tunnel");
  });
  Endpoint endpoint{"https://gateway.example", certificate.certificate_file()};
  endpoint.proxy =
      Proxy{"127.0.0.1", static_cast<std::uint16_t>(std::stoi(proxy.port())), Secret("Basic bWU6aHVzaA==")};
  const auto answer = transport_to(endpoint)->send(kPost);
  REQUIRE(answer);
  CHECK(answer->body == "through the tunnel");
  CHECK(asked.get_future().get() ==
        "CONNECT gateway.example:443 HTTP/1.1\r\nHost: gateway.example:443\r\nProxy-Authorization: Basic "
        "bWU6aHVzaA==\r\n\r\n");
  CHECK(seen.get_future().get().starts_with("POST /v2/import?name=hush HTTP/1.1\r\nHost: gateway.example\r\n"));
}

TEST_CASE("a proxy that is not there, gives no tunnel, or leads elsewhere stops everything before the request") {
  const TestCertificate other("DNS:elsewhere.example");
  std::atomic<bool> request_seen = false;
  const int what = GENERATE(0, 1, 2);
  FaultServer proxy([&](Peer& peer) {
    peer.read_head();
    if (what == 0) peer.write("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
    if (what == 1) peer.write("HTTP/1.1 200 OK\r\n\r\n");
    if (what == 1) {
      peer.start_tls(other.server_context());
      request_seen = !peer.read_request().empty();
    }
  });
  Endpoint endpoint{"https://gateway.example", other.certificate_file()};
  endpoint.proxy = Proxy{"127.0.0.1", static_cast<std::uint16_t>(std::stoi(proxy.port())), Secret("Basic c3cret")};
  const auto result = transport_to(endpoint)->send(kPost);
  check_error(result, ErrorKind::Invalid, Effect::None);
  INFO(result.error().message);
  if (what == 0) CHECK(result.error().message.find("(it answered \"407\")") != std::string::npos);
  CHECK(result.error().message.find("c3cret") == std::string::npos);
  CHECK_FALSE(request_seen);
}

TEST_CASE("a client certificate is shown to a server that wants one") {
  const TestCertificate server_side("DNS:localhost");
  const TestCertificate client_side("DNS:client");
  FaultServer server([](Peer& peer) { answer_all(peer, "welcome"); },
                     server_side.server_context_asking_for(client_side.certificate_file()));
  Endpoint endpoint{"https://localhost:" + server.port(), server_side.certificate_file()};
  CHECK_FALSE(transport_to(endpoint)->send(kPost));
  endpoint.cert_file = client_side.certificate_file();
  endpoint.key_file = client_side.key_file();
  CHECK(transport_to(endpoint)->send(kPost)->body == "welcome");
}

TEST_CASE("a client certificate that is not whole is named at once") {
  const TestCertificate certificate("DNS:client");
  const TestCertificate other("DNS:other");
  const auto message = [](const std::string& cert_file, const std::string& key_file) {
    Endpoint endpoint{"https://example.com"};
    endpoint.cert_file = cert_file;
    endpoint.key_file = key_file;
    const auto made = connect_to(endpoint);
    REQUIRE_FALSE(made);
    CHECK(made.error().kind == ErrorKind::Invalid);
    return made.error().message;
  };
  CHECK(message(certificate.certificate_file(), "") ==
        "cert_file is given without key_file; a client certificate needs both");
  CHECK(message("", certificate.key_file()) == "key_file is given without cert_file; a client certificate needs both");
  CHECK(message("none.pem", certificate.key_file()) == "none.pem cannot be read as a PEM certificate; check cert_file");
  CHECK(message(certificate.certificate_file(), "none.pem").find("check key_file") != std::string::npos);
  CHECK(message(certificate.certificate_file(), other.key_file()).find("check key_file") != std::string::npos);
}

TEST_CASE("a request that could smuggle a header is not sent") {
  FaultServer server([](Peer& peer) { answer_all(peer); });
  const auto transport = transport_to(server.url());
  const std::vector<HttpRequest> requests = {
      {"GET", "/a", {{"X", "a\r\nY: b"}}, ""},
      {"GET", "/a", {{"X: y", "a"}}, ""},
      {"GET", "/a b", {}, ""},
      {"GET", "/a\r\nX: y", {}, ""},
      {"GET /b", "/a", {}, ""},
      {"GET", "a", {}, ""},
      {"GET", "/a", {{"X", std::string(1, '\0')}}, ""},
      {"", "/a", {}, ""},
  };
  for (const HttpRequest& request : requests) {
    const auto result = transport->send(request);
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == ErrorKind::Invalid);
    CHECK(result.error().effect == Effect::None);
  }
  CHECK(server.connections() == 0);
}

TEST_CASE("a certificate of a known authority for the right name is accepted") {
  const TestCertificate certificate("DNS:localhost,IP:127.0.0.1");
  FaultServer server([](Peer& peer) { answer_all(peer, "over TLS"); }, certificate.server_context());
  const std::string host = GENERATE("localhost", "127.0.0.1");
  const auto transport =
      transport_to(Endpoint{"https://" + host + ":" + server.port(), certificate.certificate_file()});
  for (int i = 0; i < 3; ++i) CHECK(transport->send(kPost)->body == "over TLS");
  CHECK(server.connections() == 1);
}

TEST_CASE("a certificate that cannot be trusted stops everything before the request") {
  const TestCertificate right("DNS:localhost");
  const TestCertificate other("DNS:gateway.example");
  std::atomic<bool> request_seen = false;
  const auto script = [&](Peer& peer) {
    if (!peer.read_request().empty()) request_seen = true;
    peer.answer("ok");
  };
  SECTION("an unknown authority") {
    FaultServer server(script, right.server_context());
    const std::string url = "https://localhost:" + server.port();
    const auto result = transport_to(url)->send(kPost);
    check_error(result, ErrorKind::Invalid, Effect::None);
    CHECK(result.error().message.find("check the endpoint and ca_file") != std::string::npos);
    check_error(transport_to(Endpoint{url, other.certificate_file()})->send(kPost), ErrorKind::Invalid, Effect::None);
    CHECK_FALSE(request_seen);
    Endpoint careless{url};
    careless.insecure = true;
    CHECK(transport_to(careless)->send(kPost));
  }
  SECTION("another host's name") {
    FaultServer server(script, other.server_context());
    const std::string host = GENERATE("localhost", "127.0.0.1");
    const auto transport = transport_to(Endpoint{"https://" + host + ":" + server.port(), other.certificate_file()});
    const auto result = transport->send(kPost);
    check_error(result, ErrorKind::Invalid, Effect::None);
    CHECK(result.error().message.find("is not for the host name " + host) != std::string::npos);
    CHECK_FALSE(request_seen);
  }
  SECTION("no TLS at all") {
    FaultServer server([](Peer& peer) { peer.write("HTTP/1.1 400 Bad Request\r\n\r\n"); });
    check_error(transport_to("https://localhost:" + server.port())->send(kPost), ErrorKind::Invalid, Effect::None);
  }
}

TEST_CASE("over TLS too, a lost answer is unknown and an idle connection that ended is replaced") {
  const TestCertificate certificate("DNS:localhost");
  FaultServer server(
      [](Peer& peer) {
        const std::string request = peer.read_request();
        if (request.starts_with("GET")) peer.answer("ok");
        if (request.starts_with("PUT")) peer.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n123");
      },
      certificate.server_context());
  const auto transport = transport_to(Endpoint{"https://localhost:" + server.port(), certificate.certificate_file()});
  CHECK(transport->send(kGet)->body == "ok");
  std::this_thread::sleep_for(30ms);
  check_error(transport->send(kPost), ErrorKind::Unavailable, Effect::Unknown);
  check_error(transport->send({"PUT", "/v2/a", {}, ""}), ErrorKind::Protocol, Effect::Unknown);
  CHECK(server.connections() == 3);
}

TEST_CASE("only an https URL, or http on this machine, is an endpoint") {
  for (const char* url :
       {"https://example.com", "https://example.com:8443", "https://example.com/", "HTTPS://Example.com",
        "https://[2001:db8::1]:444", "http://127.0.0.1", "http://127.0.0.1:8080", "http://localhost",
        "http://LOCALHOST:1", "http://[::1]", "http://127.9.9.9"}) {
    INFO(url);
    CHECK(connect_to(Endpoint{url}));
  }
  for (const char* url : {"",
                          "example.com",
                          "https://",
                          "ftp://example.com",
                          "https://example.com/v2",
                          "https://example.com?a=b",
                          "https://example.com#a",
                          "https://example.com:0",
                          "https://example.com:70000",
                          "https://example.com:x",
                          "https://user:pass@example.com",
                          "https://exam ple.com",
                          "https://example.com\r\nX: y",
                          "http://example.com",
                          "http://10.0.0.1",
                          "http://0.0.0.0",
                          "http://127.0.0.1.example.com",
                          "http://localhost.example.com",
                          "http://127.0.0.1@example.com",
                          "http://127.0.0.1\\@example.com",
                          "http://[::2]"}) {
    INFO(url);
    const auto made = connect_to(Endpoint{url});
    REQUIRE_FALSE(made);
    CHECK(made.error().kind == ErrorKind::Invalid);
    CHECK(made.error().message.find("pass") != 0);
    CHECK(made.error().message.find("user:") == std::string::npos);
  }
  CHECK(connect_to(Endpoint{"http://example.com"}).error().message ==
        "the endpoint http://example.com would send credentials unencrypted; use https (http is for localhost only)");
}

TEST_CASE("a file of authorities that cannot be read is named at once") {
  const auto made = connect_to(Endpoint{"https://example.com", "no-such-file.pem"});
  REQUIRE_FALSE(made);
  CHECK(made.error().message == "no-such-file.pem cannot be read as PEM certificates; check ca_file");
}

}  // namespace
}  // namespace sluice
