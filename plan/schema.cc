#include "plan/schema.h"

#include "plan/check.h"

namespace sluice {

const TypeSchema& schema_of(std::string_view type) {
  for (const TypeSchema* schema :
       {&kGroupSchema, &kApiSchema, &kPublicationSchema, &kRatelimitSchema, &kAclSchema, &kResponseSchema}) {
    if (schema->type == type) return *schema;
  }
  check(false, "a resource of an unknown type");
  return kGroupSchema;
}

const FieldSchema* find_field(std::span<const FieldSchema> fields, std::string_view name) {
  for (const FieldSchema& field : fields) {
    if (field.name == name) return &field;
  }
  for (const FieldSchema& field : fields) {
    for (const std::string_view alias : field.aliases) {
      if (alias == name) return &field;
    }
  }
  return nullptr;
}

}  // namespace sluice
