#include "providers/http/poco_transport.h"

#include <Poco/Exception.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/DNS.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/IPAddress.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SSLException.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/String.h>
#include <Poco/Timespan.h>
#include <Poco/URI.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <mutex>
#include <optional>
#include <ostream>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice {
namespace {

namespace net = Poco::Net;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t kMaxIdle = 8;
constexpr std::chrono::seconds kMaxIdleAge{15};
constexpr std::size_t kReadStep = std::size_t{256} * 1024;
constexpr std::size_t kMaxLine = 4096;
constexpr int kEndOfStream = -1;
// One write is at most one TLS record, so a write that throws delivered nothing that the server could act on.
constexpr std::streamsize kTlsRecord = 16'384;

Poco::Timespan timespan(milliseconds time) { return Poco::Timespan(Poco::Timespan::TimeDiff{time.count()} * 1000); }

std::string seconds(milliseconds time) { return fmt::format("{:g} s", static_cast<double>(time.count()) / 1000.0); }

bool is_read(const HttpRequest& request) { return request.method == "GET" || request.method == "HEAD"; }

/// Method and path. The query may name things that do not belong into a log.
std::string label(const HttpRequest& request) {
  return request.method + " " + request.target.substr(0, request.target.find('?'));
}

/// The body of an answer, or the end of a sentence that begins "the answer".
using Body = Result<std::string, std::string>;

Unexpected<std::string> bad_body(std::string what) { return {std::move(what)}; }

/// One connection, already open. Unlike its base class it never reconnects by itself, it knows how much was sent, and
/// it sees when a body without an announced length ends too early.
class Connection : public net::HTTPClientSession {
 public:
  explicit Connection(const net::StreamSocket& connected) : HTTPClientSession(connected) { setKeepAlive(true); }

  std::size_t sent() const { return sent_; }

  /// False when the connection broke on the way; an answer may be there all the same.
  bool write_request(net::HTTPRequest& head, const std::string& body) {
    sent_ = 0;
    std::ostream& out = sendRequest(head);
    out.write(body.data(), static_cast<std::streamsize>(body.size()));
    out.flush();
    const Poco::Exception* broken = networkException();
    if (dynamic_cast<const Poco::TimeoutException*>(broken) != nullptr) broken->rethrow();
    return broken == nullptr && out.good();
  }

  /// Waits for the first byte; false when the connection ends without one.
  bool answer_begins() {
    clearException();
    try {
      return peek() != kEndOfStream;
    } catch (const Poco::TimeoutException&) {
      throw;
    } catch (const Poco::Exception&) {  // a reset, or TLS without a proper end
      return false;
    }
  }

  Body read_body(const net::HTTPResponse& answer, std::size_t limit, Clock::time_point deadline) {
    deadline_ = deadline;
    try {
      if (answer.getChunkedTransferEncoding()) return read_chunks(limit);
      if (answer.hasContentLength()) return read_sized(answer.get(net::HTTPMessage::CONTENT_LENGTH), limit);
      return read_to_end(limit);
    } catch (const Poco::TimeoutException&) {
      throw;
    } catch (const Poco::Exception&) {
      return bad_body("was cut off");
    }
  }

  /// Whether the peer neither closed an idle connection nor said something unasked.
  bool quiet() {
    try {
      return buffered() == 0 && !socket().poll(Poco::Timespan(0), net::Socket::SELECT_READ);
    } catch (const Poco::Exception&) {
      return false;
    }
  }

  void idle_since(Clock::time_point when) { idle_since_ = when; }
  Clock::time_point idle_since() const { return idle_since_; }

 protected:
  int write(const char* buffer, std::streamsize length) override {
    if (broken_) return static_cast<int>(length);  // the base class flushes again when it turns to reading
    for (std::streamsize done = 0; done < length;) {
      broken_ = true;
      // Past the direct base, whose write reconnects and sends again. NOLINTNEXTLINE(bugprone-parent-virtual-call)
      const int written = HTTPSession::write(buffer + done, std::min(length - done, kTlsRecord));
      if (written <= 0) return kEndOfStream;
      broken_ = false;
      done += written;
      sent_ += static_cast<std::size_t>(written);
    }
    return static_cast<int>(length);
  }

