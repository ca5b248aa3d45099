// Two or three bodies of one resource, compared field by field by its schema table.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plan/change.h"
#include "plan/schema.h"

namespace sluice {

/// What becomes of fields that were changed behind the manifest's back.
enum class OnDrift { Revert, Keep };

/// The values of one place; null where absent. `base` is what the last apply left. `asked` is what the files asked for
/// then: the same as `base`, but where the gateway's own value was kept.
struct Sides {
  const Value* base = nullptr;
  const Value* desired = nullptr;
  const Value* live = nullptr;
  const Value* asked = nullptr;
};

/// Merges desired over live, field by field, and notes each difference. Without a base every difference is pending.
class BodyDiff {
 public:
  BodyDiff(bool has_base, OnDrift on_drift) : has_base_(has_base), on_drift_(on_drift) {}

  /// The body that apply leaves: desired, with what the files leave open taken from live. `path` is where it stands,
  /// `keys` name the fields that it is found by.
  Value merge(const std::string& path, std::span<const FieldSchema> fields, const Sides& sides,
              std::span<const std::string_view> keys = {});

  std::vector<FieldChange> take_changes() { return std::move(changes_); }
  std::size_t adopted() const { return adopted_; }
  std::size_t undeclared() const { return undeclared_; }
  /// Fields that somebody changed on the gateway and that stay so.
  std::size_t kept() const { return kept_; }

 private:
  Value merge_field(const std::string& path, const FieldSchema& field, const Sides& sides);
  Value merge_list(const std::string& path, const FieldSchema& list, const Sides& sides);
  Value merge_set(const std::string& path, const FieldSchema& set, const Sides& sides);
  Value settle(const std::string& path, const Sides& sides);
  void carry_undeclared(std::span<const FieldSchema> fields, const Sides& sides, Value::Object& members);

  bool has_base_;
  OnDrift on_drift_;
  std::vector<FieldChange> changes_;
  std::size_t adopted_ = 0;
  std::size_t undeclared_ = 0;
  std::size_t kept_ = 0;
};

/// The fields in which `after` differs from `before`, both of one type; origins are pending.
std::vector<FieldChange> differences(std::string_view type, const Value& before, const Value& after);

/// How many fields of `body` no table knows, at any depth.
std::size_t count_undeclared(const Value& body, std::span<const FieldSchema> fields);

}  // namespace sluice
