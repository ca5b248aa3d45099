#include "engine/credentials.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>

#include "engine/child_process.h"
#include "tests/support/temp_folder.h"

using namespace sluice;
using namespace std::chrono_literals;

namespace {

/// The choice in one line: which kind, and what it holds.
std::string chosen(const Variables& environment, const GatewaySettings& settings = {}, bool untrusted = false) {
  const auto choice = choose_credentials(settings, "sluice.yaml", environment, untrusted);
  if (!choice) {
    CHECK(choice.error().effect == Effect::None);
    return (choice.error().kind == ErrorKind::Refused ? "refused: " : "error: ") + choice.error().message;
  }
  if (choice->fetch) return "command";
  if (choice->login) {
    const IamLogin& login = *choice->login;
    return "login " + login.user + " " + login.password.reveal() + " " + login.domain + " id=" + login.project_id +
           " name=" + login.project_name;
  }
  if (const auto* token = std::get_if<Secret>(&choice->credential.what)) return "token " + token->reveal();
  if (const auto* key = std::get_if<AccessKey>(&choice->credential.what))
    return "key " + key->id + " " + key->secret.reveal() + " " + key->security_token.reveal();
  return "none";
}

/// A script in `folder` that a manifest there may name.
std::string script(const test::TempFolder& folder, const std::string& name, const std::string& text) {
  folder.write(name, "#!/bin/sh\n" + text);
  std::filesystem::permissions(folder / name, std::filesystem::perms::owner_all);
  return "./" + name;
}

std::string error_of(const Result<std::string>& result) {
  REQUIRE_FALSE(result);
  CHECK(result.error().kind == ErrorKind::Denied);
  CHECK(result.error().effect == Effect::None);
  return result.error().message;
}

}  // namespace

TEST_CASE("which credentials are taken, in which order") {
  const Variables everything = {{"SLUICE_TOKEN", "t"},   {"SLUICE_ACCESS_KEY", "sa"}, {"SLUICE_SECRET_KEY", "ss"},
                                {"HW_ACCESS_KEY", "ha"}, {"HW_SECRET_KEY", "hs"},     {"HW_SECURITY_TOKEN", "ht"},
                                {"OS_USERNAME", "u"},    {"OS_PASSWORD", "p"},        {"OS_DOMAIN_NAME", "d"}};
  Variables left = everything;
  GatewaySettings with_command;
  with_command.credentials_command = {"./get-token"};
  CHECK(chosen(left, with_command) == "command");
  CHECK(chosen(left) == "token t");
  left.erase("SLUICE_TOKEN");
  CHECK(chosen(left) == "key sa ss ");
  left.erase("SLUICE_ACCESS_KEY");
  left.erase("SLUICE_SECRET_KEY");
  CHECK(chosen(left) == "key ha hs ht");
  left.erase("HW_ACCESS_KEY");
  left.erase("HW_SECRET_KEY");
  left.erase("HW_SECURITY_TOKEN");
  GatewaySettings project;
  project.project_id = "p1";
  CHECK(chosen(left, project) == "login u p d id=p1 name=");
  left["OS_PROJECT_NAME"] = "eu-de";
  CHECK(chosen(left, project) == "login u p d id= name=eu-de");
  left["OS_PROJECT_ID"] = "p2";
  CHECK(chosen(left, project) == "login u p d id=p2 name=eu-de");
  CHECK(chosen({}) == "none");
  CHECK(chosen({{"SLUICE_TOKEN", ""}, {"OS_AUTH_URL", "x"}, {"HW_REGION_NAME", "x"}}) == "none");
}

TEST_CASE("half of a pair is an error that names the other half") {
  CHECK(chosen({{"SLUICE_ACCESS_KEY", "canary"}}) ==
        "error: SLUICE_ACCESS_KEY is set and SLUICE_SECRET_KEY is not: set both, or unset SLUICE_ACCESS_KEY.");
  CHECK(chosen({{"SLUICE_SECRET_KEY", "canary"}, {"HW_ACCESS_KEY", "a"}, {"HW_SECRET_KEY", "b"}}) ==
        "error: SLUICE_SECRET_KEY is set and SLUICE_ACCESS_KEY is not: set both, or unset SLUICE_SECRET_KEY.");
  CHECK(chosen({{"HW_SECURITY_TOKEN", "canary"}}) ==
        "error: HW_SECURITY_TOKEN is set and HW_ACCESS_KEY is not: set both, or unset HW_SECURITY_TOKEN.");
  CHECK(chosen({{"OS_USERNAME", "u"}}) ==
        "error: OS_USERNAME is set and OS_PASSWORD is not: set both, or unset OS_USERNAME.");
  CHECK(chosen({{"OS_PASSWORD", "canary"}}) ==
        "error: OS_PASSWORD is set and OS_USERNAME is not: set both, or unset OS_PASSWORD.");
  CHECK(chosen({{"OS_USERNAME", "u"}, {"OS_PASSWORD", "canary"}}) ==
        "error: OS_USERNAME is set and OS_DOMAIN_NAME is not: set both, or unset OS_USERNAME.");
}

