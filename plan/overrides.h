// Patches that a manifest lays over the operations of its files.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "plan/diagnostic.h"
#include "plan/schema.h"
#include "plan/value.h"

namespace sluice {

/// A JSON merge patch (RFC 7396; keyed lists by key) over the operations whose "METHOD /path" matches. `at` is where
/// the match stands, and `places` where the values of `set` do, by their marks.
struct Override {
  std::string match;
  Value set;
  SourceSpan at;
  std::map<std::uint32_t, SourceSpan> places = {};
};

/// Something that no operation can take, at the mark of the patch's key or value.
struct PatchProblem {
  std::string code;
  std::string summary;
  std::string detail;
  std::uint32_t mark = 0;
};

/// What is wrong with a patch, by the api schema table: unknown keys, values of another shape, what is not to change.
std::vector<PatchProblem> patch_problems(const Value& patch);

/// `body` with the patch laid over it. Members are merged, null removes. An element of a keyed list (parameters,
/// backend parameters, backend policies) is merged with its twin, or added; the list may also be written as a map of
/// keys such as `query:limit`, where null removes the element. Other lists are replaced.
Value patched(const Value& body, const Value& patch);

/// The element of a keyed list that has this (folded) key, in a list or in a map of keys; null when there is none.
const Value* find_element(const Value& list, const std::string& key, const FieldSchema& schema);

/// A name as one token of a JSON pointer.
std::string pointer_token(std::string_view name);

/// The overrides of one group, and which of them ever met an operation. The list must outlive it.
class Overrides {
 public:
  explicit Overrides(const std::vector<Override>& list) : list_(list), met_(list.size(), 0) {}

  /// Lays what matches over `body`, in order; the indexes of what did.
  std::vector<std::size_t> apply(std::string_view method, std::string_view path, Value& body);

  /// An error for each override that met nothing. For after the last operation.
  Diagnostics unmet() const;

 private:
  const std::vector<Override>& list_;
  std::vector<char> met_;
};

}  // namespace sluice
