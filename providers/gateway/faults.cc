#include "providers/gateway/faults.h"

#include <algorithm>

#include "plan/address.h"
#include "plan/yaml.h"
#include "providers/gateway/settings.h"

namespace sluice::gateway {
namespace {

constexpr std::int64_t kLongestDelay = 3'600'000;
constexpr std::int64_t kMost = 1'000'000;

const std::vector<std::string_view> kActions = {
    "refuse", "reset",       "truncate",        "drop",    "delay",     "status",        "malformed",
    "stuck",  "failed_task", "partial_failure", "ignored", "lost_task", "foreign_change"};

/// Members that every rule may have.
const std::vector<std::string_view> kCommon = {"method", "path", "nth", "every", "probability", "action"};

/// Members that an action has besides.
std::vector<std::string_view> members_of(std::string_view action) {
  if (action == "reset") return {"when"};
  if (action == "truncate") return {"bytes"};
  if (action == "delay") return {"milliseconds"};
  if (action == "status") return {"status", "retry_after", "error_code", "error_msg", "body", "when"};
  if (action == "malformed") return {"body"};
  if (action == "failed_task") return {"error_code", "error_msg"};
  if (action == "partial_failure") return {"count", "error_code", "error_msg"};
  if (action == "ignored") return {"count"};
  if (action == "foreign_change") return {"change", "api", "set"};
  return {};
}

/// The fault that a rule words, its code's own words by default.
Fault read_fault(Settings& settings, const Value& rule, std::string_view code) {
  const std::string given = settings.text(rule, "error_code", code);
  return {given, settings.text(rule, "error_msg", refuse(given).error.message)};
}

HttpResponse read_answer(Settings& settings, const Value& rule) {
  const std::int64_t status = settings.whole(rule, "status", 200, 599).value_or(500);
  const bool throttled = status == 429;
  const Fault fault = read_fault(settings, rule, throttled ? "APIG.9008" : "APIG.9999");
  HttpResponse answer = fault_answer(fault);
  answer.status = static_cast<int>(status);
  if (rule.find("body") != nullptr) answer.body = settings.text(rule, "body");
  if (const auto seconds = settings.whole(rule, "retry_after", 0, kMost)) {
    answer.headers.emplace_back("Retry-After", std::to_string(*seconds));
  }
  return answer;
}

std::size_t read_count(Settings& settings, const Value& rule) {
  return static_cast<std::size_t>(settings.whole(rule, "count", 1, kMost).value_or(1));
}

ForeignChange read_change(Settings& settings, const Value& rule) {
  ForeignChange out;
  out.kind = settings.word(rule, "change", {"edit", "publish", "offline", "delete"});
  out.api = settings.text(rule, "api", "**");
  if (const Value* set = rule.find("set"); set != nullptr) {
    if (!set->is_object()) settings.report(*set, "\"set\" must be an object of members of the API's definition.");
    out.set = *set;
  }
  return out;
}

void read_cut(Settings& settings, const Value& rule, std::string_view action, Encounter& out) {
  if (action == "refuse") out.delivery.cut = Cut::Refuse;
  if (action == "drop") out.delivery.cut = Cut::Drop;
  if (action == "truncate") {
    out.delivery.cut = Cut::Truncate;
    out.delivery.bytes = static_cast<std::size_t>(settings.whole(rule, "bytes", 0, kMost * 100).value_or(10));
  }
  if (action == "reset") {
    const std::string when = settings.word(rule, "when", {"before", "during", "after"});
    out.delivery.cut = when == "before" ? Cut::ResetBefore : when == "during" ? Cut::ResetDuring : Cut::ResetAfter;
  }
  out.carried_out = out.delivery.cut != Cut::Refuse && out.delivery.cut != Cut::ResetBefore;
}

Encounter read_effect(Settings& settings, const Value& rule, std::string_view action) {
  Encounter out;
  read_cut(settings, rule, action, out);
  if (action == "delay") {
    out.delivery.delay =
        std::chrono::milliseconds(settings.whole(rule, "milliseconds", 0, kLongestDelay).value_or(1000));
  }
  if (action == "status") {
    out.answer = read_answer(settings, rule);
    out.carried_out = settings.word(rule, "when", {"before", "after"}) == "after";
  }
  if (action == "malformed") out.body = settings.text(rule, "body", "{\"task_id\": \"d9ce8c9e");
  if (action == "stuck") out.mischief.stuck = true;
  if (action == "lost_task") out.mischief.lost = true;
  if (action == "failed_task") out.mischief.failure = read_fault(settings, rule, "APIG.9999");
  if (action == "ignored") out.mischief.ignoring = read_count(settings, rule);
  if (action == "partial_failure") {
    out.mischief.failing = read_count(settings, rule);
    out.mischief.why = read_fault(settings, rule, "APIG.9999");
  }
  if (action == "foreign_change") out.changes.push_back(read_change(settings, rule));
  return out;
}

void merge(const Mischief& from, Mischief& into) {
  into.stuck = into.stuck || from.stuck;
  into.lost = into.lost || from.lost;
  if (from.failure && !into.failure) into.failure = from.failure;
  into.ignoring = std::max(into.ignoring, from.ignoring);
  if (from.failing > into.failing) {
    into.failing = from.failing;
    into.why = from.why;
  }
}

/// Several rules may meet one request: the first cut, answer and body count, delays add up.
void merge(const Encounter& from, Encounter& into) {
  into.delivery.delay += from.delivery.delay;
  if (into.delivery.cut == Cut::None) {
    into.delivery.cut = from.delivery.cut;
    into.delivery.bytes = from.delivery.bytes;
  }
  if (!into.answer) into.answer = from.answer;
  if (!into.body) into.body = from.body;
  into.carried_out = into.carried_out && from.carried_out;
  merge(from.mischief, into.mischief);
  into.changes.insert(into.changes.end(), from.changes.begin(), from.changes.end());
}

}  // namespace

/// Turns a document into rules.
class FaultReader {
 public:
  explicit FaultReader(const SourceText& source) : settings_(source) {}

