#include "providers/gateway/model.h"

#include <fmt/format.h>

#include <algorithm>

#include "plan/digest.h"

namespace sluice::gateway {
namespace {

struct Parts {
  int year = 0;
  unsigned month = 0, day = 0;
  long hour = 0, minute = 0, second = 0, millis = 0;
};

Parts split(Now time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return {static_cast<int>(date.year()),     static_cast<unsigned>(date.month()),
          static_cast<unsigned>(date.day()), clock.hours().count(),
          clock.minutes().count(),           clock.seconds().count(),
          clock.subseconds().count()};
}

}  // namespace

const Publication* Api::published_in(std::string_view env_id) const {
  const auto at = std::find_if(publications.begin(), publications.end(),
                               [env_id](const Publication& p) { return p.active && p.env_id == env_id; });
  return at != publications.end() ? &*at : nullptr;
}

bool Api::published() const {
  return std::any_of(publications.begin(), publications.end(), [](const Publication& p) { return p.active; });
}

Table<Policy>& Instance::policies(PolicyKind kind) {
  switch (kind) {
    case PolicyKind::Throttle:
      return throttles;
    case PolicyKind::Acl:
      return acls;
    case PolicyKind::Plugin:
      return plugins;
    case PolicyKind::Authorizer:
      return authorizers;
    case PolicyKind::Channel:
      return channels;
    case PolicyKind::Orchestration:
      return orchestrations;
    case PolicyKind::Response:
      break;
  }
  return responses;
}

const Table<Policy>& Instance::policies(PolicyKind kind) const { return const_cast<Instance*>(this)->policies(kind); }

Policy default_response(const Group& group) {
  std::string id = sha256_hex(group.id + " response " + std::string(kDefaultResponse)).substr(0, 32);
  Value body;
  body.set("responses", Value::object());
  return {PolicyKind::Response, std::move(id), group.id,     std::string(kDefaultResponse),
          std::move(body),      group.created, group.created};
}

std::string write_time(Now time) {
  const Parts p = split(time);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", p.year, p.month, p.day, p.hour, p.minute, p.second,
                     p.millis);
}

std::string write_time_digits(Now time) {
  const Parts p = split(time);
  return fmt::format("{:04}{:02}{:02}{:02}{:02}{:02}", p.year, p.month, p.day, p.hour, p.minute, p.second);
}

std::string write_time_dashed(Now time) {
  const Parts p = split(time);
  return fmt::format("{:04}-{:02}-{:02}-{:02}:{:02}:{:02}", p.year, p.month, p.day, p.hour, p.minute, p.second);
}

}  // namespace sluice::gateway
