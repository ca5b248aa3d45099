// What every store must do about past runs, and about a state that moves.
#include "plan/json.h"
#include "tests/engine/store_bench.h"

using namespace sluice;
using namespace sluice::test;

namespace {

RunRecord run_of(const std::string& id) {
  return {.id = id,
          .started_at = "2026-01-31T00:00:00Z",
          .actor = "alice",
          .plan_digest = "sha256:p",
          .operation = "apply",
          .revision = "abc",
          .ci_url = "https://ci.example/1",
          .plan = R"({"plan":")" + id + R"("})",
          .resumed_from = "earlier"};
}

std::string pulled(StateStore& store, bool with_key = false) {
  const auto text = store.pull(with_key);
  if (!text) UNSCOPED_INFO(text.error().message);
  REQUIRE(text);
  return *text;
}

/// A state with something of everything; its lock is given back.
void fill(StateStore& store) {
  const LockToken token = lock(store);
  StateChange change =
      owning({resource(api("/a/{id}"), "sha256:a", "A"), resource(Address::group("pets"), "sha256:g", "G"),
              resource(Address::publication(api("/a/{id}"), "RELEASE"), "sha256:a", "A")});
  change.owned[0].changed_at = "2026-01-01T00:00:00Z";
  change.unmanaged = {api("/theirs")};
  change.kept = {{api("/a/{id}"), R"({"description":"asked"})"}};
  change.protect = {api("/a/{id}")};
  REQUIRE(store.commit(token, change));
  REQUIRE(store.unlock(token));
}

}  // namespace

TEST_CASE("a run is remembered with its outcomes, journal, plan and backup") {
  const Bench bench(GENERATE(from_range(store_rows())));
  CHECK(bench.store->runs()->empty());
  CHECK(bench.store->run("r1").error().kind == ErrorKind::NotFound);
  const LockToken token = lock(*bench.store);
  REQUIRE(bench.store->begin_run(token, run_of("r1")));
  Intent intent = intent_of(api("/a"));
  intent.run_id = "r1";
  REQUIRE(bench.store->keep_backup(token, "r1", "pets", R"({"resources":[]})"));
  REQUIRE(bench.store->keep_backup(token, "r1", "", "{}"));
  const auto id = bench.store->open_intent(token, intent);
  REQUIRE(id);
  REQUIRE(bench.store->note_task(token, *id, "T"));
  REQUIRE(bench.store->note_result(token, *id, "[]"));
  CHECK(bench.open()->runs()->front().open_intents == 1);
  CHECK_FALSE(bench.open()->runs()->front().exit_code);
  REQUIRE(bench.store->note_outcome(token, *id, "done"));
  StateChange change = owning({});
  change.closed_intents = {*id};
  REQUIRE(bench.store->commit(token, change));
  REQUIRE(bench.store->note_outcomes(token, "r1", {{api("/a"), Effected::Created, Effected::Created}}));
  REQUIRE(bench.store->note_outcomes(token, "r1",
                                     {{api("/b"), Effected::Updated, Effected::Failed, "APIG.1", "no"},
                                      {api("/c"), Effected::Updated, Effected::Created, "", "", true}}));
  REQUIRE(bench.store->end_run(token, "r1", 3));
  REQUIRE(bench.store->begin_run(token, run_of("r2")));

  const auto store = bench.open();
  const auto runs = store->runs();
  REQUIRE(runs);
  REQUIRE(runs->size() == 2);
  CHECK((*runs)[0].record.id == "r2");
  const RunSummary& summary = (*runs)[1];
  CHECK(summary.record.actor == "alice");
  CHECK(summary.record.plan_digest == "sha256:p");
  CHECK(summary.record.revision == "abc");
  CHECK(summary.record.ci_url == "https://ci.example/1");
  CHECK(summary.record.operation == "apply");
  CHECK(summary.record.resumed_from == "earlier");
  CHECK(summary.exit_code == 3);
  CHECK_FALSE(summary.ended_at.empty());
  CHECK(summary.open_intents == 0);
  CHECK(summary.has_plan);
  CHECK(summary.has_backup);
  CHECK(summary.outcomes.at(Effected::Created) == 2);
  CHECK(summary.outcomes.at(Effected::Failed) == 1);

  const auto details = store->run("r1");
  REQUIRE(details);
  CHECK(details->plan == run_of("r1").plan);
  REQUIRE(details->outcomes.size() == 3);
  CHECK(details->outcomes[1].address == api("/b"));
  CHECK(details->outcomes[1].predicted == Effected::Updated);
  CHECK(details->outcomes[1].error_code == "APIG.1");
  CHECK(details->outcomes[1].error_message == "no");
  CHECK(details->outcomes[2].already);
  std::string words;
  for (const JournalEvent& event : details->journal) words += event.event + " ";
  CHECK(words == "opened task result outcome closed ");
  CHECK(fold(details->journal)->front().closed);
  CHECK(store->backup("r1").value() == std::map<std::string, std::string>{{"", "{}"}, {"pets", R"({"resources":[]})"}});
  CHECK(store->backup("r2")->empty());
}