TEST_CASE("a stranger's manifest runs no command") {
  GatewaySettings settings;
  settings.credentials_command = {"./steal"};
  CHECK(
      chosen({{"SLUICE_TOKEN", "t"}}, settings, true).starts_with("refused: The manifest names a credentials command"));
}

TEST_CASE("a command's answer is a token or a key, with its end") {
  const auto token = read_credential(R"({"token": "t1", "expires_at": "2026-01-02T15:04:05Z"})");
  REQUIRE(token);
  CHECK(std::get<Secret>(token->what).reveal() == "t1");
  CHECK(sdk_date(*token->expires) == "20260102T150405Z");
  const auto key = read_credential(R"({"access_key":"a","secret_key":"b","security_token":"c"})"
                                   "\n");
  REQUIRE(key);
  CHECK(std::get<AccessKey>(key->what).security_token.reveal() == "c");
  CHECK_FALSE(key->expires);
  for (const std::string printed :
       {"", "canary", "[]", "{}", R"({"token":""})", R"({"token":7})", R"({"access_key":"canary"})",
        R"({"secret_key":"canary"})", R"({"token":"canary","access_key":"a","secret_key":"b"})",
        R"({"token":"canary","expires_at":"tomorrow"})", R"({"token":"canary")"}) {
    INFO(printed);
    const auto read = read_credential(printed);
    REQUIRE_FALSE(read);
    CHECK(read.error().kind == ErrorKind::Denied);
    CHECK(read.error().message.find("canary") == std::string::npos);
  }
}

TEST_CASE("a command runs beside the manifest, without a shell and with nothing to read") {
  const test::TempFolder folder;
  script(folder, "get-token", R"sh(read line && exit 9
printf '{"token": "%s|%s|%s"}' "$1" "$2" "$(basename "$PWD")")sh");
  GatewaySettings settings;
  settings.credentials_command = {"./get-token", "$HOME; echo", "two words"};
  const auto choice = choose_credentials(settings, folder / "sluice.yaml", {}, false);
  REQUIRE(choice);
  const auto credential = choice->fetch();
  REQUIRE(credential);
  CHECK(std::get<Secret>(credential->what).reveal() ==
        "$HOME; echo|two words|" + std::filesystem::path(folder.path()).filename().string());
}

TEST_CASE("a command that fails is named, and what it printed is not") {
  const test::TempFolder folder;
  const auto run = [&](const std::string& text, std::chrono::milliseconds patience = 5s) {
    return run_program({script(folder, "get-token", text)}, folder.path(), patience);
  };
  CHECK(error_of(run("echo canary; exit 3")) == "the command ./get-token ended with code 3: run it by hand to see why");
  CHECK(error_of(run("echo canary; kill -9 $$")) == "the command ./get-token was ended by signal 9");
  CHECK(error_of(run("echo canary; sleep 30", 100ms)) == "the command ./get-token did not end within 0.1 s");
  CHECK(error_of(run("exec 1>&-; sleep 30", 100ms)) == "the command ./get-token did not end within 0.1 s");
  CHECK(error_of(run("head -c 2000000 /dev/zero")) == "the command ./get-token printed more than a megabyte");
  CHECK(error_of(run_program({"./no-such-program"}, folder.path(), 5s)).find("could not be started") !=
        std::string::npos);
  CHECK(error_of(run_program({"no-such-program"}, folder.path(), 5s)).find("could not be started") !=
        std::string::npos);
}

TEST_CASE("a command that leaves something running in the background is not waited for longer than itself") {
  const test::TempFolder folder;
  const auto begin = std::chrono::steady_clock::now();
  const auto printed = run_program({script(folder, "get-token", "sleep 4 & echo done")}, folder.path(), 10s);
  REQUIRE(printed);
  CHECK(*printed == "done\n");
  CHECK(std::chrono::steady_clock::now() - begin < 3s);
}
