#include "plan/ignore.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "plan/body_diff.h"
#include "plan/canonical.h"
#include "plan/drift.h"
#include "plan/ignore_path.h"
#include "plan/json.h"
#include "plan/select.h"
#include "plan/words.h"

namespace sluice {
namespace {

std::span<const FieldSchema> fields_of_apis() { return schema_of("api").fields; }

std::vector<std::string> paths_of(const std::vector<IgnoreRule>& rules) {
  std::vector<std::string> paths;
  for (const IgnoreRule& rule : rules) paths.push_back(rule.path);
  return paths;
}

/// Lays one body's values into another where a walk names them.
class Overlay {
 public:
  static Value object(const Value& body, const Value& live, std::span<const FieldSchema> fields, const PathWalk& walk,
                      std::span<const std::string_view> keys, bool top) {
    if (walk.lost() || !may_mix(body, live, fields, walk)) return body;
    Value::Object members;
    for (const FieldSchema& field : fields) {
      const bool fixed = (top && is_identity(field.name)) || is_one_of(field.name, keys);
      const Value* own = body.find(field.name);
      const Value* other = live.find(field.name);
      Value value = fixed ? value_of(own) : member(own, other, field, walk.into(field.name));
      if (!value.is_null()) members.push_back({std::string(field.name), std::move(value), 0});
    }
    for (const auto& extra : body.members()) {
      if (find_field(fields, extra.key) == nullptr) members.push_back(extra);
    }
    return Value::object(std::move(members));
  }

 private:
  static Value value_of(const Value* value) { return value != nullptr ? *value : Value(); }

  /// Members beside another `type` mean something else: all of them are laid in, or none.
  static bool may_mix(const Value& body, const Value& live, std::span<const FieldSchema> fields, const PathWalk& walk) {
    if (!depends_on_type(fields) || body.text("type") == live.text("type")) return true;
    return std::all_of(fields.begin(), fields.end(),
                       [&](const FieldSchema& field) { return walk.into(field.name).named(); });
  }

  static Value member(const Value* own, const Value* other, const FieldSchema& field, const PathWalk& walk) {
    if (walk.named()) return value_of(other);
    if (walk.lost()) return value_of(own);
    if (field.kind == FieldKind::KeyedList) return list(own, other, field, walk);
    const bool both = own != nullptr && other != nullptr && own->is_object() && other->is_object();
    return both && field.kind == FieldKind::Object ? object(*own, *other, field.fields, walk, {}, false)
                                                   : value_of(own);
  }

