#include "plan/secrets.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>

#include "plan/canonical.h"
#include "plan/digest.h"
#include "plan/json.h"

namespace sluice {
namespace {

constexpr std::string_view kMaskStart = "secret:hmac-sha256:";
constexpr std::size_t kMaskDigits = 32;
constexpr std::size_t kMaskSize = kMaskStart.size() + kMaskDigits;
constexpr char kMarkEnd = '\x01';  // at the end, so that a path still starts with its slash
constexpr char kPieceStart = '\x02';
constexpr char kPieceEnd = '\x03';

/// The value with each text replaced; unchanged parts are shared.
Value mapped(const Value& value, const std::function<Value(const std::string&)>& change) {
  if (value.is_string()) {
    Value result = change(value.as_string());
    result.set_mark(value.mark());
    return result;
  }
  Value result = value;
  if (value.is_array() && !value.items().empty()) {
    for (Value& item : result.mutable_items()) item = mapped(item, change);
  } else if (value.is_object() && !value.members().empty()) {
    for (auto& member : result.mutable_members()) member.value = mapped(member.value, change);
  }
  return result;
}

bool any_text(const Value& value, bool (*wanted)(std::string_view)) {
  if (value.is_string()) return wanted(value.as_string());
  return std::any_of(value.items().begin(), value.items().end(),
                     [&](const Value& item) { return any_text(item, wanted); }) ||
         std::any_of(value.members().begin(), value.members().end(),
                     [&](const auto& member) { return any_text(member.value, wanted); });
}

bool is_secret(std::string_view text) { return is_mark(text) || is_mask(text); }

/// `mark` with each of its pieces replaced by what `piece` says of the NAME.
std::string with_pieces(std::string_view mark, const std::function<std::string(std::string_view)>& piece,
                        const std::function<std::string(std::string_view)>& rest) {
  std::string text;
  if (mark.ends_with(kMarkEnd)) mark.remove_suffix(1);
  while (!mark.empty()) {
    const std::size_t start = std::min(mark.find(kPieceStart), mark.size());
    text += rest(mark.substr(0, start));
    mark.remove_prefix(start);
    if (mark.empty()) break;
    const std::size_t end = std::min(mark.find(kPieceEnd), mark.size());
    text += piece(mark.substr(1, end - 1));
    mark.remove_prefix(std::min(end + 1, mark.size()));
  }
  return text;
}

/// Where the next mask stands in `text` from `from` on; npos when there is none.
std::size_t find_mask(std::string_view text, std::size_t from) {
  for (std::size_t at = text.find(kMaskStart, from); at != std::string_view::npos; at = text.find(kMaskStart, at + 1)) {
    if (is_mask(text.substr(at, kMaskSize))) return at;
  }
  return std::string_view::npos;
}

using Masker = std::function<std::string(const std::string&)>;

/// The element of `list` with this key; null when there is none.
const Value* element_of(const Value* list, const std::string& key, const FieldSchema& schema) {
  if (list == nullptr) return nullptr;
  const auto found = std::find_if(list->items().begin(), list->items().end(),
                                  [&](const Value& element) { return folded_element_key(element, schema) == key; });
  return found == list->items().end() ? nullptr : &*found;
}

/// Each scalar masked. In a list without keys it cannot be told which element is the secret one.
Value masked_whole(const Value& value, const Masker& mask) {
  if (value.is_array()) {
    Value::Array items;
    for (const Value& item : value.items()) items.push_back(masked_whole(item, mask));
    return Value::array(std::move(items));
  }
  if (value.is_object()) {
    Value::Object members = value.members();
    for (auto& member : members) member.value = masked_whole(member.value, mask);
    return Value::object(std::move(members));
  }
  if (value.is_null()) return value;
  return mask(value.is_string() ? value.as_string() : write_json(value));
}

/// What becomes of a value where a secret stands, given what the files ask for there (null: nothing).
using AtSecret = std::function<Value(const Value& own, const Value* asked)>;

/// Changes one value in the places where another one, the pattern, has marks or masks.
class SecretPlaces {
 public:
  explicit SecretPlaces(const AtSecret& change) : change_(change) {}

  Value object(const Value& value, const Value& pattern, const Value* asked,
               std::span<const FieldSchema> fields) const {
    Value result = value;
    for (const auto& member : pattern.members()) {
      const Value* own = value.find(member.key);
      if (own == nullptr || !any_text(member.value, is_secret)) continue;
      const Value* wanted = asked != nullptr ? asked->find(member.key) : nullptr;
      result.set(member.key, field(*own, member.value, wanted, find_field(fields, member.key)));
    }
    return result;
  }

 private:
  Value field(const Value& value, const Value& pattern, const Value* asked, const FieldSchema* schema) const {
    const auto fields = schema != nullptr ? schema->fields : std::span<const FieldSchema>();
    if (pattern.is_object() && value.is_object()) return object(value, pattern, asked, fields);
    if (schema != nullptr && schema->kind == FieldKind::KeyedList && value.is_array() && pattern.is_array()) {
      return keyed_list(value, pattern, asked, *schema);
    }
    return change_(value, asked);
  }

