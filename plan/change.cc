#include "plan/change.h"

namespace sluice {

std::string_view to_string(Action action) {
  switch (action) {
    case Action::NoOp:
      return "no-op";
    case Action::Create:
      return "create";
    case Action::Update:
      return "update";
    case Action::Delete:
      return "delete";
  }
  return {};
}

std::string_view to_string(Origin origin) {
  switch (origin) {
    case Origin::Pending:
      return "pending";
    case Origin::Drift:
      return "drift";
    case Origin::Conflict:
      return "conflict";
    case Origin::Adopted:
      return "adopted";
  }
  return {};
}

std::string_view to_string(Risk risk) {
  switch (risk) {
    case Risk::Safe:
      return "safe";
    case Risk::Warning:
      return "warning";
    case Risk::Breaking:
      return "breaking";
  }
  return {};
}

}  // namespace sluice