TEST_CASE("the newest runs keep their plan and backup, and older ones are forgotten in the end") {
  const Bench bench(GENERATE(from_range(store_rows())));
  const LockToken token = lock(*bench.store);
  const auto begin = [&](std::size_t number) {
    const std::string id = std::to_string(number);
    REQUIRE(bench.store->begin_run(token, run_of(id)));
    REQUIRE(bench.store->keep_backup(token, id, "pets", "{}"));
    REQUIRE(bench.store->note_outcomes(token, id, {{api("/a"), Effected::Created, Effected::Created}}));
  };
  Intent open = intent_of(api("/a"));
  open.run_id = "0";
  std::size_t number = 0;
  begin(number);
  REQUIRE(bench.store->open_intent(token, open));
  while (++number < kRunsInFull + 2) begin(number);
  auto runs = bench.store->runs();
  REQUIRE(runs->size() == kRunsInFull + 2);
  for (std::size_t i = 0; i < runs->size(); ++i) {
    CHECK((*runs)[i].has_plan == (i < kRunsInFull));
    CHECK((*runs)[i].has_backup == (i < kRunsInFull));
  }
  CHECK(bench.store->run("0")->plan.empty());
  CHECK(bench.store->run("0")->outcomes.size() == 1);
  for (; number < kRunsKept + 1; ++number) REQUIRE(bench.store->begin_run(token, run_of(std::to_string(number))));
  runs = bench.store->runs();
  CHECK(runs->size() == kRunsKept);
  CHECK(runs->back().record.id == "1");
  CHECK(snapshot_of(*bench.store).open_intents.size() == 1);  // whatever became of its run
}

TEST_CASE("a state that is pulled can be pushed elsewhere, and is the same there") {
  const StoreRow row = GENERATE(from_range(store_rows()));
  const Bench bench(row);
  CHECK(bench.store->pull().error().kind == ErrorKind::NotFound);
  fill(*bench.store);
  const std::string text = pulled(*bench.store);
  CHECK(text == pulled(*bench.store));
  CHECK(text.find(snapshot_of(*bench.store).hash_key.reveal()) == std::string::npos);
  const Bench other(row);
  const LockToken token = lock(*other.store);
  REQUIRE(other.store->push(token, pulled(*bench.store, true)));
  REQUIRE(other.store->unlock(token));
  CHECK(pulled(*other.store, true) == pulled(*bench.store, true));
  const StateSnapshot there = snapshot_of(*other.store);
  CHECK(there.groups.at("pets").resources.size() == 3);
  CHECK(there.groups.at("pets").guarded == std::set<Address>{api("/a/{id}")});
  CHECK(there.hash_key.reveal() == snapshot_of(*bench.store).hash_key.reveal());
}

TEST_CASE("what is open travels with a state, and keeps another from taking its place") {
  const StoreRow row = GENERATE(from_range(store_rows()));
  const Bench bench(row);
  fill(*bench.store);
  const std::string before = pulled(*bench.store);
  const LockToken token = lock(*bench.store);
  const auto id = bench.store->open_intent(token, intent_of(api("/b")));
  REQUIRE(bench.store->note_task(token, *id, "T"));
  const auto refused = bench.store->push(token, before);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::Refused);
  CHECK(snapshot_of(*bench.store).open_intents.size() == 1);
  const Bench other(row);
  const LockToken there = lock(*other.store);
  REQUIRE(other.store->push(there, pulled(*bench.store)));
  const StateSnapshot state = snapshot_of(*other.store);
  REQUIRE(state.open_intents.size() == 1);
  CHECK(state.open_intents[0].task_id == "T");
  StateChange settled = owning({});
  settled.closed_intents = {state.open_intents[0].id};
  REQUIRE(other.store->commit(there, settled));
  CHECK(snapshot_of(*other.store).open_intents.empty());
  REQUIRE(bench.store->push(token, before, true));
  CHECK(snapshot_of(*bench.store).open_intents.empty());
}

