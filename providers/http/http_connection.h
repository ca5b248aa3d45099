// One open HTTP/1.1 connection: a request out, an answer in, and no guessing what became of either.
#pragma once

#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/Socket.h>
#include <Poco/Net/StreamSocket.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "providers/http/answer_fault.h"
#include "providers/http/transport.h"

namespace sluice {

/// Status line and headers of an answer.
struct AnswerHead {
  int status = 0;
  bool keeps_alive = false;
  bool chunked = false;
  HttpHeaders headers;

  /// Whether the body's end is announced, rather than the end of the connection.
  bool delimited() const { return chunked || !find_header(headers, "Content-Length").empty(); }
};

/// Thrown instead of waiting on when the run is to end.
struct RunEnded {};

/// Whether the socket is ready (`mode` as in Poco::Net::Socket) within `patience`; RunEnded when `ended` says so
/// before.
bool await_socket(const Poco::Net::Socket& socket, int mode, std::chrono::milliseconds patience,
                  const std::function<bool()>& ended);

/// Unlike its base class it never reconnects by itself, it knows how much was sent, it takes headers of any length that
/// a token may have, and it sees when an answer ends too early. Timeouts of the socket and of the whole answer come as
/// Poco::TimeoutException.
class HttpConnection : public Poco::Net::HTTPClientSession {
 public:
  using Clock = std::chrono::steady_clock;

  /// `ended` may be empty.
  explicit HttpConnection(const Poco::Net::StreamSocket& connected, std::function<bool()> ended = {});

  /// Bytes of the latest request that were handed to the network.
  std::size_t sent() const { return sent_; }
  /// False when the connection broke on the way; an answer may be there all the same.
  bool write_request(Poco::Net::HTTPRequest& head, const std::string& body);
  /// Waits for the first byte; false when the connection ends without one.
  bool answer_begins();
  /// The final head; interim answers (1xx) are skipped.
  Taken<AnswerHead> read_head(Clock::time_point deadline);
  Taken<std::string> read_body(const AnswerHead& head, std::size_t limit, Clock::time_point deadline);
  /// Whether the peer neither closed an idle connection nor said something unasked.
  bool quiet();

  void idle_since(Clock::time_point when) { idle_since_ = when; }
  Clock::time_point idle_since() const { return idle_since_; }

 protected:
  int write(const char* buffer, std::streamsize length) override;

 private:
  void await(int mode, const Poco::Timespan& patience);
  void await_bytes();
  Taken<AnswerHead> read_one_head();
  std::size_t read_some(std::string& body, std::size_t count);
  bool read_exactly(std::string& body, std::size_t count);
  std::optional<std::string> read_line(std::size_t longest);
  Taken<std::string> read_sized(std::string_view announced, std::size_t limit);
  Taken<std::string> read_to_end(std::size_t limit);
  Taken<std::string> read_chunks(std::size_t limit);

  std::function<bool()> ended_;
  std::size_t sent_ = 0;
  bool broken_ = false;
  Clock::time_point deadline_;
  Clock::time_point idle_since_;
};

}  // namespace sluice
