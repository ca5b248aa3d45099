#include "plan/quotas.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "plan/moves.h"
#include "plan/words.h"

namespace sluice {
namespace {

/// What a plan adds and takes of one kind of thing.
struct Moves {
  std::size_t creates = 0;
  std::size_t deletes = 0;
};

struct Kind {
  std::string_view quota;
  std::string_view type;
  std::string_view one;
  std::string_view many;
};

constexpr Kind kOfGateway[] = {
    {"API_NUM_LIMIT", "api", "API", "APIs"},
    {"APIGROUP_NUM_LIMIT", "group", "API group", "API groups"},
    {"THROTTLE_NUM_LIMIT", "ratelimit", "throttling policy", "throttling policies"},
    {"ACL_NUM_LIMIT", "acl", "access control policy", "access control policies"},
};
constexpr Kind kOfGroup[] = {
    {"API_NUM_LIMIT_PER_GROUP", "api", "API", "APIs"},
    {"RESPONSE_NUM_LIMIT", "response", "response", "responses"},
};
constexpr std::string_view kDefaultResponse = "default";  // every group has it, and it is never made

struct ListQuota {
  std::string_view quota;
  std::string_view member;
  std::string_view many;
};
constexpr ListQuota kOfApi[] = {
    {"API_PARAM_NUM_LIMIT", "parameters", "parameters"},
    {"API_POLICY_NUM_LIMIT", "x-apigateway-backend-policies", "backend policies"},
    {"API_TAG_NUM_LIMIT", "tags", "tags"},
};

class QuotaCheck {
 public:
  QuotaCheck(const Plan& plan, const Quotas& quotas, const std::map<std::string, GroupSize>& sizes,
             const std::set<std::string>& first)
      : plan_(plan), quotas_(quotas), sizes_(sizes), first_(first) {}

  std::vector<std::string> run() {
    for (const Kind& kind : kOfGateway) check_gateway(kind);
    for (const Kind& kind : kOfGroup) check_groups(kind);
    for (const ListQuota& quota : kOfApi) check_apis(quota);
    return std::move(shortages_);
  }

 private:
  const Quota* find(std::string_view name) const {
    const auto at = quotas_.find(name);
    return at == quotas_.end() ? nullptr : &at->second;
  }

  std::map<std::string, Moves> moves_by_group(std::string_view type) const {
    std::map<std::string, Moves> moves;
    for (const Change& change : plan_.changes) {
      if (change.address.type() != type) continue;
      if (type == "response" && change.address.name() == kDefaultResponse) continue;
      Moves& group = moves[change.address.group()];
      group.creates += change.action == Action::Create ? 1U : 0U;
      // What another group must serve first makes no room for it.
      group.deletes += change.action == Action::Delete && !leaves_group(change) ? 1U : 0U;
    }
    if (type != "api") return moves;
    // Groups are worked on side by side, so what one frees counts for itself only.
    for (auto& [name, group] : moves) {
      const std::size_t freed = first_.contains(name) ? std::min(group.creates, group.deletes) : 0;
      group.creates -= freed;
      group.deletes -= freed;
    }
    return moves;
  }

  void check_gateway(const Kind& kind) {
    const Quota* quota = find(kind.quota);
    if (quota == nullptr || !quota->used) return;
    Moves all;
    for (const auto& [group, moves] : moves_by_group(kind.type)) {
      all.creates += moves.creates;
      all.deletes += moves.deletes;
    }
    check(kind, *quota->used, quota->limit, all, "the gateway");
  }

  void check_groups(const Kind& kind) {
    const Quota* quota = find(kind.quota);
    if (quota == nullptr) return;
    for (const auto& [group, moves] : moves_by_group(kind.type)) {
      const auto size = sizes_.find(group);
      const GroupSize held = size == sizes_.end() ? GroupSize{} : size->second;
      check(kind, kind.type == "api" ? held.apis : held.responses, quota->limit, moves,
            fmt::format("the group {}", shown(group)));
    }
  }

  void check(const Kind& kind, std::size_t held, std::size_t limit, const Moves& moves, const std::string& where) {
    const std::size_t most = held + moves.creates;
    if (moves.creates == 0 || most <= limit) return;
    const std::size_t room = limit > held ? limit - held : 0;
    const bool fits_after = moves.deletes > 0 && most - std::min(most, moves.deletes) <= limit;
    shortages_.push_back(fmt::format(
        "This plan needs {} more {} than {} allows (it holds {} of {}): {}.", moves.creates - room,
        moves.creates - room == 1 ? kind.one : kind.many, where, held, limit,
        fits_after ? fmt::format("it deletes {} too, but last: apply the deletions first, without what is new, then "
                                 "the rest",
                                 counted(moves.deletes, kind.one, kind.many))
                   : "create fewer, delete what nobody needs, or have the quota raised"));
  }

  void check_apis(const ListQuota& of) {
    const Quota* quota = find(of.quota);
    if (quota == nullptr) return;
    std::size_t count = 0;
    std::size_t most = 0;
    const Change* first = nullptr;
    for (const Change& change : plan_.changes) {
      const bool sets = change.action == Action::Create || change.action == Action::Update;
      const Value* list = change.address.type() == "api" && sets ? change.after.find(of.member) : nullptr;
      if (list == nullptr || list->items().size() <= quota->limit) continue;
      if (count++ == 0) first = &change;
      most = std::max(most, list->items().size());
    }
    if (count == 0) return;
    shortages_.push_back(
        fmt::format("{} up to {} {}, and the gateway allows {} an API; the first is {}{}: give fewer, "
                    "or have the quota {} raised.",
                    count == 1 ? "1 API has" : fmt::format("{} APIs have", count), most, of.many, quota->limit,
                    shown(first->address.text()),
                    first->source.file.empty() ? "" : fmt::format(" ({})", to_string(first->source)), of.quota));
  }

  const Plan& plan_;
  const Quotas& quotas_;
  const std::map<std::string, GroupSize>& sizes_;
  const std::set<std::string>& first_;
  std::vector<std::string> shortages_;
};

}  // namespace

bool may_meet_quotas(const Plan& plan) {
  return std::any_of(plan.changes.begin(), plan.changes.end(), [](const Change& change) {
    return change.action == Action::Create && change.address.type() != "publication";
  });
}

std::vector<std::string> shortages(const Plan& plan, const Quotas& quotas,
                                   const std::map<std::string, GroupSize>& sizes, const std::set<std::string>& first) {
  return QuotaCheck(plan, quotas, sizes, first).run();
}

std::set<std::string> groups_to_delete_first(const Plan& plan, const Quotas& quotas,
                                             const std::map<std::string, GroupSize>& sizes,
                                             const std::set<std::string>& may) {
  if (may.empty() || shortages(plan, quotas, sizes).empty() || !shortages(plan, quotas, sizes, may).empty()) return {};
  std::set<std::string> first = may;
  for (const std::string& group : may) {
    std::set<std::string> fewer = first;
    fewer.erase(group);
    if (shortages(plan, quotas, sizes, fewer).empty()) first = std::move(fewer);
  }
  return first;
}

}  // namespace sluice
