#include "plan/ownership.h"

#include "tests/plan/support.h"

namespace sluice {
namespace {

using test::api;
using test::base;
using test::body;
using test::live;
using test::published;

Resource a() { return api(body("GET", "/a", "a")); }
Resource b() { return api(body("GET", "/b/{id}", "b")); }

std::string texts(const std::vector<Resource>& resources) {
  std::string text;
  for (const Resource& resource : resources) text += resource.address.text() + "\n";
  return text;
}

template <typename List>
std::string addresses(const List& list) {
  std::string text;
  for (const Address& address : list) text += address.text() + "\n";
  return text;
}

}  // namespace

TEST_CASE("a glob speaks of one group, or of any") {
  struct Row {
    const char* glob;
    std::optional<std::string> group;
  };
  const Row rows[] = {{"group.pets", "pets"},
                      {"api.pets[\"GET /a\"]", "pets"},
                      {"api.pets**", std::nullopt},
                      {"api.pets[\"**\"]", "pets"},
                      {"api[\"a.b\"][\"**\"]", "a.b"},
                      {"api[\"a\\\"b\"][\"**\"]", "a\"b"},
                      {"publication.pets.RELEASE[\"GET /a\"]", "pets"},
                      {"response.pets.default", "pets"},
                      {"api.*[\"**\"]", std::nullopt},
                      {"api.**", std::nullopt},
                      {"**", std::nullopt},
                      {"", std::nullopt},
                      {"api", std::nullopt},
                      {"api.", std::nullopt},
                      {"ratelimit.gold", std::nullopt}};
  for (const Row& row : rows) {
    INFO(row.glob);
    CHECK(group_named_by(row.glob) == row.group);
  }
}

TEST_CASE("the names of path variables do not count in an address, and a glob is a glob") {
  CHECK(names("api.pets[\"GET /b/{x}\"]", b().address));
  CHECK(names("api.pets[\"GET /b/*\"]", b().address));
  CHECK(names("**", b().address));
  CHECK_FALSE(names("api.pets[\"GET /b\"]", b().address));
  CHECK_FALSE(names("{", b().address));
}

TEST_CASE("an API comes with its publications in the group's environments, and with no others") {
  const LiveState now = live({test::group(), a(), published(a()), published(a(), "TEST"), b(), published(b())});
  const Takeover one = take_over({}, now, {"api.pets[\"GET /a\"]"}, {"RELEASE"});
  CHECK(texts(one.owned) == "api.pets[\"GET /a\"]\npublication.pets.RELEASE[\"GET /a\"]\n");
  CHECK(one.already.empty());
  CHECK(one.matched.size() == 1);
  // The first look at the group: whatever else is there has been seen.
  CHECK(addresses(one.unmanaged) == "api.pets[\"GET /b/{id}\"]\npublication.pets.TEST[\"GET /a\"]\n");

  const Takeover all = take_over({}, now, {"**"}, {"RELEASE"});
  CHECK(all.owned.size() == 5);
  CHECK(addresses(all.unmanaged) == "publication.pets.TEST[\"GET /a\"]\n");

  const Takeover named = take_over({}, now, {"api.pets[\"GET /a\"]", "publication.**"}, {});
  CHECK(texts(named.owned) ==
        "api.pets[\"GET /a\"]\npublication.pets.RELEASE[\"GET /a\"]\npublication.pets.TEST[\"GET /a\"]\n");
}

TEST_CASE("what is ours already is told, and what is ours no more is taken over again") {
  Resource ours = a();
  ours.remote_id = "1";
  Resource anew = a();
  anew.remote_id = "2";
  const Baseline was = base({ours});
  const Takeover again = take_over(was, live({ours, b()}), {"api.**"}, {"RELEASE"});
  CHECK(texts(again.owned) == "api.pets[\"GET /b/{id}\"]\n");
  CHECK(addresses(again.already) == "api.pets[\"GET /a\"]\n");
  CHECK(texts(take_over(was, live({anew}), {"api.**"}, {}).owned) == "api.pets[\"GET /a\"]\n");
  // A group that is known remembers what it had seen, and no more.
  CHECK(take_over(was, live({ours, b()}), {"api.pets[\"GET /a\"]"}, {}).unmanaged.empty());
}

TEST_CASE("a glob that names nothing has matched nothing") {
  CHECK(take_over({}, live({a()}), {"api.pets[\"GET /c\"]", "api.**"}, {}).matched == std::set<std::string>{"api.**"});
  CHECK(let_go(base({a()}), {"api.pets[\"GET /c\"]", "api.**"}).matched == std::set<std::string>{"api.**"});
}

TEST_CASE("an API that is let go takes its publications along, a group does not take its APIs") {
  const Baseline was = base({test::group(), a(), published(a()), b(), published(b())});
  const Release one = let_go(was, {"api.pets[\"GET /a\"]"});
  CHECK(addresses(one.gone) == "api.pets[\"GET /a\"]\npublication.pets.RELEASE[\"GET /a\"]\n");
  CHECK(addresses(one.unmanaged) == "api.pets[\"GET /a\"]\n");
  CHECK(addresses(let_go(was, {"group.pets"}).gone) == "group.pets\n");
  CHECK(let_go(was, {"**"}).gone.size() == 5);
  const Release served = let_go(was, {"publication.**"});
  CHECK(addresses(served.unmanaged) ==
        "publication.pets.RELEASE[\"GET /a\"]\npublication.pets.RELEASE[\"GET /b/{id}\"]\n");
}

}  // namespace sluice
