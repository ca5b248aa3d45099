// Repetition, pacing and tracing, in virtual time.
#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "providers/http/answer.h"
#include "providers/http/paced.h"
#include "providers/http/proxy.h"
#include "providers/http/retry_delay.h"
#include "providers/http/retrying.h"
#include "providers/http/tracing.h"
#include "tests/providers/http/virtual_time.h"

namespace sluice {
namespace {

using namespace testing;
using namespace std::chrono_literals;

const HttpRequest kGet{"GET", "/v2/apis?name=hush", {}, ""};
const HttpRequest kExport{"POST", "/v2/p/openapi/async-export?oas_version=2.0", {}, "{}"};
const HttpRequest kImport{"POST", "/v2/p/openapi/async-import", {}, "{}"};
const HttpRequest kDelete{"DELETE", "/v2/p/apis/1", {}, ""};

/// How often a request is sent when it gets the same reply every time, and what becomes of it.
struct Ending {
  std::size_t sent = 0;
  std::optional<int> status = {};
  Effect effect = Effect::None;
};
Ending ending(const HttpRequest& request, const ScriptedTransport::Reply& reply) {
  VirtualTime time;
  ScriptedTransport inner({answers(200), reply});
  RetryingTransport retrying(inner, time.timing(), {});
  CHECK(retrying.send(kGet));  // somebody is there
  const auto result = retrying.send(request);
  Ending end{inner.asked().size() - 1};
  if (result) {
    end.status = result->status;
  } else {
    end.effect = result.error().effect;
  }
  return end;
}

TEST_CASE("what is sent again: reads after passing faults, changes only when nothing happened") {
  const struct {
    std::string name;
    ScriptedTransport::Reply reply;
    std::size_t read;
    std::size_t change;
  } rows[] = {
      {"a good answer", answers(200, "{}"), 1, 1},
      {"refused before a byte was sent", breaks(ErrorKind::Unavailable, Effect::None), 6, 6},
      {"no connection in time", breaks(ErrorKind::Timeout, Effect::None), 6, 6},
      {"lost on the way", breaks(ErrorKind::Unavailable, Effect::Unknown), 6, 1},
      {"no answer in time", breaks(ErrorKind::Timeout, Effect::Unknown), 6, 1},
      {"an answer cut off", breaks(ErrorKind::Protocol, Effect::Unknown), 6, 1},
      {"wrong settings", breaks(ErrorKind::Invalid, Effect::None), 1, 1},
      {"wrong credentials", breaks(ErrorKind::Denied, Effect::None), 1, 1},
      {"429 with its code", answers(429, error_body("APIG.0308")), 6, 6},
      {"429 with another code", answers(429, error_body("APIGW.0308")), 6, 6},
      {"429 of who knows whom", answers(429, "<html>slow down</html>"), 6, 1},
      {"too many requests, as 500", answers(500, error_body("APIG.9008")), 6, 6},
      {"too many requests, as 403", answers(403, error_body("APIG.0308")), 6, 6},
      {"the store is out of step", answers(500, error_body("APIG.3500")), 6, 1},
      {"500", answers(500, error_body("APIG.9999")), 6, 1},
      {"502", answers(502), 6, 1},
      {"503", answers(503, "", {{"Retry-After", "1"}}), 6, 1},
      {"504", answers(504), 6, 1},
      {"501", answers(501), 1, 1},
      {"400", answers(400, error_body("APIG.2012")), 1, 1},
      {"401", answers(401, error_body("APIGW.0301")), 1, 1},
      {"403", answers(403, error_body("APIG.1005")), 1, 1},
      {"404", answers(404, error_body("APIG.3002")), 1, 1},
      {"409", answers(409, error_body("APIG.3416")), 1, 1},
      {"412", answers(412, error_body("APIG.3415")), 1, 1},
      {"a text that sounds like throttling", answers(400, error_body("APIG.2000", "429 Too many requests")), 1, 1},
  };
  for (const auto& row : rows) {
    INFO(row.name);
    CHECK(ending(kGet, row.reply).sent == row.read);
    CHECK(ending(kExport, row.reply).sent == row.read);
    CHECK(ending(kImport, row.reply).sent == row.change);
    CHECK(ending(kDelete, row.reply).sent == row.change);
  }
  CHECK(ending(kImport, breaks(ErrorKind::Unavailable, Effect::Unknown)).effect == Effect::Unknown);
  CHECK(ending(kImport, answers(502)).status == 502);
}

TEST_CASE("as long as nobody ever answered, an address out of reach is not tried for long, and counts as wrong") {
  struct Row {
    std::string name;
    ScriptedTransport::Reply reply;
    milliseconds takes;  ///< each try
    std::size_t sent;
    ErrorKind kind;
  };
  const Row rows[] = {
      {"refused", breaks(ErrorKind::Unavailable, Effect::None), 0ms, 4, ErrorKind::Invalid},
      {"slow to be refused", breaks(ErrorKind::Unavailable, Effect::None), 600ms, 2, ErrorKind::Invalid},
      {"no connection in time", breaks(ErrorKind::Timeout, Effect::None), 10s, 1, ErrorKind::Invalid},
      {"answers that were lost", breaks(ErrorKind::Unavailable, Effect::Unknown), 0ms, 6, ErrorKind::Unavailable},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    VirtualTime time;
    ScriptedTransport inner({[&](const HttpRequest& request) {
      time.pass(row.takes);
      return row.reply(request);
    }});
    RetryingTransport retrying(inner, time.timing(), {});
    const auto result = retrying.send(kGet);
    REQUIRE_FALSE(result);
    CHECK(inner.asked().size() == row.sent);
    CHECK(result.error().kind == row.kind);
    if (row.kind == ErrorKind::Invalid) CHECK(result.error().effect == Effect::None);
  }
}

TEST_CASE("a run that was stopped sends nothing again") {
  VirtualTime time;
  ScriptedTransport inner({answers(200), breaks(ErrorKind::Interrupted, Effect::Unknown)});
  RetryingTransport retrying(inner, time.timing(), {});
  CHECK(retrying.send(kGet));
  CHECK_FALSE(retrying.send(kGet));
  CHECK(inner.asked().size() == 2);
}

TEST_CASE("a repetition that succeeds is all that is seen") {
  VirtualTime time;
  ScriptedTransport inner({answers(503), breaks(ErrorKind::Unavailable, Effect::Unknown), answers(200, "there")});
  RetryingTransport retrying(inner, time.timing(), {});
  const auto answer = retrying.send(kGet);
  REQUIRE(answer);
  CHECK(answer->body == "there");
  CHECK(inner.asked().size() == 3);
  CHECK(time.waits() == std::vector<milliseconds>{500ms, 200ms});
}

TEST_CASE("waits double up to a limit, and chance spreads them over their whole length") {
  const auto wait = [](const Result<HttpResponse>& result, int repeats, double random) {
    return retry_delay(kGet, result, repeats, WallTime(), random)->wait;
  };
  const Result<HttpResponse> busy = HttpResponse{503, {}, ""};
  const Result<HttpResponse> refused = fail(ErrorKind::Unavailable, "refused");
  CHECK(wait(busy, 0, 1.0) == 500ms);
  CHECK(wait(busy, 1, 1.0) == 1000ms);
  CHECK(wait(busy, 4, 1.0) == 8000ms);
  CHECK(wait(busy, 4, 0.25) == 2000ms);
  CHECK(wait(busy, 4, 0.0) == 0ms);
  CHECK(wait(refused, 0, 1.0) == 100ms);
  CHECK(wait(refused, 4, 1.0) == 1600ms);
  CHECK_FALSE(retry_delay(kGet, busy, kMostRepeats, WallTime(), 1.0));
}

TEST_CASE("Retry-After wins, in seconds or as a date, unless it asks for too much") {
  const WallTime now = *parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT");
  const auto wait = [&](const std::string& text) -> std::optional<milliseconds> {
    const auto delay =
        retry_delay(kGet, HttpResponse{429, {{"retry-after", text}}, error_body("APIG.0308")}, 0, now, 1);
    if (!delay) return std::nullopt;
    return delay->wait;
  };
  CHECK(wait("7") == 7000ms);
  CHECK(wait("0") == 0ms);
  CHECK(wait("Sun, 06 Nov 1994 08:50:07 GMT") == 30s);
  CHECK(wait("Sun, 06 Nov 1994 08:00:00 GMT") == 0ms);
  CHECK(wait("120") == 120s);
  CHECK(wait("121") == std::nullopt);
  CHECK(wait("99999999999999999999") == std::nullopt);
  CHECK(wait("7 seconds") == 500ms);
  CHECK(wait("-5") == 500ms);
  CHECK(wait("soon") == 500ms);
}

TEST_CASE("a wait that the run has no time for is not begun") {
  VirtualTime time;
  time.end_at(2s);
  ScriptedTransport inner({answers(429, error_body("APIG.0308"), {{"Retry-After", "3"}})});
  KeptLog kept;
  RetryingTransport retrying(inner, time.timing(), kept.log());
  CHECK(retrying.send(kGet)->status == 429);
  CHECK(inner.asked().size() == 1);
  CHECK(time.passed() == 0ms);
}

TEST_CASE("a repetition is told, with its reason and without the query") {
  VirtualTime time;
  ScriptedTransport inner({answers(500, error_body("APIG.3500")), answers(200)});
  KeptLog kept;
  RetryingTransport retrying(inner, time.timing(), kept.log());
  CHECK(retrying.send(kGet));
  CHECK(kept.text() == "GET /v2/apis is sent again in 500 ms (repetition 1 of 5): status 500 APIG.3500\n");
}

TEST_CASE("that nobody answers any more is told once, and that somebody does again") {
  VirtualTime time;
  const auto gone = breaks(ErrorKind::Unavailable, Effect::None);
  ScriptedTransport inner({answers(200), gone, answers(200), gone, gone, gone, gone, gone, gone, gone, gone, gone, gone,
                           gone, gone, answers(200)});
  KeptLog kept;
  Log log = kept.log();
  std::size_t told = 0;
  RetryingTransport retrying(inner, time.timing(), {LogLevel::Warn, [&](const LogRecord& record) {
                                                      if (record.progress) ++told;
                                                      log(record);
                                                    }});
  CHECK(retrying.send(kGet));
  CHECK(retrying.send(kGet));
  CHECK(kept.text().empty());  // a moment's fault is nobody's business
  CHECK_FALSE(retrying.send(kGet));
  CHECK_FALSE(retrying.send(kGet));
  CHECK(retrying.send(kGet));
  CHECK(kept.text().starts_with("The gateway does not answer; it is asked again"));
  CHECK(kept.text().ends_with("\nThe gateway answers again\n"));
  CHECK(told == 2);
}

TEST_CASE("a bucket lets a second's worth through at once and then keeps the rate") {
  VirtualTime time;
  TokenBucket bucket(20, time.timing());
  for (int i = 0; i < 20; ++i) CHECK(bucket.take());
  CHECK(time.passed() == 0ms);
  for (int i = 0; i < 40; ++i) CHECK(bucket.take());
  CHECK(time.passed() == 2000ms);
  time.pass(10s);
  for (int i = 0; i < 20; ++i) CHECK(bucket.take());
  CHECK(time.passed() == 12'000ms);
  CHECK(bucket.take());
  CHECK(time.passed() == 12'050ms);
}

TEST_CASE("a bucket without a rate never waits, but for what the service asked") {
  VirtualTime time;
  TokenBucket bucket(std::nullopt, time.timing());
  for (int i = 0; i < 10'000; ++i) CHECK(bucket.take());
  CHECK(time.passed() == 0ms);
  bucket.hold(3s);
  CHECK(bucket.take());
  CHECK(time.passed() == 3s);
}

TEST_CASE("those who were held back do not all go at once") {
  std::vector<milliseconds> turns;  // all asked for at time 0
  const Timing timing{[] { return WallTime(); }, [] { return 0ms; },
                      [&](milliseconds time) {
                        turns.push_back(time);
                        return true;
                      },
                      [] { return 0.0; }};
  TokenBucket bucket(2, timing);
  bucket.hold(3s);
  for (int i = 0; i < 5; ++i) CHECK(bucket.take());
  CHECK(turns == std::vector<milliseconds>{3000ms, 3000ms, 3500ms, 4000ms, 4500ms});
}

TEST_CASE("threads share a bucket's rate") {
  std::atomic<std::int64_t> waited = 0;  // every thread waits from time 0 on
  const Timing timing{[] { return WallTime(); }, [] { return 0ms; },
                      [&](milliseconds time) {
                        for (auto seen = waited.load(); seen < time.count();)
                          if (waited.compare_exchange_weak(seen, time.count())) break;
                        return true;
                      },
                      [] { return 0.0; }};
  TokenBucket bucket(10, timing);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 25; ++i) bucket.take();
      });
    }
  }
  CHECK(waited == 9000);
}

