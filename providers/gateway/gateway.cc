#include "providers/gateway/gateway.h"

#include <deque>
#include <mutex>
#include <unordered_map>

#include "plan/json.h"
#include "providers/gateway/access.h"
#include "providers/gateway/dataarts/service.h"
#include "providers/gateway/foreign.h"
#include "providers/gateway/groups.h"
#include "providers/gateway/object_calls.h"
#include "providers/gateway/page.h"
#include "providers/gateway/quirks.h"
#include "providers/gateway/routes.h"
#include "providers/gateway/session.h"
#include "providers/gateway/store.h"
#include "providers/gateway/tasks.h"

namespace sluice::gateway {
namespace {

constexpr std::size_t kLongestLog = 100'000;
constexpr std::size_t kMostLoaded = 256;
constexpr std::size_t kMostPast = 200;
constexpr std::size_t kMostShown = 20;  // instances on the page

Result<Rules> read_rules(const Options& options) {
  Rules rules;
  rules.latency = std::max(options.latency, std::chrono::milliseconds(0));
  rules.concurrent_tasks = options.concurrent_tasks;
  for (const auto& [name, position] : options.quirks) {
    if (const auto moved = set_quirk(rules, name, position); !moved) return moved.forward();
  }
  return rules;
}

HttpResponse no_such_call(bool path_known) {
  if (!path_known) return fault_answer(refuse("APIG.0101", "The API does not exist").error);
  HttpResponse answer = fault_answer(refuse("APIG.0101", "The API does not exist for this method").error);
  answer.status = 405;
  return answer;
}

}  // namespace

/// The gateway behind its lock.
class Gateway::Core {
 public:
  Core(std::unique_ptr<Store> store, const Rules& rules, const Options& options)
      : store_(std::move(store)),
        rules_(rules),
        faults_(options.faults),
        directory_(options.directory),
        access_(options.credentials, options.directory.value_or(Directory{}), rules),
        random_(std::random_device()()),
        dataarts_(*store_, rules_, directory_, random_) {}

  Served serve(const HttpRequest& request, Now now) {
    const std::scoped_lock lock(mutex_);
    try {
      const std::string_view target = request.target;
      const std::string_view path = target.substr(0, target.find('?'));
      note(request.method, path);
      if (request.method == "GET" && path == "/") return {page(request, now), {}};
      const Encounter met = faults_.meet(request.method, path);
      Served out;
      out.delivery = met.delivery;
      if (met.carried_out) out.answer = answer(request, path, met, now);
      if (met.answer) out.answer = *met.answer;
      if (met.body) out.answer.body = *met.body;
      remember(request.method, path, out, now);
      return out;
    } catch (const std::exception&) {
      forget();
      return {fault_answer(refuse("APIG.9999").error), {}};
    }
  }

  bool put_task(std::string_view project_id, std::string_view workspace, const Value& task) {
    const std::scoped_lock lock(mutex_);
    return dataarts_.put_task(project_id, workspace, task);
  }

  std::uint64_t handled() const {
    const std::scoped_lock lock(mutex_);
    return handled_;
  }

  std::vector<std::pair<std::string, std::string>> log() const {
    const std::scoped_lock lock(mutex_);
    return {log_.begin(), log_.end()};
  }

 private:
  void note(std::string_view method, std::string_view path) {
    ++handled_;
    log_.emplace_back(method, path);
    if (log_.size() > kLongestLog) log_.pop_front();
  }

  /// For the page.
  void remember(std::string_view method, std::string_view path, const Served& served, Now now) {
    PastRequest past{now, std::string(method), std::string(path), served.answer.status, ""};
    if (served.answer.status >= 400) {
      const auto body = parse_json(served.answer.body);
      if (body) past.outcome = body->text("error_code");
    }
    if (served.delivery.cut != Cut::None) past.outcome = "a fault cut the connection";
    past_.push_front(std::move(past));
    if (past_.size() > kMostPast) past_.pop_back();
  }

  HttpResponse page(const HttpRequest& request, Now now) {
    if (!access_.is_user(find_header(request.headers, "Authorization"))) {
      return {401,
              {{"Content-Type", "text/plain"}, {"WWW-Authenticate", "Basic realm=\"embedded gateway\""}},
              "This page needs the name and password of a user of the credentials file.\n"};
    }
    std::vector<NamedInstance> shown;
    // Loading may drop what was loaded before, so that there is room for all first.
    if (instances_.size() + kMostShown > kMostLoaded || store_->changed_elsewhere()) instances_.clear();
    for (const std::string& scope : store_->scopes()) {
      if (shown.size() == kMostShown) break;
      if (instances_.find(scope) == instances_.end()) {
        auto loaded = load(scope);
        if (!loaded) continue;
        instances_.emplace(scope, std::move(*loaded));
      }
      shown.push_back({scope, &instances_.at(scope)});
    }
    const std::vector<PastRequest> past(past_.begin(), past_.end());
    return {200,
            {{"Content-Type", "text/html; charset=utf-8"},
             {"Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"},
             {"X-Content-Type-Options", "nosniff"},
             {"Cache-Control", "no-store"}},
            write_page(shown, past, now)};
  }

