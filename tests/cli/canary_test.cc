// Secrets planted in every input at once, and every command run over them: no byte of one may be in anything that is
// left. Each folder searches itself when it goes (temp_folder.h); here that is done after each command, with what is
// packed within it unpacked.
#include <Poco/Base64Decoder.h>
#include <Poco/InflatingStream.h>

#include <filesystem>
#include <sstream>

#include "tests/cli/served.h"

using namespace sluice;
using namespace sluice::test;

namespace {

const Process::Variables kPlanted = {{"HOOK", kCanaryHook},
                                     {"KEY", kCanaryVariable},
                                     {"SLUICE_TOKEN", kCanaryToken},
                                     {"SLUICE_HASH_KEY", kCanaryHashKey},
                                     {"OS_PASSWORD", kCanaryPassword}};

std::string swagger_with_canaries() {
  Value document = json_of(swagger({{"/a0", "one"}, {"/b/{id}", kCanarySensitive}}));
  return write_json(document);
}

std::string manifest_with_canaries(const std::string& gateway, const std::string& constant = kCanaryConstant) {
  return "version: 1\n" + gateway +
         "defaults: {sensitive: [/description]}\n"
         "groups:\n  - name: pets\n    description: pets\n    swagger: pets.json\n"
         "    sensitive: ['/x-apigateway-backend/parameters/header:X-Plain/value', '/**/httpEndpoints/path']\n"
         "    operations: {auth: none, backend: {type: HTTP, address: 'b:80', path: '/${secret:HOOK}{path}'}}\n"
         "    overrides:\n"
         "      - match: '* /**'\n"
         "        set:\n"
         "          x-apigateway-backend:\n"
         "            parameters:\n"
         "              header:X-Secret: {origin: CONSTANT, value: 'Bearer ${secret:KEY}'}\n"
         "              header:X-Api-Key: {origin: CONSTANT, value: '" +
         constant +
         "'}\n"
         "              header:X-Plain: {origin: CONSTANT, value: '" +
         kCanarySensitive + "'}\n";
}

/// The first canary in what is packed within `bytes`: Base64 of deflated text.
std::string canary_packed_in(const std::string& bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
  constexpr std::size_t kShortest = 24;
  for (std::size_t at = bytes.find_first_of(kDigits); at != std::string::npos; at = bytes.find_first_of(kDigits, at)) {
    const std::size_t end = std::min(bytes.find_first_not_of(kDigits, at), bytes.size());
    const std::string digits = bytes.substr(at, end - at);
    at = end;
    if (digits.size() < kShortest) continue;
    for (const auto kind : {Poco::InflatingStreamBuf::STREAM_ZLIB, Poco::InflatingStreamBuf::STREAM_GZIP}) {
      std::string text;
      try {
        std::istringstream in(digits);
        Poco::Base64Decoder decoder(in);
        std::istringstream deflated(std::string{std::istreambuf_iterator<char>(decoder), {}});
        Poco::InflatingInputStream inflated(deflated, kind);
        for (char c = 0; inflated.get(c);) text += c;
      } catch (const std::exception&) {
        // it is not packed so
      }
      if (std::string found = canary_in(text); !found.empty()) return found;
    }
  }
  return {};
}

/// A manifest's folder in which every command is looked at.
class Watched {
 public:
  explicit Watched(const std::string& gateway, Process::Variables variables = kPlanted)
      : gateway_(gateway), variables_(std::move(variables)) {
    bench.folder.write("pets.json", swagger_with_canaries());
    bench.folder.write("sluice.yaml", manifest_with_canaries(gateway));
  }

  /// Runs with everything logged; what it says and leaves holds no canary.
  Finished run(std::vector<std::string> words, const Process::Variables& more = {}) {
    if (words.front() != "render") words.insert(words.end(), {"--log-level", "trace"});
    Process::Variables variables = variables_;
    for (const auto& [name, value] : more) variables[name] = value;
    const Finished done = bench.run(words, variables);
    std::string said;
    for (const std::string& word : words) said += word + " ";
    INFO(said << "\n" << done.err);
    CHECK(canary_in(done.out).empty());
    CHECK(canary_in(done.err).empty());
    search();
    return done;
  }

  void search() const {
    for (const std::string& found : bench.folder.canaries()) FAIL_CHECK(found);
    for (const std::string& name : bench.folder.files()) {
      if (name.find("state.db") == std::string::npos) continue;
      INFO(name);
      CHECK(canary_packed_in(bench.folder.read(name)).empty());
    }
  }

  Bench bench;

