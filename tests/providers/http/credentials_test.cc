// Tokens and keys: handed out, renewed, refused, and kept out of sight. In virtual time.
#include "providers/http/credentials.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "plan/json.h"
#include "providers/http/authorized.h"
#include "providers/http/iam.h"
#include "tests/providers/http/virtual_time.h"

namespace sluice {
namespace {

using namespace testing;
using namespace std::chrono_literals;

const HttpRequest kGet{"GET", "/v2/apis", {}, ""};
const HttpRequest kImport{"POST", "/v2/import", {{"Content-Type", "application/json"}}, "{}"};

std::string token_of(const Result<Credentials::Issued>& issued) {
  REQUIRE(issued);
  return std::get<Secret>(issued->credential.what).reveal();
}

/// Brings token-1, token-2 …, each good for `life`.
struct Mint {
  VirtualTime& time;
  std::optional<milliseconds> life;
  std::atomic<int> count = 0;
  std::optional<Error> failure = {};

  Credentials::Fetch fetch() {
    return [this]() -> Result<Credential> {
      ++count;
      if (failure) return fail(*failure);
      Credential credential{Secret("token-" + std::to_string(count)), {}};
      if (life) credential.expires = time.now() + *life;
      return credential;
    };
  }
};

TEST_CASE("a credential is fetched once and renewed shortly before it expires") {
  const struct {
    std::optional<milliseconds> life;
    milliseconds kept;
  } rows[] = {{24h, 24h - 5min}, {20min, 18min}, {10s, 9s}};
  for (const auto& row : rows) {
    VirtualTime time;
    Mint mint{time, row.life};
    Credentials credentials(mint.fetch(), time.timing());
    CHECK(token_of(credentials.current()) == "token-1");
    time.pass(row.kept - 1ms);
    CHECK(token_of(credentials.current()) == "token-1");
    time.pass(1ms);
    CHECK(token_of(credentials.current()) == "token-2");
  }
}

TEST_CASE("a credential that has expired when it comes is an error, and is not fetched for each request") {
  VirtualTime time;
  Mint mint{time, -1s};
  Credentials credentials(mint.fetch(), time.timing());
  for (int i = 0; i < 3; ++i) {
    const auto issued = credentials.current();
    REQUIRE_FALSE(issued);
    CHECK(issued.error().kind == ErrorKind::Denied);
  }
  CHECK(mint.count == 1);
}

TEST_CASE("a credential without an end is kept") {
  VirtualTime time;
  Mint mint{time, std::nullopt};
  Credentials credentials(mint.fetch(), time.timing());
  CHECK(token_of(credentials.current()) == "token-1");
  time.pass(10'000h);
  CHECK(token_of(credentials.current()) == "token-1");
}

TEST_CASE("after a refusal one thread renews and the others take what it got") {
  VirtualTime time;
  Mint mint{time, 24h};
  Credentials credentials(mint.fetch(), time.timing());
  const auto first = credentials.current();
  std::atomic<int> good = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 8; ++t) {
      threads.emplace_back([&] {
        const auto fresh = credentials.renewed(first->number);
        good += fresh && *fresh && (*fresh)->number == first->number + 1 ? 1 : 0;
      });
    }
  }
  CHECK(good == 8);
  CHECK(mint.count == 2);
}

TEST_CASE("a refused login is never tried again, a failed one not for half a minute") {
  VirtualTime time;
  Mint mint{time, 24h};
  Credentials credentials(mint.fetch(), time.timing());
  SECTION("refused") {
    mint.failure = Error{ErrorKind::Denied, "wrong password", Effect::Unknown, {}};
    for (int i = 0; i < 3; ++i) {
      const auto issued = credentials.current();
      REQUIRE_FALSE(issued);
      CHECK(issued.error().effect == Effect::None);
      time.pass(1h);
    }
    CHECK(mint.count == 1);
  }
  SECTION("failed") {
    mint.failure = Error{ErrorKind::Unavailable, "down", Effect::None, {}};
    CHECK_FALSE(credentials.current());
    CHECK_FALSE(credentials.current());
    CHECK(mint.count == 1);
    time.pass(30s);
    mint.failure.reset();
    CHECK(token_of(credentials.current()) == "token-2");
  }
  SECTION("failed while the old one still holds") {
    CHECK(token_of(credentials.current()) == "token-1");
    mint.failure = Error{ErrorKind::Unavailable, "down", Effect::None, {}};
    time.pass(24h - 1min);
    CHECK(token_of(credentials.current()) == "token-1");
    time.pass(1min);
    CHECK_FALSE(credentials.current());
  }
}

TEST_CASE("a request carries the token, or is signed") {
  VirtualTime time;
  ScriptedTransport inner({answers(200)});
  const auto sent_with = [&](Credential credential) {
    Credentials credentials(std::move(credential));
    AuthorizedTransport authorized(inner, credentials, {"gateway.example:8443", "p1"}, time.timing(), {});
    REQUIRE(authorized.send(kImport));
    return inner.asked().back();
  };
  const HttpRequest plain = sent_with({});
  CHECK(plain.headers == kImport.headers);
  const HttpRequest token = sent_with({Secret("t1"), {}});
  CHECK(find_header(token.headers, "X-Auth-Token") == "t1");
  CHECK(token.headers.size() == 2);
  const HttpRequest keyed = sent_with({AccessKey{"AK", Secret("SK"), Secret("ST")}, {}});
  CHECK(find_header(keyed.headers, "Host") == "gateway.example:8443");
  CHECK(find_header(keyed.headers, "X-Project-Id") == "p1");
  CHECK(find_header(keyed.headers, "X-Sdk-Date") == "20260101T000000Z");
  CHECK(find_header(keyed.headers, "Authorization")
            .starts_with("SDK-HMAC-SHA256 Access=AK, "
                         "SignedHeaders=content-type;host;x-project-id;x-sdk-date;x-security-token, Signature="));
}

TEST_CASE("after a 401 a request goes out once more, with a new token") {
  VirtualTime time;
  Mint mint{time, 24h};
  Credentials credentials(mint.fetch(), time.timing());
  const auto refused = answers(401, error_body("APIG.1002"));
  const auto tokens_sent = [&](const std::vector<ScriptedTransport::Reply>& replies, int status) {
    ScriptedTransport inner(replies);
    AuthorizedTransport authorized(inner, credentials, {"h", "p"}, time.timing(), {});
    const auto answer = authorized.send(kImport);
    REQUIRE(answer);
    CHECK(answer->status == status);
    std::string tokens;
    for (const HttpRequest& request : inner.asked())
      tokens += std::string(find_header(request.headers, "X-Auth-Token")) + " ";
    return tokens;
  };
  CHECK(tokens_sent({refused, answers(202)}, 202) == "token-1 token-2 ");
  CHECK(tokens_sent({refused}, 401) == "token-2 token-3 ");
  CHECK(tokens_sent({answers(401, "who are you?"), answers(202)}, 401) == "token-3 ");
  CHECK(tokens_sent({answers(403, error_body("APIG.1005")), answers(202)}, 403) == "token-3 ");
  CHECK(tokens_sent({answers(403, error_body("APIGW.0307")), answers(202)}, 202) == "token-3 token-4 ");
}

TEST_CASE("a credential that cannot be renewed is not tried twice") {
  VirtualTime time;
  for (const Credential& credential :
       {Credential{Secret("t1"), {}}, Credential{AccessKey{"AK", Secret("SK"), Secret()}, {}}, Credential{}}) {
    Credentials credentials(credential);
    ScriptedTransport inner({answers(401, error_body("APIGW.0301"))});
    AuthorizedTransport authorized(inner, credentials, {"h", "p"}, time.timing(), {});
    CHECK(authorized.send(kGet)->status == 401);
    CHECK(inner.asked().size() == 1);
  }
}

TEST_CASE("a renewal that fails is the request's error, and nothing happened") {
  VirtualTime time;
  Mint mint{time, 24h};
  Credentials credentials(mint.fetch(), time.timing());
  REQUIRE(credentials.current());
  mint.failure = Error{ErrorKind::Denied, "locked", Effect::Unknown, {}};
  ScriptedTransport inner({answers(401, error_body("APIG.1001"))});
  AuthorizedTransport authorized(inner, credentials, {"h", "p"}, time.timing(), {});
  const auto result = authorized.send(kImport);
  REQUIRE_FALSE(result);
  CHECK(result.error().message == "locked");
  CHECK(result.error().effect == Effect::None);
}

TEST_CASE("what a refusal quotes of a credential is blotted out") {
  VirtualTime time;
  const auto quoting = [](const HttpRequest& request) -> Result<HttpResponse> {
    std::string quoted;
    for (const auto& [name, value] : request.headers) quoted += name + ":" + value + "|";
    return HttpResponse{401, {}, error_body("APIGW.0301", "verify aksk signature fail, canonicalRequest:" + quoted)};
  };
  ScriptedTransport inner({quoting});
  Credentials keyed({AccessKey{"AK-canary", Secret("SK-canary"), Secret("ST-canary")}, {}});
  AuthorizedTransport by_key(inner, keyed, {"h", "p"}, time.timing(), {});
  const auto answer = by_key.send(kGet);
  INFO(answer->body);
  CHECK(answer->body.find("canary") == std::string::npos);
  CHECK(answer->body.find("Signature=***") != std::string::npos);
  CHECK(answer->body.find("APIGW.0301") != std::string::npos);
  Credentials token({Secret("token-canary"), {}});
  AuthorizedTransport by_token(inner, token, {"h", "p"}, time.timing(), {});
  CHECK(by_token.send(kGet)->body.find("canary") == std::string::npos);
}

TEST_CASE("a signature refused for this machine's clock says so") {
  VirtualTime time;
  Credentials keyed({AccessKey{"AK", Secret("SK"), Secret()}, {}});
  const auto answer = [&](const std::string& date) {
    ScriptedTransport inner({answers(401, error_body("APIGW.0301"), {{"Date", date}})});
    AuthorizedTransport authorized(inner, keyed, {"h", "p"}, time.timing(), {});
    return authorized.send(kGet);
  };
  CHECK(answer("Thu, 01 Jan 2026 00:10:00 GMT")->status == 401);
  const auto off = answer("Thu, 01 Jan 2026 00:20:00 GMT");
  REQUIRE_FALSE(off);
  CHECK(off.error().kind == ErrorKind::Denied);
  CHECK(off.error().effect == Effect::None);
  CHECK(off.error().message ==
        "GET /v2/apis was refused: this machine's clock is 20 minutes behind, and a signature is good for 15; set the "
        "clock right");
}

const IamLogin kLogin{"alice", Secret("p4ss\"word"), "acme", "", "eu-de"};

TEST_CASE("a login has the form that IAM documents") {
  const HttpRequest request = login_request(kLogin);
  CHECK(request.method == "POST");
  CHECK(request.target == "/v3/auth/tokens?nocatalog=true");
  CHECK(request.body ==
        R"({"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"alice","password":"p4ss\"word",)"
        R"("domain":{"name":"acme"}}}},"scope":{"project":{"name":"eu-de"}}}})");
  const auto by_id = parse_json(login_request({"a", Secret("b"), "c", "p1", "ignored"}).body);
  REQUIRE(by_id);
  CHECK(write_json(*by_id->find("auth")->find("scope")) == R"({"project":{"id":"p1"}})");
}

