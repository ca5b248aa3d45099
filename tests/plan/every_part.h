// A plan that holds every part that a plan can have, and one whose texts are all a stranger's.
#pragma once

#include "tests/plan/support.h"

namespace sluice::test {

/// plan_of_everything and plan_of_policies in one, and beside them what only the manifest, the state or the command
/// line bring about. It is refused for what it would take away.
inline Plan plan_of_every_part() {
  Plan plan = plan_of_everything();
  Plan policies = plan_of_policies();
  for (Change& change : policies.changes) plan.changes.push_back(std::move(change));
  add_steps(plan, std::move(policies.steps));

  // A move and its other half, one that is made anew where a name was changed, and a group that is renamed.
  const auto on = [](std::string_view path) { return Address::api("pets", "GET", path, "NORMAL"); };
  const Resource from = api(with(body("GET", "/old/place", "op_moving"), "description", "moves"));
  const Resource to = api(with(body("GET", "/new/place", "op_moving"), "description", "moves"));
  plan.changes.push_back({.address = from.address,
                          .action = Action::Delete,
                          .before = from.body,
                          .before_digest = from.digest,
                          .reason = "The files name it elsewhere.",
                          .moved_to = to.address});
  plan.changes.push_back({.address = to.address,
                          .action = Action::Create,
                          .after = to.body,
                          .after_digest = to.digest,
                          .fields = {{"/path", "/old/place", "/new/place", {}, Origin::Pending, Risk::Safe, ""}},
                          .risk = Risk::Breaking,
                          .rule = "path-changed",
                          .reason = "Its path changed.",
                          .environments = {"RELEASE"},
                          .moved_from = from.address});
  const Resource renamed = group("shop-new");
  plan.changes.push_back({.address = renamed.address,
                          .action = Action::Update,
                          .before = group("shop-old").body,
                          .after = renamed.body,
                          .before_digest = group("shop-old").digest,
                          .after_digest = renamed.digest,
                          .fields = {{"/name", "shop-old", "shop-new", {}, Origin::Pending, Risk::Safe, ""}},
                          .reason = "The group has another name.",
                          .source = {"sluice.yaml", 12, 3},
                          .moved_from = Address::group("shop-old")});
  plan.groups.push_back({.name = "shop-new", .owner = "", .environments = {}, .records = {}, .forgets = {}});
  plan.groups.back().renamed_from = "shop-old";

  // What a forced mode keeps, what is accepted, and what an import resets.
  const auto changed = [&](std::string_view path, std::string_view from_text, std::string_view to_text) {
    const Resource before = api(with(body("GET", path, "op_" + std::string(path.substr(1))), "description", from_text));
    const Resource after = api(with(body("GET", path, "op_" + std::string(path.substr(1))), "description", to_text));
    return Change{.address = before.address,
                  .action = Action::Update,
                  .before = before.body,
                  .after = after.body,
                  .before_digest = before.digest,
                  .after_digest = after.digest,
                  .fields = {{"/description", from_text, to_text, {}, Origin::Pending, Risk::Safe, ""}},
                  .reason = "1 field differs.",
                  .source = {"pets.yaml", 40, 7},
                  .environments = {"RELEASE"}};
  };
  Change prevented = changed("/prevented", "a", "b");
  prevented.prevented_by = "api_mode: merge";
  Change accepted = changed("/accepted", "a", "b");
  accepted.rule = "text-changed";
  accepted.fields.push_back(
      {"/x-apigateway-backend/httpEndpoints/timeout", 5000, 3000, {}, Origin::Pending, Risk::Safe, "timeout-lowered"});
  accepted.fields.back().accepted = {Risk::Warning, "nobody waits that long", "2027-01-31"};
  accepted.after = with_endpoint(accepted.after, "timeout", 3000);
  accepted.before = with_endpoint(accepted.before, "timeout", 5000);
  accepted.before_digest = api(accepted.before).digest;
  accepted.after_digest = api(accepted.after).digest;
  accepted.rule = "";
  Change resets = changed("/resets", "a", "b");
  resets.resets = {"the remark", "the owner's tags"};
  resets.reason += " An import resets what no document carries: the remark, the owner's tags.";
  Change secret = changed("/secret", "secret:hmac-sha256:0123456789abcdef0123456789abcdef",
                          "secret:hmac-sha256:fedcba9876543210fedcba9876543210");
  Change foreign = changed("/foreign", "theirs", "theirs");
  foreign.action = Action::Delete;
  foreign.foreign = true;
  foreign.after = Value();
  foreign.after_digest = "";
  foreign.fields.clear();
  foreign.reason = "It is not owned by Sluice; prune: all: it goes.";
  for (Change* change : {&prevented, &accepted, &resets, &secret, &foreign}) plan.changes.push_back(std::move(*change));

  // What others left half done is finished.
  Change half = changed("/half-deleted", "a", "a");
  half.action = Action::Delete;
  half.after = Value();
  half.after_digest = "";
  half.fields.clear();
  half.reason = "A deletion of it was begun and not ended: it has its temporary name still.";
  plan.changes.push_back(std::move(half));

  // What stands beside the changes.
  plan.ignored = {{on("/drifted"), "/description", "edited by hand"},
                  {on("/updated"), "/tags", ""},
                  {on("/updated"), "/x-apigateway-cors", "the web team's"}};
  plan.findings = {{Severity::Warning,
                    "ignore-expired",
                    "/description was to be ignored until 2025-01-31, and still is.",
                    "Take the rule out, or renew it with a later `until`.",
                    {"sluice.yaml", 9, 9}}};
  plan.losses = {{on("/deleted"), true, {"sluice.yaml", 30, 15}}, {on("/served"), false, {}}};
  plan.unowned = {on("/theirs-1"), on("/theirs-2")};
  plan.unmanaged.push_back(Address::publication(api(body("GET", "/hand-made", "x")).address, "TEST"));
  plan.collisions = {{on("/collides"), "/description is another", {"pets.yaml", 50, 7}}};
  plan.shortages = {"This plan needs 2 more APIs in the group pets, and the gateway takes 1000."};
  PlannedGroup& pets = plan.groups.front();
  pets.kept = {{on("/kept-1"), Value::object({{"description", "asked for", 0}})}, {on("/kept-2"), Value()}};
  pets.protect = {on("/updated"), on("/created")};
  pets.unprotect = {on("/served"), Address::group("pets")};
  plan.scope = {.targets = {"group.pets"},
                .excludes = {"api.pets[\"* /internal/**\"]"},
                .left_out = 3,
                .notes = {"The policy ratelimit.silver comes along, since api.pets[\"GET /bound\"] names it."},
                .unseen_groups = 2,
                .changed_only = true};
  finish(plan);
  return plan;
}

/// Texts that want to be markup, a command of a terminal or of a workflow, a mention, or endless.
inline std::string hostile(std::size_t length) {
  return "</script><script>alert(1)</script><img src=x onerror=alert(2)> @everyone #1 GH-1 http://evil.example "
         "**bold** [x](javascript:alert(3)) | ``` \n````\n::error::own\r\x1b[31m\x1b]0;own\x07 \xE2\x80\xAE"
         "evil</details>--> <!-- %0A $x$ \xC2\x9B \xD8\x9C \"'> " +
         std::string(length, 'A');
}

inline Plan plan_of_hostile_texts(std::size_t length) {
  const std::string text = hostile(length);
  const Address address = Address::api("pets" + text, "GET", "/" + text, "NORMAL");
  Plan plan = plan_of_every_part();
  plan.gateway.endpoint += text;
  for (PlannedGroup& group : plan.groups) {
    group.owner = "@owners" + text;
    group.kept[address] = text;
    group.protect.push_back(address);
    group.unprotect.push_back(address);
  }
  plan.unmanaged.push_back(address);
  plan.unowned.push_back(address);
  plan.collisions.push_back({Address::group(text), text, {text, 1, 1}});
  plan.collisions.push_back({address, text, {}, address, text});
  plan.ignored.push_back({address, "/" + text, text});
  plan.losses.push_back({address, true, {text, 1, 1}});
  plan.shortages.push_back(text);
  plan.findings.push_back({Severity::Error, "code" + text, text, text, {text, 1, 1}});
  plan.scope.notes.push_back(text);
  plan.scope.targets.push_back(text);
  for (auto* list : {&plan.changes, &plan.drift, &plan.unchanged}) {
    list->push_back({.address = Address::api("pets", "GET", "/" + text, "NORMAL"), .action = Action::Update});
    for (Change& change : *list) {
      change.reason += text;
      change.source = {"pets" + text + ".yaml", 1, 1};
      change.risk = Risk::Breaking;
      change.rule = "rule" + text;
      if (change.accepted.given()) change.accepted = {Risk::Breaking, text, text};
      if (!change.prevented_by.empty()) change.prevented_by += text;
      if (change.moved_from) change.moved_from = address;
      if (change.moved_to) change.moved_to = address;
      if (!change.touches.empty()) change.touches.push_back(text);
      if (!change.resets.empty()) change.resets.push_back(text);
      if (change.action == Action::Create) change.after.set("x" + text, text);
      change.fields.push_back({"/x" + text, text, Value::object({{text, text + "end", 0}}), text, Origin::Conflict,
                               Risk::Breaking, "rule" + text});
      change.fields.push_back({"/y", text, text + "end", {}, Origin::Pending, Risk::Safe, ""});
      change.fields.push_back({"/z", 1, 2, {}, Origin::Pending, Risk::Safe, "rule" + text});
      change.fields.back().accepted = {Risk::Breaking, text, text};
    }
  }
  for (Step& step : plan.steps) {
    step.reason += text;
    step.group += text;
    step.environment += text;
  }
  return plan;
}

}  // namespace sluice::test
