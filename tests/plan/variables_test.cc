#include "plan/variables.h"

#include "tests/plan/support.h"

namespace sluice {
namespace {

using test::text_of;

/// The variables of a file as NAME=VALUE words, or its findings.
std::string read(const std::string& text) {
  const auto parsed = parse_variables({"v.env", text});
  if (!parsed.value) return text_of(parsed.diagnostics);
  std::string words;
  for (const auto& [name, value] : *parsed.value) words += name + "=" + value + ";";
  return words;
}

TEST_CASE("a file of variables is lines, YAML or JSON, whichever its first line says") {
  CHECK(read("A=1\nB=two words \n") == "A=1;B=two words ;");
  CHECK(read("# hosts\n\n  A=1\r\nB=x=y\r\nC=\n") == "A=1;B=x=y;C=;");
  CHECK(read("A=1\nA=2") == "A=2;");
  CHECK(read("A: 1\nB: two\nC: true\nD: 1.5\nE: ''\n") == "A=1;B=two;C=true;D=1.5;E=;");
  CHECK(read("A: x=y\n") == "A=x=y;");
  CHECK(read("{\"A\": \"1\", \"B\": 2}") == "A=1;B=2;");
  CHECK(read("\xEF\xBB\xBF"
             "A=1\n") == "A=1;");
  CHECK(read("").empty());
  CHECK(read("# nothing\n").empty());
  CHECK(read("A=\"quoted\"\n") == "A=\"quoted\";");  // as it stands
}

TEST_CASE("what is wrong in a file of variables is told with its place") {
  CHECK(read("A=1\nno variable\n") ==
        "v.env:2:1: error variable-file: The line is not NAME=VALUE. Write one variable a line; a # at its start makes "
        "it a comment.\n");
  CHECK(read("A: [1]\nB: {c: 1}\nC:\n") ==
        "v.env:1:1: error variable-file: The variable A has no single value. Write one text, number or true or false "
        "after the colon.\n"
        "v.env:2:1: error variable-file: The variable B has no single value. Write one text, number or true or false "
        "after the colon.\n"
        "v.env:3:1: error variable-file: The variable C has no single value. Write one text, number or true or false "
        "after the colon.\n");
  CHECK(read("- a\n") ==
        "v.env:1:1: error variable-file: The file of variables is not a map. Write NAME: VALUE, or "
        "NAME=VALUE, one a line.\n");
  CHECK(read("a-b: 1\n") ==
        "v.env:1:1: error variable-file: \"a-b\" cannot be the name of a variable. A name has "
        "letters, digits and _, and does not start with a digit.\n");
}

TEST_CASE("credentials are never spelled into a manifest") {
  CHECK(is_credential_name("SLUICE_TOKEN"));
  CHECK(is_credential_name("OS_PASSWORD"));
  CHECK_FALSE(is_credential_name("PROJECT_ID"));
}

}  // namespace
}  // namespace sluice
