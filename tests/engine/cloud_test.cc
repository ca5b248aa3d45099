#include "engine/cloud.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "providers/apig/endpoints.h"

using namespace sluice;
using namespace std::chrono_literals;

namespace {

struct Reached {
  std::string endpoint;
  std::string error;
  ErrorKind kind = ErrorKind::Invalid;
};

Invocation plan_with(const std::vector<std::string>& flags) {
  std::vector<std::string> words = {"plan"};
  words.insert(words.end(), flags.begin(), flags.end());
  auto invocation = parse_command_line(words, {});
  REQUIRE(invocation);
  return *invocation;
}

GatewaySettings cloud_settings() {
  GatewaySettings settings;
  settings.given = true;
  settings.provider = "apig";
  settings.project_id = "p1";
  settings.instance_id = "i1";
  return settings;
}

Reached reach(const GatewaySettings& settings, const std::vector<std::string>& flags, const Variables& environment) {
  SystemClock clock;
  const Patience patience(clock, 1min);
  auto cloud = reach_cloud(settings, "sluice.yaml", plan_with(flags), environment, patience.timing(), clock);
  if (!cloud) return {"", cloud.error().message, cloud.error().kind};
  return {cloud->endpoint, "", {}};
}

const Variables kToken = {{"SLUICE_TOKEN", "t"}};
const Variables kLogin = {{"OS_USERNAME", "u"}, {"OS_PASSWORD", "canary"}, {"OS_DOMAIN_NAME", "d"}};

Variables with(Variables variables, const std::string& name, const std::string& value) {
  variables[name] = value;
  return variables;
}

}  // namespace

TEST_CASE("regions stand for addresses, and an unknown one is never guessed at") {
  const auto of = [](std::string_view cloud, std::string_view region) {
    const auto known = apig::region_endpoints(cloud, region);
    return known ? known->gateway + " " + known->iam : known.error().message;
  };
  CHECK(of("otc", "eu-de") == "https://apig.eu-de.otc.t-systems.com https://iam.eu-de.otc.t-systems.com");
  CHECK(of("huawei", "cn-north-4") ==
        "https://apig.cn-north-4.myhuaweicloud.com https://iam.cn-north-4.myhuaweicloud.com");
  CHECK(of("huawei", "eu-west-101") ==
        "https://apig.eu-west-101.myhuaweicloud.eu https://iam.eu-west-101.myhuaweicloud.eu");
  CHECK(
      of("otc", "eu-dee") ==
      "\"eu-dee\" is not a region of Open Telekom Cloud that is known here (did you mean eu-de?): write `endpoint` and "
      "`iam_endpoint` into the manifest");
  CHECK(of("huawei", "evil.example/").starts_with("\"evil.example/\" is not a region of Huawei Cloud"));
  CHECK(of("huawei", "").starts_with("\"\" is not a region"));
}

TEST_CASE("the endpoint comes from the flag, else the manifest, else the region") {
  GatewaySettings settings = cloud_settings();
  settings.cloud = "otc";
  CHECK(reach(settings, {}, with(kToken, "HW_REGION_NAME", "eu-nl")).endpoint ==
        "https://apig.eu-nl.otc.t-systems.com");
  settings.region = "eu-de";
  CHECK(reach(settings, {}, with(kToken, "HW_REGION_NAME", "eu-nl")).endpoint ==
        "https://apig.eu-de.otc.t-systems.com");
  settings.endpoint = "https://gateway.example";
  CHECK(reach(settings, {}, kToken).endpoint == "https://gateway.example");
  CHECK(reach(settings, {"--endpoint", "https://other.example"}, kToken).endpoint == "https://other.example");
  settings.endpoint.clear();
  settings.region = "mars-1";
  CHECK(reach(settings, {}, kToken).error.find("is not a region of Open Telekom Cloud") != std::string::npos);
}

TEST_CASE("a cloud without credentials is an error, this machine is not") {
  GatewaySettings settings = cloud_settings();
  settings.endpoint = "https://gateway.example";
  const Reached refused = reach(settings, {}, {});
  CHECK(refused.kind == ErrorKind::Denied);
  CHECK(refused.error.starts_with("There are no credentials: set SLUICE_TOKEN"));
  settings.endpoint = "http://127.0.0.1:8080";
  CHECK(reach(settings, {}, {}).error.empty());
  settings.endpoint = "http://gateway.example";
  CHECK(reach(settings, {}, kToken).error.find("unencrypted") != std::string::npos);
}

