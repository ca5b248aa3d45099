// Where secrets stand in the bodies of resources: parts of SecretVault (secrets.h).
#pragma once

#include <functional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plan/resource.h"
#include "plan/schema.h"

namespace sluice {

using Masker = std::function<std::string(const std::string&)>;

/// Whether a text anywhere in the value is wanted.
bool any_text(const Value& value, bool (*wanted)(std::string_view));

/// Each scalar masked. In a list without keys it cannot be told which element is the secret one.
Value masked_whole(const Value& value, const Masker& mask);

/// The same, but of a value that holds masks: those are all that is to be hidden of it.
Value hidden(const Value& value, const Masker& mask);

/// What becomes of a value where a secret stands, given what another body has there (null: nothing).
using AtSecret = std::function<Value(const Value& own, const Value* other)>;

/// `value` changed in the places where `pattern` has marks or masks. `other` may be null.
Value at_secrets(const Value& value, const Value& pattern, const Value* other, std::span<const FieldSchema> fields,
                 const AtSecret& change);

/// `body` with the texts masked that are wanted, but names and words, by which things are found, and what stands in the
/// same place of one of `plains`.
Value with_texts_masked(const Value& body, std::span<const FieldSchema> fields, const std::vector<const Value*>& plains,
                        const std::function<bool(const std::string&)>& wanted, const Masker& mask);

/// Whether it is there and holds no secret.
bool is_plain(const Value* asked);

/// Whether both are the same but for the order in a list.
bool same_elements(const Value& a, const Value& b);

/// The masks in a body.
void collect_masks(const Value& value, std::set<std::string>& masks);

/// The fields of what stands at the address: those of the API for a publication.
std::span<const FieldSchema> fields_of(const Address& address);

/// `body` in canonical form, as the body of the resource, with its digest.
void put_body(Resource& resource, const Value& body);

}  // namespace sluice
