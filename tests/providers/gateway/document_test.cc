// Imports as a whole: forms, files, limits.
#include "tests/providers/gateway/bench.h"

using namespace sluice;
using namespace sluice::gateway::test;

namespace {

std::string many_operations(int count, int from = 0) {
  std::string paths;
  for (int i = from; i < from + count; ++i) {
    paths += std::string(i > from ? "," : "") + R"("/p)" + std::to_string(i) + R"(":{"get":)" +
             mock_operation("API_" + std::to_string(i)) + "}";
  }
  return document(paths);
}

}  // namespace

TEST_CASE("the form is checked at once") {
  Bench bench;
  const std::string file = document("");
  CHECK(
      bench.form("/openapi/async-import", {}, nullptr).text ==
      R"({"error_code":"APIG.2001","error_msg":"The request parameters must be specified,parameterName:file_name. Please refer to the support documentation"})");
  const std::string empty;
  CHECK(bench.form("/openapi/async-import", {}, &empty).code() == "APIG.3609");
  CHECK(bench.import(file, {{"is_create_group", "false"}}).code() == "APIG.2001");
  CHECK(bench.import(file, {{"is_create_group", "perhaps"}}).code() == "APIG.2011");
  CHECK(bench.import(file, {{"api_mode", "replace"}}).code() == "APIG.2011");
  CHECK(bench.import(file, {{"extend_mode", "replace"}}).code() == "APIG.2011");
  CHECK(bench.post("/openapi/import", "{}").code() == "APIG.2001");
}

TEST_CASE("a document that is none fails as a whole") {
  Bench bench;
  CHECK(bench.import("{\"swagger\":").code() == "APIG.3600");
  CHECK(bench.import("a: [").code() == "APIG.3600");
  CHECK(bench.import("[]").code() == "APIG.3602");
  CHECK(bench.import(R"({"openapi":"3.1.0","paths":{}})").code() == "APIG.3601");
  CHECK(bench.import(R"({"swagger":"1.2","paths":{}})").code() == "APIG.3601");
  CHECK(bench.import(R"({"swagger":"2.0","info":{"title":"abc"}})").code() == "APIG.3602");
  CHECK(bench.import(R"({"swagger":"2.0","info":{"title":"a-b-c"},"paths":{}})").code() == "APIG.2044");
  const Answer unknown = bench.import_into("nope", document(""));
  CHECK(unknown.status == 404);
  CHECK(unknown.code() == "APIG.3001");
  CHECK(at(bench.get("/api-groups").body, {"total"}) == Value(0));
}

TEST_CASE("titles may follow the wide rule by a switch") {
  gateway::Options options;
  options.quirks["title"] = "wide";
  Bench bench(options);
  CHECK(bench.import(R"({"swagger":"2.0","info":{"title":"a-b-c"},"paths":{}})").status == 200);
}

TEST_CASE("an import takes 300 operations and a group 1000 APIs") {
  Bench bench;
  const std::string group = bench.group();
  CHECK(bench.import_into(group, many_operations(301)).code() == "APIG.3127");
  for (int from = 0; from < 900; from += 300) {
    CHECK(at(bench.import_into(group, many_operations(300, from)).body, {"success"}).items().size() == 300);
  }
  const Answer last = bench.import_into(group, many_operations(101, 900));
  CHECK(at(last.body, {"success"}).items().size() == 100);
  CHECK(at(last.body, {"failure"}).items().size() == 1);
  CHECK(at(last.body, {"failure", "0", "error_code"}) == Value("APIG.3125"));
  CHECK(at(bench.get("/apis?limit=500&offset=500").body, {"size"}) == Value(500));
}

TEST_CASE("forms are read whatever their order and decoration") {
  Bench bench;
  const std::string group = bench.group();
  const std::string body =
      "preamble\r\n--x y\r\nContent-Type: text/plain\r\ncontent-disposition: FORM-DATA; "
      "filename=\"f\"; name=\"file_name\"\r\n\r\n" +
      document(R"("/a":{"get":)" + mock_operation("API_a") + "}") +
      "\r\n--x y\r\nContent-Disposition: form-data; name=group_id\r\n\r\n" + group +
      "\r\n--x y\r\nContent-Disposition: form-data; name=\"is_create_group\"\r\n\r\nfalse"
      "\r\n--x y--\r\nepilogue";
  const Answer result =
      bench.call("POST", "/openapi/import", body, "Multipart/Form-Data; charset=utf-8; boundary=\"x y\"");
  CHECK(result.status == 200);
  CHECK(at(result.body, {"success"}).items().size() == 1);
}
