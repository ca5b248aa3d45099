// The page at `/`.
#include "providers/gateway/page.h"

#include "tests/providers/gateway/bench.h"

using namespace sluice;
using namespace sluice::gateway::test;

namespace {

HttpResponse page_of(Bench& bench, const std::string& authorization = "") {
  HttpRequest request{"GET", "/", {}, ""};
  if (!authorization.empty()) request.headers.emplace_back("Authorization", authorization);
  return bench.gateway->handle(request, bench.now);
}

}  // namespace

TEST_CASE("the page shows groups, APIs, environments, tasks and requests") {
  Bench bench;
  CHECK(page_of(bench).body.find("Nothing was made here yet.") != std::string::npos);
  const std::string group = bench.group("petstore");
  bench.published(group, 2);
  bench.post("/envs", R"({"name":"STAGING"})");
  const std::string file = document(R"("/c":{"get":)" + mock_operation("API_c") + "}");
  bench.form("/openapi/async-import", {{"is_create_group", "false"}, {"group_id", group}}, &file);
  bench.get("/apis/nothing?name=secret-in-query");
  const HttpResponse page = page_of(bench);
  CHECK(page.status == 200);
  CHECK(find_header(page.headers, "Content-Type") == "text/html; charset=utf-8");
  CHECK(find_header(page.headers, "Content-Security-Policy") == "default-src 'none'; style-src 'unsafe-inline'");
  for (const char* text : {"petstore", "API_a", "STAGING", "RELEASE", "import", "not published", "APIG.3002", "404",
                           "0123456789abcdef/fedcba9876543210", "/apis/nothing"}) {
    INFO(text);
    CHECK(page.body.find(text) != std::string::npos);
  }
  CHECK(page.body.find("secret-in-query") == std::string::npos);
  CHECK(page.body.find("http://") == std::string::npos);
  CHECK(page.body.find("<script") == std::string::npos);
}

TEST_CASE("the page escapes what others wrote") {
  CHECK(gateway::escape_html(R"(<a href="x" id='y'>&)") == "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;");
  Bench bench;
  bench.post("/api-groups", R"({"name":"group","remark":"<script>alert(1)</script>"})");
  bench.gateway->handle({"GET", "/<img src=x onerror=alert(1)>", {}, ""}, bench.now);
  const std::string page = page_of(bench).body;
  CHECK(page.find("<script>") == std::string::npos);
  CHECK(page.find("<img") == std::string::npos);
  CHECK(page.find("&lt;script&gt;") != std::string::npos);
  CHECK(page.find("&lt;img") != std::string::npos);
}

TEST_CASE("with credentials the page asks for a user") {
  auto read = gateway::Credentials::read({"c", "users: [{name: ann, password: secret, domain: d}]"});
  REQUIRE(read.value);
  gateway::Options options;
  options.credentials = std::move(*read.value);
  Bench bench(options);
  const HttpResponse closed = page_of(bench);
  CHECK(closed.status == 401);
  CHECK(find_header(closed.headers, "WWW-Authenticate") == "Basic realm=\"embedded gateway\"");
  CHECK(page_of(bench, "Basic YW5uOndyb25n").status == 401);
  CHECK(page_of(bench, "Basic YW5uOnNlY3JldA==").status == 200);
}

TEST_CASE("the page names the fault that struck a request") {
  auto read = gateway::Faults::read({"f", "- {path: '**/envs', action: drop}"});
  REQUIRE(read.value);
  gateway::Options options;
  options.faults = std::move(*read.value);
  Bench bench(options);
  bench.get("/envs");
  CHECK(page_of(bench).body.find("a fault cut the connection") != std::string::npos);
}