TEST_CASE("when one request is throttled, all others wait too") {
  VirtualTime time;
  TokenBucket bucket(std::nullopt, time.timing());
  ScriptedTransport inner({answers(429, error_body("APIG.0308"), {{"Retry-After", "4"}}), answers(200)});
  PacedTransport paced(inner, bucket, time.timing());
  CHECK(paced.send(kImport)->status == 429);
  CHECK(time.passed() == 0ms);
  CHECK(paced.send(kGet)->status == 200);
  CHECK(time.passed() == 4s);
}

TEST_CASE("a request whose turn would come after the run's end is not sent") {
  VirtualTime time;
  time.end_at(0ms);
  TokenBucket bucket(1, time.timing());
  ScriptedTransport inner({answers(200)});
  PacedTransport paced(inner, bucket, time.timing());
  CHECK(paced.send(kImport));
  const auto late = paced.send(kImport);
  REQUIRE_FALSE(late);
  CHECK(late.error().effect == Effect::None);
  CHECK(inner.asked().size() == 1);
}

TEST_CASE("a trace shows the shape of a request and none of its secrets") {
  VirtualTime time;
  ScriptedTransport inner({[&](const HttpRequest&) -> Result<HttpResponse> {
    time.pass(12ms);
    return HttpResponse{200,
                        {{"Content-Type", "application/json"},
                         {"X-Subject-Token", "canary-1"},
                         {"X-Request-Id", "request-7"},
                         {"Set-Cookie", "canary-2"}},
                        "canary-3"};
  }});
  KeptLog kept;
  const HttpRequest request{"POST",
                            "/v2/apis?name=canary-4&limit=20&odd&secret=canary-5",
                            {{"Content-Type", "application/json"},
                             {"X-Auth-Token", "canary-6"},
                             {"authorization", "canary-7"},
                             {"X-Security-Token", "canary-8"},
                             {"X-Unheard-Of", "canary-9"}},
                            "canary-10"};
  SECTION("at level trace") {
    TracingTransport tracing(inner, time.timing(), kept.log(LogLevel::Trace));
    CHECK(tracing.send(request)->body == "canary-3");
    const std::string text = kept.text();
    INFO(text);
    CHECK(text.find("canary") == std::string::npos);
    CHECK(text.find("POST /v2/apis?name=***&limit=20&odd=***&secret=***: 200 in 12 ms, 9 bytes sent, 8 received\n") ==
          0);
    CHECK(text.find("X-Auth-Token: *** (8 bytes)") != std::string::npos);
    CHECK(text.find("X-Request-Id: request-7") != std::string::npos);
    CHECK(text.find("status=200\n") != std::string::npos);
  }
  SECTION("at level debug there are no headers") {
    TracingTransport tracing(inner, time.timing(), kept.log(LogLevel::Debug));
    CHECK(tracing.send(request));
    CHECK(kept.text().find("X-Request-Id") == std::string::npos);
    CHECK(kept.text().find("200 in 12 ms") != std::string::npos);
  }
  SECTION("at level info there is nothing") {
    TracingTransport tracing(inner, time.timing(), kept.log(LogLevel::Info));
    CHECK(tracing.send(request));
    CHECK(kept.text().empty());
  }
}

