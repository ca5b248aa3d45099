#include "plan/secrets.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <set>

#include "plan/canonical.h"
#include "plan/digest.h"
#include "plan/json.h"
#include "plan/limits.h"
#include "plan/secret_places.h"
#include "plan/sensitive.h"

namespace sluice {
namespace {

constexpr std::string_view kMaskStart = "secret:hmac-sha256:";
constexpr std::size_t kMaskDigits = 32;
constexpr std::size_t kKeyDigits = 8;  // the last of them
constexpr std::size_t kMaskSize = kMaskStart.size() + kMaskDigits;
constexpr std::size_t kShortest = 4;  // a shorter secret stands in many texts that mean something else
constexpr char kMarkEnd = '\x01';     // at the end, so that a path still starts with its slash
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

/// What a gateway would not take of the body of an API once its secrets are in it. Never a value: it is plain.
std::vector<std::string> broken_by_secrets(Value plain) {
  std::vector<std::string> broken;
  if (cut_texts(plain).all() > 0) broken.emplace_back("a description or sample is longer than the gateway takes");
  for (const Broken& rule : limits_broken(plain)) {
    if (!rule.refused) continue;
    broken.push_back(without_value(rule));
  }
  return broken;
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

SecretVault::SecretVault(Secret key, Secrets secrets, const std::map<std::string, std::vector<std::string>>& sensitive)
    : key_(std::move(key)),
      secrets_(std::move(secrets)),
      key_digits_(hmac_sha256_hex(key_.reveal(), "which key").substr(0, kKeyDigits)) {
  for (const auto& [group, paths] : sensitive) sensitive_.emplace(group, PathWalk(paths));
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
  return fmt::format("{}{}{}", kMaskStart, hmac_sha256_hex(key_.reveal(), plain).substr(0, kMaskDigits - kKeyDigits),
                     key_digits_);
}

bool SecretVault::is_of_other_key(std::string_view mask) const { return is_mask(mask) && !mask.ends_with(key_digits_); }

const PathWalk& SecretVault::sensitive_in(const std::string& group) const {
  static const PathWalk nothing{std::vector<std::string>()};
  const auto named = sensitive_.find(group);
  return named == sensitive_.end() ? nothing : named->second;
}

Value SecretVault::with_sensitive_masked(const Value& body, const Address& owner, const Masker& mask) const {
  if (owner.type() != "api") return body;
  return with_sensitive(body, fields_of(owner), sensitive_in(owner.group()), mask);
}

std::vector<std::string> SecretVault::sensitive_texts(const ResourceMap& desired) const {
  std::set<std::string> texts;
  const Masker note = [&](const std::string& text) {
    if (!is_mark(text)) texts.insert(text);
    return text;
  };
  for (const auto& [address, resource] : desired) (void)with_sensitive_masked(resource.body, address, note);
  return {texts.begin(), texts.end()};
}

Diagnostics SecretVault::seal(ResourceMap& desired) {
  Diagnostics errors;
  const Masker remember = [this](const std::string& text) { return learned(text); };
  for (auto& [address, resource] : desired) {
    if (!holds_mark(resource.body)) {
      const Value body = with_sensitive_masked(resource.body, address, remember);
      if (!(body == resource.body)) put_body(resource, body);
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
    const Value sealed = at_secrets(plain, pattern, nullptr, fields_of(address), seal);
    put_body(resource, with_sensitive_masked(sealed, address, remember));
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
  for (std::size_t at = find_mask(body, 0); at != std::string::npos && !saw_other_key_; at = find_mask(body, at + 1))
    saw_other_key_ = is_of_other_key(std::string_view(body).substr(at, kMaskSize));
  if (!masked && !plain) return;
  auto read = parse_json(body);
  if (!read) return;
  if (plain) plain_bases_.insert_or_assign(address, *read);
  if (masked) patterns_[address].push_back(std::move(*read));
}

std::function<std::string(const std::string&)> SecretVault::masker() const {
  return [this](const std::string& text) { return is_mask(text) ? text : mask_of(text); };
}

void SecretVault::mask(ResourceMap& live) const {
  for (auto& [address, resource] : live) {
    const Value body = masked(resource, masker());
    if (!(body == resource.body)) put_body(resource, body);
  }
}

void SecretVault::mask_and_learn(ResourceMap& live) {
  const Masker learn = [this](const std::string& text) { return learned(text); };
  for (auto& [address, resource] : live) {
    const Value body = masked(resource, learn);
    if (body == resource.body) continue;
    const std::string plain = resource.digest;
    put_body(resource, body);
    digests_.insert_or_assign(plain, resource.digest);
  }
}

Value SecretVault::masked(const Resource& live, const Masker& mask) const {
  const Address owner = live.address.type() == "publication" ? live.address.api_of_publication() : live.address;
  Value body = with_sensitive_masked(live.body, owner, mask);
  const auto patterns = patterns_.find(owner);
  if (patterns == patterns_.end() && known_.empty()) return body;
  const Value* asked = asked_of(owner);
  const AtSecret hide = [&](const Value& own, const Value* wanted) {
    return is_plain(wanted) && *wanted == own ? own : hidden(own, mask);
  };
  std::set<std::string> masks;  // also of secrets that the manifest has no longer
  if (patterns != patterns_.end()) {
    for (const Value& pattern : patterns->second) {
      body = at_secrets(body, pattern, asked, fields_of(owner), hide);
      collect_masks(pattern, masks);
    }
  }
  const std::function<bool(const std::string&)> wanted = [&](const std::string& text) {
    return holds_known(text) || (!masks.empty() && !text.empty() && !is_mask(text) && masks.contains(mask_of(text)));
  };
  std::vector<const Value*> plains;
  if (asked != nullptr) plains.push_back(asked);
  if (const auto base = plain_bases_.find(owner); base != plain_bases_.end()) plains.push_back(&base->second);
  return with_texts_masked(body, fields_of(owner), plains, wanted, mask);
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
          is_of_other_key(document.substr(at, kMaskSize))
              ? "The plan holds a secret that was hashed with another key: set SLUICE_HASH_KEY as it was when the plan "
                "was made, or make a new plan."
              : "The plan holds a secret that no ${secret:NAME} of the manifest has now, nor a sensitive value of its "
                "files: set the secrets and files as they were when the plan was made, or make a new plan.");
    }
    result.append(document.substr(done, at - 1 - done)).append(write_json(Value(plain->second.reveal())));
    done = end + 1;
  }
  return result.append(document.substr(done));
}

std::string SecretVault::redacted(std::string text) const {
  if (text.empty()) return text;
  // All are found before any is hidden: one may stand in another, or overlap it.
  std::vector<bool> secret(text.size());
  const auto find_all = [&](const std::string& plain) {
    if (plain.empty()) return;
    for (std::size_t at = text.find(plain); at != std::string::npos; at = text.find(plain, at + 1)) {
      std::fill_n(secret.begin() + static_cast<std::ptrdiff_t>(at), plain.size(), true);
    }
  };
  for (const auto& [mask, plain] : plain_) {
    if (plain.reveal().size() >= kShortest) find_all(plain.reveal());
  }
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
