// The whole client over real sockets: what it does under each fault, what it signs, how it logs in. Waits between
// repetitions are virtual, so only time-outs take time.
#include "providers/http/stack.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <mutex>

#include "tests/providers/apig/requests.h"
#include "tests/providers/http/fault_server.h"
#include "tests/providers/http/virtual_time.h"
#include "tests/support/process.h"

namespace sluice {
namespace {

using namespace testing;
using namespace std::chrono_literals;

const HttpRequest kRead{"GET", "/v2/p/apis?limit=500&name=a%20b", {{"Content-Type", "application/json"}}, ""};
const HttpRequest kExport{"POST", "/v2/p/openapi/async-export", {{"Content-Type", "application/json"}}, "{}"};
const HttpRequest kChange{
    "POST", "/v2/p/openapi/async-import", {{"Content-Type", "multipart/form-data; boundary=b"}}, "--b--"};
const HttpRequest kDelete{"DELETE", "/v2/p/apis/1", {{"Content-Type", "application/json"}}, ""};

StackSettings settings_for(const std::string& url) {
  StackSettings settings{.endpoint = {.url = url}, .project_id = "p1"};
  settings.endpoint.send_timeout = settings.endpoint.receive_timeout = settings.endpoint.answer_timeout = 60ms;
  settings.endpoint.body_limit = 1000;
  return settings;
}

std::unique_ptr<Transport> stacked(StackSettings settings, VirtualTime& time, const Log& log = {}) {
  auto made = stack(std::move(settings), time.timing(), log);
  REQUIRE(made);
  return *std::move(made);
}

std::string response(const std::string& status, const std::string& body, const std::string& headers = "") {
  return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + headers + "\r\n" + body;
}

/// What a server does once it has read a request.
struct Fault {
  std::string name;
  std::function<void(Peer&)> act;
  int read = 0;        ///< how often a read is sent
  int change = 0;      ///< how often a change is sent
  std::string ending;  ///< of a change: a status, "none" or "unknown"
  bool slow = false;   ///< it takes a time-out
};

Fault says(const std::string& status, const std::string& body, int read, int change, const std::string& headers = "") {
  return {status + " " + body + " " + headers, [=](Peer& peer) { peer.write(response(status, body, headers)); }, read,
          change, status.substr(0, 3)};
}

void drip(Peer& peer, const std::string& text) {
  for (int i = 0; i < 100; ++i) {
    peer.write(text);
    std::this_thread::sleep_for(10ms);
  }
}

std::vector<Fault> faults() {
  const std::string code = error_body("APIG.9999");
  const auto writes = [](const std::string& name, const std::string& bytes, int read = 6) {
    return Fault{name,
                 [=](Peer& peer) {
                   peer.write(bytes);
                   peer.close();
                 },
                 read, 1, "unknown"};
  };
  return {
      says("200 OK", "{}", 1, 1),
      says("200 OK", "<html>captive portal</html>", 1, 1, "Content-Type: text/html\r\n"),
      says("204 No Content", "", 1, 1),
      says("400 Bad Request", error_body("APIG.2012"), 1, 1),
      says("401 Unauthorized", error_body("APIGW.0301"), 1, 1),
      says("403 Forbidden", error_body("APIG.1005"), 1, 1),
      says("404 Not Found", error_body("APIG.3093"), 1, 1),
      says("409 Conflict", error_body("APIG.3416"), 1, 1),
      says("412 Precondition Failed", error_body("APIG.3415"), 1, 1),
      says("413 Too Large", error_body("APIG.0201"), 1, 1),
      says("429 Too Many Requests", error_body("APIG.0308"), 6, 6),
      says("429 Too Many Requests", error_body("APIG.0308"), 6, 6, "Retry-After: 7\r\n"),
      says("429 Too Many Requests", error_body("APIG.0308"), 1, 1, "Retry-After: 7000\r\n"),
      says("429 Too Many Requests", "slow down", 6, 1),
      says("500 Internal Server Error", error_body("APIG.9008"), 6, 6),
      says("500 Internal Server Error", error_body("APIG.3500"), 6, 1),
      says("500 Internal Server Error", code, 6, 1),
      says("502 Bad Gateway", "", 6, 1),
      says("503 Unavailable", "<html></html>", 6, 1, "Retry-After: 3\r\n"),
      says("504 Gateway Timeout", "", 6, 1),
      {"no answer", [](Peer& peer) { peer.read_head(); }, 6, 1, "unknown", true},
      {"a head that drips",
       [](Peer& peer) {
         peer.write("HTTP/1.1 200 OK\r\nX: ");
         drip(peer, "y");
       },
       6, 1, "unknown", true},
      {"a body that drips",
       [](Peer& peer) {
         peer.write("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n");
         drip(peer, "y");
       },
       6, 1, "unknown", true},
      {"closed before the answer", [](Peer& peer) { peer.close(); }, 6, 1, "unknown"},
      {"reset before the answer", [](Peer& peer) { peer.reset(); }, 6, 1, "unknown"},
      {"reset in the answer",
       [](Peer& peer) {
         peer.write("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf");
         std::this_thread::sleep_for(5ms);
         peer.reset();
       },
       6, 1, "unknown"},
      {"closed after the answer",
       [](Peer& peer) {
         peer.write(response("202 Accepted", "{}"));
         peer.close();
       },
       1, 1, "202"},
      writes("cut in the head", "HTTP/1.1 200 OK\r\nContent-Le"),
      writes("cut in the body", "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf"),
      writes("cut between chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"),
      writes("a length that is none", "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n{}"),
      writes("not HTTP", "SSH-2.0-OpenSSH_9.2p1\r\n"),
      writes("larger than the limit", response("200 OK", std::string(1001, 'x')), 1),
      writes("not the gzip it says", response("200 OK", "plain", "Content-Encoding: gzip\r\n")),
      writes("redirected", response("302 Found", "", "Location: https://elsewhere.example/\r\n"), 1),
  };
}

TEST_CASE("each fault: how often a read and a change are sent, and what is known of the change then") {
  for (const Fault& fault : faults()) {
    INFO(fault.name);
    std::atomic<int> seen = 0;
    FaultServer server([&](Peer& peer) {
      while (!peer.read_request().empty()) {
        ++seen;
        fault.act(peer);
      }
    });
    VirtualTime time;
    const auto sent = [&](const HttpRequest& request) {
      seen = 0;
      const auto transport = stacked(settings_for(server.url()), time);
      const auto result = transport->send(request);
      const std::string ending = result                                     ? std::to_string(result->status)
                                 : result.error().effect == Effect::Unknown ? "unknown"
                                                                            : "none";
      return std::pair(seen.load(), ending);
    };
    if (!fault.slow) {
      for (const auto& kind : apig::test::request_kinds()) {
        INFO(kind.name);
        const auto [times, ending] = sent(kind.request);
        CHECK(times == (kind.changes ? fault.change : fault.read));
        if (kind.changes) CHECK(ending == fault.ending);
      }
    }
    CHECK(sent(kRead).first == fault.read);
    CHECK(sent(kExport).first == fault.read);
    CHECK(sent(kChange) == std::pair(fault.change, fault.ending));
    CHECK(sent(kDelete) == std::pair(fault.change, fault.ending));
  }
}

TEST_CASE("a server that was never there: everything is tried again for a moment, and nothing happened") {
  std::string url;
  {
    const FaultServer gone([](Peer&) {});
    url = gone.url();
  }
  for (const HttpRequest& request : {kRead, kChange}) {
    VirtualTime time;
    const auto result = stacked(settings_for(url), time)->send(request);
    REQUIRE_FALSE(result);
    CHECK(result.error().effect == Effect::None);
    CHECK(time.waits().size() == 3);
    CHECK(time.passed() <= 2s);
    CHECK(result.error().message.find("check the endpoint") != std::string::npos);
  }
}

TEST_CASE("what the client signs holds before a checker that was written on its own") {
  std::mutex mutex;
  std::vector<std::string> received;
  FaultServer server([&](Peer& peer) {
    for (std::string request = peer.read_request(); !request.empty(); request = peer.read_request()) {
      {
        const std::lock_guard lock(mutex);
        received.push_back(request);
      }
      peer.answer("{}");
    }
  });
  VirtualTime time;
  StackSettings settings = settings_for(server.url());
  settings.credential.what = AccessKey{"AK", Secret("a secret key"), Secret("a+security/token==")};
  const auto transport = stacked(std::move(settings), time);
  const HttpRequest odd{"GET", "/v2/caf%C3%A9/~x?b=2&b=1&empty&a=%2F%20%2B", {}, ""};
  const HttpRequest text{"PUT", "/v2/p", {{"Content-Type", "application/json"}}, R"({"remark":"héllo"})"};
  for (const HttpRequest& request : {kRead, kExport, kChange, kDelete, odd, text}) REQUIRE(transport->send(request));
  const auto requests = [&] {
    const std::lock_guard lock(mutex);
    return received;
  }();
  REQUIRE(requests.size() == 6);
  test::TempFolder folder;
  const auto verdict = [&](const std::string& request) {
    folder.write("request", request);
    test::Process python(folder.path(),
                         {"/usr/bin/env", "python3",
                          std::string(SLUICE_SOURCE_DIR) + "/tests/providers/http/check_signature.py", "request"},
                         {{"SECRET_KEY", "a secret key"}, {"PATH", "/usr/local/bin:/usr/bin:/bin"}});
    return python.wait();
  };
  for (const std::string& request : requests) {
    INFO(request);
    const test::Finished finished = verdict(request);
    INFO(finished.err);
    CHECK(finished.code == 0);
  }
  std::string bent = requests.front();
  bent.replace(bent.find("limit=500"), 9, "limit=501");
  CHECK(verdict(bent).code == 1);
}

/// IAM and a gateway in one server; tokens are token-1, token-2 …
class LoginServer {
 public:
  std::string url() const { return server_.url(); }
  std::string first_login() const {
    const std::lock_guard lock(mutex_);
    return first_login_;
  }
  std::string tokens() const {
    const std::lock_guard lock(mutex_);
    return tokens_;
  }
  int logins() const { return logins_; }
  std::atomic<int> refused_logins = 0;  ///< the next ones are answered with 503
  std::atomic<bool> wrong_password = false;
  std::atomic<int> good_from = 1;  ///< tokens below are refused with 401

