#include "plan/json.h"

#include <catch2/catch.hpp>

#include "plan/yaml.h"

namespace sluice {
namespace {

TEST_CASE("a JSON document keeps order, kinds and the offsets of its tokens") {
  const std::string text = R"({"b": [1, -2.5, true, null], "a\"x": "y\\", "big": 18446744073709551616})";
  const auto value = parse_json(text);
  REQUIRE(value);
  REQUIRE(value->members().size() == 3);
  CHECK(value->members()[0].key == "b");
  CHECK(value->members()[0].key_mark == 1);
  CHECK(value->members()[1].key == "a\"x");
  CHECK(value->members()[1].key_mark == text.find("\"a"));
  CHECK(value->members()[1].value.as_string() == "y\\");
  CHECK(value->members()[1].value.mark() == text.find("\"y"));
  const Value& list = *value->find("b");
  CHECK(list.mark() == 6);
  CHECK(list.items()[0].as_integer() == 1);
  CHECK(list.items()[0].mark() == 7);
  CHECK(list.items()[1].as_number() == -2.5);
  CHECK(list.items()[2].as_bool());
  CHECK(list.items()[3].is_null());
  CHECK(value->find("big")->kind() == Value::Kind::Number);
}

TEST_CASE("bad JSON is refused with its place") {
  CHECK(parse_json(R"({"a": 1, "a": 2})").error().message == "the key \"a\" appears twice in one object");
  CHECK(parse_json(R"({"a": 1, "a": 2})").error().offset == 9);
  CHECK(parse_json(std::string("{\"a\": \"x\0\"}", 11)).error().message == "it holds a NUL byte");
  CHECK(parse_json("{\"a\": \"\xff\"}").error().offset == 7);
  CHECK_FALSE(parse_json(std::string(1'000'000, '[')));
  CHECK_FALSE(parse_json("{} x"));
  CHECK_FALSE(parse_json(""));
  CHECK_FALSE(parse_json("[1e999]"));
  CHECK(parse_json("\xEF\xBB\xBF{}"));
}

TEST_CASE("a document in a string in a document is decoded in place") {
  std::string body =
      R"({"task_id":"t","task_result":"{\"FileName\":\"f\",\"Comment\":\"{\\n\\t\\\"n\\\": [1, 2.5, -7]}\"}","n":[{"x":"y"}]})";
  const auto outer = read_strings_in_place(std::span<char>(body.data(), body.size()));
  REQUIRE(outer);
  REQUIRE(outer->size() == 2);
  CHECK((*outer)[1].key == "task_result");
  const auto inner = read_strings_in_place((*outer)[1].text);
  REQUIRE(inner);
  REQUIRE(inner->size() == 2);
  const auto document = parse_json_in_place((*inner)[1].text);
  REQUIRE(document);
  CHECK(write_json(*document) == R"({"n":[1,2.5,-7]})");
}

TEST_CASE("texts are escaped as JSON wants, whatever they hold") {
  std::string every;
  for (int c = 0; c < 256; ++c) {
    if (c < 0x80) every += static_cast<char>(c);
  }
  every += "é\xE2\x82\xAC";
  std::string text = write_json(Value::array({every, "", "\"", "\\\\"}));
  CHECK(text.find('\n') == std::string::npos);
  CHECK(text.find("\\u0000\\u0001") != std::string::npos);
  CHECK(text.find("\\b\\t\\n\\u000B\\f\\r\\u000E") != std::string::npos);
  const auto again = parse_json_in_place(text);
  REQUIRE(again);
  CHECK(again->items()[0].as_string() == every);
  CHECK(again->items()[3].as_string() == "\\\\");
}

TEST_CASE("an escape is written wherever it stands in a text") {
  for (std::size_t length = 1; length < 40; ++length) {
    for (std::size_t at = 0; at < length; ++at) {
      for (const char special : {'"', '\\', '\n', '\x01', '\x1F'}) {
        std::string text(length, '!');  // the byte below a quote
        text[at] = special;
        const auto again = parse_json(write_json(text));
        REQUIRE(again);
        REQUIRE(again->as_string() == text);
      }
    }
  }
  const std::string quotes(5000, '"');
  CHECK(parse_json(write_json(quotes))->as_string() == quotes);
}

TEST_CASE("control characters are refused wherever they stand in a text") {
  for (char c = 1; c < 0x20; ++c) {
    std::string text = "[\"" + std::string(40, 'a') + "\"]";
    text[20] = c;
    INFO(static_cast<int>(c));
    CHECK_FALSE(parse_json(text));
    CHECK_FALSE(parse_json_in_place(text));
  }
}

