// Random APIs and policies made from the schema tables: every field, choice, spelling and name that the tables know,
// with values that a gateway takes. The same ones everywhere for one seed.
#pragma once

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "plan/canonical.h"
#include "plan/schema.h"
#include "plan/words.h"

namespace sluice::test {

/// The dice of one seed.
class Dice {
 public:
  explicit Dice(unsigned seed) : random_(seed) {}
  std::size_t below(std::size_t count) { return random_() % count; }
  bool chance(unsigned of) { return random_() % of == 0; }
  template <typename List>
  const auto& pick(const List& list) {
    return list[below(std::size(list))];
  }
  std::string text(std::size_t shortest, std::size_t longest) {
    static constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    std::string result;
    const std::size_t length = shortest + below(std::min<std::size_t>(longest - shortest, 12) + 1);
    while (result.size() < length) result += kLetters[below(kLetters.size())];
    return result;
  }

 private:
  std::mt19937 random_;
};

class TableGenerator {
 public:
  explicit TableGenerator(unsigned seed) : dice_(seed) {}

  /// A valid API body. No two have one path or name.
  Value api() {
    ++count_;
    variables_ = {};
    Value body = Value::object();
    for (const FieldSchema& field : kApiSchema.fields) {
      if (field.name == "method") {
        static constexpr std::string_view kMethods[] = {"GET",  "PUT",     "POST",  "DELETE",
                                                        "HEAD", "OPTIONS", "PATCH", "ANY"};
        body.set("method", dice_.pick(kMethods));
      } else if (field.name == "path") {
        body.set("path", path());
      } else if (field.name == "operationId") {
        body.set("operationId", "op_" + std::to_string(count_));
      } else if (field.name == "parameters") {
        parameters(field, body);
      } else if (field.name == "x-apigateway-backend") {
        body.set(field.name, backend(field, ""));
      } else if (field.name == "x-apigateway-backend-policies") {
        if (dice_.chance(2)) policies(field, body);
      } else if (field.name == "security") {
        body.set("security", security(field));
      } else if (field.name == "tags") {
        body.set("tags", texts(field));
      } else if (field.name == "schemes") {
        const std::string_view kAny[] = {"http", "https"};
        Value schemes = Value::array({Value(dice_.pick(kAny))});
        if (dice_.chance(3)) schemes = Value::array({Value("http"), Value("https")});
        body.set("schemes", std::move(schemes));
      } else if (dice_.chance(2)) {
        body.set(field.name, value(field));
      }
    }
    const Value* base64 = body.find("x-apigateway-is-send-fg-body-base64");
    if (base64 != nullptr && *base64 == Value(false)) body.set("x-apigateway-content-type", "application/json");
    return body;
  }

  /// A valid definition of a throttling policy.
  Value ratelimit() {
    Value body = fields_of(kRatelimitSchema.fields);
    body.set("api-limit", static_cast<int>(50 + dice_.below(50)));
    int last = 49;
    for (const char* name : {"user-limit", "app-limit", "ip-limit"}) {
      if (body.find(name) == nullptr) continue;
      body.set(name, static_cast<int>(1 + dice_.below(static_cast<std::size_t>(last))));
      if (std::string_view(name) == "user-limit") last = static_cast<int>(body.find(name)->as_integer());
    }
    if (const Value* special = body.find("special")) {
      Value limited = Value::array();
      for (Value one : special->items()) limited.push(one.set("limit", static_cast<int>(1 + dice_.below(50))));
      body.set("special", std::move(limited));
    }
    return body;
  }

  Value acl() {
    Value body = fields_of(kAclSchema.fields);
    body.set("entity-type", "IP");
    static constexpr std::string_view kValues[] = {"10.0.0.1", "10.0.0.0/8,192.168.0.1", "10.0.0.1-10.0.0.9", "::1",
                                                   "2001:db8::/32,10.1.1.1"};
    return body.set("value", dice_.pick(kValues));
  }

