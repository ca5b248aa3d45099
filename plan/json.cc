#include "plan/json.h"

#include <rapidjson/error/en.h>
#include <rapidjson/prettywriter.h>
#include <rapidjson/reader.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

namespace sluice {
namespace {

namespace rj = rapidjson;
// Always in place and without RapidJSON's validation, which scanning sixteen bytes at a time excludes: `unreadable`
// finds what is not UTF-8 first; of nested documents it is asked about the innermost one.
constexpr unsigned kInPlaceFlags = rj::kParseIterativeFlag | rj::kParseInsituFlag | rj::kParseFullPrecisionFlag;
constexpr unsigned kMarkedFlags = rj::kParseIterativeFlag | rj::kParseInsituFlag | rj::kParseNumbersAsStringsFlag;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

Value number_from(std::string_view digits) {
  std::int64_t integer = 0;
  const char* end = digits.data() + digits.size();
  if (auto [stop, code] = std::from_chars(digits.data(), end, integer); code == std::errc() && stop == end) {
    return integer;
  }
  double number = 0;
  const auto read = std::from_chars(digits.data(), end, number);
  const bool tiny = digits.find("e-") != std::string_view::npos || digits.find("E-") != std::string_view::npos;
  if (read.ec == std::errc::result_out_of_range && !tiny) return std::numeric_limits<double>::infinity();
  return number;
}

/// As text_error, and control characters that no JSON text holds, of which RapidJSON's fast scan lets six pass.
std::optional<TextError> unreadable(std::string_view text) {
  if (auto error = text_error(text)) return error;
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) - 0x1AU < 6U; };
  bool found = false;
  for (const char c : text) found |= is_control(c);  // without a way out, so that it is done many bytes at a time
  if (!found) return std::nullopt;
  const auto at = std::find_if(text.begin(), text.end(), is_control);
  return TextError{static_cast<std::size_t>(at - text.begin()), "it holds a control character"};
}

/// Builds a Value from RapidJSON's events. With a `stream` over `source`, marks where each token started.
class Builder {
 public:
  using Stream = rj::InsituStringStream;

  Builder(const JsonLimits& limits, Stream* stream, const char* source)
      : limits_(limits), stream_(stream), source_(source) {}

  bool Null() { return add(Value(), 4); }
  bool Bool(bool value) { return add(Value(value), value ? 4U : 5U); }
  bool RawNumber(const char* digits, rj::SizeType length, bool /*copy*/) {
    const std::string_view text(digits, length);
    Value number = number_from(text);
    if (number.is_number() && !std::isfinite(number.as_number())) return refuse("a number is too large");
    number.set_mark(mark_of(digits));
    return place(std::move(number));
  }
  bool Int(int value) { return place(Value(value)); }
  bool Uint(unsigned value) { return place(Value(static_cast<std::int64_t>(value))); }
  bool Int64(std::int64_t value) { return place(Value(value)); }
  bool Uint64(std::uint64_t value) { return place(Value(static_cast<double>(value))); }
  bool Double(double value) { return place(Value(value)); }
  bool String(const char* text, rj::SizeType length, bool /*copy*/) {
    Value value(std::string_view(text, length));
    value.set_mark(mark_of(text - 1));
    return place(std::move(value));
  }
  bool StartObject() { return open(true); }
  bool StartArray() { return open(false); }
  bool Key(const char* text, rj::SizeType length, bool /*copy*/) {
    members_.push_back({std::string(text, length), Value(), mark_of(text - 1)});
    return true;
  }
  bool EndObject(rj::SizeType count) {
    const auto first = members_.end() - static_cast<std::ptrdiff_t>(count);
    Value done = Value::object({std::make_move_iterator(first), std::make_move_iterator(members_.end())});
    members_.erase(first, members_.end());
    done.set_mark(open_.back().mark);
    open_.pop_back();
    if (const Value::Member* twice = repeated_member(done.members())) {
      offset_ = twice->key_mark;
      return refuse("the key \"" + twice->key + "\" appears twice in one object");
    }
    return place(std::move(done));
  }
  bool EndArray(rj::SizeType count) {
    const auto first = items_.end() - static_cast<std::ptrdiff_t>(count);
    Value done = Value::array({std::make_move_iterator(first), std::make_move_iterator(items_.end())});
    items_.erase(first, items_.end());
    done.set_mark(open_.back().mark);
    open_.pop_back();
    return place(std::move(done));
  }

