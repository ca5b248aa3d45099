#include "plan/render_markdown.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "plan/digest.h"
#include "plan/render_text.h"
#include "plan/review.h"
#include "plan/safety.h"
#include "plan/secrets.h"
#include "plan/words.h"

namespace sluice {
namespace {

constexpr std::size_t kValueBytes = 300;  ///< of a value in a list of changes
constexpr std::size_t kFieldLines = 60;   ///< of one field
constexpr std::size_t kNameBytes = 400;   ///< of a name or reason: the rest is cut, and said to be
constexpr std::size_t kObstacleBytes = 1000;
constexpr std::size_t kFieldsShown = 100;  ///< of one resource
constexpr std::size_t kTail = 900;         ///< kept for what the end has to say

std::string cut(std::string_view text, std::size_t longest) {
  if (text.size() <= longest) return std::string(text);
  const std::size_t end = character_start(text, longest);
  return fmt::format("{}... ({} more bytes)", text.substr(0, end), text.size() - end);
}

std::string code(std::string_view text) { return fmt::format("<code>{}</code>", html_text(cut(text, kNameBytes))); }

std::string prose(std::string_view text) { return markdown_prose(cut(text, kNameBytes)); }

/// A fenced block that nothing in it can end.
std::string fenced(std::string_view language, const std::string& content) {
  std::size_t longest = 2;
  std::size_t run = 0;
  for (const char c : content) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  const std::string fence(longest + 1, '`');
  return fmt::format("{}{}\n{}{}\n", fence, language, content, fence);
}

std::string diff_line(char sign, std::string_view name, std::string_view value) {
  return fmt::format("{} {}{}{}\n", sign, printable(cut(name, kNameBytes)), name.empty() ? "" : ": ",
                     printable(cut(value, 4 * kValueBytes)));
}

void append_field(std::string& out, const FieldChange& field) {
  const std::vector<DiffLine> lines = difference_lines(field.before, field.after);
  const Action action = action_of(field);
  if (lines.empty()) {
    if (action != Action::Create) out += diff_line('-', field.path, value_line(field.before, kValueBytes));
    if (action != Action::Delete) out += diff_line('+', field.path, value_line(field.after, kValueBytes));
    return;
  }
  out += diff_line('@', field.path, "");
  for (std::size_t i = 0; i < std::min(kFieldLines, lines.size()); ++i) {
    const DiffLine& line = lines[i];
    if (line.sign != '+') out += diff_line(line.sign == ' ' ? ' ' : '-', line.place, line.before);
    if (line.sign == '+' || line.sign == '~') out += diff_line('+', line.place, line.after);
  }
  if (lines.size() > kFieldLines)
    out += fmt::format("  ... {} not shown\n", counted(lines.size() - kFieldLines, "line"));
}

/// What a list of changes cannot hold: who else changed a field, and what it means.
void append_notes(std::string& out, const std::vector<FieldChange>& fields, bool drift) {
  const bool told = drift || std::all_of(fields.begin(), fields.end(), [](const FieldChange& field) {
                      return field.origin == Origin::Drift;  // the reason says so, once
                    });
  for (const FieldChange& field : fields) {
    std::string note;
    if (field.accepted.given()) note = fmt::format("accepted ({})", prose(field.rule));
    if (field.risk != Risk::Safe) note = fmt::format("**{}** ({})", to_string(field.risk), prose(field.rule));
    if (const std::string_view origin = origin_note(field.origin); !origin.empty() && !told)
      note += fmt::format("{}{}", note.empty() ? "" : ", ", origin);
    if (field.origin == Origin::Conflict)
      note += fmt::format("{}last applied {}", note.empty() ? "" : ", ", code(value_line(field.base, kValueBytes)));
    if (!note.empty()) out += fmt::format("- {}: {}\n", code(field.path), note);
  }
}

std::string heading_of(const Change& change, std::string_view verb) {
  std::string text = fmt::format("<code>{}</code> {} {}", symbol_of(change.action), code(change.address.text()), verb);
  if (change.risk != Risk::Safe)
    text += fmt::format(": <b>{}</b>{}", to_string(change.risk), change.rule.empty() ? "" : " " + code(change.rule));
  for (const std::string& rule : accepted_rules(change)) text += fmt::format(": accepted {}", code(rule));
  if (change.foreign) text += ": <b>not ours</b>";
  return text;
}

/// The part of a resource that opens: why, and what changes.
std::string block_of(const Change& change, std::string_view verb, bool drift) {
  std::string out = fmt::format("<details><summary>{}</summary>\n\n", heading_of(change, verb));
  if (change.moved_from || change.moved_to) {
    out +=
        fmt::format("{} has moved to {}.\n\n", code((change.moved_from ? *change.moved_from : change.address).text()),
                    code((change.moved_to ? *change.moved_to : change.address).text()));
  }
  if (!change.reason.empty()) out += prose(change.reason) + "\n\n";
  if (const std::string note = prevented_note(change); !note.empty()) out += fmt::format("**{}**\n\n", prose(note));
  if (!drift) {
    const std::vector<RiskNote> notes = risk_notes(change);
    for (const RiskNote& note : notes) out += fmt::format("- {}\n", prose(note.text));
    if (!notes.empty()) out += "\n";
  }
  if (!change.source.file.empty()) out += fmt::format("Asked for at {}.\n\n", code(to_string(change.source)));
  if (change.importing) out += "Sluice starts to own it.\n\n";
  if (change.foreign) out += "**It is not ours**: the group says `prune: all`.\n\n";
  if (!change.touches.empty()) {
    out += fmt::format("It applies to {}:\n\n", counted(change.touches.size(), "API"));
    for (std::size_t i = 0; i < std::min(kFieldLines, change.touches.size()); ++i)
      out += fmt::format("- {}\n", code(change.touches[i]));
    if (change.touches.size() > kFieldLines) out += fmt::format("- and {} more\n", change.touches.size() - kFieldLines);
    out += "\n";
  }
  const std::vector<FieldChange> fields = drift ? change.fields : fields_to_show(change);
  std::string diff;
  for (std::size_t i = 0; i < std::min(kFieldsShown, fields.size()); ++i) append_field(diff, fields[i]);
  if (fields.size() > kFieldsShown)
    diff += fmt::format("  ... {} not shown\n", counted(fields.size() - kFieldsShown, "field"));
  if (!diff.empty()) out += fenced("diff", diff) + "\n";
  std::string notes;
  append_notes(notes, fields, drift);
  if (!notes.empty()) out += notes + "\n";
  return out + "</details>\n\n";
}

/// A row of the report: whole, or as one line where there is no room.
struct Entry {
  std::string section;
  const Change* change = nullptr;
  std::string_view verb;
  bool drift = false;
  std::string text = {};
  bool whole = false;
};

std::string brief_of(const Entry& entry) { return heading_of(*entry.change, entry.verb) + "<br>\n"; }

std::string section_heading(const std::string& section) {
  return section.empty() ? "" : fmt::format("#### {}\n\n", section);
}

/// Sections in their order, each entry that got room.
std::string joined(const std::vector<std::string>& sections, const std::vector<Entry>& entries) {
  std::map<std::string_view, std::string> parts;
  for (const Entry& entry : entries) {
    if (entry.text.empty()) continue;
    std::string& part = parts[entry.section];
    // A line of HTML goes on until an empty line: what follows must not become a part of it.
    if (entry.whole && !part.empty() && !part.ends_with("\n\n")) part += "\n";
    part += entry.text;
  }
  std::string out;
  for (const std::string& section : sections) {
    const auto part = parts.find(section);
    if (part == parts.end()) continue;
    out += section_heading(section) + part->second;
    if (!out.ends_with("\n\n")) out += "\n";
  }
  return out;
}

std::string folded(std::string_view title, const std::string& content) {
  return fmt::format("<details><summary>{}</summary>\n\n{}\n</details>\n\n", title, content);
}

std::string steps_part(const Plan& plan) {
  if (plan.steps.empty()) return {};
  std::string list;
  for (const Step& step : plan.steps) {
    list += fmt::format("{}. {}: {}\n", step.id, code(step_text(step)), prose(step.reason));
  }
  return folded(fmt::format("{}, in this order", counted(plan.steps.size(), "step")), list);
}

std::string list_part(const ReviewList& list) {
  std::string lines;
  for (const ReviewLine& line : list.lines)
    lines += fmt::format("- {}{}{}\n", code(line.name), line.note.empty() ? "" : ": ", prose(line.note));
  return folded(fmt::format("{}: {}", list.title, list.lines.size()), lines);
}

std::string title_of(const Plan& plan) {
  const Summary summary = summarize(plan);
  if (plan.drift_only && !has_errors(plan.findings))
    return plan.drift.empty() ? "Sluice: no drift"
                              : fmt::format("Sluice: {} drifted", counted(plan.drift.size(), "resource"));
  if (has_errors(plan.findings)) {
    const auto errors = std::count_if(plan.findings.begin(), plan.findings.end(),
                                      [](const Diagnostic& finding) { return finding.severity == Severity::Error; });
    return fmt::format("Sluice: no {}, {} in the way", plan.drift_only ? "drift report" : "plan",
                       counted(static_cast<std::size_t>(errors), "error"));
  }
  if (!plan.collisions.empty())
    return fmt::format("Sluice: no plan, {} in the way", counted(plan.collisions.size(), "collision"));
  const std::string_view refused = refusals(plan).empty() ? "" : "refused, ";
  if (plan.changes.empty()) return fmt::format("Sluice: {}no changes", refused);
  return fmt::format("Sluice: {}{} to add, {} to change, {} to destroy", refused, summary.create, summary.update,
                     summary.remove);
}

std::string head_of(const Plan& plan) {
  std::string out = markdown_marker(plan) + fmt::format("\n### {}\n\n", title_of(plan));
  std::string names = "|";
  std::string rule = "|";
  std::string counts = "|";
  for (const Fact& fact : summary_facts(plan)) {
    names += fmt::format(" {} |", fact.label);
    rule += " ---: |";
    counts += fmt::format(" {} |", fact.count);
  }
  out += fmt::format("{}\n{}\n{}\n\nGateway: {}\n\n", names, rule, counts, code(to_string(plan.gateway)));
  const Summary summary = summarize(plan);
  std::string warning;
  const auto warn = [&](std::size_t count, std::string_view noun) {
    if (count > 0) warning += fmt::format("{}**{}**", warning.empty() ? "" : ", ", counted(count, noun));
  };
  if (!plan.drift_only) {
    warn(summary.remove, "deletion");
    warn(summary.breaking, "breaking change");
    warn(summary.conflict, "conflict");
  }
  if (!warning.empty()) out += fmt::format("> Look first at: {}.\n\n", warning);
  return out;
}

std::vector<Entry> entries_of(const Plan& plan, std::vector<std::string>& sections) {
  std::vector<Entry> entries;
  constexpr std::string_view kDrift = "Changed outside of Sluice since the last apply";
  const bool owners = std::any_of(plan.groups.begin(), plan.groups.end(),
                                  [](const PlannedGroup& group) { return !group.owner.empty(); });
  std::map<std::string_view, std::string> by_group;
  for (const PlannedGroup& group : plan.groups) {
    std::string& section = by_group[group.name];
    if (owners) section = group.owner.empty() ? "Without an owner" : "Owner: " + prose(group.owner);
  }
  std::set<std::string> named;
  for (const Change* change : review_order(plan.changes)) {
    const auto at = by_group.find(change->address.group());
    entries.push_back({at != by_group.end() ? at->second : owners ? "Without an owner" : "", change, verb_of(*change)});
    named.insert(entries.back().section);
  }
  sections.assign(named.begin(), named.end());
  for (const Change* change : drift_rows(plan)) {
    entries.push_back({plan.drift_only ? "" : std::string(kDrift), change, drift_verb_of(*change), true});
  }
  if (plan.drift_only) sections.emplace_back();
  if (!plan.drift_only) sections.emplace_back(kDrift);
  return entries;
}

/// Whether a text begins as an item of a numbered list does.
bool starts_list(std::string_view text) {
  const std::size_t end = text.find_first_not_of("0123456789");
  return end != std::string_view::npos && (text[end] == '.' || text[end] == ')');
}

}  // namespace

std::string html_text(std::string_view text) {
  const std::string shown = printable(text);
  std::string out;
  out.reserve(shown.size() + shown.size() / 8);
  for (std::size_t i = 0; i < shown.size(); ++i) {
    const char c = shown[i];
    const std::string_view rest = std::string_view(shown).substr(i);
    switch (c) {
      case ':':  // no link is made of it
        out += rest.starts_with("://") ? "&#58;" : ":";
        break;
      case '.':
        out += i >= 3 && std::string_view(shown).substr(i - 3, 3) == "www" ? "&#46;" : ".";
        break;
      case '`':
        out += "&#96;";
        break;
      case '$':
        out += "&#36;";
        break;
      case '@':
        out += "&#64;";
        break;
      case '#':
      case '*':
      case '_':
      case '|':
      case '\\':
      case '[':
      case ']':
      case '~':
        out += fmt::format("&#{};", static_cast<int>(c));
        break;
      default:
        if (const std::string_view entity = html_entity(c); !entity.empty()) {
          out += entity;
        } else {
          out += c;
        }
    }
  }
  return out;
}

std::string markdown_prose(std::string_view text) {
  constexpr std::string_view kBreak = "\xE2\x80\x8B";  // ends what would be a mention, a reference or a link
  constexpr std::string_view kMarkup = "\\`*_{}[]()<>|~$&^!";
  const std::string shown = printable(text);
  std::string out;
  for (std::size_t i = 0; i < shown.size(); ++i) {
    const char c = shown[i];
    const bool digit = c >= '0' && c <= '9';
    const bool letter =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (static_cast<unsigned char>(c) & 0x80U) != 0;
    const std::string_view rest = std::string_view(shown).substr(i);
    if (c == '@' || c == '#' || rest.starts_with("://") || rest.starts_with("www.") || rest.starts_with("GH-")) {
      out +=
          c == '@' || c == '#' ? fmt::format("&#{};{}", static_cast<int>(c), kBreak) : fmt::format("{}{}", c, kBreak);
    } else if ((i == 0 && !letter && (!digit || starts_list(shown))) || kMarkup.find(c) != std::string_view::npos) {
      out += fmt::format("&#{};", static_cast<int>(static_cast<unsigned char>(c)));
      if (c == '!' || c == '$' || c == '%' || c == '~' || c == '&') out += kBreak;  // GitLab's other references
    } else {
      out += c;
    }
  }
  return out;
}

std::string markdown_marker(const Plan& plan) {
  const GatewayIdentity& g = plan.gateway;
  const std::string which =
      sha256_hex(fmt::format("{}\n{}\n{}\n{}", g.provider, g.endpoint, g.project_id, g.instance_id));
  return fmt::format("<!-- sluice:{}:{} -->", plan.drift_only ? "drift" : "plan", which.substr(0, 12));
}

std::string render_markdown(const Plan& plan, const MarkdownStyle& style) {
  const std::size_t budget = std::max(style.max_bytes, kLeastMarkdownBytes);
  const std::string head = head_of(plan);
  std::vector<std::string> sections;
  std::vector<Entry> entries = entries_of(plan, sections);
  std::size_t used = head.size() + kTail;

  std::string in_the_way;
  std::size_t obstacles_left_out = 0;
  std::size_t collisions_left_out = 0;
  const auto add_line = [&](const std::string& line, std::size_t room, std::size_t& left_out) {
    if (used + line.size() > room) {
      ++left_out;
      return;
    }
    used += line.size();
    in_the_way += line;
  };
  for (const std::string& obstacle : obstacles(plan))
    add_line(fmt::format("- {}\n", markdown_prose(cut(obstacle, kObstacleBytes))), budget / 2, obstacles_left_out);
  for (const Collision& collision : plan.collisions) {
    add_line(fmt::format("- **Collision** {}: {}. {}\n", code(collision.address.text()),
                         prose(with_masks_hidden(collision.difference)),
                         markdown_prose(cut(way_out_of(collision), kObstacleBytes))),
             budget, collisions_left_out);
  }
  if (!in_the_way.empty()) in_the_way += "\n";

  // A line for each comes first, in the order of the review, but for safe changes only as far as half of the room: the
  // details of the first ones are worth more than the names of the last. Then come the details, in the same order.
  std::set<std::string_view> begun;
  std::size_t shown = 0;
  const auto name_more = [&](bool all) {
    for (; shown < entries.size(); ++shown) {
      Entry& entry = entries[shown];
      const bool first = entry.change->action == Action::Delete || entry.change->risk == Risk::Breaking;
      std::string line = brief_of(entry);
      const bool fresh = !begun.contains(entry.section);
      const std::size_t cost = line.size() + 1 + (fresh ? section_heading(entry.section).size() + 2 : 0);
      if (used + cost > (all || first ? budget : budget / 2)) return;
      begun.insert(entry.section);
      used += cost;
      entry.text = std::move(line);
    }
  };
  name_more(false);
  std::size_t whole = 0;
  for (std::size_t i = 0; i < shown; ++i) {
    Entry& entry = entries[i];
    if (used + 200 > budget) break;
    std::string block = block_of(*entry.change, entry.verb, entry.drift);
    const std::size_t more = block.size() - std::min(block.size(), entry.text.size());
    if (used + more > budget) continue;
    used += more;
    entry.text = std::move(block);
    entry.whole = true;
    ++whole;
  }
  name_more(true);

  std::string more;
  std::string missing;
  const auto add_if_room = [&](std::string_view name, const std::string& part) {
    if (part.empty()) return;
    if (used + part.size() > budget) {
      missing += fmt::format("{}{}", missing.empty() ? "" : ", ", name);
      return;
    }
    used += part.size();
    more += part;
  };
  add_if_room("the steps", steps_part(plan));
  for (const ReviewList& list : unchanged_lists(plan)) add_if_room(list.what, list_part(list));
  for (const ReviewList& list : review_lists(plan)) add_if_room(list.what, list_part(list));
  for (const std::string& remark : remarks(plan)) add_if_room("a remark", prose(remark) + "\n\n");

  std::string out = head + in_the_way + joined(sections, entries) + more;
  const std::size_t hidden = entries.size() - shown;
  std::string left_out;
  if (hidden > 0) left_out = fmt::format("**{} not shown**", counted(hidden, "change"));
  if (shown > whole)
    left_out +=
        fmt::format("{}{} shown without details", left_out.empty() ? "" : ", ", counted(shown - whole, "change"));
  if (obstacles_left_out > 0)
    left_out += fmt::format("{}{} not shown", left_out.empty() ? "" : ", ", counted(obstacles_left_out, "finding"));
  if (collisions_left_out > 0)
    left_out += fmt::format("{}{} not shown", left_out.empty() ? "" : ", ", counted(collisions_left_out, "collision"));
  if (!missing.empty()) left_out += fmt::format("{}left out: {}", left_out.empty() ? "" : ", ", missing);
  if (!left_out.empty()) {
    out += fmt::format("{}: this text has at most {} bytes. `--format html=FILE` or `--format json` has all.\n\n",
                       left_out, budget);
  }
  if (!plan.drift_only || plan.refresh_only) out += fmt::format("Digest: <code>{}</code>\n", html_text(plan.digest));
  return out;
}

}  // namespace sluice