  Parsed<Faults> read(const Value& document) {
    std::uint64_t seed = 0;
    const Value* list = &document;
    if (document.is_object() && settings_.is_object(document, {"seed", "faults"})) {
      seed = static_cast<std::uint64_t>(settings_.whole(document, "seed", 0, INT64_MAX).value_or(0));
      list = document.find("faults");
    }
    if (list == nullptr || !list->is_array()) {
      settings_.report(document, "A file of faults is a list of rules, or an object with `seed` and `faults`.");
      return {std::nullopt, std::move(settings_.findings())};
    }
    Faults out;
    for (const Value& item : list->items()) read_rule(item, seed + out.rules_.size(), out);
    if (!settings_.ok()) return {std::nullopt, std::move(settings_.findings())};
    return {std::move(out), {}};
  }

 private:
  void read_rule(const Value& item, std::uint64_t seed, Faults& out) {
    const std::string action =
        item.is_object() && item.find("action") != nullptr ? settings_.word(item, "action", kActions) : std::string();
    std::vector<std::string_view> known = kCommon;
    for (const std::string_view name : members_of(action)) known.push_back(name);
    if (!settings_.is_object(item, known)) return;
    if (action.empty()) return settings_.report(item, "\"action\" is missing here.");
    Faults::Rule rule;
    rule.method = settings_.text(item, "method");
    rule.path = settings_.text(item, "path", "**");
    rule.nth = static_cast<std::uint64_t>(settings_.whole(item, "nth", 1, kMost).value_or(0));
    rule.every = static_cast<std::uint64_t>(settings_.whole(item, "every", 1, kMost).value_or(0));
    rule.probability = settings_.fraction(item, "probability");
    if ((rule.nth > 0 ? 1 : 0) + (rule.every > 0 ? 1 : 0) + (rule.probability ? 1 : 0) > 1) {
      settings_.report(item, "Only one of \"nth\", \"every\" and \"probability\" can say when.");
    }
    rule.effect = read_effect(settings_, item, action);
    rule.random.seed(seed);
    out.rules_.push_back(std::move(rule));
  }

  Settings settings_;
};

Parsed<Faults> Faults::read(const SourceText& source) {
  const auto document = parse_document(source);
  if (!document.value) return {std::nullopt, document.diagnostics};
  return FaultReader(source).read(*document.value);
}

bool Faults::strikes(Rule& rule) {
  ++rule.seen;
  if (rule.nth > 0) return rule.seen == rule.nth;
  if (rule.every > 0) return rule.seen % rule.every == 0;
  if (!rule.probability) return true;
  // 53 random bits make a fraction below 1 on every machine.
  return static_cast<double>(rule.random() >> 11U) * 0x1p-53 < *rule.probability;
}

Encounter Faults::meet(std::string_view method, std::string_view path) {
  Encounter out;
  for (Rule& rule : rules_) {
    if (!rule.method.empty() && rule.method != method) continue;
    if (!matches_glob(rule.path, path) || !strikes(rule)) continue;
    merge(rule.effect, out);
  }
  return out;
}

}  // namespace sluice::gateway