TEST_CASE("a request without an answer is traced too") {
  VirtualTime time;
  ScriptedTransport inner({breaks(ErrorKind::Timeout, Effect::Unknown)});
  KeptLog kept;
  TracingTransport tracing(inner, time.timing(), kept.log());
  CHECK_FALSE(tracing.send(kGet));
  CHECK(kept.text().starts_with("GET /v2/apis?name=***: no answer in 0 ms, 0 bytes to send: the connection broke\n"));
}

TEST_CASE("an error code is one only in a well-formed body of a refusal") {
  CHECK(error_code_of({400, {}, error_body("APIG.2012")}) == "APIG.2012");
  CHECK(error_code_of({200, {}, error_body("APIG.2012")}).empty());
  CHECK(error_code_of({400, {}, "APIG.2012"}).empty());
  CHECK(error_code_of({400, {}, ""}).empty());
  CHECK(error_code_of({400, {}, "[]"}).empty());
  CHECK(error_code_of({400, {}, R"({"error_code":7})"}).empty());
  CHECK(error_code_of({400, {}, R"({"error_code":"APIG.2012")"}).empty());
}

TEST_CASE("quoted secrets are blotted out of answers") {
  HttpResponse answer{401, {{"X-Echo", "say s3cr/t"}}, R"({"a":"s3cr/t","b":"s3cr\/t","c":"other s3cr/ts3cr/t"})"};
  const Secret secrets[] = {Secret("s3cr/t"), Secret("other"), Secret()};
  blot(answer, secrets);
  CHECK(answer.body == R"({"a":"***","b":"***","c":"*** ******"})");
  CHECK(answer.headers[0].second == "say ***");
}

