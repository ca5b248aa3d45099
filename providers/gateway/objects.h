// Object storage: buckets and the objects in them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "providers/gateway/rules.h"
#include "providers/gateway/store.h"

namespace sluice::gateway {

/// `obs://bucket/key`; the key may be empty.
struct ObjectPath {
  std::string bucket;
  std::string key;
};

struct Object {
  std::string bytes;
  std::string type;  ///< its Content-Type
  std::string md5;   ///< 32 hexadecimal digits
  Now modified;
};

/// 3 to 63 small letters, digits, hyphens and dots, a letter or digit first and last.
bool is_bucket_name(std::string_view name);

/// Nothing when it is none.
std::optional<ObjectPath> parse_object_path(std::string_view path);
std::string write_object_path(const ObjectPath& path);

/// Whether a bucket was made, or needs not to be.
bool has_bucket(Store& store, const Rules& rules, std::string_view bucket);
void make_bucket(Store& store, const std::string& bucket, Now now);

/// The object, unless it is only to come after `now`.
std::optional<Object> find_object(Store& store, const ObjectPath& path, Now now);
/// Writes an object, replacing one of its key. Within a transaction.
Object put_object(Store& store, const ObjectPath& path, std::string bytes, std::string type, Now modified);
void erase_object(Store& store, const ObjectPath& path);

}  // namespace sluice::gateway
