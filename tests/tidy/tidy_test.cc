// Is it still this architecture? Each rule reads the source as text; each rule is first shown to catch a violation.

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace fs = std::filesystem;
using Findings = std::vector<std::string>;

/// A file of the project; `path` is relative to its root.
struct File {
  std::string path;
  std::string text;
};

/// What may stand only in `allowed`: files, or folders when they end in "/".
struct Confined {
  std::string_view what;
  std::vector<std::string_view> allowed;
};

// The tables to extend when a file takes over a new duty.
const std::vector<Confined> kHeaders = {
    {"rapidjson/", {"plan/json.cc", "tests/"}},
    {"yaml-cpp/", {"plan/yaml.cc", "tests/"}},
    {"openssl/", {"plan/digest.cc", "providers/http/", "tests/"}},
    {"Poco/", {"providers/http/", "providers/gateway/archive.cc", "providers/gateway/server.cc", "engine/", "tests/"}},
    {"sqlite3.h", {"providers/gateway/store.cc", "engine/sqlite.cc", "tests/"}},
    {"libpq-fe.h", {"engine/libpq.cc"}},
    {"catch2/", {"tests/"}},
};
const Confined kReveal = {"reveal()",
                          {"providers/apig/", "providers/http/", "engine/credentials.cc", "plan/digest.cc",
                           "plan/secrets.cc", "plan/plan_json.cc", "engine/state_sql.cc", "engine/state_text.cc"}};
// plan/ thinks: the same input gives the same bytes, whatever the hour or the machine.
const std::vector<std::string_view> kImpureHeaders = {"thread", "fstream",  "filesystem", "future",
                                                      "random", "iostream", "mutex",      "ctime",
                                                      "sys/",   "netinet/", "unistd.h"};
const std::vector<std::string_view> kImpureWords = {"now",           "steady_clock",  "system_clock", "getenv",
                                                    "secure_getenv", "random_device", "rand",         "time",
                                                    "fopen",         "socket",        "system"};
const std::size_t kMaxLines = 600;

bool is_under(std::string_view path, std::string_view folder) { return path.starts_with(folder); }

bool is_product(std::string_view path) {
  return is_under(path, "plan/") || is_under(path, "providers/") || is_under(path, "engine/");
}

bool is_source(std::string_view path) { return path.ends_with(".cc") || path.ends_with(".h"); }

bool is_allowed(const Confined& rule, std::string_view path) {
  return std::any_of(rule.allowed.begin(), rule.allowed.end(),
                     [path](std::string_view at) { return at.ends_with('/') ? path.starts_with(at) : path == at; });
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::string finding(const File& file, std::size_t line, const std::string& rule) {
  return file.path + ":" + std::to_string(line) + ": " + rule;
}

/// What a line includes, without brackets or quotes; "" when it includes nothing.
std::string_view included(std::string_view line) {
  const auto first = line.find_first_not_of(' ');
  if (first == std::string_view::npos || line[first] != '#') return {};
  const auto word = line.find_first_not_of(' ', first + 1);
  if (word == std::string_view::npos || !line.substr(word).starts_with("include")) return {};
  const auto begin = line.find_first_of("<\"");
  const auto end = line.find_last_of(">\"");
  return begin == end ? std::string_view() : line.substr(begin + 1, end - begin - 1);
}

/// The line without comment and without what its string and character literals hold.
std::string code_of(std::string_view line) {
  std::string code;
  char quote = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quote != 0) {
      if (c == '\\') ++i;
      if (c == quote) quote = 0;
      continue;
    }
    if (c == '/' && line.substr(i).starts_with("//")) break;
    const bool digit_separator = c == '\'' && i > 0 && std::isalnum(static_cast<unsigned char>(line[i - 1])) != 0;
    if (c == '"' || (c == '\'' && !digit_separator)) quote = c;
    code += c;
  }
  return code;
}

bool is_word_character(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// Whether `code` calls or names the free function or class `word`; members (`x.time()`) do not count.
bool names(std::string_view code, std::string_view word, bool only_calls) {
  for (auto at = code.find(word); at != std::string_view::npos; at = code.find(word, at + 1)) {
    const auto end = at + word.size();
    const bool whole =
        (at == 0 || !is_word_character(code[at - 1])) && (end == code.size() || !is_word_character(code[end]));
    const bool member = at > 0 && (code[at - 1] == '.' || (at > 1 && code.substr(at - 2, 2) == "->"));
    const bool called = end < code.size() && code[end] == '(';
    if (whole && !member && (called || !only_calls)) return true;
  }
  return false;
}

Findings check_layers(const File& file) {
  Findings found;
  if (!is_source(file.path) || !is_product(file.path)) return found;
  const auto lines = lines_of(file.text);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string_view header = included(lines[i]);
    if (header.empty()) continue;
    const bool quoted = lines[i].find('"') != std::string::npos;
    if (quoted && !is_product(header)) {
      found.push_back(finding(file, i + 1, "write includes from the root, and never include a test"));
    } else if (is_under(header, "engine/") && !is_under(file.path, "engine/")) {
      found.push_back(finding(file, i + 1, "only engine/ includes engine/"));
    } else if (is_under(header, "providers/") && is_under(file.path, "plan/")) {
      found.push_back(finding(file, i + 1, "plan/ includes only plan/"));
    }
  }
  return found;
}