  Value take() { return std::move(root_); }
  const std::string& refusal() const { return refusal_; }
  std::size_t refusal_offset() const { return offset_; }

 private:
  bool refuse(std::string why) {
    refusal_ = std::move(why);
    if (offset_ == 0 && stream_ != nullptr) offset_ = stream_->Tell();
    return false;
  }
  bool open(bool is_object) {
    if (open_.size() >= limits_.depth) {
      return refuse("it is nested deeper than " + std::to_string(limits_.depth) + " levels");
    }
    open_.push_back({is_object, stream_ != nullptr ? static_cast<std::uint32_t>(stream_->Tell()) : 0});
    return true;
  }
  bool add(Value value, std::size_t length) {
    if (stream_ != nullptr) value.set_mark(static_cast<std::uint32_t>(stream_->Tell() - length));
    return place(std::move(value));
  }
  bool place(Value value) {
    if (++values_ > limits_.values) return refuse("it holds more than " + std::to_string(limits_.values) + " values");
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (open_.back().is_object) {
      members_.back().value = std::move(value);
    } else {
      items_.push_back(std::move(value));
    }
    return true;
  }
  /// Texts and numbers are decoded where they stand, a text behind its opening quote.
  std::uint32_t mark_of(const char* start) const {
    return stream_ != nullptr ? static_cast<std::uint32_t>(start - source_) : 0;
  }

  const JsonLimits& limits_;
  Stream* stream_;
  const char* source_;
  struct Open {
    bool is_object;
    std::uint32_t mark;
  };
  std::vector<Open> open_;
  Value::Object members_;  ///< of all open objects; a closed one takes its own off the end
  Value::Array items_;     ///< of all open arrays, likewise
  Value root_;
  std::size_t values_ = 0;
  std::string refusal_;
  std::size_t offset_ = 0;
};

template <unsigned Flags>
Result<Value, TextError> build(Builder::Stream& stream, Builder& builder) {
  rj::Reader reader;
  const rj::ParseResult outcome = reader.Parse<Flags>(stream, builder);
  if (!outcome.IsError()) return builder.take();
  if (!builder.refusal().empty()) return Unexpected<TextError>{{builder.refusal_offset(), builder.refusal()}};
  std::string why = rj::GetParseError_En(outcome.Code());
  if (!why.empty() && why.back() == '.') why.pop_back();
  return Unexpected<TextError>{{outcome.Offset(), why}};
}

/// Keeps the string members of the outermost object.
class StringMemberReader : public rj::BaseReaderHandler<rj::UTF8<>, StringMemberReader> {
 public:
  bool Default() { return true; }
  bool StartObject() { return ++depth_, true; }
  bool EndObject(rj::SizeType /*count*/) { return --depth_, true; }
  bool StartArray() { return ++depth_, true; }
  bool EndArray(rj::SizeType /*count*/) { return --depth_, true; }
  bool RawNumber(const char* /*digits*/, rj::SizeType /*length*/, bool /*copy*/) { return true; }
  bool Key(const char* text, rj::SizeType length, bool /*copy*/) {
    if (depth_ == 1) key_ = std::string_view(text, length);
    return true;
  }
  bool String(const char* text, rj::SizeType length, bool /*copy*/) {
    // The reader hands out const pointers into the buffer that its caller owns and lets it write to.
    if (depth_ == 1) members_.push_back({key_, std::span<char>(const_cast<char*>(text), length)});
    return true;
  }
  std::vector<StringMember> take() { return std::move(members_); }

