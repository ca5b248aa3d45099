#include "providers/http/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <limits>

#include "plan/check.h"

namespace sluice {
namespace {

constexpr std::size_t kStep = std::size_t{256} * 1024;
constexpr int kGzipOnly = 16 + MAX_WBITS;

/// Ends what inflateInit2 began.
class Inflater {
 public:
  Inflater() : ready_(inflateInit2(&stream_, kGzipOnly) == Z_OK) {}
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() {
    if (ready_) inflateEnd(&stream_);
  }
  bool ready() const { return ready_; }
  z_stream& stream() { return stream_; }

 private:
  z_stream stream_{};
  bool ready_;
};

}  // namespace

std::string pack_gzip(std::string_view text) {
  z_stream stream{};
  const int ready = deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, kGzipOnly, MAX_MEM_LEVEL, Z_DEFAULT_STRATEGY);
  check(ready == Z_OK && text.size() <= std::numeric_limits<uInt>::max(), "a text that is too large to be packed");
  std::string packed(deflateBound(&stream, static_cast<uLong>(text.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));  // NOLINT: zlib only reads it
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  const int code = deflate(&stream, Z_FINISH);
  check(code == Z_STREAM_END, "a text was not packed to its end");
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

Taken<std::string> unpack_gzip(std::string packed, std::size_t limit) {
  Inflater inflater;
  if (!inflater.ready() || packed.size() > std::numeric_limits<uInt>::max()) return bad_answer("could not be unpacked");
  z_stream& stream = inflater.stream();
  stream.next_in = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_in = static_cast<uInt>(packed.size());
  std::string text;
  while (true) {
    const std::size_t before = text.size();
    text.resize(before + kStep);
    stream.next_out = reinterpret_cast<Bytef*>(text.data() + before);
    stream.avail_out = static_cast<uInt>(kStep);
    const int code = inflate(&stream, Z_NO_FLUSH);
    text.resize(before + kStep - stream.avail_out);
    if (text.size() > limit) return too_large(limit);
    if (code == Z_STREAM_END) {
      if (stream.avail_in != 0) return bad_answer("goes on behind the end of its compressed body");
      return text;
    }
    if (code == Z_BUF_ERROR || (code == Z_OK && stream.avail_in == 0 && stream.avail_out != 0)) {
      return bad_answer("was cut off inside its compressed body");
    }
    if (code != Z_OK) return bad_answer("is not the gzip data that it is announced as");
  }
}

}  // namespace sluice
