// The one form in which desired and live resources meet.
#pragma once

#include <string>

#include "plan/resource.h"
#include "plan/schema.h"

namespace sluice {

/// `body` in canonical form: known fields in the table's order with documented defaults filled in and spelling variants
/// folded, lists sorted where order means nothing, empty values left out; unknown fields follow, sorted by name.
Value canonical(const Value& body, std::span<const FieldSchema> fields);

/// The member that is this field: by its name, else by the first other name that is there; null when there is none.
const Value* member_of(const Value& body, const FieldSchema& field);

/// "sha256:…" over the known fields of a canonical body. Equal digests mean: no difference.
std::string digest_of(const Value& body, std::span<const FieldSchema> fields);

/// The elements of an object set without their unknown fields, in canonical order: what counts in a comparison.
Value declared_elements(const Value& set, const FieldSchema& field);

/// A resource in canonical form with its digest, made of a body in any spelling.
Resource make_resource(Address address, const Value& body);

/// The key of an element of a keyed list, such as "query:limit". Header names keep their case.
std::string element_key(const Value& element, const FieldSchema& list);

/// The same without the case of header names, which means nothing.
std::string folded_element_key(const Value& element, const FieldSchema& list);

}  // namespace sluice
