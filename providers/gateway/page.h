// The page that a browser sees at `/`: what the gateway holds, and what was asked of it. Plain HTML, without scripts
// and without anything from elsewhere.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "providers/gateway/model.h"

namespace sluice::gateway {

/// A request that was answered, and how: its status, and the error code or the fault that struck.
struct PastRequest {
  Now at;
  std::string method;
  std::string path;
  int status = 0;
  std::string outcome;
};

/// An instance under the name "project/instance".
struct NamedInstance {
  std::string scope;
  const Instance* instance = nullptr;
};

/// Long lists are cut, with a count of what is left out. Requests come latest first.
std::string write_page(const std::vector<NamedInstance>& instances, const std::vector<PastRequest>& requests, Now now);

/// Text for HTML, also inside attributes.
std::string escape_html(std::string_view text);

}  // namespace sluice::gateway
