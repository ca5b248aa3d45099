#include "providers/gateway/server.h"

#include <Poco/Exception.h>
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerRequestImpl.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/ServerSocketImpl.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocketImpl.h>
#include <Poco/String.h>
#include <Poco/ThreadPool.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <istream>
#include <mutex>
#include <optional>

#include "providers/gateway/errors.h"

namespace sluice::gateway {
namespace {

namespace net = Poco::Net;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kLargestBody = 64U << 20U;
constexpr std::size_t kChunk = 64U << 10U;
// A connection keeps its thread as long as it is open, so that there are as many as usual limits on open files allow.
constexpr int kThreads = 800;
constexpr int kQueue = 128;
constexpr long kIdleSeconds = 15;
constexpr long kStallSeconds = 30;

/// A connection that a slow client cannot hold: everything it sends between two answers must be there by a deadline.
class PacedSocket : public net::StreamSocketImpl {
 public:
  PacedSocket(poco_socket_t socket, std::chrono::milliseconds patience)
      : net::StreamSocketImpl(socket), patience_(patience) {}

  using net::StreamSocketImpl::receiveBytes;
  int receiveBytes(void* buffer, int length, int flags) override {
    if (!deadline_) allow(patience_);
    const auto left = std::chrono::duration_cast<std::chrono::microseconds>(*deadline_ - Clock::now());
    if (left.count() <= 0 || !poll(Poco::Timespan(left.count()), SELECT_READ)) throw Poco::TimeoutException();
    const int received = net::StreamSocketImpl::receiveBytes(buffer, length, flags);
    ended_ = ended_ || received <= 0;
    return received;
  }

  /// Whether the client has said that nothing more comes from it, and somebody waited for more.
  bool ended() const { return ended_; }
  /// The time for what is sent next; without it, it begins with the first byte.
  void allow(std::chrono::milliseconds time) { deadline_ = Clock::now() + time; }
  void rest() { deadline_.reset(); }

 private:
  std::chrono::milliseconds patience_;
  std::optional<Clock::time_point> deadline_;
  bool ended_ = false;
};

class PacedListener : public net::ServerSocketImpl {
 public:
  explicit PacedListener(std::chrono::milliseconds patience) : patience_(patience) {}

  net::SocketImpl* acceptConnection(net::SocketAddress& client) override {
    sockaddr_storage address{};
    socklen_t length = sizeof address;
    const int accepted = ::accept(sockfd(), reinterpret_cast<sockaddr*>(&address), &length);
    if (accepted < 0) throw Poco::IOException("accept");
    auto socket = std::make_unique<PacedSocket>(accepted, patience_);
    client = net::SocketAddress(reinterpret_cast<sockaddr*>(&address), length);
    return socket.release();  // Poco counts its references
  }