 private:
  void serve(Peer& peer) {
    for (std::string request = peer.read_request(); !request.empty(); request = peer.read_request()) {
      if (request.starts_with("POST /v3/auth/tokens")) {
        login(peer, request);
      } else {
        ask(peer, request);
      }
    }
  }
  void login(Peer& peer, const std::string& request) {
    const int number = ++logins_;
    if (number == 1) {
      const std::lock_guard lock(mutex_);
      first_login_ = request;
    }
    if (wrong_password) return peer.write(response("401 Unauthorized", R"({"error":{"message":"wrong"}})"));
    if (refused_logins-- > 0) return peer.write(response("503 Unavailable", ""));
    peer.write(response("201 Created", R"({"token":{"expires_at":"2026-01-02T00:00:00.000000Z"}})",
                        "X-Subject-Token: token-" + std::to_string(number) + "\r\n"));
  }
  void ask(Peer& peer, const std::string& request) {
    const std::string mark = "X-Auth-Token: token-";
    const auto at = request.find(mark);
    const int number = at == std::string::npos ? 0 : std::stoi(request.substr(at + mark.size()));
    {
      const std::lock_guard lock(mutex_);
      tokens_ += std::to_string(number) + " ";
    }
    peer.write(number < good_from ? response("401 Unauthorized", error_body("APIG.1002")) : response("200 OK", "{}"));
  }