 private:
  /// Appends up to `count` bytes, at least one; 0 at the end of the stream.
  std::size_t read_some(std::string& body, std::size_t count) {
    if (Clock::now() > deadline_) throw Poco::TimeoutException();
    const std::size_t before = body.size();
    body.resize(before + count);
    const int got = HTTPSession::read(body.data() + before, static_cast<std::streamsize>(count));
    body.resize(before + static_cast<std::size_t>(std::max(got, 0)));
    return body.size() - before;
  }

  bool read_exactly(std::string& body, std::size_t count) {
    const std::size_t end = body.size() + count;
    while (body.size() < end) {
      if (read_some(body, std::min(end - body.size(), kReadStep)) == 0) return false;
    }
    return true;
  }

  Body read_sized(std::string_view announced, std::size_t limit) {
    std::size_t size = 0;
    const auto [end, error] = std::from_chars(announced.data(), announced.data() + announced.size(), size);
    if (error != std::errc() || end != announced.data() + announced.size()) {
      return bad_body("announces a length that is no number");
    }
    if (size > limit) return bad_body(fmt::format("is larger than the limit of {} bytes", limit));
    std::string body;
    body.reserve(size);
    if (!read_exactly(body, size)) {
      return bad_body(fmt::format("was cut off after {} of {} bytes", body.size(), size));
    }
    return body;
  }

  Body read_to_end(std::size_t limit) {
    std::string body;
    while (read_some(body, kReadStep) != 0) {
      if (body.size() > limit) return bad_body(fmt::format("is larger than the limit of {} bytes", limit));
    }
    return body;
  }

  /// A line without its end; nothing when the stream ends first or the line is absurdly long.
  std::optional<std::string> read_line() {
    std::string line;
    for (int c = get(); c != '\n'; c = get()) {
      if (c == kEndOfStream || line.size() == kMaxLine) return std::nullopt;
      line += static_cast<char>(c);
    }
    if (line.ends_with('\r')) line.pop_back();
    return line;
  }

  Body read_chunks(std::size_t limit) {
    // Not through Poco's stream: to that a connection that closes between two chunks is the regular end.
    std::string body;
    while (true) {
      const auto line = read_line();
      if (!line) return bad_body(fmt::format("was cut off after {} bytes", body.size()));
      std::size_t size = 0;
      const auto [end, error] = std::from_chars(line->data(), line->data() + line->size(), size, 16);
      const std::string_view rest(end, static_cast<std::size_t>(line->data() + line->size() - end));
      if (error != std::errc() || !(rest.empty() || rest[0] == ';' || rest[0] == ' ')) {
        return bad_body("has a chunk whose length is no number");
      }
      if (size == 0) break;
      if (size > limit - body.size()) return bad_body(fmt::format("is larger than the limit of {} bytes", limit));
      if (!read_exactly(body, size)) return bad_body(fmt::format("was cut off after {} bytes", body.size()));
      const auto separator = read_line();
      if (!separator || !separator->empty()) return bad_body("has a chunk that does not end where it should");
    }
    for (int trailers = 0; trailers < 100; ++trailers) {
      const auto line = read_line();
      if (!line) return bad_body("was cut off in its trailer");
      if (line->empty()) return body;
    }
    return bad_body("has too many trailers");
  }

  std::size_t sent_ = 0;
  bool broken_ = false;
  Clock::time_point deadline_;
  Clock::time_point idle_since_;
};

/// What an Endpoint's URL says.
struct Place {
  std::string url;  ///< scheme, host and port: how messages call it
  std::string host;
  std::string authority;
  std::uint16_t port = 0;
  bool secure = false;
};

bool is_loopback(const std::string& host) {
  net::IPAddress address;
  return host == "localhost" || (net::IPAddress::tryParse(host, address) && address.isLoopback());
}

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_' || c == ':';
}