 private:
  std::chrono::milliseconds patience_;
};

class PacedServerSocket : public net::ServerSocket {
 public:
  explicit PacedServerSocket(std::chrono::milliseconds patience)
      : net::ServerSocket(std::make_unique<PacedListener>(patience).release(), true) {}
};

/// Lets answers be late without keeping a server that stops.
class Pause {
 public:
  void wait(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    over_.wait_for(lock, time, [this] { return stopped_; });
  }
  void stop() {
    const std::scoped_lock lock(mutex_);
    stopped_ = true;
    over_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable over_;
  bool stopped_ = false;
};

/// What a request's body is, or why there is none.
struct Body {
  std::string text;
  bool too_large = false;
  bool cut = false;  ///< the client has gone or stalled before its end: what it wanted is not known
};

/// Reads what is announced, or to the end when nothing is.
Body read_all(std::istream& in, std::size_t expected) {
  Body body;
  body.text.resize(expected);
  std::size_t filled = 0;
  while (in.peek() != std::istream::traits_type::eof()) {
    if (filled == body.text.size()) {
      if (expected > 0) break;
      body.text.resize(filled + kChunk);
    }
    filled += static_cast<std::size_t>(
        in.readsome(body.text.data() + filled, static_cast<std::streamsize>(body.text.size() - filled)));
    if (filled > kLargestBody) {
      body.too_large = true;
      return body;
    }
    if (filled == expected) break;
  }
  body.cut = in.bad() || filled < expected;
  body.text.resize(filled);
  return body;
}

/// The body that the headers announce: by length, in chunks, or none.
Body read_body(net::HTTPServerRequest& request) {
  if (request.getChunkedTransferEncoding()) return read_all(request.stream(), 0);
  if (!request.hasContentLength() || request.getContentLength64() == 0) return {};
  const auto length = static_cast<std::uint64_t>(request.getContentLength64());
  if (length > kLargestBody) return {"", true, false};
  return read_all(request.stream(), static_cast<std::size_t>(length));
}

/// Whether it is clear where the body ends (RFC 9112, 6.3). Where it is not, another server on the way may see other
/// requests than this one, so that the connection must not be used again.
bool is_clearly_framed(const net::HTTPServerRequest& request) {
  std::size_t lengths = 0;
  for (const auto& [name, value] : request) {
    if (Poco::icompare(name, net::HTTPMessage::CONTENT_LENGTH) != 0) continue;
    const bool digits = !value.empty() && value.size() <= 18 && value.find_first_not_of("0123456789") == value.npos;
    if (!digits || ++lengths > 1) return false;
  }
  return lengths == 0 || !request.has(net::HTTPMessage::TRANSFER_ENCODING);
}

/// The path and query of a request target that is a whole URL, as proxies send it (RFC 9112, 3.2.2).
std::string_view without_host(std::string_view target) {
  const std::size_t scheme = target.find("://");
  if (target.starts_with('/') || scheme == std::string_view::npos) return target;
  const std::size_t path = target.find('/', scheme + 3);
  return path == std::string_view::npos ? std::string_view("/") : target.substr(path);
}

void write_answer(const HttpResponse& answer, net::HTTPServerResponse& response) {
  response.setStatusAndReason(static_cast<net::HTTPResponse::HTTPStatus>(answer.status));
  for (const auto& [name, value] : answer.headers) response.set(name, value);
  // The answer to HEAD says how long the body would be.
  if (answer.status == 204 || response.hasContentLength()) {
    response.send();
    return;
  }
  response.sendBuffer(answer.body.data(), answer.body.size());
}

/// The bytes of an answer, of which faults send a part.
std::string wire_text(const HttpResponse& answer) {
  const auto status = static_cast<net::HTTPResponse::HTTPStatus>(answer.status);
  std::string out = "HTTP/1.1 " + std::to_string(answer.status) + " " + net::HTTPResponse::getReasonForStatus(status);
  for (const auto& [name, value] : answer.headers) out.append("\r\n").append(name).append(": ").append(value);
  return out + "\r\nContent-Length: " + std::to_string(answer.body.size()) + "\r\n\r\n" + answer.body;
}

void send_bytes(net::StreamSocket& socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const int sent = socket.sendBytes(bytes.data(), static_cast<int>(std::min<std::size_t>(bytes.size(), kChunk)));
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

/// Sends as much of an answer as the fault lets through. The connection is not used again.
void break_off(const Gateway::Served& served, net::StreamSocket& socket, net::HTTPServerResponse& response) {
  response.setKeepAlive(false);
  const std::string text = wire_text(served.answer);
  const std::size_t head = text.size() - served.answer.body.size();
  switch (served.delivery.cut) {
    case Cut::ResetDuring:
      send_bytes(socket, std::string_view(text).substr(0, head + served.answer.body.size() / 2));
      break;
    case Cut::Truncate:
      send_bytes(socket, std::string_view(text).substr(0, head + served.delivery.bytes));
      return;
    case Cut::ResetAfter:
      send_bytes(socket, text);
      break;
    case Cut::ResetBefore:
      break;
    case Cut::None:
    case Cut::Refuse:
    case Cut::Drop:
      return;
  }
  socket.setLinger(true, 0);  // closing sends RST
}

/// What every request is handled with.
struct Desk {
  Gateway& gateway;
  ServerLimits limits;
  Pause pause;
};

class Handler : public net::HTTPRequestHandler {
 public:
  explicit Handler(Desk& desk) : desk_(desk) {}

  void handleRequest(net::HTTPServerRequest& request, net::HTTPServerResponse& response) override {
    net::StreamSocket& socket = dynamic_cast<net::HTTPServerRequestImpl&>(request).socket();
    auto* paced = dynamic_cast<PacedSocket*>(socket.impl());
    try {
      if (paced != nullptr) paced->allow(desk_.limits.body);
      answer(request, socket, paced, response);
    } catch (const std::exception&) {
      // The client is gone or has stalled: there is nobody to answer.
      response.setKeepAlive(false);
    }
    if (paced != nullptr) paced->rest();
  }

 private:
  static void refuse_unread(int status, const Fault& fault, net::HTTPServerResponse& response) {
    // The rest of the request is not read, so that the connection cannot be used again.
    response.setKeepAlive(false);
    HttpResponse refusal = fault_answer(fault);
    refusal.status = status;
    write_answer(refusal, response);
  }

  void answer(net::HTTPServerRequest& request, net::StreamSocket& socket, const PacedSocket* paced,
              net::HTTPServerResponse& response) {
    const std::string& version = request.getVersion();
    if (version != net::HTTPMessage::HTTP_1_1 && version != net::HTTPMessage::HTTP_1_0) {
      response.setVersion(net::HTTPMessage::HTTP_1_1);
      return refuse_unread(505, refuse("APIG.2000", "Parameter error: only HTTP/1.1 and 1.0 are spoken").error,
                           response);
    }
    if (!is_clearly_framed(request)) {
      return refuse_unread(400, refuse("APIG.2000", "Parameter error: the length of the body is unclear").error,
                           response);
    }
    Body body = read_body(request);
    // Poco takes a chunk without a size, or none at all, for the end of a body.
    const bool chunked = request.getChunkedTransferEncoding();
    if (chunked) response.setKeepAlive(false);
    if (body.cut || (chunked && paced != nullptr && paced->ended())) return response.setKeepAlive(false);
    if (body.too_large) return refuse_unread(413, refuse("APIG.3603").error, response);
    HttpRequest copy{request.getMethod(), std::string(without_host(request.getURI())), {}, std::move(body.text)};
    for (const auto& [name, value] : request) copy.headers.emplace_back(name, value);
    const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    const Gateway::Served served = desk_.gateway.serve(copy, now);
    if (served.delivery.delay.count() > 0) desk_.pause.wait(served.delivery.delay);
    if (served.delivery.cut == Cut::None) return write_answer(served.answer, response);
    break_off(served, socket, response);
  }

  Desk& desk_;
};

class HandlerFactory : public net::HTTPRequestHandlerFactory {
 public:
  explicit HandlerFactory(Desk& desk) : desk_(desk) {}
  net::HTTPRequestHandler* createRequestHandler(const net::HTTPServerRequest&) override {
    return std::make_unique<Handler>(desk_).release();  // Poco deletes it
  }

 private:
  Desk& desk_;
};

net::HTTPServerParams::Ptr make_parameters() {
  net::HTTPServerParams::Ptr out(new net::HTTPServerParams);  // NOLINT(cppcoreguidelines-owning-memory): counted
  out->setKeepAlive(true);
  out->setKeepAliveTimeout(Poco::Timespan(kIdleSeconds, 0));
  out->setMaxKeepAliveRequests(0);
  out->setTimeout(Poco::Timespan(kStallSeconds, 0));
  out->setMaxThreads(kThreads);
  out->setMaxQueued(kQueue);
  return out;
}

}  // namespace

/// The socket, the threads and Poco's server on them.
class Server::Listener {
 public:
  Listener(Gateway& gateway, const net::SocketAddress& address, const ServerLimits& limits)
      : desk_{gateway, limits, {}},
        threads_(2, kThreads),
        socket_(listen(address, limits)),
        address_(socket_.address().toString()),
        server_(Poco::SharedPtr<net::HTTPRequestHandlerFactory>(std::make_unique<HandlerFactory>(desk_).release()),
                threads_, socket_, make_parameters()) {
    server_.start();
  }