  mutable std::mutex mutex_;
  std::string tokens_;
  std::string first_login_;
  std::atomic<int> logins_ = 0;
  FaultServer server_{[this](Peer& peer) { serve(peer); }};
};

StackSettings login_settings(const LoginServer& server) {
  StackSettings settings = settings_for(server.url());
  settings.login = IamLogin{"alice", Secret("canary-password"), "acme", "p1", ""};
  settings.iam = settings.endpoint;
  return settings;
}

TEST_CASE("a login happens once for many threads, and again when its token is about to end") {
  LoginServer server;
  VirtualTime time;
  const auto transport = stacked(login_settings(server), time);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 6; ++t) threads.emplace_back([&] { CHECK(transport->send(kRead)); });
  }
  CHECK(server.logins() == 1);
  CHECK(server.first_login().starts_with("POST /v3/auth/tokens?nocatalog=true HTTP/1.1\r\n"));
  CHECK(server.tokens() == "1 1 1 1 1 1 ");
  time.pass(24h - 5min);
  CHECK(transport->send(kChange));
  CHECK(server.tokens() == "1 1 1 1 1 1 2 ");
}

TEST_CASE("a token that is refused is replaced once, for a change too") {
  LoginServer server;
  VirtualTime time;
  const auto transport = stacked(login_settings(server), time);
  CHECK(transport->send(kRead)->status == 200);
  server.good_from = 2;
  CHECK(transport->send(kChange)->status == 200);
  CHECK(server.tokens() == "1 1 2 ");
  server.good_from = 100;
  CHECK(transport->send(kChange)->status == 401);
  CHECK(server.logins() == 3);
}

