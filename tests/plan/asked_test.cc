// What --changed looks at, and what --refresh-only takes.
#include "plan/asked.h"

#include "plan/refresh.h"
#include "tests/plan/support.h"

namespace sluice {
namespace {

using test::api;
using test::body;

const Resource& first() {
  static const Resource resource = api(body("GET", "/a", "a"));
  return resource;
}
const Resource& other() {
  static const Resource resource = api(test::with(body("GET", "/a", "a"), "description", "new"));
  return resource;
}
const Resource& second() {
  static const Resource resource = api(body("GET", "/b", "b"));
  return resource;
}

bool asks(const std::vector<Resource>& desired, const Baseline& base,
          const std::vector<std::string>& environments = {"RELEASE"}) {
  return asks_for_something_new(test::desired(desired), environments, base);
}

TEST_CASE("files ask for something new when what they say differs from what they said") {
  const Baseline base = test::base({test::group(), first(), test::published(first())});
  CHECK_FALSE(asks({test::group(), first()}, base));
  CHECK(asks({test::group(), other()}, base));
  CHECK(asks({test::group(), first(), second()}, base));
  CHECK(asks({test::group()}, base));
  CHECK(asks({}, base));
  CHECK(asks({test::group("pets", "new"), first()}, base));
  CHECK(asks({test::group(), first()}, base, {"RELEASE", "TEST"}));
  CHECK(asks({test::group(), first()}, base, {}));
  CHECK(asks({test::group(), first()}, {}));
}

TEST_CASE("a group of others that is used is not asked for anew each time") {
  CHECK_FALSE(asks({test::group(), first()}, test::base({first(), test::published(first())})));
}

TEST_CASE("what was not carried through, and what an interrupted run claims, is looked at") {
  CHECK(asks({test::group(), first()}, test::base({test::group(), first()})));  // never published
  CHECK(asks({test::group(), first()}, test::base({test::group(), first(), test::published(other())})));
  Baseline claimed = test::base({test::group(), first(), test::published(first())});
  claimed.claimed.emplace(second().address, second().digest);
  CHECK(asks({test::group(), first()}, claimed));
}

TEST_CASE("what was kept as on the gateway counts as it was asked for then") {
  Baseline base = test::base({test::group(), other(), test::published(other())});
  base.kept.emplace(first().address, write_json(first().body));
  CHECK_FALSE(asks({test::group(), first()}, base));
  CHECK(asks({test::group(), other()}, base));
}

TEST_CASE("a refresh takes what is ours as it is, and lets go what is gone or was made anew") {
  Baseline base = test::base({test::group(), first(), test::published(first()), second()});
  base.resources.at(second().address).remote_id = "b1";
  base.unmanaged = {Address::api("pets", "GET", "/known", "NORMAL")};
  Resource again = second();
  again.remote_id = "b2";
  const LiveState live = test::live({test::group(), other(), test::published(other()), again});
  GroupDiff diff;
  diff.drift = find_drift(base, live);
  take_live(diff, base, live, {});
  std::vector<std::string> taken;
  for (const Resource& resource : diff.records) taken.push_back(resource.address.text());
  CHECK(taken == std::vector<std::string>{"api.pets[\"GET /a\"]", "publication.pets.RELEASE[\"GET /a\"]"});
  CHECK(diff.records[0].digest == other().digest);
  CHECK(diff.forgets == std::vector<Address>{second().address});
  CHECK(diff.foreign == std::vector<Address>{second().address, *base.unmanaged.begin()});
  GroupDiff part;
  part.drift = diff.drift;
  take_live(part, base, live, Targets({second().address.text()}, {}));
  CHECK(part.records.empty());
  CHECK(part.forgets.size() == 1);
  GroupDiff clean;
  take_live(clean, base, live, {});
  CHECK(clean.records.empty());
}

}  // namespace
}  // namespace sluice