TEST_CASE("a push refuses an older serial, another state of the same, and another lineage, unless it is forced") {
  const StoreRow row = GENERATE(from_range(store_rows()));
  const Bench bench(row);
  fill(*bench.store);
  const std::string old = pulled(*bench.store);
  LockToken token = lock(*bench.store);
  REQUIRE(bench.store->push(token, old));  // the same once more
  REQUIRE(bench.store->commit(token, owning({resource(api("/new"), "sha256:n", "N")})));
  const std::string newer = pulled(*bench.store);
  const auto refuse = [&](const std::string& text, const std::string& why) {
    const auto refused = bench.store->push(token, text);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::Refused);
    CHECK(refused.error().message.find(why) != std::string::npos);
    CHECK(pulled(*bench.store) == newer);
  };
  refuse(old, "it is older");
  std::string other = newer;
  other.replace(other.find("sha256:n"), 8, "sha256:m");
  refuse(other, "same serial");
  const Bench elsewhere(row);
  fill(*elsewhere.store);
  refuse(pulled(*elsewhere.store), "lineage");
  REQUIRE(bench.store->push(token, old, true));
  CHECK(snapshot_of(*bench.store).serial == 3);  // never backwards
  CHECK(snapshot_of(*bench.store).groups.at("pets").resources.size() == 3);
  REQUIRE(bench.store->push(token, pulled(*elsewhere.store), true));
  CHECK(snapshot_of(*bench.store).lineage == snapshot_of(*elsewhere.store).lineage);
}

TEST_CASE("what a gateway says is kept, whatever bytes it has") {
  const Bench bench(GENERATE(from_range(store_rows())));
  const LockToken token = lock(*bench.store);
  REQUIRE(bench.store->begin_run(token, run_of("r1")));
  const std::string said("\0a\0b\0 caf\xE9 \xFF\xFE \xC3\xA9", 16);
  REQUIRE(
      bench.store->note_outcomes(token, "r1", {{api("/a"), Effected::Created, Effected::Failed, "\xFF\xFE", said}}));
  const auto run = bench.store->run("r1");
  REQUIRE(run);
  CHECK(run->outcomes.at(0).error_code == "?\?");
  CHECK(run->outcomes.at(0).error_message == "?a?b? caf? ?\? \xC3\xA9");
}

TEST_CASE("a text that is no state is refused, and changes nothing") {
  const Bench bench(GENERATE(from_range(store_rows())));
  fill(*bench.store);
  const std::string before = pulled(*bench.store);
  const LockToken token = lock(*bench.store);
  const auto with = [&](const std::string& what, const std::string& instead) {
    std::string text = before;
    const auto at = text.find(what);
    REQUIRE(at != std::string::npos);
    return text.replace(at, what.size(), instead);
  };
  for (const std::string& text :
       {std::string(), std::string("{}"), std::string("[]"), before.substr(0, before.size() / 2),
        with("\"sluice_state\": 1", "\"sluice_state\": 2"), with("\"serial\": 1", "\"serial\": -1"),
        with("\"serial\": 1", "\"serial\": 9223372036854775807"), with("api.pets", "api.other"),
        with("\"body\": {", "\"body\": [], \"b\": {"), with("\"journal\": []", "\"journal\": [{}]")}) {
    const auto refused = bench.store->push(token, text);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::Invalid);
    CHECK(refused.error().message.find('\n') == std::string::npos);
  }
  CHECK(pulled(*bench.store) == before);
}

TEST_CASE("room is reserved for a lock, and given back with it") {
  const Bench bench(GENERATE(from_range(store_rows())));
  const LockToken token = lock(*bench.store);
  CHECK(bench.store->reserve(token, 1 << 20));
  CHECK(bench.store->commit(token, owning({})));
  CHECK(bench.store->unlock(token));
}
