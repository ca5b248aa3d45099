#include "plan/swagger_reading.h"

#include <fmt/format.h>

#include "plan/words.h"

namespace sluice {
namespace {

/// Members of the specification that the gateway drops, by the name of their kind.
constexpr std::string_view kDropped[] = {"consumes", "produces",  "externalDocs", "deprecated",
                                         "summary",  "callbacks", "requestBody"};
/// Rules for a parameter's value that the gateway does not hold to.
constexpr std::string_view kDroppedRules[] = {"pattern", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"};

}  // namespace

void Reading::error(std::string code, std::string summary, std::string detail, std::uint32_t mark) {
  find({Severity::Error, std::move(code), std::move(summary), std::move(detail), mark});
}

void Reading::warning(std::string code, std::string summary, std::string detail, std::uint32_t mark) {
  find({Severity::Warning, std::move(code), std::move(summary), std::move(detail), mark});
}

void Reading::find(Finding finding) {
  if (!told_.emplace(finding.code, finding.mark).second && of_file()) return;
  result_.findings.push_back(std::move(finding));
}

void Reading::left_out(const std::string& kind, std::uint32_t mark) {
  LeftOut& entry = result_.left_out[kind];
  if (entry.count++ == 0) entry.first_mark = mark;
}

void Reading::unsupported(Unsupported what) {
  if (!of_file()) return error(std::move(what.code), std::move(what.summary), std::move(what.detail), what.mark);
  result_.unsupported.push_back(std::move(what));
}

void Reading::fault(const References::Fault& fault) {
  const Finding& finding = fault.finding;
  error(finding.code, finding.summary, finding.detail, finding.mark);
}

Reading::Place Reading::resolve(Place from) {
  if (from.value->find("$ref") == nullptr) return from;
  const auto resolved = references_.resolve(from);
  if (resolved) return *resolved;
  fault(resolved.error());
  return {};
}

void Reading::check_members(Place holder, Level level) {
  if (!of_file()) return;
  for (const auto& member : holder.value->members()) {
    if (full()) return;
    const std::uint32_t at = mark(holder.file, member.key_mark);
    if (is_one_of(member.key, kDropped)) {
      left_out("`" + member.key + "`", at);
      continue;
    }
    if (level == Level::Parameter && is_one_of(member.key, kDroppedRules)) left_out("`" + member.key + "`", at);
    const Judgement judged = judge_member(member.key, level, dialect);
    switch (judged.word) {
      case Word::Known:
        break;
      case Word::Misspelled:
        error(is_extension(member.key) ? "extension-unknown" : "member-unknown",
              fmt::format("`{}` is not a member that counts here.", shown(member.key)),
              fmt::format("Did you mean `{}`?", judged.hint), at);
        break;
      case Word::Misplaced:
        misplaced(member.key, judged.hint, at);
        break;
      case Word::Unknown:
        unknown(member.key, at);
        break;
      case Word::Foreign:
        left_out("extensions that the gateway does not know", at);
        break;
      case Word::Other:
        left_out("members that the specification does not know", at);
        break;
    }
  }
}

void Reading::check_strays(Place holder) {
  if (!of_file()) return;
  for (const auto& member : holder.value->members()) {
    const Judgement judged = judge_stray(member.key);
    const std::uint32_t at = mark(holder.file, member.key_mark);
    if (judged.word == Word::Misplaced) misplaced(member.key, judged.hint, at);
    if (judged.word == Word::Unknown) unknown(member.key, at);
  }
}

void Reading::misplaced(std::string_view key, std::string_view where, std::uint32_t at) {
  error("extension-misplaced", fmt::format("`{}` does not count here.", shown(key)),
        fmt::format("It belongs {}.", where), at);
}

void Reading::unknown(std::string_view key, std::uint32_t at) {
  error("extension-unknown", fmt::format("`{}` is not an extension of the gateway.", shown(key)),
        "Correct the name, or leave it out.", at);
}

void shift_marks(Value& value, std::uint32_t by) {
  if (by == 0) return;  // the first file, or the only one
  const auto shift = [by](Value& inner) {
    shift_marks(inner, by);
    inner.set_mark(inner.mark() + by);
  };
  if (value.is_array() && !value.empty()) {
    for (Value& item : value.mutable_items()) shift(item);
  } else if (value.is_object() && !value.empty()) {
    for (auto& member : value.mutable_members()) shift(member.value);
  }
}

}  // namespace sluice
