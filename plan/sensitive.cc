#include "plan/sensitive.h"

#include <algorithm>

#include "plan/words.h"

namespace sluice {
namespace {

/// Words in the name of a parameter whose value is nobody's business.
constexpr std::string_view kCredentialWords[] = {"auth", "token",      "secret",  "passw",
                                                 "pwd",  "credential", "appcode", "cookie"};
constexpr std::string_view kAny = "**";

using Keys = std::span<const std::string_view>;

bool is_text(const FieldSchema& field) {
  return field.kind == FieldKind::Text || field.kind == FieldKind::TextSet || field.kind == FieldKind::TextList ||
         field.kind == FieldKind::CommaSet;
}

/// Whether a manifest may call this text sensitive: it is free, and nothing is found by it.
bool may_be_hidden(const FieldSchema& field) {
  return is_text(field) && field.secrecy != Secrecy::Name && field.fold == Fold::None && field.spellings.empty() &&
         field.choices.empty();
}

/// Whether the tables call something at or below this field secret.
bool holds_secrets(const FieldSchema& field) {
  return field.secrecy == Secrecy::Always || field.secrecy == Secrecy::Credential ||
         std::any_of(field.fields.begin(), field.fields.end(), holds_secrets);
}

/// Whether a text that may be hidden stands at or below this field.
bool holds_text(const FieldSchema& field) {
  if (field.secrecy == Secrecy::Name) return false;
  if (field.fields.empty()) return may_be_hidden(field);
  return std::any_of(field.fields.begin(), field.fields.end(),
                     [&](const FieldSchema& inner) { return !is_one_of(inner.name, field.keys) && holds_text(inner); });
}

/// Whether a path leads to a text that may be hidden.
class Reach {
 public:
  explicit Reach(std::vector<std::string> tokens) : tokens_(std::move(tokens)) {}

  bool object(std::span<const FieldSchema> fields, Keys keys, std::size_t at) const {
    return std::any_of(fields.begin(), fields.end(), [&](const FieldSchema& field) {
      if (field.secrecy == Secrecy::Name || is_one_of(field.name, keys)) return false;
      if (at == tokens_.size()) return holds_text(field);
      if (tokens_[at] == kAny) return this->field(field, at) || this->field(field, at + 1);
      return matches_token(tokens_[at], field.name) && this->field(field, at + 1);
    });
  }

 private:
  bool field(const FieldSchema& field, std::size_t at) const {
    while (at < tokens_.size() && tokens_[at] == kAny && field.fields.empty()) ++at;
    if (at == tokens_.size()) return holds_text(field);
    if (field.kind == FieldKind::Object) return object(field.fields, {}, at);
    if (field.kind != FieldKind::KeyedList) return false;
    return object(field.fields, field.keys, at + 1) ||
           (tokens_[at] == kAny && object(field.fields, field.keys, at));  // the element's key is one token
  }

  std::vector<std::string> tokens_;
};

/// Changes sensitive texts; nothing where none is.
class Hider {
 public:
  explicit Hider(const std::function<std::string(const std::string&)>& change) : change_(change) {}

  std::optional<Value> object(const Value& value, std::span<const FieldSchema> fields, Keys keys,
                              const PathWalk& walk) const {
    std::optional<Value> result;
    for (const auto& member : value.members()) {
      const FieldSchema* field = find_field(fields, member.key);
      if (field == nullptr || field->secrecy == Secrecy::Name || is_one_of(field->name, keys)) continue;
      if (walk.lost() && !holds_secrets(*field)) continue;
      auto changed = in_field(member.value, *field, walk.into(field->name), value);
      if (!changed) continue;
      if (!result) result = value;
      result->set(member.key, std::move(*changed));
    }
    return result;
  }

 private:
  std::optional<Value> in_field(const Value& value, const FieldSchema& field, const PathWalk& walk,
                                const Value& owner) const {
    if (field.kind == FieldKind::Object) return object(value, field.fields, {}, walk);
    if (field.kind == FieldKind::KeyedList) {
      return list(value, [&](const Value& element) {
        return object(element, field.fields, field.keys, walk.into(element, field));
      });
    }
    if (field.kind == FieldKind::ObjectSet) {
      if (!walk.named()) return std::nullopt;
      return list(value, [&](const Value& element) { return object(element, field.fields, {}, walk); });
    }
    const bool secret = field.secrecy == Secrecy::Always ||
                        (field.secrecy == Secrecy::Credential && is_credential(owner)) ||
                        (walk.named() && may_be_hidden(field));
    if (!secret) return std::nullopt;
    return value.is_array() ? list(value, [&](const Value& item) { return text(item); }) : text(value);
  }

  std::optional<Value> text(const Value& value) const {
    if (!value.is_string() || value.as_string().empty()) return std::nullopt;
    return Value(change_(value.as_string()));
  }

  template <typename OfItem>
  static std::optional<Value> list(const Value& value, const OfItem& change) {
    bool any = false;
    Value::Array items;
    for (const Value& item : value.items()) {
      std::optional<Value> changed = change(item);
      any = any || changed;
      items.push_back(changed ? std::move(*changed) : item);
    }
    if (!any) return std::nullopt;
    return Value::array(std::move(items));
  }

  const std::function<std::string(const std::string&)>& change_;
};

}  // namespace

bool names_credential(std::string_view name) {
  std::string word;
  for (const char c : lower(name)) {
    if (c != '-' && c != '_' && c != '.') word += c;
  }
  return word.ends_with("key") || word.ends_with("pass") ||
         std::any_of(std::begin(kCredentialWords), std::end(kCredentialWords),
                     [&](std::string_view part) { return word.find(part) != std::string::npos; });
}

bool is_credential(const Value& parameter) {
  return parameter.text("origin") == "CONSTANT" && !parameter.text("value").empty() &&
         names_credential(parameter.text("name"));
}

std::optional<PathProblem> sensitive_path_problem(std::string_view path) {
  if (auto problem = ignore_path_problem(path); problem && !problem->summary.starts_with("what stands beside"))
    return problem;
  if (Reach(pointer_tokens(path)).object(schema_of("api").fields, {}, 0)) return std::nullopt;
  return PathProblem{"only names, words of the gateway, numbers or booleans stand there",
                     "Name a text, such as /x-apigateway-backend/parameters/header:X-Key/value."};
}

bool names_place(const std::vector<std::string>& paths, const std::vector<std::string>& place) {
  if (paths.empty()) return false;
  PathWalk walk(paths);
  for (const std::string& token : place) walk = walk.into(token);
  return walk.named();
}

Value with_sensitive(const Value& body, std::span<const FieldSchema> fields, const PathWalk& named,
                     const std::function<std::string(const std::string&)>& change) {
  auto changed = Hider(change).object(body, fields, {}, named);
  return changed ? std::move(*changed) : body;
}

}  // namespace sluice
