// Requests sent and lists read page by page, for everything that speaks to one API Gateway.
#pragma once

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

  /// All pages of a list; `request` makes one from an offset, `read` reads one.
  template <typename T, typename Request, typename Read>
  Result<std::vector<T>> all_pages(const Request& request, const Read& read) const {
    std::vector<T> items;
    while (true) {
      auto answer = ask(request(items.size()));
      if (!answer) return answer.forward();
      auto page = read(*answer);
      if (!page) return page.forward();
      items.insert(items.end(), std::make_move_iterator(page->items.begin()),
                   std::make_move_iterator(page->items.end()));
      if (items.size() >= page->total) return items;
      if (page->items.empty() || items.size() > kMostListed) {
        return fail(ErrorKind::Unavailable, "A list of the gateway ended before all it announced: try again.");
      }
    }
  }

 private:
  static constexpr std::size_t kMostListed = 200'000;

  Transport& transport_;
  std::string base_;
};

}  // namespace sluice::apig