TEST_CASE("numbers and texts are marked where they start, behind escapes too") {
  const auto value = parse_json(R"({"a\n\u00e9": "x\"y", "b": [-12.5, "z", 7]})");
  REQUIRE(value);
  CHECK(value->members()[0].key_mark == 1);
  CHECK(value->members()[0].value.mark() == 14);
  CHECK(value->members()[1].key_mark == 22);
  const Value& list = value->members()[1].value;
  CHECK(list.mark() == 27);
  CHECK(list.items()[0].mark() == 28);
  CHECK(list.items()[0].as_number() == -12.5);
  CHECK(list.items()[1].mark() == 35);
  CHECK(list.items()[2].mark() == 40);
}

TEST_CASE("sorted JSON is the same for equal values") {
  const auto a = parse_json(R"({"b":1,"a":{"d":[],"c":2}})");
  const auto b = parse_json(R"({"a":{"c":2,"d":[]},"b":1})");
  CHECK(*a == *b);
  CHECK(write_json_sorted(*a) == write_json_sorted(*b));
  CHECK(write_json_sorted(*a) == R"({"a":{"c":2,"d":[]},"b":1})");
}

TEST_CASE("a changed copy leaves the original alone") {
  Value original = *parse_json(R"({"a":{"b":1}})");
  Value copy = original;
  copy.mutable_members()[0].value.set("b", 2);
  CHECK(write_json(original) == R"({"a":{"b":1}})");
  CHECK(write_json(copy) == R"({"a":{"b":2}})");
}

TEST_CASE("YAML scalars follow the core schema") {
  const auto value =
      parse_yaml("a: 010\nb: no\nc: 12\nd: 1.5\ne: ~\nf: 'true'\ng: true\nh: -3\ni: 1e3\nj: 1.2.3\n404: x\n");
  REQUIRE(value);
  CHECK(write_json(*value) ==
        R"({"a":"010","b":"no","c":12,"d":1.5,"e":null,"f":"true","g":true,"h":-3,"i":1000.0,"j":"1.2.3","404":"x"})");
}

TEST_CASE("YAML anchors, aliases and merge keys are expanded") {
  const auto value = parse_yaml("base: &b {x: 1, y: 2}\nuse:\n  <<: *b\n  y: 3\n  z: *b\nlist: [*b]\n");
  REQUIRE(value);
  CHECK(write_json(*value) == R"({"base":{"x":1,"y":2},"use":{"x":1,"y":3,"z":{"x":1,"y":2}},"list":[{"x":1,"y":2}]})");
}

TEST_CASE("bad YAML is refused with its place") {
  CHECK(parse_yaml("a: 1\na: 2\n").error().message == "the key \"a\" appears twice in one map");
  CHECK(parse_yaml("a: 1\na: 2\n").error().offset == 5);
  CHECK(parse_yaml("a: 1\n---\nb: 2\n").error().message == "it holds more than one document");
  CHECK_FALSE(parse_yaml("a: [1, 2\n"));
  CHECK_FALSE(parse_yaml("a:\n\tb: 1\n"));
  CHECK_FALSE(parse_yaml("a: \"\xff\""));
  CHECK_FALSE(parse_yaml(std::string(100'000, '[')));
  CHECK_FALSE(parse_yaml("? [a]\n: b\n"));
  std::string bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n";
  for (char c = 'b'; c < 'k'; ++c) {
    bomb += std::string(1, c) + ": &" + c + " [";
    for (int i = 0; i < 10; ++i) bomb += (i != 0 ? ",*" : "*") + std::string(1, static_cast<char>(c - 1));
    bomb += "]\n";
  }
  CHECK(parse_yaml(bomb).error().message == "it holds more than 1000000 values");
}

TEST_CASE("what is written as YAML reads back the same") {
  const auto value = parse_json(
      R"({"a":"010","b":"no","n":null,"s":"line one\nline two","q":"it's: #x","e":[],"o":{},"l":[{"x":1},[2]],"200":"ok","d":1.5,"t":"true"})");
  REQUIRE(value);
  const auto again = parse_yaml(write_yaml(*value));
  REQUIRE(again);
  CHECK(write_json(*again) == write_json(*value));
}

TEST_CASE("a syntax error names file, line and column") {
  const auto parsed = parse_document({"x.yaml", "a: 1\nb: é\na: 3\n"});
  REQUIRE(parsed.diagnostics.size() == 1);
  CHECK(to_string(parsed.diagnostics[0].at) == "x.yaml:3:1");
  CHECK(parse_document({"x.yaml", "{a: b}"}).value);
  CHECK_FALSE(parse_document({"x.json", "{a: b}"}).value);
}

}  // namespace
}  // namespace sluice
