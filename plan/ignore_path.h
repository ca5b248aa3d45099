// Paths of `ignore` against the fields of an API.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plan/schema.h"
#include "plan/value.h"

namespace sluice {

/// Several paths on their way into a body. A copy goes into each member.
class PathWalk {
 public:
  /// At the body itself.
  explicit PathWalk(const std::vector<std::string>& paths);

  /// Goes into the member that has this name, or the element that has this key.
  PathWalk into(std::string_view token) const;
  /// The same for an element of a keyed list; letters of a header's name do not count.
  PathWalk into(const Value& element, const FieldSchema& list) const;

  /// Whether a path names this place, or one above it.
  bool named() const;
  /// Whether no path can name anything here or below.
  bool lost() const { return at_.empty(); }

 private:
  struct Path {
    std::shared_ptr<const std::vector<std::string>> tokens;
    std::vector<std::size_t> reached;  ///< how many tokens may have been gone
  };
  PathWalk() = default;
  PathWalk into_any(std::string_view token, std::string_view folded) const;
  std::vector<Path> at_;
};

/// The tokens of a pointer, unescaped.
std::vector<std::string> pointer_tokens(std::string_view path);

/// Whether `text` matches a token: `*` is any run of characters.
bool matches_token(std::string_view token, std::string_view text);

/// Whether the members of an object depend on its `type`, so that it makes no sense beside those of another.
bool depends_on_type(std::span<const FieldSchema> fields);

/// Whether a field says which API this is.
bool is_identity(std::string_view name);

}  // namespace sluice
