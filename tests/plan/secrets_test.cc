#include "plan/secrets.h"

#include "plan/import_document.h"
#include "plan/limits.h"
#include "tests/plan/support.h"

namespace sluice {
namespace {

using test::api;
using test::body;
using test::contains;
using test::json;
using test::text_of;

using std::string_literals::operator""s;

const std::string kMark = as_mark("Bearer " + secret_piece("TOKEN"));

SecretVault vault(const std::string& token = "tok-1", const std::string& key = "k") {
  Secrets secrets;
  secrets.emplace("TOKEN", Secret(token));
  return {Secret(key), std::move(secrets)};
}

/// An API that sends `value` to its backend in a header.
Value with_header(const Value& value) {
  Value parameter = json(R"({"in": "header", "name": "X-Tenant", "origin": "CONSTANT"})");
  Value backend = *body("GET", "/pets", "listPets").find("x-apigateway-backend");
  backend.set("parameters", Value::array({parameter.set("value", value)}));
  return test::with(body("GET", "/pets", "listPets"), "x-apigateway-backend", backend);
}

TEST_CASE("a mark names its secrets, is shown as it was written, and does not start with anything of its own") {
  CHECK(is_mark(kMark));
  CHECK(is_mark(as_mark("/hook/" + secret_piece("TOKEN"))));
  CHECK(as_mark("/hook/" + secret_piece("TOKEN")).starts_with("/hook/"));
  CHECK_FALSE(is_mark("Bearer"));
  CHECK(with_marks_shown(json("[]").push(kMark).push("x")) == json(R"(["Bearer ${secret:TOKEN}", "x"])"));
}

TEST_CASE("a secret becomes a keyed hash in what the files ask for") {
  ResourceMap desired = test::resources({api(with_header(kMark)), api(body("PUT", "/pets", "putPets"))});
  SecretVault secrets = vault();
  CHECK(secrets.seal(desired).empty());
  const Resource& sealed = desired.begin()->second;
  const std::string text = write_json(sealed.body);
  CHECK(contains(text, "\"value\":\"secret:hmac-sha256:"));
  CHECK_FALSE(contains(text, "tok-1"));
  CHECK(holds_mask(text));
  CHECK_FALSE(holds_mark(sealed.body));
  CHECK(sealed.digest == digest_of(sealed.body, schema_of("api").fields));
  CHECK(write_json(sensitive_parts(sealed.body)) == R"({"x-apigateway-backend":{"parameters":[{"value":true}]}})");
  CHECK(contains(with_masks_hidden(text), "\"value\":(sensitive)}"));

  const auto digest_with = [](const std::string& token, const std::string& key) {
    ResourceMap other = test::resources({api(with_header(kMark))});
    SecretVault one = vault(token, key);
    one.seal(other);
    return other.begin()->second.digest;
  };
  CHECK(digest_with("tok-1", "k") == sealed.digest);
  CHECK(digest_with("tok-2", "k") != sealed.digest);
  CHECK(digest_with("tok-1", "other") != sealed.digest);
}

TEST_CASE("what the gateway holds is masked in the same places, and served versions are too") {
  ResourceMap desired = test::resources({api(with_header(kMark))});
  SecretVault secrets = vault();
  secrets.seal(desired);
  const Resource same = api(with_header("Bearer tok-1"));
  const Resource other = api(body("PUT", "/pets", "Bearer tok-1"));  // a name
  ResourceMap live = test::resources({same, test::published(same), other});
  secrets.mask(live);
  CHECK(live.at(same.address).digest == desired.begin()->second.digest);
  CHECK(live.at(Address::publication(same.address, "RELEASE")).digest == desired.begin()->second.digest);
  CHECK(live.at(other.address).digest == other.digest);
  ResourceMap rotated = test::resources({api(with_header("Bearer tok-0"))});
  secrets.mask(rotated);
  CHECK(rotated.begin()->second.digest != desired.begin()->second.digest);
  CHECK_FALSE(contains(write_json(rotated.begin()->second.body), "tok-0"));
  const std::string once = write_json(rotated.begin()->second.body);
  secrets.mask(rotated);  // twice is once
  CHECK(write_json(rotated.begin()->second.body) == once);
}

TEST_CASE("the base alone says where to mask, without the manifest") {
  ResourceMap desired = test::resources({api(with_header(kMark))});
  SecretVault at_apply = vault();
  at_apply.seal(desired);
  SecretVault later({Secret("k"), {}});
  later.expect(desired.begin()->first, write_json(desired.begin()->second.body));
  ResourceMap live = test::resources({api(with_header("Bearer tok-1"))});
  later.mask(live);
  CHECK(live.begin()->second.digest == desired.begin()->second.digest);
}

TEST_CASE("a value that becomes a secret is masked in the base, and written anew") {
  const Resource plain = api(with_header("Bearer tok-1"));
  Baseline baseline = test::base({plain, test::published(plain)});
  ResourceMap desired = test::resources({api(with_header(kMark))});
  SecretVault secrets = vault();
  secrets.seal(desired);
  secrets.mask(baseline);
  CHECK_FALSE(contains(baseline.bodies.at(plain.address), "tok-1"));
  LiveState live = test::live({plain, test::published(plain)});
  secrets.mask(live.resources);
  const GroupDiff diff = diff_group(baseline, {desired}, live, test::options({"RELEASE"}));
  CHECK(text_of(diff.changes).empty());
  CHECK(diff.records.size() == 2);
  CHECK(diff.drift.empty());
}

TEST_CASE("a secret that the files give in plain now is plain where it is the same, and hidden where it is not") {
  const auto with_base = [](const std::string& plain, const std::string& live_value) {
    ResourceMap before = test::resources({api(with_header(kMark))});
    SecretVault at_apply = vault();
    at_apply.seal(before);
    Resource old = before.begin()->second;
    Baseline baseline = test::base({old, test::published(old)});
    ResourceMap desired = test::resources({api(with_header(plain))});
    SecretVault secrets({Secret("k"), {}});
    secrets.seal(desired);
    secrets.expect(old.address, baseline.bodies.at(old.address));
    secrets.mask(baseline);
    const Resource held = api(with_header(live_value));
    LiveState live = test::live({held, test::published(held)});
    secrets.mask(live.resources);
    const GroupDiff diff = diff_group(baseline, {desired}, live, test::options({"RELEASE"}));
    CHECK(diff.drift.empty());
    std::string said;
    for (const Change& change : diff.changes) {
      for (const FieldChange& field : change.fields)
        said += with_masks_hidden(write_json(field.before) + " -> " + write_json(field.after)) + " ";
    }
    return std::pair(said, diff.records.size());
  };
  CHECK(with_base("Bearer tok-1", "Bearer tok-1") == std::pair(std::string(), std::size_t{2}));
  CHECK(with_base("plain", "Bearer tok-1").first == "(sensitive) -> \"plain\" ");

  // After the apply the gateway has the plain value, and the predicted digest is seen.
  ResourceMap desired = test::resources({api(with_header("plain"))});
  SecretVault later({Secret("k"), {}});
  later.seal(desired);
  ResourceMap sealed = test::resources({api(with_header(kMark))});
  vault().seal(sealed);
  later.expect(sealed.begin()->first, write_json(sealed.begin()->second.body));
  ResourceMap live = test::resources({api(with_header("plain"))});
  later.mask(live);
  CHECK(live.begin()->second.digest == desired.begin()->second.digest);
}

TEST_CASE("a document is plain only as it is sent") {
  ResourceMap desired = test::resources({api(with_header(kMark))});
  SecretVault secrets = vault("quote \" and \\ and ü");
  secrets.seal(desired);
  const Value* sealed = &desired.begin()->second.body;
  const std::string document = import_document("pets", {&sealed, 1});
  CHECK_FALSE(contains(document, "quote"));
  const auto plain = secrets.reveal(document);
  REQUIRE(plain);
  CHECK(contains(*plain, R"("value":"Bearer quote \" and \\ and ü")"));
  CHECK(parse_json(*plain));
  CHECK(*secrets.reveal("{}") == "{}");
  const auto refused = vault("rotated").reveal(document);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::Refused);
  CHECK(contains(refused.error().message, "make a new plan"));
}

TEST_CASE("what a secret stands for is masked wherever it turns up on the gateway, but where the files give it") {
  ResourceMap desired = test::resources({api(with_header(kMark))});
  SecretVault secrets = vault("quote\"d-1");
  secrets.seal(desired);
  const auto seen = [&](const Resource& held) {
    ResourceMap live = test::resources({held});
    secrets.mask_and_learn(live);
    return write_json(live.begin()->second.body);
  };
  const auto named = [](const std::string& name, const std::string& value) {
    Value backend = *body("GET", "/pets", "listPets").find("x-apigateway-backend");
    Value parameter = json(R"({"in": "header", "origin": "CONSTANT"})");
    parameter.set("name", name).set("value", value);
    backend.set("parameters", Value::array({parameter}));
    return test::with(body("GET", "/pets", "listPets"), "x-apigateway-backend", backend);
  };
  for (const std::string value : {"Bearer quote\"d-1", "quote\"d-1", "{\"k\":\"quote\\\"d-1\"}"}) {
    const std::string moved = seen(api(named("X-Other", value)));
    CHECK_FALSE(contains(moved, "d-1"));
    CHECK(secrets.reveal("[\"" + moved.substr(moved.find("secret:hmac"), 51) + "\"]"));  // a plan may keep it
  }
  CHECK_FALSE(contains(seen(api(test::with(body("PUT", "/x", "putX"), "description", "is quote\"d-1."))), "d-1"));
  CHECK(contains(seen(api(test::with(body("PUT", "/x", "putX"), "description", "is other"))), "is other"));

  // A rotated one is known by its hash, in the API that had it.
  SecretVault later({Secret("k"), {}});
  later.expect(desired.begin()->first, write_json(desired.begin()->second.body));
  ResourceMap live = test::resources({api(named("X-Other", "Bearer quote\"d-1"))});
  later.mask(live);
  CHECK_FALSE(contains(write_json(live.begin()->second.body), "d-1"));

  // Plain in the files, or in the base: no change, no drift.
  const Resource open = api(test::with(body("PUT", "/x", "putX"), "description", "is quote\"d-1."));
  ResourceMap asked = test::resources({open});
  SecretVault files = vault("quote\"d-1");
  files.seal(asked);
  ResourceMap same = test::resources({open});
  files.mask(same);
  CHECK(same.begin()->second.digest == open.digest);
  SecretVault base = vault("quote\"d-1");
  base.expect(open.address, write_json(open.body));
  base.mask(same);
  CHECK(same.begin()->second.digest == open.digest);
}

TEST_CASE("a text that is too long with its secret is refused, never cut") {
  const auto sealed = [](std::size_t length) {
    Value described = test::with(body("GET", "/pets", "listPets"), "description",
                                 as_mark(std::string(length, 'x') + secret_piece("TOKEN")));
    CHECK(cut_texts(described).all() == 0);
    ResourceMap desired = test::resources({api(described)});
    return text_of(vault().seal(desired));
  };
  CHECK(sealed(250).empty());  // and 5 of the secret
  CHECK(contains(sealed(251), "error secret-limit: With its secrets in it, api.pets"));
  CHECK_FALSE(contains(sealed(251), "tok-1"));
}

TEST_CASE("messages from outside lose the plain texts") {
  CHECK(vault("tok-1").redacted("the value tok-1 and Bearer tok-1") == "the value (sensitive) and Bearer (sensitive)");
  CHECK(vault("e").redacted("e") == "(sensitive)");
  Secrets overlapping;
  overlapping.emplace("A", Secret("abcd"));
  overlapping.emplace("B", Secret("abcdef"));
  overlapping.emplace("C", Secret("efgh"));
  CHECK(SecretVault(Secret("k"), overlapping).redacted("-abcdef-abcdefgh-abcd-") ==
        "-(sensitive)-(sensitive)-(sensitive)-");
}

TEST_CASE("where a secret cannot be told from its neighbours, all of them are masked") {
  const auto sealed = [](const Value& tags) {
    ResourceMap desired = test::resources({api(test::with(body("GET", "/pets", "listPets"), "tags", tags))});
    SecretVault secrets = vault();
    secrets.seal(desired);
    return std::pair(write_json(*desired.begin()->second.body.find("tags")), secrets);
  };
  const auto [text, secrets] = sealed(Value::array({"open", kMark}));
  CHECK_FALSE(contains(text, "open"));
  ResourceMap live = test::resources(
      {api(test::with(body("GET", "/pets", "listPets"), "tags", Value::array({"Bearer tok-1", "open"})))});
  secrets.mask(live);
  CHECK(write_json(*live.begin()->second.body.find("tags")) == text);
}

TEST_CASE("a secret in a name is refused, and so is what only looks like a secret") {
  Value parameter = json(R"({"in": "header", "value": "x"})");
  Value backend = *body("GET", "/pets", "listPets").find("x-apigateway-backend");
  backend.set("parameters", Value::array({parameter.set("name", kMark)}));
  ResourceMap desired =
      test::resources({api(test::with(body("GET", "/pets", "listPets"), "x-apigateway-backend", backend))});
  SecretVault secrets = vault();
  CHECK(contains(text_of(secrets.seal(desired)), "error secret-place: A secret is part of a name in api.pets"));

  const std::string mask = "secret:hmac-sha256:" + std::string(32, 'a');
  CHECK(is_mask(mask));
  CHECK_FALSE(is_mask(mask + "a"));
  CHECK_FALSE(is_mask("secret:hmac-sha256:" + std::string(32, 'g')));
  CHECK(holds_secret_form(json("[]").push(mask)));
  CHECK(holds_secret_form(json("[]").push("pre " + mask + " post")));
  CHECK(holds_secret_form(Value::object({{mask, 1, 0}})));
  CHECK_FALSE(holds_secret_form(json(R"(["secret:hmac-sha256:"])")));
  const std::string group = "version: 1\ngroups:\n  - name: pets\n    swagger: x\n    operations: {backend: {address: ";
  CHECK(contains(text_of(parse_manifest({"sluice.yaml", group + mask + "}}\n"}, {}).diagnostics),
                 "sluice.yaml:5:37: error text-reserved"));
  CHECK(contains(text_of(parse_manifest({"sluice.yaml", group + "'${V}'}}\n"}, {{"V", kMark}}).diagnostics),
                 "sluice.yaml:5:37: error text-reserved"));
}

TEST_CASE("names and words of the gateway cannot hold a secret, and no mark is shown") {
  const auto read = [](const std::string& group) {
    return text_of(parse_manifest({"sluice.yaml", "version: 1\ngroups:\n  - name: pets\n    swagger: x\n" + group}, {},
                                  {{"TOK", "tok-1"}})
                       .diagnostics);
  };
  const std::string set = "    overrides: [{match: GET /x, set: ";
  for (const std::string& group :
       {"    environments: ['E${secret:TOK}']\n"s,
        "    operations: {backend: {address: h, method: '${secret:TOK}'}}\n"s,
        set + "{operationId: 'a${secret:TOK}'}}]\n", set + "{tags: ['${secret:TOK}']}}]\n",
        set + "{x-apigateway-ratelimit: '${secret:TOK}'}}]\n", set + "{x-apigateway-plugins: ['${secret:TOK}']}}]\n",
        set + "{security: {type: AUTHORIZER, authorizer: '${secret:TOK}'}}}]\n",
        set + "{x-apigateway-request-type: '${secret:TOK}'}}]\n",
        set + "{parameters: [{in: header, name: '${secret:TOK}'}]}}]\n"}) {
    CAPTURE(group);
    const std::string said = read(group);
    CHECK(contains(said, "error secret-place: `"));
    CHECK(said.find_first_of(kMarkCharacters) == std::string::npos);
  }
  CHECK(read(set + "{description: 'a${secret:TOK}'}}]\n").empty());
  CHECK(text_with_marks_shown("holds \"" + kMark + "\"") == "holds \"Bearer ${secret:TOKEN}\"");
}

TEST_CASE("secrets come from the environment alone, and are told when they are not there") {
  const auto read = [](const std::string& value, const Variables& environment) {
    return parse_manifest({"sluice.yaml",
                           "version: 1\ngroups:\n  - name: pets\n    swagger: x\n    operations: {backend: "
                           "{address: h, path: '" +
                               value + "'}}\n"},
                          {{"TOKEN", "variable"}}, environment);
  };
  const auto good = read("/a/${secret:TOKEN}${TOKEN}", {{"TOKEN", "tok-1"}});
  REQUIRE(good.value);
  CHECK(good.value->secrets.at("TOKEN").reveal() == "tok-1");
  CHECK(good.value->groups[0].operations.backend->text("path") == as_mark("/a/" + secret_piece("TOKEN") + "variable"));
  CHECK(contains(text_of(read("${secret:TOKEN}", {}).diagnostics),
                 "error secret-unset: The secret TOKEN is not set in the environment."));
  CHECK(contains(text_of(read("${secret:TOKEN}", {{"TOKEN", ""}}).diagnostics), "error secret-unset"));
  CHECK(contains(text_of(read("${secret:OS_PASSWORD}", {{"OS_PASSWORD", "x"}}).diagnostics),
                 "error variable-credential: OS_PASSWORD holds a credential of Sluice, and is never sent."));
  CHECK(contains(text_of(read("${secret:A-B}", {}).diagnostics), "error variable-syntax"));
}

}  // namespace
}  // namespace sluice