Findings check_confinement(const File& file) {
  Findings found;
  if (!is_source(file.path)) return found;
  const auto lines = lines_of(file.text);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    for (const Confined& rule : kHeaders) {
      if (!included(lines[i]).starts_with(rule.what) || is_allowed(rule, file.path)) continue;
      found.push_back(finding(file, i + 1, std::string(rule.what) + " is wrapped elsewhere; include the wrapper"));
    }
  }
  return found;
}

Findings check_purity(const File& file) {
  Findings found;
  if (!is_source(file.path) || !is_under(file.path, "plan/")) return found;
  const auto lines = lines_of(file.text);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string_view header = included(lines[i]);
    const std::string code = code_of(lines[i]);
    for (const std::string_view impure : kImpureHeaders) {
      if (header == impure || (impure.ends_with('/') && header.starts_with(impure))) {
        found.push_back(finding(file, i + 1, "plan/ is pure: no <" + std::string(header) + ">"));
      }
    }
    for (const std::string_view impure : kImpureWords) {
      const bool is_class = impure.ends_with("_clock") || impure == "random_device";
      if (header.empty() && names(code, impure, !is_class)) {
        found.push_back(finding(file, i + 1, "plan/ is pure: no " + std::string(impure)));
      }
    }
  }
  return found;
}

Findings check_length(const File& file) {
  if (!is_source(file.path) || !is_product(file.path)) return {};
  const std::size_t lines = lines_of(file.text).size();
  if (lines <= kMaxLines) return {};
  return {finding(file, lines, "a file has at most " + std::to_string(kMaxLines) + " lines; split it by duty")};
}

Findings check_machine_paths(const File& file) {
  // In pieces, so that this file is not its own finding.
  static const std::array<std::string, 3> kFolders = {
      "/wo"
      "rk/",
      "/tm"
      "p/",
      "/ho"
      "me/"};
  Findings found;
  const auto lines = lines_of(file.text);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    for (const std::string& folder : kFolders) {
      for (auto at = lines[i].find(folder); at != std::string::npos; at = lines[i].find(folder, at + 1)) {
        const char before = at == 0 ? ' ' : lines[i][at - 1];
        if (is_word_character(before) || std::string_view(".-}/").find(before) != std::string_view::npos) continue;
        found.push_back(finding(file, i + 1, "no path of one machine: " + folder));
      }
    }
  }
  return found;
}

Findings check_header(const File& file) {
  if (!file.path.ends_with(".h") || !is_product(file.path)) return {};
  Findings found;
  const auto lines = lines_of(file.text);
  if (lines.empty() || !lines[0].starts_with("// ")) {
    found.push_back(finding(file, 1, "the first line says in a // comment what the header is for"));
  }
  if (std::find(lines.begin(), lines.end(), "#pragma once") == lines.end()) {
    found.push_back(finding(file, 1, "#pragma once is missing"));
  }
  return found;
}

Findings check_reveal(const File& file) {
  Findings found;
  if (!is_source(file.path) || !is_product(file.path) || is_allowed(kReveal, file.path)) return found;
  const auto lines = lines_of(file.text);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string code = code_of(lines[i]);
    if (code.find(".reveal()") != std::string::npos || code.find("->reveal()") != std::string::npos) {
      found.push_back(finding(file, i + 1, "a secret is revealed only where it is sent, signed or hashed"));
    }
  }
  return found;
}

/// The words of a CMake file; comments are no words.
std::set<std::string> words_of(const File& cmake) {
  std::set<std::string> words;
  for (std::string line : lines_of(cmake.text)) {
    line.erase(std::min(line.find('#'), line.size()));
    std::replace_if(
        line.begin(), line.end(), [](char c) { return c == '(' || c == ')' || c == '"'; }, ' ');
    std::istringstream in(line);
    words.insert(std::istream_iterator<std::string>(in), std::istream_iterator<std::string>());
  }
  return words;
}

