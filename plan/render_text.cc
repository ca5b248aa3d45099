#include "plan/render_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "plan/review.h"
#include "plan/safety.h"
#include "plan/secrets.h"

namespace sluice {
namespace {

constexpr std::size_t kLongestValue = 100;

class Painter {
 public:
  explicit Painter(const TextStyle& style) : style_(style) {}
  std::string paint(std::string_view code, std::string_view text) const {
    return style_.color ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
  }
  std::string symbol(Action action) const {
    switch (action) {
      case Action::Create:
        return paint("32", "+");
      case Action::Update:
        return paint("33", "~");
      case Action::Delete:
        return paint("31", "-");
      case Action::NoOp:
        return " ";
    }
    return {};
  }
  std::string bold(std::string_view text) const { return paint("1", text); }
  const TextStyle& style() const { return style_; }

 private:
  const TextStyle& style_;
};

std::string value_text(const Value& value) { return printable(value_line(value, kLongestValue)); }

std::string note_of(const FieldChange& field) {
  std::string note;
  const auto add = [&note](std::string_view text) {
    if (text.empty()) return;
    note += note.empty() ? "  # " : ", ";
    note += text;
  };
  add(origin_note(field.origin));
  if (field.origin == Origin::Conflict) add(fmt::format("last applied {}", value_text(field.base)));
  if (field.accepted.given()) add(fmt::format("accepted: {}", printable(field.rule)));
  if (field.risk != Risk::Safe) add(fmt::format("{}: {}", to_string(field.risk), printable(field.rule)));
  return note;
}

/// A field that one line does not tell of: its name, and below it what differs.
void append_lines(std::string& out, const std::vector<DiffLine>& lines, const Painter& painter) {
  for (const DiffLine& line : lines) {
    const Action action = line.sign == '+'   ? Action::Create
                          : line.sign == '-' ? Action::Delete
                          : line.sign == '~' ? Action::Update
                                             : Action::NoOp;
    const std::string place = line.place.empty() ? "" : printable(line.place) + ": ";
    const std::string text = action == Action::Create ? printable(line.after)
                             : action == Action::Update
                                 ? fmt::format("{} -> {}", printable(line.before), printable(line.after))
                                 : printable(line.before);
    out += fmt::format("          {} {}{}\n", painter.symbol(action), place, text);
  }
}

void append_fields(std::string& out, const Change& change, const Painter& painter) {
  for (const FieldChange& field : fields_to_show(change)) {
    const Action action = action_of(field);
    const std::string path = printable(field.path);
    const std::vector<DiffLine> lines = difference_lines(field.before, field.after);
    std::string values;
    if (!lines.empty()) {
      out += fmt::format("      {} {}:{}\n", painter.symbol(action), path, note_of(field));
      append_lines(out, lines, painter);
      continue;
    }
    if (action == Action::Create) values = value_text(field.after);
    if (action == Action::Delete) values = value_text(field.before);
    if (action == Action::Update) values = fmt::format("{} -> {}", value_text(field.before), value_text(field.after));
    out += fmt::format("      {} {}: {}{}\n", painter.symbol(action), path, values, note_of(field));
  }
  if (!painter.style().context) return;
  for (const FieldChange& field : context_of(change))
    out += fmt::format("        {}: {}\n", printable(field.path), value_text(field.after));
}

/// A change of a policy is one of every API that uses it.
void append_touched(std::string& out, const Change& change) {
  if (change.touches.empty()) return;
  out += fmt::format("      # It applies to {}:\n", counted(change.touches.size(), "API"));
  for (const std::string& user : change.touches) out += fmt::format("      #   {}\n", printable(user));
}

void append_change(std::string& out, const Change& change, const Painter& painter) {
  const std::string place =
      change.source.file.empty() ? "" : fmt::format("  ({})", printable(to_string(change.source)));
  out += fmt::format("  {} {} {}{}\n", painter.symbol(change.action), painter.bold(printable(change.address.text())),
                     verb_of(change), place);
  for (const RiskNote& note : risk_notes(change)) {
    const std::string line = "# " + printable(note.text);
    out += fmt::format("      {}\n", note.risk == Risk::Breaking ? painter.paint("31", line) : line);
  }
  if (const std::string moved = move_note(change); !moved.empty()) out += fmt::format("      # {}\n", printable(moved));
  out += fmt::format("      # {}\n", printable(change.reason));
  if (const std::string note = prevented_note(change); !note.empty())
    out += fmt::format("      # {}\n", printable(note));
  append_touched(out, change);
  if (change.importing) out += "      # Sluice starts to own it.\n";
  append_fields(out, change, painter);
  out += "\n";
}

void append_drift(std::string& out, const Plan& plan, const Painter& painter) {
  for (const Change* row : drift_rows(plan)) {
    const Change& change = *row;
    out += fmt::format("  {} {} {}\n      # {}\n", painter.symbol(change.action),
                       painter.bold(printable(change.address.text())), drift_verb_of(change), printable(change.reason));
    append_fields(out, change, painter);
    out += "\n";
  }
}

void append_lists(std::string& out, const Plan& plan) {
  constexpr std::size_t kShown = 10;
  for (const ReviewList& list : review_lists(plan)) {
    out += fmt::format("{}: {}\n", list.title, list.lines.size());
    for (std::size_t i = 0; i < std::min(kShown, list.lines.size()); ++i) {
      const ReviewLine& line = list.lines[i];
      out += fmt::format("    {}{}{}\n", printable(line.name), line.note.empty() ? "" : ": ", printable(line.note));
    }
    if (list.lines.size() > kShown)
      out += fmt::format("    and {} more: --format json lists all of them\n", list.lines.size() - kShown);
    out += "\n";
  }
}

void append_owners(std::string& out, const Plan& plan, const std::vector<Change>& changes) {
  for (const PlannedGroup& group : plan.groups) {
    const bool concerned = std::any_of(changes.begin(), changes.end(),
                                       [&](const Change& change) { return change.address.group() == group.name; });
    if (!group.owner.empty() && concerned) {
      out += fmt::format("The group {} belongs to {}.\n", printable(group.name), printable(group.owner));
    }
  }
}

void append_scope(std::string& out, const Plan& plan) {
  const std::vector<std::string> sentences = scope_sentences(plan);
  for (const std::string& sentence : sentences) out += printable(sentence) + "\n";
  if (!sentences.empty()) out += "\n";
}

void append_steps(std::string& out, const Plan& plan) {
  if (plan.steps.empty()) return;
  out += "Steps, in this order:\n";
  for (const Step& step : plan.steps) {
    out += fmt::format("  {:>3}. {}: {}\n", step.id, printable(step_text(step)), printable(step.reason));
  }
  out += "\n";
}

/// Whether all drift is of resources that others made anew just as the files want them, so that the base takes them.
bool was_made_as_wanted(const Plan& plan) {
  return !plan.drift.empty() && std::all_of(plan.drift.begin(), plan.drift.end(), [&](const Change& change) {
    return change.action == Action::Update &&
           std::any_of(plan.groups.begin(), plan.groups.end(), [&](const PlannedGroup& group) {
             return std::any_of(group.records.begin(), group.records.end(),
                                [&](const Resource& record) { return record.address == change.address; });
           });
  });
}

/// The last lines: the summary, with what it was compared with, and the digest.
std::string summary_text(const Plan& plan, const Painter& painter) {
  const std::string unowned = plan.unowned.empty() ? "" : fmt::format(", {} not owned", plan.unowned.size());
  return fmt::format("{} ({} unchanged{}) Gateway: {}\nDigest: {}\n", painter.bold(summary_line(plan)),
                     summarize(plan).no_op, unowned, printable(to_string(plan.gateway)), plan.digest);
}

std::string drift_summary_text(const Plan& plan, const Painter& painter) {
  const std::string counts = plan.drift.empty() ? "" : fmt::format(" ({} unchanged)", summarize(plan).no_op);
  const std::string digest = plan.refresh_only ? fmt::format("Digest: {}\n", plan.digest) : "";
  return fmt::format("{}{} Gateway: {}\n{}", painter.bold(drift_line(plan)), counts, printable(to_string(plan.gateway)),
                     digest);
}

/// The line broken at spaces so that it has at most `width` characters where its words allow it; what follows is
/// indented further. Escape sequences have no width.
void append_wrapped(std::string& out, std::string_view line, std::size_t width) {
  std::size_t indent = std::min(line.find_first_not_of(' '), line.size());
  if (line.substr(indent).starts_with("# ")) indent += 2;
  indent = std::min(indent + 2, width / 2);
  std::size_t column = 0;
  bool first = true;
  while (!line.empty()) {
    const std::size_t gap = std::min(line.find_first_not_of(' '), line.size());
    const std::size_t end = std::min(line.find(' ', gap), line.size());
    const std::string_view word = line.substr(gap, end - gap);
    std::size_t wide = 0;
    bool escaped = false;
    for (const char c : word) {
      if (c == '\x1b') escaped = true;
      if (!escaped && (static_cast<unsigned char>(c) & 0xC0U) != 0x80U) ++wide;
      if (escaped && c == 'm') escaped = false;
    }
    if (!first && column + gap + wide > width && column > indent) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    } else {
      out.append(gap, ' ');
      column += gap;
    }
    out += word;
    column += wide;
    first = false;
    line.remove_prefix(end);
  }
}

/// Every line within `width` characters; 0 leaves them as they are.
std::string wrapped(const std::string& text, std::size_t width) {
  if (width == 0) return text;
  std::string out;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    append_wrapped(out, rest.substr(0, end), width);
    out += "\n";
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return out;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto next = static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : 0);
    const auto third = static_cast<unsigned char>(i + 2 < text.size() ? text[i + 2] : 0);
    const bool direction_mark =
        byte == 0xE2 && ((next == 0x80 && ((third >= 0x8E && third <= 0x8F) || (third >= 0xA8 && third <= 0xAE))) ||
                         (next == 0x81 && third >= 0xA6 && third <= 0xA9));
    if (byte < 0x20 || byte == 0x7F) {
      result += fmt::format("\\x{:02x}", byte);
    } else if (byte == 0xD8 && next == 0x9C) {
      result += "\\u061c";
      ++i;
    } else if (byte == 0xC2 && next >= 0x80 && next < 0xA0) {  // C1 control characters
      result += fmt::format("\\u00{:02x}", next);
      ++i;
    } else if (direction_mark) {
      result += fmt::format("\\u{:04x}", 0x2000U + ((next & 0x3FU) << 6U) + (third & 0x3FU));
      i += 2;
    } else {
      result += text[i];
    }
  }
  return result;
}

