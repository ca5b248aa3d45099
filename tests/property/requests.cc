// A random state as files, read as the product reads them.
#include <algorithm>
#include <catch2/catch.hpp>

#include "plan/import_document.h"
#include "plan/json.h"
#include "plan/policies.h"
#include "tests/plan/support.h"
#include "tests/property/random_state.h"

namespace sluice::property {
namespace {

template <typename List>
void shuffle(List& list, test::Dice& dice) {
  for (std::size_t i = list.size(); i > 1; --i) std::swap(list[i - 1], list[dice.below(i)]);
}

void shuffle_keys(Value& value, test::Dice& dice) {
  if (value.is_object()) {
    for (auto& member : value.mutable_members()) shuffle_keys(member.value, dice);
    shuffle(value.mutable_members(), dice);
  } else if (value.is_array()) {
    for (Value& item : value.mutable_items()) shuffle_keys(item, dice);
  }
}

/// The operations of a document in other words.
Value respelled(Value document, test::Respeller& respeller) {
  if (document.find("paths") == nullptr) return document;
  Value paths = *document.find("paths");
  for (auto& path : paths.mutable_members()) {
    for (auto& operation : path.value.mutable_members()) {
      operation.value = respeller.object(operation.value, kApiSchema.fields);
    }
  }
  return document.set("paths", std::move(paths));
}

struct Files {
  const RandomGroup& group;
  test::Dice* dice;
  test::Respeller* respeller;

  std::vector<SwaggerFile> made(const std::string& name) const {
    std::vector<std::vector<Resource>> parts(dice == nullptr ? 1 : 1 + dice->below(3));
    for (const Value& body : group.apis) {
      parts[dice == nullptr ? 0 : dice->below(parts.size())].push_back(test::api(body, name));
    }
    std::vector<SwaggerFile> files;
    for (const auto& part : parts) {
      std::vector<const Value*> bodies;
      for (const Resource& api : part) bodies.push_back(&api.body);
      Value document = test::json(import_document(name, bodies));
      if (document.find("paths") == nullptr) document.set("paths", Value::object());
      if (files.empty()) add_responses(document);
      if (dice != nullptr) {
        document = respelled(std::move(document), *respeller);
        shuffle_keys(document, *dice);
      }
      files.push_back({{name + std::to_string(files.size()) + ".json", ""}, std::move(document)});
    }
    if (dice != nullptr) shuffle(files, *dice);
    return files;
  }

  void add_responses(Value& document) const {
    if (group.responses.empty()) return;
    Value responses = Value::object();
    for (const auto& [response, body] : group.responses) responses.set(response, body);
    document.set("x-apigateway-responses", std::move(responses));
  }
};

}  // namespace

std::vector<GroupRequest> requests_of(const RandomState& state, unsigned shuffled) {
  test::Dice dice(shuffled);
  test::Respeller respeller(shuffled);
  test::Dice* const shaken = shuffled == 0 ? nullptr : &dice;
  Manifest manifest;
  manifest.files = {"sluice.yaml"};
  for (const auto& [name, body] : state.ratelimits) manifest.policies.push_back({Address::ratelimit(name), body, {}});
  for (const auto& [name, body] : state.acls) manifest.policies.push_back({Address::acl(name), body, {}});
  std::vector<GroupRequest> requests;
  std::vector<DesiredGroup> read;
  for (const auto& [name, group] : state.groups) {
    GroupSettings settings;
    settings.name = name;
    settings.operations.security = test::json(R"({"type": "none"})");
    settings.description = group.description;
    settings.environments = group.environments;
    if (shaken != nullptr) shuffle(settings.environments, dice);
    const auto files = Files{group, shaken, &respeller}.made(name);
    auto desired = build_desired(settings, files);
    INFO(test::text_of(desired.diagnostics));
    REQUIRE(desired.value);
    REQUIRE(settle_references(settings, *desired.value).empty());
    requests.push_back(
        {name, "", desired.value->state, {.environments = settings.environments}, desired.value->objects});
    manifest.groups.push_back(std::move(settings));
    read.push_back(std::move(*desired.value));
  }
  if (shaken != nullptr) shuffle(manifest.policies, dice);
  auto policies = build_policies(manifest, read);
  INFO(test::text_of(policies.diagnostics));
  REQUIRE(policies.value);
  requests.push_back({"", "", std::move(*policies.value), {}});
  for (const char* name : {"alpha", "beta"}) {
    if (!state.groups.contains(name)) requests.push_back({name, "", {}, {.environments = {}}});
  }
  if (shaken != nullptr) shuffle(requests, dice);
  return requests;
}

}  // namespace sluice::property
