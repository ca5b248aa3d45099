// What the readers of a manifest's blocks share: places across its files, and checks that report.
#pragma once

#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "plan/diagnostic.h"
#include "plan/source.h"
#include "plan/value.h"
#include "plan/variables.h"

namespace sluice {

/// A key of a block of the manifest, and whether this version carries it out.
struct Key {
  std::string_view name;
  bool built = true;
};
constexpr bool kNotBuilt = false;

/// The files of one manifest and what is wrong with them. One space of marks spans all files, so that a mark names a
/// file and a place.
class BlockReader {
 public:
  explicit BlockReader(VariableSources sources) : sources_(std::move(sources)) {}
  BlockReader(const BlockReader&) = delete;
  BlockReader& operator=(const BlockReader&) = delete;

  /// Reads one more file and expands its variables. Nothing when it cannot be read, which is reported.
  std::optional<Value> add(SourceText source);

  void report(Diagnostic diagnostic) { diagnostics_.push_back(std::move(diagnostic)); }
  void error(std::string code, std::string summary, std::string detail, std::uint32_t mark);
  SourceSpan at(std::uint32_t mark) const;
  /// Names of the files, in the order in which they were added.
  std::vector<std::string> files() const;

  /// What ${NAME} may stand for.
  const Variables& variables() const { return sources_.variables; }
  /// The secrets that were named so far.
  const Secrets& secrets() const { return sources_.secrets; }

  /// Every key of `block` is one of `known`, and built.
  void check_keys(const Value& block, std::span<const Key> known, std::string_view where);
  /// The member as a block; null when it is absent, or is none, which is reported.
  const Value* block(const Value& parent, std::string_view name);
  /// One text, number or boolean, as text, and no secret. Absent leaves `into` as it is.
  void read_text(const Value& parent, std::string_view name, std::string& into);
  void read_choice(const Value& parent, std::string_view name, std::span<const std::string_view> choices,
                   std::string& into);
  /// Whether a value that must be open is a secret; reported.
  bool is_secret(const Value& value, std::string_view name);
  /// A list of texts that are not empty, or a single one. Absent is an empty list.
  std::vector<Value> read_texts(const Value& parent, std::string_view name);
  /// A whole number above zero; a text of digits is one too.
  void read_count(const Value& value, std::size_t& into);

  std::size_t findings() const { return diagnostics_.size(); }
  /// All findings, sorted and each once.
  Diagnostics take_diagnostics();

 private:
  struct File {
    SourceText source;
    Places places;
    std::uint32_t start;
    File(SourceText text, std::uint32_t first) : source(std::move(text)), places(source), start(first) {}
    File(const File&) = delete;
    File& operator=(const File&) = delete;
  };

  VariableSources sources_;
  std::deque<File> files_;
  std::uint32_t end_ = 0;
  Diagnostics diagnostics_;
};

}  // namespace sluice
