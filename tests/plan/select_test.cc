#include "plan/select.h"

#include "tests/plan/support.h"

namespace sluice {
namespace {

using test::contains;
using test::json;
using test::text_of;

TEST_CASE("a glob of METHOD /path means operations") {
  CHECK(matches_operation("GET /pets/{id}", "GET", "/pets/{id}"));
  CHECK_FALSE(matches_operation("GET /pets/{id}", "PUT", "/pets/{id}"));
  CHECK_FALSE(matches_operation("GET /pets/{id}", "GET", "/pets/x"));
  CHECK(matches_operation("get /pets", "GET", "/pets"));
  CHECK(matches_operation("* /pets/*", "DELETE", "/pets/{id}"));
  CHECK_FALSE(matches_operation("* /pets/*", "DELETE", "/pets/{id}/toys"));
  CHECK(matches_operation("P* /pets", "PUT", "/pets"));
  CHECK_FALSE(matches_operation("P* /pets", "GET", "/pets"));
}

TEST_CASE("** stands for any number of segments, also none, and never for a part of a name") {
  for (const std::string path : {"/internal", "/internal/a", "/internal/a/b", "/internal/"}) {
    INFO(path);
    CHECK(matches_operation("* /internal/**", "GET", path));
  }
  CHECK_FALSE(matches_operation("* /internal/**", "GET", "/internals"));
  CHECK_FALSE(matches_operation("* /internal/**", "GET", "/v1/internal"));
  CHECK(matches_operation("* /**/internal/**", "GET", "/v1/internal"));
  CHECK(matches_operation("* /**/internal/**", "GET", "/internal/a"));
  CHECK(matches_operation("* /a/**/z", "GET", "/a/z"));
  CHECK(matches_operation("* /a/**/z", "GET", "/a/b/c/z"));
  CHECK_FALSE(matches_operation("* /a/**/z", "GET", "/az"));
  CHECK(matches_operation("* **", "GET", "/anything/at/all"));
  CHECK(matches_operation("* /pe**", "GET", "/pets/{id}"));
  const std::string many = "* /**/**/**/**/**/**/**/**/**/**/**/**/**/**/**/**/**/**/**/**/**/**/x";
  CHECK_FALSE(matches_operation(many, "GET", std::string(200, '/') + "y"));  // and it ends
}

TEST_CASE("what is no glob of operations is told") {
  CHECK(operation_glob_problem("GET /pets").empty());
  CHECK(operation_glob_problem("* **").empty());
  CHECK(operation_glob_problem("/pets") == "it has no method before its path");
  CHECK(operation_glob_problem("FETCH /pets") == "\"FETCH\" is not a method");
  CHECK(operation_glob_problem("GET pets") == "its path does not start with \"/\"");
}

TEST_CASE("kinds of condition AND, values of one kind OR") {
  const Value tags = json(R"(["public", "beta"])");
  const auto takes = [&](const Selection& selection, const std::string& method, const std::string& path) {
    return Selector(selection).takes(method, path, &tags);
  };
  CHECK(takes({}, "GET", "/pets"));
  CHECK(takes({.paths = {"/a/**", "/pets/**"}}, "GET", "/pets"));
  CHECK_FALSE(takes({.paths = {"/a/**"}}, "GET", "/pets"));
  CHECK(takes({.tags = {"other", "beta"}}, "GET", "/pets"));
  CHECK_FALSE(takes({.tags = {"other"}}, "GET", "/pets"));
  CHECK(takes({.methods = {"POST", "GET"}}, "GET", "/pets"));
  CHECK_FALSE(takes({.methods = {"POST"}}, "GET", "/pets"));
  CHECK_FALSE(takes({.paths = {"/pets"}, .tags = {"public"}, .methods = {"PUT"}}, "GET", "/pets"));
  CHECK_FALSE(takes({.paths = {"/pets"}, .exclude = {"* /pets"}}, "GET", "/pets"));
  CHECK(takes({.exclude = {"PUT /pets"}}, "GET", "/pets"));
  CHECK_FALSE(Selector({.tags = {"public"}}).takes("GET", "/pets", nullptr));
}

TEST_CASE("what never met an operation is a warning that names it") {
  const Selection selection{.paths = {"/pets/**", "/toys/**"},
                            .tags = {},
                            .methods = {"GET"},
                            .exclude = {"* /x"},
                            .at = {"sluice.yaml", 7, 13}};
  Selector selector(selection);
  CHECK(selector.takes("GET", "/pets", nullptr));
  CHECK_FALSE(selector.takes("PUT", "/pets", nullptr));
  CHECK(text_of(selector.unmet()) ==
        "sluice.yaml:7:13: warning select-nothing: \"/toys/**\" in `select.paths` meets no operation of the group's "
        "files. Correct it, or take it out; paths include basePath.\n"
        "sluice.yaml:7:13: warning select-nothing: \"* /x\" in `select.exclude` meets no operation of the group's "
        "files. Correct it, or take it out; paths include basePath.\n");
  const Selection none{.paths = {"/pets"}, .methods = {"PUT"}, .at = {"sluice.yaml", 7, 13}};
  Selector apart(none);
  CHECK_FALSE(apart.takes("GET", "/pets", nullptr));
  CHECK_FALSE(apart.takes("PUT", "/toys", nullptr));
  CHECK(contains(text_of(apart.unmet()), "`select` takes no operation: none meets all of its conditions at once."));
}

}  // namespace
}  // namespace sluice
