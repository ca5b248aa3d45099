// All ways to show a plan, and plans with all there is to show.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "plan/plan_json.h"
#include "plan/render_html.h"
#include "plan/render_markdown.h"
#include "plan/render_sarif.h"
#include "plan/render_text.h"
#include "tests/plan/every_part.h"

namespace sluice::test {

/// One way to show a plan, by the suffix of its files.
struct Rendering {
  const char* suffix;
  std::function<std::string(const Plan&)> render;
};
inline const std::vector<Rendering>& renderings() {
  static const std::vector<Rendering> list = {
      {"txt", [](const Plan& plan) { return render_text(plan, {}); }},
      {"json", [](const Plan& plan) { return write_json_pretty(plan_to_json(plan)) + "\n"; }},
      {"md", [](const Plan& plan) { return render_markdown(plan); }},
      {"html", [](const Plan& plan) { return render_html(plan); }},
      {"sarif", [](const Plan& plan) { return render_sarif(plan); }},
      {"github", [](const Plan& plan) { return render_github(plan); }},
  };
  return list;
}

}  // namespace sluice::test
