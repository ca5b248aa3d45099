// What was live before a run, kept and read again.
#include "plan/backup.h"

#include <catch2/catch.hpp>

#include "plan/canonical.h"
#include "plan/json.h"

using namespace sluice;

namespace {

Value json(const char* text) { return *parse_json(text); }

bool is_known(const Value& value) { return write_json(value).find("unknown") == std::string::npos; }

}  // namespace

TEST_CASE("a backup is read as it was written") {
  LiveState live;
  const Address api = *Address::parse(R"(api.pets["GET /a"])");
  Resource resource = make_resource(api, json(R"({"operationId": "get_a", "description": "one"})"));
  resource.remote_id = "id-1";
  live.resources.emplace(api, resource);
  const auto read = read_backup(write_backup(live));
  REQUIRE(read);
  REQUIRE(read->size() == 1);
  CHECK(read->at(api).digest == resource.digest);
  CHECK(read->at(api).remote_id == "id-1");
  CHECK(read->at(api).body == resource.body);
}

TEST_CASE("a backup that cannot be read is an error that says what to do") {
  for (const char* text : {"", "{", "[]", R"({"resources": 1})", R"({"resources": [{"address": "api.x"}]})",
                           R"({"resources": [{"address": "nonsense", "body": {}}]})"}) {
    INFO(text);
    const auto read = read_backup(text);
    REQUIRE_FALSE(read);
    CHECK(read.error().kind == ErrorKind::Invalid);
    CHECK(read.error().message.find("check out the files") != std::string::npos);
  }
}

TEST_CASE("values that are not known any more are today's, and the rest is as it was") {
  const Value then =
      json(R"({"a": "then", "b": {"secret": "unknown", "x": 1}, "c": ["unknown", "then"], "d": "unknown"})");
  const Value now = json(R"({"a": "now", "b": {"secret": "today", "x": 2}, "c": ["today", "now"]})");
  CHECK(with_known_values(then, now, is_known) ==
        json(R"({"a": "then", "b": {"secret": "today", "x": 1}, "c": ["today", "then"]})"));
  CHECK(with_known_values(then, Value(), is_known) == json(R"({"a": "then", "b": {"x": 1}})"));
}
