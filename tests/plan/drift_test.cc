#include "plan/drift.h"

#include "tests/plan/support.h"

namespace sluice {
namespace {

using test::api;
using test::base;
using test::body;
using test::contains;
using test::desired;
using test::live;
using test::options;
using test::published;
using test::text_of;
using test::with;

const std::string kTime = "2026-07-31T02:13:55.123Z";

Value pets(const char* description = "") { return with(body("GET", "/pets", "listPets"), "description", description); }

Resource with_id(Resource resource, const std::string& id) {
  resource.remote_id = id;
  return resource;
}

Resource changed_at(Resource resource, const std::string& time) {
  resource.changed_at = time;
  return resource;
}

/// The reasons of the drift, a line each: "action address: reason".
std::string reasons(const std::vector<Change>& drift) {
  std::string text;
  for (const Change& change : drift) {
    text += std::string(to_string(change.action)) + " " + change.address.text() + ": " + change.reason + "\n";
  }
  return text;
}

Resource ours_api() { return api(pets("ours")); }
Resource theirs_api() { return changed_at(api(pets("theirs")), kTime); }

Resource published_at(const Resource& api, std::string_view environment = "RELEASE") {
  return changed_at(published(api, environment), kTime);
}

DiffOptions keep(std::vector<std::string> environments) {
  DiffOptions result = options(std::move(environments));
  result.on_drift = OnDrift::Keep;
  return result;
}

/// What an apply leaves when it sends nothing: the records enter, what is forgotten leaves, and what is kept is noted.
Baseline after(const Baseline& before, const GroupDiff& diff) {
  Baseline next = before;
  for (const Address& address : diff.forgets) {
    next.resources.erase(address);
    next.bodies.erase(address);
    next.kept.erase(address);
    std::erase_if(next.resources, [&](const auto& entry) {
      return entry.first.type() == "publication" && entry.first.api_of_publication() == address;
    });
  }
  for (const auto& [address, resource] : base(diff.records).resources)
    next.resources.insert_or_assign(address, resource);
  for (const auto& [address, text] : base(diff.records).bodies) next.bodies.insert_or_assign(address, text);
  for (const Resource& resource : diff.records) next.kept.erase(resource.address);
  for (const auto& [address, asked] : diff.kept) {
    const bool noted = std::find(diff.forgets.begin(), diff.forgets.end(), address) != diff.forgets.end() ||
                       std::any_of(diff.records.begin(), diff.records.end(),
                                   [&](const Resource& resource) { return resource.address == address; });
    if (noted) next.kept.insert_or_assign(address, write_json(asked));
  }
  next.unmanaged.clear();
  for (const auto* list : {&diff.unmanaged, &diff.foreign}) next.unmanaged.insert(list->begin(), list->end());
  return next;
}

}  // namespace

TEST_CASE("whatever moved of an API is one row that says all of it") {
  const Baseline was = base({ours_api(), published(ours_api())});
  struct Row {
    std::vector<Resource> live;
    std::string expected;
  };
  const Row rows[] = {
      {{theirs_api(), published(ours_api())},
       "It was changed on the gateway at 2026-07-31 02:13 UTC, but not published: RELEASE still serves what the last "
       "apply left."},
      {{theirs_api(), published_at(theirs_api())},
       "It was changed on the gateway and published in RELEASE at 2026-07-31 02:13 UTC by somebody else."},
      {{theirs_api()}, "It was changed on the gateway; it is not published in RELEASE any more."},
      {{theirs_api(), published_at(api(pets("third")))},
       "It was changed on the gateway; another version was published in RELEASE at 2026-07-31 02:13 UTC."},
      {{api(with(pets("ours"), "operationId", "renamed")), published(ours_api())},
       "It was renamed on the gateway, but not published: RELEASE still serves what the last apply left."},
      {{}, "It was deleted on the gateway, with its group."},
      {{test::group()}, "It was deleted on the gateway."}};
  for (const Row& row : rows) {
    const auto drift = find_drift(was, live(row.live));
    REQUIRE(drift.size() == 1);
    CHECK(drift[0].address == ours_api().address);
    CHECK(drift[0].reason == row.expected);
    CHECK(drift[0].origin == Origin::Drift);
  }
}

namespace {

/// An API that names a channel, with its publication in RELEASE; both times as the gateway tells them.
std::vector<Resource> on_channel(const std::string& channel, const std::string& drafted, const std::string& put_there) {
  Value definition = pets("ours");
  definition.set("x-apigateway-backend",
                 test::json(R"({"type": "HTTP-VPC", "httpVpcEndpoints": {"method": "GET", "path": "/p", "name": ")" +
                            channel + "\"}}"));
  const Resource draft = api(definition);
  return {changed_at(draft, drafted), changed_at(published(draft), put_there)};
}

std::string reason_of(const std::vector<Resource>& was, const std::vector<Resource>& now) {
  const auto drift = find_drift(base(was), live(now));
  REQUIRE(drift.size() == 1);
  return drift[0].reason;
}

}  // namespace

