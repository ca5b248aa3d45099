#include "providers/http/poco_transport.h"

#include <Poco/Crypto/EVPPKey.h>
#include <Poco/Crypto/X509Certificate.h>
#include <Poco/Exception.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/DNS.h>
#include <Poco/Net/HTTPRequest.h>
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
#include <string_view>
#include <utility>
#include <vector>

#include "providers/http/answer.h"
#include "providers/http/gzip.h"
#include "providers/http/http_connection.h"

namespace sluice {
namespace {

namespace net = Poco::Net;
using Clock = HttpConnection::Clock;
using std::chrono::milliseconds;

constexpr std::size_t kMaxIdle = 8;
constexpr std::chrono::seconds kMaxIdleAge{15};
constexpr milliseconds kLongestUnwatched{4'000};
constexpr std::size_t kLongestProxyAnswer = std::size_t{16} * 1024;

Poco::Timespan timespan(milliseconds time) { return Poco::Timespan(Poco::Timespan::TimeDiff{time.count()} * 1000); }

std::string seconds(milliseconds time) { return fmt::format("{:g} s", static_cast<double>(time.count()) / 1000.0); }

/// What an Endpoint's URL says.
struct Place {
  std::string url;  ///< scheme, host and port: how messages call it
  std::string host;
  std::string bracketed_host;  ///< as it stands in a URL
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
    const std::string bracketed = host.find(':') == std::string::npos ? host : "[" + host + "]";
    return Place{
        uri.getScheme() + "://" + uri.getAuthority(), host, bracketed, uri.getAuthority(), uri.getPort(), secure};
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
  net::Context::Ptr context;
  try {
    context = new net::Context(net::Context::TLS_CLIENT_USE, params);  // NOLINT(*-owning-memory)
    context->requireMinimumProtocol(net::Context::PROTO_TLSV1_2);
  } catch (const Poco::Exception&) {
    if (endpoint.ca_file.empty()) return fail(ErrorKind::Unsupported, "TLS could not be set up on this system");
    return fail(ErrorKind::Invalid,
                fmt::format("{} cannot be read as PEM certificates; check ca_file", endpoint.ca_file));
  }
  if (endpoint.cert_file.empty() != endpoint.key_file.empty()) {
    return fail(ErrorKind::Invalid, fmt::format("{} is given without {}; a client certificate needs both",
                                                endpoint.cert_file.empty() ? "key_file" : "cert_file",
                                                endpoint.cert_file.empty() ? "cert_file" : "key_file"));
  }
  if (endpoint.cert_file.empty()) return context;
  try {
    const Poco::Crypto::X509Certificate::List chain = Poco::Crypto::X509Certificate::readPEM(endpoint.cert_file);
    if (chain.empty()) throw Poco::DataFormatException();
    context->useCertificate(chain.front());
    for (std::size_t i = 1; i < chain.size(); ++i) context->addChainCertificate(chain[i]);
  } catch (const Poco::Exception&) {
    return fail(ErrorKind::Invalid,
                fmt::format("{} cannot be read as a PEM certificate; check cert_file", endpoint.cert_file));
  }
  // Poco's own reader of keys leaks when the file is none, and asks on the terminal for a passphrase.
  SSL_CTX* tls = context->sslContext();
  SSL_CTX_set_default_passwd_cb(tls, [](char*, int, int, void*) { return 0; });
  if (SSL_CTX_use_PrivateKey_file(tls, endpoint.key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    return fail(ErrorKind::Invalid,
                fmt::format("{} cannot be read as the PEM private key of {}, without a passphrase; check key_file",
                            endpoint.key_file, endpoint.cert_file));
  }
  return context;
}

/// Scheme, host and path of a Location; nothing that might be a secret.
std::string place_of(std::string_view location) {
  std::string place(location.substr(0, std::min(location.find_first_of("?#"), std::size_t{200})));
  if (const auto user = place.find('@'); user != std::string::npos) {
    const auto host = place.find("//");
    place.erase(host == std::string::npos ? 0 : host + 2, user + 1 - (host == std::string::npos ? 0 : host + 2));
  }
  std::replace_if(
      place.begin(), place.end(), [](unsigned char c) { return c < ' ' || c == 0x7f; }, ' ');
  return place.empty() ? "nowhere" : place;
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
  PocoTransport(Endpoint endpoint, Place place, net::Context::Ptr tls, std::function<bool()> ended, const Gate* gate)
      : endpoint_(std::move(endpoint)),
        place_(std::move(place)),
        tls_(std::move(tls)),
        ended_(std::move(ended)),
        gate_(gate) {}

  Result<HttpResponse> send(const HttpRequest& request) override;

 private:
  struct Attempt {
    Result<HttpResponse> result;
    bool reusable = false;      ///< the connection may serve another request
    bool closed_early = false;  ///< it ended before the first byte of an answer
  };

  std::unique_ptr<HttpConnection> take_idle();
  void keep(std::unique_ptr<HttpConnection> connection);
  Result<std::unique_ptr<HttpConnection>> open(const HttpRequest& request) const;
  Result<net::StreamSocket, std::string> dial(const net::SocketAddress& address, milliseconds timeout) const;
  std::optional<std::string> tunnel(net::StreamSocket& socket) const;
  Attempt exchange(HttpConnection& connection, const HttpRequest& request) const;

  const Endpoint endpoint_;
  const Place place_;
  const net::Context::Ptr tls_;
  const std::function<bool()> ended_;
  const Gate* const gate_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<HttpConnection>> idle_;
};

std::unique_ptr<HttpConnection> PocoTransport::take_idle() {
  while (true) {
    std::unique_ptr<HttpConnection> connection;
    {
      const std::lock_guard lock(mutex_);
      if (idle_.empty()) return nullptr;
      connection = std::move(idle_.back());
      idle_.pop_back();
    }
    if (Clock::now() - connection->idle_since() < kMaxIdleAge && connection->quiet()) return connection;
  }
}

void PocoTransport::keep(std::unique_ptr<HttpConnection> connection) {
  connection->idle_since(Clock::now());
  const std::lock_guard lock(mutex_);
  if (idle_.size() < kMaxIdle) idle_.push_back(std::move(connection));
}

/// Asks the proxy for a tunnel; what is wrong, when it gives none.
std::optional<std::string> PocoTransport::tunnel(net::StreamSocket& socket) const {
  const Proxy& proxy = *endpoint_.proxy;
  const std::string target = fmt::format("{}:{}", place_.bracketed_host, place_.port);
  std::string request = fmt::format("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\n", target);
  if (!proxy.authorization.empty()) request += fmt::format("Proxy-Authorization: {}\r\n", proxy.authorization.reveal());
  request += "\r\n";
  for (std::size_t done = 0; done < request.size();)
    done += static_cast<std::size_t>(socket.sendBytes(request.data() + done, static_cast<int>(request.size() - done)));
  std::string answer;
  char c = 0;
  while (!answer.ends_with("\r\n\r\n") && answer.size() < kLongestProxyAnswer && socket.receiveBytes(&c, 1) == 1)
    answer += c;  // byte by byte: what follows the head belongs to TLS
  if (answer.starts_with("HTTP/1.") && answer.size() > 12 && answer[9] == '2') return std::nullopt;
  return fmt::format(
      "the proxy {}:{} gave no way to {} (it answered \"{}\"); check HTTPS_PROXY, or name the host in "
      "NO_PROXY",
      proxy.host, proxy.port, target, answer.starts_with("HTTP/1.") ? answer.substr(9, 3) : std::string());
}

/// An open connection ready for requests, or what the proxy had against it. Throws Poco's exceptions.
Result<net::StreamSocket, std::string> PocoTransport::dial(const net::SocketAddress& address,
                                                           milliseconds timeout) const {
  net::StreamSocket socket;
  socket.connectNB(address);
  if (!await_socket(socket, net::Socket::SELECT_WRITE | net::Socket::SELECT_ERROR, timeout, ended_)) {
    throw Poco::TimeoutException();
  }
  if (const int wrong = socket.impl()->socketError(); wrong == POCO_ECONNREFUSED) {
    throw net::ConnectionRefusedException();
  } else if (wrong != 0) {
    throw net::NetException();
  }
  socket.setBlocking(true);
  // Nobody can look at `ended_` while TLS is being agreed on.
  const milliseconds silence = ended_ ? std::min(timeout, kLongestUnwatched) : timeout;
  socket.setSendTimeout(timespan(silence));
  socket.setReceiveTimeout(timespan(silence));
  if (endpoint_.proxy) {
    if (auto wrong = tunnel(socket)) return Unexpected<std::string>{*std::move(wrong)};
  }
  if (place_.secure) socket = net::SecureStreamSocket::attach(socket, place_.host, tls_);  // with host name check
  socket.setSendTimeout(timespan(endpoint_.send_timeout));
  socket.setReceiveTimeout(timespan(endpoint_.receive_timeout));
  socket.setNoDelay(true);
  return socket;
}

Result<std::unique_ptr<HttpConnection>> PocoTransport::open(const HttpRequest& request) const {
  const auto cannot = [&](ErrorKind kind, std::string_view why) {
    return fail(kind, fmt::format("{} could not be sent: {}", request_label(request), why));
  };
  const std::string& host = endpoint_.proxy ? endpoint_.proxy->host : place_.host;
  const std::uint16_t port = endpoint_.proxy ? endpoint_.proxy->port : place_.port;
  const std::string peer = endpoint_.proxy ? fmt::format("the proxy {}:{}", host, port) : place_.url;
  const std::string_view setting = endpoint_.proxy ? "HTTPS_PROXY" : "the endpoint";
  const auto deadline = Clock::now() + endpoint_.connect_timeout;
  std::vector<net::IPAddress> addresses;
  try {
    net::IPAddress literal;
    if (net::IPAddress::tryParse(host, literal)) {
      addresses.push_back(literal);
    } else {
      addresses = net::DNS::hostByName(host, net::DNS::DNS_HINT_NONE).addresses();
    }
  } catch (const Poco::Exception&) {  // reported below, as a name without addresses
  }
  std::optional<Unexpected<Error>> failure;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - Clock::now());
    const auto share = std::max(left / static_cast<int>(addresses.size() - i), milliseconds(1));
    try {
      const auto socket = dial(net::SocketAddress(addresses[i], port), share);
      if (!socket) return cannot(ErrorKind::Invalid, socket.error());
      return std::make_unique<HttpConnection>(*socket, ended_);
    } catch (const RunEnded&) {
      return cannot(ErrorKind::Interrupted, "the run was stopped first");
    } catch (const net::CertificateValidationException&) {
      return cannot(ErrorKind::Invalid, fmt::format("the certificate of {} is not for the host name {}; check the "
                                                    "endpoint",
                                                    place_.url, place_.host));
    } catch (const net::SSLException& error) {
      return cannot(ErrorKind::Invalid, fmt::format("{} could not be trusted or does not speak TLS ({}); check the "
                                                    "endpoint and ca_file",
                                                    place_.url, error.message()));
    } catch (const Poco::TimeoutException&) {
      failure = cannot(ErrorKind::Timeout, fmt::format("{} did not accept a connection within {}; check {} and the "
                                                       "network",
                                                       peer, seconds(endpoint_.connect_timeout), setting));
    } catch (const net::ConnectionRefusedException&) {
      failure = cannot(ErrorKind::Unavailable,
                       fmt::format("{} refused the connection; check {} and that it is up", peer, setting));
    } catch (const Poco::Exception&) {
      failure = cannot(ErrorKind::Unavailable,
                       fmt::format("{} could not be reached; check {} and the network", peer, setting));
    }
  }
  if (failure) return *failure;
  return cannot(ErrorKind::Unavailable,
                fmt::format("the host name of {} is not known; check {} and the name service", peer, setting));
}

PocoTransport::Attempt PocoTransport::exchange(HttpConnection& connection, const HttpRequest& request) const {
  const auto failed = [&](ErrorKind kind, std::string_view what, bool closed_early = false) -> Attempt {
    const bool untouched = connection.sent() == 0;
    const std::string_view next =
        untouched || is_read(request) ? "try again" : "look whether it took effect before sending it again";
    return {fail(Error{kind,
                       fmt::format("{} to {}: {}; {}", request_label(request), place_.url, what, next),
                       untouched ? Effect::None : Effect::Unknown,
                       {}}),
            false, closed_early};
  };
  std::string late = fmt::format("it could not be sent within {}", seconds(endpoint_.send_timeout));
  try {
    net::HTTPRequest out(request.method, request.target, net::HTTPMessage::HTTP_1_1);
    if (find_header(request.headers, "Host").empty()) out.set("Host", place_.authority);
    for (const auto& [name, value] : request.headers) {
      if (!frames_body(name)) out.add(name, value);
    }
    if (find_header(request.headers, "User-Agent").empty()) out.set("User-Agent", "sluice");
    if (find_header(request.headers, "Accept-Encoding").empty()) out.set("Accept-Encoding", "gzip");
    out.setContentLength64(static_cast<Poco::Int64>(request.body.size()));

    if (gate_ != nullptr) {
      if (const auto passed = gate_->pass(request); !passed) return {passed.forward(), true};
    }
    const bool written = connection.write_request(out, request.body);
    if (!written && connection.sent() == 0) {
      return failed(ErrorKind::Unavailable, "the connection was closed before anything was sent", true);
    }
    late = fmt::format("no answer within {}", seconds(endpoint_.receive_timeout));
    if (!connection.answer_begins()) {
      return failed(ErrorKind::Unavailable, "the connection was closed before an answer came", true);
    }
    const auto refused = [&](const AnswerFault& fault) {
      return failed(fault.hopeless ? ErrorKind::Invalid : ErrorKind::Protocol, "the answer " + fault.what);
    };
    late = fmt::format("the answer stopped for {} or took longer than {}", seconds(endpoint_.receive_timeout),
                       seconds(endpoint_.answer_timeout));
    const auto deadline = Clock::now() + endpoint_.answer_timeout;
    const auto head = connection.read_head(deadline);
    if (!head) return refused(head.error());
    if (head->status / 100 == 3 && head->status != 304) {
      return failed(ErrorKind::Invalid,
                    fmt::format("it was redirected to {} ({}), and redirects are not followed, for credentials would "
                                "follow too; if that is the right place, make it the endpoint",
                                place_of(find_header(head->headers, "Location")), head->status));
    }
    const bool empty = request.method == "HEAD" || head->status == 204 || head->status == 304;
    auto body = empty ? Taken<std::string>(std::string()) : connection.read_body(*head, endpoint_.body_limit, deadline);
    if (!body) return refused(body.error());
    HttpResponse response{head->status, head->headers, *std::move(body)};
    const std::string_view coding = find_header(head->headers, "Content-Encoding");
    if (!response.body.empty() && !coding.empty() && Poco::icompare(std::string(coding), "identity") != 0) {
      if (Poco::icompare(std::string(coding), "gzip") != 0) {
        return refused({"comes in a coding that nobody asked for", true});
      }
      auto plain = unpack_gzip(std::move(response.body), endpoint_.body_limit);
      if (!plain) return refused(plain.error());
      response.body = *std::move(plain);
    }
    return {std::move(response), written && (empty || head->delimited()) && head->keeps_alive && connection.quiet()};
  } catch (const RunEnded&) {
    return failed(ErrorKind::Interrupted, "the run was stopped before the answer came");
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

Result<EndpointParts> parse_endpoint(const std::string& url) {
  const auto place = read_url(url);
  if (!place) return place.forward();
  return EndpointParts{place->authority, place->host, is_loopback(place->host)};
}

Result<std::unique_ptr<Transport>> connect_to(const Endpoint& endpoint, std::function<bool()> ended, const Gate* gate) {
  auto place = read_url(endpoint.url);
  if (!place) return place.forward();
  net::Context::Ptr tls;
  if (place->secure) {
    auto made = make_tls(endpoint);
    if (!made) return made.forward();
    tls = *made;
  }
  return std::unique_ptr<Transport>(
      std::make_unique<PocoTransport>(endpoint, *std::move(place), std::move(tls), std::move(ended), gate));
}

}  // namespace sluice
