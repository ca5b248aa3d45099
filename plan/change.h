// What would change, and why: the lines of a plan.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "plan/resource.h"

namespace sluice {

enum class Action { NoOp, Create, Update, Delete };

/// Who moved: the files, the gateway, or both; Adopted means that the gateway already is as the files want it.
enum class Origin { Pending, Drift, Conflict, Adopted };

/// What a change means for those who call the API.
enum class Risk { Safe, Warning, Breaking };

/// An exception of the manifest: why a risk counts as safe here, and how grave it is without. No reason: there is none.
struct Acceptance {
  Risk risk = Risk::Safe;
  std::string reason = {};
  std::string until = {};  ///< YYYY-MM-DD, the last day; "" for ever
  bool given() const { return !reason.empty(); }
};

/// One field. `before` is live, `after` is what apply leaves, `base` is what the last apply left; null means absent.
struct FieldChange {
  std::string path;  ///< JSON pointer, with keys for elements of keyed lists
  Value before = {};
  Value after = {};
  Value base = {};
  Origin origin = Origin::Pending;
  Risk risk = Risk::Safe;
  std::string rule = {};  ///< id of the risk rule that it falls under (risk.h), "" for none
  Acceptance accepted = {};
};

/// One resource. Bodies are null where the resource does not exist.
struct Change {
  Address address;
  Action action = Action::NoOp;
  Value before = {};
  Value after = {};
  std::string before_digest = {};  ///< "" when it does not exist
  std::string after_digest = {};
  std::vector<FieldChange> fields = {};
  Origin origin = Origin::Pending;  ///< of the resource as a whole: it appeared or went away
  Risk risk = Risk::Safe;
  std::string rule = {};
  Acceptance accepted = {};
  std::string prevented_by = {};               ///< the forced mode under which it will not happen: "api_mode: merge"
  std::string reason = {};                     ///< one sentence for the reviewer; apply never reads it
  SourceSpan source = {};                      ///< the line that asked for it
  bool importing = false;                      ///< starts to own what exists
  bool foreign = false;                        ///< a deletion of what is not ours: the group says `prune: all`
  std::vector<std::string> environments = {};  ///< where the API, also a publication's, ends up published by us
  std::vector<std::string> touches = {};       ///< of a policy: the APIs that use it, in any group
  std::vector<std::string> resets = {};        ///< see Resource::uncarried
  std::map<std::string, std::string> published = {};  ///< of an API: digests of what is served now, by environment
  std::optional<Address> moved_from = {};  ///< of what is made: what it takes the place of; of a group: its old name
  std::optional<Address> moved_to = {};    ///< of a deletion: what takes its place
};

std::string_view to_string(Action action);
std::string_view to_string(Origin origin);
std::string_view to_string(Risk risk);

}  // namespace sluice