TEST_CASE("what another object is called now is not said to be somebody's publication") {
  const std::string later = "2026-07-31T09:00:00.000Z";
  const auto was = on_channel("ch1", kTime, kTime);
  CHECK(reason_of(was, on_channel("ch2", kTime, kTime)) ==
        "Its channel was probably renamed or replaced on the gateway: nobody changed the API itself since the last "
        "apply.");
  CHECK(reason_of(on_channel("ch1", "", ""), on_channel("ch2", kTime, kTime)) ==
        "Its channel was probably renamed or replaced on the gateway.");
  CHECK(reason_of(was, on_channel("ch2", later, later)) ==
        "It was changed on the gateway and published in RELEASE at 2026-07-31 09:00 UTC by somebody else.");
  CHECK(contains(reason_of(was, {on_channel("ch2", later, "")[0], was[1]}), "but not published: RELEASE still serves"));
  CHECK(reason_of({was[0]}, {on_channel("ch2", kTime, "")[0]}) ==
        "Its channel was probably renamed or replaced on the gateway: nobody changed the API itself since the last "
        "apply.");
}

TEST_CASE("a channel and the environment of what names it, both renamed, are two rows") {
  auto was = on_channel("ch1", kTime, kTime);
  auto now = on_channel("ch2", kTime, kTime);
  was[1].address = Address::publication(was[0].address, "staging");
  now[1].address = Address::publication(was[0].address, "stage2");
  now[1].digest.clear();  // no export was asked of it
  LiveState state = live(now);
  state.environments = {"RELEASE", "stage2"};
  CHECK(
      reasons(find_drift(base(was), state)) ==
      "update api.pets[\"GET /pets\"]: Its channel was probably renamed or replaced on the gateway: nobody changed the "
      "API itself since the last apply.\n"
      "delete publication.pets.staging[\"GET /pets\"]: The environment staging was renamed to stage2 on the "
      "gateway.\n");
}

TEST_CASE("a definition that nobody published anew is said to be that") {
  const auto at = [](const Resource& resource) { return changed_at(resource, kTime); };
  const Resource theirs = theirs_api();
  CHECK(reason_of({at(ours_api()), at(published(ours_api()))}, {theirs, at(published(theirs))}) ==
        "It differs from what the last apply left, though nobody changed or published it since.");
  CHECK(reason_of({at(ours_api()), at(published(ours_api()))}, {at(ours_api()), at(published(theirs))}) ==
        "RELEASE serves something else than the last apply left, though nobody published there since.");
  Resource edited = theirs;
  edited.changed_at = "2026-07-31T09:00:00.000Z";
  CHECK(reason_of({at(ours_api()), at(published(ours_api()))}, {edited, at(published(api(pets("third"))))}) ==
        "It was changed on the gateway at 2026-07-31 09:00 UTC; what RELEASE serves differs too, though nobody "
        "published there since.");
}

TEST_CASE("what an API is bound to under another name was renamed or replaced") {
  const auto bound = [](const char* names) { return api(with(pets(), "x-apigateway-plugins", test::json(names))); };
  const auto reason = [&](const char* before, const char* after) {
    return reason_of({bound(before), published(bound(before))}, {bound(after), published_at(bound(after))});
  };
  CHECK(reason(R"(["cors"])", R"(["cors2"])") ==
        "What it is bound to in RELEASE was renamed or replaced on the gateway.");
  CHECK(reason(R"(["cors"])", R"(["cors", "more"])") == "What it is bound to in RELEASE was changed on the gateway.");
}

