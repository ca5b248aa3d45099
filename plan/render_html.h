// A plan as one HTML file that needs nothing else.
#pragma once

#include <string>
#include <string_view>

#include "plan/plan.h"

namespace sluice {

/// A page that can be filtered by action, risk, origin, group, owner and text, with the values of each field side by
/// side, a link to each change, a light and a dark face. It loads nothing and runs no other script than its own: its
/// policy names the hashes of both. Filters may stand in the address: "?action=delete&risk=breaking&q=pets".
/// With `drift_only`, what `drift` shows.
std::string render_html(const Plan& plan);

/// The anchor of a change in the page: the same for the same address in every plan.
std::string html_anchor(const Address& address);

/// The page's style sheet and script.
extern const std::string_view kHtmlStyle;
extern const std::string_view kHtmlScript;

}  // namespace sluice