TEST_CASE("a secret is found however JSON spells it, in values and in names") {
  const Secret secrets[] = {Secret("p4\"ss\\w"), Secret("MII+a==")};
  HttpResponse answer{
      400, {}, R"({"error_msg":"no p4\"ss\\w","list":[7,"MII\u002Ba\u003d\u003d!"],"MII+a\u003D=":null})"};
  blot(answer, secrets);
  CHECK(answer.body == R"({"error_msg":"no ***","list":[7,"***!"],"***":null})");
}

TEST_CASE("which proxy stands in between") {
  const auto proxy = [](const std::string& host, const std::string& no_proxy,
                        const std::string& https_proxy = "http://proxy.example:3128") -> std::string {
    const auto found = proxy_for(host, {https_proxy, no_proxy});
    if (!found) return "wrong";
    if (!*found) return "direct";
    return (*found)->host + ":" + std::to_string((*found)->port) + " " + (*found)->authorization.reveal();
  };
  CHECK(proxy("apig.example.com", "") == "proxy.example:3128 ");
  CHECK(proxy("apig.example.com", "", "") == "direct");
  CHECK(proxy("apig.example.com", "", "proxy.example:8080") == "proxy.example:8080 ");
  CHECK(proxy("apig.example.com", "", "http://me:p%40ss@proxy.example") == "proxy.example:80 Basic bWU6cEBzcw==");
  CHECK(proxy("localhost", "") == "direct");
  CHECK(proxy("127.0.0.1", "") == "direct");
  CHECK(proxy("::1", "") == "direct");
  for (const char* list : {"*", "example.com", ".example.com", "*.example.com", "a.b, apig.example.com",
                           "APIG.Example.COM", "apig.example.com:443"}) {
    INFO(list);
    CHECK(proxy("apig.example.com", list) == "direct");
  }
  for (const char* list : {"", ",", "pig.example.com", "example", "xapig.example.com", "example.co"}) {
    INFO(list);
    CHECK(proxy("apig.example.com", list) != "direct");
  }
  CHECK(proxy("10.0.0.7", "10.0.0.7") == "direct");
  for (const char* bad :
       {"https://proxy.example", "socks5://proxy.example", "http://", "http://proxy:0", "http://a/b"}) {
    INFO(bad);
    CHECK(proxy("apig.example.com", "", bad) == "wrong");
  }
  CHECK(proxy_for("a.example", {"https://me:hush@proxy", ""}).error().message.find("hush") == std::string::npos);
}

}  // namespace
}  // namespace sluice
