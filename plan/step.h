// What will be sent, in order: one step is one request that changes the gateway.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plan/address.h"

namespace sluice {

enum class StepKind { CreateGroup, UpdateGroup, Import, Publish, Offline, DeleteApi, DeleteGroup };

/// What an import does with APIs (or extension objects) that exist: keep them, or replace them.
enum class Mode { Merge, Override };

/// What becomes of a resource. The first five can be predicted; the others are only seen.
enum class Effected { Created, Updated, Deleted, Published, Offline, Ignored, Failed, Unknown, Skipped };

/// A resource of a step and what the step should make of it.
struct Prediction {
  Address address;
  Effected effect;
  std::string digest = {};  ///< what it has afterwards, when that is not the change's own: a temporary name
};

struct Step {
  int id = 0;
  StepKind kind = StepKind::Import;
  std::string group = {};
  std::string environment = {};            ///< of Publish and Offline
  Mode api_mode = Mode::Merge;             ///< of Import
  Mode extend_mode = Mode::Merge;          ///< of Import
  std::string document = {};               ///< of Import: the Swagger that is sent; of groups: {"name", "description"}
  std::vector<Prediction> predicted = {};  ///< every resource the step may touch, and nothing else
  std::vector<int> depends_on = {};
  std::string reason = {};  ///< one sentence for the reviewer; apply never reads it
};

std::string_view to_string(StepKind kind);
std::string_view to_string(Mode mode);
std::string_view to_string(Effected effect);

}  // namespace sluice
