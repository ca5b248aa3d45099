#include "plan/manifest.h"

#include "tests/plan/support.h"

namespace sluice {
namespace {

using test::contains;
using test::text_of;

Parsed<Manifest> read(const std::string& text, const Variables& variables = {}) {
  return parse_manifest({"sluice.yaml", text}, variables);
}

/// The manifest, which must be whole.
Manifest good(const std::string& text, const Variables& variables = {}) {
  Parsed<Manifest> parsed = read(text, variables);
  INFO(text_of(parsed.diagnostics));
  REQUIRE(parsed.value);
  CHECK(parsed.diagnostics.empty());
  return std::move(*parsed.value);
}

/// The findings of a manifest, which must be refused.
std::string findings(const std::string& text, const Variables& variables = {}) {
  const Parsed<Manifest> parsed = read(text, variables);
  CHECK_FALSE(parsed.value);
  return text_of(parsed.diagnostics);
}

const std::string kPets = "version: 1\ngroups:\n  - name: pets\n    swagger: pets.yaml\n";

TEST_CASE("a short manifest gets the documented defaults") {
  const Manifest manifest = good(kPets);
  CHECK_FALSE(manifest.gateway.given);
  CHECK(manifest.gateway.provider == "embedded");
  CHECK(manifest.gateway.data == ".sluice/gateway.db");
  CHECK(manifest.gateway.apis_per_import == 300);
  CHECK(manifest.state == ".sluice/state.db");
  REQUIRE(manifest.groups.size() == 1);
  const GroupSettings& group = manifest.groups[0];
  CHECK(group.name == "pets");
  CHECK(group.swagger == std::vector<FilePattern>{{"pets.yaml", {"sluice.yaml", 4, 14}}});
  CHECK_FALSE(group.description);
  CHECK(group.environments == std::vector<std::string>{"RELEASE"});
  CHECK(group.prune == Prune::Managed);
  CHECK(group.operations.name == "{operationId}");
  CHECK_FALSE(group.operations.security);
  CHECK_FALSE(group.operations.backend);
  CHECK(to_string(group.at) == "sluice.yaml:3:5");
}

TEST_CASE("every built key is read, from YAML and from JSON") {
  const Manifest manifest = good(R"(version: 1
gateway:
  provider: apig
  cloud: otc
  region: eu-de
  endpoint: https://apig.example.com
  iam_endpoint: https://iam.example.com
  project_id: 42
  instance_id: i1
  ca_file: ca.pem
  limits: {apis_per_import: "50"}
state: s.db
groups:
  - name: pets
    description: ""
    owner: team-pets
    swagger: pets.yaml
    environments: [TEST, RELEASE, TEST]
    prune: none
    api_mode: auto
    extend_mode: auto
    unsupported: error
    operations:
      name: "{method}_{path}"
      auth: authorizer my-function
      request_type: private
      schemes: [http, https]
      parameters: all
      response: errors
      backend: {address: "h:80", timeout: 3000}
)");
  CHECK(manifest.gateway.given);
  CHECK(manifest.gateway.cloud == "otc");
  CHECK(manifest.gateway.project_id == "42");
  CHECK(manifest.gateway.instance_id == "i1");
  CHECK(manifest.gateway.ca_file == "ca.pem");
  CHECK(manifest.gateway.apis_per_import == 50);
  CHECK(manifest.state == "s.db");
  const GroupSettings& group = manifest.groups.at(0);
  CHECK(group.description == std::optional<std::string>(""));
  CHECK(group.owner == "team-pets");
  CHECK(group.environments == std::vector<std::string>{"TEST", "RELEASE"});
  CHECK(group.prune == Prune::None);
  CHECK(group.operations.name == "{method}_{path}");
  CHECK(write_json(*group.operations.security) == R"({"type":"AUTHORIZER","authorizer":"my-function"})");
  CHECK(group.operations.request_type == "private");
  CHECK(write_json(*group.operations.schemes) == R"(["http","https"])");
  CHECK(group.operations.forward_all_parameters);
  CHECK(group.operations.response == "errors");
  CHECK(write_json(*group.operations.backend) == R"({"address":"h:80","timeout":3000,"type":"HTTP"})");

  const Manifest from_json =
      good(R"({"version": 1, "groups": [{"name": "pets", "swagger": "p", "environments": []}]})");
  CHECK(from_json.groups.at(0).environments.empty());
  CHECK(good("version: 1\ngroups: []\n").groups.empty());
}

TEST_CASE("variables are expanded in texts, with defaults and an escape") {
  const Variables variables = {{"A", "one"}, {"EMPTY", ""}, {"WITH", "${A}"}};
  const auto owner = [&](const std::string& text) {
    return good(kPets + "    owner: " + text + "\n", variables).groups[0].owner;
  };
  CHECK(owner("${A}") == "one");
  CHECK(owner("x${A}y${A}z") == "xoneyonez");
  CHECK(owner("\"${B:-two}\"") == "two");
  CHECK(owner("\"${B:-}\"").empty());
  CHECK(owner("\"${A:-two}\"") == "one");
  CHECK(owner("\"${EMPTY:-two}\"").empty());
  CHECK(owner("$${A}") == "${A}");
  CHECK(owner("a$${A}${A}") == "a${A}one");
  CHECK(owner("$A") == "$A");
  CHECK(owner("${WITH}") == "${A}");  // a value is not read again
  CHECK(good("version: 1\ngroups:\n- {name: \"${A}s\", swagger: x, environments: [\"${A}\"]}", variables)
            .groups[0]
            .environments == std::vector<std::string>{"one"});
}

TEST_CASE("a variable that is unset, not closed or secret is an error at its text") {
  CHECK(findings(kPets + "    owner: ${TEAM}\n") ==
        "sluice.yaml:5:12: error variable-unset: The variable TEAM is not set. Set it with --var TEAM=VALUE or in the "
        "environment, or give a default: ${TEAM:-VALUE}.\n");
  CHECK(findings(kPets + "    owner: a ${TEAM\n") ==
        "sluice.yaml:5:12: error variable-syntax: A variable is not closed. Write ${NAME}, or $${ for a literal ${.\n");
  CHECK(findings(kPets + "    owner: ${secret:TEAM}\n") ==
        "sluice.yaml:5:12: error secret-place: `owner` cannot hold a secret. Secrets may stand in the values of "
        "`operations.backend`, `overrides`, `ratelimits` and `acls`.\n"
        "sluice.yaml:5:12: error secret-unset: The secret TEAM is not set in the environment. Set the environment "
        "variable TEAM; secrets are read from nowhere else.\n");
}

TEST_CASE("an unknown key is an error at the key, with the nearest known one") {
  CHECK(findings("version: 1\ngroup: []\ngroups:\n  - name: pets\n    swager: x\n    swagger: x\n") ==
        "sluice.yaml:2:1: error key-unknown: `group` is not a key of the manifest. Did you mean `groups`?\n"
        "sluice.yaml:5:5: error key-unknown: `swager` is not a key of a group. Did you mean `swagger`?\n");
  CHECK(findings("version: 1\ngateway: {providr: apig}\ngroups: []\n") ==
        "sluice.yaml:2:11: error key-unknown: `providr` is not a key of `gateway`. Did you mean `provider`?\n");
  CHECK(findings("version: 1\ngateway: {limits: {whatever: 1}}\ngroups: []\n") ==
        "sluice.yaml:2:20: error key-unknown: `whatever` is not a key of `limits`. Known keys are apis_per_import, "
        "requests_per_second.\n");
  CHECK(contains(findings(kPets + "    operations: {auht: app}\n"),
                 "sluice.yaml:5:18: error key-unknown: `auht` is not a key of `operations`. Did you mean `auth`?"));
  CHECK(contains(findings(kPets + "    operations: {backend: {adress: x, address: h}}\n"),
                 "sluice.yaml:5:28: error key-unknown: `adress` is not a key of `backend`. Did you mean `address`?"));
  CHECK(contains(findings("version: 1\ndefaults: {prun: none}\n" + kPets.substr(11)),
                 "sluice.yaml:2:12: error key-unknown: `prun` is not a key of `defaults`. Did you mean `prune`?"));
}

TEST_CASE("defaults are checked even when no group uses them, and hold neither name nor swagger") {
  CHECK(contains(findings("version: 1\ndefaults: {prun: none}\ngroups: []\n"), "sluice.yaml:2:12: error key-unknown"));
  CHECK(contains(findings("version: 1\ndefaults: {swagger: x}\ngroups: [{name: pets}]\n"),
                 "sluice.yaml:2:12: error key-unknown: `swagger` is not a key of `defaults`."));
  CHECK(contains(findings("version: 1\ndefaults: {name: pets}\ngroups: [{swagger: x}]\n"),
                 "sluice.yaml:2:12: error key-unknown: `name` is not a key of `defaults`."));
}

TEST_CASE("a state is a file or in PostgreSQL") {
  for (const std::string state : {"state.db", "postgres://ann@db/infra?name=prod", "postgresql:///infra"}) {
    const auto parsed = read("state: " + state + "\n" + kPets);
    REQUIRE(parsed.value);
    CHECK(parsed.value->state == state);
  }
}

TEST_CASE("keys of the contract that are not carried out say so") {
  const std::string rows[] = {
      "jobs: []\n" + kPets,
      "state: https://example.com/state\n" + kPets,
      "gateway: {provider: dataarts}\n" + kPets,
  };
  for (const std::string& text : rows) {
    INFO(text);
    const auto parsed = read(text);
    CHECK_FALSE(parsed.value);
    REQUIRE(parsed.diagnostics.size() == 1);
    CHECK(parsed.diagnostics[0].code == "not-built");
    CHECK(contains(parsed.diagnostics[0].summary, "not built yet"));
    CHECK(parsed.diagnostics[0].at.line > 0);
  }
}

TEST_CASE("`ignore` and `protect` are read with their places, after those of the defaults") {
  const Manifest manifest = good(R"(version: 1
defaults:
  ignore: [{path: /tags}]
  protect: ["DELETE /**"]
groups:
  - name: pets
    swagger: pets.yaml
    ignore:
      - {path: "/parameters/query:limit", api: "GET /pets", reason: by hand, until: 2027-01-31}
    protect: ["* /pets/*"]
  - {name: all, swagger: pets.yaml, protect: true, ignore: []}
  - {name: none, swagger: pets.yaml, protect: false}
)");
  const GroupSettings& pets = manifest.groups.at(0);
  REQUIRE(pets.ignore.size() == 2);
  CHECK(pets.ignore[0].path == "/tags");
  CHECK(to_string(pets.ignore[0].at) == "sluice.yaml:3:12");
  CHECK(pets.ignore[1].api == "GET /pets");
  CHECK(pets.ignore[1].reason == "by hand");
  CHECK(pets.ignore[1].until == "2027-01-31");
  CHECK(to_string(pets.ignore[1].at) == "sluice.yaml:9:9");
  REQUIRE(pets.protect.size() == 2);
  CHECK(pets.protect[0].operations == "DELETE /**");
  CHECK(to_string(pets.protect[1].at) == "sluice.yaml:10:15");
  const GroupSettings& all = manifest.groups.at(1);
  REQUIRE(all.protect.size() == 1);
  CHECK(all.protect[0].operations.empty());
  CHECK(all.ignore.empty());
  CHECK(manifest.groups.at(2).protect.empty());
}

TEST_CASE("defaults lie under each group: maps are merged, lists append, the rest is the group's own") {
  const Manifest manifest = good(R"(version: 1
defaults:
  owner: everybody
  environments: [TEST]
  prune: none
  operations:
    auth: app
    schemes: [https]
    backend: {type: HTTP, address: "default:80", timeout: 3000}
groups:
  - {name: one, swagger: x}
  - name: two
    swagger: x
    owner: team-two
    environments: [RELEASE, TEST]
    prune: managed
    operations:
      schemes: [http]
      backend: {type: MOCK}
)");
  const GroupSettings& one = manifest.groups.at(0);
  const GroupSettings& two = manifest.groups.at(1);
  CHECK(one.owner == "everybody");
  CHECK(one.environments == std::vector<std::string>{"TEST"});
  CHECK(one.prune == Prune::None);
  CHECK(one.operations.backend->text("address") == "default:80");
  CHECK(two.owner == "team-two");
  CHECK(two.environments == std::vector<std::string>{"TEST", "RELEASE"});
  CHECK(two.prune == Prune::Managed);
  CHECK(write_json(*two.operations.security) == R"({"type":"app"})");
  CHECK(write_json(*two.operations.schemes) == R"(["https","http"])");
  CHECK(write_json(*two.operations.backend) == R"({"type":"MOCK"})");  // a backend is replaced as a whole
}

TEST_CASE("an empty list of a group, or of a file that is included, wins over the default") {
  const auto environments = [](const std::string& own) {
    const auto parsed =
        parse_manifest({"sluice.yaml",
                        "version: 1\ndefaults: {environments: [RELEASE], operations: {plugins: [cors]}}\n"
                        "groups: [{name: pets, swagger: x" +
                            own + "}]\n"},
                       {});
    REQUIRE(parsed.value);
    return std::pair(parsed.value->groups.at(0).environments, parsed.value->groups.at(0).operations.plugins);
  };
  using List = std::vector<std::string>;
  CHECK(environments("") == std::pair(List{"RELEASE"}, List{"cors"}));
  CHECK(environments(", environments: []") == std::pair(List{}, List{"cors"}));
  CHECK(environments(", environments: [TEST], operations: {plugins: []}") ==
        std::pair(List{"RELEASE", "TEST"}, List{}));
}

TEST_CASE("a fault in the defaults is told once, however many groups use them") {
  CHECK(findings("version: 1\ndefaults: {prune: some}\ngroups: [{name: one, swagger: x}, {name: two, swagger: x}]\n") ==
        "sluice.yaml:2:19: error value-unknown: `prune` cannot be \"some\". Choose one of none, managed, all.\n");
}

TEST_CASE("two groups with one name are an error that names both places") {
  CHECK(findings(kPets + "  - {name: pets, swagger: other.yaml}\n") ==
        "sluice.yaml:5:5: error group-twice: The group pets appears twice. It is also at sluice.yaml:3:5; join the "
        "two, or rename one.\n");
}

TEST_CASE("names that a gateway refuses are found here") {
  const auto group = [](const std::string& name) {
    return !read("version: 1\ngroups: [{swagger: x, name: '" + name + "'}]\n").value.has_value();
  };
  CHECK(group("ab"));
  CHECK(group(""));
  CHECK(group("-abc"));
  CHECK(group("a b c"));
  CHECK(group("a\"bc"));
  CHECK(group(std::string(256, 'a')));
  CHECK_FALSE(group("abc"));
  CHECK_FALSE(group("a.b/c:(d)_e-f"));
  CHECK_FALSE(group("9abc"));
  CHECK_FALSE(group("宠物店"));
  CHECK_FALSE(group(std::string(255, 'a')));
  CHECK(
      findings("version: 1\ngroups: [{swagger: x, name: a b}]\n") ==
      "sluice.yaml:2:29: error group-name: \"a b\" cannot be the name of a group. A name has 3 to 255 letters, digits "
      "and -_./(): and starts with a letter or digit.\n");
  CHECK(contains(findings("version: 1\ngroups: [{swagger: x}]\n"),
                 "sluice.yaml:2:10: error group-name: A group has no `name`."));
  const auto environment = [](const std::string& name) {
    return !read(kPets + "    environments: ['" + name + "']\n").value.has_value();
  };
  CHECK(environment("ab"));
  CHECK(environment("1abc"));
  CHECK(environment("a-b"));
  CHECK(environment(std::string(65, 'a')));
  CHECK_FALSE(environment(std::string(64, 'a')));
  CHECK_FALSE(environment("DEV_1"));
  CHECK(contains(findings(kPets + "    environments: [RELEASE, no]\n"),
                 "sluice.yaml:5:29: error environment-name: \"no\" cannot be the name of an environment."));
}

TEST_CASE("credentials come from a command that is a list of words, and requests have a rate") {
  const auto read = [](const std::string& gateway) {
    return findings("version: 1\ngateway: {" + gateway + "}\ngroups: []\n");
  };
  const auto parsed =
      parse_manifest({"sluice.yaml",
                      "version: 1\ngateway: {credentials: {command: [./t, a b]}, limits: {requests_per_second: 5}, "
                      "cert_file: c, key_file: k, region: eu-de, iam_endpoint: \"https://i\"}\ngroups: []\n"},
                     {});
  REQUIRE(parsed.value);
  const GatewaySettings& gateway = parsed.value->gateway;
  CHECK(gateway.credentials_command == std::vector<std::string>{"./t", "a b"});
  CHECK(gateway.requests_per_second == 5);
  CHECK(gateway.cert_file == "c");
  CHECK(gateway.key_file == "k");
  CHECK(gateway.region == "eu-de");
  CHECK(gateway.iam_endpoint == "https://i");
  for (const std::string wrong : {"credentials: {command: ./get-token.sh}", "credentials: {command: []}",
                                  "credentials: {}", "credentials: {command: [1]}", "credentials: {command: ['']}"}) {
    INFO(wrong);
    CHECK(contains(read(wrong), "error value-unknown: `credentials` has no `command` that is a list of texts."));
  }
  CHECK(contains(read("credentials: {token: x}"), "error key-unknown: `token` is not a key of `credentials`."));
  CHECK(contains(read("limits: {requests_per_second: 0}"), "error value-unknown"));
}

TEST_CASE("switches and faults are read for the embedded gateway, and for no other") {
  const auto parsed = parse_manifest(
      {"sluice.yaml",
       "version: 1\ngateway: {quirks: {override: replace, concurrent_tasks: 1}, faults: faults.yaml}\ngroups: []\n"},
      {});
  REQUIRE(parsed.value);
  using Quirks = std::map<std::string, std::string>;
  CHECK(parsed.value->gateway.quirks == Quirks{{"concurrent_tasks", "1"}, {"override", "replace"}});
  CHECK(parsed.value->gateway.faults == "faults.yaml");
  CHECK(contains(findings("version: 1\ngateway: {quirks: [a]}\ngroups: []\n"), "sluice.yaml:2:19: error"));
  const std::string cloud = "version: 1\ngateway: {provider: apig, region: eu-de, project_id: p, instance_id: i, ";
  CHECK(contains(findings(cloud + "quirks: {override: keep}}\ngroups: []\n"),
                 "error gateway-embedded: `quirks` is for the embedded gateway only."));
  CHECK(contains(findings(cloud + "faults: f.yaml}\ngroups: []\n"),
                 "error gateway-embedded: `faults` is for the embedded gateway only."));
}

TEST_CASE("a region stands for an endpoint that is not given") {
  const std::string gateway = "version: 1\ngateway: {provider: apig, project_id: p, instance_id: i";
  CHECK(parse_manifest({"sluice.yaml", gateway + ", region: eu-de}\ngroups: []\n"}, {}).value);
  CHECK(parse_manifest({"sluice.yaml", gateway + "}\ngroups: []\n"}, {{"HW_REGION_NAME", "eu-de"}}).value);
  CHECK(contains(findings(gateway + "}\ngroups: []\n"), "no `endpoint`"));
}

TEST_CASE("the provider apig needs endpoint, project and instance") {
  CHECK(findings("version: 1\ngateway: {provider: apig, project_id: p}\ngroups: []\n") ==
        "sluice.yaml:2:10: error gateway-incomplete: `gateway` of provider apig has no `endpoint`. Add the address of "
        "the service, such as https://apig.eu-de.otc.t-systems.com, or a `region`.\n"
        "sluice.yaml:2:10: error gateway-incomplete: `gateway` of provider apig has no `instance_id`. Add it; the "
        "console shows it.\n");
}

TEST_CASE("a backend says what its type needs") {
  const auto backend = [](const std::string& text) {
    return read(kPets + "    operations: {backend: " + text + "}\n");
  };
  CHECK(backend("{address: h}").value);
  CHECK(backend("{type: HTTP-VPC, channel: c}").value);
  CHECK(backend("{type: FUNCTION, function_urn: u}").value);
  CHECK(backend("{type: MOCK}").value);
  for (const auto& [text, key] : std::vector<std::pair<std::string, std::string>>{
           {"{}", "address"}, {"{type: HTTP-VPC, address: h}", "channel"}, {"{type: FUNCTION}", "function_urn"}}) {
    CHECK(
        contains(text_of(backend(text).diagnostics), "sluice.yaml:5:27: error backend-incomplete: A backend of type "));
    CHECK(contains(text_of(backend(text).diagnostics), "has no `" + key + "`"));
  }
  CHECK(contains(text_of(backend("{type: http}").diagnostics),
                 "value-unknown: `type` cannot be \"http\". Choose one of "
                 "HTTP, HTTP-VPC, FUNCTION, MOCK."));
}

TEST_CASE("values of the wrong kind or word are told with their place") {
  struct Row {
    std::string text;
    std::string finding;
  };
  const Row rows[] = {
      {"[]", "sluice.yaml:1:1: error manifest-shape: The manifest is not a map."},
      {"", "sluice.yaml:1:1: error manifest-shape: The manifest is not a map."},
      {"version: 1\n", "sluice.yaml:1:1: error manifest-shape: The manifest has no list of `groups`."},
      {"version: 1\ngroups: {}\n", "sluice.yaml:2:9: error manifest-shape: The manifest has no list of `groups`."},
      {"groups: []\n", "sluice.yaml:1:1: error manifest-version: The manifest does not say its version."},
      {"version: 2\ngroups: []\n", "sluice.yaml:1:10: error manifest-version"},
      {"version: 1\ngroups: [x]\n", "sluice.yaml:2:10: error key-shape: A group is not a map."},
      {"version: 1\ngateway: x\ngroups: []\n", "sluice.yaml:2:10: error key-shape: `gateway` is not a map."},
      {"version: 1\ngateway: {cloud: aws}\ngroups: []\n",
       "sluice.yaml:2:18: error value-unknown: `cloud` cannot be \"aws\". Choose one of huawei, otc."},
      {"version: 1\ngateway: {limits: {apis_per_import: 0}}\ngroups: []\n", "sluice.yaml:2:37: error value-unknown"},
      {"version: 1\ngateway: {limits: {apis_per_import: 5x}}\ngroups: []\n", "sluice.yaml:2:37: error value-unknown"},
      {"version: 1\ngroups: [{name: pets}]\n",
       "sluice.yaml:2:10: error swagger-missing: The group pets names no `swagger` file."},
      {kPets + "    owner: [x]\n", "sluice.yaml:5:12: error key-shape: `owner` is not a text."},
      {kPets + "    environments: RELEASE\n", "sluice.yaml:5:19: error key-shape: `environments` is not a list."},
      {kPets + "    api_mode: replace\n", "sluice.yaml:5:15: error value-unknown: `api_mode` cannot be \"replace\"."},
      {kPets + "    operations: {auth: basic}\n",
       "sluice.yaml:5:24: error value-unknown: `auth` cannot be \"basic\". Choose one of none, app, iam, authorizer "
       "NAME."},
      {kPets + "    operations: {auth: 'authorizer '}\n", "error value-unknown: `auth` cannot be \"authorizer \"."},
      {kPets + "    operations: {schemes: [ftp]}\n", "sluice.yaml:5:27: error value-unknown: `schemes`"},
      {kPets + "    operations: {parameters: some}\n", "error value-unknown: `parameters` cannot be \"some\"."},
      {kPets + "    operations: {request_type: inner}\n", "error value-unknown: `request_type` cannot be \"inner\"."},
      {kPets + "    name: twice\n", "sluice.yaml:5:5: error syntax: The file is not valid YAML"},
  };
  for (const Row& row : rows) {
    INFO(row.text);
    const std::string text = findings(row.text);
    INFO(text);
    CHECK(contains(text, row.finding));
  }
}

TEST_CASE("everything that is wrong is told at once, in the order of the file") {
  CHECK(findings("version: 3\nstat: x\ngroups:\n  - name: a\n    prune: x\n") ==
        "sluice.yaml:1:10: error manifest-version: The manifest's version is 3, and this Sluice reads version 1. Write "
        "`version: 1`.\n"
        "sluice.yaml:2:1: error key-unknown: `stat` is not a key of the manifest. Did you mean `state`?\n"
        "sluice.yaml:4:5: error swagger-missing: The group a names no `swagger` file. Add `swagger: FILE`, relative to "
        "the manifest.\n"
        "sluice.yaml:4:11: error group-name: \"a\" cannot be the name of a group. A name has 3 to 255 letters, digits "
        "and -_./(): and starts with a letter or digit.\n"
        "sluice.yaml:5:12: error value-unknown: `prune` cannot be \"x\". Choose one of none, managed, all.\n");
}

TEST_CASE("a byte order mark does not move the places of findings") {
  CHECK(contains(findings("\xEF\xBB\xBFversion: 1\nstat: x\ngroups: []\n"), "sluice.yaml:2:1: error key-unknown"));
  CHECK(contains(findings("\xEF\xBB\xBF{\"version\": 1,\n\"stat\": 1, \"groups\": []}"),
                 "sluice.yaml:2:1: error key-unknown"));
}

}  // namespace
}  // namespace sluice
