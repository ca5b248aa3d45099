#include "plan/plan_json.h"

#include <fmt/format.h>

#include <array>
#include <map>

#include "plan/canonical.h"
#include "plan/json.h"
#include "plan/review.h"
#include "plan/risk.h"
#include "plan/safety.h"
#include "plan/secrets.h"

namespace sluice {
namespace {

Value text_list(const std::vector<std::string>& texts) {
  Value list = Value::array();
  for (const std::string& text : texts) list.push(text);
  return list;
}

Value address_list(const std::vector<Address>& addresses) {
  Value list = Value::array();
  for (const Address& address : addresses) list.push(address.text());
  return list;
}

Value source_to_json(const SourceSpan& source) {
  if (source.file.empty()) return {};
  Value json = Value::object();
  return json.set("file", source.file).set("line", source.line).set("column", source.column);
}

/// Which rule a change or field falls under, what that means for callers, and whether the manifest accepts it.
void add_risk(Value& json, Risk risk, const std::string& rule, const Acceptance& accepted) {
  json.set("risk", to_string(risk)).set("rule", rule.empty() ? Value() : Value(rule));
  if (const std::string_view why = risk_sentence(rule); !why.empty()) json.set("why", why);
  if (!accepted.given()) return;
  Value exception = Value::object();
  exception.set("risk", to_string(accepted.risk)).set("reason", accepted.reason);
  json.set("accepted", exception.set("until", accepted.until.empty() ? Value() : Value(accepted.until)));
}

Value field_to_json(const FieldChange& field) {
  Value json = Value::object();
  json.set("path", field.path).set("before", field.before).set("after", field.after).set("live", field.before);
  if (!field.base.is_null() && !(field.base == field.before)) json.set("base", field.base);
  json.set("origin", to_string(field.origin));
  add_risk(json, field.risk, field.rule, field.accepted);
  return json;
}

Value step_to_json(const Step& step) {
  Value addresses = Value::array();
  Value predicted = Value::object();
  for (const Prediction& prediction : step.predicted) {
    addresses.push(prediction.address.text());
    predicted.mutable_members().push_back({prediction.address.text(), to_string(prediction.effect), 0});
  }
  Value depends_on = Value::array();
  for (const int id : step.depends_on) depends_on.push(id);
  const bool import = step.kind == StepKind::Import;
  Value json = Value::object();
  json.set("id", step.id).set("kind", to_string(step.kind)).set("group", step.group);
  if (!step.environment.empty()) json.set("environment", step.environment);
  json.set("api_mode", import ? Value(to_string(step.api_mode)) : Value());
  json.set("extend_mode", import ? Value(to_string(step.extend_mode)) : Value());
  json.set("reason", step.reason).set("addresses", std::move(addresses)).set("predicted", std::move(predicted));
  return json.set("depends_on", std::move(depends_on));
}

Value summary_to_json(const Plan& plan) {
  Value json = Value::object();
  for (const Fact& fact : summary_facts(plan)) {
    json.set(fact.key, static_cast<std::int64_t>(fact.count));
    if (fact.key == "delete") json.set("replace", 0);
  }
  return json;
}

Value gateway_to_json(const GatewayIdentity& gateway) {
  Value json = Value::object();
  json.set("provider", gateway.provider).set("endpoint", gateway.endpoint);
  return json.set("project_id", gateway.project_id).set("instance_id", gateway.instance_id);
}

Value scope_to_json(const Scope& scope) {
  Value json = Value::object();
  json.set("targets", text_list(scope.targets)).set("excludes", text_list(scope.excludes));
  json.set("left_out", static_cast<std::int64_t>(scope.left_out)).set("notes", text_list(scope.notes));
  json.set("changed_only", scope.changed_only);
  return json.set("unseen_groups", static_cast<std::int64_t>(scope.unseen_groups));
}

Value resource_to_json(const Resource& resource) {
  Value json = Value::object();
  json.set("address", resource.address.text()).set("digest", resource.digest).set("body", resource.body);
  if (!resource.changed_at.empty()) json.set("changed_at", resource.changed_at);
  return json.set("remote_id", resource.remote_id);
}

Value protection_to_json(const Plan& plan) {
  Value added = Value::array();
  Value removed = Value::array();
  for (const PlannedGroup& group : plan.groups) {
    for (const Address& address : group.protect) added.push(address.text());
    for (const Address& address : group.unprotect) removed.push(address.text());
  }
  Value violated = Value::array();
  for (const ProtectedLoss& loss : plan.losses) {
    Value entry = Value::object();
    entry.set("address", loss.address.text()).set("deleted", loss.deleted).set("source", source_to_json(loss.at));
    violated.push(std::move(entry));
  }
  Value json = Value::object();
  json.set("added", std::move(added)).set("removed", std::move(removed));
  return json.set("violated", std::move(violated));
}

/// What apply needs beyond what a reviewer reads.
Value payload_to_json(const Plan& plan) {
  Value groups = Value::array();
  for (const PlannedGroup& group : plan.groups) {
    Value records = Value::array();
    for (const Resource& resource : group.records) records.push(resource_to_json(resource));
    Value json = Value::object();
    json.set("name", group.name).set("owner", group.owner).set("environments", text_list(group.environments));
    json.set("owned", static_cast<std::int64_t>(group.owned))
        .set("unchanged", static_cast<std::int64_t>(group.unchanged));
    json.set("unmanaged_changed", group.unmanaged_changed)
        .set("records", std::move(records))
        .set("forgets", address_list(group.forgets))
        .set("foreign", address_list(group.foreign));
    Value kept = Value::object();
    for (const auto& [address, asked] : group.kept) kept.set(address.text(), asked);
    json.set("kept", std::move(kept));
    if (!group.renamed_from.empty()) json.set("renamed_from", group.renamed_from);
    json.set("protect", address_list(group.protect)).set("unprotect", address_list(group.unprotect));
    groups.push(std::move(json));
  }
  Value changes = Value::array();
  for (const Change& change : plan.changes) {
    Value json = Value::object();
    json.set("before_digest", change.before_digest).set("after_digest", change.after_digest);
    json.set("environments", text_list(change.environments)).set("foreign", change.foreign);
    Value published = Value::object();
    for (const auto& [environment, digest] : change.published) published.set(environment, digest);
    json.set("published", std::move(published));
    changes.push(std::move(json));
  }
  Value documents = Value::array();
  Value digests = Value::array();
  for (const Step& step : plan.steps) {
    documents.push(step.document);
    Value of_step = Value::array();
    for (const Prediction& prediction : step.predicted) of_step.push(prediction.digest);
    digests.push(std::move(of_step));
  }
  Value payload = Value::object();
  payload.set("created_at", plan.created_at).set("expires_at", plan.expires_at).set("groups", std::move(groups));
  payload.set("max_deletes", plan.max_deletes ? Value(static_cast<std::int64_t>(*plan.max_deletes)) : Value());
  payload.set("drift_decided", plan.drift_decided);
  payload.set("undeclared", static_cast<std::int64_t>(plan.undeclared));
  return payload.set("changes", std::move(changes))
      .set("documents", std::move(documents))
      .set("digests", std::move(digests));
}

/// Leaves read_plan_file's helpers from any depth; caught there.
struct Malformed {
  std::string what;
};

const Value& member(const Value& object, std::string_view key) {
  const Value* value = object.find(key);
  if (value == nullptr) throw Malformed{fmt::format("`{}` is missing", key)};
  return *value;
}

std::string text(const Value& object, std::string_view key) {
  const Value& value = member(object, key);
  if (value.is_null()) return {};
  if (!value.is_string()) throw Malformed{fmt::format("`{}` is not a text", key)};
  return value.as_string();
}

int integer(const Value& object, std::string_view key) {
  const Value& value = member(object, key);
  if (!value.is_integer()) throw Malformed{fmt::format("`{}` is not a whole number", key)};
  return static_cast<int>(value.as_integer());
}

std::vector<std::string> texts(const Value& object, std::string_view key) {
  std::vector<std::string> list;
  for (const Value& item : member(object, key).items()) {
    if (!item.is_string()) throw Malformed{fmt::format("`{}` holds something else than texts", key)};
    list.push_back(item.as_string());
  }
  return list;
}

Address address_from(const std::string& written) {
  auto address = Address::parse(written);
  if (!address) throw Malformed{fmt::format("\"{}\" is not an address", written)};
  return std::move(*address);
}

std::vector<Address> addresses(const Value& object, std::string_view key) {
  std::vector<Address> list;
  for (const std::string& written : texts(object, key)) list.push_back(address_from(written));
  return list;
}

template <typename Enum>
Enum known(std::optional<Enum> value, std::string_view word) {
  if (!value) throw Malformed{fmt::format("\"{}\" is not known", word)};
  return *value;
}

/// The enumerator whose name is `word`.
template <typename Enum>
Enum enum_from(std::string_view word, std::initializer_list<Enum> values) {
  for (const Enum value : values) {
    if (to_string(value) == word) return value;
  }
  throw Malformed{fmt::format("\"{}\" is not known", word)};
}

Origin origin_from(std::string_view word) {
  return enum_from(word, {Origin::Pending, Origin::Drift, Origin::Conflict, Origin::Adopted});
}
Risk risk_from(std::string_view word) { return enum_from(word, {Risk::Safe, Risk::Warning, Risk::Breaking}); }

SourceSpan source_from(const Value& json) {
  if (json.is_null()) return {};
  return {text(json, "file"), integer(json, "line"), integer(json, "column")};
}

Diagnostic finding_from(const Value& json) {
  Diagnostic finding{text(json, "severity") == "warning" ? Severity::Warning : Severity::Error, text(json, "code"),
                     text(json, "summary"), text(json, "detail")};
  if (member(json, "file").is_string()) finding.at.file = text(json, "file");
  if (member(json, "line").is_integer()) finding.at.line = integer(json, "line");
  if (member(json, "column").is_integer()) finding.at.column = integer(json, "column");
  return finding;
}

/// Plans of older versions have none.
Acceptance acceptance_from(const Value& json) {
  const Value* accepted = json.find("accepted");
  if (accepted == nullptr) return {};
  return {risk_from(text(*accepted, "risk")), text(*accepted, "reason"), text(*accepted, "until")};
}

FieldChange field_from(const Value& json) {
  FieldChange field{.path = text(json, "path"), .before = member(json, "before"), .after = member(json, "after")};
  if (const Value* base = json.find("base")) field.base = *base;
  field.origin = origin_from(text(json, "origin"));
  field.risk = risk_from(text(json, "risk"));
  field.rule = text(json, "rule");
  field.accepted = acceptance_from(json);
  return field;
}

Change change_from(const Value& json) {
  const Value& inner = member(json, "change");
  Change change{.address = address_from(text(json, "address"))};
  const auto actions = texts(inner, "actions");
  if (actions.size() != 1) throw Malformed{"`actions` does not hold one action"};
  change.action = enum_from(actions[0], {Action::NoOp, Action::Create, Action::Update, Action::Delete});
  change.before = member(inner, "before");
  change.after = member(inner, "after");
  for (const Value& field : member(inner, "fields").items()) change.fields.push_back(field_from(field));
  change.risk = risk_from(text(json, "risk"));
  change.rule = text(json, "rule");
  change.accepted = acceptance_from(json);
  if (json.find("prevented_by") != nullptr) change.prevented_by = text(json, "prevented_by");
  change.origin = origin_from(text(json, "origin"));
  change.reason = text(json, "reason");
  change.source = source_from(member(json, "source"));
  change.importing = member(json, "importing") == Value(true);
  if (json.find("touches") != nullptr) change.touches = texts(json, "touches");
  const auto moved = [&json](std::string_view key, std::optional<Address>& into) {
    const Value* other = json.find(key);
    if (other != nullptr && !other->is_null()) into = address_from(text(json, key));
  };
  moved("moved_from", change.moved_from);
  moved("moved_to", change.moved_to);
  if (json.find("resets") != nullptr) change.resets = texts(json, "resets");
  return change;
}

Step step_from(const Value& json, const std::string& document) {
  Step step{.id = integer(json, "id")};
  step.kind = known(step_kind_named(text(json, "kind")), text(json, "kind"));
  step.group = text(json, "group");
  if (json.find("environment") != nullptr) step.environment = text(json, "environment");
  if (step.kind == StepKind::Import) {
    step.api_mode = enum_from(text(json, "api_mode"), {Mode::Merge, Mode::Override});
    step.extend_mode = enum_from(text(json, "extend_mode"), {Mode::Merge, Mode::Override});
  }
  step.document = document;
  step.reason = text(json, "reason");
  for (const auto& prediction : member(json, "predicted").members()) {
    if (!prediction.value.is_string()) throw Malformed{"`predicted` holds something else than texts"};
    const std::string& word = prediction.value.as_string();
    step.predicted.push_back({address_from(prediction.key), known(effect_named(word), word)});
  }
  for (const Value& id : member(json, "depends_on").items()) {
    if (!id.is_integer()) throw Malformed{"`depends_on` holds something else than step ids"};
    step.depends_on.push_back(static_cast<int>(id.as_integer()));
  }
  return step;
}

PlannedGroup group_from(const Value& json) {
  PlannedGroup group{.name = text(json, "name"),
                     .owner = text(json, "owner"),
                     .environments = texts(json, "environments"),
                     .records = {},
                     .forgets = addresses(json, "forgets")};
  group.unmanaged_changed = member(json, "unmanaged_changed") == Value(true);
  if (json.find("foreign") != nullptr) group.foreign = addresses(json, "foreign");  // plans of 0.1.0 lack both
  if (const Value* kept = json.find("kept")) {
    for (const auto& entry : kept->members()) group.kept.emplace(address_from(entry.key), entry.value);
  }
  group.renamed_from = json.text("renamed_from");
  if (json.find("protect") != nullptr) group.protect = addresses(json, "protect");  // older plans know no protection
  if (json.find("unprotect") != nullptr) group.unprotect = addresses(json, "unprotect");
  group.owned = static_cast<std::size_t>(integer(json, "owned"));
  group.unchanged = static_cast<std::size_t>(integer(json, "unchanged"));
  for (const Value& record : member(json, "records").items()) {
    group.records.push_back({address_from(text(record, "address")), member(record, "body"), text(record, "digest"),
                             text(record, "remote_id")});
    if (record.find("changed_at") != nullptr) group.records.back().changed_at = text(record, "changed_at");
  }
  return group;
}

Scope scope_from(const Value& json) {
  Scope scope{texts(json, "targets"), texts(json, "excludes")};
  scope.left_out = static_cast<std::size_t>(integer(json, "left_out"));
  scope.notes = texts(json, "notes");
  scope.changed_only = member(json, "changed_only") == Value(true);
  scope.unseen_groups = static_cast<std::size_t>(integer(json, "unseen_groups"));
  return scope;
}

/// The bodies are what a reviewer reads; the digests are what apply goes by.
void check_bodies(const Change& change) {
  const bool as_api = change.address.type() == "publication";
  const TypeSchema& schema = schema_of(as_api ? std::string_view("api") : std::string_view(change.address.type()));
  const auto agrees = [&](const Value& body, const std::string& digest) {
    return body.is_null() || digest_of(body, schema.fields) == digest;
  };
  if (!agrees(change.before, change.before_digest) || !agrees(change.after, change.after_digest)) {
    throw Malformed{"it was changed after it was written, a body and its digest do not match"};
  }
}

Plan plan_from(const Value& json) {
  Plan plan;
  const Value& gateway = member(json, "gateway");
  plan.gateway = {text(gateway, "provider"), text(gateway, "endpoint"), text(gateway, "project_id"),
                  text(gateway, "instance_id")};
  const Value& payload = member(json, "payload");
  plan.created_at = text(payload, "created_at");
  plan.expires_at = text(payload, "expires_at");
  plan.undeclared = static_cast<std::size_t>(integer(payload, "undeclared"));
  if (const Value& allowed = member(payload, "max_deletes"); allowed.is_integer()) {
    plan.max_deletes = static_cast<std::size_t>(allowed.as_integer());
  }
  plan.drift_decided = member(payload, "drift_decided") == Value(true);
  plan.hash_key = Secret(std::string(payload.text("hash_key")));
  if (const Value* scope = json.find("scope")) plan.scope = scope_from(*scope);
  const Value* refresh = json.find("refresh_only");
  plan.refresh_only = refresh != nullptr && *refresh == Value(true);
  plan.drift_only = plan.refresh_only;
  for (const Value& group : member(payload, "groups").items()) plan.groups.push_back(group_from(group));
  for (const Value& change : member(json, "resource_changes").items()) {
    Change read = change_from(change);
    (read.action == Action::NoOp ? plan.unchanged : plan.changes).push_back(std::move(read));
  }
  const auto& extras = member(payload, "changes").items();
  if (extras.size() != plan.changes.size()) throw Malformed{"the changes and their digests do not match"};
  for (std::size_t i = 0; i < extras.size(); ++i) {
    plan.changes[i].before_digest = text(extras[i], "before_digest");
    plan.changes[i].after_digest = text(extras[i], "after_digest");
    plan.changes[i].environments = texts(extras[i], "environments");
    const Value* foreign = extras[i].find("foreign");
    plan.changes[i].foreign = foreign != nullptr && *foreign == Value(true);
    for (const auto& published : member(extras[i], "published").members()) {
      plan.changes[i].published.emplace(published.key, text(member(extras[i], "published"), published.key));
    }
    check_bodies(plan.changes[i]);
  }
  for (const Value& change : member(json, "resource_drift").items()) plan.drift.push_back(change_from(change));
  plan.unmanaged = addresses(json, "unmanaged");
  plan.unowned = addresses(json, "unowned");
  for (const Value& field : member(json, "ignored").items()) {
    plan.ignored.push_back({address_from(text(field, "address")), text(field, "path"), text(field, "reason")});
  }
  if (const Value* protection = json.find("protection")) {
    for (const Value& loss : member(*protection, "violated").items()) {
      plan.losses.push_back({address_from(text(loss, "address")), member(loss, "deleted") == Value(true),
                             source_from(member(loss, "source"))});
    }
  }
  for (const Value& collision : member(json, "collisions").items()) {
    plan.collisions.push_back({address_from(text(collision, "address")), text(collision, "difference"),
                               source_from(member(collision, "source"))});
    if (collision.find("way_out") != nullptr) plan.collisions.back().way_out = text(collision, "way_out");
    if (collision.find("holder") != nullptr) plan.collisions.back().holder = address_from(text(collision, "holder"));
    plan.collisions.back().way_out = collision.text("way_out");
    plan.collisions.back().left_out = collision.find("holder_left_out") != nullptr;
  }
  if (json.find("shortages") != nullptr) plan.shortages = texts(json, "shortages");
  if (json.find("diagnostics") != nullptr) {
    for (const Value& finding : member(json, "diagnostics").items()) plan.findings.push_back(finding_from(finding));
  }
  const auto& steps = member(json, "steps").items();
  const auto documents = texts(payload, "documents");
  const auto& digests = member(payload, "digests").items();
  if (steps.size() != documents.size() || steps.size() != digests.size())
    throw Malformed{"the steps and their documents do not match"};
  for (std::size_t i = 0; i < steps.size(); ++i) {
    Step step = step_from(steps[i], documents[i]);
    const auto& of_step = digests[i].items();
    if (of_step.size() != step.predicted.size()) throw Malformed{"a step and its digests do not match"};
    for (std::size_t k = 0; k < of_step.size(); ++k) {
      if (!of_step[k].is_string()) throw Malformed{"`digests` holds something else than texts"};
      step.predicted[k].digest = of_step[k].as_string();
    }
    plan.steps.push_back(std::move(step));
  }
  return plan;
}

}  // namespace

Value diagnostic_to_json(const Diagnostic& diagnostic) {
  Value json = Value::object();
  json.set("severity", diagnostic.severity == Severity::Error ? "error" : "warning").set("code", diagnostic.code);
  json.set("summary", text_with_marks_shown(diagnostic.summary));
  json.set("detail", text_with_marks_shown(diagnostic.detail));
  json.set("file", diagnostic.at.file.empty() ? Value() : Value(diagnostic.at.file));
  json.set("line", diagnostic.at.line == 0 ? Value() : Value(diagnostic.at.line));
  return json.set("column", diagnostic.at.line == 0 ? Value() : Value(diagnostic.at.column));
}

Value change_to_json(const Change& change) {
  Value fields = Value::array();
  for (const FieldChange& field : change.fields) fields.push(field_to_json(field));
  Value inner = Value::object();
  inner.set("actions", Value::array({to_string(change.action)}))
      .set("before", change.before)
      .set("after", change.after);
  inner.set("before_sensitive", sensitive_parts(change.before))
      .set("after_sensitive", sensitive_parts(change.after))
      .set("fields", std::move(fields));
  Value json = Value::object();
  json.set("address", change.address.text()).set("type", change.address.type()).set("group", change.address.group());
  if (!change.address.environment().empty()) json.set("environment", change.address.environment());
  json.set("name", change.address.name()).set("change", std::move(inner));
  add_risk(json, change.risk, change.rule, change.accepted);
  json.set("origin", to_string(change.origin));
  if (!change.prevented_by.empty()) json.set("prevented_by", change.prevented_by);
  json.set("reason", change.reason).set("source", source_to_json(change.source));
  json.set("moved_from", change.moved_from ? Value(change.moved_from->text()) : Value());
  if (change.moved_to) json.set("moved_to", change.moved_to->text());
  json.set("importing", change.importing);
  json.set("owned", !change.foreign);
  if (!change.touches.empty()) json.set("touches", text_list(change.touches));
  if (!change.resets.empty()) json.set("resets", text_list(change.resets));
  return json;
}

Value plan_to_json(const Plan& plan) {
  Value changes = Value::array();
  for (const Change& change : plan.changes) changes.push(change_to_json(change));
  for (const Change& change : plan.unchanged) changes.push(change_to_json(change));
  Value drift = Value::array();
  for (const Change& change : plan.drift) drift.push(change_to_json(change));
  Value steps = Value::array();
  for (const Step& step : plan.steps) steps.push(step_to_json(step));
  Value collisions = Value::array();
  for (const Collision& collision : plan.collisions) {
    Value json = Value::object();
    json.set("address", collision.address.text()).set("difference", collision.difference);
    if (collision.holder) json.set("holder", collision.holder->text());
    if (!collision.way_out.empty()) json.set("way_out", collision.way_out);
    if (collision.left_out) json.set("holder_left_out", true);
    collisions.push(json.set("source", source_to_json(collision.source)));
  }
  Value json = Value::object();
  json.set("format_version", kPlanFormatVersion).set("sluice_version", kSluiceVersion).set("digest", plan.digest);
  json.set("gateway", gateway_to_json(plan.gateway));
  const std::vector<std::string> refused = refusals(plan);
  json.set("applyable", refused.empty() && (!plan.drift_only || plan.refresh_only));
  json.set("complete", plan.scope.whole() && !plan.refresh_only);
  json.set("errored", has_errors(plan.findings));
  json.set("resource_changes", std::move(changes)).set("resource_drift", std::move(drift));
  json.set("unmanaged", address_list(plan.unmanaged)).set("unowned", address_list(plan.unowned));
  Value ignored = Value::array();
  for (const IgnoredField& field : plan.ignored) {
    Value entry = Value::object();
    entry.set("address", field.address.text()).set("path", field.path);
    ignored.push(entry.set("reason", field.reason.empty() ? Value() : Value(field.reason)));
  }
  json.set("ignored", std::move(ignored));
  if (plan.changes_protection() || !plan.losses.empty()) json.set("protection", protection_to_json(plan));
  if (!plan.scope.whole()) json.set("scope", scope_to_json(plan.scope));
  if (plan.refresh_only) json.set("refresh_only", true);
  Value kept = Value::array();
  for (const PlannedGroup& group : plan.groups) {
    for (const auto& [address, asked] : group.kept) kept.push(address.text());
  }
  json.set("kept", std::move(kept));
  json.set("collisions", std::move(collisions)).set("undeclared", static_cast<std::int64_t>(plan.undeclared));
  if (!refused.empty()) {
    Value reasons = Value::array();
    for (const std::string& reason : refused) reasons.push(with_masks_hidden(text_with_marks_shown(reason)));
    json.set("refusals", std::move(reasons));
  }
  if (!plan.shortages.empty()) json.set("shortages", text_list(plan.shortages));
  if (!plan.findings.empty()) {
    Value diagnostics = Value::array();
    for (const Diagnostic& finding : plan.findings) diagnostics.push(diagnostic_to_json(finding));
    json.set("diagnostics", std::move(diagnostics));
  }
  json.set("steps", std::move(steps)).set("summary", summary_to_json(plan));
  return json;
}

std::string write_plan_file(const Plan& plan) {
  Value json = plan_to_json(plan);
  json.set("payload", payload_to_json(plan));
  return write_json_pretty(json) + "\n";
}

Result<Plan> read_plan_file(std::string_view text_of_file) {
  const auto bad = [](std::string_view why) {
    return fail(
        ErrorKind::Invalid,
        fmt::format("The file is not a plan that can be used: {}. Make a new one with `sluice plan --out FILE`.", why));
  };
  const auto json = parse_json(text_of_file);
  if (!json) return bad(fmt::format("it is no plan file, since it is not JSON ({})", json.error().message));
  const std::string_view version = json->text("format_version");
  if (version.empty()) return bad("it has no format_version");
  if (!version.starts_with("1."))
    return bad(fmt::format("its format_version is {}, and this Sluice reads 1.x", version));
  try {
    Plan plan = plan_from(*json);
    finish(plan);
    if (plan.digest != json->text("digest"))
      return bad("it was changed after it was written, its digest does not match");
    return plan;
  } catch (const Malformed& malformed) {
    return bad(malformed.what);
  }
}

}  // namespace sluice
