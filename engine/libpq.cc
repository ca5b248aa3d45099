#include "engine/libpq.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <libpq-fe.h>
#include <poll.h>

#include <cerrno>
#include <charconv>
#include <optional>
#include <type_traits>

#include "plan/check.h"

namespace sluice::pq {

using std::chrono::steady_clock;

struct Functions {
  decltype(&PQconnectdbParams) connect = nullptr;
  decltype(&PQfinish) finish = nullptr;
  decltype(&PQstatus) status = nullptr;
  decltype(&PQerrorMessage) error_message = nullptr;
  decltype(&PQsetnonblocking) set_nonblocking = nullptr;
  decltype(&PQsocket) socket = nullptr;
  decltype(&PQflush) flush = nullptr;
  decltype(&PQconsumeInput) consume_input = nullptr;
  decltype(&PQisBusy) is_busy = nullptr;
  decltype(&PQsendQuery) send_query = nullptr;
  decltype(&PQsendQueryParams) send_query_parameters = nullptr;
  decltype(&PQsendPrepare) send_prepare = nullptr;
  decltype(&PQsendQueryPrepared) send_prepared = nullptr;
  decltype(&PQsetSingleRowMode) set_single_row_mode = nullptr;
  decltype(&PQenterPipelineMode) enter_pipeline = nullptr;
  decltype(&PQexitPipelineMode) exit_pipeline = nullptr;
  decltype(&PQpipelineSync) pipeline_sync = nullptr;
  decltype(&PQgetResult) get_result = nullptr;
  decltype(&PQclear) clear = nullptr;
  decltype(&PQresultStatus) result_status = nullptr;
  decltype(&PQresultErrorField) error_field = nullptr;
  decltype(&PQntuples) row_count = nullptr;
  decltype(&PQgetvalue) value = nullptr;
  decltype(&PQgetlength) length = nullptr;
  decltype(&PQsetNoticeProcessor) set_notice_processor = nullptr;
  decltype(&PQconninfoParse) parse_conninfo = nullptr;
  decltype(&PQconninfoFree) free_conninfo = nullptr;
  decltype(&PQfreemem) free_memory = nullptr;
};

namespace {

constexpr Oid kBigint = 20;  // types of parameters, as the server numbers them
constexpr Oid kText = 25;
constexpr std::size_t kRowsOnTheWay = 1000;  // of a pipeline, before answers are read

std::string trimmed(std::string_view text) {
  std::string line;
  for (const char c : text) line += c == '\n' || c == '\t' ? ' ' : c;
  while (!line.empty() && (line.back() == ' ' || line.back() == '.')) line.pop_back();
  return line;
}

/// One row of parameters, as the library takes them.
class Arguments {
 public:
  explicit Arguments(const sql::Parameters& parameters) {
    numbers_.reserve(parameters.size());
    for (const sql::Parameter& parameter : parameters) {
      if (const auto* number = std::get_if<std::int64_t>(&parameter)) {
        numbers_.push_back(std::to_string(*number));
        add(numbers_.back(), kBigint);
      } else {
        add(std::get<std::string>(parameter), kText);
      }
    }
  }
  int count() const { return static_cast<int>(values_.size()); }
  const char* const* values() const { return values_.data(); }
  const Oid* types() const { return types_.data(); }

 private:
  void add(const std::string& text, Oid type) {
    if (text.find('\0') != std::string::npos) throw Failure{"a text holds a NUL character, which it cannot keep"};
    values_.push_back(text.c_str());
    types_.push_back(type);
  }
  std::vector<std::string> numbers_;
  std::vector<const char*> values_;
  std::vector<Oid> types_;
};

class ResultRow final : public sql::Row {
 public:
  ResultRow(const Functions& library, const PGresult* result, int row)
      : library_(library), result_(result), row_(row) {}
  std::string_view text(int column) const override {
    return {library_.value(result_, row_, column), static_cast<std::size_t>(library_.length(result_, row_, column))};
  }
  std::int64_t number(int column) const override {
    const std::string_view digits = text(column);
    std::int64_t number = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return number;
  }