  /// Leaves nothing half-done: the file as it was before the request, and memory to be read anew.
  void forget() {
    store_->rollback();
    instances_.clear();
  }

  std::optional<Instance> load(const std::string& scope) {
    auto loaded = store_->load(scope);
    if (loaded && rules_.default_group) add_default_group(*loaded, scope);
    return loaded;
  }

  /// The instance as the file has it; null when the file cannot be read.
  Instance* instance(const std::string& scope) {
    if (store_->changed_elsewhere()) instances_.clear();
    if (const auto at = instances_.find(scope); at != instances_.end()) return &at->second;
    if (instances_.size() >= kMostLoaded) instances_.clear();
    auto loaded = load(scope);
    return loaded ? &instances_.emplace(scope, std::move(*loaded)).first->second : nullptr;
  }

  HttpResponse answer(const HttpRequest& request, std::string_view path, const Encounter& met, Now now) {
    if (auto identity = access_.answer_identity(request, now)) return *identity;
    if (const auto call = find_object_call(request)) {
      return answer_object_call(*call, request, *store_, access_, rules_, now);
    }
    if (const auto target = dataarts::find_target(request.method, path)) {
      if (auto refused = access_.refuse_entry(request, target->project_id, now)) return *refused;
      if (target->route == nullptr) return no_such_call(true);
      return dataarts_.answer(*target, request, met, now);
    }
    const Target target = find_route(request.method, path);
    if (auto refused = access_.refuse_entry(request, target.project_id, now)) return *refused;
    if (target.route == nullptr) return no_such_call(target.path_known);
    const bool of_instance = !target.instance_id.empty();
    if (directory_ && of_instance && directory_->find(target.project_id, target.instance_id) == nullptr) {
      return fault_answer({"APIG.3030", "The instance does not exist;id:" + target.instance_id});
    }
    const Call call{target.ids, read_query(request.target), request};
    const std::string scope = target.project_id + "/" + target.instance_id;
    Instance* found = instance(scope);
    bool writes = target.route->writes || !met.mischief.empty() || !met.changes.empty();
    if (found != nullptr) writes = writes || has_due_tasks(*found, now);
    if (found != nullptr && writes) {
      // Another process may have written since; under the lock none can.
      found = store_->begin() ? instance(scope) : nullptr;
    }
    if (found == nullptr) {
      forget();
      return fault_answer(refuse("APIG.9999").error);
    }
    Session session{*found, *store_, scope, target.project_id, target.instance_id, rules_, random_, now};
    session.directory = directory_ ? &*directory_ : nullptr;
    if (writes) run_due_tasks(session);
    for (const ForeignChange& change : met.changes) change_elsewhere(session, change);
    session.mischief = met.mischief;
    const Reply reply = target.route->answer(session, call);
    if (writes && !store_->commit()) {
      forget();
      return fault_answer(refuse("APIG.9999").error);
    }
    return reply ? *reply : fault_answer(reply.error(), rules_.table_status);
  }

  mutable std::mutex mutex_;
  std::unique_ptr<Store> store_;
  Rules rules_;
  Faults faults_;
  std::optional<Directory> directory_;
  Access access_;
  std::mt19937_64 random_;
  std::unordered_map<std::string, Instance> instances_;
  std::deque<std::pair<std::string, std::string>> log_;
  std::deque<PastRequest> past_;  ///< latest first
  std::uint64_t handled_ = 0;
  dataarts::Service dataarts_;
};

Gateway::Gateway(std::unique_ptr<Core> core) : core_(std::move(core)) {}
Gateway::~Gateway() = default;

Result<std::unique_ptr<Gateway>> Gateway::open(const Options& options) {
  auto rules = read_rules(options);
  if (!rules) return rules.forward();
  auto store = Store::open(options.data);
  if (!store) return store.forward();
  auto core = std::make_unique<Core>(std::move(*store), *rules, options);
  return std::unique_ptr<Gateway>(new Gateway(std::move(core)));  // NOLINT(cppcoreguidelines-owning-memory)
}

HttpResponse Gateway::handle(const HttpRequest& request, Now now) { return core_->serve(request, now).answer; }

Gateway::Served Gateway::serve(const HttpRequest& request, Now now) { return core_->serve(request, now); }

bool Gateway::put_system_task(std::string_view project_id, std::string_view workspace, const Value& task) {
  return core_->put_task(project_id, workspace, task);
}

std::uint64_t Gateway::requests_handled() const { return core_->handled(); }

std::vector<std::pair<std::string, std::string>> Gateway::request_log() const { return core_->log(); }

}  // namespace sluice::gateway