  static Value list(const Value* own, const Value* other, const FieldSchema& schema, const PathWalk& walk) {
    struct Pair {
      const Value* own = nullptr;
      const Value* other = nullptr;
    };
    std::map<std::string, Pair> elements;
    const auto collect = [&](const Value* value, const Value* Pair::*side) {
      if (value == nullptr) return;
      for (const Value& element : value->items()) elements[folded_element_key(element, schema)].*side = &element;
    };
    collect(own, &Pair::own);
    collect(other, &Pair::other);
    Value::Array merged;
    for (const auto& [key, pair] : elements) {
      const PathWalk inner = walk.into(pair.own != nullptr ? *pair.own : *pair.other, schema);
      Value element;
      if (inner.named()) {
        element = value_of(pair.other);
      } else if (pair.own != nullptr && pair.other != nullptr) {
        element = object(*pair.own, *pair.other, schema.fields, inner, schema.keys, false);
      } else {
        element = value_of(pair.own);
      }
      if (!element.is_null()) merged.push_back(std::move(element));
    }
    return merged.empty() ? Value() : Value::array(std::move(merged));
  }
};

/// The rules that concern an API.
std::vector<IgnoreRule> rules_for(const std::vector<IgnoreRule>& rules, const Value& body) {
  std::vector<IgnoreRule> found;
  for (const IgnoreRule& rule : rules) {
    if (rule.api.empty() || matches_operation(rule.api, body.text("method"), body.text("path"))) found.push_back(rule);
  }
  return found;
}

Resource with_body(Resource resource, Value body) {
  resource.digest = digest_of(body, fields_of_apis());
  resource.body = std::move(body);
  return resource;
}

}  // namespace

bool is_day(std::string_view text) {
  constexpr std::string_view kShape = "0000-00-00";
  if (text.size() != kShape.size()) return false;
  for (std::size_t i = 0; i < kShape.size(); ++i) {
    if (kShape[i] == '-' ? text[i] != '-' : text[i] < '0' || text[i] > '9') return false;
  }
  const auto number = [&](std::size_t at, std::size_t digits) {
    int value = 0;
    for (const char c : text.substr(at, digits)) value = value * 10 + (c - '0');
    return value;
  };
  const int year = number(0, 4);
  const int month = number(5, 2);
  const int day = number(8, 2);
  if (month < 1 || month > 12) return false;
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return day >= 1 && day <= kDays[month - 1] + (month == 2 && leap ? 1 : 0);
}

void report_expired(const std::vector<IgnoreRule>& rules, std::string_view today, Diagnostics& findings) {
  for (const IgnoreRule& rule : rules) {
    if (rule.until.empty() || rule.until >= today) continue;
    const bool told = std::any_of(findings.begin(), findings.end(), [&](const Diagnostic& finding) {
      return finding.code == "ignore-expired" && to_string(finding.at) == to_string(rule.at);
    });
    if (told) continue;
    findings.push_back({Severity::Warning, "ignore-expired",
                        fmt::format("{} was to be ignored until {}, and still is.", rule.path, rule.until),
                        "Take the rule out, or renew it with a later `until`.", rule.at});
  }
}

Value with_ignored(const Value& body, const Value& live, const std::vector<IgnoreRule>& rules) {
  return Overlay::object(body, live, fields_of_apis(), PathWalk(paths_of(rules)), {}, true);
}

IgnoringView::IgnoringView(const Baseline& base, const DesiredState& desired, const LiveState& live,
                           const std::vector<IgnoreRule>& rules)
    : base_(base), desired_(desired), live_(live) {
  if (rules.empty()) return;
  base_publications_ = publications_of(base.resources);
  live_publications_ = publications_of(live.resources);
  for (const auto& [address, resource] : live.resources) {
    if (address.type() != "api") continue;
    const Resource* wanted = find_resource(desired.resources, address);
    const auto own = rules_for(rules, wanted != nullptr ? wanted->body : resource.body);
    if (!own.empty()) hide(resource, own);
  }
  const auto key = [](const IgnoredField& field) { return std::tie(field.address, field.path); };
  std::sort(hidden_.begin(), hidden_.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
}

void IgnoringView::note(const Address& address, const Value& shown, const Value& own,
                        const std::vector<IgnoreRule>& rules) {
  for (const FieldChange& field : differences("api", shown, own)) {
    const auto names = [&](const IgnoreRule& rule) {
      PathWalk walk({lower(rule.path)});  // letters of a header's name do not count
      for (const std::string& token : pointer_tokens(lower(field.path))) walk = walk.into(token);
      return walk.named();
    };
    const auto rule = std::find_if(rules.begin(), rules.end(), names);
    hidden_.push_back({address, field.path, rule == rules.end() ? std::string() : rule->reason});
  }
}

void IgnoringView::hide(const Resource& live, const std::vector<IgnoreRule>& rules) {
  const Address& address = live.address;
  const Resource* wanted = find_resource(desired_.resources, address);
  if (wanted != nullptr && wanted->digest != live.digest) {
    Resource same = with_body(*wanted, with_ignored(wanted->body, live.body, rules));
    if (same.digest != wanted->digest) {
      note(address, same.body, wanted->body, rules);
      if (!own_desired_) own_desired_ = desired_;
      own_desired_->resources.insert_or_assign(address, std::move(same));
    }
  }
  const Resource* ours = find_resource(base_.resources, address);
  std::string base_digest = ours != nullptr ? ours->digest : std::string();
  if (ours != nullptr && ours->digest != live.digest) {
    const Value left = base_.body_of(address);
    Resource same = with_body(*ours, with_ignored(left, live.body, rules));
    if (same.digest != ours->digest) {
      if (wanted == nullptr) note(address, same.body, left, rules);
      if (!own_base_) own_base_ = base_;
      own_base_->bodies.insert_or_assign(address, write_json(same.body));
      base_digest = same.digest;
      same.body = Value();
      own_base_->resources.insert_or_assign(address, std::move(same));
    }
  }
  if (const auto kept = base_.kept.find(address); kept != base_.kept.end()) {
    if (const auto asked = parse_json(kept->second)) {
      std::string same = write_json(with_ignored(*asked, live.body, rules));
      if (!own_base_ && same != kept->second) own_base_ = base_;
      if (own_base_) own_base_->kept.insert_or_assign(address, std::move(same));
    }
  }
  hide_publications(live, rules, base_digest);
}

void IgnoringView::hide_publications(const Resource& live, const std::vector<IgnoreRule>& rules,
                                     const std::string& base_digest) {
  const Resource* ours = find_resource(base_.resources, live.address);
  bool served_as_it_is = true;
  std::set<std::string> environments;
  for (const PublicationIndex* index : {&base_publications_, &live_publications_}) {
    const auto served = index->find(live.address);
    if (served == index->end()) continue;
    for (const Resource* publication : served->second) environments.insert(publication->address.environment());
  }
  for (const std::string& environment : environments) {
    const Address address = Address::publication(live.address, environment);
    const Resource* left = find_resource(base_.resources, address);
    const Resource* now = find_resource(live_.resources, address);
    std::string now_digest = now != nullptr ? now->digest : std::string();
    if (left != nullptr && now_digest != live.digest) served_as_it_is = false;
    if (now != nullptr && !now_digest.empty() && now_digest != live.digest) {
      Resource same = with_body(*now, with_ignored(now->body, live.body, rules));
      if (same.digest != now->digest) {
        now_digest = same.digest;
        const bool told = std::any_of(hidden_.begin(), hidden_.end(),
                                      [&](const IgnoredField& field) { return field.address == live.address; });
        if (left != nullptr && !told) note(address, same.body, now->body, rules);
        if (!own_live_) own_live_ = live_;
        own_live_->resources.insert_or_assign(address, std::move(same));
      }
    }
    if (left == nullptr) continue;
    // The base has no body of what was published: it is told by its digest.
    const std::string& comparable = ours != nullptr && left->digest == ours->digest ? base_digest
                                    : now != nullptr && left->digest == now->digest ? now_digest
                                                                                    : left->digest;
    if (comparable == left->digest) continue;
    if (!own_base_) own_base_ = base_;
    own_base_->resources.at(address).digest = comparable;
  }
  const bool only_hidden = ours != nullptr && ours->digest != live.digest && base_digest == live.digest;
  if (only_hidden && served_as_it_is) moved_.push_back(live.address);
}

}  // namespace sluice