  /// A valid group response in the words of the extension.
  Value response() {
    Value body = Value::object();
    for (const FieldSchema& type : kResponseSchema.fields) {
      if (!dice_.chance(6)) continue;
      Value definition = Value::object();
      definition.set("status", static_cast<int>(200 + dice_.below(200)));
      definition.set("body", Value::object({{"application/json", "{\"m\":\"" + dice_.text(1, 9) + "\"}", 0}}));
      Value headers = Value::array();
      headers.push(Value::object({{"key", "X-" + dice_.text(1, 9), 0}, {"value", dice_.text(1, 9), 0}}));
      body.set(type.name, definition.set("headers", std::move(headers)));
    }
    return body;
  }

  Dice& dice() { return dice_; }

 private:
  std::string path() {
    std::string text = "/p" + std::to_string(count_);
    for (const char* name : {"id", "part"}) {
      if (!dice_.chance(3)) continue;
      variables_.emplace_back(name);
      text += "/{" + variables_.back() + "}";
    }
    return text;
  }

  Value number(const FieldSchema& field) {
    const auto lowest = field.range.highest == 0 ? 1 : field.range.lowest;
    const auto highest = field.range.highest == 0 ? 1000 : std::min<std::int64_t>(field.range.highest, 60'000);
    const std::size_t span = static_cast<std::size_t>(highest - lowest + 1);
    return Value(lowest + static_cast<std::int64_t>(dice_.below(span)));
  }

  std::string text(const FieldSchema& field) {
    if (!field.choices.empty()) return std::string(dice_.pick(field.choices));
    if (field.name == "address") return dice_.text(1, 9) + ".internal:8080";
    if (field.name == "path") return "/" + dice_.text(1, 9);
    const bool urn = field.name == "function-urn" || field.name == "authorizer_uri";
    const bool alias = field.name == "alias-urn" || field.name == "authorizer_alias_uri";
    if (urn || alias) return "urn:fss:eu-de:p1:function:default:" + dice_.text(1, 9) + (alias ? ":!one" : "");
    const auto highest = field.range.highest == 0 ? 30 : field.range.highest;
    std::string result = dice_.text(static_cast<std::size_t>(std::max<std::int64_t>(field.range.lowest, 1)),
                                    static_cast<std::size_t>(highest));
    static constexpr std::string_view kFree[] = {"description", "result-content", "x-apigateway-sample",
                                                 "x-apigateway-result-normal-sample"};
    static constexpr std::string_view kOdd[] = {"",           "no",     "010",         " quote \" and \\ slash",
                                                "two\nlines", "ö € 宠", "{\"a\": [1]}"};
    return is_one_of(field.name, kFree) ? result + std::string(dice_.pick(kOdd)) : result;
  }

  Value value(const FieldSchema& field) {
    switch (field.kind) {
      case FieldKind::Text:
      case FieldKind::CommaSet:
        return text(field);
      case FieldKind::Integer:
      case FieldKind::Number:
        return number(field);
      case FieldKind::Boolean:
        return dice_.chance(2);
      case FieldKind::Object:
        return fields_of(field.fields);
      case FieldKind::TextSet:
      case FieldKind::TextList:
        return texts(field);
      case FieldKind::ObjectSet:
      case FieldKind::KeyedList:
        return elements(field);
    }
    return {};
  }

  Value texts(const FieldSchema& field) {
    std::set<std::string> words;
    for (std::size_t left = dice_.below(4); left > 0; --left) words.insert(text(field));
    Value list = Value::array();
    for (auto word = words.rbegin(); word != words.rend(); ++word) list.push(*word);
    return list;
  }

  Value elements(const FieldSchema& field) {
    std::set<std::string> seen;
    Value list = Value::array();
    for (std::size_t left = 1 + dice_.below(3); left > 0; --left) {
      Value element = fields_of(field.fields);
      for (const std::string_view key : field.keys) {
        if (element.find(key) == nullptr) element.set(key, text(*find_field(field.fields, key)));
      }
      if (seen.insert(lower(element_key(element, field))).second) list.push(std::move(element));
    }
    return list;
  }

  Value fields_of(std::span<const FieldSchema> fields) {
    Value body = Value::object();
    for (const FieldSchema& field : fields) {
      if (field.needed || dice_.chance(2)) body.set(field.name, value(field));
    }
    return body;
  }

  Value security(const FieldSchema& field) {
    Value auth = Value::object();
    const FieldSchema& type = *find_field(field.fields, "type");
    auth.set("type", dice_.pick(type.choices));
    if (auth.text("type") == "APP" && dice_.chance(2)) auth.set("app_code", "header");
    if (auth.text("type") != "AUTHORIZER") return auth;
    auth.set("authorizer", "Authorizer_" + std::to_string(count_));
    if (dice_.chance(3)) return auth;
    return auth.set("definition", value(*find_field(field.fields, "definition")));
  }

  void parameters(const FieldSchema& list, Value& body) {
    declared_ = variables_;
    Value result = Value::array();
    for (const std::string& variable : variables_) result.push(parameter(list, "path", variable));
    for (std::size_t left = dice_.below(5); left > 0; --left) {
      declared_.push_back("q" + std::to_string(left) + dice_.text(1, 5));
      result.push(parameter(list, dice_.chance(2) ? "query" : "header", declared_.back()));
    }
    body.set("parameters", std::move(result));
  }

  Value parameter(const FieldSchema& list, std::string_view in, const std::string& name) {
    Value one = fields_of(list.fields);
    one.set("in", in).set("name", name);
    const bool number = one.text("type") == "number";
    for (const char* bound : {"minimum", "maximum"}) {
      if (!number) one.erase(bound);
    }
    for (const char* bound : {"minLength", "maxLength"}) {
      if (number) one.erase(bound);
    }
    if (in == "path") one.set("required", true);
    return one;
  }

  /// A backend or backend policy; `family` is that of the backend beside it, "" for any.
  Value backend(const FieldSchema& holder, std::string_view family) {
    const FieldSchema& type = *find_field(holder.fields, "type");
    std::string chosen(dice_.pick(type.choices));
    while (!family.empty() && (family == "HTTP" ? !chosen.starts_with("HTTP") : chosen != family)) {
      chosen = std::string(dice_.pick(type.choices));
    }
    Value result = Value::object();
    result.set("type", chosen);
    static constexpr std::pair<std::string_view, std::string_view> kEndpoints[] = {
        {"HTTP", "httpEndpoints"},
        {"HTTP-VPC", "httpVpcEndpoints"},
        {"HTTP-VPC-MEMBER-GROUP", "httpVpcMemberGroupEndpoints"},
        {"FUNCTION", "functionEndpoints"},
        {"MOCK", "mockEndpoints"}};
    Value mappings = Value::array();
    for (const auto& [name, member] : kEndpoints) {
      if (name != chosen) continue;
      Value endpoint = value(*find_field(holder.fields, member));
      if (endpoint.find("path") != nullptr && !variables_.empty() && dice_.chance(2)) {
        endpoint.set("path", "/inner/{" + variables_.front() + "}");
        mappings.push(Value::object({{"in", "path", 0},
                                     {"name", variables_.front(), 0},
                                     {"origin", "REQUEST", 0},
                                     {"value", variables_.front(), 0}}));
      }
      result.set(member, std::move(endpoint));
    }
    add_mappings(*find_field(holder.fields, "parameters"), mappings);
    if (!mappings.items().empty()) result.set("parameters", std::move(mappings));
    return result;
  }

  void add_mappings(const FieldSchema& list, Value& mappings) {
    for (std::size_t left = dice_.below(3); left > 0; --left) {
      Value mapping = fields_of(list.fields);
      mapping.set("in", dice_.chance(2) ? "query" : "header")
          .set("name", "m" + std::to_string(left) + dice_.text(1, 5));
      const std::string origin = text(*find_field(list.fields, "origin"));
      mapping.set("origin", origin).set("value", origin == "SYSTEM" ? "$context.sourceIp" : dice_.text(1, 20));
      if (origin == "REQUEST" && declared_.empty()) continue;
      if (origin == "REQUEST") mapping.set("value", dice_.pick(declared_));
      mappings.push(std::move(mapping));
    }
  }

  void policies(const FieldSchema& list, Value& body) {
    const std::string_view type = body.find("x-apigateway-backend")->text("type");
    Value result = Value::array();
    for (std::size_t left = 1 + dice_.below(3); left > 0; --left) {
      Value policy = backend(list, type.starts_with("HTTP") ? "HTTP" : type);
      policy.set("name", "policy " + std::to_string(left));
      if (dice_.chance(2)) policy.set("effectMode", text(*find_field(list.fields, "effectMode")));
      policy.set("conditions", conditions(*find_field(list.fields, "conditions")));
      result.push(std::move(policy));
    }
    body.set("x-apigateway-backend-policies", std::move(result));
  }

  Value conditions(const FieldSchema& list) {
    Value result = Value::array();
    for (std::size_t left = 1 + dice_.below(3); left > 0; --left) {
      Value one = Value::object();
      one.set("origin", text(*find_field(list.fields, "origin"))).set("value", "v" + dice_.text(1, 9));
      if (one.text("origin") == "param" && declared_.empty()) one.set("origin", "system");
      if (one.text("origin") == "source") {
        static constexpr std::string_view kSources[] = {"10.0.0.1", "10.0.0.0/8", "10.0.0.1,192.168.0.0/16", "::1"};
        one.set("value", dice_.pick(kSources));
      } else {
        const bool of_request = one.text("origin") == "param";
        one.set("parameter", of_request ? declared_[dice_.below(declared_.size())] : dice_.text(1, 9));
        one.set("type", text(*find_field(list.fields, "type")));
      }
      result.push(std::move(one));
    }
    return result;
  }

  Dice dice_;
  int count_ = 0;
  std::vector<std::string> variables_;
  std::vector<std::string> declared_;
};

/// Writes bodies as somebody else might: other words, other names, letters in another case, numbers and truths as
/// texts, sets in another order. Notes what it used.
class Respeller {
 public:
  explicit Respeller(unsigned seed) : dice_(seed) {}

