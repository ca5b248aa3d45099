#include "plan/render_html.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <vector>

#include "plan/digest.h"
#include "plan/render_markdown.h"
#include "plan/render_text.h"
#include "plan/review.h"
#include "plan/safety.h"
#include "plan/secrets.h"

namespace sluice {
namespace {

constexpr std::size_t kValueBytes = 20'000;  ///< of one value in a cell
constexpr std::size_t kLinesShown = 2'000;   ///< of one field

std::string code(std::string_view text) { return fmt::format("<code>{}</code>", html_text(text)); }

struct Row {
  const Change* change = nullptr;
  bool drift = false;
};

Origin origin_of(const Change& change, bool drift) {
  if (drift) return Origin::Drift;
  Origin origin = change.origin;
  for (const FieldChange& field : change.fields) {
    if (field.origin == Origin::Conflict) return Origin::Conflict;
    if (field.origin == Origin::Drift) origin = Origin::Drift;
  }
  return origin;
}

/// The group a change is filtered by; what belongs to the gateway is "(gateway)".
std::string group_of(const Change& change) {
  return change.address.group().empty() ? "(gateway)" : change.address.group();
}

/// What the two columns of values are called.
struct ColumnNames {
  std::string_view before;
  std::string_view after;
};

/// Both sides of a field, line by line.
void append_cells(std::string& out, const FieldChange& field, const ColumnNames& sides) {
  const std::vector<DiffLine> lines = difference_lines(field.before, field.after);
  if (lines.empty()) {
    const auto cell = [&](std::string_view side, std::string_view label, const Value& value) {
      if (value.is_null()) {
        out += fmt::format("<td data-label=\"{}\"><span class=\"none\">absent</span></td>", label);
      } else {
        out += fmt::format("<td class=\"{}\" data-label=\"{}\"><pre>{}</pre></td>", side, label,
                           html_text(value_line(value, kValueBytes)));
      }
    };
    cell("old", sides.before, field.before);
    cell("new", sides.after, field.after);
    return;
  }
  std::string left;
  std::string right;
  const std::size_t count = std::min(kLinesShown, lines.size());
  const auto add = [](std::string& side, std::string_view kind, const DiffLine& line, const std::string& text) {
    const std::string place = line.place.empty() ? "" : html_text(line.place) + ": ";
    side += fmt::format("<span class=\"{}\">{}{}</span>\n", kind, place, html_text(text));
  };
  for (std::size_t i = 0; i < count; ++i) {
    const DiffLine& line = lines[i];
    if (line.sign == ' ') {
      add(left, "same", line, line.before);
      add(right, "same", line, line.after);
    }
    if (line.sign == '-' || line.sign == '~') add(left, "gone", line, line.before);
    if (line.sign == '+' || line.sign == '~') add(right, "come", line, line.after);
  }
  if (count < lines.size()) {
    const std::string rest = fmt::format("<span class=\"same\">... {} more lines</span>\n", lines.size() - count);
    left += rest;
    right += rest;
  }
  out += fmt::format("<td data-label=\"{}\"><pre>{}</pre></td><td data-label=\"{}\"><pre>{}</pre></td>", sides.before,
                     left, sides.after, right);
}

/// What a new resource is made of.
void append_new_table(std::string& out, const std::vector<FieldChange>& fields) {
  out +=
      "<table class=\"two\"><colgroup><col class=\"name\"><col></colgroup><thead><tr><th>Field</th><th>After "
      "apply</th></tr></thead><tbody>\n";
  for (const FieldChange& field : fields) {
    std::string value;
    for (const DiffLine& line : difference_lines(field.before, field.after)) value += html_text(line.after) + "\n";
    if (value.empty()) value = html_text(value_line(field.after, kValueBytes));
    out += fmt::format(
        "<tr><td data-label=\"Field\">{}</td><td class=\"new\" data-label=\"After apply\"><pre>{}</pre></td></tr>\n",
        code(field.path), value);
  }
  out += "</tbody></table>\n";
}

void append_table(std::string& out, const std::vector<FieldChange>& fields, bool drift) {
  if (fields.empty()) return;
  const ColumnNames sides =
      drift ? ColumnNames{"As applied", "On the gateway now"} : ColumnNames{"On the gateway", "After apply"};
  out += fmt::format(
      "<table><colgroup><col class=\"name\"><col><col></colgroup><thead><tr><th>Field</th><th>{}</th><th>{}</th></tr>"
      "</thead><tbody>\n",
      sides.before, sides.after);
  for (const FieldChange& field : fields) {
    out += fmt::format("<tr><td data-label=\"Field\">{}", code(field.path));
    if (field.accepted.given()) out += fmt::format(" <span class=\"tag\">accepted: {}</span>", html_text(field.rule));
    if (field.risk != Risk::Safe)
      out += fmt::format(" <span class=\"tag {0}\">{0}: {1}</span>", to_string(field.risk), html_text(field.rule));
    if (const std::string_view note = origin_note(field.origin); !note.empty() && !drift)
      out += fmt::format(" <span class=\"tag\">{}</span>", note);
    if (field.origin == Origin::Conflict)
      out += fmt::format("<br><span class=\"same\">last applied {}</span>", code(value_line(field.base, kValueBytes)));
    out += "</td>";
    append_cells(out, field, sides);
    out += "</tr>\n";
  }
  out += "</tbody></table>\n";
}

/// Where it went or came from, with a way to the other of the two.
void append_move(std::string& out, const Change& change) {
  const auto part = [&](const Address& address) {
    if (address == change.address || change.address.type() == "group") return code(address.text());
    return fmt::format("<a href=\"#{}\">{}</a>", html_anchor(address), code(address.text()));
  };
  if (!change.moved_from && !change.moved_to) return;
  out += fmt::format("<p>{} has moved to {}.</p>\n", part(change.moved_from ? *change.moved_from : change.address),
                     part(change.moved_to ? *change.moved_to : change.address));
}

void append_change(std::string& out, const Plan& plan, const Row& row) {
  const Change& change = *row.change;
  const std::string anchor = (row.drift && !plan.drift_only ? "drift-" : "") + html_anchor(change.address);
  const std::string_view owner = owner_of(plan, change.address);
  out += fmt::format(
      "<article class=\"change\" id=\"{}\" data-action=\"{}\" data-risk=\"{}\" data-origin=\"{}\" data-group=\"{}\" "
      "data-owner=\"{}\"><details><summary><span class=\"sign\">{}</span> {} {}",
      anchor, to_string(change.action), to_string(change.risk), to_string(origin_of(change, row.drift)),
      html_text(group_of(change)), html_text(owner), symbol_of(change.action), code(change.address.text()),
      row.drift ? drift_verb_of(change) : verb_of(change));
  if (change.risk != Risk::Safe)
    out += fmt::format(" <span class=\"tag {0}\">{0}{1}{2}</span>", to_string(change.risk),
                       change.rule.empty() ? "" : ": ", html_text(change.rule));
  for (const std::string& rule : accepted_rules(change))
    out += fmt::format(" <span class=\"tag\">accepted: {}</span>", html_text(rule));
  if (change.foreign) out += " <span class=\"tag warning\">not ours</span>";
  const Origin origin = origin_of(change, row.drift);
  if (!row.drift && origin != Origin::Pending) out += fmt::format(" <span class=\"tag\">{}</span>", to_string(origin));
  out += "</summary><div class=\"body\">\n";
  append_move(out, change);
  if (!change.reason.empty()) out += fmt::format("<p>{}</p>\n", html_text(change.reason));
  if (const std::string note = prevented_note(change); !note.empty())
    out += fmt::format("<p><b>{}</b></p>\n", html_text(note));
  if (!row.drift) {
    for (const RiskNote& note : risk_notes(change)) out += fmt::format("<p>{}</p>\n", html_text(note.text));
  }
  if (!change.source.file.empty())
    out += fmt::format("<p>Asked for at {}.</p>\n", code(sluice::to_string(change.source)));
  if (!owner.empty()) out += fmt::format("<p>The group belongs to {}.</p>\n", html_text(owner));
  if (change.importing) out += "<p>Sluice starts to own it.</p>\n";
  if (change.foreign) out += "<p>It is not ours: the group says <code>prune: all</code>.</p>\n";
  if (!change.touches.empty()) {
    out += fmt::format("<p>It applies to {}:</p><ul>\n", counted(change.touches.size(), "API"));
    for (const std::string& user : change.touches) out += fmt::format("<li>{}</li>\n", code(user));
    out += "</ul>\n";
  }
  const std::vector<FieldChange> fields = row.drift ? change.fields : fields_to_show(change);
  const bool made = !fields.empty() && change.action == Action::Create && change.fields.empty();
  if (made) {
    append_new_table(out, fields);
  } else {
    append_table(out, fields, row.drift);
  }
  out += fmt::format("<a class=\"anchor\" href=\"#{}\">link to this change</a></div></details></article>\n", anchor);
}

void append_filter(std::string& out, std::string_view name, std::string_view label,
                   const std::set<std::string>& values) {
  if (values.size() < 2) return;
  out += fmt::format("<label>{} <select data-filter=\"{}\"><option value=\"\">all</option>", label, name);
  for (const std::string& value : values) {
    out += fmt::format("<option value=\"={0}\">{1}</option>", html_text(value),
                       value.empty() ? "nobody" : html_text(value.size() > 80 ? value_line(value, 80) : value));
  }
  out += "</select></label>\n";
}

void append_tools(std::string& out, const Plan& plan, const std::vector<Row>& rows) {
  std::set<std::string> actions;
  std::set<std::string> risks;
  std::set<std::string> origins;
  std::set<std::string> groups;
  std::set<std::string> owners;
  for (const Row& row : rows) {
    actions.emplace(to_string(row.change->action));
    risks.emplace(to_string(row.change->risk));
    origins.emplace(to_string(origin_of(*row.change, row.drift)));
    groups.insert(group_of(*row.change));
    owners.emplace(owner_of(plan, row.change->address));
  }
  out += "<div class=\"tools\"><input type=\"search\" id=\"search\" placeholder=\"Search\" aria-label=\"Search\">\n";
  append_filter(out, "action", "Action", actions);
  append_filter(out, "risk", "Risk", risks);
  append_filter(out, "origin", "Origin", origins);
  append_filter(out, "group", "Group", groups);
  append_filter(out, "owner", "Owner", owners);
  out +=
      "<button type=\"button\" id=\"open\">Open all</button><button type=\"button\" id=\"close\">Close all</button>"
      "<span id=\"shown\" role=\"status\"></span></div>\n";
}

void append_section(std::string& out, const Plan& plan, std::string_view title, const std::vector<Row>& rows,
                    bool drift) {
  const bool any = std::any_of(rows.begin(), rows.end(), [&](const Row& row) { return row.drift == drift; });
  if (!any) return;
  out += fmt::format("<section class=\"changes\"><h2>{}</h2>\n", title);
  for (const Row& row : rows) {
    if (row.drift == drift) append_change(out, plan, row);
  }
  out += "</section>\n";
}

void append_list(std::string& out, const ReviewList& list) {
  out += fmt::format("<section><h2>{} ({})</h2><ul>\n", list.title, list.lines.size());
  for (const ReviewLine& line : list.lines)
    out += fmt::format("<li>{}{}{}</li>\n", code(line.name), line.note.empty() ? "" : ": ", html_text(line.note));
  out += "</ul></section>\n";
}

void append_facts(std::string& out, const Plan& plan) {
  out += "<dl class=\"facts\">\n";
  for (const Fact& fact : summary_facts(plan)) {
    const bool hot = fact.count > 0 && (fact.key == "delete" || fact.key == "breaking" || fact.key == "conflict");
    out += fmt::format("<div{}><dt>{}</dt><dd data-count=\"{}\">{}</dd></div>\n", hot ? " class=\"hot\"" : "",
                       fact.label, fact.key, fact.count);
  }
  out += "</dl>\n";
}

}  // namespace

std::string html_anchor(const Address& address) { return "change-" + sha256_hex(address.text()).substr(0, 12); }

std::string render_html(const Plan& plan) {
  std::vector<Row> rows;
  if (!plan.drift_only) {
    for (const Change* change : review_order(plan.changes)) rows.push_back({change, false});
  }
  for (const Change* change : drift_rows(plan)) rows.push_back({change, true});

  const std::string title = plan.drift_only ? "Sluice: drift" : "Sluice: plan";
  std::string out = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{}'; script-src "
      "'sha256-{}'; base-uri 'none'; form-action 'none'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"referrer\" "
      "content=\"no-referrer\">\n<title>{}</title>\n<style>{}</style></head>\n<body><main>\n",
      sha256_base64(kHtmlStyle), sha256_base64(kHtmlScript), title, kHtmlStyle);
  const std::string headline = plan.drift_only ? drift_line(plan) : summary_line(plan);
  out += fmt::format("<header><div><h1>{}</h1><p class=\"meta\">Gateway: {}</p>\n", html_text(headline),
                     code(to_string(plan.gateway)));
  if (!plan.drift_only || plan.refresh_only)
    out += fmt::format("<p class=\"meta\">Digest: {}</p>\n", code(plan.digest));
  out += "</div><button type=\"button\" id=\"theme\">Light / dark</button></header>\n";
  append_facts(out, plan);
  for (const std::string& obstacle : obstacles(plan))
    out += fmt::format("<p class=\"{}\">{}</p>\n", obstacle.starts_with("Warning: ") ? "notice" : "notice stop",
                       html_text(obstacle));
  for (const Collision& collision : plan.collisions) {
    out += fmt::format("<p class=\"notice stop\">Collision: {}: {}. {}</p>\n", code(collision.address.text()),
                       html_text(with_masks_hidden(collision.difference)), html_text(way_out_of(collision)));
  }
  for (const std::string& remark : remarks(plan))
    out += fmt::format("<p class=\"notice remark\">{}</p>\n", html_text(remark));
  append_tools(out, plan, rows);
  append_section(out, plan, "Changes", rows, false);
  append_section(out, plan, "Changed outside of Sluice since the last apply", rows, true);
  if (!plan.steps.empty()) {
    out += "<section><h2>Steps, in this order</h2><ol>\n";
    for (const Step& step : plan.steps)
      out += fmt::format("<li value=\"{}\">{}: {}</li>\n", step.id, code(step_text(step)), html_text(step.reason));
    out += "</ol></section>\n";
  }
  for (const ReviewList& list : unchanged_lists(plan)) append_list(out, list);
  for (const ReviewList& list : review_lists(plan)) append_list(out, list);
  out += fmt::format("</main>\n<script>{}</script>\n</body></html>\n", kHtmlScript);
  return out;
}

}  // namespace sluice
