#include "plan/check.h"

#include <cstdio>
#include <cstdlib>

namespace sluice {

void check(bool condition, std::string_view what, const char* file, int line) {
  if (condition) return;
  std::fprintf(stderr, "sluice: bug: %.*s (%s:%d). Nothing more was sent; please report this.\n",
               static_cast<int>(what.size()), what.data(), file, line);
  std::abort();
}

}  // namespace sluice