  void stop() {
    desk_.pause.stop();
    // Idle connections would keep their threads until they time out, so they are cut; those at work are waited for.
    server_.stopAll(false);
    threads_.joinAll();
    socket_.close();
  }

  const std::string& address() const { return address_; }

 private:
  /// A port that was just given up may be taken, one that another server holds may not.
  static net::ServerSocket listen(const net::SocketAddress& address, const ServerLimits& limits) {
    PacedServerSocket socket(limits.head);
    socket.bind(address, true, false);
    socket.listen(kQueue);
    return socket;
  }

  Desk desk_;
  Poco::ThreadPool threads_;
  net::ServerSocket socket_;
  std::string address_;
  net::HTTPServer server_;
};

namespace {

/// Poco takes the rest of a larger number for the port.
bool has_port(std::string_view host_port) {
  const std::size_t colon = host_port.rfind(':');
  if (colon == std::string_view::npos) return false;
  const std::string_view text = host_port.substr(colon + 1);
  int port = -1;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), port);
  return code == std::errc() && end == text.data() + text.size() && port >= 0 && port <= 65'535;
}

}  // namespace

Server::Server(std::unique_ptr<Listener> listener) : listener_(std::move(listener)) {}
Server::~Server() { stop(); }

Result<std::unique_ptr<Server>> Server::start(Gateway& gateway, const std::string& host_port,
                                              const ServerLimits& limits) {
  if (auto understood = check_address(host_port); !understood) return understood.forward();
  try {
    auto listener = std::make_unique<Listener>(gateway, net::SocketAddress(host_port), limits);
    return std::unique_ptr<Server>(new Server(std::move(listener)));  // NOLINT(cppcoreguidelines-owning-memory)
  } catch (const Poco::Exception& error) {
    if (error.code() == EADDRINUSE) {
      return fail(
          ErrorKind::Unavailable,
          "Cannot listen on " + host_port + ": another program listens there already. Stop it, or name another port.");
    }
    return fail(ErrorKind::Unavailable, "Cannot listen on " + host_port + ": " + error.message() + ".");
  }
}

Result<void> Server::check_address(const std::string& host_port) {
  try {
    if (has_port(host_port) && !net::SocketAddress(host_port).toString().empty()) return {};
  } catch (const std::exception&) {
    // Said below.
  }
  return fail(ErrorKind::Invalid, "\"" + host_port + "\" is not HOST:PORT with a port from 0 to 65535.");
}

bool Server::is_loopback(const std::string& host_port) {
  try {
    return net::SocketAddress(host_port).host().isLoopback();
  } catch (const std::exception&) {
    return false;
  }
}

std::string Server::address() const { return listener_->address(); }

void Server::stop() {
  try {
    listener_->stop();
  } catch (const std::exception&) {
    // Already stopped.
  }
}

}  // namespace sluice::gateway
