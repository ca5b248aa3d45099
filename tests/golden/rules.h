// The rules of what is compared, how it differs and what is sent for it. Each has a case in cases/, and so has each
// rule of risk ("risk-ID"); a new rule gets a line here and a case there.
#pragma once

#include <string_view>

namespace sluice::golden {

inline constexpr std::string_view kRules[] = {
    "canonical-defaults",
    "deletion",
    "desired-basepath",
    "desired-inherited",
    "desired-openapi3",
    "desired-refs",
    "desired-several-files",
    "dropped-silently",
    "environment-removed",
    "explained",
    "group-changed",
    "group-renamed",
    "identity",
    "ignore",
    "json-in-text",
    "keyed-lists",
    "live-published",
    "modes",
    "modes-forced",
    "moved-path",
    "name-unique",
    "names-freed",
    "only-what-changes",
    "order",
    "origin-adopted",
    "origin-conflict",
    "origin-drift",
    "origin-pending",
    "override-whole",
    "ownership",
    "policies",
    "protect",
    "prune",
    "publish-batch",
    "rejected",
    "responses",
    "risk-safe",
    "risk-settings",
    "safety",
    "server-set",
    "set-order",
    "spelling",
    "targets",
    "unbind",
    "unmanaged",
};

}  // namespace sluice::golden
