#include "tests/property/stage.h"

#include <algorithm>

#include "engine/observation.h"
#include "plan/canonical.h"
#include "tests/plan/support.h"

namespace sluice::property {
namespace {

class Silent final : public RunListener {};

}  // namespace

Stage::Stage(StateGenerator& generator)
    : gateway_(quirks()),
      others_(gateway_, generator.foreign_api()),
      folder_(test::memory_folder() / ("sluice-property-" + std::to_string(::getpid()))) {
  std::filesystem::remove_all(folder_);
  store_ = sqlite_state_store((folder_ / "state.db").string());
  options_.threads = 0;
}

Stage::~Stage() { std::filesystem::remove_all(folder_); }

StateSnapshot Stage::state() {
  auto state = store_->read();
  REQUIRE(state);
  return std::move(*state);
}

Plan Stage::plan(const std::vector<GroupRequest>& requests) {
  Reconciler observer(gateway_.provider(), gateway_.clock(), options_);
  auto plan = observer.plan(requests, state());
  if (!plan) FAIL(plan.error().message);
  return std::move(*plan);
}

RunReport Stage::apply(const Plan& plan) {
  if (!plan.applyable()) FAIL(render_text(plan, {}) << test::text_of(plan.findings));
  const auto token = store_->lock({"apply", "test"}, gateway_.provider().identity());
  REQUIRE(token);
  Silent silent;
  Reconciler reconciler(gateway_.provider(), gateway_.clock(), options_);
  auto report = reconciler.apply(plan, state(), *store_, *token, "run", silent);
  REQUIRE(store_->unlock(*token));
  if (!report) FAIL(report.error().message);
  for (const Outcome& outcome : report->outcomes) {
    if (outcome.as_predicted()) continue;
    FAIL(render_text(plan, {}) << outcome.address.text() << ": " << to_string(outcome.actual) << " "
                               << outcome.error_code << " " << outcome.error_message << "\n"
                               << difference_seen(plan, outcome.address));
  }
  REQUIRE(report->converged);
  return std::move(*report);
}

std::string Stage::difference_seen(const Plan& plan, const Address& address) {
  const Change* change = plan.find(address);
  const LiveState live = exported(address.group());
  const auto seen = live.resources.find(address);
  if (change == nullptr || seen == live.resources.end()) return "it is not there";
  std::string text;
  for (const FieldChange& field : differences(address.type(), seen->second.body, change->after)) {
    text += field.path + ": " + write_json(field.before) + " and not " + write_json(field.after) + "\n";
  }
  return text;
}

void Stage::reach(const std::vector<GroupRequest>& requests, const Plan& plan) {
  apply(plan);
  gateway_.transport().forget();
  const Plan again = this->plan(requests);
  const bool done = again.empty() && again.steps.empty() && again.drift.empty();
  if (!done) FAIL(render_text(plan, {}) << "left something to do:\n" << render_text(again, {}));
  if (++reached_ % 3 == 0) apply(again);
  REQUIRE(gateway_.transport().sent().empty());
  REQUIRE(state().open_intents.empty());
}

LiveState Stage::exported(const std::string& group) {
  ExportRequest request{.group = group};
  for (const std::string_view name : kEnvironments) request.environments.emplace_back(name);
  request.responses = true;
  Observation observation(gateway_.provider(), gateway_.clock(), options_, {request});
  LiveState live;
  const auto done = observation.finish([&](const ExportRequest&, ExportDone exported) -> Result<void> {
    live = std::move(exported.live);
    return {};
  });
  REQUIRE(done);
  return live;
}

void Stage::seen_by_a_clean_observer(const std::vector<GroupRequest>& requests, const std::set<std::string>& others) {
  for (const GroupRequest& request : requests) {
    if (request.name.empty()) continue;
    const LiveState live = exported(request.name);
    std::set<std::string> wanted;
    const auto must_hold = [&](const Address& address, const Value& body) {
      wanted.insert(address.text());
      const auto seen = live.resources.find(address);
      if (seen == live.resources.end()) FAIL(address.text() << " is not there");
      if (holds(seen->second.body, body)) return;
      FAIL(address.text() << " is\n" << write_json(seen->second.body) << "\nand not\n" << write_json(body));
    };
    for (const auto& [address, resource] : request.desired.resources) {
      must_hold(address, resource.body);
      if (address.type() != "api") continue;
      for (const std::string& environment : request.options.environments) {
        must_hold(Address::publication(address, environment), resource.body);
      }
    }
    for (const auto& [address, resource] : live.resources) {
      const std::string text = address.text();
      const bool of_group = address.type() == "group" || (address.type() == "response" && address.name() == "default");
      const bool expected =
          of_group || wanted.contains(text) || others_.unmanaged().contains(text) || others.contains(text);
      if (!expected) FAIL(text << " came from nowhere");
    }
  }
}

void Stage::add_unmanaged(StateGenerator& generator) {
  if (gateway_.group_id("alpha").empty() || !others_.unmanaged().empty()) return;
  others_.add_unmanaged(generator.foreign_api());
}

std::string without_places(Plan plan) {
  for (auto* list : {&plan.changes, &plan.drift, &plan.unchanged}) {
    for (Change& change : *list) change.source = {};
  }
  plan.findings.clear();  // they name the first place, and stand in the order of places
  const std::string digest = std::move(plan.digest);
  plan.digest.clear();
  return write_json(plan_to_json(plan)) + digest;  // last, since it differs wherever something does
}

std::string difference(const std::string& one, const std::string& other) {
  if (one == other) return {};
  const auto part = std::mismatch(
      one.begin(), one.begin() + static_cast<std::ptrdiff_t>(std::min(one.size(), other.size())), other.begin());
  const auto at = static_cast<std::size_t>(part.first - one.begin());
  const std::size_t from = at < 150 ? 0 : at - 150;
  return "..." + one.substr(from, 300) + "\nand\n..." + other.substr(from, 300);
}

bool holds(const Value& seen, const Value& wanted) {
  if (wanted.is_object()) {
    return std::all_of(wanted.members().begin(), wanted.members().end(), [&](const auto& member) {
      // Another object of the gateway, which exports need not show.
      if (member.key == "definition") return true;
      const Value* other = seen.find(member.key);
      return other != nullptr && holds(*other, member.value);
    });
  }
  if (!wanted.is_array()) return seen == wanted;
  return seen.items().size() == wanted.items().size() &&
         std::equal(wanted.items().begin(), wanted.items().end(), seen.items().begin(),
                    [](const Value& a, const Value& b) { return holds(b, a); });
}

std::vector<GroupRequest> with(std::vector<GroupRequest> requests, const std::function<void(DiffOptions&)>& change) {
  for (GroupRequest& request : requests) change(request.options);
  return requests;
}

}  // namespace sluice::property
