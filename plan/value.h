// A JSON-like value: the body of every resource and the tree of every document.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sluice {

/// A tree of null, boolean, integer, number, string, array and object. Objects keep their order and hold each key once.
/// Copies share arrays and objects until one of them is changed, so a copy costs a few words.
class Value {
 public:
  enum class Kind : std::uint8_t { Null, Boolean, Integer, Number, String, Array, Object };
  struct Member;
  using Array = std::vector<Value>;
  using Object = std::vector<Member>;

  Value() = default;
  Value(std::nullptr_t) {}                                       // NOLINT(google-explicit-constructor)
  Value(bool value) : data_(value) {}                            // NOLINT(google-explicit-constructor)
  Value(int value) : data_(static_cast<std::int64_t>(value)) {}  // NOLINT(google-explicit-constructor)
  Value(std::int64_t value) : data_(value) {}                    // NOLINT(google-explicit-constructor)
  Value(double value) : data_(value) {}                          // NOLINT(google-explicit-constructor)
  Value(std::string value) : data_(std::move(value)) {}          // NOLINT(google-explicit-constructor)
  Value(std::string_view value) : data_(std::string(value)) {}   // NOLINT(google-explicit-constructor)
  Value(const char* value) : data_(std::string(value)) {}        // NOLINT(google-explicit-constructor)
  static Value array(Array items = {});
  static Value object();
  static Value object(Object members);

  Kind kind() const { return static_cast<Kind>(data_.index()); }
  bool is_null() const { return kind() == Kind::Null; }
  bool is_bool() const { return kind() == Kind::Boolean; }
  bool is_integer() const { return kind() == Kind::Integer; }
  bool is_number() const { return kind() == Kind::Integer || kind() == Kind::Number; }
  bool is_string() const { return kind() == Kind::String; }
  bool is_array() const { return kind() == Kind::Array; }
  bool is_object() const { return kind() == Kind::Object; }

  /// The scalar; asking for another kind than this one is a bug. `as_number` takes integers too.
  bool as_bool() const;
  std::int64_t as_integer() const;
  double as_number() const;
  const std::string& as_string() const;

  /// The elements or members; empty when this is not an array or object.
  const Array& items() const;
  const Object& members() const;
  bool empty() const { return items().empty() && members().empty(); }

  /// The member's value; null when absent or when this is not an object.
  const Value* find(std::string_view key) const;
  /// The member's text; "" when absent or not a string.
  std::string_view text(std::string_view key) const;

  /// Sets or appends a member; a null value becomes an empty object first.
  Value& set(std::string_view key, Value value);
  /// Removes a member; not an error when it is absent.
  void erase(std::string_view key);
  /// Appends an element; a null value becomes an empty array first.
  Value& push(Value value);
  /// The elements or members, for changing; this must be an array or object.
  Array& mutable_items();
  Object& mutable_members();

  /// Byte offset in the text this was read from; 0 when it was not read from a text.
  std::uint32_t mark() const { return mark_; }
  void set_mark(std::uint32_t mark) { mark_ = mark; }

  /// Same kind and content; members in any order; 1 and 1.0 are different. Marks do not count.
  bool operator==(const Value& other) const;

 private:
  using ArrayPtr = std::shared_ptr<Array>;
  using ObjectPtr = std::shared_ptr<Object>;
  std::variant<std::monostate, bool, std::int64_t, double, std::string, ArrayPtr, ObjectPtr> data_;
  std::uint32_t mark_ = 0;
};

/// One member of an object. `key_mark` is the key's byte offset in the text it was read from.
struct Value::Member {
  std::string key;
  Value value;
  std::uint32_t key_mark = 0;
};

/// A member whose key an earlier one has; null when each key stands once.
const Value::Member* repeated_member(const Value::Object& members);

}  // namespace sluice