std::string summary_line(const Plan& plan) {
  const Summary summary = summarize(plan);
  std::string line;
  if (has_errors(plan.findings)) {
    const auto errors = std::count_if(plan.findings.begin(), plan.findings.end(),
                                      [](const Diagnostic& finding) { return finding.severity == Severity::Error; });
    line = fmt::format("No {}: {} in the way.", plan.drift_only ? "drift report" : "plan",
                       errors == 1 ? "1 error is" : fmt::format("{} errors are", errors));
  } else if (plan.changes.empty() && !plan.collisions.empty()) {
    line = fmt::format("No plan: {} in the way.", plan.collisions.size() == 1
                                                      ? "1 collision is"
                                                      : fmt::format("{} collisions are", plan.collisions.size()));
  } else if (plan.changes.empty() && plan.kept() == 0 && was_made_as_wanted(plan)) {
    line = "No changes. What was made anew on the gateway is as the files want it.";
  } else if (plan.changes.empty() && (!plan.drift.empty() || plan.kept() > 0)) {
    line = "No changes. What was changed on the gateway stays.";
  } else if (plan.changes.empty() && plan.changes_protection()) {
    line = "No changes on the gateway. What is protected changes.";
  } else if (plan.changes.empty() && !plan.scope.whole()) {
    line = "No changes in what was looked at.";
  } else if (plan.changes.empty()) {
    line = "No changes. Your gateway matches the configuration.";
  } else {
    line = "Plan: ";
    if (summary.import > 0) line += fmt::format("{} to import, ", summary.import);
    line += fmt::format("{} to add, {} to change, {} to destroy.", summary.create, summary.update, summary.remove);
  }
  if (summary.drift > 0) line += fmt::format(" Drift: {}.", summary.drift);
  if (summary.conflict > 0) line += fmt::format(" Conflicts: {}.", summary.conflict);
  if (summary.breaking > 0) line += fmt::format(" Breaking: {}.", summary.breaking);
  if (summary.prevented > 0) line += fmt::format(" Will not happen: {}.", summary.prevented);
  if (!plan.shortages.empty()) line += " It is more than the gateway allows.";
  if (!line.starts_with("No plan") && !refusals(plan).empty()) line += " Refused as it stands.";
  return line;
}