 private:
  const Functions& library_;
  const PGresult* result_;
  int row_;
};

}  // namespace

std::shared_ptr<const Functions> load_library(const char* file) {
  void* handle = ::dlopen(file, RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    throw Failure{
        fmt::format("{} is not here, the client library that state in PostgreSQL needs: install the Debian "
                    "package libpq5, or what holds it elsewhere",
                    file)};
  }
  auto all = std::make_shared<Functions>();
  const auto find = [&](auto& function, const char* name) {
    function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(::dlsym(handle, name));
    if (function == nullptr)
      throw Failure{fmt::format("{} has no {}: state in PostgreSQL needs libpq 14 or newer", file, name)};
  };
  find(all->connect, "PQconnectdbParams");
  find(all->finish, "PQfinish");
  find(all->status, "PQstatus");
  find(all->error_message, "PQerrorMessage");
  find(all->set_nonblocking, "PQsetnonblocking");
  find(all->socket, "PQsocket");
  find(all->flush, "PQflush");
  find(all->consume_input, "PQconsumeInput");
  find(all->is_busy, "PQisBusy");
  find(all->send_query, "PQsendQuery");
  find(all->send_query_parameters, "PQsendQueryParams");
  find(all->send_prepare, "PQsendPrepare");
  find(all->send_prepared, "PQsendQueryPrepared");
  find(all->set_single_row_mode, "PQsetSingleRowMode");
  find(all->enter_pipeline, "PQenterPipelineMode");
  find(all->exit_pipeline, "PQexitPipelineMode");
  find(all->pipeline_sync, "PQpipelineSync");
  find(all->get_result, "PQgetResult");
  find(all->clear, "PQclear");
  find(all->result_status, "PQresultStatus");
  find(all->error_field, "PQresultErrorField");
  find(all->row_count, "PQntuples");
  find(all->value, "PQgetvalue");
  find(all->length, "PQgetlength");
  find(all->set_notice_processor, "PQsetNoticeProcessor");
  find(all->parse_conninfo, "PQconninfoParse");
  find(all->free_conninfo, "PQconninfoFree");
  find(all->free_memory, "PQfreemem");
  return all;
}

std::string fault_of_url(const std::string& url) {
  const auto library = load_library();
  char* said = nullptr;
  PQconninfoOption* options = library->parse_conninfo(url.c_str(), &said);
  const std::string fault = said == nullptr ? "" : trimmed(said);
  library->free_memory(said);
  if (options == nullptr) return fault.empty() ? "out of memory" : fault;
  library->free_conninfo(options);
  return {};
}

void Session::Finish::operator()(pg_conn* connection) const { library->finish(connection); }

void Session::Clear::operator()(pg_result* result) const { library->clear(result); }

Session::Session(const Settings& settings, std::chrono::milliseconds patience)
    : library_(load_library()), patience_(patience), connection_(nullptr, Finish{library_}) {
  std::vector<const char*> words;
  std::vector<const char*> values;
  for (const auto& [word, value] : settings) {
    words.push_back(word.c_str());
    values.push_back(value.c_str());
  }
  words.push_back(nullptr);
  values.push_back(nullptr);
  connection_.reset(library_->connect(words.data(), values.data(), 1));
  if (connection_ == nullptr) throw Failure{"out of memory", {}, true};
  if (library_->status(connection_.get()) != CONNECTION_OK) lost();
  library_->set_notice_processor(
      connection_.get(), [](void*, const char*) {}, nullptr);
  if (library_->set_nonblocking(connection_.get(), 1) != 0) lost();
}

void Session::run(const std::string& sql) {
  sent(library_->send_query(connection_.get(), sql.c_str()));
  drain([](const pg_result*) {});
}

void Session::ask(const std::string& sql, const sql::Parameters& parameters, const sql::OnRow& each) {
  const Arguments arguments(parameters);
  sent(library_->send_query_parameters(connection_.get(), sql.c_str(), arguments.count(), arguments.types(),
                                       arguments.values(), nullptr, nullptr, 0));
  check(library_->set_single_row_mode(connection_.get()) == 1, "rows were asked for one by one, too late");
  drain([&](const pg_result* result) { each(ResultRow(*library_, result, 0)); });
}

void Session::many(const std::string& sql, const std::vector<sql::Parameters>& rows) {
  if (rows.empty()) return;
  sent(library_->enter_pipeline(connection_.get()));
  prepare_once(sql, rows.front());
  std::size_t on_the_way = 0;
  for (const auto& row : rows) {
    const Arguments arguments(row);
    sent(library_->send_prepared(connection_.get(), "", arguments.count(), arguments.values(), nullptr, nullptr, 0));
    if (++on_the_way < kRowsOnTheWay) continue;
    await_sync();
    on_the_way = 0;
  }
  if (on_the_way > 0) await_sync();
  leave_pipeline();
}

/// The statement has no name, so that a proxy need not know it; it lasts until the next without one.
void Session::prepare_once(const std::string& sql, const sql::Parameters& like) {
  const Arguments types(like);
  sent(library_->send_prepare(connection_.get(), "", sql.c_str(), types.count(), types.types()));
}

/// Reads the answers to all that is on the way.
void Session::await_sync() {
  sent(library_->pipeline_sync(connection_.get()));
  std::optional<Failure> first;
  for (bool synced = false; !synced;) {
    const Answer answer = next();
    if (answer == nullptr) continue;  // the end of one statement's answers
    switch (library_->result_status(answer.get())) {
      case PGRES_PIPELINE_SYNC:
        synced = true;
        break;
      case PGRES_COMMAND_OK:
      case PGRES_TUPLES_OK:
      case PGRES_PIPELINE_ABORTED:
        break;
      default:
        if (!first) first = failure_of(answer.get());
        if (first->lost) throw Failure(*first);
    }
  }
  if (!first) return;
  leave_pipeline();
  throw Failure(*first);
}

void Session::leave_pipeline() {
  if (library_->exit_pipeline(connection_.get()) != 1) lost();
}

void Session::sent(int accepted) const {
  if (accepted != 1) lost();
}

/// The next answer, or none at the end of a statement's answers.
Session::Answer Session::next() {
  const auto end = steady_clock::now() + patience_;
  for (;;) {
    const int unsent = library_->flush(connection_.get());
    if (unsent < 0) lost();
    if (unsent == 0 && library_->is_busy(connection_.get()) == 0) break;
    wait_for_socket(unsent != 0, end);
    if (library_->consume_input(connection_.get()) == 0) lost();
  }
  return Answer(library_->get_result(connection_.get()), Clear{library_.get()});
}

/// Reads a statement's answers to their end. What stops in the middle, a row's reader say, leaves the connection lost.
void Session::drain(const std::function<void(const pg_result*)>& each_row) {
  std::optional<Failure> first;
  while (const Answer answer = next()) {
    switch (library_->result_status(answer.get())) {
      case PGRES_SINGLE_TUPLE:
        each_row(answer.get());
        break;
      case PGRES_COMMAND_OK:
      case PGRES_TUPLES_OK:
      case PGRES_EMPTY_QUERY:
        break;
      default:
        if (!first) first = failure_of(answer.get());
        if (first->lost) throw Failure(*first);
    }
  }
  if (first) throw Failure(*first);
}

void Session::wait_for_socket(bool to_write, steady_clock::time_point end) const {
  const int number = library_->socket(connection_.get());
  if (number < 0) lost();
  pollfd socket{number, static_cast<short>(to_write ? POLLIN | POLLOUT : POLLIN), 0};
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - steady_clock::now()).count();
  const int ready = left > 0 ? ::poll(&socket, 1, static_cast<int>(left)) : 0;
  if (ready == 0) lost(fmt::format("the server did not answer within {} s", patience_.count() / 1000));
  if (ready < 0 && errno != EINTR) lost("its socket cannot be waited for");
}

void Session::lost(std::string why) const {
  if (why.empty()) why = trimmed(library_->error_message(connection_.get()));
  throw Failure{std::move(why), {}, true};
}

Failure Session::failure_of(const pg_result* result) const {
  const auto field = [&](int code) {
    const char* text = library_->error_field(result, code);
    return std::string(text == nullptr ? "" : text);
  };
  // The fields alone: the whole message may quote the statement.
  std::string message = trimmed(field(PG_DIAG_MESSAGE_PRIMARY));
  if (message.empty()) message = trimmed(library_->error_message(connection_.get()));
  const std::string severity = field(PG_DIAG_SEVERITY_NONLOCALIZED);
  const bool last_words = severity == "FATAL" || severity == "PANIC";
  return {std::move(message), field(PG_DIAG_SQLSTATE),
          last_words || library_->status(connection_.get()) != CONNECTION_OK};
}

}  // namespace sluice::pq
