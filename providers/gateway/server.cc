#include "providers/gateway/server.h"

#include <Poco/Exception.h>
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/ThreadPool.h>

#include <istream>
#include <optional>

#include "providers/gateway/errors.h"

namespace sluice::gateway {
namespace {

namespace net = Poco::Net;

constexpr std::size_t kLargestBody = 64U << 20U;
constexpr std::size_t kChunk = 64U << 10U;
constexpr int kThreads = 16;
constexpr int kQueue = 128;
constexpr long kIdleSeconds = 15;
constexpr long kStallSeconds = 30;

/// Reads up to the largest body; nothing when there is more.
std::optional<std::string> read_all(std::istream& in, std::size_t expected) {
  std::string body;
  body.resize(expected);
  std::size_t filled = 0;
  while (in) {
    if (filled == body.size()) {
      if (expected > 0 && filled == expected) break;
      body.resize(filled + kChunk);
    }
    in.read(body.data() + filled, static_cast<std::streamsize>(body.size() - filled));
    filled += static_cast<std::size_t>(in.gcount());
    if (filled > kLargestBody) return std::nullopt;
  }
  body.resize(filled);
  return body;
}

/// The body that the headers announce: by length, in chunks, or none.
std::optional<std::string> read_body(net::HTTPServerRequest& request) {
  if (request.getChunkedTransferEncoding()) return read_all(request.stream(), 0);
  if (!request.hasContentLength() || request.getContentLength64() == 0) return std::string();
  const auto length = static_cast<std::uint64_t>(request.getContentLength64());
  if (length > kLargestBody) return std::nullopt;
  return read_all(request.stream(), static_cast<std::size_t>(length));
}

/// Whether the client has gone before the end of its body: what it wanted is not known then.
bool is_cut_off(const net::HTTPServerRequest& request, std::size_t size) {
  return request.hasContentLength() && static_cast<std::uint64_t>(request.getContentLength64()) != size;
}

void write_answer(const HttpResponse& answer, net::HTTPServerResponse& response) {
  response.setStatusAndReason(static_cast<net::HTTPResponse::HTTPStatus>(answer.status));
  for (const auto& [name, value] : answer.headers) response.set(name, value);
  if (answer.status == 204) {
    response.send();
    return;
  }
  response.sendBuffer(answer.body.data(), answer.body.size());
}

class Handler : public net::HTTPRequestHandler {
 public:
  explicit Handler(Gateway& gateway) : gateway_(gateway) {}

  void handleRequest(net::HTTPServerRequest& request, net::HTTPServerResponse& response) override {
    try {
      if (request.getExpectContinue()) response.sendContinue();
      auto body = read_body(request);
      if (!body) {
        // The rest of the body is not read, so that the connection cannot be used again.
        response.setKeepAlive(false);
        HttpResponse answer = fault_answer(refuse("APIG.3603").error);
        answer.status = 413;
        return write_answer(answer, response);
      }
      if (is_cut_off(request, body->size())) return response.setKeepAlive(false);
      HttpRequest copy{request.getMethod(), request.getURI(), {}, std::move(*body)};
      for (const auto& [name, value] : request) copy.headers.emplace_back(name, value);
      const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
      write_answer(gateway_.handle(copy, now), response);
    } catch (const std::exception&) {
      // The client is gone or has stalled: there is nobody to answer.
      response.setKeepAlive(false);
    }
  }

 private:
  Gateway& gateway_;
};

class HandlerFactory : public net::HTTPRequestHandlerFactory {
 public:
  explicit HandlerFactory(Gateway& gateway) : gateway_(gateway) {}
  net::HTTPRequestHandler* createRequestHandler(const net::HTTPServerRequest&) override {
    return std::make_unique<Handler>(gateway_).release();  // Poco deletes it
  }

 private:
  Gateway& gateway_;
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
  Listener(Gateway& gateway, const net::SocketAddress& address)
      : threads_(2, kThreads),
        socket_(listen(address)),
        address_(socket_.address().toString()),
        server_(Poco::SharedPtr<net::HTTPRequestHandlerFactory>(std::make_unique<HandlerFactory>(gateway).release()),
                threads_, socket_, make_parameters()) {
    server_.start();
  }

  void stop() {
    // Idle connections would keep their threads until they time out, so they are cut; those at work are waited for.
    server_.stopAll(false);
    threads_.joinAll();
    socket_.close();
  }

  const std::string& address() const { return address_; }

 private:
  /// A port that was just given up may be taken, one that another server holds may not.
  static net::ServerSocket listen(const net::SocketAddress& address) {
    net::ServerSocket socket;
    socket.bind(address, true, false);
    socket.listen(kQueue);
    return socket;
  }

  Poco::ThreadPool threads_;
  net::ServerSocket socket_;
  std::string address_;
  net::HTTPServer server_;
};

Server::Server(std::unique_ptr<Listener> listener) : listener_(std::move(listener)) {}
Server::~Server() { stop(); }

Result<std::unique_ptr<Server>> Server::start(Gateway& gateway, const std::string& host_port) {
  std::optional<net::SocketAddress> address;
  try {
    address.emplace(host_port);
  } catch (const std::exception&) {
    return fail(ErrorKind::Invalid, "\"" + host_port + "\" is not HOST:PORT");
  }
  try {
    auto listener = std::make_unique<Listener>(gateway, *address);
    return std::unique_ptr<Server>(new Server(std::move(listener)));  // NOLINT(cppcoreguidelines-owning-memory)
  } catch (const Poco::Exception& error) {
    return fail(ErrorKind::Unavailable, "cannot listen on " + host_port + ": " + error.displayText());
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
