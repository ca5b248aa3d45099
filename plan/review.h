// What a reviewer sees of a plan, whatever the format: the order, the words, and how two values differ.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plan/plan.h"

namespace sluice {

/// The order of a review: deletes, each with what takes its place, then what breaks callers, then the rest, each by
/// address.
std::vector<const Change*> review_order(const std::vector<Change>& changes);

/// The drift that has a row of its own: what went away with its group is counted in the group's.
std::vector<const Change*> drift_rows(const Plan& plan);

/// "will be created", "will be taken offline", …
std::string_view verb_of(const Change& change);
/// "api.pets["GET /a"] has moved to api.pets["GET /b"]", as it stands beside both; "" for what has not.
std::string move_note(const Change& change);
/// "has changed", "is gone", …
std::string_view drift_verb_of(const Change& change);
/// Whether the field appears, goes away, or has another value.
Action action_of(const FieldChange& field);
/// Who else changed it; "" for what only the files changed.
std::string_view origin_note(Origin origin);
/// '+', '~', '-' or ' '.
char symbol_of(Action action);

/// A rule that a change falls under, in its words or in those of its acceptance: "breaking: api-removed: The API goes
/// away: …" or "accepted: api-removed (breaking): nobody calls it, until 2027-01-31". Not escaped.
struct RiskNote {
  Risk risk = Risk::Safe;
  Risk without = Risk::Safe;  ///< as grave as it is without its acceptance
  std::string rule = {};
  std::string text = {};
};
/// What a change means for callers: each rule that it or a field of it falls under, once, the gravest first; safe ones
/// only where they are accepted.
std::vector<RiskNote> risk_notes(const Change& change);
/// The note of one field; no text for what is safe.
RiskNote risk_note(const FieldChange& field);
/// The rules under which a change or a field of it is accepted, each once.
std::vector<std::string> accepted_rules(const Change& change);
/// Why a change will not happen; "" for others.
std::string prevented_note(const Change& change);

/// The fields as a review lists them: those that changed, also from what it takes the place of, or, of a resource that
/// is made otherwise, those it is made of.
std::vector<FieldChange> fields_to_show(const Change& change);

/// What stays as it is of a resource that is updated: fields beside those that change, each with its value in `after`.
std::vector<FieldChange> context_of(const Change& change);

/// The value as one line of JSON, masks hidden, at most about `longest` bytes and cut between characters; "(absent)"
/// for null. Control characters of its texts are JSON escapes; what else may not be printed is the format's business.
std::string value_line(const Value& value, std::size_t longest);

/// A line of how two values differ: '-' has `before`, '+' has `after`, '~' and ' ' both. `place` is a JSON pointer into
/// the value, or "" for lines of a text. Nothing in it is escaped, but masks are hidden.
struct DiffLine {
  char sign = ' ';
  std::string place = {};
  std::string before = {};
  std::string after = {};
};
/// How two values differ where one line does not tell: JSON in texts is compared as JSON, long texts by line, and only
/// what differs is listed. Empty when `before -> after` on one line says it all.
std::vector<DiffLine> difference_lines(const Value& before, const Value& after);

/// What a plan lists beside its changes. Nothing in it is escaped.
struct ReviewLine {
  std::string name;       ///< an address, or a field of one
  std::string note = {};  ///< "" when the name says it all
};
struct ReviewList {
  std::string_view title;
  std::string_view what;  ///< as in "left out: what is ignored"
  std::vector<ReviewLine> lines;
};
/// What is not managed, and whatever the remarks name only the first of. None is empty.
std::vector<ReviewList> review_lists(const Plan& plan);
/// What becomes ours as it is, and what stays unchanged, when that is asked for. None is empty.
std::vector<ReviewList> unchanged_lists(const Plan& plan);

/// The numbers of a plan under the names that its JSON has for them; the last ones only where there are any.
struct Fact {
  std::string_view key;    ///< as in the JSON summary
  std::string_view label;  ///< for people
  std::size_t count = 0;
};
std::vector<Fact> summary_facts(const Plan& plan);

/// Whose group it is; "" when nobody is named, and for what belongs to the gateway.
std::string_view owner_of(const Plan& plan, const Address& address);

/// "pets import api_mode=merge extend_mode=merge"; without the reason.
std::string step_text(const Step& step);

/// Why the plan is refused, but for collisions, and what the gateway lacks, as in "Error: pets.yaml:3:7: …": too many
/// deletes and conflicts, quotas, then findings, errors first. To be shown before the changes. Not escaped, but masks
/// are hidden.
std::vector<std::string> obstacles(const Plan& plan);
/// What else a reviewer must know, a sentence each: what is not owned, what is kept, what is carried along.
std::vector<std::string> remarks(const Plan& plan);
/// What the plan is not about: changes and groups that are left out, what comes along, what stays behind.
std::vector<std::string> scope_sentences(const Plan& plan);
std::string kept_sentence(const Plan& plan);
std::string prevented_sentence(const Plan& plan);
std::string unowned_sentence(const Plan& plan);
std::string undeclared_sentence(const Plan& plan);
std::string ignored_sentence(const Plan& plan);
/// "Protection added for 2 APIs (the first is …), removed for 1." "" when it stays as it is.
std::string protection_sentence(const Plan& plan);

/// "1 API", "2 APIs".
std::string counted(std::size_t count, std::string_view noun);

}  // namespace sluice