TEST_CASE("an environment that was renamed is told once, and hides nothing else") {
  const auto other = [](const char* path) { return api(body("GET", path, "listOthers")); };
  const auto staged = [](const Resource& api, const char* where, const std::string& time = kTime) {
    return changed_at(published(api, where), time);
  };
  const Baseline was = base({ours_api(), staged(ours_api(), "staging"), other("/b"), staged(other("/b"), "staging"),
                             other("/c"), staged(other("/c"), "staging")});
  const auto told = [&](const std::vector<Resource>& now) {
    LiveState state = live(now);
    state.environments = {"RELEASE", "stage2"};
    return reasons(find_drift(was, state));
  };
  const std::vector<Resource> renamed = {ours_api(),  staged(ours_api(), "stage2"),
                                         other("/b"), staged(other("/b"), "stage2"),
                                         other("/c"), staged(other("/c"), "stage2")};
  CHECK(told(renamed) ==
        "delete publication.pets.staging[\"GET /b\"]: The environment staging was renamed to stage2 on the gateway, "
        "with 3 APIs of ours that are published there.\n");
  auto republished = renamed;
  republished[5] = staged(theirs_api(), "stage2", "2026-07-31T09:00:00.000Z");
  republished[5].address = renamed[5].address;
  republished[5].digest.clear();  // no export was asked of it
  republished.erase(republished.begin() + 3);
  CHECK(told(republished) ==
        "delete publication.pets.staging[\"GET /b\"]: It was taken offline in staging, which is called stage2 now.\n"
        "update publication.pets.staging[\"GET /c\"]: stage2 serves another version than the last apply left: somebody "
        "else put one there that was published at 2026-07-31 09:00 UTC.\n"
        "delete publication.pets.staging[\"GET /pets\"]: The environment staging was renamed to stage2 on the gateway, "
        "with 2 APIs of ours that are published there.\n");
  CHECK(contains(told({ours_api(), staged(ours_api(), "stage2", "2026-07-31T09:00:00.000Z"), other("/b"), other("/c")}),
                 "The environment staging was deleted on the gateway."));
}

TEST_CASE("of several environments each is told as it is") {
  const Baseline was =
      base({ours_api(), published(ours_api()), published(ours_api(), "TEST"), published(ours_api(), "UAT")});
  CHECK(
      reasons(find_drift(was, live({theirs_api(), published_at(theirs_api()), published(ours_api(), "TEST")}))) ==
      "update api.pets[\"GET /pets\"]: It was changed on the gateway and published in RELEASE at 2026-07-31 02:13 UTC "
      "by somebody else; TEST still serves what the last apply left; it is not published in UAT any more.\n");
  CHECK(contains(reasons(find_drift(was, live({theirs_api(), published(ours_api()), published(ours_api(), "TEST"),
                                               published(ours_api(), "UAT")}))),
                 "RELEASE, TEST and UAT still serve what"));
}

TEST_CASE("a publication has a row of its own where its API is right") {
  const Baseline was = base({ours_api(), published(ours_api())});
  const auto other = find_drift(was, live({ours_api(), published_at(theirs_api())}));
  CHECK(reasons(other) ==
        "update publication.pets.RELEASE[\"GET /pets\"]: RELEASE serves another version than the last apply left: "
        "somebody else put one there that was published at 2026-07-31 02:13 UTC.\n");
  CHECK(contains(text_of(other), "/description \"ours\" -> \"theirs\" drift"));
  CHECK(reasons(find_drift(was, live({ours_api()}))) ==
        "delete publication.pets.RELEASE[\"GET /pets\"]: It was taken offline in RELEASE.\n");
  CHECK(reasons(find_drift(was, live({ours_api(), published_at(ours_api(), "TEST")}))) ==
        "delete publication.pets.RELEASE[\"GET /pets\"]: It was moved from RELEASE to TEST at 2026-07-31 02:13 UTC by "
        "somebody else.\n"
        "create publication.pets.TEST[\"GET /pets\"]: It was published in TEST at 2026-07-31 02:13 UTC by somebody "
        "else, and not by the last apply; it was moved there from RELEASE.\n");
  LiveState without = live({ours_api()});
  without.environments = {"TEST"};
  CHECK(contains(reasons(find_drift(was, without)), "The environment RELEASE was deleted on the gateway."));
}

