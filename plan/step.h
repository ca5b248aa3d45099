// What will be sent, in order: one step is one request that changes the gateway.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plan/address.h"

namespace sluice {

enum class StepKind {
  CreateGroup,
  UpdateGroup,
  CreateResponse,
  UpdateResponse,
  Import,
  Publish,
  Unbind,  ///< takes a policy or plug-in off what is published
  Bind,    ///< puts one on, where publishing did not
  Offline,
  DeleteApi,
  DeleteResponse,
  DeleteGroup,
  DeletePolicy,
};

/// What an import does with APIs (or extension objects) that exist: keep them, or replace them.
enum class Mode { Merge, Override };

/// Modes that the manifest forces on all imports of a group; nothing: each step's own.
struct ForcedModes {
  std::optional<Mode> api = {};
  std::optional<Mode> extend = {};
};

/// What becomes of a resource. The first eight can be predicted, Ignored where a forced mode keeps what is there; the
/// others are only seen.
enum class Effected {
  Created,
  Updated,
  Deleted,
  Published,
  Offline,
  Bound,
  Unbound,
  Ignored,
  Failed,
  Unknown,
  Skipped
};

/// A resource of a step and what the step should make of it.
struct Prediction {
  Address address;
  Effected effect;
  std::string digest = {};  ///< what it has afterwards, when that is not the change's own: a temporary name
};

/// `document` is, of Import, the Swagger that is sent; of groups, {"name", "description"}; of responses, {"name",
/// "responses"}; of Bind and Unbind, {"type": ratelimit | acl | plugin, "name"}.
struct Step {
  int id = 0;
  StepKind kind = StepKind::Import;
  std::string group = {};
  std::string environment = {};            ///< of Publish, Offline, Bind and Unbind
  Mode api_mode = Mode::Merge;             ///< of Import
  Mode extend_mode = Mode::Merge;          ///< of Import
  std::string document = {};               ///< see below
  std::vector<Prediction> predicted = {};  ///< every resource the step may touch, and nothing else
  std::vector<int> depends_on = {};
  std::string reason = {};  ///< one sentence for the reviewer; apply never reads it
};

std::string_view to_string(StepKind kind);
std::string_view to_string(Mode mode);
std::string_view to_string(Effected effect);

/// The enumerator with this name; nothing when there is none.
std::optional<StepKind> step_kind_named(std::string_view name);
std::optional<Effected> effect_named(std::string_view name);

}  // namespace sluice
