// How long each rendering of 10,000 operations takes beside their diff, with 1 % changed and with all of them. Prints
// "NAME MICROSECONDS BYTES" a line, the best of several runs.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "plan/canonical.h"
#include "plan/diff.h"
#include "plan/json.h"
#include "plan/plan_json.h"
#include "plan/render_html.h"
#include "plan/render_markdown.h"
#include "plan/render_sarif.h"
#include "plan/render_text.h"
#include "plan/risk.h"
#include "plan/strategy.h"

namespace {

using sluice::Value;

constexpr int kOperations = 10'000;

/// As a real file has them: a few parameters and a backend with a mapping.
Value operation(int number, const std::string& description) {
  const std::string path = fmt::format("/r{}/items{}/{{id}}", number / 5, number % 5);
  const auto body = sluice::parse_json(fmt::format(
      R"({{"method": "GET", "path": "{0}", "operationId": "getItem{1}", "description": "{2}", "tags": ["bench", "t{3}"],
          "parameters": [{{"in": "path", "name": "id", "type": "string", "required": true}},
                         {{"in": "query", "name": "limit", "type": "number", "minimum": 1, "maximum": 100}},
                         {{"in": "header", "name": "X-Trace", "type": "string", "description": "trace id"}}],
          "x-apigateway-backend": {{"type": "HTTP", "httpEndpoints": {{"address": "b.internal:80", "method": "GET",
            "path": "{0}", "timeout": 5000}}, "parameters": [{{"in": "path", "name": "id", "origin": "REQUEST",
            "value": "id"}}]}}}})",
      path, number, description, number % 7));
  return body ? *body : Value();
}

sluice::Resource resource(const Value& body) {
  return sluice::make_resource(sluice::Address::api("bench", "GET", body.text("path"), "NORMAL"), body);
}

template <typename Work>
long microseconds(const Work& work) {
  auto best = std::chrono::steady_clock::duration::max();
  for (int i = 0; i < 7; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    best = std::min(best, std::chrono::steady_clock::now() - begin);
  }
  return static_cast<long>(std::chrono::duration_cast<std::chrono::microseconds>(best).count());
}

void measure(std::string_view name, int changed) {
  sluice::Baseline base;
  sluice::LiveState live;
  sluice::DesiredState desired;
  for (int i = 0; i < kOperations; ++i) {
    const sluice::Resource was = resource(operation(i, "Operation of the benchmark"));
    const sluice::Resource wanted = i % (kOperations / changed) == 0 ? resource(operation(i, "As it will be")) : was;
    base.bodies.emplace(was.address, sluice::write_json(was.body));
    base.resources.emplace(was.address, sluice::Resource{was.address, {}, was.digest});
    live.resources.emplace(was.address, was);
    desired.resources.emplace(wanted.address, wanted);
  }
  sluice::GroupDiff diff;
  fmt::print("{} diff {} 0\n", name, microseconds([&] { diff = sluice::diff_group(base, desired, live, {}); }));
  sluice::Plan plan;
  plan.gateway = {"apig", "https://apig.example.com", "p1", "i1"};
  std::vector<sluice::Step> steps = sluice::choose_steps(diff, live, "bench", {});
  sluice::add_group(plan, {.name = "bench", .owner = "us", .environments = {}, .records = {}, .forgets = {}},
                    std::move(diff), std::move(steps));
  sluice::judge(plan, {});
  sluice::finish(plan);
  const std::pair<std::string_view, std::function<std::string()>> renderings[] = {
      {"text", [&] { return sluice::render_text(plan, {}); }},
      {"wrapped", [&] { return sluice::render_text(plan, {.color = true, .width = 80}); }},
      {"json", [&] { return sluice::write_json_pretty(sluice::plan_to_json(plan)); }},
      {"saved", [&] { return sluice::write_plan_file(plan); }},
      {"markdown", [&] { return sluice::render_markdown(plan); }},
      {"html", [&] { return sluice::render_html(plan); }},
      {"sarif", [&] { return sluice::render_sarif(plan); }},
      {"github", [&] { return sluice::render_github(plan); }},
  };
  for (const auto& [kind, render] : renderings) {
    std::string text;
    const long took = microseconds([&] { text = render(); });
    fmt::print("{} {} {} {}\n", name, kind, took, text.size());
  }
}

}  // namespace

int main() {
  measure("few", kOperations / 100);
  measure("all", kOperations);
  return 0;
}
