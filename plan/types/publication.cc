// An API as it is served in one environment. Source: APIG API reference, "Publishing APIs".
#include "plan/schema.h"

namespace sluice {
namespace {

constexpr FieldSchema kFields[] = {
    {.name = "definition"},
};

}  // namespace

constexpr TypeSchema kPublicationSchema = {"publication", kFields};

}  // namespace sluice
