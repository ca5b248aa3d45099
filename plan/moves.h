// APIs that went to another place: a deletion and a creation that belong together, as long as that is beyond doubt.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "plan/diagnostic.h"
#include "plan/resource.h"

namespace sluice {

struct Change;
struct GroupDiff;
struct Step;

/// A line of `moved`: the APIs of one group that another has from now on.
struct MoveRule {
  std::string from;        ///< as written
  std::string from_group;  ///< the group that it names
  std::string operations;  ///< the glob of "METHOD /path" that it names
  std::string to;          ///< name of a group
  SourceSpan at = {};
};

/// Links what moved within one group: by the name of the operation, or else by all that the gateway keeps of an API but
/// its method, path, match mode, name and backend path, where exactly one went and one came. `leaving` are none of
/// them.
void link_moves(GroupDiff& diff, const std::set<Address>& leaving = {});

/// What the rules say left a group: APIs of it that the other's files have.
std::set<Address> leaving_apis(const std::vector<MoveRule>& rules, const std::string& group,
                               const std::map<std::string, const DesiredState*>& desired);

/// A group that takes part in moves between groups.
struct MovingGroup {
  GroupDiff* diff = nullptr;
  const DesiredState* desired = nullptr;
};

/// Links what the rules say moved between groups, where it is the same operation or has its name. A rule that links
/// nothing is a warning.
void link_moves(const std::map<std::string, MovingGroup>& groups, const std::vector<MoveRule>& rules,
                Diagnostics& findings);

/// Whether the API goes to another group, which must serve it before it goes.
bool leaves_group(const Change& change);

/// Makes what takes such APIs away wait for the steps that let the other group serve them. Ids are those of the whole
/// plan.
void await_arrivals(std::vector<Step>& steps, const std::vector<Change>& changes);

}  // namespace sluice
