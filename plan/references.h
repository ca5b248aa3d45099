// References from one place of a Swagger document to another, in the same file or in the next one.
// Source: Swagger 2.0 and OpenAPI 3.0, "Reference Object"; RFC 6901 (JSON Pointer).
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "plan/diagnostic.h"
#include "plan/result.h"
#include "plan/source.h"
#include "plan/value.h"

namespace sluice {

/// A file of a group as read: its text, for places, and its tree.
struct SwaggerFile {
  SourceText source;
  Value document;
  bool named = true;  ///< false: other files only refer to it
};

/// A finding at an offset in the space that all files of a group share.
struct Finding {
  Severity severity = Severity::Error;
  std::string code;
  std::string summary;
  std::string detail;
  std::uint32_t mark = 0;
};

/// The documents of one group, and where references lead between them. The files must outlive it.
class References {
 public:
  explicit References(std::span<const SwaggerFile> files);

  /// A value and the file that it stands in.
  struct Place {
    const Value* value = nullptr;
    std::size_t file = 0;
  };
  /// Why a reference leads nowhere; `needed` is the file that is not among the documents.
  struct Fault {
    Finding finding;
    std::string needed = {};
  };

  const Value& document(std::size_t file) const { return files_[file].document; }
  std::size_t size() const { return files_.size(); }
  /// The mark of something in `file`, in the space that all files share.
  std::uint32_t mark(std::size_t file, std::uint32_t mark) const { return bases_[file] + mark; }
  SourceSpan at(std::uint32_t mark) const { return sources_.at(mark); }

  /// The value that `from` leads to, however many references it takes, or `from` itself.
  Result<Place, Fault> resolve(Place from) const;

 private:
  /// A reference taken apart; `key` is how messages and cycles know it.
  struct Target {
    std::string file;
    std::string pointer;
    std::string key;
  };
  Result<Target, Fault> target_of(const Value& reference, std::size_t file) const;
  const Value* follow(const Value& document, std::string_view pointer) const;
  const Value* member(const Value& holder, const std::string& key) const;
  Fault fault(std::string code, std::string summary, std::string detail, std::size_t file, const Value& at) const;

  using Index = std::unordered_map<std::string_view, const Value*>;

  std::span<const SwaggerFile> files_;
  SourceSet sources_;
  std::vector<std::uint32_t> bases_;
  std::map<std::string, std::size_t, std::less<>> by_name_;
  mutable std::unordered_map<std::string, Place> known_;             ///< references that were followed before
  mutable std::unordered_map<const Value::Object*, Index> indexes_;  ///< of large objects
};

/// A file that a reference leads to and that is not among the files; `name` is seen from where theirs are.
struct NeededFile {
  std::string name;
  std::string reference;  ///< as written
  SourceSpan at;
};

/// The files that are missing for what a gateway keeps of these: references in models that it drops need none.
/// Files are found one step at a time: add them, and ask again until none is missing.
std::vector<NeededFile> files_needed(std::span<const SwaggerFile> files);

}  // namespace sluice
