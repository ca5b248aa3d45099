// Bytes to a gateway and back: the seam between what is said and how it travels.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plan/result.h"

namespace sluice {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

/// The first header called `name` (case does not matter); "" when there is none.
std::string_view find_header(const HttpHeaders& headers, std::string_view name);

/// `target` is path and query, as it stands on the request line.
struct HttpRequest {
  std::string method;
  std::string target;
  HttpHeaders headers;
  std::string body;
};

struct HttpResponse {
  int status = 0;
  HttpHeaders headers;
  std::string body;
};

/// Sends a request and returns the whole answer, whatever its status. Safe to call from several threads at once.
/// An error means that no answer was had: its effect is None when surely no byte of the request was sent, else Unknown.
class Transport {
 public:
  Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  virtual ~Transport() = default;
  virtual Result<HttpResponse> send(const HttpRequest& request) = 0;
};

}  // namespace sluice