 private:
  std::string gateway_;
  Process::Variables variables_;
};

/// Every report of a plan.
const std::vector<std::string> kReports = {"--format", "text",          "--format", "json=p.json",
                                           "--format", "markdown=p.md", "--format", "html=p.html",
                                           "--format", "sarif=p.sarif", "--format", "github=p.github"};

std::vector<std::string> with_reports(std::vector<std::string> words, bool context = true) {
  words.insert(words.end(), kReports.begin(), kReports.end());
  if (context) words.emplace_back("--context");
  return words;
}

/// Somebody else makes an API and changes one of ours, each with a credential in it.
void change_by_another(const Served& served) {
  Bench other;
  other.folder.write("sluice.yaml", manifest_with_canaries(served.gateway_block(), kCanaryLive));
  Value document = json_of(swagger({{"/a0", "one"}, {"/b/{id}", "changed"}, {"/hand", "by hand"}}));
  other.folder.write("pets.json", write_json(document));
  const Finished done = other.run({"apply", "--auto-approve", "--adopt", "**"}, kPlanted);
  INFO(done.out + done.err);
  REQUIRE(done.code == 0);
}

}  // namespace

TEST_CASE("canaries are found: in plain, in hexadecimal digits, in Base64 wherever they stand, and packed") {
  CHECK(canary_in("nothing").empty());
  CHECK_FALSE(canary_in("x" + kCanaryToken + "y").empty());
  for (std::size_t before = 0; before < 3; ++before) {
    const std::string digits = in_base64(std::string(before, 'x') + kCanaryToken + "and more", 0);
    CHECK_FALSE(canary_in(digits).empty());
  }
  TempFolder folder;
  folder.write("planted", kCanaryToken);
  std::ofstream(folder / "planted.copy") << kCanaryToken;
  REQUIRE(folder.canaries().size() == 1);
  CHECK(contains(folder.canaries().front(), "planted.copy"));
  std::ofstream(folder / "planted", std::ios::app) << kCanaryToken;
  CHECK(folder.canaries().size() == 2);
  std::filesystem::remove_all(folder.path());
  const std::string packed = "H4sIAAAAAAACA0tOzEssqtQ1TTVPTDJM1S3Jz07NAwAohE0+FAAAAA==";  // gzip of a canary
  CHECK(canary_in(packed).empty());
  CHECK_FALSE(canary_packed_in("..'" + packed + "'..").empty());
}

TEST_CASE("no command, format or log says a secret, and none stays in a file") {
  const Served served;
  Watched watched(served.gateway_block());
  for (const std::string format : {"text", "json", "sarif", "github"})
    CHECK(watched.run({"validate", "--format", format}).code == 0);
  CHECK(watched.run({"render"}).code == 0);
  CHECK(watched.run({"render", "--explain", "--format", "json"}).code == 0);
  CHECK(watched.run(with_reports({"plan", "--all", "--out", "plan.json"})).code == 0);
  CHECK(watched.run(with_reports({"show", "plan.json"})).code == 0);
  CHECK(watched.run({"apply", "plan.json", "--format", "json"}).code == 0);
  CHECK(watched.run({"plan", "--detailed-exitcode"}).code == 0);
  CHECK(watched.run(with_reports({"drift"}, false)).code == 0);

  change_by_another(served);
  CHECK(watched.run(with_reports({"drift"}, false)).code == 2);
  CHECK(contains(watched.bench.folder.read("p.md"), "(sensitive)"));
  CHECK(watched.run(with_reports({"plan", "--all", "--detailed-exitcode"})).code == 2);
  CHECK(watched.run({"plan", "--refresh-only"}).code == 0);
  CHECK(watched.run({"apply", "--auto-approve"}).code == 4);
  CHECK(watched.run({"apply", "--auto-approve", "--on-drift", "keep"}).code == 0);
  CHECK(watched.run(with_reports({"drift"}, false)).code == 0);
  CHECK(watched.run({"import", "api.pets[\"GET /hand\"]"}).code == 0);
  CHECK(watched.run({"state", "rm", "api.pets[\"GET /hand\"]"}).code == 0);
  CHECK(watched.run({"apply", "--auto-approve", "--on-drift", "revert", "--format", "json=events.ndjson"}).code == 0);
  for (const std::string format : {"text", "json"}) {
    CHECK(watched.run({"state", "show", "--format", format}).code == 0);
    CHECK(watched.run({"state", "list", "--format", format}).code == 0);
    watched.run({"state", "pull", "--format", format});
    watched.run({"history", "--format", format});
    watched.run({"history", "show", "--format", format});
  }
  CHECK(watched.run({"export", "--group", "pets"}).code == 0);
  CHECK(watched.run({"export", "--group", "**", "--out", "exported"}).code == 0);
  CHECK(contains(watched.bench.folder.read("exported/sluice.yaml"), "${secret:"));
  watched.run({"unlock", "nobody"});
  watched.run({"task", "show", "nothing"});
  const Process::Variables rotated = {{"KEY", kCanaryVariable + "-2"}};
  CHECK(watched.run(with_reports({"plan", "--detailed-exitcode"}), rotated).code == 2);
  CHECK(watched.run({"apply", "--auto-approve"}, rotated).code == 0);
}

