#include "providers/gateway/objects.h"

#include <algorithm>

#include "plan/digest.h"
#include "plan/json.h"

namespace sluice::gateway {
namespace {

constexpr std::string_view kScheme = "obs://";
constexpr std::string_view kScope = "obs";

std::string scope_of(const ObjectPath& path) { return std::string(kScope) + "/" + path.bucket; }

bool is_alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

}  // namespace

bool is_bucket_name(std::string_view name) {
  if (name.size() < 3 || name.size() > 63) return false;
  if (!is_alphanumeric(name.front()) || !is_alphanumeric(name.back())) return false;
  return std::all_of(name.begin(), name.end(), [](char c) { return is_alphanumeric(c) || c == '-' || c == '.'; });
}

std::optional<ObjectPath> parse_object_path(std::string_view path) {
  if (!path.starts_with(kScheme)) return std::nullopt;
  path.remove_prefix(kScheme.size());
  const std::size_t slash = std::min(path.find('/'), path.size());
  if (!is_bucket_name(path.substr(0, slash))) return std::nullopt;
  return ObjectPath{std::string(path.substr(0, slash)), std::string(path.substr(std::min(slash + 1, path.size())))};
}

std::string write_object_path(const ObjectPath& path) { return std::string(kScheme) + path.bucket + "/" + path.key; }

bool has_bucket(Store& store, const Rules& rules, std::string_view bucket) {
  return !rules.dataarts.made_buckets || store.record(kScope, "bucket", bucket).has_value();
}

void make_bucket(Store& store, const std::string& bucket, Now now) {
  Value head;
  head.set("created", static_cast<std::int64_t>(now.time_since_epoch().count()));
  store.put_record(kScope, {"bucket", bucket, "", write_json(head), ""});
}

std::optional<Object> find_object(Store& store, const ObjectPath& path, Now now) {
  auto record = store.record(scope_of(path), "object", path.key);
  const auto head = record ? parse_json(record->head) : parse_json("null");
  if (!record || !head) return std::nullopt;
  const Value* modified = head->find("modified");
  Object out{
      std::move(record->body), std::string(head->text("type")), std::string(head->text("md5")),
      Now(std::chrono::milliseconds(modified != nullptr && modified->is_integer() ? modified->as_integer() : 0))};
  if (out.modified > now) return std::nullopt;
  return out;
}

Object put_object(Store& store, const ObjectPath& path, std::string bytes, std::string type, Now modified) {
  Object object{std::move(bytes), std::move(type), "", modified};
  object.md5 = md5_hex(object.bytes);
  Value head;
  head.set("type", object.type).set("md5", object.md5);
  head.set("modified", static_cast<std::int64_t>(modified.time_since_epoch().count()));
  store.put_record(scope_of(path), {"object", path.key, "", write_json(head), object.bytes});
  return object;
}

void erase_object(Store& store, const ObjectPath& path) { store.erase_record(scope_of(path), "object", path.key); }

}  // namespace sluice::gateway