  Value object(const Value& body, std::span<const FieldSchema> fields) {
    Value result = Value::object();
    for (const auto& member : body.members()) {
      const FieldSchema* field = find_field(fields, member.key);
      if (field == nullptr) {
        result.set(member.key, member.value);
        continue;
      }
      std::string name = member.key;
      if (!field->aliases.empty() && dice_.chance(2)) name = std::string(dice_.pick(field->aliases));
      if (name != member.key) used_.insert(name);
      result.set(name, value(member.value, *field));
    }
    return result;
  }

  const std::set<std::string>& used() const { return used_; }

 private:
  Value value(const Value& from, const FieldSchema& field) {
    if (from.is_string()) return text(from.as_string(), field);
    const bool scalar = field.kind == FieldKind::Integer || field.kind == FieldKind::Boolean;
    if (from.is_bool() && scalar && dice_.chance(3)) return from.as_bool() ? "true" : "false";
    if (from.is_integer() && scalar && dice_.chance(3)) return std::to_string(from.as_integer());
    if (from.is_object()) return object(from, field.fields);
    if (!from.is_array()) return from;
    Value::Array items;
    for (const Value& item : from.items()) {
      items.push_back(item.is_object()   ? object(item, field.fields)
                      : item.is_string() ? Value(text(item.as_string(), field))
                                         : item);
    }
    if (field.kind != FieldKind::TextList) std::reverse(items.begin(), items.end());
    return Value::array(std::move(items));
  }

  std::string text(const std::string& from, const FieldSchema& field) {
    std::string result = from;
    std::vector<std::string_view> others;
    for (const Spelling& spelling : field.spellings) {
      if (spelling.canonical == from && !from.empty()) others.push_back(spelling.other);
    }
    if (!others.empty() && dice_.chance(2)) {
      result = std::string(dice_.pick(others));
      used_.insert(std::string(field.name) + "=" + result);
    }
    if (field.fold != Fold::None && dice_.chance(3)) result = field.fold == Fold::Upper ? lower(result) : upper(result);
    return result;
  }

  Dice dice_;
  std::set<std::string> used_;
};

}  // namespace sluice::test
