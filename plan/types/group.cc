// API groups. Source: APIG API reference, "API Group Management".
#include "plan/schema.h"

namespace sluice {
namespace {

constexpr FieldSchema kFields[] = {
    {.name = "name"},
    {.name = "description", .fallback = R"("")"},
};

}  // namespace

constexpr TypeSchema kGroupSchema = {"group", kFields};

}  // namespace sluice
