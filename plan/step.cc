#include "plan/step.h"

namespace sluice {

std::string_view to_string(StepKind kind) {
  switch (kind) {
    case StepKind::CreateGroup:
      return "create-group";
    case StepKind::UpdateGroup:
      return "update-group";
    case StepKind::CreateResponse:
      return "create-response";
    case StepKind::UpdateResponse:
      return "update-response";
    case StepKind::Import:
      return "import";
    case StepKind::Publish:
      return "publish";
    case StepKind::Unbind:
      return "unbind";
    case StepKind::Bind:
      return "bind";
    case StepKind::Offline:
      return "offline";
    case StepKind::DeleteApi:
      return "delete";
    case StepKind::DeleteResponse:
      return "delete-response";
    case StepKind::DeleteGroup:
      return "delete-group";
    case StepKind::DeletePolicy:
      return "delete-policy";
  }
  return {};
}

std::string_view to_string(Mode mode) { return mode == Mode::Merge ? "merge" : "override"; }

std::string_view to_string(Effected effect) {
  switch (effect) {
    case Effected::Created:
      return "created";
    case Effected::Updated:
      return "updated";
    case Effected::Deleted:
      return "deleted";
    case Effected::Published:
      return "published";
    case Effected::Offline:
      return "offline";
    case Effected::Bound:
      return "bound";
    case Effected::Unbound:
      return "unbound";
    case Effected::Ignored:
      return "ignored";
    case Effected::Failed:
      return "failed";
    case Effected::Unknown:
      return "unknown";
    case Effected::Skipped:
      return "skipped";
  }
  return {};
}

namespace {

/// Enumerators follow each other from 0 to `last`.
template <typename Enum>
std::optional<Enum> enumerator_named(std::string_view name, Enum last) {
  for (int i = 0; i <= static_cast<int>(last); ++i) {
    if (to_string(static_cast<Enum>(i)) == name) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

}  // namespace

std::optional<StepKind> step_kind_named(std::string_view name) {
  return enumerator_named(name, StepKind::DeletePolicy);
}

std::optional<Effected> effect_named(std::string_view name) { return enumerator_named(name, Effected::Skipped); }

}  // namespace sluice
