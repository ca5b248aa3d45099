// What each field of each resource type means, as data that canonical form, diff, validation and rendering read.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

namespace sluice {

/// Version of the canonical form; a state or plan written by another one is read, and brought to this one.
constexpr int kCanonicalVersion = 1;

enum class FieldKind {
  Text,       ///< a string; numbers and booleans are spelled out
  Integer,    ///< an integer; a string of digits is read as one
  Number,     ///< an integer or number
  Boolean,    ///< true or false, also as strings
  Object,     ///< members described by `fields`
  TextSet,    ///< strings whose order means nothing
  TextList,   ///< strings whose order matters
  ObjectSet,  ///< objects whose order means nothing
  KeyedList,  ///< objects found by their `keys`
  CommaSet,   ///< a text of words with commas between them, whose order means nothing
};

enum class Fold { None, Lower, Upper };

/// Whether a text may be kept and shown as it is.
enum class Secrecy {
  AsAsked,     ///< it is, unless a manifest calls it sensitive
  Name,        ///< always: other things are found by it
  Credential,  ///< not where it is a constant whose sibling `name` looks like a credential's
  Always,      ///< never
};

/// Another spelling of a value or name, and the canonical one.
struct Spelling {
  std::string_view other;
  std::string_view canonical;
};

/// What a number may be, or how many characters a text (or each text of a list) may have; both 0: anything.
struct Range {
  std::int64_t lowest = 0;
  std::int64_t highest = 0;
};

/// One field. An absent field takes `fallback` (JSON text), and is absent when that is "".
struct FieldSchema {
  std::string_view name;
  FieldKind kind = FieldKind::Text;
  std::string_view fallback = {};
  std::span<const FieldSchema> fields = {};
  std::span<const std::string_view> keys = {};  ///< of a KeyedList, in the order of its element key; see `apart`
  Fold fold = Fold::None;                       ///< of letters that do not count
  std::span<const Spelling> spellings = {};
  bool kept = false;  ///< absent in the files: whatever the gateway has stays
  bool zero_is_absent = false;
  std::string_view rule =
      {};  ///< what a change here is judged on, one of the topics of risk.cc; "" is safe for callers
  /// Describes another object of the gateway: it travels with the body, and is neither compared nor in the digest. What
  /// the gateway has stays where the files say nothing and the siblings named in `keys` are the same.
  bool apart = false;
  std::span<const std::string_view> aliases = {};  ///< other names that documents use
  std::span<const std::string_view> choices = {};  ///< canonical values; a gateway takes no others
  Range range = {};
  bool needed = false;              ///< its object means nothing without it
  std::string_view extension = {};  ///< the extension that it is, where its name does not say so (extensions.h)
  Secrecy secrecy = Secrecy::AsAsked;
};

/// The types of backends, each with the member of a backend (or backend policy) that the gateway reads then.
inline constexpr std::pair<std::string_view, std::string_view> kEndpoints[] = {
    {"HTTP", "httpEndpoints"},
    {"HTTP-VPC", "httpVpcEndpoints"},
    {"HTTP-VPC-MEMBER-GROUP", "httpVpcMemberGroupEndpoints"},
    {"FUNCTION", "functionEndpoints"},
    {"MOCK", "mockEndpoints"}};

/// A resource type: `types/*.cc` hold one table each.
struct TypeSchema {
  std::string_view type;
  std::span<const FieldSchema> fields;
};

extern const TypeSchema kGroupSchema;
extern const TypeSchema kApiSchema;
extern const TypeSchema kPublicationSchema;
extern const TypeSchema kRatelimitSchema;
extern const TypeSchema kAclSchema;
extern const TypeSchema kResponseSchema;

/// The table of `type`; asking for an unknown type is a bug.
const TypeSchema& schema_of(std::string_view type);

/// The field called `name`, also by another name that documents use; or null.
const FieldSchema* find_field(std::span<const FieldSchema> fields, std::string_view name);

}  // namespace sluice
