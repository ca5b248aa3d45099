// The Swagger that an import carries: just the operations of one step.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plan/resource.h"

namespace sluice {

/// A Swagger 2.0 document of the APIs in `bodies` (canonical), as one line of JSON, with the definitions of `policies`.
/// No two of the APIs may share method and path.
std::string import_document(std::string_view group, std::span<const Value* const> bodies,
                            std::span<const Resource* const> policies = {});

/// The same as a tree.
Value import_swagger(std::string_view group, std::span<const Value* const> bodies,
                     std::span<const Resource* const> policies = {});

/// Whether `document` (as import_document writes it) carries the definition of this policy.
bool defines_policy(std::string_view document, const Address& policy);

/// The operations of `document` (as import_document writes it) whose "METHOD /path" is among `names`, and nothing else.
std::string filtered_import_document(std::string_view document, std::span<const std::string> names);

}  // namespace sluice