 private:
  int depth_ = 0;
  std::string_view key_;
  std::vector<StringMember> members_;
};

template <typename Writer>
void write(Writer& writer, const Value& value, bool sorted) {
  switch (value.kind()) {
    case Value::Kind::Null:
      writer.Null();
      break;
    case Value::Kind::Boolean:
      writer.Bool(value.as_bool());
      break;
    case Value::Kind::Integer:
      writer.Int64(value.as_integer());
      break;
    case Value::Kind::Number:
      writer.Double(value.as_number());
      break;
    case Value::Kind::String:
      writer.String(value.as_string().data(), static_cast<rj::SizeType>(value.as_string().size()));
      break;
    case Value::Kind::Array:
      writer.StartArray();
      for (const Value& item : value.items()) write(writer, item, sorted);
      writer.EndArray();
      break;
    case Value::Kind::Object: {
      writer.StartObject();
      const auto emit = [&](const Value::Member& member) {
        writer.Key(member.key.data(), static_cast<rj::SizeType>(member.key.size()));
        write(writer, member.value, sorted);
      };
      if (sorted) {
        std::vector<const Value::Member*> order;
        order.reserve(value.members().size());
        for (const auto& member : value.members()) order.push_back(&member);
        std::sort(order.begin(), order.end(), [](const auto* a, const auto* b) { return a->key < b->key; });
        for (const auto* member : order) emit(*member);
      } else {
        for (const auto& member : value.members()) emit(member);
      }
      writer.EndObject();
      break;
    }
  }
}

/// Where CompactWriter writes; RapidJSON's own buffer sets six bytes aside for every byte of a text.
struct TextStream {
  using Ch = char;
  std::string text;
  void Put(char c) { text.push_back(c); }
  void Flush() {}
};

/// RapidJSON's writer, but for texts, which it appends a run at a time.
class CompactWriter : public rj::Writer<TextStream> {
 public:
  explicit CompactWriter(TextStream& stream) : rj::Writer<TextStream>(stream), stream_(stream) {}
  bool String(const char* text, rj::SizeType length, bool /*copy*/ = false) {
    Prefix(rj::kStringType);
    append_quoted({text, length});
    return EndValue(true);
  }
  bool Key(const char* text, rj::SizeType length, bool copy = false) { return String(text, length, copy); }

 private:
  /// Bytes of a text that are written through the stack, so that few and large pieces are appended.
  struct Piece {
    std::array<char, 512> bytes;
    std::size_t used = 0;
  };
  static constexpr std::size_t kRoom = 16;  ///< for eight bytes or an escape, and the quotes

  void append_quoted(std::string_view text) {
    Piece piece;
    piece.bytes[piece.used++] = '"';
    for (std::size_t i = 0; i < text.size();) {
      if (piece.used + kRoom > piece.bytes.size()) flush(piece);
      std::size_t plain = plain_bytes(text, i, piece);
      i += plain;
      if (plain == sizeof(std::uint64_t) || i == text.size()) continue;
      const auto c = static_cast<unsigned char>(text[i++]);
      if (c >= 0x20 && c != '"' && c != '\\') {
        piece.bytes[piece.used++] = static_cast<char>(c);
      } else {
        put_escape(piece, c);
      }
    }
    piece.bytes[piece.used++] = '"';
    flush(piece);
  }
  void flush(Piece& piece) {
    stream_.text.append(piece.bytes.data(), piece.used);
    piece.used = 0;
  }
  /// Copies up to eight bytes that need no escape; how many. Less than eight: the next one is to be looked at.
  static std::size_t plain_bytes(std::string_view text, std::size_t at, Piece& piece) {
    std::uint64_t eight = 0;
    if (std::endian::native != std::endian::little || at + sizeof eight > text.size()) return 0;
    std::memcpy(&eight, text.data() + at, sizeof eight);
    std::memcpy(piece.bytes.data() + piece.used, &eight, sizeof eight);
    // A byte's top bit is set where it is to be escaped; above the first of these the bits mean nothing.
    constexpr std::uint64_t kOnes = 0x0101010101010101U;
    const std::uint64_t quote = eight ^ (kOnes * '"');
    const std::uint64_t slash = eight ^ (kOnes * '\\');
    const std::uint64_t special =
        (((eight - kOnes * 0x20U) & ~eight) | ((quote - kOnes) & ~quote) | ((slash - kOnes) & ~slash)) &
        (kOnes * 0x80U);
    const std::size_t plain = special == 0 ? sizeof eight : static_cast<std::size_t>(std::countr_zero(special)) / 8;
    piece.used += plain;
    return plain;
  }
  static void put_escape(Piece& piece, unsigned char c) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    constexpr std::string_view kNamed = "btn?fr";  // of 8 to 13
    const auto put = [&piece](char one) { piece.bytes[piece.used++] = one; };
    put('\\');
    if (c == '"' || c == '\\') return put(static_cast<char>(c));
    if (c >= 8 && c <= 13 && c != 11) return put(kNamed[c - 8U]);
    for (const char one : {'u', '0', '0', kDigits[c >> 4U], kDigits[c & 15U]}) put(one);
  }
  TextStream& stream_;
};

