#include "plan/secrets.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <set>

#include "plan/canonical.h"
#include "plan/digest.h"
#include "plan/drift.h"
#include "plan/json.h"
#include "plan/limits.h"

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

/// Masks the texts of a body that are wanted, but names and words, by which things are found, and what stands in the
/// same place of one of `plains`.
class TextMasker {
 public:
  using Plains = std::vector<const Value*>;
  TextMasker(const std::function<bool(const std::string&)>& wanted, const Masker& mask)
      : wanted_(wanted), mask_(mask) {}

  Value body(const Value& value, std::span<const FieldSchema> fields, const Plains& plains) const {
    return object(value, fields, kNames, plains);
  }

 private:
  static constexpr std::string_view kNames[] = {"name",
                                                "method",
                                                "path",
                                                "operationId",
                                                "x-apigateway-response",
                                                "x-apigateway-ratelimit",
                                                "x-apigateway-access-control",
                                                "x-apigateway-plugins",
                                                "security"};

  Value object(const Value& value, std::span<const FieldSchema> fields, std::span<const std::string_view> names,
               const Plains& plains) const {
    Value result = value;
    for (const auto& member : value.members()) {
      const FieldSchema* schema = find_field(fields, member.key);
      const bool word = schema != nullptr && (schema->fold != Fold::None || !schema->spellings.empty());
      if (word || std::find(names.begin(), names.end(), member.key) != names.end()) continue;
      Plains inner;
      for (const Value* plain : plains) {
        if (const Value* there = plain->find(member.key)) inner.push_back(there);
      }
      Value changed = field(member.value, schema, inner);
      if (!(changed == member.value)) result.set(member.key, std::move(changed));
    }
    return result;
  }

  Value field(const Value& value, const FieldSchema* schema, const Plains& plains) const {
    if (value.is_object())
      return object(value, schema != nullptr ? schema->fields : std::span<const FieldSchema>(), {}, plains);
    if (value.is_array()) return list(value, schema, plains);
    if (!value.is_string() || !wanted_(value.as_string())) return value;
    const bool plain = std::any_of(plains.begin(), plains.end(), [&](const Value* one) { return *one == value; });
    return plain ? value : Value(mask_(value.as_string()));
  }

  Value list(const Value& value, const FieldSchema* schema, const Plains& plains) const {
    const bool keyed = schema != nullptr && schema->kind == FieldKind::KeyedList;
    Value::Array items;
    for (const Value& item : value.items()) {
      Plains inner;
      for (const Value* plain : plains) {
        if (!keyed) {  // any element may be the one
          for (const Value& one : plain->items()) inner.push_back(&one);
        } else if (const Value* one = element_of(plain, folded_element_key(item, *schema), *schema)) {
          inner.push_back(one);
        }
      }
      items.push_back(keyed ? object(item, schema->fields, schema->keys, inner) : field(item, schema, inner));
    }
    return Value::array(std::move(items));
  }

  const std::function<bool(const std::string&)>& wanted_;
  const Masker& mask_;
};

/// The masks in a body.
void collect_masks(const Value& value, std::set<std::string>& masks) {
  if (value.is_string() && is_mask(value.as_string())) masks.insert(value.as_string());
  for (const Value& item : value.items()) collect_masks(item, masks);
  for (const auto& member : value.members()) collect_masks(member.value, masks);
}

