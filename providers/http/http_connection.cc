#include "providers/http/http_connection.h"

#include <Poco/Exception.h>
#include <Poco/Net/NetException.h>
#include <Poco/Timespan.h>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <ostream>

namespace sluice {
namespace {

namespace net = Poco::Net;

constexpr std::size_t kReadStep = std::size_t{256} * 1024;
constexpr std::size_t kLongestChunkLine = 4096;
constexpr std::size_t kLongestHeader = std::size_t{64} * 1024;  // a token of IAM may have 32 KB
constexpr int kMostHeaders = 200;
constexpr int kMostInterim = 10;
constexpr int kEndOfStream = -1;
constexpr std::chrono::milliseconds kGlance{100};  // between two looks at whether the run is to end
// One write is at most one TLS record, so a write that throws delivered nothing that the server could act on.
constexpr std::streamsize kTlsRecord = 16'384;

bool same(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// "HTTP/1.1 200 OK": the status, or nothing. `newer` is false for HTTP/1.0.
std::optional<int> read_status(std::string_view line, bool& newer) {
  if (!line.starts_with("HTTP/1.") || line.size() < 12 || line[8] != ' ') return std::nullopt;
  newer = line[7] != '0';
  int status = 0;
  const auto [end, code] = std::from_chars(line.data() + 9, line.data() + 12, status);
  if (code != std::errc() || end != line.data() + 12 || status < 100) return std::nullopt;
  if (line.size() > 12 && line[12] != ' ') return std::nullopt;
  return status;
}

}  // namespace

bool await_socket(const net::Socket& socket, int mode, std::chrono::milliseconds patience,
                  const std::function<bool()>& ended) {
  const auto until = HttpConnection::Clock::now() + patience;
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - HttpConnection::Clock::now());
    const auto glance = std::clamp(left, std::chrono::milliseconds(0), ended ? kGlance : patience);
    if (socket.poll(Poco::Timespan(Poco::Timespan::TimeDiff{glance.count()} * 1000), mode)) return true;
    if (ended && ended()) throw RunEnded();
    if (left <= glance) return false;
  }
}

HttpConnection::HttpConnection(const net::StreamSocket& connected, std::function<bool()> ended)
    : HTTPClientSession(connected), ended_(std::move(ended)) {
  setKeepAlive(true);
}

/// Nothing without somebody who may end the run: then the socket's own time-outs do.
void HttpConnection::await(int mode, const Poco::Timespan& patience) {
  if (!ended_) return;
  if (!await_socket(socket(), mode, std::chrono::milliseconds(patience.totalMilliseconds()), ended_)) {
    throw Poco::TimeoutException();
  }
}

/// Bytes that TLS has unpacked already do not show on the socket.
void HttpConnection::await_bytes() {
  if (buffered() != 0 || socket().available() > 0) return;
  await(net::Socket::SELECT_READ, socket().getReceiveTimeout());
}

bool HttpConnection::write_request(net::HTTPRequest& head, const std::string& body) {
  sent_ = 0;
  std::ostream& out = sendRequest(head);
  out.write(body.data(), static_cast<std::streamsize>(body.size()));
  out.flush();
  const Poco::Exception* broken = networkException();
  if (dynamic_cast<const Poco::TimeoutException*>(broken) != nullptr) broken->rethrow();
  return broken == nullptr && out.good();
}

bool HttpConnection::answer_begins() {
  clearException();
  try {
    await_bytes();
    return peek() != kEndOfStream;
  } catch (const Poco::TimeoutException&) {
    throw;
  } catch (const Poco::Exception&) {  // a reset, or TLS without a proper end
    return false;
  }
}

Taken<AnswerHead> HttpConnection::read_head(Clock::time_point deadline) {
  deadline_ = deadline;
  try {
    for (int interim = 0; interim < kMostInterim; ++interim) {
      auto head = read_one_head();
      if (!head || head->status >= 200) return head;
    }
    return bad_answer("never became final");
  } catch (const Poco::TimeoutException&) {
    throw;
  } catch (const Poco::Exception&) {
    return bad_answer("was cut off in its headers");
  }
}

Taken<AnswerHead> HttpConnection::read_one_head() {
  AnswerHead head;
  bool newer = true;
  const auto first = read_line(kLongestHeader);
  const auto status = first ? read_status(*first, newer) : std::nullopt;
  if (!status) return bad_answer("is not proper HTTP");
  head.status = *status;
  while (true) {
    const auto line = read_line(kLongestHeader);
    if (!line) return bad_answer("was cut off in its headers, or a header is too long");
    if (line->empty()) break;
    const std::size_t colon = line->find(':');
    if (colon == std::string::npos || colon == 0 || head.headers.size() == kMostHeaders) {
      return bad_answer("has headers that are not proper HTTP");
    }
    head.headers.emplace_back(line->substr(0, colon), trimmed(std::string_view(*line).substr(colon + 1)));
  }
  const std::string_view connection = find_header(head.headers, "Connection");
  head.keeps_alive = newer ? !same(connection, "close") : same(connection, "keep-alive");
  const std::string_view coding = find_header(head.headers, "Transfer-Encoding");
  head.chunked = same(coding, "chunked");
  if (!coding.empty() && !head.chunked && !same(coding, "identity"))
    return bad_answer("has a transfer coding nobody asked for");
  return head;
}

