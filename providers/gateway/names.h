// The service's rules for names, paths and tags (API Gateway V2 reference: groups, environments, APIs).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::gateway {

/// Characters (not bytes) of a UTF-8 text.
std::size_t length_of(std::string_view text);

/// Names of groups and APIs: 3 to 255 letters, digits, Chinese characters and -_./(): in both widths.
bool is_wide_name(std::string_view name);
/// Titles that import accepts for a new group: 3 to 64 letters, digits and underscores, a letter or Chinese first.
bool is_title(std::string_view name);
/// Names of environments: 3 to 64 letters, digits and underscores, a letter first.
bool is_environment_name(std::string_view name);
/// Names of parameters: 1 to 32 letters, digits and ._-, a letter first.
bool is_parameter_name(std::string_view name);
/// Names of plug-ins: 3 to 255 letters, digits, Chinese characters and -_, a letter or Chinese first.
bool is_plugin_name(std::string_view name);
/// Names of group responses: 1 to 64 letters, digits and -_.
bool is_response_name(std::string_view name);
/// A tag: a letter or Chinese character first, then also digits and -*#%.:_
bool is_tag(std::string_view tag);

/// The variables of a path in their order; nothing when braces do not match or hold no parameter name. A front-end
/// variable fills a whole segment and may be greedy (`{proxy+}`); a backend variable may have text around it.
std::optional<std::vector<std::string>> front_variables(std::string_view path);
std::optional<std::vector<std::string>> backend_variables(std::string_view path);

/// The path with each variable's name left out: `/a/{x}` becomes `/a/{}`.
std::string path_shape(std::string_view path);

}  // namespace sluice::gateway
