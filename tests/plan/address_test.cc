#include "plan/address.h"

#include <catch2/catch.hpp>

#include <set>

namespace sluice {
namespace {

TEST_CASE("an address reads back from its text, however strange the names are") {
  const std::string names[] = {"pets", "a.b", "with space", "quo\"te", "back\\slash", "über", "[\"x\"]", "", "-_9"};
  for (const std::string& name : names) {
    const Address api = Address::api(name, "GET", "/a\"b/{id}", "NORMAL");
    for (const Address& address : {Address::group(name), api, Address::publication(api, name)}) {
      const auto again = Address::parse(address.text());
      INFO(address.text());
      REQUIRE(again);
      CHECK(again->text() == address.text());
      CHECK(*again == address);
      CHECK(again->type() == address.type());
      CHECK(again->group() == name);
      CHECK(again->name() == address.name());
      CHECK(again->environment() == address.environment());
    }
  }
}

TEST_CASE("an address is written as the command line contract says") {
  CHECK(Address::group("pets").text() == "group.pets");
  CHECK(Address::group("a.b").text() == R"(group["a.b"])");
  CHECK(Address::api("pets", "GET", "/pets/{id}", "NORMAL").text() == R"(api.pets["GET /pets/{id}"])");
  CHECK(Address::api("pets", "GET", "/pets", "SWA").text() == R"(api.pets["GET /pets SWA"])");
  const Address publication = Address::publication(Address::api("a.b", "ANY", "/x", "NORMAL"), "RELEASE");
  CHECK(publication.text() == R"(publication["a.b"].RELEASE["ANY /x"])");
  CHECK(publication.api_of_publication().text() == R"(api["a.b"]["ANY /x"])");
  CHECK(Address::ratelimit("gold").text() == "ratelimit.gold");
  CHECK(Address::acl("a b").text() == R"(acl["a b"])");
  CHECK(Address::response("pets", "a.b").text() == R"(response.pets["a.b"])");
  for (const std::string text : {"ratelimit.gold", R"(acl["a b"])", R"(response.pets["a.b"])"}) {
    const auto read = Address::parse(text);
    REQUIRE(read);
    CHECK(read->text() == text);
  }
  CHECK(Address::ratelimit("gold") != Address::acl("gold"));
}

TEST_CASE("what is not an address is refused with what is wrong") {
  const auto why = [](std::string_view text) {
    const auto parsed = Address::parse(text);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().kind == ErrorKind::Invalid);
    return parsed.error().message;
  };
  CHECK(why("pets") ==
        "\"pets\" is not an address: it does not start with a known type. Addresses look like group.NAME, "
        "api.GROUP[\"GET /path\"], publication.GROUP.ENV[\"GET /path\"], response.GROUP.NAME, ratelimit.NAME or "
        "acl.NAME.");
  CHECK(why("").find("known type") != std::string::npos);
  CHECK(why("group.").find("the group's name is missing") != std::string::npos);
  CHECK(why("group.a b").find("the group's name is missing") != std::string::npos);
  CHECK(why("group.a.b").find("something follows") != std::string::npos);
  CHECK(why(R"(group["a)").find("the group's name is missing") != std::string::npos);
  CHECK(why(R"(group["a\)").find("the group's name is missing") != std::string::npos);
  CHECK(why("ratelimit.").find("the policy's name is missing") != std::string::npos);
  CHECK(why("acl.a.b").find("something follows") != std::string::npos);
  CHECK(why("response.pets").find("the response's name is missing") != std::string::npos);
  CHECK(why("api.pets").find("the quoted method and path are missing") != std::string::npos);
  CHECK(why("api.pets.GET").find("the quoted method and path are missing") != std::string::npos);
  CHECK(why(R"(api.pets["GET /x"]x)").find("the quoted method and path are missing") != std::string::npos);
  CHECK(why(R"(api.pets["GET"])").find("not a method and a path") != std::string::npos);
  CHECK(why(R"(publication.pets["GET /x"])").find("the quoted method and path are missing") != std::string::npos);
}

TEST_CASE("the names of path variables do not count, everything else does") {
  const Address address = Address::api("pets", "GET", "/pets/{id}", "NORMAL");
  CHECK(address == Address::api("pets", "GET", "/pets/{petId}", "NORMAL"));
  CHECK_FALSE(address == Address::api("pets", "PUT", "/pets/{id}", "NORMAL"));
  CHECK_FALSE(address == Address::api("pets", "GET", "/pets/id", "NORMAL"));
  CHECK_FALSE(address == Address::api("pets", "GET", "/pets/{id}", "SWA"));
  CHECK_FALSE(address == Address::api("owners", "GET", "/pets/{id}", "NORMAL"));
  CHECK_FALSE(address == Address::publication(address, "RELEASE"));
  CHECK_FALSE(Address::publication(address, "TEST") == Address::publication(address, "RELEASE"));
  CHECK(without_variable_names("/a/{x}/b/{y}") == "/a/{}/b/{}");
  CHECK(without_variable_names("/a") == "/a");
}

TEST_CASE("addresses order by group, kind, path and method") {
  const auto api = [](std::string_view method, std::string_view path) {
    return Address::api("pets", method, path, "NORMAL");
  };
  const std::set<Address> sorted = {Address::publication(api("GET", "/a"), "RELEASE"),
                                    api("PUT", "/a"),
                                    api("DELETE", "/b"),
                                    api("GET", "/a"),
                                    Address::group("zoo"),
                                    Address::group("pets")};
  std::string order;
  for (const Address& address : sorted) order += address.text() + "\n";
  CHECK(order ==
        "group.pets\n"
        "api.pets[\"GET /a\"]\n"
        "api.pets[\"PUT /a\"]\n"
        "api.pets[\"DELETE /b\"]\n"
        "publication.pets.RELEASE[\"GET /a\"]\n"
        "group.zoo\n");
}

TEST_CASE("in a glob * is one segment, ** is any, and braces are literal") {
  struct Row {
    std::string_view glob;
    std::string_view text;
    bool matches;
  };
  const Row rows[] = {
      {"/pets", "/pets", true},
      {"/pets", "/pets/", false},
      {"/pets/*", "/pets/cat", true},
      {"/pets/*", "/pets/", true},
      {"/pets/*", "/pets/cat/tail", false},
      {"/pets/**", "/pets/cat/tail", true},
      {"/*/tail", "/cat/tail", true},
      {"/*/tail", "/pets/cat/tail", false},
      {"/**/tail", "/pets/cat/tail", true},
      {"**", "", true},
      {"*", "a/b", false},
      {"", "", true},
      {"", "a", false},
      {"/pets/{id}", "/pets/{id}", true},
      {"/pets/{id}", "/pets/id", false},
      {"/pets/{a,b}", "/pets/a", false},
      {"/pets/[ab]", "/pets/a", false},
      {"/pets/?", "/pets/a", false},
      {R"(api.pets["* /pets/**"])", R"(api.pets["GET /pets/{id}/toys"])", true},
      {R"(api.pets["GET *"])", R"(api.pets["GET /pets"])", false},
      {R"(api.*["GET /pets"])", R"(api.pets["GET /pets"])", true},
  };
  for (const Row& row : rows) {
    INFO(row.glob << " on " << row.text);
    CHECK(matches_glob(row.glob, row.text) == row.matches);
  }
}

TEST_CASE("globs of many stars take no longer than others") {
  std::string glob;
  for (int i = 0; i < 40; ++i) glob += "**a*";
  const std::string text(400, 'a');
  CHECK(matches_glob(glob, text));
  CHECK_FALSE(matches_glob(glob + "b", text));
  CHECK(matches_glob("*/**/*", "a/b/c"));
  CHECK_FALSE(matches_glob("*", "a/b"));
  CHECK(matches_glob("**", ""));
  CHECK_FALSE(matches_glob("", "a"));
  CHECK(matches_glob("***x", "a/bx"));
}

}  // namespace
}  // namespace sluice
