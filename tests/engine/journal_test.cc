#include "engine/journal.h"

#include <functional>

using namespace sluice;

namespace {

Intent an_intent(const std::string& path) {
  return {.id = 0,
          .run_id = "r",
          .group = "pets",
          .kind = StepKind::Import,
          .task_id = {},
          .outcome = {},
          .resources = {{Address::api("pets", "GET", path, "NORMAL"), Effected::Updated, "sha256:1"}}};
}

JournalEvent opened(std::int64_t seq, const std::string& path = "/a") {
  return {seq, seq, "r", std::string(events::kOpened), "2026-01-31T00:00:00Z", opened_data(an_intent(path))};
}

JournalEvent event(std::int64_t seq, std::int64_t intent, std::string_view word, const std::string& data = {}) {
  return {seq, intent, "r", std::string(word), "2026-01-31T00:00:01Z", data};
}

}  // namespace

TEST_CASE("events amount to intents, in the order they were opened") {
  const auto intents =
      fold({opened(3), opened(4, "/b"), event(5, 4, events::kTask, "T"), event(6, 3, events::kOutcome, "done"),
            event(7, 4, events::kResult, "[]"), event(8, 3, events::kClosed)});
  REQUIRE(intents);
  REQUIRE(intents->size() == 2);
  const Intent& first = (*intents)[0];
  CHECK(first.id == 3);
  CHECK(first.run_id == "r");
  CHECK(first.group == "pets");
  CHECK(first.kind == StepKind::Import);
  CHECK(first.sent_at == "2026-01-31T00:00:00Z");
  CHECK(first.outcome == "done");
  CHECK(first.task_id.empty());
  CHECK(first.closed);
  REQUIRE(first.resources.size() == 1);
  CHECK(first.resources[0].address.text() == R"(api.pets["GET /a"])");
  CHECK(first.resources[0].predicted == Effected::Updated);
  CHECK(first.resources[0].after_digest == "sha256:1");
  const Intent& second = (*intents)[1];
  CHECK(second.task_id == "T");
  CHECK(second.result == "[]");
  CHECK(second.outcome.empty());
  CHECK_FALSE(second.closed);
  CHECK(fold({})->empty());
}

TEST_CASE("what was said last counts") {
  const auto intents = fold({opened(1), event(2, 1, events::kTask, "T1"), event(3, 1, events::kTask, "T2")});
  REQUIRE(intents);
  CHECK(intents->front().task_id == "T2");
}

TEST_CASE("events that nobody can have written are an error, and no empty journal") {
  const auto with_data = [](const std::string& data) {
    JournalEvent broken = opened(1);
    broken.data = data;
    return broken;
  };
  const auto [events, why] = GENERATE_COPY(table<std::vector<JournalEvent>, std::string>(
      {{{event(1, 1, events::kTask, "T")}, "was not opened"},
       {{opened(1), event(2, 7, events::kClosed)}, "was not opened"},
       {{opened(1), event(2, 1, "renamed")}, "unknown word \"renamed\""},
       {{opened(2), opened(1)}, "out of order"},
       {{with_data("{")}, "entry 1"},
       {{with_data("[]")}, "unknown word"},
       {{with_data(R"({"kind":"import","group":"g"})")}, "names no resources"},
       {{with_data(R"({"kind":"import","group":"g","resources":[["x"]]})")}, "three texts"},
       {{with_data(R"({"kind":"import","group":"g","resources":[["nonsense","created",""]]})")}, "entry 1"},
       {{with_data(R"({"kind":"import","group":"g","resources":[["group.g","eaten",""]]})")}, "eaten"}}));
  const auto intents = fold(events);
  REQUIRE_FALSE(intents);
  CHECK(intents.error().kind == ErrorKind::Storage);
  INFO(intents.error().message);
  CHECK(intents.error().message.find(why) != std::string::npos);
}
