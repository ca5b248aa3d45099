#include "plan/render_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "plan/json.h"
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

 private:
  const TextStyle& style_;
};

std::string shortened(std::string text) {
  if (text.size() <= kLongestValue) return text;
  std::size_t end = kLongestValue - 3;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "...";
}

std::string value_text(const Value& value) {
  if (value.is_null()) return "(absent)";
  return shortened(printable(with_masks_hidden(write_json(value))));
}

std::string_view verb(const Change& change) {
  const bool publication = change.address.type() == "publication";
  switch (change.action) {
    case Action::Create:
      return publication ? "will be published" : "will be created";
    case Action::Update:
      return publication ? "will be published again" : "will be updated in-place";
    case Action::Delete:
      return publication ? "will be taken offline" : "will be destroyed";
    case Action::NoOp:
      return "is as it should be";
  }
  return {};
}

std::string_view origin_note(Origin origin) {
  switch (origin) {
    case Origin::Drift:
      return "changed on the gateway";
    case Origin::Conflict:
      return "changed on the gateway and in the files";
    default:
      return {};
  }
}

std::string note_of(const FieldChange& field) {
  std::string note;
  const auto add = [&note](std::string_view text) {
    if (text.empty()) return;
    note += note.empty() ? "  # " : ", ";
    note += text;
  };
  add(origin_note(field.origin));
  if (field.origin == Origin::Conflict) add(fmt::format("last applied {}", value_text(field.base)));
  if (field.risk != Risk::Safe) add(fmt::format("{}: {}", to_string(field.risk), printable(field.rule)));
  return note;
}

void append_fields(std::string& out, const Change& change, const Painter& painter) {
  for (const FieldChange& field : change.fields) {
    const Action action = field.before.is_null()  ? Action::Create
                          : field.after.is_null() ? Action::Delete
                                                  : Action::Update;
    const std::string path = printable(field.path);
    std::string values;
    if (action == Action::Create) values = value_text(field.after);
    if (action == Action::Delete) values = value_text(field.before);
    if (action == Action::Update) values = fmt::format("{} -> {}", value_text(field.before), value_text(field.after));
    out += fmt::format("      {} {}: {}{}\n", painter.symbol(action), path, values, note_of(field));
  }
}

/// A new resource, a line for each field.
void append_new_body(std::string& out, const Value& body, const Painter& painter, const std::string& front = "") {
  for (const auto& member : body.members()) {
    if (front.empty() && (member.key == "method" || member.key == "path")) continue;
    if (member.value.is_object() && !member.value.empty()) {
      append_new_body(out, member.value, painter, fmt::format("{}{}/", front, member.key));
      continue;
    }
    out += fmt::format("      {} {}: {}\n", painter.symbol(Action::Create), printable(front + member.key),
                       value_text(member.value));
  }
}

/// A change of a policy is one of every API that uses it.
void append_touched(std::string& out, const Change& change) {
  if (change.touches.empty()) return;
  out += fmt::format("      # It applies to {}:\n",
                     change.touches.size() == 1 ? "1 API" : fmt::format("{} APIs", change.touches.size()));
  for (const std::string& user : change.touches) out += fmt::format("      #   {}\n", printable(user));
}

void append_change(std::string& out, const Change& change, const Painter& painter) {
  const std::string place =
      change.source.file.empty() ? "" : fmt::format("  ({})", printable(to_string(change.source)));
  out += fmt::format("  {} {} {}{}\n", painter.symbol(change.action), painter.bold(printable(change.address.text())),
                     verb(change), place);
  if (change.risk == Risk::Breaking) {
    out += fmt::format("      {}\n", painter.paint("31", fmt::format("# breaking: {}", printable(change.rule))));
  }
  out += fmt::format("      # {}\n", printable(change.reason));
  append_touched(out, change);
  if (change.importing) out += "      # Sluice starts to own it.\n";
  if (change.action == Action::Create && change.address.type() != "publication") {
    append_new_body(out, change.after, painter);
  } else {
    append_fields(out, change, painter);
  }
  out += "\n";
}

void append_drift(std::string& out, const Plan& plan, const Painter& painter) {
  const auto group_is_gone = [&plan](const Change& change) {
    return change.action == Action::Delete && change.address.type() == "api" &&
           std::any_of(plan.drift.begin(), plan.drift.end(), [&](const Change& other) {
             return other.action == Action::Delete && other.address == Address::group(change.address.group());
           });
  };
  for (const Change& change : plan.drift) {
    if (group_is_gone(change)) continue;  // the group's row counts them
    const std::string_view what = change.action == Action::Delete   ? "is gone"
                                  : change.action == Action::Create ? "has appeared"
                                                                    : "has changed";
    out += fmt::format("  {} {} {}\n      # {}\n", painter.symbol(change.action),
                       painter.bold(printable(change.address.text())), what, printable(change.reason));
    append_fields(out, change, painter);
    out += "\n";
  }
}

