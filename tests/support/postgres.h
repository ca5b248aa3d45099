// A PostgreSQL server of the tests' own, from the Debian package: its data in a temporary folder, on a free port, gone
// when the tests end. And a proxy before it that pools transactions.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/temp_folder.h"

namespace sluice::test {

inline int free_port() {
  const int number = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  const bool bound = ::bind(number, generic, size) == 0 && ::getsockname(number, generic, &size) == 0;
  ::close(number);
  if (!bound) throw std::runtime_error("there is no free port");
  return ntohs(address.sin_port);
}

/// Neither PostgreSQL nor its proxy runs as root.
class PlainUser {
 public:
  PlainUser() {
    if (::geteuid() != 0) return;
    const passwd* found = ::getpwnam("postgres");
    if (found == nullptr) found = ::getpwnam("nobody");
    if (found == nullptr) throw std::runtime_error("there is neither a user postgres nor nobody");
    uid_ = found->pw_uid;
    gid_ = found->pw_gid;
  }
  /// Words that start a program as this user, which is told to end when the tests do.
  std::vector<std::string> starts(const std::vector<std::string>& program) const {
    std::vector<std::string> words = {"/usr/bin/setpriv", "--pdeathsig", "INT"};
    if (::geteuid() == 0) {
      words.insert(words.end(), {"--reuid", std::to_string(uid_), "--regid", std::to_string(gid_), "--clear-groups"});
    }
    words.insert(words.end(), program.begin(), program.end());
    return words;
  }
  void owns(const std::string& path) const {
    if (::geteuid() == 0 && ::chown(path.c_str(), uid_, gid_) != 0) throw std::runtime_error("chown " + path);
  }

 private:
  uid_t uid_ = 0;
  gid_t gid_ = 0;
};

class PostgresServer {
 public:
  /// Nothing of it is durable, unless asked.
  explicit PostgresServer(bool durable = false) : durable_(durable), port_(free_port()) {
    std::filesystem::create_directory(data());
    user_.owns(data());
    const Finished made = call({binary("initdb"), "-D", data(), "-U", "sluice", "--auth=trust", "--encoding=UTF8",
                                "--locale=C", "--no-sync", "--no-instructions"});
    if (made.code != 0) throw std::runtime_error("initdb: " + made.err);
    start();
  }

  int port() const { return port_; }
  /// Of a state; `user` may be "USER" or "USER:PASSWORD".
  std::string url(const std::string& name, const std::string& user = "sluice") const {
    return "postgres://" + user + "@127.0.0.1:" + std::to_string(port_) + "/postgres?name=" + name;
  }

  /// What psql prints, as the server's owner. What fails is a bug of the test.
  std::string sql(const std::string& statements) const {
    const Finished done = call({binary("psql"), "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p",
                                std::to_string(port_), "-U", "sluice", "-d", "postgres", "-c", statements});
    if (done.code != 0) throw std::runtime_error(statements + ": " + done.err);
    return done.out.substr(0, done.out.find_last_not_of('\n') + 1);
  }

  /// Ends every connection but that of this call, as an administrator or a failover would.
  void end_connections() const {
    (void)sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND "
        "backend_type = 'client backend'");
  }

  void stop() {
    process_->send_signal(SIGINT);
    (void)process_->wait();
    process_.reset();
  }
  void start() {
    std::vector<std::string> words = {binary("postgres"),   "-D", data(), "-k", "", "-h", "127.0.0.1", "-p",
                                      std::to_string(port_)};
    for (const char* setting : {"max_connections=200", "shared_buffers=64MB", "log_min_messages=fatal"})
      words.insert(words.end(), {"-c", setting});
    if (!durable_) words.insert(words.end(), {"-c", "fsync=off", "-c", "full_page_writes=off"});
    process_ = std::make_unique<Process>(folder_.path(), user_.starts(words));
    for (int i = 0; i < 600; ++i) {
      if (call({binary("pg_isready"), "-q", "-h", "127.0.0.1", "-p", std::to_string(port_)}).code == 0) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    throw std::runtime_error("PostgreSQL does not start: " + process_->err());
  }
  void restart() {
    stop();
    start();
  }

 private:
  std::string data() const { return folder_ / "data"; }

  /// A program of the newest version that is installed.
  static std::string binary(const std::string& name) {
    std::vector<std::filesystem::path> found;
    std::error_code none;
    for (const auto& version : std::filesystem::directory_iterator("/usr/lib/postgresql", none)) {
      if (const auto path = version.path() / "bin" / name; std::filesystem::exists(path)) found.push_back(path);
    }
    if (found.empty()) throw std::runtime_error("PostgreSQL is not installed: tests/run.sh --deps does it");
    return std::max_element(found.begin(), found.end())->string();
  }

  Finished call(const std::vector<std::string>& words) const {
    Process process(folder_.path(), user_.starts(words), {{"PATH", "/usr/bin:/bin"}, {"LC_ALL", "C"}});
    return process.wait(std::chrono::seconds(120));
  }

  PlainUser user_;
  TempFolder folder_;
  bool durable_;
  int port_;
  std::unique_ptr<Process> process_;
};

/// One for all tests of a program.
inline PostgresServer& postgres_server() {
  static PostgresServer server;
  return server;
}

/// pgbouncer before a server: a connection for as long as a transaction lasts, another for the next.
class PoolingProxy {
 public:
  explicit PoolingProxy(const PostgresServer& server) : port_(free_port()) {
    folder_.write("users.txt", "\"sluice\" \"\"\n");
    folder_.write("pgbouncer.ini",
                  "[databases]\n* = host=127.0.0.1 port=" + std::to_string(server.port()) +
                      "\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = " + std::to_string(port_) +
                      "\nunix_socket_dir =\nauth_type = trust\nauth_file = " + (folder_ / "users.txt") +
                      "\npool_mode = transaction\ndefault_pool_size = 3\nmax_client_conn = 200\n");
    process_ = std::make_unique<Process>(folder_.path(),
                                         user_.starts({"/usr/sbin/pgbouncer", "-q", folder_ / "pgbouncer.ini"}));
    for (int i = 0; i < 200 && !answers(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(25));
    if (!answers()) throw std::runtime_error("pgbouncer does not start: " + process_->err());
  }
  std::string url(const std::string& name) const {
    return "postgres://sluice@127.0.0.1:" + std::to_string(port_) + "/postgres?name=" + name;
  }

 private:
  bool answers() const {
    const int number = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port_));
    const bool connected = ::connect(number, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    ::close(number);
    return connected;
  }

  PlainUser user_;
  TempFolder folder_;
  int port_;
  std::unique_ptr<Process> process_;
};

inline PoolingProxy& pooling_proxy() {
  static PoolingProxy proxy(postgres_server());
  return proxy;
}

}  // namespace sluice::test
