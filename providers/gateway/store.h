// The gateway's data in SQLite. SQL is spoken in store.cc and nowhere else.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plan/result.h"
#include "providers/gateway/model.h"

namespace sluice::gateway {

/// A row of what is not an instance: of a DataArts workspace or an OBS bucket. `id` names it within its scope and kind.
/// `head` is JSON that lists need, `body` JSON or bytes; lists leave the body out.
struct Record {
  std::string kind;
  std::string id;
  std::string label;  ///< what lists of the kind can be narrowed to
  std::string head;
  std::string body;
};

/// One connection to one file; not safe for several threads at once. Several processes may hold the same file.
/// Writes belong between begin() and commit(); the first that fails makes the commit fail.
class Store {
 public:
  /// Opens or makes the file; ":memory:" lives as long as the Store. Errors: Storage.
  static Result<std::unique_ptr<Store>> open(const std::string& file);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  /// The scopes that were written to.
  std::vector<std::string> scopes();

  /// Whether another connection has changed the file since the last call.
  bool changed_elsewhere();

  /// Takes the file's write lock, waiting a few seconds for other processes. False when that fails.
  bool begin();
  /// Keeps everything written since begin(). False when something could not be written; then nothing is kept.
  bool commit();
  /// Forgets everything written since begin().
  void rollback();

  /// Everything under one scope ("project/instance"); empty when it was never written to, nothing when unreadable.
  std::optional<Instance> load(std::string_view scope);
  /// The instance ids of a project under which something was written.
  std::vector<std::string> instances(std::string_view project_id);
  /// The snapshot of any version of an API, in effect or not; nothing when unknown.
  std::optional<Value> version(std::string_view scope, std::string_view version_id);

  /// Each writes one row, new or known by its id.
  void put(std::string_view scope, const Group& group);
  void put(std::string_view scope, const Environment& environment);
  void put(std::string_view scope, const Api& api);
  void put(std::string_view scope, const Task& task);
  /// Writes a new version with its snapshot.
  void put_version(std::string_view scope, std::string_view api_id, const Publication& version);
  void put(std::string_view scope, const Policy& policy);
  void put_binding(std::string_view scope, std::string_view api_id, const Binding& binding);
  void put_wishes(std::string_view scope, std::string_view api_id, const Value& wishes);
  /// Marks a version as in or out of effect.
  void set_active(std::string_view scope, std::string_view version_id, bool active);

  void erase_group(std::string_view scope, std::string_view id);
  void erase_environment(std::string_view scope, std::string_view id);
  /// Removes an API with all its versions, bindings and wishes.
  void erase_api(std::string_view scope, std::string_view id);
  void erase_version(std::string_view scope, std::string_view version_id);
  void erase_task(std::string_view scope, std::string_view id);
  void erase_policy(std::string_view scope, std::string_view id);
  void erase_binding(std::string_view scope, std::string_view id);

  /// One record; nothing when unknown.
  std::optional<Record> record(std::string_view scope, std::string_view kind, std::string_view id);
  /// Those of a kind in the order in which they were made, without bodies; with a `label` only those that have it.
  std::vector<Record> records(std::string_view scope, std::string_view kind, std::string_view label = "");
  /// Writes a record, new or known by its kind and id.
  void put_record(std::string_view scope, const Record& record);
  void erase_record(std::string_view scope, std::string_view kind, std::string_view id);

  /// 1, 2, 3 ... across all processes; between begin() and commit() only.
  std::uint64_t next_number();

 private:
  class Connection;
  explicit Store(std::unique_ptr<Connection> connection);
  /// Adds what goes beyond groups and APIs, which `out` holds already.
  void load_policies(std::string_view scope, Instance& out);

  std::unique_ptr<Connection> db_;
  std::int64_t seen_version_ = 0;
};

}  // namespace sluice::gateway