/// Every .cc of the product and every *_test.cc is named in a CMakeLists.txt of its folder or one above.
Findings check_listed(const std::vector<File>& files) {
  std::set<std::string> listed;
  for (const File& file : files) {
    if (fs::path(file.path).filename() != "CMakeLists.txt") continue;
    for (std::string word : words_of(file)) {
      if (const std::string here = "${CMAKE_CURRENT_SOURCE_DIR}/"; word.starts_with(here)) word.erase(0, here.size());
      listed.insert((fs::path(file.path).parent_path() / word).lexically_normal().generic_string());
    }
  }
  Findings found;
  for (const File& file : files) {
    const bool must = file.path.ends_with(".cc") &&
                      (is_product(file.path) || (is_under(file.path, "tests/") && file.path.ends_with("_test.cc")));
    if (must && !listed.contains(file.path)) {
      found.push_back(finding(file, 1, "no CMakeLists.txt lists this file, so nothing builds it"));
    }
  }
  return found;
}

using Rule = Findings (*)(const File&);

Findings check_all(const std::vector<File>& files, Rule rule) {
  Findings all;
  for (const File& file : files) {
    const Findings found = rule(file);
    all.insert(all.end(), found.begin(), found.end());
  }
  return all;
}

/// Code, build files, scripts and documents; not what a build or a run leaves behind.
std::vector<File> project_files() {
  const fs::path root = SLUICE_SOURCE_DIR;
  const std::set<std::string> kinds = {".cc", ".h", ".md", ".sh", ".txt", ".cmake"};
  const std::set<std::string> skipped = {"build", ".git", ".sluice", ".cache"};
  std::vector<File> files;
  for (auto at = fs::recursive_directory_iterator(root); at != fs::recursive_directory_iterator(); ++at) {
    if (at->is_directory() && skipped.contains(at->path().filename().string())) at.disable_recursion_pending();
    const fs::path path = at->path().lexically_relative(root);
    const bool wanted =
        kinds.contains(path.extension().string()) || path == "CMakePresets.json" || path.generic_string() == ".ci/run";
    if (!wanted || !at->is_regular_file()) continue;
    std::ifstream in(at->path(), std::ios::binary);
    files.push_back({path.generic_string(), {std::istreambuf_iterator<char>(in), {}}});
  }
  std::sort(files.begin(), files.end(), [](const File& a, const File& b) { return a.path < b.path; });
  return files;
}

void report(const Findings& findings) {
  for (const std::string& line : findings) FAIL_CHECK(line);
}

Findings at_line(const std::string& place) { return {place}; }

/// Findings without their explanation: "file:line".
Findings places(const Findings& findings) {
  Findings out;
  for (const std::string& line : findings) out.push_back(line.substr(0, line.find(": ")));
  return out;
}

TEST_CASE("the layer rule catches arrows that point the wrong way") {
  CHECK(places(check_layers({"plan/a.cc", "#include \"plan/a.h\"\n#include \"providers/b.h\"\n"})) ==
        at_line("plan/a.cc:2"));
  CHECK(places(check_layers({"plan/a.cc", "#include \"engine/b.h\"\n"})) == at_line("plan/a.cc:1"));
  CHECK(places(check_layers({"providers/x/a.h", "\n#include \"engine/b.h\"\n"})) == at_line("providers/x/a.h:2"));
  CHECK(places(check_layers({"providers/x/a.h", "#include \"b.h\"\n"})) == at_line("providers/x/a.h:1"));
  CHECK(places(check_layers({"engine/a.cc", "#include \"tests/support/b.h\"\n"})) == at_line("engine/a.cc:1"));
  CHECK(check_layers({"providers/x/a.h", "#include <vector>\n#include \"plan/b.h\"\n#include \"providers/b.h\"\n"})
            .empty());
  CHECK(check_layers({"engine/a.cc", "#include \"engine/b.h\"\n#include \"providers/b.h\"\n"}).empty());
  CHECK(check_layers({"tests/a.cc", "#include \"support.h\"\n"}).empty());
}

TEST_CASE("the confinement rule catches a library outside its wrapper") {
  CHECK(places(check_confinement({"plan/diff.cc", "#include <rapidjson/reader.h>\n"})) == at_line("plan/diff.cc:1"));
  CHECK(places(check_confinement({"plan/json.cc", "#include <yaml-cpp/parser.h>\n"})) == at_line("plan/json.cc:1"));
  CHECK(places(check_confinement({"engine/lock.cc", "#include <openssl/evp.h>\n"})) == at_line("engine/lock.cc:1"));
  CHECK(places(check_confinement({"providers/apig/wire.cc", "#include <Poco/URI.h>\n"})) ==
        at_line("providers/apig/wire.cc:1"));
  CHECK(places(check_confinement({"engine/lock.cc", "#include <sqlite3.h>\n"})) == at_line("engine/lock.cc:1"));
  CHECK(places(check_confinement({"plan/json.cc", "#  include <catch2/catch.hpp>\n"})) == at_line("plan/json.cc:1"));
  CHECK(places(check_confinement({"plan/json.cc", "#include <catch2/catch.hpp>\n"})) == at_line("plan/json.cc:1"));
  CHECK(check_confinement({"plan/json.cc", "#include <rapidjson/reader.h>\n"}).empty());
  CHECK(check_confinement({"providers/http/poco_transport.cc", "#include <Poco/URI.h>\n"}).empty());
}