  Value keyed_list(const Value& value, const Value& pattern, const Value* asked, const FieldSchema& list) const {
    Value::Array elements = value.items();
    for (const Value& wanted : pattern.items()) {
      const std::string key = folded_element_key(wanted, list);
      for (Value& element : elements) {
        if (folded_element_key(element, list) == key)
          element = object(element, wanted, element_of(asked, key, list), list.fields);
      }
    }
    return Value::array(std::move(elements));
  }

  const AtSecret& change_;
};

bool is_plain(const Value* asked) { return asked != nullptr && !any_text(*asked, is_secret); }

/// Whether both are the same but for the order in a list.
bool same_elements(const Value& a, const Value& b) {
  return a.is_array() && b.is_array()
             ? std::is_permutation(a.items().begin(), a.items().end(), b.items().begin(), b.items().end())
             : a == b;
}

const Value* secret_keys_of(const Value& value, std::span<const FieldSchema> fields) {
  for (const FieldSchema& field : fields) {
    const Value* member = value.find(field.name);
    if (member == nullptr) continue;
    if (field.kind == FieldKind::Object) {
      if (const Value* found = secret_keys_of(*member, field.fields)) return found;
    }
    if (field.kind != FieldKind::KeyedList) continue;
    for (const Value& element : member->items()) {
      for (const std::string_view key : field.keys) {
        const Value* part = element.find(key);
        if (part != nullptr && any_text(*part, is_mark)) return part;
      }
      if (const Value* found = secret_keys_of(element, field.fields)) return found;
    }
  }
  return nullptr;
}

std::span<const FieldSchema> fields_of(const Address& address) {
  return schema_of(address.type() == "publication" ? "api" : address.type()).fields;
}

/// `body` in canonical form, as the body of the resource.
void put_body(Resource& resource, const Value& body) {
  const auto fields = fields_of(resource.address);
  resource.body = canonical(body, fields);
  resource.digest = digest_of(resource.body, fields);
}

}  // namespace

std::string secret_piece(std::string_view name) { return fmt::format("{}{}{}", kPieceStart, name, kPieceEnd); }

std::string as_mark(std::string text) { return text += kMarkEnd; }

bool is_mark(std::string_view text) {
  return text.ends_with(kMarkEnd) && text.find(kPieceStart) != std::string_view::npos;
}

bool holds_mark(const Value& value) { return any_text(value, is_mark); }

bool holds_secret_form(const Value& value) { return any_text(value, is_secret); }

Value with_marks_shown(const Value& value) {
  return mapped(value, [](const std::string& text) -> Value {
    if (!is_mark(text)) return text;
    return with_pieces(
        text, [](std::string_view name) { return fmt::format("${{secret:{}}}", name); },
        [](std::string_view rest) { return std::string(rest); });
  });
}

bool is_mask(std::string_view text) {
  return text.size() == kMaskSize && text.starts_with(kMaskStart) &&
         text.find_first_not_of("0123456789abcdef", kMaskStart.size()) == std::string_view::npos;
}

bool holds_mask(std::string_view text) { return find_mask(text, 0) != std::string_view::npos; }

std::string with_masks_hidden(std::string_view text) {
  std::string result;
  std::size_t done = 0;
  for (std::size_t at = find_mask(text, 0); at != std::string_view::npos; at = find_mask(text, done)) {
    std::size_t end = at + kMaskSize;
    const bool quoted = at > done && text[at - 1] == '"' && end < text.size() && text[end] == '"';
    result.append(text.substr(done, at - done - (quoted ? 1 : 0))).append("(sensitive)");
    done = end + (quoted ? 1 : 0);
  }
  return result.append(text.substr(done));
}

Value sensitive_parts(const Value& body) {
  if (body.is_string() && is_mask(body.as_string())) return true;
  if (body.is_array()) {
    Value parts = Value::array();
    for (const Value& item : body.items()) parts.push(any_text(item, is_mask) ? sensitive_parts(item) : Value(false));
    return parts;
  }
  Value parts = Value::object();
  for (const auto& member : body.members()) {
    if (any_text(member.value, is_mask)) parts.set(member.key, sensitive_parts(member.value));
  }
  return parts;
}

Value SecretVault::revealed(const Value& value) const {
  return mapped(value, [this](const std::string& text) -> Value {
    if (!is_mark(text)) return text;
    return with_pieces(
        text,
        [this](std::string_view name) {
          const auto secret = secrets_.find(name);
          return secret == secrets_.end() ? std::string() : secret->second.reveal();
        },
        [](std::string_view rest) { return std::string(rest); });
  });
}

std::string SecretVault::mask_of(const std::string& plain) const {
  return fmt::format("{}{}", kMaskStart, hmac_sha256_hex(key_.reveal(), plain).substr(0, kMaskDigits));
}

Diagnostics SecretVault::seal(ResourceMap& desired) {
  Diagnostics errors;
  const Masker remember = [this](const std::string& text) {
    std::string mask = is_mask(text) ? text : mask_of(text);
    if (!is_mask(text)) plain_.insert_or_assign(mask, Secret(text));
    return mask;
  };
  for (auto& [address, resource] : desired) {
    if (!holds_mark(resource.body)) {
      ask(address, resource.body);
      continue;
    }
    if (secret_keys_of(resource.body, fields_of(address)) != nullptr) {
      errors.push_back({Severity::Error, "secret-place",
                        fmt::format("A secret is part of a name in {}, where it could not be kept.", address.text()),
                        "Put secrets into values, not into names.", resource.source});
      continue;
    }
    const Value pattern = resource.body;
    const Value plain = canonical(revealed(pattern), fields_of(address));
    const AtSecret seal = [&](const Value& own, const Value*) { return masked_whole(own, remember); };
    put_body(resource, SecretPlaces(seal).object(plain, pattern, nullptr, fields_of(address)));
    patterns_[address].push_back(pattern);
    ask(address, resource.body);
  }
  return errors;
}

void SecretVault::ask(const Address& address, const Value& body) { asked_.insert_or_assign(address, body); }

const Value* SecretVault::asked_of(const Address& address) const {
  const auto asked = asked_.find(address);
  return asked == asked_.end() ? nullptr : &asked->second;
}

void SecretVault::expect(const Address& address, const std::string& body) {
  if (!holds_mask(body)) return;
  if (auto pattern = parse_json(body)) patterns_[address].push_back(std::move(*pattern));
}

void SecretVault::mask(Baseline& base, const std::vector<std::string>& environments) const {
  for (const auto& [address, patterns] : patterns_) {
    const auto written = base.bodies.find(address);
    const auto body = written != base.bodies.end() ? parse_json(written->second) : Result<Value, TextError>(Value());
    if (!body || body->is_null()) continue;
    const auto fields = fields_of(address);
    const AtSecret hide = [this](const Value& own, const Value*) { return masked_whole(own, masker()); };
    // What the files give in plain now is a secret no longer, when it is what the mask stands for.
    const AtSecret open = [this](const Value& own, const Value* asked) {
      return is_plain(asked) && same_elements(masked_whole(*asked, masker()), own) ? *asked : own;
    };
    Value masked = *body;
    for (const Value& pattern : patterns) masked = SecretPlaces(hide).object(masked, pattern, nullptr, fields);
    masked = SecretPlaces(open).object(masked, masked, asked_of(address), fields);
    if (masked == *body) continue;
    written->second = write_json(canonical(masked, fields_of(address)));
    for (const std::string& environment : environments) {
      if (address.type() == "api") base.resources.erase(Address::publication(address, environment));
    }
  }
}

std::function<std::string(const std::string&)> SecretVault::masker() const {
  return [this](const std::string& text) { return is_mask(text) ? text : mask_of(text); };
}

void SecretVault::mask(ResourceMap& live) const {
  if (patterns_.empty()) return;
  for (auto& [address, resource] : live) {
    const Address owner = address.type() == "publication" ? address.api_of_publication() : address;
    const auto patterns = patterns_.find(owner);
    if (patterns == patterns_.end()) continue;
    const AtSecret hide = [this](const Value& own, const Value* asked) {
      return is_plain(asked) && *asked == own ? own : masked_whole(own, masker());
    };
    Value body = resource.body;
    for (const Value& pattern : patterns->second)
      body = SecretPlaces(hide).object(body, pattern, asked_of(owner), fields_of(owner));
    put_body(resource, body);
  }
}

Result<std::string> SecretVault::reveal(std::string_view document) const {
  std::string result;
  std::size_t done = 0;
  for (std::size_t at = find_mask(document, 0); at != std::string_view::npos; at = find_mask(document, done)) {
    const std::size_t end = at + kMaskSize;
    const bool whole = at > done && document[at - 1] == '"' && end < document.size() && document[end] == '"';
    const auto plain = plain_.find(std::string(document.substr(at, kMaskSize)));
    if (!whole || plain == plain_.end()) {
      return fail(
          ErrorKind::Refused,
          "The plan holds a secret that no ${secret:NAME} of the manifest has now: set the secrets as they were "
          "when the plan was made, or make a new plan.");
    }
    result.append(document.substr(done, at - 1 - done)).append(write_json(Value(plain->second.reveal())));
    done = end + 1;
  }
  return result.append(document.substr(done));
}

std::string SecretVault::redacted(std::string text) const {
  const auto hide = [&text](const std::string& plain) {
    if (plain.empty()) return;
    constexpr std::string_view kHidden = "(sensitive)";
    for (std::size_t at = 0; (at = text.find(plain, at)) != std::string::npos; at += kHidden.size()) {
      text.replace(at, plain.size(), kHidden);
    }
  };
  for (const auto& [mask, secret] : plain_) hide(secret.reveal());
  for (const auto& [name, secret] : secrets_) hide(secret.reveal());
  return text;
}

}  // namespace sluice
