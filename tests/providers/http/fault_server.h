// A server that does to a connection whatever a test says.
#pragma once

#include <Poco/Exception.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/SecureServerSocket.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/StreamSocket.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace sluice::testing {

/// One accepted connection. A read at the end of the stream gives "".
class Peer {
 public:
  Peer(Poco::Net::StreamSocket socket, int number) : socket_(std::move(socket)), number_(number) {}

  int number() const { return number_; }  ///< 1 for the first connection

  std::string read_head() { return read_until(buffer_.find("\r\n\r\n"), "\r\n\r\n"); }

  /// Head and body, as announced by Content-Length.
  std::string read_request() {
    std::string head = read_head();
    const auto at = head.find("Content-Length: ");
    std::size_t left = at == std::string::npos ? 0 : std::stoul(head.substr(at + 16));
    while (buffer_.size() < left && receive()) {
    }
    left = std::min(left, buffer_.size());
    head += buffer_.substr(0, left);
    buffer_.erase(0, left);
    return head;
  }

  void write(const std::string& bytes) {
    for (std::size_t done = 0; done < bytes.size();) {
      const int length = static_cast<int>(std::min(bytes.size() - done, std::size_t{65536}));
      done += static_cast<std::size_t>(socket_.sendBytes(bytes.data() + done, length));
    }
  }

  void answer(const std::string& body, const std::string& headers = "") {
    write("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + headers + "\r\n" + body);
  }

  void close() { socket_.close(); }

  /// Ends the connection with a reset instead of a proper end.
  void reset() {
    socket_.setLinger(true, 0);
    socket_.close();
  }

  /// From here on TLS is spoken, with this side as the server.
  void start_tls(const Poco::Net::Context::Ptr& tls) { socket_ = Poco::Net::SecureStreamSocket::attach(socket_, tls); }

 private:
  std::string read_until(std::size_t at, const std::string& mark) {
    while (at == std::string::npos) {
      if (!receive()) return "";
      at = buffer_.find(mark);
    }
    std::string text = buffer_.substr(0, at + mark.size());
    buffer_.erase(0, at + mark.size());
    return text;
  }

  bool receive() {
    std::array<char, 65536> bytes;
    const int got = socket_.receiveBytes(bytes.data(), static_cast<int>(bytes.size()));
    if (got > 0) buffer_.append(bytes.data(), static_cast<std::size_t>(got));
    return got > 0;
  }

  Poco::Net::StreamSocket socket_;
  int number_;
  std::string buffer_;
};

/// Runs `script` on each connection, each in its own thread. Declare it before the transport that calls it: it ends
/// only when its connections have ended.
class FaultServer {
 public:
  using Script = std::function<void(Peer&)>;

  explicit FaultServer(Script script) : FaultServer(std::move(script), Poco::Net::ServerSocket(anywhere())) {}
  FaultServer(Script script, const Poco::Net::Context::Ptr& tls)
      : FaultServer(std::move(script), Poco::Net::SecureServerSocket(anywhere(), 64, tls)) {}
  FaultServer(const FaultServer&) = delete;
  FaultServer& operator=(const FaultServer&) = delete;
  ~FaultServer() {
    stop_ = true;
    acceptor_.join();
  }

  std::string port() const { return std::to_string(port_); }
  std::string url() const { return "http://127.0.0.1:" + port(); }
  int connections() const { return connections_; }

 private:
  FaultServer(Script script, const Poco::Net::ServerSocket& socket)
      : script_(std::move(script)), socket_(socket), port_(socket_.address().port()), acceptor_([this] { serve(); }) {}

  static Poco::Net::SocketAddress anywhere() { return {"127.0.0.1", 0}; }

  void serve() {
    std::vector<std::jthread> handlers;
    while (!stop_) {
      if (!socket_.poll(Poco::Timespan(0, 20'000), Poco::Net::Socket::SELECT_READ)) continue;
      ++connections_;
      // Only the handler's thread may hold the socket when it starts: whoever lets go last closes it.
      auto peer = std::make_unique<Peer>(socket_.acceptConnection(), connections_);
      handlers.emplace_back([this, peer = std::move(peer)]() mutable {
        try {
          script_(*peer);
        } catch (const Poco::Exception&) {  // the client went away, as many tests want it to
        }
        peer.reset();
      });
    }
  }

  Script script_;
  Poco::Net::ServerSocket socket_;
  int port_;
  std::atomic<int> connections_ = 0;
  std::atomic<bool> stop_ = false;
  std::thread acceptor_;
};

}  // namespace sluice::testing
