#include "plan/review.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include "plan/json.h"
#include "plan/risk.h"
#include "plan/safety.h"
#include "plan/secrets.h"
#include "plan/text_diff.h"
#include "plan/words.h"

namespace sluice {
namespace {

constexpr std::size_t kOneLine = 100;    ///< bytes of a value that stands on one line with another
constexpr std::size_t kPartLine = 2000;  ///< bytes of one part of a value

bool is_long(const Value& value) { return !value.is_null() && write_json(value).size() > kOneLine; }

bool is_container(const Value& value) { return value.is_object() || value.is_array(); }

/// The document that a text is; nothing for texts that are none, and for those that are only a number or a word.
std::optional<Value> document_in(const Value& value) {
  if (!value.is_string()) return std::nullopt;
  const std::string& text = value.as_string();
  const std::size_t start = text.find_first_not_of(" \t\r\n");
  if (start == std::string::npos || (text[start] != '{' && text[start] != '[')) return std::nullopt;
  auto parsed = parse_json(text);
  return parsed && is_container(*parsed) ? std::optional<Value>(std::move(*parsed)) : std::nullopt;
}

std::string pointer_to(const std::string& path, std::string_view key) { return path + "/" + escaped_token(key); }

/// Collects where two values differ.
class Parts {
 public:
  void compare(const std::string& path, const Value& before, const Value& after) {
    if (before == after) return;
    if (before.is_object() && after.is_object()) return compare_objects(path, before, after);
    if (before.is_array() && after.is_array()) return compare_arrays(path, before, after);
    if (before.is_string() && after.is_string() && (is_long(before) || is_long(after))) {
      lines_.push_back({' ', path.empty() ? "/" : path, "", ""});
      return compare_texts(before.as_string(), after.as_string());
    }
    lines_.push_back({'~', path.empty() ? "/" : path, value_line(before, kPartLine), value_line(after, kPartLine)});
  }

  void compare_texts(const std::string& before, const std::string& after) {
    for (TextLine& line : text_difference(with_masks_hidden(before), with_masks_hidden(after))) {
      DiffLine added{line.sign, "", "", ""};
      if (line.sign != '+') added.before = line.text;
      if (line.sign != '-') added.after = std::move(line.text);
      lines_.push_back(std::move(added));
    }
  }

  /// All of a value, on one side.
  void whole(char sign, const Value& value) {
    const bool text = value.is_string() && !document_in(value);
    const auto document = document_in(value);
    const std::string written = text ? value.as_string() : write_json_pretty(document ? *document : value);
    for (std::string& line : lines_of(with_masks_hidden(written))) {
      lines_.push_back(sign == '+' ? DiffLine{sign, "", "", std::move(line)} : DiffLine{sign, "", std::move(line), ""});
    }
  }

  std::vector<DiffLine> take() { return std::move(lines_); }
  bool empty() const { return lines_.empty(); }
  void note(char sign, const std::string& text) { lines_.push_back({sign, "", text, text}); }

 private:
  void compare_objects(const std::string& path, const Value& before, const Value& after) {
    for (const auto& member : before.members()) {
      const Value* other = after.find(member.key);
      if (other == nullptr) {
        one_side('-', pointer_to(path, member.key), member.value);
      } else {
        compare(pointer_to(path, member.key), member.value, *other);
      }
    }
    for (const auto& member : after.members()) {
      if (before.find(member.key) == nullptr) one_side('+', pointer_to(path, member.key), member.value);
    }
  }

  /// Elements are paired by what they are; as many that went as came in their place are taken for changed ones.
  void compare_arrays(const std::string& path, const Value& before, const Value& after) {
    std::vector<std::string> left;
    std::vector<std::string> right;
    for (const Value& item : before.items()) left.push_back(write_json_sorted(item));
    for (const Value& item : after.items()) right.push_back(write_json_sorted(item));
    for (const Run& run : runs_of(left, right)) {
      const std::size_t gone = run.left_end - run.left_begin;
      const std::size_t come = run.right_end - run.right_begin;
      if (gone == come) {
        for (std::size_t i = 0; i < gone; ++i) {
          compare(fmt::format("{}/{}", path, run.left_begin + i), before.items()[run.left_begin + i],
                  after.items()[run.right_begin + i]);
        }
        continue;
      }
      for (std::size_t i = run.left_begin; i < run.left_end; ++i)
        one_side('-', fmt::format("{}/{}", path, i), before.items()[i]);
      for (std::size_t i = run.right_begin; i < run.right_end; ++i)
        one_side('+', fmt::format("{}/{}", path, i), after.items()[i]);
    }
  }

