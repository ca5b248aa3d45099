// What one request works with, and the helpers every handler shares.
#pragma once

#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "providers/gateway/credentials.h"
#include "providers/gateway/errors.h"
#include "providers/gateway/mischief.h"
#include "providers/gateway/model.h"
#include "providers/gateway/rules.h"
#include "providers/gateway/store.h"

namespace sluice::gateway {

/// A request taken apart: the ids in its path, its query (decoded), and the rest as it came.
struct Call {
  std::vector<std::string> ids;
  std::map<std::string, std::string, std::less<>> query;
  const HttpRequest& http;

  /// The query parameter's value; "" when absent.
  std::string_view parameter(std::string_view name) const;
};

/// One instance, its store and the time of the request.
struct Session {
  Instance& instance;
  Store& store;
  std::string scope;
  std::string project_id;
  std::string instance_id;
  const Rules& rules;
  std::mt19937_64& random;
  Now now;
  Mischief mischief = {};                ///< of the call at hand
  const Directory* directory = nullptr;  ///< the instances that exist; null when every id is one

  /// A new id: 32 lower-case hexadecimal digits.
  std::string new_id();
  /// A name for an API whose document gives none: API_ and four lower-case letters.
  std::string new_api_name();

  /// The environment, the built-in one included; null when unknown.
  const Environment* environment(std::string_view id) const;
};

/// The built-in environment.
const Environment& release_environment();

/// The body as a JSON object. Fault: APIG.2000.
Result<Value, Fault> read_body(const Call& call);
/// A member that must be a text and not empty. Faults: APIG.2001, APIG.2011.
Result<std::string, Fault> required_text(const Value& body, std::string_view name);
/// A member that may be a text of at most `longest` characters. Fault: APIG.2011, or `code`.
Result<std::string, Fault> optional_text(const Value& body, std::string_view name, std::size_t longest,
                                         std::string_view code = "APIG.2011");

HttpResponse json_answer(int status, const Value& body);
HttpResponse empty_answer();

/// Which part of a list is asked for; out-of-range values are corrected.
struct Page {
  std::size_t offset = 0;
  std::size_t limit = 20;
};
Result<Page, Fault> read_page(const Call& call);

/// The list envelope; `write` turns one row into its item and is called for the rows of the page only.
template <typename Row, typename Write>
Reply list_answer(const Call& call, std::string_view plural, const std::vector<const Row*>& rows, const Write& write) {
  const auto page = read_page(call);
  if (!page) return page.forward();
  Value items = Value::array();
  for (std::size_t i = page->offset; i < rows.size() && i - page->offset < page->limit; ++i)
    items.push(write(*rows[i]));
  Value body;
  body.set("size", static_cast<std::int64_t>(items.items().size()));
  body.set("total", static_cast<std::int64_t>(rows.size()));
  body.set(plural, std::move(items));
  return json_answer(200, body);
}

/// Whether a list filter lets a text through: empty filters do, exact ones compare, others look for a part.
bool passes(std::string_view filter, std::string_view text, bool exact);
/// Whether `precise_search` names the filter.
bool is_precise(const Call& call, std::string_view filter);

}  // namespace sluice::gateway
