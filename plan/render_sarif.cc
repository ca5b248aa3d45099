#include "plan/render_sarif.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <vector>

#include "plan/digest.h"
#include "plan/json.h"
#include "plan/plan_json.h"
#include "plan/render_text.h"
#include "plan/review.h"
#include "plan/risk.h"
#include "plan/safety.h"
#include "plan/secrets.h"

namespace sluice {
namespace {

constexpr std::size_t kValueBytes = 200;

enum class Level { Error, Warning, Note };

struct Finding {
  Level level = Level::Error;
  std::string rule;
  std::string message;
  SourceSpan at = {};
  std::string address = {};   ///< of a change; "" for findings in files
  std::string accepted = {};  ///< why it counts for nothing; "" for what counts
};

std::string_view to_string(Level level) {
  return level == Level::Error ? "error" : level == Level::Warning ? "warning" : "note";
}

Level level_of(Risk risk) {
  return risk == Risk::Breaking ? Level::Error : risk == Risk::Warning ? Level::Warning : Level::Note;
}

std::vector<Finding> findings_of(const Diagnostics& diagnostics) {
  std::vector<Finding> findings;
  for (const Diagnostic& diagnostic : diagnostics) {
    const std::string detail = diagnostic.detail.empty() ? "" : " " + diagnostic.detail;
    findings.push_back({diagnostic.severity == Severity::Error ? Level::Error : Level::Warning, diagnostic.code,
                        printable(text_with_marks_shown(diagnostic.summary + detail)), diagnostic.at});
  }
  return findings;
}

std::string sentence_after(const std::string& rule) {
  const std::string_view sentence = risk_sentence(rule);
  return sentence.empty() ? "" : fmt::format(" {}", sentence);
}

std::vector<Finding> findings_of(const Plan& plan) {
  std::vector<Finding> findings = findings_of(plan.findings);
  if (plan.drift_only) {
    for (const Change* row : drift_rows(plan)) {
      findings.push_back({Level::Warning, "drift",
                          printable(fmt::format("{} {}: {}", row->address.text(), drift_verb_of(*row), row->reason)),
                          row->source, row->address.text()});
    }
    return findings;
  }
  for (const std::string& reason : unlisted_refusals(plan))
    findings.push_back({Level::Error, "refused", printable(with_masks_hidden(reason))});
  for (const std::string& shortage : plan.shortages)
    findings.push_back({Level::Error, "quota", printable(with_masks_hidden(shortage))});
  for (const Collision& collision : plan.collisions) {
    const std::string what = fmt::format("{}{}: {}. {}", collision.address.text(),
                                         collision.way_out.empty() ? " exists and is not owned by Sluice" : "",
                                         with_masks_hidden(collision.difference), way_out_of(collision));
    findings.push_back({Level::Error, "collision", printable(what), collision.source, collision.address.text()});
  }
  for (const Change* change : review_order(plan.changes)) {
    const std::string address = change->address.text();
    bool told = false;
    for (const FieldChange& field : change->fields) {
      const RiskNote note = risk_note(field);
      if (note.text.empty()) continue;
      told = told || field.rule == change->rule;
      findings.push_back(
          {level_of(note.without), field.rule,
           printable(fmt::format("{}: {} {} -> {}.{}", address, field.path, value_line(field.before, kValueBytes),
                                 value_line(field.after, kValueBytes), sentence_after(field.rule))),
           change->source, address, printable(field.accepted.reason)});
    }
    const Risk risk = change->accepted.given() ? change->accepted.risk : change->risk;
    if (risk == Risk::Safe || told) continue;
    const std::string moved = move_note(*change);
    findings.push_back({level_of(risk), change->rule,
                        printable(fmt::format("{} {}: {}{}{}{}", address, verb_of(*change), moved,
                                              moved.empty() ? "" : ". ", change->reason, sentence_after(change->rule))),
                        change->source, address, printable(change->accepted.reason)});
  }
  return findings;
}

/// A path as a URI reference: what may not stand in one is percent-encoded.
std::string uri_of(std::string_view path) {
  std::string uri;
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~/").find(c) != std::string_view::npos;
    uri += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return path.starts_with('/') ? "file://" + uri : uri;
}

Value location_of(const Finding& finding) {
  Value location = Value::object();
  if (!finding.at.file.empty()) {
    Value physical = Value::object();
    physical.set("artifactLocation", Value::object({{"uri", uri_of(finding.at.file), 0}}));
    if (finding.at.line > 0) {
      Value region = Value::object();
      region.set("startLine", finding.at.line);
      if (finding.at.column > 0) region.set("startColumn", finding.at.column);
      physical.set("region", std::move(region));
    }
    location.set("physicalLocation", std::move(physical));
  }
  if (!finding.address.empty()) {
    Value logical = Value::object();
    logical.set("fullyQualifiedName", printable(finding.address)).set("kind", "resource");
    location.set("logicalLocations", Value::array({std::move(logical)}));
  }
  return location;
}

/// The same finding has the same print in the next run, though lines have moved.
std::string print_of(const Finding& finding) {
  return sha256_hex(fmt::format("{}\n{}\n{}\n{}", finding.rule, finding.at.file, finding.address, finding.message))
      .substr(0, 32);
}

/// Risk rules say what they mean and how grave they are unless the manifest says otherwise.
Value rule_to_json(const std::string& id) {
  Value json = Value::object({{"id", id, 0}});
  const RiskRule* rule = find_risk_rule(id);
  if (rule == nullptr) return json;
  json.set("shortDescription", Value::object({{"text", rule->sentence, 0}}));
  json.set("fullDescription", Value::object({{"text", fmt::format("Judged on {}.", rule->judged_on), 0}}));
  return json.set("defaultConfiguration", Value::object({{"level", to_string(level_of(rule->severity)), 0}}));
}

std::string write_sarif(const std::vector<Finding>& findings, const Value& properties) {
  std::set<std::string> rules;
  Value results = Value::array();
  for (const Finding& finding : findings) {
    const std::string rule = finding.rule.empty() ? "finding" : printable(finding.rule);
    rules.insert(rule);
    Value result = Value::object();
    result.set("ruleId", rule).set("level", to_string(finding.level));
    result.set("message", Value::object({{"text", finding.message, 0}}));
    const Value location = location_of(finding);
    if (!location.empty()) result.set("locations", Value::array({location}));
    result.set("partialFingerprints", Value::object({{"sluice/v1", print_of(finding), 0}}));
    if (!finding.accepted.empty()) {
      Value suppression = Value::object();
      suppression.set("kind", "external").set("justification", finding.accepted);
      result.set("suppressions", Value::array({std::move(suppression)}));
    }
    results.push(std::move(result));
  }
  Value known = Value::array();
  for (const std::string& rule : rules) known.push(rule_to_json(rule));
  Value driver = Value::object();
  driver.set("name", "sluice").set("version", kSluiceVersion).set("rules", std::move(known));
  Value run = Value::object();
  run.set("tool", Value::object({{"driver", std::move(driver), 0}})).set("results", std::move(results));
  run.set("columnKind", "unicodeCodePoints");
  if (!properties.empty()) run.set("properties", properties);
  Value json = Value::object();
  json.set("$schema", "https://json.schemastore.org/sarif-2.1.0.json").set("version", "2.1.0");
  json.set("runs", Value::array({std::move(run)}));
  return write_json_pretty(json) + "\n";
}

/// The text of a workflow command: a percent sign or a line's end would be read as part of the command.
std::string command_text(std::string_view text, bool property) {
  std::string out;
  for (const char c : printable(text)) {
    if (c == '%' || (property && (c == ':' || c == ','))) {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out;
}

std::string write_github(const std::vector<Finding>& findings) {
  std::string out;
  for (const Finding& finding : findings) {
    const bool counts = finding.level != Level::Note && finding.accepted.empty();
    const std::string_view command = counts ? to_string(finding.level) : "notice";
    const std::string accepted = finding.accepted.empty() ? "" : fmt::format(" Accepted: {}", finding.accepted);
    std::string place;
    if (!finding.at.file.empty()) place += fmt::format("file={},", command_text(finding.at.file, true));
    if (!finding.at.file.empty() && finding.at.line > 0) place += fmt::format("line={},", finding.at.line);
    if (!place.empty() && finding.at.column > 0) place += fmt::format("col={},", finding.at.column);
    out += fmt::format("::{} {}title={}::{}\n", command, place, command_text(finding.rule, true),
                       command_text(finding.message + accepted, false));
  }
  return out;
}

}  // namespace

std::string render_sarif(const Diagnostics& diagnostics) { return write_sarif(findings_of(diagnostics), {}); }

std::string render_sarif(const Plan& plan) {
  Value summary = Value::object();
  for (const Fact& fact : summary_facts(plan)) summary.set(fact.key, static_cast<std::int64_t>(fact.count));
  Value properties = Value::object();
  properties.set("summary", std::move(summary))
      .set("gateway", printable(to_string(plan.gateway)))
      .set("digest", plan.digest);
  return write_sarif(findings_of(plan), properties);
}

std::string render_github(const Diagnostics& diagnostics) { return write_github(findings_of(diagnostics)); }

std::string render_github(const Plan& plan) {
  std::string numbers;
  for (const Fact& fact : summary_facts(plan))
    numbers += fmt::format("{}{} {}", numbers.empty() ? "" : ", ", fact.count, fact.label);
  return write_github(findings_of(plan)) +
         fmt::format("::notice title=Sluice::{} ({}) Gateway: {}\n",
                     command_text(plan.drift_only ? drift_line(plan) : summary_line(plan), false), numbers,
                     command_text(to_string(plan.gateway), false));
}

}  // namespace sluice