TEST_CASE("a login needs the address of IAM, and takes it from flag, manifest, region or OS_AUTH_URL") {
  GatewaySettings settings = cloud_settings();
  settings.endpoint = "https://gateway.example";
  CHECK(reach(settings, {}, kLogin).error.starts_with("A login needs the address of IAM"));
  CHECK(reach(settings, {}, with(kLogin, "OS_AUTH_URL", "https://iam.example/v3")).error.empty());
  CHECK(reach(settings, {}, with(kLogin, "OS_AUTH_URL", "https://iam.example/v3/")).error.empty());
  CHECK(reach(settings, {}, with(kLogin, "OS_AUTH_URL", "http://iam.example/v3")).error.find("unencrypted") !=
        std::string::npos);
  CHECK(reach(settings, {"--iam-endpoint", "https://iam.example"}, kLogin).error.empty());
  CHECK(reach(settings, {}, with(kLogin, "HW_REGION_NAME", "eu-west-0")).error.empty());
  settings.iam_endpoint = "http://from-the-manifest.example";
  CHECK(reach(settings, {}, kLogin).error.find("from-the-manifest") != std::string::npos);
}

TEST_CASE("a stranger's manifest says neither where credentials go nor what they are checked with") {
  GatewaySettings settings = cloud_settings();
  settings.endpoint = "https://evil.example";
  settings.iam_endpoint = "http://evil.example";
  settings.ca_file = "no-such-authority.pem";
  const std::vector<std::string> flags = {"--untrusted", "--endpoint", "https://gateway.example", "--state", "s.db"};
  CHECK(reach(settings, flags, with(kLogin, "OS_AUTH_URL", "https://iam.example")).endpoint ==
        "https://gateway.example");
  CHECK(reach(settings, flags, with(kLogin, "HW_REGION_NAME", "eu-west-0")).kind == ErrorKind::Refused);
  CHECK(reach(settings, flags, kToken).error.empty());
  settings.cert_file = "no-such-certificate.pem";
  settings.key_file = "no-such-key.pem";
  CHECK(reach(settings, flags, kToken).error.empty());
  CHECK(reach(settings, flags, {}).kind == ErrorKind::Denied);
  settings.credentials_command = {"./steal"};
  CHECK(reach(settings, flags, kToken).kind == ErrorKind::Refused);
}

TEST_CASE("--untrusted wants the endpoint on the command line") {
  const auto refused = [](const GatewaySettings& settings, const std::vector<std::string>& flags) {
    const auto checked = check_untrusted(settings, plan_with(flags));
    if (checked) return std::string();
    CHECK(checked.error().kind == ErrorKind::Refused);
    return checked.error().message;
  };
  const GatewaySettings settings = cloud_settings();
  CHECK(refused(settings, {}).empty());
  CHECK(refused(settings, {"--untrusted", "--state", "s.db"}) ==
        "--untrusted takes the endpoint from the command line only: say --endpoint URL.");
  CHECK(refused(settings, {"--untrusted", "--state", "s.db", "--endpoint", "https://a.example"}).empty());
  GatewaySettings embedded;
  CHECK(refused(embedded, {"--untrusted", "--state", "s.db"}).empty());
  embedded.data = "../../somewhere.db";
  CHECK(refused(embedded, {"--untrusted", "--state", "s.db"}).find("`data`") != std::string::npos);
}

TEST_CASE("a bad proxy is an error before anything is sent") {
  GatewaySettings settings = cloud_settings();
  settings.endpoint = "https://gateway.example";
  const Reached proxied = reach(settings, {}, with(kToken, "HTTPS_PROXY", "socks5://me:canary@proxy"));
  CHECK(proxied.error.starts_with("HTTPS_PROXY is not a proxy"));
  CHECK(proxied.error.find("canary") == std::string::npos);
  CHECK(reach(settings, {}, with(with(kToken, "HTTPS_PROXY", "socks5://p"), "NO_PROXY", "gateway.example"))
            .error.empty());
}

TEST_CASE("waiting ends with the run: at its deadline, and at once when somebody asks") {
  SystemClock clock;
  Patience patience(clock, 10s);
  const Timing timing = patience.timing();
  const auto begin = clock.steady();
  CHECK_FALSE(timing.sleep(11s));
  CHECK(timing.sleep(20ms));
  std::atomic<bool> waited_out = true;
  std::jthread waiter([&] { waited_out = timing.sleep(9s); });
  std::this_thread::sleep_for(30ms);
  patience.end();
  waiter.join();
  CHECK_FALSE(waited_out);
  CHECK_FALSE(timing.sleep(1ms));
  CHECK(clock.steady() - begin < 3s);
  const double chance = timing.random();
  CHECK(chance >= 0.0);
  CHECK(chance < 1.0);
}