TEST_CASE("a login's answer is a token and its end, or what is wrong") {
  const auto good = read_login(
      {201, {{"x-subject-token", "MIIF"}}, R"({"token":{"expires_at":"2026-01-02T15:04:05.000000Z"}})"}, kLogin);
  REQUIRE(good);
  CHECK(std::get<Secret>(good->what).reveal() == "MIIF");
  CHECK(sdk_date(*good->expires) == "20260102T150405Z");

  const auto error = [](const HttpResponse& answer) {
    const auto read = read_login(answer, kLogin);
    REQUIRE_FALSE(read);
    CHECK(read.error().effect == Effect::None);
    return read.error();
  };
  CHECK(error({201, {}, "{}"}).kind == ErrorKind::Protocol);
  CHECK(error({200, {{"X-Subject-Token", "x"}}, "<html>"}).kind == ErrorKind::Protocol);
  CHECK(error({401, {}, R"({"error":{"code":401,"message":"The username or password is wrong."}})"}).message ==
        "the login of alice in acme was answered with status 401 (The username or password is wrong.): check "
        "OS_USERNAME, OS_PASSWORD, OS_DOMAIN_NAME and the project");
  CHECK(error({401, {}, ""}).kind == ErrorKind::Denied);
  CHECK(error({403, {}, R"({"error_msg":"p4ss\"word is wrong","error_code":"IAM.0011"})"}).message ==
        "the login of alice in acme was answered with status 403 (*** is wrong): check OS_USERNAME, OS_PASSWORD, "
        "OS_DOMAIN_NAME and the project");
  std::string wordy(119, 'x');
  for (int i = 0; i < 99; ++i) wordy += "\xC3\xA9";
  CHECK_FALSE(text_error(error({401, {}, R"({"error_msg":")" + wordy + "\"}"}).message));
  CHECK(error({404, {}, "not here"}).kind == ErrorKind::Denied);
  CHECK(error({503, {}, ""}).kind == ErrorKind::Unavailable);
}

TEST_CASE("a login through a transport tells who, and never the password") {
  KeptLog kept;
  ScriptedTransport inner(
      {answers(201, R"({"token":{"expires_at":"2026-01-02T15:04:05.000000Z"}})", {{"X-Subject-Token", "MIIF"}}),
       breaks(ErrorKind::Unavailable, Effect::Unknown)});
  const auto fetch = login_through(inner, kLogin, kept.log());
  CHECK(fetch());
  CHECK(kept.text() == "logged in as alice\n");
  CHECK_FALSE(fetch());
}

}  // namespace
}  // namespace sluice
