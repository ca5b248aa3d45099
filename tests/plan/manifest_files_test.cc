// Manifests of several files, and what a manifest may say beside groups.
#include "plan/manifest.h"
#include "tests/plan/support.h"

namespace sluice {
namespace {

using test::contains;
using test::text_of;

const std::string kGroup = "version: 1\ngroups:\n  - name: pets\n    swagger: pets.yaml\n";

Manifest good(const std::string& text, const Variables& variables = {}) {
  auto parsed = parse_manifest({"sluice.yaml", text}, variables);
  INFO(text_of(parsed.diagnostics));
  REQUIRE(parsed.value);
  return std::move(*parsed.value);
}

/// A manifest and one file that it includes.
Parsed<Manifest> two(const std::string& manifest, const std::string& included) {
  ManifestReader reader(VariableSources{});
  reader.read({"sluice.yaml", manifest});
  reader.read({"teams/a.yaml", included});
  return reader.finish();
}

TEST_CASE("swagger is a path, a glob or a list, each with its place") {
  const auto swagger = [](const std::string& value) {
    std::string text;
    const Manifest manifest = good("version: 1\ngroups: [{name: pets, swagger: " + value + "}]");
    for (const FilePattern& file : manifest.groups[0].swagger) {
      text += file.text + " " + to_string(file.at) + ";";
    }
    return text;
  };
  CHECK(swagger("a.yaml") == "a.yaml sluice.yaml:2:32;");
  CHECK(swagger("'**/*.yaml'") == "**/*.yaml sluice.yaml:2:32;");
  CHECK(swagger("[a.yaml, 'b/?.json']") == "a.yaml sluice.yaml:2:33;b/?.json sluice.yaml:2:41;");
}

TEST_CASE("select, overrides and the rest of a group are read") {
  const GroupSettings group =
      good(kGroup + R"(    select: {paths: ["/pets/**"], tags: public, methods: [get], exclude: ["* /internal/**"]}
    overrides:
      - {match: "GET /pets/{id}", set: {x-apigateway-cors: true}}
    prune: all
    unsupported: drop
    operations: {ratelimit: gold, acl: office, plugins: [cors, breaker], response: errors}
)")
          .groups.at(0);
  CHECK(group.select.paths == std::vector<std::string>{"/pets/**"});
  CHECK(group.select.tags == std::vector<std::string>{"public"});
  CHECK(group.select.methods == std::vector<std::string>{"GET"});
  CHECK(group.select.exclude == std::vector<std::string>{"* /internal/**"});
  CHECK(to_string(group.select.at) == "sluice.yaml:5:13");
  REQUIRE(group.overrides.size() == 1);
  CHECK(group.overrides[0].match == "GET /pets/{id}");
  CHECK(write_json(group.overrides[0].set) == R"({"x-apigateway-cors":true})");
  CHECK(to_string(group.overrides[0].at) == "sluice.yaml:7:17");
  CHECK(group.prune == Prune::All);
  CHECK(group.drop_unsupported);
  CHECK(group.operations.ratelimit == "gold");
  CHECK(group.operations.acl == "office");
  CHECK(group.operations.plugins == std::vector<std::string>{"cors", "breaker"});
  CHECK(good(kGroup).groups[0].select.empty());
}

TEST_CASE("policies are read in the words of the extensions, with variables as numbers again") {
  const Manifest manifest = good(
      "ratelimits:\n"
      "  gold: {api-limit: \"${N}\", user-limit: 20, interval: 1, unit: second, shared: "
      "\"${S}\", special: [{type: app, limit: 5, instance: a1}]}\n"
      "acls:\n"
      "  office: {acl-type: permit, entity-type: IP, value: [10.0.0.0/8, 192.168.0.1]}\n"
      "external: [ratelimit.silver, 'acl[\"a b\"]', ratelimit.silver]\n" +
          kGroup,
      {{"N", "100"}, {"S", "true"}});
  REQUIRE(manifest.policies.size() == 2);
  CHECK(manifest.policies[0].address == Address::ratelimit("gold"));
  CHECK(write_json(manifest.policies[0].body) ==
        R"({"api-limit":100,"user-limit":20,"interval":1,"unit":"SECOND","shared":true,)"
        R"("special":[{"type":"APP","limit":5,"instance":"a1"}]})");
  CHECK(to_string(manifest.policies[0].at) == "sluice.yaml:2:3");
  CHECK(manifest.policies[1].address == Address::acl("office"));
  CHECK(write_json(manifest.policies[1].body) ==
        R"({"acl-type":"PERMIT","entity-type":"IP","value":"10.0.0.0/8,192.168.0.1"})");
  CHECK(manifest.external == std::vector<Address>{Address::ratelimit("silver"), Address::acl("a b")});
}

TEST_CASE("an included file adds groups and policies, with places in its own file") {
  const auto parsed =
      two("version: 1\ndefaults: {owner: all, environments: [TEST]}\ninclude: [teams/*.yaml]\n",
          "defaults: {environments: [RELEASE], prune: none}\nratelimits: {gold: {api-limit: 1, interval: "
          "1, unit: DAY}}\ngroups:\n  - {name: orders, swagger: o.yaml}\n");
  INFO(text_of(parsed.diagnostics));
  REQUIRE(parsed.value);
  CHECK(parsed.value->files == std::vector<std::string>{"sluice.yaml", "teams/a.yaml"});
  const GroupSettings& group = parsed.value->groups.at(0);
  CHECK(group.owner == "all");
  CHECK(group.environments == std::vector<std::string>{"TEST", "RELEASE"});
  CHECK(group.prune == Prune::None);
  CHECK(group.swagger == std::vector<FilePattern>{{"o.yaml", {"teams/a.yaml", 4, 29}}});
  CHECK(to_string(group.at) == "teams/a.yaml:4:5");
  CHECK(to_string(parsed.value->policies.at(0).at) == "teams/a.yaml:2:14");
}

TEST_CASE("the patterns that a file includes are told with their places") {
  ManifestReader reader({.variables = {{"TEAM", "a"}}, .environment = {}});
  CHECK(reader.read({"sluice.yaml", "version: 1\ninclude: ['${TEAM}.yaml', b/*.yaml]\n"}) ==
        std::vector<FilePattern>{{"a.yaml", {"sluice.yaml", 2, 11}}, {"b/*.yaml", {"sluice.yaml", 2, 27}}});
  CHECK(reader.read({"a.yaml", "include: c.yaml\n"}) == std::vector<FilePattern>{{"c.yaml", {"a.yaml", 1, 10}}});
  CHECK(reader.finish().value);
}

TEST_CASE("defaults of files that include each other lie one over the other") {
  ManifestReader reader(VariableSources{});
  reader.read({"sluice.yaml", "version: 1\ndefaults: {owner: main, prune: none}\ninclude: [a.yaml]\n"});
  reader.read({"a.yaml", "defaults: {owner: a}\ninclude: [b.yaml]\n"}, 0);
  reader.read({"c.yaml", "groups: [{name: ccc, swagger: c}]\n"}, 0);
  reader.read({"b.yaml", "groups: [{name: bbb, swagger: b}]\n"}, 1);
  const auto parsed = reader.finish();
  REQUIRE(parsed.value);
  CHECK(parsed.value->groups.at(0).owner == "main");
  CHECK(parsed.value->groups.at(1).owner == "a");
  CHECK(parsed.value->groups.at(1).prune == Prune::None);
}

TEST_CASE("one name in two files is an error that names both places") {
  CHECK(text_of(two(kGroup, "groups: [{name: pets, swagger: x}]\n").diagnostics) ==
        "teams/a.yaml:1:10: error group-twice: The group pets appears twice. It is also at sluice.yaml:3:5; join the "
        "two, or rename one.\n");
  const std::string gold = "ratelimits:\n  gold: {api-limit: 1, interval: 1, unit: DAY}\n";
  CHECK(text_of(two(gold + kGroup, gold).diagnostics) ==
        "teams/a.yaml:2:3: error policy-twice: ratelimit.gold is defined twice. It is also at sluice.yaml:2:3; remove "
        "one of them.\n");
}

struct Bad {
  std::string name;
  std::string text;
  std::string finding;  ///< its start: place, code and summary
};

/// Manifests that are refused: one sentence each, at its place.
const std::vector<Bad>& bad_manifests() {
  static const std::vector<Bad> rows = {
      {"empty list of files", "version: 1\ngroups: [{name: pets, swagger: []}]",
       "sluice.yaml:2:32: error swagger-missing: The group pets names no `swagger` file: its list is empty."},
      {"files in a map", "version: 1\ngroups: [{name: pets, swagger: {a: b}}]",
       "sluice.yaml:2:32: error key-shape: `swagger` is not a list."},
      {"a file that is a list", "version: 1\ngroups: [{name: pets, swagger: [[a]]}]",
       "sluice.yaml:2:33: error key-shape: `swagger` holds something that is not a text."},
      {"select with a typo", kGroup + "    select: {path: [/a]}\n",
       "sluice.yaml:5:14: error key-unknown: `path` is not a key of `select`. Did you mean `paths`?"},
      {"select that is a list", kGroup + "    select: [/a]\n",
       "sluice.yaml:5:13: error key-shape: `select` is not a map."},
      {"select of no method", kGroup + "    select: {methods: [FETCH]}\n",
       "sluice.yaml:5:24: error value-unknown: `methods` cannot hold \"FETCH\"."},
      {"select of a relative path", kGroup + "    select: {paths: [pets]}\n",
       "sluice.yaml:5:22: error select-path: \"pets\" in `select.paths` does not start with \"/\"."},
      {"exclude without a method", kGroup + "    select: {exclude: [/internal/**]}\n",
       "sluice.yaml:5:24: error operation-glob: \"/internal/**\" does not mean operations: it has no method"},
      {"overrides that are a map", kGroup + "    overrides: {match: x}\n",
       "sluice.yaml:5:16: error key-shape: `overrides` is not a list."},
      {"an override that is a text", kGroup + "    overrides: [x]\n",
       "sluice.yaml:5:17: error key-shape: An override is not a map."},
      {"an override with a typo", kGroup + "    overrides: [{match: GET /a, sett: {}}]\n",
       "sluice.yaml:5:33: error key-unknown: `sett` is not a key of an override. Did you mean `set`?"},
      {"an override without match", kGroup + "    overrides: [{set: {}}]\n",
       "sluice.yaml:5:17: error override-incomplete: An override has no `match`."},
      {"an override without set", kGroup + "    overrides: [{match: GET /a}]\n",
       "sluice.yaml:5:17: error override-incomplete: An override has no `set`."},
      {"an override of no method", kGroup + "    overrides: [{match: FETCH /a, set: {}}]\n",
       "sluice.yaml:5:25: error operation-glob: \"FETCH /a\" does not mean operations: \"FETCH\" is not a method."},
      {"an override of an unknown field", kGroup + "    overrides: [{match: GET /a, set: {x-apigateway-cor: true}}]\n",
       "sluice.yaml:5:39: error key-unknown: `x-apigateway-cor` is not a field of an API. Did you mean"},
      {"an override of the path", kGroup + "    overrides: [{match: GET /a, set: {path: /b}}]\n",
       "sluice.yaml:5:39: error override-identity: `path` cannot be overridden"},
      {"an override with a wrong number",
       kGroup + "    overrides: [{match: GET /a, set: {x-apigateway-backend: {httpEndpoints: {timeout: 5s}}}}]\n",
       "sluice.yaml:5:87: error key-shape: `timeout` is not a whole number."},
      {"plug-ins in a map", kGroup + "    operations: {plugins: {a: b}}\n",
       "sluice.yaml:5:27: error key-shape: `plugins` is not a list."},
      {"a policy with a typo", "ratelimits: {gold: {api-limt: 1, interval: 1, unit: DAY}}\n" + kGroup,
       "sluice.yaml:1:21: error key-unknown: `api-limt` is not a key of the throttling policy gold. Did you mean "
       "`api-limit`?"},
      {"a policy without its limit", "ratelimits: {gold: {interval: 1, unit: DAY}}\n" + kGroup,
       "sluice.yaml:1:20: error policy-value: The policy gold has no `api-limit`."},
      {"a policy with a limit of zero", "ratelimits: {gold: {api-limit: 0, interval: 1, unit: DAY}}\n" + kGroup,
       "sluice.yaml:1:32: error policy-value: `api-limit` of the policy gold is not a whole number from 1 to"},
      {"a policy with an unknown unit", "ratelimits: {gold: {api-limit: 1, interval: 1, unit: WEEK}}\n" + kGroup,
       "sluice.yaml:1:54: error policy-value: `unit` of the policy gold is not one of SECOND, MINUTE, HOUR, DAY."},
      {"a user limit above the API's",
       "ratelimits: {gold: {api-limit: 5, user-limit: 6, interval: 1, unit: DAY}}\n" + kGroup,
       "sluice.yaml:1:47: error policy-limit: `user-limit` of the policy gold is 6, above its `api-limit` of 5."},
      {"an app limit above the user's",
       "ratelimits: {gold: {api-limit: 9, user-limit: 5, app-limit: 6, interval: 1, unit: DAY}}\n" + kGroup,
       "sluice.yaml:1:61: error policy-limit: `app-limit` of the policy gold is 6, above its `user-limit` of 5."},
      {"a special limit without an instance",
       "ratelimits: {gold: {api-limit: 9, interval: 1, unit: DAY, special: [{type: APP, limit: 1}]}}\n" + kGroup,
       "sluice.yaml:1:69: error policy-value: The policy gold has no `instance`."},
      {"a policy that is a text", "acls: {office: yes}\n" + kGroup,
       "sluice.yaml:1:16: error key-shape: The policy office is not a map."},
      {"a policy name with a blank", "acls: {my office: {acl-type: PERMIT, value: 1.1.1.1}}\n" + kGroup,
       "sluice.yaml:1:8: error policy-name: \"my office\" cannot be the name of a policy."},
      {"an ACL without a value", "acls: {office: {acl-type: PERMIT, entity-type: IP}}\n" + kGroup,
       "sluice.yaml:1:16: error policy-value: The policy office has no `value`."},
      {"an ACL of an unknown type", "acls: {office: {acl-type: ALLOW, value: 1.1.1.1}}\n" + kGroup,
       "sluice.yaml:1:27: error policy-value: `acl-type` of the policy office is not one of PERMIT, DENY."},
      {"an external API", "external: ['group.pets']\n" + kGroup,
       "sluice.yaml:1:12: error external-address: \"group.pets\" is not the address of a throttling or access"},
      {"external and defined",
       "external: [ratelimit.gold]\nratelimits: {gold: {api-limit: 9, interval: 1, unit: DAY}}\n" + kGroup,
       "sluice.yaml:2:14: error policy-external: ratelimit.gold is defined here, and `external` says that it is not"},
      {"include in a map", "include: {a: b}\n" + kGroup, "sluice.yaml:1:10: error key-shape: `include` is not a list."},
      {"an unset variable in a list", kGroup + "    environments: ['${ENV}']\n",
       "sluice.yaml:5:20: error variable-unset: The variable ENV is not set."},
      {"a variable that cannot be one", kGroup + "    owner: ${MY-TEAM}\n",
       "sluice.yaml:5:12: error variable-syntax: \"MY-TEAM\" cannot be the name of a variable."},
      {"a credential as a variable", kGroup + "    owner: ${SLUICE_TOKEN}\n",
       "sluice.yaml:5:12: error variable-credential: SLUICE_TOKEN holds a credential, and is never expanded."},
      {"a group renamed from itself", kGroup + "    renamed_from: pets\n",
       "sluice.yaml:5:19: error renamed-from: The group pets is renamed from its own name."},
      {"two groups that swap their names",
       kGroup + "    renamed_from: other\n  - {name: other, swagger: o.json, renamed_from: pets}\n",
       "sluice.yaml:5:19: error renamed-from: The group pets is renamed from other, which is in the end renamed from "
       "pets."},
      {"two groups renamed from one",
       kGroup + "    renamed_from: old\n  - {name: other, swagger: o.json, renamed_from: old}\n",
       "sluice.yaml:6:50: error renamed-from: Two groups are renamed from old, pets and other."},
      {"a former name for all groups", "defaults: {renamed_from: old}\n" + kGroup,
       "error key-unknown: `renamed_from` is not a key of `defaults`."},
      {"moved is no list", "moved: {from: a}\n" + kGroup, "sluice.yaml:1:8: error key-shape: `moved` is not a list."},
      {"moved from no operations", "moved: [{from: 'ratelimit.gold', to: group.pets}]\n" + kGroup,
       "sluice.yaml:1:16: error moved-address: `from: ratelimit.gold` of `moved` names no APIs of a group."},
      {"moved without a target", "moved: [{from: 'api.old[\"* /a/**\"]'}]\n" + kGroup,
       "sluice.yaml:1:9: error moved-address: A line of `moved` has no `to`."},
      {"moved to no group", "moved: [{from: 'api.old[\"* /a/**\"]', to: pets}]\n" + kGroup,
       "error moved-address: `to: pets` of `moved` names no group."},
      {"moved into itself", "moved: [{from: 'group.pets', to: group.pets}]\n" + kGroup,
       "error moved-address: `to: group.pets` of `moved` is the group that they come from."},
      {"moved to a group that is not there", "moved: [{from: 'api.old[\"* /a/**\"]', to: group.nowhere}]\n" + kGroup,
       "sluice.yaml:1:9: error moved-nowhere: `moved` leads to group.nowhere, and the manifest has no such group."},
  };
  return rows;
}

TEST_CASE("bad manifests are refused with a place, a sentence and what to do") {
  CHECK(bad_manifests().size() >= 25);
  for (const Bad& row : bad_manifests()) {
    INFO(row.name);
    const auto parsed = parse_manifest({"sluice.yaml", row.text}, {});
    CHECK_FALSE(parsed.value);
    REQUIRE_FALSE(parsed.diagnostics.empty());
    INFO(text_of(parsed.diagnostics));
    CHECK(contains(text_of(parsed.diagnostics), row.finding));
    for (const Diagnostic& diagnostic : parsed.diagnostics) {
      CHECK_FALSE(diagnostic.detail.empty());
      CHECK(diagnostic.at.line > 0);
    }
  }
}

TEST_CASE("an included file has neither gateway nor state, and needs no version") {
  CHECK(contains(text_of(two(kGroup, "gateway: {provider: embedded}\n").diagnostics),
                 "teams/a.yaml:1:1: error include-key: An included file has a `gateway`."));
  CHECK(contains(text_of(two(kGroup, "state: x.db\n").diagnostics), "teams/a.yaml:1:1: error include-key"));
  CHECK(contains(text_of(two(kGroup, "version: 2\n").diagnostics), "teams/a.yaml:1:10: error manifest-version"));
  CHECK(contains(text_of(two(kGroup, "- a\n").diagnostics), "teams/a.yaml:1:1: error manifest-shape"));
  CHECK(contains(text_of(two(kGroup, "a: [\n").diagnostics), "teams/a.yaml:2:1: error syntax"));
  CHECK(two(kGroup, "version: 1\n").value);
  CHECK(two("version: 1\ninclude: [x]\n", "groups: []\n").value->groups.empty());
}

}  // namespace
}  // namespace sluice