TEST_CASE("what was bound or unbound is told as that, without the time of a publication that was ours") {
  const auto bound = [](Resource resource, const char* member, Value to) {
    return changed_at(api(with(resource.body, member, std::move(to))), kTime);
  };
  const Resource gold = bound(ours_api(), "x-apigateway-ratelimit", "gold");
  const Resource none = ours_api();
  const Resource plugged = bound(gold, "x-apigateway-plugins", test::json(R"(["cors"])"));
  const Baseline was = base({gold, published(gold), published(gold, "STAGE")});
  const auto told = [&](const std::vector<Resource>& now) { return reasons(find_drift(was, live(now))); };
  const std::string pets_row = "update api.pets[\"GET /pets\"]: ";
  CHECK(told({gold, published(gold), published_at(none, "STAGE")}) ==
        "update publication.pets.STAGE[\"GET /pets\"]: What it is bound to in STAGE was changed on the gateway.\n");
  CHECK(told({none, published_at(none), published_at(none, "STAGE")}) ==
        pets_row + "What it is bound to in RELEASE and STAGE was changed on the gateway.\n");
  CHECK(
      told({plugged, published_at(plugged), published(gold, "STAGE")}) ==
      pets_row +
          "What it is bound to in RELEASE was changed on the gateway; STAGE still serves what the last apply left.\n");
  CHECK(told({bound(gold, "x-apigateway-access-control", "office"), published(gold), published(gold, "STAGE")}) ==
        pets_row +
            "What it is bound to was changed on the gateway at 2026-07-31 02:13 UTC, but not published: RELEASE and "
            "STAGE "
            "still serve what the last apply left.\n");
  CHECK(told({none, published_at(none), published_at(theirs_api(), "STAGE")}) ==
        pets_row +
            "What it is bound to in RELEASE was changed on the gateway; another version was published in STAGE at "
            "2026-07-31 02:13 UTC.\n");
  CHECK(
      told({theirs_api(), published_at(none), published(gold, "STAGE")}) ==
      pets_row +
          "It was changed on the gateway at 2026-07-31 02:13 UTC, but not published: STAGE still serves what the last "
          "apply left; what it is bound to in RELEASE was changed.\n");
}

TEST_CASE("where others published what is ours is drift once, until an apply has seen it") {
  Baseline was = base({ours_api(), published(ours_api())});
  const LiveState now = live({ours_api(), published(ours_api()), published_at(theirs_api(), "TEST")});
  CHECK(find_drift(was, now).size() == 1);
  const GroupDiff diff = diff_group(was, desired({ours_api()}), now, options({"RELEASE"}));
  CHECK(diff.changes.empty());
  REQUIRE(diff.foreign.size() == 1);
  CHECK(diff.foreign[0].text() == "publication.pets.TEST[\"GET /pets\"]");
  CHECK(find_drift(after(was, diff), now).empty());
  was.claimed.emplace(diff.foreign[0], "digest");  // ours, of a run that was interrupted
  CHECK(find_drift(was, now).empty());
}

TEST_CASE("what an interrupted run of ours sent is nobody else's doing") {
  Baseline was = base({ours_api(), published(ours_api())});
  const Resource sent = api(pets("sent"));
  was.claimed = {{sent.address, sent.digest}, {Address::publication(sent.address, "RELEASE"), sent.digest}};
  CHECK(find_drift(was, live({sent, published(sent)})).empty());
  CHECK(find_drift(was, live({sent, published(ours_api())})).empty());
  CHECK(find_drift(was, live({theirs_api(), published(ours_api())})).size() == 1);
  was.claimed = {{sent.address, ""}};
  CHECK(find_drift(was, live({test::group()})).empty());
}

