// What the calls of DataArts share: bodies, lists, answers.
#pragma once

#include <algorithm>

#include "providers/gateway/dataarts/workspace.h"

namespace sluice::gateway::dataarts {

/// The body as a JSON object; an empty one is an empty object if `optional`. Fault: DLF.3051.
Result<Value, Fault> read_body(const Call& call, bool optional = false);

/// The part of a list that is asked for: at most 100 rows, 10 by default. Fault: DLF.3051.
Result<Page, Fault> read_page(const Workspace& workspace, const Call& call);

/// The list envelope; `write` turns a name into its item and is called for those of the page only.
template <typename Write>
Reply list_answer(const Workspace& workspace, const Call& call, std::string_view plural,
                  const std::vector<std::string>& names, const Write& write) {
  const auto page = dataarts::read_page(workspace, call);
  if (!page) return page.forward();
  Value items = Value::array();
  for (std::size_t i = page->offset; i < names.size() && i - page->offset < page->limit; ++i) {
    items.push(write(names[i]));
  }
  Value body;
  body.set("total", static_cast<std::int64_t>(names.size())).set(plural, std::move(items));
  return json_answer(200, body);
}

/// The names that hold a text.
std::vector<std::string> narrow(std::vector<std::string> names, std::string_view part);

}  // namespace sluice::gateway::dataarts