TEST_CASE("a login is repeated when IAM is busy, and never when it says no") {
  LoginServer server;
  VirtualTime time;
  KeptLog kept;
  const auto transport = stacked(login_settings(server), time, kept.log());
  SECTION("busy") {
    server.refused_logins = 2;
    CHECK(transport->send(kRead)->status == 200);
    CHECK(server.logins() == 3);
  }
  SECTION("no") {
    server.wrong_password = true;
    for (int i = 0; i < 3; ++i) {
      const auto result = transport->send(kChange);
      REQUIRE_FALSE(result);
      CHECK(result.error().kind == ErrorKind::Denied);
      CHECK(result.error().effect == Effect::None);
    }
    CHECK(server.logins() == 1);
    CHECK(server.tokens().empty());
  }
  CHECK(kept.text().find("canary") == std::string::npos);
  CHECK(kept.text().find("token-") == std::string::npos);
}

TEST_CASE("logins and requests share one rate") {
  LoginServer server;
  VirtualTime time;
  StackSettings settings = login_settings(server);
  settings.requests_per_second = 2;
  const auto transport = stacked(std::move(settings), time);
  for (int i = 0; i < 5; ++i) CHECK(transport->send(kRead));
  CHECK(time.passed() == 2000ms);  // six requests: two at once, then one every half second
}

TEST_CASE("settings that cannot work are refused before anything is sent") {
  VirtualTime time;
  const auto message = [&](StackSettings settings) {
    const auto made = stack(std::move(settings), time.timing(), {});
    REQUIRE_FALSE(made);
    CHECK(made.error().kind == ErrorKind::Invalid);
    return made.error().message;
  };
  CHECK(message(settings_for("http://gateway.example")).find("unencrypted") != std::string::npos);
  StackSettings login = settings_for("https://gateway.example");
  login.login = IamLogin{"a", Secret("b"), "c", "d", ""};
  login.iam.url = "http://iam.example";
  CHECK(message(login).find("unencrypted") != std::string::npos);
}

}  // namespace
}  // namespace sluice