Result<Place> read_url(const std::string& url) {
  const auto wrong = [](std::string message) { return fail(ErrorKind::Invalid, std::move(message)); };
  try {
    const Poco::URI uri(url);
    if (!uri.getUserInfo().empty() || url.find('@') != std::string::npos) {
      return wrong("the endpoint must not hold a user name or password; use credentials instead");
    }
    std::string host = uri.getHost();
    std::transform(host.begin(), host.end(), host.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    const bool bare = (uri.getPath().empty() || uri.getPath() == "/") && uri.getQuery().empty() &&
                      uri.getFragment().empty() && uri.getPort() != 0;
    const bool named = !host.empty() && std::all_of(host.begin(), host.end(), is_host_character);
    if ((uri.getScheme() != "https" && uri.getScheme() != "http") || !bare || !named) {
      return wrong("the endpoint is not a URL of the form https://host or https://host:port");
    }
    const bool secure = uri.getScheme() == "https";
    if (!secure && !is_loopback(host)) {
      return wrong(
          fmt::format("the endpoint http://{} would send credentials unencrypted; use https (http is for "
                      "localhost only)",
                      host));
    }
    return Place{uri.getScheme() + "://" + uri.getAuthority(), host, uri.getAuthority(), uri.getPort(), secure};
  } catch (const Poco::Exception&) {
    return wrong("the endpoint is not a URL of the form https://host or https://host:port");
  }
}

Result<net::Context::Ptr> make_tls(const Endpoint& endpoint) {
  net::Context::Params params;
  params.caLocation = endpoint.ca_file;
  params.loadDefaultCAs = endpoint.ca_file.empty();
  // Anything laxer than strict skips the host name check for localhost.
  params.verificationMode = endpoint.insecure ? net::Context::VERIFY_NONE : net::Context::VERIFY_STRICT;
  params.cipherList = "HIGH:!aNULL:!eNULL:!MD5";
  try {
    net::Context::Ptr context = new net::Context(net::Context::TLS_CLIENT_USE, params);  // NOLINT(*-owning-memory)
    context->requireMinimumProtocol(net::Context::PROTO_TLSV1_2);
    return context;
  } catch (const Poco::Exception&) {
    if (endpoint.ca_file.empty()) return fail(ErrorKind::Unsupported, "TLS could not be set up on this system");
    return fail(ErrorKind::Invalid,
                fmt::format("{} cannot be read as PEM certificates; check ca_file", endpoint.ca_file));
  }
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return c > ' ' && c < 0x7f &&
           std::string_view("\"(),/:;<=>?@[\\]{}").find(static_cast<char>(c)) == std::string_view::npos;
  });
}

/// A line break in any of these would be a second header, or a second request.
bool is_sendable(const HttpRequest& request) {
  const auto visible = [](unsigned char c) { return c > ' ' && c != 0x7f; };
  const auto harmless = [](unsigned char c) { return c >= ' ' || c == '\t'; };
  return is_token(request.method) && request.target.starts_with('/') &&
         std::all_of(request.target.begin(), request.target.end(), visible) &&
         std::all_of(request.headers.begin(), request.headers.end(), [harmless](const auto& header) {
           return is_token(header.first) && std::all_of(header.second.begin(), header.second.end(), harmless);
         });
}

/// The body's length is the transport's business.
bool frames_body(const std::string& name) {
  return Poco::icompare(name, "Content-Length") == 0 || Poco::icompare(name, "Transfer-Encoding") == 0;
}

class PocoTransport final : public Transport {
 public:
  PocoTransport(Endpoint endpoint, Place place, net::Context::Ptr tls)
      : endpoint_(std::move(endpoint)), place_(std::move(place)), tls_(std::move(tls)) {}

  Result<HttpResponse> send(const HttpRequest& request) override;

 private:
  struct Attempt {
    Result<HttpResponse> result;
    bool reusable = false;      ///< the connection may serve another request
    bool closed_early = false;  ///< it ended before the first byte of an answer
  };

