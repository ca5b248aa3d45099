// The embedded gateway: the management protocol of API Gateway V2, with DataArts Factory V1 and object storage beside
// it, over its own data, as one function of (request, time).
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "plan/result.h"
#include "plan/value.h"
#include "providers/gateway/credentials.h"
#include "providers/gateway/faults.h"
#include "providers/http/transport.h"

namespace sluice::gateway {

/// How a gateway behaves. `quirks` are the switches for what the service's documents leave open; README.md lists them.
struct Options {
  std::string data = ":memory:";         ///< SQLite file, or ":memory:"
  std::chrono::milliseconds latency{0};  ///< of asynchronous tasks, once started
  std::map<std::string, std::string> quirks;
  std::size_t concurrent_tasks = 4;
  Faults faults = {};                           ///< what goes wrong on purpose
  std::optional<Credentials> credentials = {};  ///< who may enter; without them everybody may
  std::optional<Directory> directory = {};      ///< the instances that exist; without it every id is one
};

/// The time of a request, UTC.
using Now = std::chrono::sys_time<std::chrono::milliseconds>;

/// A gateway with all its projects and instances. Safe to use from several threads; several processes may open the same
/// file. What a request has answered is in the file, also after a crash of this process.
class Gateway {
 public:
  /// Opens or makes the data file. Errors: Storage, and Invalid for an unknown quirk.
  static Result<std::unique_ptr<Gateway>> open(const Options& options);
  ~Gateway();
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  /// Answers one request as the service does, after every task due at `now` has taken effect. Never throws: what cannot
  /// be understood is answered with an error body, a failing data file with 500 APIG.9999.
  HttpResponse handle(const HttpRequest& request, Now now);

  /// An answer and how it travels. With Cut::Refuse and Cut::ResetBefore there is no answer.
  struct Served {
    HttpResponse answer;
    Delivery delivery;
  };
  /// The same for those that have a way to be late or to break: the faults of Options say how.
  Served serve(const HttpRequest& request, Now now);

  /// Keeps a finished DataArts system task in the shape of an answer, as tests need it for tasks that no call here
  /// makes. `workspace` is "" for the default one. False when there is no such workspace, or the data file fails.
  bool put_system_task(std::string_view project_id, std::string_view workspace, const Value& task);

  /// How many requests were handled since open().
  std::uint64_t requests_handled() const;
  /// Method and target (without query) of the latest 100,000 requests, oldest first.
  std::vector<std::pair<std::string, std::string>> request_log() const;

 private:
  class Core;
  explicit Gateway(std::unique_ptr<Core> core);
  std::unique_ptr<Core> core_;
};

}  // namespace sluice::gateway