TEST_CASE("the purity rule catches clocks, files, threads, sockets and the environment") {
  for (const char* line :
       {"#include <thread>", "#include <fstream>", "#include <filesystem>", "#include <sys/socket.h>",
        "#include <random>", "auto t = Clock::now();", "using C = std::chrono::steady_clock;",
        "auto h = std::getenv(\"HOME\");", "std::random_device seed;", "int s = socket(1, 2, 3);",
        "auto* f = std::fopen(name, mode);", "time(nullptr);"}) {
    INFO(line);
    CHECK(places(check_purity({"plan/a.cc", std::string("\n") + line + "\n"})) == at_line("plan/a.cc:2"));
  }
  for (const char* line :
       {"// now() and getenv(x) are not for here", "auto s = \"getenv(x)\";", "bool known(int);",
        "auto t = entry.time();", "#include <chrono>", "char c = '\"'; // now()", "int now = 1'000;"}) {
    INFO(line);
    CHECK(check_purity({"plan/a.cc", line}).empty());
  }
  CHECK(check_purity({"engine/a.cc", "#include <thread>\n"}).empty());
}

TEST_CASE("the length rule catches a file that grew too long") {
  const std::string longest(kMaxLines, '\n');
  CHECK(check_length({"plan/a.cc", longest}).empty());
  CHECK(places(check_length({"plan/a.cc", longest + "x\n"})) == at_line("plan/a.cc:601"));
  CHECK(check_length({"tests/plan/a_test.cc", longest + "x\n"}).empty());
}

TEST_CASE("the path rule catches one machine's folders") {
  const std::string home =
                        "/ho"
                        "me/",
                    temporary =
                        "/tm"
                        "p/",
                    work =
                        "/wo"
                        "rk/";
  CHECK(places(check_machine_paths({"README.md", "see\n`" + home + "me/x`\n"})) == at_line("README.md:2"));
  CHECK(places(check_machine_paths({"a.cc", "open(\"" + temporary + "x\")"})) == at_line("a.cc:1"));
  CHECK(places(check_machine_paths({"a.sh", work + "main"})) == at_line("a.sh:1"));
  CHECK(check_machine_paths({"a.md", "https://example.com" + home + "x and $root" + temporary + "x"}).empty());
}

TEST_CASE("the header rule catches a header without purpose or guard") {
  CHECK(places(check_header({"plan/a.h", "#pragma once\n"})) == at_line("plan/a.h:1"));
  CHECK(places(check_header({"plan/a.h", "// What it is.\n"})) == at_line("plan/a.h:1"));
  CHECK(check_header({"plan/a.h", ""}).size() == 2);
  CHECK(check_header({"plan/a.h", "// What it is.\n#pragma once\n"}).empty());
}

TEST_CASE("the secret rule catches a reveal outside its table") {
  CHECK(places(check_reveal({"engine/journal.cc", "\nwrite(token.reveal());\n"})) == at_line("engine/journal.cc:2"));
  CHECK(places(check_reveal({"plan/diff.cc", "write(token->reveal());\n"})) == at_line("plan/diff.cc:1"));
  CHECK(check_reveal({"plan/diff.cc", "// never token.reveal() here\n"}).empty());
  CHECK(check_reveal({"providers/http/signing.cc", "sign(key.reveal());\n"}).empty());
}

TEST_CASE("the listing rule catches a file that nothing builds") {
  const std::vector<File> files = {
      {"plan/CMakeLists.txt", "add_library(p\n  a.cc types/b.cc\n  # c.cc\n)\n"},
      {"plan/a.cc", ""},
      {"plan/types/b.cc", ""},
      {"plan/c.cc", ""},
      {"tests/CMakeLists.txt", "sluice_test(plan SOURCES plan/a_test.cc)\n"},
      {"tests/plan/a_test.cc", ""},
      {"tests/plan/b_test.cc", ""},
      {"tests/plan/helper.cc", ""},
  };
  CHECK(places(check_listed(files)) == Findings{"plan/c.cc:1", "tests/plan/b_test.cc:1"});
}

TEST_CASE("the project keeps its rules") {
  const std::vector<File> files = project_files();
  REQUIRE(std::any_of(files.begin(), files.end(), [](const File& file) { return file.path == "plan/value.h"; }));
  report(check_all(files, check_layers));
  report(check_all(files, check_confinement));
  report(check_all(files, check_purity));
  report(check_all(files, check_length));
  report(check_all(files, check_machine_paths));
  report(check_all(files, check_header));
  report(check_all(files, check_reveal));
  report(check_listed(files));
}

}  // namespace
