// A plan as a comment on a pull request: GitHub's and GitLab's Markdown.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "plan/plan.h"

namespace sluice {

struct MarkdownStyle {
  std::size_t max_bytes = 60'000;  ///< of the whole; what does not fit is counted
};
constexpr std::size_t kLeastMarkdownBytes = 4'000;  ///< a budget below is taken for this one

/// The numbers, then a collapsible part for each resource, by owner; deletes and breaking changes first, also when the
/// budget takes some away. Starts with a comment that names the gateway and stays the same, by which a script finds the
/// comment that it wrote before. Texts from files and gateways are shown, never read as Markdown or HTML, and mention
/// nobody. With `drift_only`, what `drift` shows.
std::string render_markdown(const Plan& plan, const MarkdownStyle& style = {});

/// The comment that it starts with: "<!-- sluice:plan:0123456789ab -->".
std::string markdown_marker(const Plan& plan);

/// A text as HTML shows it: what is markup is spelled out, control characters and direction marks too.
std::string html_text(std::string_view text);

/// A text from outside as Markdown prose shows it.
std::string markdown_prose(std::string_view text);

}  // namespace sluice