/// Near enough to spare most of the growing.
std::size_t estimated_size(const Value& value) {
  if (value.is_string()) return value.as_string().size() + value.as_string().size() / 4 + 3;
  std::size_t size = 8;
  for (const Value& item : value.items()) size += estimated_size(item);
  for (const auto& member : value.members()) size += member.key.size() + 4 + estimated_size(member.value);
  return size;
}

std::string write_compact(const Value& value, bool sorted) {
  TextStream stream;
  stream.text.reserve(estimated_size(value));
  CompactWriter writer(stream);
  write(writer, value, sorted);
  return std::move(stream.text);
}

}  // namespace

Result<Value, TextError> parse_json(std::string_view text, const JsonLimits& limits) {
  const std::size_t skipped = text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  std::string body(text.substr(skipped));
  if (auto error = unreadable(body)) return Unexpected<TextError>{std::move(*error)};
  rj::InsituStringStream stream(body.data());
  Builder builder(limits, &stream, body.data());
  return build<kMarkedFlags>(stream, builder);
}

Result<Value, TextError> parse_json_in_place(std::span<char> text, const JsonLimits& limits) {
  if (text.data() == nullptr) return Unexpected<TextError>{{0, "it is empty"}};
  if (auto error = unreadable({text.data(), text.size()})) {
    error->message.resize(std::min(error->message.find(';'), error->message.size()));  // advice for a file
    return Unexpected<TextError>{std::move(*error)};
  }
  text.data()[text.size()] = '\0';
  rj::InsituStringStream stream(text.data());
  Builder builder(limits, nullptr, nullptr);
  return build<kInPlaceFlags>(stream, builder);
}

Result<Value, TextError> parse_json_in_place(std::string& text, const JsonLimits& limits) {
  return parse_json_in_place(std::span<char>(text.data(), text.size()), limits);
}

Result<std::vector<StringMember>, TextError> read_strings_in_place(std::span<char> text) {
  rj::InsituStringStream stream(text.data());
  StringMemberReader handler;
  rj::Reader reader;
  const rj::ParseResult outcome = reader.Parse<kInPlaceFlags>(stream, handler);
  if (outcome.IsError()) {
    return Unexpected<TextError>{{outcome.Offset(), rj::GetParseError_En(outcome.Code())}};
  }
  if (stream.Tell() != text.size()) return Unexpected<TextError>{{stream.Tell(), "it holds a NUL byte"}};
  return handler.take();
}

std::string write_json(const Value& value) { return write_compact(value, false); }

std::string write_json_sorted(const Value& value) { return write_compact(value, true); }

std::string write_json_pretty(const Value& value) {
  rj::StringBuffer buffer;
  rj::PrettyWriter<rj::StringBuffer> writer(buffer);
  writer.SetIndent(' ', 2);
  write(writer, value, false);
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace sluice
