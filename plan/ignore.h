// Fields that a manifest leaves to others: what they hold on the gateway stays, and is no difference.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plan/diagnostic.h"
#include "plan/drift.h"
#include "plan/resource.h"

namespace sluice {

/// One element of `ignore`. `path` is a pointer with keys for keyed lists: a token `*` is any one, `**` any number, and
/// `*` within a token any run of characters. It names everything below it too.
struct IgnoreRule {
  std::string path;
  std::string api;     ///< glob of "METHOD /path"; "" is every API of the group
  std::string reason;  ///< "" when none is given
  std::string until;   ///< the last day, YYYY-MM-DD; "" for no end
  SourceSpan at = {};
};

/// A difference that a rule hides.
struct IgnoredField {
  Address address;
  std::string path;
  std::string reason;
};

/// What is wrong with the path of a rule, and what to do; nothing when fields of APIs can match it.
struct PathProblem {
  std::string summary;
  std::string detail;
};
std::optional<PathProblem> ignore_path_problem(std::string_view path);

/// Whether a text is a day of the calendar, as YYYY-MM-DD.
bool is_day(std::string_view text);

/// Adds a warning for each rule whose last day was before `today` (YYYY-MM-DD): it is still carried out. Each line is
/// told once, however many groups take it from `defaults`.
void report_expired(const std::vector<IgnoreRule>& rules, std::string_view today, Diagnostics& findings);

/// `body` with what `live` holds in each place that a rule names, also where that is nothing. What is below something
/// that only one of them has is no such place. Both are canonical bodies of an API.
Value with_ignored(const Value& body, const Value& live, const std::vector<IgnoreRule>& rules);

/// Three states as they are compared: in each place that a rule names, everything is as the live API has it. What was
/// taken for the same may still be served in several versions: digests of publications are made comparable too.
class IgnoringView {
 public:
  /// The states outlive it; they are copied only where something is hidden.
  IgnoringView(const Baseline& base, const DesiredState& desired, const LiveState& live,
               const std::vector<IgnoreRule>& rules);

  const Baseline& base() const { return own_base_ ? *own_base_ : base_; }
  const DesiredState& desired() const { return own_desired_ ? *own_desired_ : desired_; }
  const LiveState& live() const { return own_live_ ? *own_live_ : live_; }

  /// What the rules hide of what the files ask for; without an API in `desired`, of what the last apply left.
  const std::vector<IgnoredField>& hidden() const { return hidden_; }
  /// APIs that differ from what the last apply left in nothing but what is hidden, and are served as they are.
  const std::vector<Address>& moved() const { return moved_; }

 private:
  void hide(const Resource& live, const std::vector<IgnoreRule>& rules);
  void hide_publications(const Resource& live, const std::vector<IgnoreRule>& rules, const std::string& base_digest);
  void note(const Address& address, const Value& shown, const Value& own, const std::vector<IgnoreRule>& rules);

  const Baseline& base_;
  const DesiredState& desired_;
  const LiveState& live_;
  PublicationIndex base_publications_;
  PublicationIndex live_publications_;
  std::optional<Baseline> own_base_;
  std::optional<DesiredState> own_desired_;
  std::optional<LiveState> own_live_;
  std::vector<IgnoredField> hidden_;
  std::vector<Address> moved_;
};

}  // namespace sluice
