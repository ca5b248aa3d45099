// What the last apply left, where secrets have become others since: masked, opened, or hashed with another key.
#include <algorithm>

#include "plan/canonical.h"
#include "plan/drift.h"
#include "plan/json.h"
#include "plan/secret_places.h"
#include "plan/secrets.h"

namespace sluice {
namespace {

/// What a body of a base is now: its text, digest and the publications that were served so.
class BaseEditor {
 public:
  explicit BaseEditor(Baseline& base) : base_(base), publications_(publications_of(base.resources)) {}

  void put(const Address& address, const Value& body) {
    const auto fields = fields_of(address);
    const Value form = canonical(body, fields);
    base_.bodies.insert_or_assign(address, write_json(form));
    const auto resource = base_.resources.find(address);
    if (resource == base_.resources.end()) return;
    const std::string before = resource->second.digest;
    resource->second.digest = digest_of(form, fields);
    base_.remasked.insert(address);
    const auto served = publications_.find(address);
    if (served == publications_.end()) return;
    for (const Resource* publication : served->second) {
      if (publication->digest == before) put_digest(publication->address, resource->second.digest);
      const auto kept = base_.kept.find(publication->address);
      if (kept != base_.kept.end() && kept->second == write_json(Value(before)))
        kept->second = write_json(Value(resource->second.digest));
    }
  }

  void put_digest(const Address& publication, const std::string& digest) {
    base_.resources.at(publication).digest = digest;
    base_.remasked.insert(publication);
  }

 private:
  Baseline& base_;
  PublicationIndex publications_;
};

/// Whether a body in JSON may hold what is a credential by its name.
bool may_hold_credentials(std::string_view body) { return body.find("\"CONSTANT\"") != std::string_view::npos; }

}  // namespace

Value SecretVault::masked_base(const Address& address, const Value& body) const {
  const auto fields = fields_of(address);
  const AtSecret hide = [this](const Value& own, const Value*) { return hidden(own, masker()); };
  // What the files give in plain now is a secret no longer, when it is what the mask stands for.
  const AtSecret open = [this](const Value& own, const Value* asked) {
    return is_plain(asked) && same_elements(masked_whole(*asked, masker()), own) ? *asked : own;
  };
  Value masked = with_sensitive_masked(body, address, masker());
  if (const auto patterns = patterns_.find(address); patterns != patterns_.end()) {
    for (const Value& pattern : patterns->second) masked = at_secrets(masked, pattern, nullptr, fields, hide);
  }
  return at_secrets(masked, masked, asked_of(address), fields, open);
}

void SecretVault::mask(Baseline& base) const {
  std::optional<BaseEditor> editor;
  const auto may_change = [&](const Address& address, const std::string& text) {
    return patterns_.contains(address) ||
           (address.type() == "api" && (sensitive_.contains(address.group()) || may_hold_credentials(text)));
  };
  const auto changed = [&](const Address& address, const std::string& text) -> std::optional<Value> {
    if (!may_change(address, text)) return std::nullopt;
    auto body = parse_json(text);
    if (!body) return std::nullopt;
    Value masked = masked_base(address, *body);
    return masked == *body ? std::nullopt : std::optional(std::move(masked));
  };
  std::map<Address, Value> bodies;
  for (const auto& [address, text] : base.bodies) {
    if (auto body = changed(address, text)) bodies.emplace(address, std::move(*body));
  }
  for (const auto& [address, body] : bodies) {
    if (!editor) editor.emplace(base);
    editor->put(address, body);
  }
  for (auto& [address, text] : base.kept) {
    if (address.type() == "publication") continue;
    const auto body = changed(address, text);
    if (!body) continue;
    text = write_json(canonical(*body, fields_of(address)));
    if (base.resources.contains(address)) base.remasked.insert(address);
  }
}

const Baseline& SecretVault::comparable(const Baseline& base, const LiveState& live,
                                        std::optional<Baseline>& own) const {
  std::optional<BaseEditor> editor;
  const auto edit = [&]() -> BaseEditor& {
    if (!own) own = base;
    if (!editor) editor.emplace(*own);
    return *editor;
  };
  const auto is_other = [this](const Value& value) {
    std::set<std::string> masks;
    collect_masks(value, masks);
    return std::any_of(masks.begin(), masks.end(), [this](const std::string& mask) { return is_of_other_key(mask); });
  };
  const AtSecret take = [&](const Value& left, const Value* other) {
    return other != nullptr && is_other(left) ? *other : left;
  };
  const PublicationIndex served = saw_other_key_ ? publications_of(base.resources) : PublicationIndex();
  for (const auto& [address, text] : base.bodies) {
    const Resource* now = saw_other_key_ && holds_mask(text) ? find_resource(live.resources, address) : nullptr;
    const auto body = now != nullptr ? parse_json(text) : Result<Value, TextError>(Value());
    if (!body || now == nullptr || !is_other(*body)) continue;
    const std::string& before = base.resources.at(address).digest;
    edit().put(address, at_secrets(*body, *body, &now->body, fields_of(address), take));
    const auto publications = served.find(address);
    if (publications == served.end()) continue;
    for (const Resource* publication : publications->second) {  // another version, of which there is no body
      const Resource* version = find_resource(live.resources, publication->address);
      if (publication->digest != before && version != nullptr) edit().put_digest(version->address, version->digest);
    }
  }
  for (const auto& [address, resource] : base.resources) {
    if (address.type() != "publication" || digests_.empty()) continue;
    const auto masked = digests_.find(resource.digest);
    if (masked != digests_.end()) edit().put_digest(address, masked->second);
  }
  if (!saw_other_key_) return own ? *own : base;
  for (const auto& [address, text] : base.kept) {
    const Value* asked = asked_of(address);
    const auto body = asked != nullptr && holds_mask(text) ? parse_json(text) : Result<Value, TextError>(Value());
    if (!body || asked == nullptr || !is_other(*body)) continue;
    edit();
    own->kept.insert_or_assign(address, write_json(at_secrets(*body, *body, asked, fields_of(address), take)));
    if (base.resources.contains(address)) own->remasked.insert(address);
  }
  return own ? *own : base;
}

}  // namespace sluice
