#include "engine/state_rows.h"

#include <set>

#include "engine/state_schema.h"
#include "plan/address.h"
#include "plan/json.h"

namespace sluice {
namespace {

using sql::Connection;
using sql::Parameters;
using sql::Row;

// Two groups may come to hold one address only by a rename; the newcomer wins.
constexpr std::string_view kPutResource =
    "INSERT INTO resources (key, address, grp, body, digest, remote_id, changed_at) VALUES ($1, $2, $3, $4, $5, $6, "
    "$7) "
    "ON CONFLICT (key) DO UPDATE SET address = excluded.address, grp = excluded.grp, body = excluded.body, "
    "digest = excluded.digest, remote_id = excluded.remote_id, changed_at = excluded.changed_at";
constexpr std::string_view kPutUnmanaged =
    "INSERT INTO unmanaged VALUES ($1, $2) ON CONFLICT (address) DO UPDATE SET grp = excluded.grp";
constexpr std::string_view kPutKept =
    "INSERT INTO kept VALUES ($1, $2, $3, $4) ON CONFLICT (key) DO UPDATE SET address = excluded.address, "
    "grp = excluded.grp, asked = excluded.asked";
constexpr std::string_view kPutGuarded =
    "INSERT INTO guarded VALUES ($1, $2, $3) ON CONFLICT (key) DO UPDATE SET address = excluded.address, "
    "grp = excluded.grp";

/// Rows are found by what is the same on a gateway; the body keeps the names of the path's variables.
std::string key_of(const Address& address) { return without_variable_names(address.text()); }

std::vector<Address> addresses_in(Connection& connection, const std::string& table, const std::string& group) {
  std::vector<Address> found;
  connection.ask("SELECT address FROM " + table + " WHERE grp = $1", {group},
                 [&](const Row& row) { found.push_back(address_from(row.text(0))); });
  return found;
}

void remove_rows(Connection& connection, const std::string& table, const std::vector<Address>& addresses) {
  std::vector<Parameters> keys;
  for (const Address& address : addresses) keys.push_back({key_of(address)});
  connection.many("DELETE FROM " + table + " WHERE key = $1", keys);
}

Parameters resource_row(const std::string& group, const Resource& resource, std::string body) {
  return {key_of(resource.address), resource.address.text(), group, std::move(body), resource.digest,
          resource.remote_id,       resource.changed_at};
}

/// What the state holds of publications of APIs that are gone.
std::vector<Address> publications_of(Connection& connection, const StateChange& change) {
  if (change.gone.empty()) return {};
  const std::set<Address> gone(change.gone.begin(), change.gone.end());
  std::vector<Address> found = addresses_in(connection, "resources", change.group);
  std::erase_if(found, [&](const Address& address) {
    return address.type() != "publication" || !gone.contains(address.api_of_publication());
  });
  return found;
}

/// What is known of one group is known of another from now on. Rows are found by addresses, and those name the group.
void take_over_rows(Connection& connection, const std::string& from, const std::string& to) {
  for (const std::string table : {"resources", "kept", "guarded"}) {
    std::vector<Parameters> old;
    std::vector<Parameters> renamed;
    for (const Address& address : addresses_in(connection, table, from)) {
      const Address now = address.in_group(to);
      old.push_back({key_of(now)});
      renamed.push_back({key_of(now), now.text(), to, key_of(address)});
    }
    connection.many("DELETE FROM " + table + " WHERE key = $1", old);
    connection.many("UPDATE " + table + " SET key = $1, address = $2, grp = $3 WHERE key = $4", renamed);
  }
  connection.ask("DELETE FROM unmanaged WHERE grp = $1", {from});
}

void write_owned(Connection& connection, const StateChange& change) {
  std::vector<Parameters> rows;
  rows.reserve(change.owned.size());
  for (const Resource& resource : change.owned) {
    const bool publication = resource.address.type() == "publication";
    const Value definition = Value::object({{"definition", resource.digest, 0}});
    rows.push_back(resource_row(change.group, resource, write_json(publication ? definition : resource.body)));
  }
  connection.many(kPutResource, rows);
}

void write_kept(Connection& connection, const StateChange& change, const std::vector<Address>& publications) {
  std::vector<Address> forgotten = publications;
  forgotten.insert(forgotten.end(), change.gone.begin(), change.gone.end());
  for (const Resource& resource : change.owned) forgotten.push_back(resource.address);
  remove_rows(connection, "kept", forgotten);
  std::vector<Parameters> rows;
  for (const auto& [address, asked] : change.kept)
    rows.push_back({key_of(address), address.text(), change.group, asked});
  connection.many(kPutKept, rows);
}

void write_guarded(Connection& connection, const StateChange& change) {
  remove_rows(connection, "guarded", change.gone);
  remove_rows(connection, "guarded", change.unprotect);
  std::vector<Parameters> rows;
  for (const Address& address : change.protect) rows.push_back({key_of(address), address.text(), change.group});
  connection.many(kPutGuarded, rows);
}

}  // namespace

Baselines read_baselines(Connection& connection) {
  Baselines groups;
  connection.ask("SELECT grp, body, digest, remote_id, address, changed_at FROM resources", {}, [&](const Row& row) {
    const Address address = address_from(row.text(4));
    Baseline& base = groups[std::string(row.text(0))];
    Resource resource{address, Value(), std::string(row.text(2)), std::string(row.text(3))};
    resource.changed_at = row.text(5);
    base.resources.emplace(address, std::move(resource));
    base.bodies.emplace(address, row.text(1));
  });
  connection.ask("SELECT grp, address FROM unmanaged", {},
                 [&](const Row& row) { groups[std::string(row.text(0))].unmanaged.insert(address_from(row.text(1))); });
  connection.ask("SELECT grp, address, asked FROM kept", {}, [&](const Row& row) {
    groups[std::string(row.text(0))].kept.emplace(address_from(row.text(1)), row.text(2));
  });
  connection.ask("SELECT grp, address FROM guarded", {},
                 [&](const Row& row) { groups[std::string(row.text(0))].guarded.insert(address_from(row.text(1))); });
  return groups;
}

void replace_baselines(Connection& connection, const Baselines& baselines) {
  connection.run("DELETE FROM resources; DELETE FROM unmanaged; DELETE FROM kept; DELETE FROM guarded");
  std::vector<Parameters> resources;
  std::vector<Parameters> unmanaged;
  std::vector<Parameters> kept;
  std::vector<Parameters> guarded;
  for (const auto& [group, base] : baselines) {
    for (const auto& [address, resource] : base.resources) {
      const auto body = base.bodies.find(address);
      resources.push_back(resource_row(group, resource, body == base.bodies.end() ? "{}" : body->second));
    }
    for (const Address& address : base.unmanaged) unmanaged.push_back({address.text(), group});
    for (const auto& [address, asked] : base.kept) kept.push_back({key_of(address), address.text(), group, asked});
    for (const Address& address : base.guarded) guarded.push_back({key_of(address), address.text(), group});
  }
  connection.many(kPutResource, resources);
  connection.many(kPutUnmanaged, unmanaged);
  connection.many(kPutKept, kept);
  connection.many(kPutGuarded, guarded);
}

void write_change(Connection& connection, const StateChange& change) {
  if (!change.renamed_from.empty()) take_over_rows(connection, change.renamed_from, change.group);
  const std::vector<Address> publications = publications_of(connection, change);
  remove_rows(connection, "resources", change.gone);
  remove_rows(connection, "resources", publications);
  write_owned(connection, change);
  write_kept(connection, change, publications);
  write_guarded(connection, change);
  connection.ask("DELETE FROM unmanaged WHERE grp = $1", {change.group});
  std::vector<Parameters> unmanaged;
  for (const Address& address : change.unmanaged) unmanaged.push_back({address.text(), change.group});
  connection.many(kPutUnmanaged, unmanaged);
}

bool holds_rows(Connection& connection) {
  bool holds = false;
  connection.ask("SELECT 1 FROM resources UNION ALL SELECT 1 FROM kept LIMIT 1", {}, [&](const Row&) { holds = true; });
  return holds;
}

void forget_seen(Connection& connection) { connection.run("DELETE FROM unmanaged; DELETE FROM guarded"); }

}  // namespace sluice
