// Everything that the tables know, written and read again: no field is lost, none is ignored.
#include <fmt/format.h>

#include <functional>

#include "plan/extensions.h"
#include "plan/import_document.h"
#include "plan/policies.h"
#include "plan/policy_definition.h"
#include "plan/swagger.h"
#include "tests/plan/support.h"
#include "tests/plan/table_generator.h"

namespace sluice {
namespace {

using test::json;
using test::text_of;

constexpr int kDocuments = 40;
constexpr int kApis = 25;  ///< of one document: 1,000 in all

GroupSettings settings() {
  GroupSettings group;
  group.name = "pets";
  group.at = {"sluice.yaml", 1, 1};
  group.operations.security = json(R"({"type": "none"})");
  return group;
}

Parsed<DesiredGroup> build(const std::string& text) {
  const SourceText source{"pets.yaml", text};
  auto document = parse_document(source);
  INFO(text_of(document.diagnostics));
  REQUIRE(document.value);
  const SwaggerFile file{source, *document.value};
  return build_desired(settings(), {&file, 1});
}

/// What makes two texts of one API equal: the canonical body.
std::map<std::string, std::string> bodies_in(const DesiredGroup& group) {
  std::map<std::string, std::string> bodies;
  for (const auto& [address, resource] : group.state.resources) {
    if (address.type() == "api") bodies.emplace(address.text(), write_json(resource.body));
  }
  return bodies;
}

/// Checks that a text asks for just these APIs, and that nothing is wrong with it.
void check_reads_as(const std::string& text, const std::map<std::string, std::string>& bodies) {
  const auto built = build(text);
  INFO(text);
  CHECK_FALSE(has_errors(built.diagnostics));  // a function without a version is a warning
  REQUIRE(built.value);
  const auto read = bodies_in(*built.value);
  for (const auto& [address, body] : bodies) {
    REQUIRE(read.contains(address));
    CHECK(read.at(address) == body);
  }
  CHECK(read.size() == bodies.size());
}

template <typename Change>
Value with_operations(const Value& document, const Change& change) {
  Value result = document;
  Value paths = *document.find("paths");
  for (auto& path : paths.mutable_members()) {
    for (auto& operation : path.value.mutable_members()) operation.value = change(operation.value);
  }
  return result.set("paths", std::move(paths));
}

/// The operation of OpenAPI 3.0: schemas in parameters, servers for schemes, samples in the default response.
Value operation_of_three(const Value& operation) {
  Value result = operation;
  Value servers = Value::array();
  for (const Value& scheme : operation.find("schemes")->items()) {
    servers.push(Value::object({{"url", scheme.as_string() + "://pets.example.com", 0}}));
  }
  result.erase("schemes");
  result.set("servers", std::move(servers));
  Value fallback = Value::object({{"description", "ok", 0}});
  for (const auto& member : operation.find("responses")->members()) {
    if (member.key.starts_with("x-")) fallback.set(member.key, member.value);
  }
  result.set("responses", Value::object({{"default", std::move(fallback), 0}}));
  const Value* parameters = operation.find("parameters");
  if (parameters == nullptr) return result;
  Value list = Value::array();
  for (const Value& parameter : parameters->items()) {
    Value one = Value::object();
    Value schema = Value::object();
    constexpr std::string_view kOfSchema[] = {"type",    "default",   "enum",     "minimum",
                                              "maximum", "minLength", "maxLength"};
    for (const auto& member : parameter.members()) {
      const bool inside = is_one_of(member.key, kOfSchema);
      const bool sample = member.key == "x-apigateway-sample";
      (inside ? schema : one).set(sample ? "example" : member.key, member.value);
    }
    list.push(one.set("schema", std::move(schema)));
  }
  return result.set("parameters", std::move(list));
}

Value document_of_three(const Value& document) {
  Value result = with_operations(document, operation_of_three);
  const Value schemes = *document.find("securityDefinitions");
  result.erase("swagger");
  result.erase("securityDefinitions");
  result.set("openapi", "3.0.3");
  return result.set("components", Value::object({{"securitySchemes", schemes, 0}}));
}

/// The pointers of the table's fields that a body has, and of the choices in it.
void note_fields(const std::string& path, const Value& body, std::span<const FieldSchema> fields,
                 std::set<std::string>& seen) {
  for (const auto& member : body.members()) {
    const FieldSchema* field = find_field(fields, member.key);
    if (field == nullptr) continue;
    const std::string at = path + "/" + member.key;
    seen.insert(at);
    if (!field->choices.empty() && member.value.is_string()) seen.insert(at + "=" + member.value.as_string());
    if (const Extension* extension = extension_of(*field)) seen.insert(std::string(extension->name));
    if (member.value.is_object()) note_fields(at, member.value, field->fields, seen);
    for (const Value& item : member.value.items()) note_fields(at, item, field->fields, seen);
  }
}

void note_table(const std::string& path, std::span<const FieldSchema> fields, std::set<std::string>& known) {
  for (const FieldSchema& field : fields) {
    const std::string at = path + "/" + std::string(field.name);
    known.insert(at);
    for (const std::string_view choice : field.choices) known.insert(at + "=" + std::string(choice));
    note_table(at, field.fields, known);
  }
}

std::set<std::string> missing_from(const std::set<std::string>& known, const std::set<std::string>& seen) {
  std::set<std::string> missing;
  std::set_difference(known.begin(), known.end(), seen.begin(), seen.end(), std::inserter(missing, missing.end()));
  return missing;
}

/// What the tables could be asked for: other names and words.
void note_spellings(std::span<const FieldSchema> fields, std::set<std::string>& known) {
  for (const FieldSchema& field : fields) {
    for (const std::string_view alias : field.aliases) known.insert(std::string(alias));
    for (const Spelling& spelling : field.spellings) {
      if (!spelling.canonical.empty()) known.insert(std::string(field.name) + "=" + std::string(spelling.other));
    }
    note_spellings(field.fields, known);
  }
}

/// The members of a document that are extensions.
void note_members(const Value& value, std::set<std::string>& seen) {
  for (const auto& member : value.members()) {
    if (member.key.starts_with("x-apigateway-")) seen.insert(member.key);
    note_members(member.value, seen);
  }
  for (const Value& item : value.items()) note_members(item, seen);
}

TEST_CASE("whatever the tables know comes back as it was, from either format of either version, in any spelling") {
  test::TableGenerator generator(20'261'124);
  test::Respeller respeller(7);
  std::set<std::string> seen;
  std::set<std::string> policy_fields;
  std::set<std::string> used;
  for (int round = 0; round < kDocuments; ++round) {
    std::vector<Resource> apis;
    std::vector<Resource> policies = {
        make_resource(Address::ratelimit("limit_" + std::to_string(round)), generator.ratelimit()),
        make_resource(Address::acl("list_" + std::to_string(round)), generator.acl())};
    std::vector<const Value*> pointers;
    std::vector<const Resource*> policy_pointers;
    std::map<std::string, std::string> bodies;
    for (int i = 0; i < kApis; ++i) apis.push_back(test::api(generator.api()));
    for (const Resource& api : apis) {
      bodies.emplace(api.address.text(), write_json(api.body));
      pointers.push_back(&api.body);
      note_fields("", api.body, kApiSchema.fields, seen);
    }
    for (const Resource& policy : policies) {
      policy_pointers.push_back(&policy);
      note_fields(std::string(policy.address.type()), policy.body, schema_of(policy.address.type()).fields, seen);
    }
    const std::string text = import_document("pets", pointers, policy_pointers);
    const Value document = json(text);
    note_members(document, used);
    check_reads_as(text, bodies);
    check_reads_as(write_yaml(document), bodies);
    check_reads_as(write_json(document_of_three(document)), bodies);
    check_reads_as(write_yaml(document_of_three(document)), bodies);
    const Value respelled = with_operations(
        document, [&](const Value& operation) { return respeller.object(operation, kApiSchema.fields); });
    check_reads_as(write_yaml(respelled), bodies);

    const auto built = build(text);
    REQUIRE(built.value->policies.size() == policies.size());
    for (const Resource& policy : policies) {
      const auto& read = built.value->policies;
      const auto found =
          std::find_if(read.begin(), read.end(), [&](const auto& p) { return p.address == policy.address; });
      REQUIRE(found != read.end());
      CHECK(write_json(make_resource(policy.address, found->body).body) == write_json(policy.body));
    }
  }
  std::set<std::string> known;
  note_table("", kApiSchema.fields, known);
  note_table("ratelimit", kRatelimitSchema.fields, known);
  note_table("acl", kAclSchema.fields, known);
  std::set<std::string> missing = missing_from(known, seen);
  // A document defines lists of addresses only (see the reference); the others are what the gateway may hold.
  missing.erase("acl/entity-type=DOMAIN");
  missing.erase("acl/entity-type=DOMAIN_ID");
  for (const std::string& one : missing) UNSCOPED_INFO(one);
  CHECK(missing.empty());
  std::set<std::string> spellings;
  note_spellings(kApiSchema.fields, spellings);
  const std::set<std::string> unspelled = missing_from(spellings, respeller.used());
  for (const std::string& one : unspelled) UNSCOPED_INFO(one);
  CHECK(unspelled.empty());
  // Every extension was there: as a field, as a member of the documents, or as one of the definitions in them.
  used.insert(seen.begin(), seen.end());
  used.insert({"x-apigateway-ratelimits.policy", "x-apigateway-access-controls.policy"});
  used.insert("x-apigateway-responses");  // the test below: an import does not carry them
  for (const Extension& extension : extensions()) {
    INFO(extension.name);
    CHECK(used.contains(std::string(extension.name)));
  }
}

TEST_CASE("group responses are read from each place that documents define them in") {
  test::TableGenerator generator(3);
  std::set<std::string> seen;
  for (int round = 0; round < 60; ++round) {
    const Value written = generator.response();
    if (written.empty()) continue;
    const Value definitions = Value::object({{"own", written, 0}});
    const Value operation =
        json(R"({"operationId": "getA", "x-apigateway-backend": {"type": "MOCK", "mockEndpoints": {}}})");
    const auto document = [&](const char* version, const char* number) {
      return json(
          fmt::format(R"({{"{}": "{}", "paths": {{"/a": {{"get": {}}}}}}})", version, number, write_json(operation)));
    };
    Value root = document("swagger", "2.0");
    root.set("x-apigateway-responses", definitions);
    Value components = document("openapi", "3.0.3");
    components.set("components", Value::object({{"x-apigateway-responses", definitions, 0}}));
    const Value inside = with_operations(document("swagger", "2.0"),
                                         [&](Value one) { return one.set("x-apigateway-responses", definitions); });
    std::set<std::string> digests;
    for (const Value& each : {root, components, inside}) {
      auto built = build(write_yaml(each));
      INFO(text_of(built.diagnostics));
      REQUIRE(built.value);
      CHECK(settle_references(settings(), *built.value).empty());
      const Resource& response = built.value->state.resources.at(Address::response("pets", "own"));
      note_fields("", response.body, kResponseSchema.fields, seen);
      digests.insert(response.digest);
    }
    CHECK(digests.size() == 1);
  }
  std::set<std::string> known;
  note_table("", kResponseSchema.fields, known);
  CHECK(missing_from(known, seen).empty());
}

/// Each leaf of a value with something else in its place.
using Visit = std::function<void(const std::string& path, const Value& mutant)>;
void for_each_mutant(const Value& value, const std::string& path, const Visit& visit) {
  if (value.is_object()) {
    for (const auto& member : value.members()) {
      for_each_mutant(member.value, path + "/" + member.key, [&](const std::string& at, const Value& changed) {
        Value mutant = value;
        visit(at, mutant.set(member.key, changed));
      });
    }
  } else if (value.is_array()) {
    for (std::size_t i = 0; i < value.items().size(); ++i) {
      for_each_mutant(value.items()[i], path + "/" + std::to_string(i),
                      [&](const std::string& at, const Value& changed) {
                        Value mutant = value;
                        mutant.mutable_items()[i] = changed;
                        visit(at, mutant);
                      });
    }
  } else if (value.is_bool()) {
    visit(path, Value(!value.as_bool()));
  } else if (value.is_integer()) {
    visit(path, Value(value.as_integer() + 1));
  } else if (value.is_string()) {
    visit(path, Value(value.as_string() + "x"));
  }
}

TEST_CASE("no leaf of a document is ignored: changed, it changes what is asked for, or is found") {
  test::TableGenerator generator(11);
  std::size_t changed = 0;
  for (int round = 0; round < 120; ++round) {
    const Resource api = test::api(generator.api());
    const Value* const bodies[] = {&api.body};
    Value document = json(import_document("pets", bodies));
    document.erase("info");
    const Swagger before = read_swagger(document, SwaggerOrigin::File);
    REQUIRE(before.operations.size() == 1);
    const std::string whole = write_json(make_resource(api.address, before.operations[0].body).body);
    for_each_mutant(document, "", [&](const std::string& at, const Value& mutant) {
      constexpr std::string_view kSaysNothing[] = {"/swagger", "/responses/default/description"};
      const bool fixed = std::any_of(std::begin(kSaysNothing), std::end(kSaysNothing),
                                     [&](std::string_view end) { return at.ends_with(end); });
      // What is `apiKey` about a scheme means nothing to the gateway; a variable of a path is required whatever is
      // said.
      const bool of_scheme = at.starts_with("/securityDefinitions/") && at.find("/x-apigateway-") == std::string::npos;
      const bool of_variable =
          at.ends_with("/required") && write_json(mutant).find("\"in\":\"path\"") != std::string::npos;
      if (fixed || of_scheme || of_variable) return;
      const Swagger after = read_swagger(mutant, SwaggerOrigin::File);
      const bool found = !after.findings.empty() || !after.left_out.empty() || !after.unsupported.empty();
      INFO(at << "\n" << write_json(mutant));
      ++changed;
      if (found) return;
      REQUIRE(after.operations.size() == 1);
      CHECK(write_json(make_resource(api.address, after.operations[0].body).body) != whole);
    });
  }
  CHECK(changed > 3000);
}

}  // namespace
}  // namespace sluice