  std::unique_ptr<Connection> take_idle();
  void keep(std::unique_ptr<Connection> connection);
  Result<std::unique_ptr<Connection>> open(const HttpRequest& request) const;
  net::StreamSocket dial(const net::SocketAddress& address, milliseconds timeout) const;
  Attempt exchange(Connection& connection, const HttpRequest& request) const;

  const Endpoint endpoint_;
  const Place place_;
  const net::Context::Ptr tls_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Connection>> idle_;
};

std::unique_ptr<Connection> PocoTransport::take_idle() {
  while (true) {
    std::unique_ptr<Connection> connection;
    {
      const std::lock_guard lock(mutex_);
      if (idle_.empty()) return nullptr;
      connection = std::move(idle_.back());
      idle_.pop_back();
    }
    if (Clock::now() - connection->idle_since() < kMaxIdleAge && connection->quiet()) return connection;
  }
}

void PocoTransport::keep(std::unique_ptr<Connection> connection) {
  connection->idle_since(Clock::now());
  const std::lock_guard lock(mutex_);
  if (idle_.size() < kMaxIdle) idle_.push_back(std::move(connection));
}

net::StreamSocket PocoTransport::dial(const net::SocketAddress& address, milliseconds timeout) const {
  net::StreamSocket socket;
  if (place_.secure) {
    net::SecureStreamSocket secure(tls_);
    secure.setPeerHostName(place_.host);
    secure.connect(address, timespan(timeout));  // with handshake and host name check
    socket = secure;
  } else {
    socket.connect(address, timespan(timeout));
  }
  socket.setSendTimeout(timespan(endpoint_.send_timeout));
  socket.setReceiveTimeout(timespan(endpoint_.receive_timeout));
  socket.setNoDelay(true);
  return socket;
}

Result<std::unique_ptr<Connection>> PocoTransport::open(const HttpRequest& request) const {
  const auto cannot = [&](ErrorKind kind, std::string_view why) {
    return fail(kind, fmt::format("{} could not be sent: {}", label(request), why));
  };
  const auto deadline = Clock::now() + endpoint_.connect_timeout;
  std::vector<net::IPAddress> addresses;
  try {
    net::IPAddress literal;
    if (net::IPAddress::tryParse(place_.host, literal)) {
      addresses.push_back(literal);
    } else {
      addresses = net::DNS::hostByName(place_.host, net::DNS::DNS_HINT_NONE).addresses();
    }
  } catch (const Poco::Exception&) {  // reported below, as a name without addresses
  }
  std::optional<Unexpected<Error>> failure;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - Clock::now());
    const auto share = std::max(left / static_cast<int>(addresses.size() - i), milliseconds(1));
    try {
      return std::make_unique<Connection>(dial(net::SocketAddress(addresses[i], place_.port), share));
    } catch (const net::CertificateValidationException&) {
      return cannot(ErrorKind::Unavailable, fmt::format("the certificate of {} is not for the host name {}; check the "
                                                        "endpoint",
                                                        place_.url, place_.host));
    } catch (const net::SSLException& error) {
      return cannot(ErrorKind::Unavailable, fmt::format("{} could not be trusted or does not speak TLS ({}); check the "
                                                        "endpoint and ca_file",
                                                        place_.url, error.message()));
    } catch (const Poco::TimeoutException&) {
      failure = cannot(ErrorKind::Timeout,
                       fmt::format("{} did not accept a connection within {}; check the endpoint and the network",
                                   place_.url, seconds(endpoint_.connect_timeout)));
    } catch (const net::ConnectionRefusedException&) {
      failure = cannot(ErrorKind::Unavailable,
                       fmt::format("{} refused the connection; check the endpoint and that it is up", place_.url));
    } catch (const Poco::Exception&) {
      failure = cannot(ErrorKind::Unavailable,
                       fmt::format("{} could not be reached; check the endpoint and the network", place_.url));
    }
  }
  if (failure) return *failure;
  return cannot(ErrorKind::Unavailable, fmt::format("the host name of {} is not known; check the endpoint and the "
                                                    "name service",
                                                    place_.url));
}