TEST_CASE("what a gateway says of a secret is not handed on") {
  const std::string echo = "refused: " + kCanaryConstant + " and Bearer " + kCanaryVariable + " at /" + kCanaryHook;
  TempFolder faults;
  const auto with_fault = [&](const std::string& fault, const std::string& said) {
    INFO(fault);
    faults.write("faults.yaml", "[{" + fault + "}]");
    const Served served("0s", {"--faults", faults / "faults.yaml"});
    Watched watched(served.gateway_block());
    const Finished done = watched.run({"apply", "--auto-approve", "--format", "json"});
    CHECK(done.code != 0);
    CHECK(contains(done.out, said));
    watched.run({"apply", "--auto-approve"});
  };
  const auto told = "error_code: APIG.2011, error_msg: '" + echo + "'";
  with_fault("path: '**/openapi/async-import', nth: 1, action: status, status: 400, " + told, "(sensitive)");
  with_fault("path: '**/openapi/async-import', nth: 1, action: failed_task, " + told, "(sensitive)");
  with_fault("path: '**/openapi/async-import', nth: 1, action: partial_failure, count: 1, " + told, "(sensitive)");
}

TEST_CASE("a run that is killed leaves no secret, nor does the one that resumes it") {
  const Served served("2s");
  Watched watched(served.gateway_block());
  auto run = watched.bench.start({"apply", "--auto-approve", "--format", "json", "--log-level", "trace"}, kPlanted);
  REQUIRE(run->wait_for("task_progress"));
  run->send_signal(SIGKILL);
  const Finished killed = run->wait();
  CHECK(canary_in(killed.out + killed.err).empty());
  watched.search();
  CHECK(watched.run(with_reports({"plan"})).code == 0);
  CHECK(watched.run({"apply", "--auto-approve", "--format", "json"}).code == 0);
  CHECK(watched.run({"drift"}).code == 0);
}

TEST_CASE("credentials of each kind are never said, whatever goes wrong with them") {
  const Served served;
  const Process::Variables manifest_secrets = {{"HOOK", kCanaryHook}, {"KEY", kCanaryVariable}};
  Process::Variables signing = manifest_secrets;
  signing.insert({{"SLUICE_ACCESS_KEY", kCanaryAccessKey},
                  {"SLUICE_SECRET_KEY", kCanarySecretKey},
                  {"SLUICE_SECURITY_TOKEN", kCanarySecurityToken}});
  Watched signed_one(served.gateway_block(), signing);
  CHECK(signed_one.run({"plan"}).code == 0);
  CHECK(signed_one.run({"apply", "--auto-approve"}).code == 0);
  signing.erase("SLUICE_SECRET_KEY");
  Watched half(served.gateway_block(), signing);
  CHECK(half.run({"plan"}).code != 0);

  std::string block = served.gateway_block();
  block.insert(block.find('}'), ", credentials: {command: [./token.sh]}");
  Watched commanded(block, manifest_secrets);
  const auto script = [&](const std::string& text) {
    commanded.bench.folder.write("token.sh", "#!/bin/sh\n" + text);
    std::filesystem::permissions(commanded.bench.folder / "token.sh", std::filesystem::perms::owner_all);
  };
  script("echo '{\"token\": \"" + kCanaryCommand + "\"}'\n");
  CHECK(commanded.run({"plan"}).code == 0);
  script("echo '{\"token\": \"" + kCanaryCommand + "'\n");
  CHECK(commanded.run({"plan"}).code == 1);
  script("echo '{\"tok\": \"" + kCanaryCommand + "\"}'; exit 3\n");
  CHECK(commanded.run({"plan"}).code == 1);
}

TEST_CASE("a state's URL is never said with the password in it") {
  const Bench bench;
  for (const std::string scheme : {"postgres", "postgresql", "https", "mysql"}) {
    const std::string url =
        scheme + "://ann:" + kCanaryStateUrl + "@127.0.0.1:1/db?name=pets&password=" + kCanaryStateUrl;
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"plan"}, {"drift"}, {"apply", "--auto-approve"}, {"state", "list"}}) {
      std::vector<std::string> all = words;
      all.insert(all.end(), {"--state", url, "--log-level", "trace"});
      const Finished done = bench.run(all);
      INFO(words.front() << " " << scheme << "\n" << done.err);
      CHECK(done.code == 1);
      CHECK(canary_in(done.out + done.err).empty());
      CHECK(canary_in(bench.run(words, {{"SLUICE_STATE", url}}).err).empty());
    }
    bench.folder.write("sluice.yaml", manifest({"pets"}, "state: '" + url + "'\n"));
    CHECK(canary_in(bench.run({"plan"}).err).empty());
    bench.folder.write("sluice.yaml", manifest({"pets"}));
  }
}