TEST_CASE("an API that somebody deleted and made anew is said to be so, and is not ours to delete") {
  const Resource ours = with_id(ours_api(), "1");
  const Baseline was = base({ours, published(ours)});
  const LiveState same = live({with_id(ours_api(), "2"), published_at(with_id(ours_api(), "2"))});
  CHECK(reasons(find_drift(was, same)) ==
        "update api.pets[\"GET /pets\"]: It was deleted on the gateway and made anew by somebody else and published in "
        "RELEASE at 2026-07-31 02:13 UTC.\n");
  CHECK(contains(reasons(find_drift(was, live({with_id(theirs_api(), "2"), published_at(theirs_api())}))),
                 "made anew by somebody else and published in RELEASE at 2026-07-31 02:13 UTC."));
  CHECK(contains(reasons(find_drift(was, live({with_id(theirs_api(), "2")}))),
                 "it is not published in RELEASE any more"));
  CHECK(find_drift(was, live({with_id(ours_api(), "1"), published(ours_api())})).empty());

  const GroupDiff wanted = diff_group(was, desired({ours_api()}), same, options({"RELEASE"}));
  CHECK(wanted.drift.size() == 1);
  CHECK(wanted.changes.empty());
  const Baseline next = after(was, wanted);
  CHECK(next.resources.at(ours_api().address).remote_id == "2");
  CHECK(find_drift(next, same).empty());

  const GroupDiff unwanted = diff_group(was, desired({}), same, options({"RELEASE"}));
  CHECK(unwanted.changes.empty());
  REQUIRE(unwanted.unmanaged.size() == 1);
  REQUIRE(unwanted.forgets.size() == 1);
}

TEST_CASE("an API whose path was changed on the gateway is known by its id") {
  const Resource moved = with_id(api(body("GET", "/animals", "listPets")), "1");
  CHECK(reasons(find_drift(base({with_id(ours_api(), "1")}), live({moved}))) ==
        "delete api.pets[\"GET /pets\"]: Its method or path was changed on the gateway: it is api.pets[\"GET "
        "/animals\"] now.\n");
}

TEST_CASE("a group that was renamed, described anew, replaced or deleted is told apart") {
  const Resource ours = with_id(test::group("pets", "one"), "g1");
  const Baseline was = base({ours, ours_api()});
  Resource renamed = make_resource(ours.address, Value::object({{"name", "zoo", 0}, {"description", "one", 0}}));
  CHECK(contains(reasons(find_drift(was, live({with_id(renamed, "g1"), ours_api()}))),
                 "It was renamed to zoo on the gateway."));
  CHECK(contains(reasons(find_drift(was, live({with_id(test::group("pets", "two"), "g1"), ours_api()}))),
                 "It was changed on the gateway."));
  CHECK(contains(reasons(find_drift(was, live({with_id(test::group("pets", "one"), "g2"), ours_api()}))),
                 "another one has its name now"));
  CHECK(contains(reasons(find_drift(was, {})), "It was deleted on the gateway, and with it 1 API of ours."));
  const GroupDiff back = diff_group(was, desired({test::group("pets", "one"), ours_api()}),
                                    live({with_id(renamed, "g1"), ours_api()}), options());
  REQUIRE(back.changes.size() == 1);
  CHECK(back.changes[0].fields.at(0).path == "/name");
}

TEST_CASE("what is kept is quiet from then on, until the files change or the gateway moves again") {
  const Baseline was = base({ours_api(), published(ours_api())});
  struct Row {
    const char* what;
    std::vector<Resource> live;
  };
  const Row rows[] = {
      {"edited", {test::group(), theirs_api(), published(ours_api())}},
      {"edited and published", {test::group(), theirs_api(), published(theirs_api())}},
      {"edited and offline", {test::group(), theirs_api()}},
      {"edited, and another version is served", {test::group(), theirs_api(), published(api(pets("third")))}},
      {"offline", {test::group(), ours_api()}},
      {"another version is served", {test::group(), ours_api(), published(theirs_api())}},
      {"deleted", {test::group()}},
      {"deleted with its group", {}}};
  for (const Row& row : rows) {
    INFO(row.what);
    const LiveState now = live(row.live);
    CHECK_FALSE(find_drift(was, now).empty());
    const GroupDiff kept = diff_group(was, desired({ours_api()}), now, keep({"RELEASE"}));
    CHECK(kept.changes.empty());
    CHECK_FALSE(kept.kept.empty());
    const Baseline next = after(was, kept);
    CHECK(text_of(find_drift(next, now)).empty());
    for (const DiffOptions& how : {options({"RELEASE"}), keep({"RELEASE"})}) {
      const GroupDiff again = diff_group(next, desired({ours_api()}), now, how);
      CHECK(text_of(again.changes).empty());
      CHECK(again.drift.empty());
      CHECK_FALSE(again.kept.empty());
      CHECK(again.records.empty());
      CHECK(again.forgets.empty());
    }
    const GroupDiff asked = diff_group(next, desired({api(pets("newer"))}), now, options({"RELEASE"}));
    REQUIRE(asked.changes.size() == 1);
    CHECK(asked.changes[0].after.text("description") == "newer");
    CHECK(asked.changes[0].environments == std::vector<std::string>{"RELEASE"});
    CHECK(asked.changes[0].origin == Origin::Pending);
    // The files no longer name it: what is ours goes, what is gone is forgotten.
    const GroupDiff dropped = diff_group(next, desired({}), now, options({"RELEASE"}));
    CHECK(dropped.kept.empty());
    for (const auto& [address, asked] : after(next, dropped).kept) CHECK(next.resources.contains(address));
  }
}

