// `ignore`, `protect` and `sensitive` of a group of a manifest.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "plan/block_reader.h"
#include "plan/ignore.h"
#include "plan/manifest.h"
#include "plan/protect.h"

namespace sluice {

/// Reports a glob that does not mean operations.
void check_operation_glob(const std::string& glob, std::uint32_t mark, BlockReader& reader);

/// The rules of `ignore`; what is wrong with them is reported.
std::vector<IgnoreRule> read_ignore(const Value& group, BlockReader& reader);

/// The rules of `protect`; what is wrong with them is reported.
std::vector<ProtectRule> read_protect(const Value& group, BlockReader& reader);

/// The paths of `sensitive`; what is wrong with them is reported.
std::vector<std::string> read_sensitive(const Value& group, BlockReader& reader);

/// Which globs of `protect` and `ignore` meet an operation, in any group that has them.
class RuleUses {
 public:
  void note(const GroupSettings& group, const ResourceMap& desired);
  /// A warning for each that met none. For after the last group.
  Diagnostics unmet() const;

 private:
  struct Use {
    SourceSpan at;
    std::string_view key;
    std::string glob;
    bool met = false;
  };
  void note(std::string_view key, const std::string& glob, const SourceSpan& at, bool met);
  std::map<std::string, Use> uses_;  ///< by place
};

}  // namespace sluice
