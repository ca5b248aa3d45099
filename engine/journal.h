// The journal: events that are only ever added, and the intents that they amount to. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "plan/address.h"
#include "plan/result.h"
#include "plan/step.h"

namespace sluice {

/// A resource that an interrupted step may have changed, and the digest it was to have afterwards ("" when deleted).
struct IntendedResource {
  Address address;
  Effected predicted = Effected::Created;
  std::string after_digest;
};

/// One request that changes the gateway, as the journal knows it: written before it is sent.
struct Intent {
  std::int64_t id = 0;
  std::string run_id;
  std::string group;
  StepKind kind = StepKind::Import;
  std::string task_id;  ///< "" until the gateway named one
  std::string outcome;  ///< "" until the step ended
  std::vector<IntendedResource> resources;
  std::string sent_at = {};  ///< RFC 3339; set by the store
  std::string result = {};   ///< what the gateway said of each resource, as JSON; "" until it did
  bool closed = false;       ///< the state says what became of it
};

namespace events {
inline constexpr std::string_view kOpened = "opened";    ///< about to be sent; data: see opened_data
inline constexpr std::string_view kTask = "task";        ///< data: the task's id
inline constexpr std::string_view kResult = "result";    ///< data: JSON
inline constexpr std::string_view kOutcome = "outcome";  ///< data: the outcome
inline constexpr std::string_view kClosed = "closed";    ///< no data
}  // namespace events

/// One row. The first of an intent opens it, and its number is the intent's id.
struct JournalEvent {
  std::int64_t seq = 0;
  std::int64_t intent = 0;
  std::string run_id;
  std::string event;
  std::string at;  ///< RFC 3339
  std::string data;
};

/// What the opening event of an intent holds: group, kind and resources, as JSON.
std::string opened_data(const Intent& intent);

/// The intents that events amount to, in the order they were opened, closed ones too. `events` are in the order of
/// `seq`, and begin where no intent was open. Errors: Storage when they cannot have been written by this program.
Result<std::vector<Intent>> fold(const std::vector<JournalEvent>& events);

}  // namespace sluice
