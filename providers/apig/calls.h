// Requests sent and lists read page by page, for everything that speaks to one API Gateway.
#pragma once

#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "providers/apig/wire.h"
#include "providers/http/transport.h"

namespace sluice::apig {

/// Speaks through `transport`, which must outlive it. Safe to call from several threads when the transport is.
class Calls {
 public:
  Calls(Transport& transport, std::string base) : transport_(transport), base_(std::move(base)) {}

  /// The front of every target.
  const std::string& base() const { return base_; }

  /// Sends a question. Whatever goes wrong, nothing was changed.
  Result<HttpResponse> ask(const HttpRequest& request) const;
  /// Sends a change. Errors say whether it may have taken effect.
  Result<HttpResponse> change(const HttpRequest& request) const;
  /// Sends a deletion. That the object itself is gone already is no error.
  Result<void> remove(const HttpRequest& request) const;

  /// All pages of a list; `request` makes one from an offset, `read` reads one. Pages may be shorter than was asked
  /// for. A list that changes while it is read (its length does, or an item that has an `id` comes twice) is
  /// Unavailable. Nothing was changed, whatever goes wrong.
  template <typename T, typename Request, typename Read>
  Result<std::vector<T>> all_pages(const Request& request, const Read& read) const {
    std::vector<T> items;
    std::set<std::string> seen;
    std::optional<std::size_t> total;
    for (bool first = true;; first = false) {
      auto answer = ask(request(items.size()));
      if (!answer) return answer.forward();
      auto page = read(*answer);
      if (!page) return nothing_changed(page.error());
      if (first) total = page->total;
      if (page->total != total) return changed_meanwhile();
      if constexpr (requires(const T& item) { seen.insert(item.id); }) {
        for (const T& item : page->items) {
          if (!item.id.empty() && !seen.insert(item.id).second) return changed_meanwhile();
        }
      }
      const bool ends = page->items.empty();
      items.insert(items.end(), std::make_move_iterator(page->items.begin()),
                   std::make_move_iterator(page->items.end()));
      if (total ? items.size() >= *total : ends) return items;
      if (ends || items.size() > kMostListed) {
        return fail(ErrorKind::Unavailable, "A list of the gateway ended before all it announced: try again.");
      }
    }
  }

 private:
  static constexpr std::size_t kMostListed = 200'000;
  static Unexpected<Error> nothing_changed(Error error) {
    error.effect = Effect::None;
    return fail(std::move(error));
  }
  static Unexpected<Error> changed_meanwhile() {
    return fail(ErrorKind::Unavailable, "A list of the gateway changed while it was read: try again.");
  }

  Transport& transport_;
  std::string base_;
};

}  // namespace sluice::apig
