// The files that a path or glob in a manifest names.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plan/result.h"

namespace sluice {

/// Whether `pattern` is a glob: `*` and `?` stand for characters of one name, a name `**` for any number of folders.
bool is_file_glob(std::string_view pattern);

/// The files that `pattern`, which stands in the file `base`, names: sorted, each once, as seen from where `base` is
/// named from. A path is taken as it is, there or not. A glob never leaves the folder of `base`, through links neither;
/// it does not match names that start with a dot, nor `base` itself. Errors: Invalid for a glob that would leave the
/// folder, NotFound when it matches no file.
Result<std::vector<std::string>> files_named(const std::string& base, const std::string& pattern);

}  // namespace sluice