Taken<std::string> HttpConnection::read_body(const AnswerHead& head, std::size_t limit, Clock::time_point deadline) {
  deadline_ = deadline;
  try {
    if (head.chunked) return read_chunks(limit);
    const std::string_view announced = find_header(head.headers, "Content-Length");
    return announced.empty() ? read_to_end(limit) : read_sized(announced, limit);
  } catch (const Poco::TimeoutException&) {
    throw;
  } catch (const Poco::Exception&) {
    return bad_answer("was cut off");
  }
}

bool HttpConnection::quiet() {
  try {
    return buffered() == 0 && !socket().poll(Poco::Timespan(0), net::Socket::SELECT_READ);
  } catch (const Poco::Exception&) {
    return false;
  }
}

int HttpConnection::write(const char* buffer, std::streamsize length) {
  if (broken_) return static_cast<int>(length);  // the base class flushes again when it turns to reading
  for (std::streamsize done = 0; done < length;) {
    broken_ = true;
    await(net::Socket::SELECT_WRITE, socket().getSendTimeout());
    // Past the direct base, whose write reconnects and sends again. NOLINTNEXTLINE(bugprone-parent-virtual-call)
    const int written = HTTPSession::write(buffer + done, std::min(length - done, kTlsRecord));
    if (written <= 0) return kEndOfStream;
    broken_ = false;
    done += written;
    sent_ += static_cast<std::size_t>(written);
  }
  return static_cast<int>(length);
}

/// Appends up to `count` bytes, at least one; 0 at the end of the stream.
std::size_t HttpConnection::read_some(std::string& body, std::size_t count) {
  if (Clock::now() > deadline_) throw Poco::TimeoutException();
  await_bytes();
  const std::size_t before = body.size();
  body.resize(before + count);
  const int got = HTTPSession::read(body.data() + before, static_cast<std::streamsize>(count));
  body.resize(before + static_cast<std::size_t>(std::max(got, 0)));
  return body.size() - before;
}

bool HttpConnection::read_exactly(std::string& body, std::size_t count) {
  const std::size_t end = body.size() + count;
  while (body.size() < end) {
    if (read_some(body, std::min(end - body.size(), kReadStep)) == 0) return false;
  }
  return true;
}

/// A line without its end; nothing when the stream ends first or the line is too long.
std::optional<std::string> HttpConnection::read_line(std::size_t longest) {
  std::string line;
  while (true) {
    if (buffered() == 0 && Clock::now() > deadline_) throw Poco::TimeoutException();
    await_bytes();
    const int c = get();
    if (c == '\n') break;
    if (c == kEndOfStream || line.size() == longest) return std::nullopt;
    line += static_cast<char>(c);
  }
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

Taken<std::string> HttpConnection::read_sized(std::string_view announced, std::size_t limit) {
  std::size_t size = 0;
  const auto [end, error] = std::from_chars(announced.data(), announced.data() + announced.size(), size);
  if (error != std::errc() || end != announced.data() + announced.size()) {
    return bad_answer("announces a length that is no number");
  }
  if (size > limit) return too_large(limit);
  std::string body;
  body.reserve(size);
  if (!read_exactly(body, size)) return bad_answer(fmt::format("was cut off after {} of {} bytes", body.size(), size));
  return body;
}

Taken<std::string> HttpConnection::read_to_end(std::size_t limit) {
  std::string body;
  while (read_some(body, kReadStep) != 0) {
    if (body.size() > limit) return too_large(limit);
  }
  return body;
}

Taken<std::string> HttpConnection::read_chunks(std::size_t limit) {
  // Not through Poco's stream: to that a connection that closes between two chunks is the regular end.
  std::string body;
  while (true) {
    const auto line = read_line(kLongestChunkLine);
    if (!line) return bad_answer(fmt::format("was cut off after {} bytes", body.size()));
    std::size_t size = 0;
    const auto [end, error] = std::from_chars(line->data(), line->data() + line->size(), size, 16);
    const std::string_view rest(end, static_cast<std::size_t>(line->data() + line->size() - end));
    if (error != std::errc() || !(rest.empty() || rest[0] == ';' || rest[0] == ' ')) {
      return bad_answer("has a chunk whose length is no number");
    }
    if (size == 0) break;
    if (size > limit - body.size()) return too_large(limit);
    if (!read_exactly(body, size)) return bad_answer(fmt::format("was cut off after {} bytes", body.size()));
    const auto separator = read_line(kLongestChunkLine);
    if (!separator || !separator->empty()) return bad_answer("has a chunk that does not end where it should");
  }
  for (int trailers = 0; trailers < 100; ++trailers) {
    const auto line = read_line(kLongestHeader);
    if (!line) return bad_answer("was cut off in its trailer");
    if (line->empty()) return body;
  }
  return bad_answer("has too many trailers");
}

}  // namespace sluice