TEST_CASE("a kept field stays when the file changes another one, and moves with its own") {
  const auto value = [](const char* description, int timeout) {
    return api(test::with_endpoint(pets(description), "timeout", timeout));
  };
  const Resource ours = value("ours", 1000);
  const LiveState now = live({value("theirs", 1000)});
  const GroupDiff kept = diff_group(base({ours}), desired({ours}), now, keep({}));
  const Baseline next = after(base({ours}), kept);
  const GroupDiff timeout = diff_group(next, desired({value("ours", 2000)}), now, options());
  REQUIRE(timeout.changes.size() == 1);
  CHECK(timeout.changes[0].fields.size() == 1);
  CHECK(timeout.changes[0].after.text("description") == "theirs");
  CHECK(timeout.kept.size() == 1);
  const GroupDiff both = diff_group(next, desired({value("newer", 2000)}), now, options());
  CHECK(both.changes.at(0).fields.size() == 2);
  // Once more on the gateway: drift again, which revert takes back to what the files ask for.
  const GroupDiff again = diff_group(next, desired({ours}), live({value("theirs again", 1000)}), options());
  CHECK(again.drift.size() == 1);
  CHECK(again.changes.at(0).after.text("description") == "ours");
  // Where the files come to ask for what the gateway has, nothing is kept any more.
  const GroupDiff agreed = diff_group(next, desired({value("theirs", 1000)}), now, options());
  CHECK(agreed.changes.empty());
  CHECK(agreed.kept.empty());
  CHECK(after(next, agreed).kept.empty());
}

TEST_CASE("prune all deletes what is not ours, and says so") {
  DiffOptions all = options({"RELEASE"});
  all.prune = Prune::All;
  const Resource theirs = api(body("GET", "/theirs", "theirs"));
  const GroupDiff diff = diff_group(base({ours_api()}), desired({ours_api()}),
                                    live({test::group(), ours_api(), theirs, published(theirs)}), all);
  CHECK(diff.unmanaged.empty());
  const auto change = std::find_if(diff.changes.begin(), diff.changes.end(),
                                   [](const Change& c) { return c.action == Action::Delete; });
  REQUIRE(change != diff.changes.end());
  CHECK(change->foreign);
  CHECK(change->address == theirs.address);
  CHECK(
      change->reason ==
      "It is not owned by Sluice; prune: all: take it offline in RELEASE, where others published it, then delete it.");
  CHECK(std::none_of(diff.changes.begin(), diff.changes.end(),
                     [](const Change& c) { return c.address.type() == "group"; }));
}

TEST_CASE("times are shown in UTC, and what is no such time as it is") {
  CHECK(shown_time("2020-08-03T01:36:00.318557179Z") == "2020-08-03 01:36 UTC");
  CHECK(shown_time("2020-08-03T01:36:00Z") == "2020-08-03 01:36 UTC");
  CHECK(shown_time("2020-08-03T01:36:00+02:00") == "2020-08-03T01:36:00+02:00");
  CHECK(shown_time("yesterday") == "yesterday");
  CHECK(shown_time("") == "");
}

}  // namespace sluice