PocoTransport::Attempt PocoTransport::exchange(Connection& connection, const HttpRequest& request) const {
  const auto failed = [&](ErrorKind kind, std::string_view what, bool closed_early = false) -> Attempt {
    const bool untouched = connection.sent() == 0;
    const std::string_view next =
        untouched || is_read(request) ? "try again" : "look whether it took effect before sending it again";
    return {fail(Error{kind,
                       fmt::format("{} to {}: {}; {}", label(request), place_.url, what, next),
                       untouched ? Effect::None : Effect::Unknown,
                       {}}),
            false, closed_early};
  };
  std::string late = fmt::format("it could not be sent within {}", seconds(endpoint_.send_timeout));
  try {
    net::HTTPRequest head(request.method, request.target, net::HTTPMessage::HTTP_1_1);
    if (find_header(request.headers, "Host").empty()) head.set("Host", place_.authority);
    for (const auto& [name, value] : request.headers) {
      if (!frames_body(name)) head.add(name, value);
    }
    head.setContentLength64(static_cast<Poco::Int64>(request.body.size()));

    const bool written = connection.write_request(head, request.body);
    if (!written && connection.sent() == 0) {
      return failed(ErrorKind::Unavailable, "the connection was closed before anything was sent", true);
    }
    late = fmt::format("no answer within {}", seconds(endpoint_.receive_timeout));
    if (!connection.answer_begins()) {
      return failed(ErrorKind::Unavailable, "the connection was closed before an answer came", true);
    }
    net::HTTPResponse answer;
    for (int informational = 0; informational < 10; ++informational) {
      connection.receiveResponse(answer);
      if (answer.getStatus() >= 200) break;
    }
    if (answer.getStatus() < 200) return failed(ErrorKind::Protocol, "the answer never became final");
    late = fmt::format("the answer stopped for {} or took longer than {}", seconds(endpoint_.receive_timeout),
                       seconds(endpoint_.answer_timeout));
    const bool empty = request.method == "HEAD" || answer.getStatus() == 204 || answer.getStatus() == 304;
    auto body = empty ? Body(std::string())
                      : connection.read_body(answer, endpoint_.body_limit, Clock::now() + endpoint_.answer_timeout);
    if (!body) return failed(ErrorKind::Protocol, "the answer " + body.error());

    const bool delimited = empty || answer.hasContentLength() || answer.getChunkedTransferEncoding();
    HttpResponse response{answer.getStatus(), {answer.begin(), answer.end()}, *std::move(body)};
    return {std::move(response), written && delimited && answer.getKeepAlive() && connection.quiet()};
  } catch (const Poco::TimeoutException&) {
    return failed(ErrorKind::Timeout, late);
  } catch (const Poco::Exception&) {
    return failed(ErrorKind::Protocol, "the answer is not proper HTTP");
  }
}

Result<HttpResponse> PocoTransport::send(const HttpRequest& request) {
  if (!is_sendable(request)) {
    return fail(ErrorKind::Invalid,
                fmt::format("a request to {} was not sent: its method, path or a header holds a character that HTTP "
                            "does not allow",
                            place_.url));
  }
  if (auto connection = take_idle()) {
    auto attempt = exchange(*connection, request);
    // A server may close an idle connection at any time. Only a read, or what surely never left, may go out again.
    const bool again = attempt.closed_early && (is_read(request) || connection->sent() == 0);
    if (attempt.reusable) keep(std::move(connection));
    if (!again) return std::move(attempt.result);
  }
  auto opened = open(request);
  if (!opened) return opened.forward();
  auto attempt = exchange(**opened, request);
  if (attempt.reusable) keep(*std::move(opened));
  return std::move(attempt.result);
}

}  // namespace

Result<std::unique_ptr<Transport>> connect_to(const Endpoint& endpoint) {
  auto place = read_url(endpoint.url);
  if (!place) return place.forward();
  net::Context::Ptr tls;
  if (place->secure) {
    auto made = make_tls(endpoint);
    if (!made) return made.forward();
    tls = *made;
  }
  return std::unique_ptr<Transport>(std::make_unique<PocoTransport>(endpoint, *std::move(place), std::move(tls)));
}

}  // namespace sluice
