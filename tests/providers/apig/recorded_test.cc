// What the client sends, against what the cloud's official clients were recorded sending; and its own bytes as goldens.
#include <catch2/catch.hpp>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <map>
#include <mutex>
#include <set>
#include <sstream>

#include "providers/http/poco_transport.h"
#include "providers/http/stack.h"
#include "tests/providers/apig/requests.h"
#include "tests/providers/http/fault_server.h"
#include "tests/providers/http/recorded_requests.h"
#include "tests/providers/http/virtual_time.h"
#include "tests/support/process.h"

namespace sluice::apig {
namespace {

using namespace testing;

/// Where a request of ours is not like a recorded one, on purpose.
struct Difference {
  std::string_view kind;  ///< "" is every kind
  std::string_view what;
  std::string_view reason;
};

constexpr Difference kDifferences[] = {
    {"", "type has no charset", "JSON is UTF-8 by itself, and the SDK for Node.js sends none either"},
    {"list_environments", "order of query", "names are sorted, as they are signed"},
    {"list_apis", "order of query", "names are sorted, as they are signed"},
    {"publish", "more in the body: remark", "the history says who published the version"},
    {"take_offline", "more in the body: remark", "the history says who took the version offline"},
    {"export_drafts", "more in the body: version", "equal definitions make equal files when info.version is fixed"},
    {"export_served", "more in the body: version", "equal definitions make equal files when info.version is fixed"},
};

bool is_meant(const std::string& kind, const std::string& what) {
  return std::any_of(std::begin(kDifferences), std::end(kDifferences), [&](const Difference& known) {
    return (known.kind.empty() || known.kind == kind) && known.what == what;
  });
}

/// Paths with each id of 32 digits blotted, without the query.
std::string shape_of(std::string_view target) {
  std::string path(target.substr(0, target.find('?')));
  if (path.starts_with(kRecordedBase)) path.erase(0, kRecordedBase.size());
  std::string shape;
  std::istringstream parts(path);
  for (std::string part; std::getline(parts, part, '/');) {
    if (part.empty()) continue;
    const bool id = part.size() == 32 && part.find_first_not_of("0123456789abcdef") == std::string::npos;
    shape += "/" + (id ? "ID" : part);
  }
  return shape;
}

std::vector<std::string> query_names(std::string_view target) {
  std::vector<std::string> names;
  const auto question = target.find('?');
  if (question == std::string_view::npos) return names;
  std::istringstream parts{std::string(target.substr(question + 1))};
  for (std::string part; std::getline(parts, part, '&');) names.push_back(part.substr(0, part.find('=')));
  return names;
}

std::string media_type(std::string_view type) { return std::string(type.substr(0, type.find(';'))); }

/// "apis: array of string" for each member.
std::set<std::string> members_of(std::string_view body) {
  std::set<std::string> members;
  const auto object = parse_json(body);
  if (!object) return members;
  for (const auto& member : object->members()) {
    const bool list = member.value.is_array();
    members.insert(member.key + (list ? ": array" : member.value.is_string() ? "" : ": other"));
  }
  return members;
}

/// What differs between a request of ours and a recorded one of the same kind.
std::vector<std::string> differences(const HttpRequest& ours, const RecordedRequest& theirs) {
  std::vector<std::string> found;
  const auto names = query_names(ours.target);
  const auto other = query_names(theirs.target);
  if (names != other) {
    const bool same = std::set(names.begin(), names.end()) == std::set(other.begin(), other.end());
    found.push_back(same ? "order of query" : "query");
  }
  const std::string type(find_header(ours.headers, "Content-Type"));
  if (media_type(type) != media_type(theirs.type)) found.push_back("type");
  if (media_type(type) == "multipart/form-data") return found;
  if (theirs.type.find("charset") != std::string_view::npos && type.find("charset") == std::string::npos) {
    found.push_back("type has no charset");
  }
  if (ours.body.empty() != theirs.body.empty()) found.push_back("body");
  const auto mine = members_of(ours.body);
  const auto recorded = members_of(theirs.body);
  for (const auto& member : mine) {
    if (!recorded.contains(member)) found.push_back("more in the body: " + member);
  }
  for (const auto& member : recorded) {
    if (!mine.contains(member)) found.push_back("less in the body: " + member);
  }
  return found;
}

bool is_like(const std::string& name, const HttpRequest& ours, const RecordedRequest& theirs) {
  if (ours.method != theirs.method || shape_of(ours.target) != shape_of(theirs.target)) return false;
  const auto action = [](std::string_view target) {
    return target.substr(std::min(target.find("action="), target.size()));
  };
  if (action(ours.target) != action(theirs.target)) return false;
  // Other forms of the same calls, which the client does not use.
  const bool other_export = theirs.target.find("oas_version") != std::string_view::npos;
  const bool other_list = theirs.target.find("req_uri") != std::string_view::npos;
  const bool no_remark = name == "create_group" && theirs.body.find("remark") == std::string_view::npos;
  const bool not_recorded = name == "list_groups";  // of all, whatever their names
  return !other_export && !other_list && !no_remark && !not_recorded;
}

TEST_CASE("each kind of request that was recorded is sent as the official clients send it") {
  std::set<std::string> compared;
  std::set<std::string> met;
  for (const auto& kind : test::request_kinds()) {
    for (const RecordedRequest& recorded : kRecorded) {
      if (!is_like(kind.name, kind.request, recorded)) continue;
      compared.insert(kind.name);
      for (const std::string& difference : differences(kind.request, recorded)) {
        INFO(kind.name << " against " << recorded.method << " " << recorded.target << ": " << difference);
        CHECK(is_meant(kind.name, difference));
        met.insert(difference);
      }
    }
  }
  CHECK(compared == std::set<std::string>{"find_group", "show_group", "list_environments", "list_apis", "query_task",
                                          "export_drafts", "export_served", "create_group", "delete_group", "import",
                                          "publish", "take_offline", "delete_api"});
  for (const Difference& known : kDifferences) {
    INFO(known.what);
    CHECK(met.contains(std::string(known.what)));
  }
}

/// The parts of a form, as in RecordedForm.
std::vector<std::string> parts_of(const HttpRequest& request) {
  const std::string type(find_header(request.headers, "Content-Type"));
  const std::string mark = "--" + type.substr(type.find("boundary=") + 9);
  std::vector<std::string> parts;
  for (std::size_t at = request.body.find(mark); at != std::string::npos;) {
    const std::size_t next = request.body.find(mark, at + mark.size());
    const std::string part = request.body.substr(at + mark.size(), next - at - mark.size());
    at = next;
    const std::string disposition = "\r\nContent-Disposition: form-data; name=\"";
    if (!part.starts_with(disposition)) continue;  // the end
    std::string text = part.substr(disposition.size(), part.find('"', disposition.size()) - disposition.size());
    const auto head = part.find("\r\n\r\n");
    if (part.find("\"; filename=\"") < head) {
      text += "; file";
      const auto given = part.find("\r\nContent-Type: ");
      if (given < head) text += " " + part.substr(given + 16, head - given - 16);
    } else {
      std::string value = part.substr(head + 4, part.size() - head - 6);
      if (value.size() == 32) value = "ID";
      text += "=" + value;
    }
    parts.push_back(text);
  }
  return parts;
}

std::string part_name(const std::string& part) { return part.substr(0, part.find_first_of("=;")); }

TEST_CASE("the form of an import is like the recorded ones: the same parts in the same order, the file last") {
  // What is left out or looks otherwise, on purpose.
  const std::map<std::string, std::string> meant = {
      {"simple_mode", "left out: its default is false, and what true does is documented nowhere"},
      {"mock_mode", "left out: its default is false"},
      {"file_name", "the SDK for Go has application/octet-stream too; the type does not count, and it is most neutral"},
  };
  std::vector<std::string> ours;
  for (const auto& kind : test::request_kinds()) {
    if (kind.name == "import") ours = parts_of(kind.request);
  }
  CHECK(ours == std::vector<std::string>{"is_create_group=false", "group_id=ID", "extend_mode=merge",
                                         "api_mode=override", "file_name; file application/octet-stream"});
  std::set<std::string> recorded_names;
  for (const RecordedForm& form : kRecordedForms) {
    INFO(form.target);
    std::vector<std::string> theirs;
    std::istringstream lines{std::string(form.parts)};
    for (std::string line; std::getline(lines, line);) theirs.push_back(part_name(line));
    recorded_names.insert(theirs.begin(), theirs.end());
    std::vector<std::string> common;
    for (const std::string& name : theirs) {
      const bool sent =
          std::any_of(ours.begin(), ours.end(), [&](const auto& part) { return part_name(part) == name; });
      if (sent) common.push_back(name);
      CHECK((sent || meant.contains(name)));
    }
    std::vector<std::string> order;
    for (const std::string& part : ours) {
      const std::string name = part_name(part);
      if (std::find(common.begin(), common.end(), name) != common.end()) order.push_back(name);
    }
    CHECK(order == common);
    CHECK(theirs.back() == "file_name");
  }
  for (const std::string& part : ours) CHECK(recorded_names.contains(part_name(part)));
}

/// Sends each kind over a socket and hands on the bytes that arrived.
template <typename Use>
void each_on_the_wire(const Credential& credential, const Use& use) {
  std::mutex mutex;
  std::vector<std::string> received;
  FaultServer server([&](Peer& peer) {
    for (std::string request = peer.read_request(); !request.empty(); request = peer.read_request()) {
      {
        const std::lock_guard lock(mutex);
        received.push_back(request);
      }
      peer.answer("{}");
    }
  });
  VirtualTime time;
  StackSettings settings{.endpoint = {.url = server.url()}, .project_id = test::kProject, .credential = credential};
  auto transport = stack(std::move(settings), time.timing(), {});
  REQUIRE(transport);
  for (const auto& kind : test::request_kinds()) {
    REQUIRE((*transport)->send(kind.request));
    const std::lock_guard lock(mutex);
    REQUIRE(received.size() == 1);
    use(kind, received.front(), server.port());
    received.clear();
  }
}

void check_golden(const std::string& name, const std::string& text) {
  const std::string path = std::string(SLUICE_SOURCE_DIR) + "/tests/golden/requests/" + name;
  const char* accept = std::getenv("SLUICE_ACCEPT");
  if (accept != nullptr && std::string_view(accept) == "1") {
    std::ofstream(path, std::ios::binary) << text;
    return;
  }
  std::ifstream file(path, std::ios::binary);
  INFO("SLUICE_ACCEPT=1 rewrites tests/golden/requests/" << name);
  REQUIRE(file);
  std::stringstream expected;
  expected << file.rdbuf();
  CHECK(text == expected.str());
}

TEST_CASE("the bytes of each kind of request are what they always were, with a length and in one piece") {
  Credential token;
  token.what = Secret("a-token");
  each_on_the_wire(token, [](const test::RequestKind& kind, std::string bytes, const std::string& port) {
    INFO(kind.name);
    const std::string head = bytes.substr(0, bytes.find("\r\n\r\n"));
    CHECK(head.find("\r\nContent-Length: " + std::to_string(kind.request.body.size())) != std::string::npos);
    CHECK(head.find("Transfer-Encoding") == std::string::npos);
    CHECK(bytes.substr(head.size() + 4) == kind.request.body);
    bytes.replace(bytes.find(":" + port), port.size() + 1, ":PORT");
    check_golden(kind.name + ".txt", bytes);
  });
}

TEST_CASE("each kind of request has the headers that official clients send, but for those of no use") {
  // Of both recorded clients. Accept: every answer is JSON; X-Project-Id is sent where it is signed.
  const std::set<std::string> recorded = {"user-agent", "accept-encoding", "content-type", "x-project-id", "x-sdk-date",
                                          "host",       "authorization"};
  Credential key;
  key.what = AccessKey{"AK", Secret("a secret key"), Secret()};
  each_on_the_wire(key, [&](const test::RequestKind& kind, const std::string& bytes, const std::string&) {
    INFO(kind.name);
    std::set<std::string> names;
    std::istringstream lines(bytes.substr(0, bytes.find("\r\n\r\n")));
    std::string line;
    std::getline(lines, line);
    while (std::getline(lines, line)) {
      std::string name = line.substr(0, line.find(':'));
      std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
      names.insert(name);
    }
    std::set<std::string> expected = recorded;
    expected.insert("content-length");  // the others send it with a body only
    if (kind.name == "import") expected.insert("x-sdk-content-sha256");
    CHECK(names == expected);
  });
}

TEST_CASE("each kind of request, signed, holds before a checker that was written on its own") {
  Credential key;
  key.what = AccessKey{"AK", Secret("a secret key"), Secret("a+security/token==")};
  sluice::test::TempFolder folder;
  each_on_the_wire(key, [&](const test::RequestKind& kind, const std::string& bytes, const std::string&) {
    folder.write("request", bytes);
    sluice::test::Process python(
        folder.path(),
        {"/usr/bin/env", "python3", std::string(SLUICE_SOURCE_DIR) + "/tests/providers/http/check_signature.py",
         "request"},
        {{"SECRET_KEY", "a secret key"}, {"PATH", "/usr/local/bin:/usr/bin:/bin"}});
    const auto finished = python.wait();
    INFO(kind.name << ": " << finished.err);
    CHECK(finished.code == 0);
  });
}

}  // namespace
}  // namespace sluice::apig