/// What a gateway would not take of the body of an API once its secrets are in it. Never a value: it is plain.
std::vector<std::string> broken_by_secrets(Value plain) {
  std::vector<std::string> broken;
  if (cut_texts(plain).all() > 0) broken.emplace_back("a description or sample is longer than the gateway takes");
  for (const Broken& rule : limits_broken(plain)) {
    if (!rule.refused) continue;
    broken.push_back(fmt::format("{} is not what the gateway takes", rule.what.substr(0, rule.what.find("` ") + 1)));
  }
  return broken;
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

bool holds_secret_form(const Value& value) {
  const auto reserved = [](std::string_view text) { return is_mark(text) || holds_mask(text); };
  if (any_text(value, reserved)) return true;
  return std::any_of(value.items().begin(), value.items().end(), holds_secret_form) ||
         std::any_of(value.members().begin(), value.members().end(), [&](const Value::Member& member) {
           return reserved(member.key) || holds_secret_form(member.value);
         });
}

std::string text_with_marks_shown(std::string_view text) {
  std::string shown = with_pieces(
      text, [](std::string_view name) { return fmt::format("${{secret:{}}}", name); },
      [](std::string_view rest) { return std::string(rest); });
  std::erase(shown, kMarkEnd);
  return shown;
}

Value with_marks_shown(const Value& value) {
  return mapped(value, [](const std::string& text) -> Value {
    return is_mark(text) ? Value(text_with_marks_shown(text)) : Value(text);
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

SecretVault::SecretVault(Secret key, Secrets secrets) : key_(std::move(key)), secrets_(std::move(secrets)) {
  constexpr std::size_t kShortest = 4;  // a shorter one stands in many texts that mean something else
  std::set<std::string> forms;
  for (const auto& [name, secret] : secrets_) {
    std::string form = secret.reveal();
    for (int escaped = 0; escaped < 3 && form.size() >= kShortest; ++escaped) {  // in JSON, and in JSON within JSON
      forms.insert(form);
      const std::string quoted = write_json(Value(form));
      form = quoted.substr(1, quoted.size() - 2);
    }
  }
  for (const std::string& form : forms) known_.emplace_back(form);
  for (const auto& [name, secret] : secrets_) learned(secret.reveal());  // a plan may keep one as it is on the gateway
}

bool SecretVault::holds_known(std::string_view text) const {
  return std::any_of(known_.begin(), known_.end(),
                     [&](const Secret& secret) { return text.find(secret.reveal()) != std::string_view::npos; });
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
  const Masker remember = [this](const std::string& text) { return learned(text); };
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
    for (const std::string& broken : address.type() == "api" ? broken_by_secrets(plain) : std::vector<std::string>()) {
      errors.push_back({Severity::Error, "secret-limit",
                        fmt::format("With its secrets in it, {} breaks a limit: {}.", address.text(), broken),
                        "A text with a secret is never cut: make it shorter, or correct the secret.", resource.source});
    }
    const AtSecret seal = [&](const Value& own, const Value*) { return masked_whole(own, remember); };
    put_body(resource, SecretPlaces(seal).object(plain, pattern, nullptr, fields_of(address)));
    patterns_[address].push_back(pattern);
    ask(address, resource.body);
  }
  return errors;
}

std::string SecretVault::learned(const std::string& text) {
  if (is_mask(text)) return text;
  std::string mask = mask_of(text);
  plain_.insert_or_assign(mask, Secret(text));
  return mask;
}

void SecretVault::ask(const Address& address, const Value& body) { asked_.insert_or_assign(address, body); }

const Value* SecretVault::asked_of(const Address& address) const {
  const auto asked = asked_.find(address);
  return asked == asked_.end() ? nullptr : &asked->second;
}

void SecretVault::expect(const Address& address, const std::string& body) {
  const bool masked = holds_mask(body);
  const bool plain = holds_known(body);
  if (!masked && !plain) return;
  auto read = parse_json(body);
  if (!read) return;
  if (plain) plain_bases_.insert_or_assign(address, *read);
  if (masked) patterns_[address].push_back(std::move(*read));
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
    const Resource* api = address.type() == "api" ? find_resource(base.resources, address) : nullptr;
    for (const std::string& environment : environments) {
      const auto published = base.resources.find(Address::publication(address, environment));
      if (api == nullptr || published == base.resources.end()) continue;
      if (published->second.digest == api->digest) base.unmanaged.insert(published->first);  // known, so no drift
      base.resources.erase(published);
    }
  }
}

std::function<std::string(const std::string&)> SecretVault::masker() const {
  return [this](const std::string& text) { return is_mask(text) ? text : mask_of(text); };
}

void SecretVault::mask(ResourceMap& live) const { mask(live, masker()); }

void SecretVault::mask_and_learn(ResourceMap& live) {
  mask(live, [this](const std::string& text) { return learned(text); });
}

void SecretVault::mask(ResourceMap& live, const Masker& mask) const {
  if (patterns_.empty() && known_.empty()) return;
  for (auto& [address, resource] : live) {
    const Value body =
        masked(resource.body, address.type() == "publication" ? address.api_of_publication() : address, mask);
    if (!(body == resource.body)) put_body(resource, body);
  }
}

Value SecretVault::masked(const Value& live, const Address& owner, const Masker& mask) const {
  const Value* asked = asked_of(owner);
  const AtSecret hide = [&](const Value& own, const Value* wanted) {
    return is_plain(wanted) && *wanted == own ? own : masked_whole(own, mask);
  };
  Value body = live;
  std::set<std::string> masks;  // also of secrets that the manifest has no longer
  if (const auto patterns = patterns_.find(owner); patterns != patterns_.end()) {
    for (const Value& pattern : patterns->second) {
      body = SecretPlaces(hide).object(body, pattern, asked, fields_of(owner));
      collect_masks(pattern, masks);
    }
  }
  const std::function<bool(const std::string&)> wanted = [&](const std::string& text) {
    return holds_known(text) || (!masks.empty() && !text.empty() && !is_mask(text) && masks.contains(mask_of(text)));
  };
  TextMasker::Plains plains;
  if (asked != nullptr) plains.push_back(asked);
  if (const auto base = plain_bases_.find(owner); base != plain_bases_.end()) plains.push_back(&base->second);
  return TextMasker(wanted, mask).body(body, fields_of(owner), plains);
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
  // All are found before any is hidden: one may stand in another, or overlap it.
  std::vector<bool> secret(text.size());
  const auto find_all = [&](const std::string& plain) {
    if (plain.empty()) return;
    for (std::size_t at = text.find(plain); at != std::string::npos; at = text.find(plain, at + 1)) {
      std::fill_n(secret.begin() + static_cast<std::ptrdiff_t>(at), plain.size(), true);
    }
  };
  for (const auto& [mask, plain] : plain_) find_all(plain.reveal());
  for (const auto& [name, plain] : secrets_) find_all(plain.reveal());
  for (const Secret& plain : known_) find_all(plain.reveal());
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!secret[i]) {
      result += text[i];
    } else if (i == 0 || !secret[i - 1]) {
      result += "(sensitive)";
    }
  }
  return result;
}

}  // namespace sluice