void append_unmanaged(std::string& out, const Plan& plan) {
  constexpr std::size_t kShown = 10;
  if (plan.unmanaged.empty()) return;
  const std::string_view what = plan.drift_only ? "Appeared since the last apply, and not managed by Sluice"
                                                : "Not managed by Sluice, and left alone";
  out += fmt::format("{}: {}\n", what, plan.unmanaged.size());
  for (std::size_t i = 0; i < std::min(kShown, plan.unmanaged.size()); ++i) {
    out += fmt::format("    {}\n", printable(plan.unmanaged[i].text()));
  }
  if (plan.unmanaged.size() > kShown) {
    out += fmt::format("    and {} more: --format json lists all of them\n", plan.unmanaged.size() - kShown);
  }
  out += "\n";
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

/// What differs from the files and stays so must not look like no difference.
void append_kept(std::string& out, const Plan& plan) {
  if (plan.kept() == 0) return;
  const auto group = std::find_if(plan.groups.begin(), plan.groups.end(),
                                  [](const PlannedGroup& planned) { return !planned.kept.empty(); });
  out += fmt::format(
      "Kept as on the gateway, though the files differ: {} (the first is {}). A change in the files takes it up "
      "again.\n\n",
      plan.kept() == 1 ? "1 resource" : fmt::format("{} resources", plan.kept()),
      printable(group->kept.begin()->first.text()));
}

void append_steps(std::string& out, const Plan& plan) {
  if (plan.steps.empty()) return;
  out += "Steps, in this order:\n";
  for (const Step& step : plan.steps) {
    std::string what(to_string(step.kind));
    if (step.kind == StepKind::Import) {
      what += fmt::format(" api_mode={} extend_mode={}", to_string(step.api_mode), to_string(step.extend_mode));
    }
    if (!step.environment.empty()) what += fmt::format(" in {}", step.environment);
    const bool deletes = step.kind == StepKind::DeleteApi || step.kind == StepKind::DeletePolicy ||
                         step.kind == StepKind::DeleteResponse;
    if (deletes && !step.predicted.empty()) what += " " + step.predicted.front().address.text();
    out += fmt::format("  {:>3}. {} {}: {}\n", step.id, step.group.empty() ? "gateway" : printable(step.group),
                       printable(what), printable(step.reason));
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
  if (plan.changes.empty() && !plan.collisions.empty()) {
    line = fmt::format("No plan: {} in the way.", plan.collisions.size() == 1
                                                      ? "1 collision is"
                                                      : fmt::format("{} collisions are", plan.collisions.size()));
  } else if (plan.changes.empty() && plan.kept() == 0 && was_made_as_wanted(plan)) {
    line = "No changes. What was made anew on the gateway is as the files want it.";
  } else if (plan.changes.empty() && (!plan.drift.empty() || plan.kept() > 0)) {
    line = "No changes. What was changed on the gateway stays.";
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
  return line;
}

std::string render_text(const Plan& plan, const TextStyle& style) {
  const Painter painter(style);
  std::string out;
  if (!plan.drift.empty()) {
    out += "Changed outside of Sluice since the last apply:\n\n";
    append_drift(out, plan, painter);
  }
  if (!plan.changes.empty()) {
    out += "Sluice will perform these actions (+ create, ~ update in-place, - destroy):\n\n";
    for (const bool deletes : {true, false}) {
      for (const Change& change : plan.changes) {
        if ((change.action == Action::Delete) == deletes) append_change(out, change, painter);
      }
    }
  }
  for (const Change& change : plan.unchanged) {
    const std::string_view what = change.importing ? "will be owned by Sluice, as it is" : verb(change);
    out += fmt::format("    {} {}\n", printable(change.address.text()), what);
    const bool stays = change.action == Action::NoOp && !change.importing && !change.reason.empty();
    if (stays) out += fmt::format("      # {}\n", printable(change.reason));
  }
  if (!plan.unchanged.empty()) out += "\n";
  append_unmanaged(out, plan);
  append_steps(out, plan);
  for (const Collision& collision : plan.collisions) {
    out += fmt::format("Collision: {}: {}.\n", printable(collision.address.text()),
                       printable(with_masks_hidden(collision.difference)));
  }
  if (!plan.collisions.empty()) out += "\n";
  if (!plan.unowned.empty()) {
    out += fmt::format(
        "As the files want it, but not owned by Sluice: {} (the first is {}). Somebody else made it, or the "
        "state was lost; --adopt '{}' takes it over.\n\n",
        plan.unowned.size() == 1 ? "1 resource" : fmt::format("{} resources", plan.unowned.size()),
        printable(plan.unowned.front().text()), fmt::format("{}.**", plan.unowned.front().type()));
  }
  append_kept(out, plan);
  append_owners(out, plan, plan.changes);
  if (plan.undeclared > 0) {
    out += fmt::format("Fields on the gateway that Sluice does not know are carried along: {}\n", plan.undeclared);
  }
  const Summary summary = summarize(plan);
  out += fmt::format("{} ({} unchanged)\n", painter.bold(summary_line(plan)), summary.no_op);
  out += fmt::format("Gateway: {}\nDigest: {}\n", printable(to_string(plan.gateway)), plan.digest);
  return out;
}

std::string render_drift_text(const Plan& plan, const TextStyle& style) {
  const Painter painter(style);
  std::string out;
  append_drift(out, plan, painter);
  append_unmanaged(out, plan);
  append_owners(out, plan, plan.drift);
  const Summary summary = summarize(plan);
  if (plan.drift.empty() && summary.no_op == 0) {
    out += painter.bold("No drift: Sluice owns nothing here, so there is nothing to compare.") + "\n";
  } else if (plan.drift.empty() && !plan.unmanaged.empty()) {
    out += painter.bold("No drift in what Sluice owns.") + "\n";
  } else if (plan.drift.empty()) {
    out += painter.bold("No drift. The gateway is as the last apply left it.") + "\n";
  } else {
    out += painter.bold(
               fmt::format("Drift: {} changed since the last apply.",
                           plan.drift.size() == 1 ? "1 resource" : fmt::format("{} resources", plan.drift.size()))) +
           fmt::format(" ({} unchanged)\n", summary.no_op);
  }
  out += fmt::format("Gateway: {}\n", printable(to_string(plan.gateway)));
  return out;
}

}  // namespace sluice