  void one_side(char sign, std::string path, const Value& value) {
    const std::string text = value_line(value, kPartLine);
    lines_.push_back({sign, std::move(path), sign == '-' ? text : "", sign == '+' ? text : ""});
  }

  std::vector<DiffLine> lines_;
};

std::string were_groups(std::size_t count) {
  return count == 1 ? std::string("1 group was") : fmt::format("{} groups were", count);
}

void append_body(std::vector<FieldChange>& fields, const Value& body, const std::string& front) {
  for (const auto& member : body.members()) {
    if (front.empty() && (member.key == "method" || member.key == "path")) continue;
    if (member.value.is_object() && !member.value.empty()) {
      append_body(fields, member.value, fmt::format("{}{}/", front, member.key));
      continue;
    }
    fields.push_back({.path = front + member.key, .before = {}, .after = member.value});
  }
}

}  // namespace

std::vector<const Change*> review_order(const std::vector<Change>& changes) {
  std::vector<const Change*> order;
  order.reserve(changes.size());
  for (const Change& change : changes) order.push_back(&change);
  const auto follows = [](const Change* change) { return change->action == Action::Create && change->moved_from; };
  const auto rank = [&](const Change* change) {
    return change->action == Action::Delete || follows(change) ? 0 : change->risk == Risk::Breaking ? 1 : 2;
  };
  const auto anchor = [&](const Change* change) -> const Address& {
    return follows(change) ? *change->moved_from : change->address;
  };
  std::stable_sort(order.begin(), order.end(), [&](const Change* a, const Change* b) {
    if (rank(a) != rank(b)) return rank(a) < rank(b);
    if (rank(a) != 0) return false;
    if (!(anchor(a) == anchor(b))) return anchor(a) < anchor(b);
    return !follows(a) && follows(b);
  });
  return order;
}

std::vector<const Change*> drift_rows(const Plan& plan) {
  std::set<std::string_view> gone;
  for (const Change& change : plan.drift) {
    if (change.action == Action::Delete && change.address.type() == "group") gone.insert(change.address.name());
  }
  std::vector<const Change*> rows;
  for (const Change& change : plan.drift) {
    const bool counted_there = change.action == Action::Delete && change.address.type() == "api" &&
                               gone.contains(std::string_view(change.address.group()));
    if (!counted_there) rows.push_back(&change);
  }
  return rows;
}

std::string_view verb_of(const Change& change) {
  if (!change.prevented_by.empty()) return "will be kept as it is";
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

std::string move_note(const Change& change) {
  if (change.moved_to) return fmt::format("{} has moved to {}", change.address.text(), change.moved_to->text());
  if (change.moved_from) return fmt::format("{} has moved to {}", change.moved_from->text(), change.address.text());
  return {};
}

std::string_view drift_verb_of(const Change& change) {
  return change.action == Action::Delete ? "is gone" : change.action == Action::Create ? "has appeared" : "has changed";
}

Action action_of(const FieldChange& field) {
  return field.before.is_null() ? Action::Create : field.after.is_null() ? Action::Delete : Action::Update;
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

char symbol_of(Action action) {
  switch (action) {
    case Action::Create:
      return '+';
    case Action::Update:
      return '~';
    case Action::Delete:
      return '-';
    case Action::NoOp:
      return ' ';
  }
  return ' ';
}

namespace {

RiskNote note_on(Risk risk, const std::string& rule, const Acceptance& accepted) {
  RiskNote note{risk, accepted.given() ? accepted.risk : risk, rule, {}};
  if (accepted.given()) {
    note.text = fmt::format("accepted: {} ({}): {}{}", rule, to_string(accepted.risk), accepted.reason,
                            accepted.until.empty() ? "" : ", until " + accepted.until);
  } else if (risk != Risk::Safe) {
    const std::string_view sentence = risk_sentence(rule);
    note.text = fmt::format("{}: {}{}{}", to_string(risk), rule, sentence.empty() ? "" : ": ", sentence);
  }
  return note;
}

}  // namespace

RiskNote risk_note(const FieldChange& field) { return note_on(field.risk, field.rule, field.accepted); }

std::vector<RiskNote> risk_notes(const Change& change) {
  std::vector<RiskNote> notes = {note_on(change.risk, change.rule, change.accepted)};
  for (const FieldChange& field : change.fields) notes.push_back(risk_note(field));
  std::erase_if(notes, [](const RiskNote& note) { return note.text.empty(); });
  std::stable_sort(notes.begin(), notes.end(), [](const RiskNote& a, const RiskNote& b) {
    return std::tuple(b.risk, b.without, std::string_view(a.rule)) <
           std::tuple(a.risk, a.without, std::string_view(b.rule));
  });
  const auto same = [](const RiskNote& a, const RiskNote& b) { return a.text == b.text; };
  notes.erase(std::unique(notes.begin(), notes.end(), same), notes.end());
  return notes;
}

std::vector<std::string> accepted_rules(const Change& change) {
  std::vector<std::string> rules;
  if (change.accepted.given()) rules.push_back(change.rule);
  for (const FieldChange& field : change.fields) {
    if (field.accepted.given() && std::find(rules.begin(), rules.end(), field.rule) == rules.end())
      rules.push_back(field.rule);
  }
  return rules;
}

std::string prevented_note(const Change& change) {
  if (change.prevented_by.empty()) return {};
  return fmt::format("It will not happen: {} keeps what the gateway has.", change.prevented_by);
}

std::vector<FieldChange> fields_to_show(const Change& change) {
  const bool by_what_differs =
      change.action != Action::Create || change.moved_from || change.address.type() == "publication";
  if (by_what_differs) return change.fields;
  std::vector<FieldChange> fields;
  append_body(fields, change.after, "");
  return fields;
}

std::vector<FieldChange> context_of(const Change& change) {
  std::vector<FieldChange> fields;
  if (change.action != Action::Update) return fields;
  append_body(fields, change.after, "");
  for (FieldChange& field : fields) field.path.insert(0, "/");
  const auto changes = [&](const FieldChange& field) {
    return std::any_of(change.fields.begin(), change.fields.end(), [&](const FieldChange& one) {
      return one.path == field.path || one.path.starts_with(field.path + "/");
    });
  };
  std::erase_if(fields, changes);
  return fields;
}

std::string value_line(const Value& value, std::size_t longest) {
  if (value.is_null()) return "(absent)";
  std::string text = with_masks_hidden(write_json(value));
  if (text.size() <= longest) return text;
  return text.substr(0, character_start(text, longest - 3)) + "...";
}

std::vector<DiffLine> difference_lines(const Value& before, const Value& after) {
  Parts parts;
  if (before.is_null() || after.is_null()) {
    const Value& there = before.is_null() ? after : before;
    const bool tall = there.is_string() && there.as_string().find('\n') != std::string::npos;
    if (tall || (is_container(there) && is_long(there))) parts.whole(before.is_null() ? '+' : '-', there);
    return parts.take();
  }
  const auto left = document_in(before);
  const auto right = document_in(after);
  if (left && right) {
    parts.compare("", *left, *right);
    if (parts.empty()) parts.note(' ', "the same JSON, written differently");
    return parts.take();
  }
  const bool tall = [&] {
    const auto has_lines = [](const Value& value) {
      return value.is_string() && value.as_string().find('\n') != std::string::npos;
    };
    return has_lines(before) || has_lines(after) || is_long(before) || is_long(after);
  }();
  if (!tall) return {};
  if (before.is_string() && after.is_string()) {
    parts.compare_texts(before.as_string(), after.as_string());
  } else if ((before.is_object() && after.is_object()) || (before.is_array() && after.is_array())) {
    parts.compare("", before, after);
  } else {
    parts.whole('-', before);
    parts.whole('+', after);
  }
  return parts.take();
}

std::vector<Fact> summary_facts(const Plan& plan) {
  const Summary summary = summarize(plan);
  std::vector<Fact> facts = {{"create", "to add", summary.create},         {"update", "to change", summary.update},
                             {"delete", "to destroy", summary.remove},     {"import", "to import", summary.import},
                             {"no_op", "unchanged", summary.no_op},        {"drift", "drift", summary.drift},
                             {"conflict", "conflicts", summary.conflict},  {"breaking", "breaking", summary.breaking},
                             {"unmanaged", "unmanaged", summary.unmanaged}};
  const Fact rare[] = {{"prevented", "will not happen", summary.prevented},
                       {"ignored", "ignored", plan.ignored.size()},
                       {"kept", "kept", plan.kept()},
                       {"unowned", "not owned", plan.unowned.size()}};
  std::copy_if(std::begin(rare), std::end(rare), std::back_inserter(facts), [](const Fact& f) { return f.count > 0; });
  return facts;
}

std::vector<ReviewList> review_lists(const Plan& plan) {
  ReviewList unmanaged{plan.drift_only ? "Appeared since the last apply, and not managed by Sluice"
                                       : "Not managed by Sluice, and left alone",
                       "what is not managed",
                       {}};
  ReviewList ignored{"Ignored", "what is ignored", {}};
  ReviewList kept{"Kept as on the gateway, though the files differ", "what is kept", {}};
  ReviewList unowned{"As the files want it, but not owned by Sluice", "what is not owned", {}};
  ReviewList added{"Protected from now on", "what is protected", {}};
  ReviewList removed{"No longer protected", "what is no longer protected", {}};
  for (const Address& address : plan.unmanaged) unmanaged.lines.push_back({address.text()});
  for (const IgnoredField& field : plan.ignored)
    ignored.lines.push_back({fmt::format("{} of {}", field.path, field.address.text()), field.reason});
  for (const Address& address : plan.unowned) unowned.lines.push_back({address.text()});
  for (const PlannedGroup& group : plan.groups) {
    for (const auto& [address, asked] : group.kept) kept.lines.push_back({address.text()});
    for (const Address& address : group.protect) added.lines.push_back({address.text()});
    for (const Address& address : group.unprotect) removed.lines.push_back({address.text()});
  }
  std::vector<ReviewList> lists;
  if (!unmanaged.lines.empty()) lists.push_back(std::move(unmanaged));
  for (ReviewList* list : {&ignored, &kept, &unowned, &added, &removed}) {
    if (list->lines.size() > 1) lists.push_back(std::move(*list));  // a remark tells of one
  }
  return lists;
}

std::vector<ReviewList> unchanged_lists(const Plan& plan) {
  ReviewList taken{"Will be owned by Sluice, as it is", "what Sluice starts to own", {}};
  ReviewList same{"Unchanged", "what is unchanged", {}};
  for (const Change& change : plan.unchanged)
    (change.importing ? taken : same).lines.push_back({change.address.text(), change.importing ? "" : change.reason});
  std::vector<ReviewList> lists;
  for (ReviewList* list : {&taken, &same}) {
    if (!list->lines.empty()) lists.push_back(std::move(*list));
  }
  return lists;
}

std::string_view owner_of(const Plan& plan, const Address& address) {
  for (const PlannedGroup& group : plan.groups) {
    if (group.name == address.group()) return group.owner;
  }
  return {};
}

std::string step_text(const Step& step) {
  std::string text = fmt::format("{} {}", step.group.empty() ? "gateway" : step.group, to_string(step.kind));
  if (step.kind == StepKind::Import)
    text += fmt::format(" api_mode={} extend_mode={}", to_string(step.api_mode), to_string(step.extend_mode));
  if (!step.environment.empty()) text += fmt::format(" in {}", step.environment);
  const bool deletes =
      step.kind == StepKind::DeleteApi || step.kind == StepKind::DeletePolicy || step.kind == StepKind::DeleteResponse;
  if (deletes && !step.predicted.empty()) text += " " + step.predicted.front().address.text();
  return text;
}

std::string counted(std::size_t count, std::string_view noun) { return counted(count, noun, std::string(noun) + "s"); }

std::string kept_sentence(const Plan& plan) {
  if (plan.kept() == 0) return {};
  const auto group = std::find_if(plan.groups.begin(), plan.groups.end(),
                                  [](const PlannedGroup& planned) { return !planned.kept.empty(); });
  return fmt::format(
      "Kept as on the gateway, though the files differ: {} (the first is {}). A change in the files takes it up again.",
      counted(plan.kept(), "resource"), group->kept.begin()->first.text());
}

std::string prevented_sentence(const Plan& plan) {
  std::map<std::string_view, std::vector<const Change*>> prevented;
  for (const Change& change : plan.changes) {
    if (!change.prevented_by.empty()) prevented[change.prevented_by].push_back(&change);
  }
  std::string text;
  for (const auto& [key, changes] : prevented) {
    text += fmt::format(
        "{}{} will not happen, since the manifest says `{}` (the first is {}): the gateway keeps what it has, and "
        "apply "
        "ends with 3. Say `auto` to have {}.",
        text.empty() ? "" : " ", counted(changes.size(), "update"), key, changes.front()->address.text(),
        changes.size() == 1 ? "it" : "them");
  }
  return text;
}

std::string unowned_sentence(const Plan& plan) {
  if (plan.unowned.empty()) return {};
  return fmt::format(
      "As the files want it, but not owned by Sluice: {} (the first is {}). Somebody else made it, or the state was "
      "lost; --adopt '{}.**' takes it over.",
      counted(plan.unowned.size(), "resource"), plan.unowned.front().text(), plan.unowned.front().type());
}

std::string undeclared_sentence(const Plan& plan) {
  if (plan.undeclared == 0) return {};
  return fmt::format("Fields on the gateway that Sluice does not know are carried along: {}", plan.undeclared);
}

std::string ignored_sentence(const Plan& plan) {
  if (plan.ignored.empty()) return {};
  const IgnoredField& first = plan.ignored.front();
  const std::string which =
      fmt::format("{} of {}{}{}", first.path, first.address.text(), first.reason.empty() ? "" : ": ", first.reason);
  if (plan.ignored.size() == 1) return fmt::format("1 field is ignored ({}).", which);
  return fmt::format("{} fields are ignored (the first is {}).", plan.ignored.size(), which);
}

std::string protection_sentence(const Plan& plan) {
  std::vector<Address> added;
  std::vector<Address> removed;
  for (const PlannedGroup& group : plan.groups) {
    added.insert(added.end(), group.protect.begin(), group.protect.end());
    removed.insert(removed.end(), group.unprotect.begin(), group.unprotect.end());
  }
  const auto part = [](std::string_view verb, const std::vector<Address>& list) {
    return fmt::format("Protection {} for {} ({}{}).", verb, counted(list.size(), "resource"),
                       list.size() == 1 ? "" : "the first is ", list.front().text());
  };
  std::string text;
  if (!added.empty()) text = part("added", added);
  if (!removed.empty()) text += (text.empty() ? "" : " ") + part("removed", removed);
  return text;
}

std::vector<std::string> obstacles(const Plan& plan) {
  std::vector<std::string> list;
  for (const std::string& reason : unlisted_refusals(plan)) list.push_back("Refused: " + with_masks_hidden(reason));
  for (const std::string& shortage : plan.shortages) list.push_back("Error: " + with_masks_hidden(shortage));
  for (const Severity severity : {Severity::Error, Severity::Warning}) {
    for (const Diagnostic& finding : plan.findings) {
      if (finding.severity != severity) continue;
      const std::string place = to_string(finding.at);
      list.push_back(with_masks_hidden(text_with_marks_shown(
          fmt::format("{}: {}{}{}{}{}", severity == Severity::Error ? "Error" : "Warning", place,
                      place.empty() ? "" : ": ", finding.summary, finding.detail.empty() ? "" : " ", finding.detail))));
    }
  }
  return list;
}

std::vector<std::string> scope_sentences(const Plan& plan) {
  const Scope& scope = plan.scope;
  std::vector<std::string> list;
  if (!scope.targets.empty() || !scope.excludes.empty()) {
    list.push_back(
        plan.drift_only
            ? std::string("Targeting: only what --target and --exclude leave was compared.")
            : fmt::format("Targeting: {} left out{}.",
                          scope.left_out == 1 ? "1 change is" : fmt::format("{} changes are", scope.left_out),
                          scope.unseen_groups > 0 && !scope.changed_only
                              ? fmt::format("; {} not looked at", were_groups(scope.unseen_groups))
                              : ""));
  }
  list.insert(list.end(), scope.notes.begin(), scope.notes.end());
  if (scope.changed_only) {
    list.push_back(fmt::format("Only changed groups: {} not looked at, since the files ask for nothing new there.",
                               were_groups(scope.unseen_groups)));
  }
  return list;
}

std::vector<std::string> remarks(const Plan& plan) {
  std::vector<std::string> list = scope_sentences(plan);
  for (std::string sentence : {prevented_sentence(plan), protection_sentence(plan), unowned_sentence(plan),
                               kept_sentence(plan), ignored_sentence(plan), undeclared_sentence(plan)}) {
    if (!sentence.empty()) list.push_back(std::move(sentence));
  }
  return list;
}

}  // namespace sluice