std::string drift_line(const Plan& plan) {
  if (has_errors(plan.findings)) return summary_line(plan);
  if (plan.refresh_only && !plan.drift.empty()) {
    return fmt::format(
        "Refresh only: {} changed since the last apply; the state takes what the gateway has, and nothing "
        "is sent.",
        counted(plan.drift.size(), "resource"));
  }
  if (!plan.drift.empty())
    return fmt::format("Drift: {} changed since the last apply.", counted(plan.drift.size(), "resource"));
  if (summarize(plan).no_op == 0) return "No drift: Sluice owns nothing here, so there is nothing to compare.";
  if (!plan.unmanaged.empty()) return "No drift in what Sluice owns.";
  return "No drift. The gateway is as the last apply left it.";
}

std::string render_text(const Plan& plan, const TextStyle& style) {
  const Painter painter(style);
  std::string out;
  if (!plan.drift.empty()) {
    out += "Changed outside of Sluice since the last apply:\n\n";
    append_drift(out, plan, painter);
  }
  if (!plan.changes.empty()) {
    out += fmt::format("Sluice {} perform these actions (+ create, ~ update in-place, - destroy):\n\n",
                       refusals(plan).empty() ? "will" : "would");
    for (const Change* change : review_order(plan.changes)) append_change(out, *change, painter);
  }
  for (const Change& change : plan.unchanged) {
    const std::string_view what = change.importing ? "will be owned by Sluice, as it is" : verb_of(change);
    out += fmt::format("    {} {}\n", printable(change.address.text()), what);
    const bool stays = change.action == Action::NoOp && !change.importing && !change.reason.empty();
    if (stays) out += fmt::format("      # {}\n", printable(change.reason));
  }
  if (!plan.unchanged.empty()) out += "\n";
  append_lists(out, plan);
  append_steps(out, plan);
  for (const Collision& collision : plan.collisions) {
    out += fmt::format("Collision: {}: {}.\n", printable(collision.address.text()),
                       printable(with_masks_hidden(collision.difference)));
  }
  if (!plan.collisions.empty()) out += "\n";
  for (const std::string& sentence : obstacles(plan)) out += printable(sentence) + "\n\n";
  append_scope(out, plan);
  for (const std::string& sentence : {prevented_sentence(plan), protection_sentence(plan), unowned_sentence(plan),
                                      kept_sentence(plan), ignored_sentence(plan)}) {
    if (!sentence.empty()) out += printable(sentence) + "\n\n";
  }
  append_owners(out, plan, plan.changes);
  if (plan.undeclared > 0) out += undeclared_sentence(plan) + "\n";
  return wrapped(out + summary_text(plan, painter), style.width);
}

std::string render_text_summary(const Plan& plan, const TextStyle& style) {
  const Painter painter(style);
  return wrapped(plan.drift_only ? drift_summary_text(plan, painter) : summary_text(plan, painter), style.width);
}

std::string render_drift_text(const Plan& plan, const TextStyle& style) {
  const Painter painter(style);
  std::string out;
  append_drift(out, plan, painter);
  append_lists(out, plan);
  for (const std::string& sentence : obstacles(plan)) out += printable(sentence) + "\n\n";
  if (!plan.ignored.empty()) out += printable(ignored_sentence(plan)) + "\n\n";
  append_scope(out, plan);
  append_owners(out, plan, plan.drift);
  return wrapped(out + drift_summary_text(plan, painter), style.width);
}

}  // namespace sluice
