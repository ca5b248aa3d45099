#include "engine/journal.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "plan/json.h"

namespace sluice {
namespace {

Unexpected<Error> unreadable(const JournalEvent& event, std::string_view why) {
  return fail(ErrorKind::Storage, fmt::format("the journal's entry {} cannot be read: {}", event.seq, why));
}

Result<IntendedResource> resource_from(const JournalEvent& event, const Value& item) {
  const auto& parts = item.items();
  const bool texts =
      parts.size() == 3 && std::all_of(parts.begin(), parts.end(), [](const Value& part) { return part.is_string(); });
  if (!texts) return unreadable(event, "a resource is no list of three texts");
  auto address = Address::parse(parts[0].as_string());
  if (!address) return unreadable(event, address.error().message);
  const auto predicted = effect_named(parts[1].as_string());
  if (!predicted) return unreadable(event, fmt::format("it holds the unknown word \"{}\"", parts[1].as_string()));
  return IntendedResource{std::move(*address), *predicted, parts[2].as_string()};
}

Result<Intent> intent_from(const JournalEvent& event) {
  const auto data = parse_json(event.data);
  if (!data) return unreadable(event, data.error().message);
  const std::string_view word = data->text("kind");
  const auto kind = step_kind_named(word);
  if (!kind) return unreadable(event, fmt::format("it holds the unknown word \"{}\"", word));
  Intent intent{.id = event.seq,
                .run_id = event.run_id,
                .group = std::string(data->text("group")),
                .kind = *kind,
                .task_id = {},
                .outcome = {},
                .resources = {},
                .sent_at = event.at};
  const Value* resources = data->find("resources");
  if (resources == nullptr || !resources->is_array()) return unreadable(event, "it names no resources");
  for (const Value& item : resources->items()) {
    auto resource = resource_from(event, item);
    if (!resource) return resource.forward();
    intent.resources.push_back(std::move(*resource));
  }
  return intent;
}

}  // namespace

std::string opened_data(const Intent& intent) {
  Value list = Value::array();
  for (const IntendedResource& resource : intent.resources) {
    list.push(Value::array({resource.address.text(), to_string(resource.predicted), resource.after_digest}));
  }
  Value data = Value::object();
  data.set("group", intent.group).set("kind", to_string(intent.kind)).set("resources", std::move(list));
  return write_json(data);
}

Result<std::vector<Intent>> fold(const std::vector<JournalEvent>& events) {
  std::vector<Intent> intents;  // in the order of their ids
  for (const JournalEvent& event : events) {
    if (event.event == events::kOpened) {
      if (!intents.empty() && event.seq <= intents.back().id) return unreadable(event, "it is out of order");
      auto intent = intent_from(event);
      if (!intent) return intent.forward();
      intents.push_back(std::move(*intent));
      continue;
    }
    const auto intent = std::lower_bound(intents.begin(), intents.end(), event.intent,
                                         [](const Intent& one, std::int64_t id) { return one.id < id; });
    if (intent == intents.end() || intent->id != event.intent)
      return unreadable(event, "it belongs to an intent that was not opened");
    if (event.event == events::kTask) {
      intent->task_id = event.data;
    } else if (event.event == events::kResult) {
      intent->result = event.data;
    } else if (event.event == events::kOutcome) {
      intent->outcome = event.data;
    } else if (event.event == events::kClosed) {
      intent->closed = true;
    } else {
      return unreadable(event, fmt::format("it holds the unknown word \"{}\"", event.event));
    }
  }
  return intents;
}

}  // namespace sluice
