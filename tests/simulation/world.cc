#include "tests/simulation/world.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "plan/json.h"

namespace sluice::simulation {
namespace {

gateway::Options options_of(const Schedule& schedule) {
  gateway::Options options{.data = ":memory:", .latency = schedule.latency, .quirks = property::quirks()};
  options.quirks.emplace("ids", "sequential");
  if (schedule.mischief) {
    auto read =
        gateway::Faults::read({"faults.yaml", fmt::format("[{{method: POST, path: '**/openapi/async-import', nth: {}, "
                                                          "action: {}}}]",
                                                          schedule.mischief->nth, schedule.mischief->action)});
    check(read.value.has_value(), "a file of faults that cannot be read");
    options.faults = std::move(*read.value);
  }
  return options;
}

constexpr Milliseconds kOnTheWay = std::chrono::seconds(5);  ///< of what arrives late

std::vector<std::string> split(const std::string& text, char by) {
  std::vector<std::string> parts;
  std::string part;
  for (const char c : text + by) {
    if (c != by) {
      part += c;
    } else if (!part.empty()) {
      parts.push_back(std::exchange(part, {}));
    }
  }
  return parts;
}

}  // namespace

World::World(const Schedule& schedule, Counters& counters)
    : schedule_(schedule),
      counters_(counters),
      generator_(schedule.seed),
      gateway_(options_of(schedule)),
      others_(gateway_, generator_.foreign_api()),
      folder_(test::memory_folder() / fmt::format("sluice-simulation-{}", ::getpid())) {
  std::filesystem::remove_all(folder_);
  std::filesystem::create_directories(folder_);
}

World::~World() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::optional<Kind> World::strike(int run, Where where, int nth) {
  for (const Fault& fault : schedule_.faults) {
    if (fault.run != run || fault.where != where || fault.nth != nth) continue;
    note(fmt::format("! {} {}: {}", to_string(where), nth, to_string(fault.kind)));
    ++counters_[fmt::format("{} at a {}", to_string(fault.kind), to_string(where))];
    return fault.kind;
  }
  return std::nullopt;
}

StateSnapshot World::state() {
  auto read = store()->read();
  if (!read) throw Violation{"the state cannot be read: " + read.error().message};
  return std::move(*read);
}

std::unique_ptr<StateStore> World::store() { return sqlite_state_store(state_file(), gateway_.clock()); }

void World::bury() {
  if (!std::filesystem::exists(state_file())) return;
  if (schedule_.seed % 3 != 0) return release();
  gateway_.clock().sleep_for(kOnTheWay);
  deliver_late();
  gateway_.clock().sleep_for(kLease);
}

void World::release() {
  const auto store = this->store();
  const auto holders = store->holders();
  if (!holders) throw Violation{"the locks cannot be read: " + holders.error().message};
  for (const LockHolder& holder : *holders)
    check(store->break_lock(holder.id).has_value(), "a lock that cannot be broken");
}

void World::take_over() {
  release();
  const auto taken = store()->lock({"apply", "another"}, gateway_.provider().identity());
  if (!taken) throw Violation{"a broken lock is not free: " + taken.error().message};
}

bool World::count_import() {
  ++imports_;
  return schedule_.mischief && schedule_.mischief->nth == imports_;
}

void World::send_late(const HttpRequest& request) {
  late_.emplace_back(gateway_.clock().steady() + kOnTheWay, request);
}

void World::deliver_late() {
  while (!late_.empty() && late_.front().first <= gateway_.clock().steady()) {
    note("late: " + late_.front().second.target);
    count_import();
    (void)gateway_.wire().send(late_.front().second).has_value();
    late_.erase(late_.begin());
  }
}

bool World::next_import_goes_wrong() const { return schedule_.mischief && schedule_.mischief->nth == imports_ + 1; }

Value::Array World::listed(const std::string& path, const std::string& list) {
  const Value answer = gateway_.call("GET", path + (path.find('?') == std::string::npos ? "?" : "&") + "limit=500");
  const Value* items = answer.find(list);
  return items == nullptr ? Value::Array() : Value::Array(items->items());
}

bool World::meddle() {
  for (const char* group : {"alpha", "beta"}) {
    const std::string id = gateway_.group_id(group);
    if (id.empty()) continue;
    for (const Value& api : listed("/apis?group_id=" + id, "apis")) {
      const Address address = Address::api(group, api.text("req_method"), api.text("req_uri"), api.text("match_mode"));
      const auto environments = split(std::string(api.text("run_env_name")), '|');
      const bool serves = std::find(environments.begin(), environments.end(), "RELEASE") != environments.end();
      if (!serves || others_.unmanaged().contains(address.text())) continue;
      gateway_.call("POST", "/apis/publish?action=offline",
                    fmt::format(R"({{"env_id":"DEFAULT_ENVIRONMENT_RELEASE_ID","apis":["{}"]}})", api.text("id")));
      note("somebody took " + address.text() + " offline");
      return true;
    }
  }
  return false;
}

std::map<Address, std::string> World::made() {
  std::map<Address, std::string> made;
  for (const Value& group : listed("/api-groups", "groups")) {
    const std::string name(group.text("name"));
    if (name == "foreign") continue;
    const std::string id(group.text("id"));
    made.emplace(Address::group(name), id + " " + std::string(group.text("remark")));
    for (const Value& api : listed("/apis?group_id=" + id, "apis")) {
      const Address address = Address::api(name, api.text("req_method"), api.text("req_uri"), api.text("match_mode"));
      if (others_.unmanaged().contains(address.text())) continue;
      made.emplace(address, fmt::format("{} {}", api.text("id"), api.text("update_time")));
      const auto environments = split(std::string(api.text("run_env_name")), '|');
      const auto publications = split(std::string(api.text("publish_id")), '|');
      for (std::size_t i = 0; i < environments.size(); ++i)
        made.emplace(Address::publication(address, environments[i]), i < publications.size() ? publications[i] : "");
    }
    for (const Value& response : listed("/api-groups/" + id + "/gateway-responses", "responses")) {
      if (response.text("name") != "default")
        made.emplace(Address::response(name, response.text("name")), write_json(response));
    }
  }
  for (const Value& policy : listed("/throttles", "throttles"))
    made.emplace(Address::ratelimit(policy.text("name")), policy.text("id"));
  for (const Value& policy : listed("/acls", "acls"))
    made.emplace(Address::acl(policy.text("acl_name")), policy.text("id"));
  return made;
}

}  // namespace sluice::simulation
