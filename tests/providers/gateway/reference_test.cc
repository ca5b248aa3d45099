// What definitions refer to: authorizers and VPC channels, their calls, and documents that name them. Quotas as shown.
#include "tests/providers/gateway/bench.h"

using namespace sluice;
using namespace sluice::gateway::test;

namespace {

const std::string kChannel = R"({"name":"pets-channel","port":80,"balance_strategy":1,"member_type":"ip",
  "members":[{"host":"10.0.0.1","weight":10}],"vpc_health_config":{"protocol":"TCP"}})";
const std::string kAuthorizer = R"({"name":"Authorizer_1","type":"FRONTEND","authorizer_type":"FUNC",
  "authorizer_uri":"urn:fss:r:p:function:default:auth","identities":[{"name":"h","location":"HEADER"}],"ttl":5})";

const std::string kDocument = document(
    R"("/a":{"get":{"operationId":"API_a","security":[{"Authorizer_1":[]}],"x-apigateway-backend":{"type":"HTTP-VPC",
       "httpVpcEndpoints":{"name":"pets-channel","scheme":"http","method":"GET","path":"/a"}}}})",
    R"("securityDefinitions":{"Authorizer_1":{"type":"apiKey","in":"header","name":"unused",
       "x-apigateway-auth-type":"AUTHORIZER","x-apigateway-authorizer":{"authorizer_type":"FUNC","type":"FRONTEND",
       "authorizer_uri":"urn:fss:r:p:function:default:auth","ttl":7}}},)");

Bench with(std::map<std::string, std::string> quirks) {
  gateway::Options options;
  options.quirks = std::move(quirks);
  return Bench(std::move(options));
}

std::string failure(const Answer& answer) {
  const Value code = at(answer.body, {"failure", "0", "error_code"});
  return code.is_string() ? code.as_string() : "";
}

Value exported(Bench& bench, const std::string& group) {
  bench.publish(group);
  return bench
      .post("/openapi/export",
            R"({"env_id":"DEFAULT_ENVIRONMENT_RELEASE_ID","define":"all","group_id":")" + group + R"("})")
      .body;
}

}  // namespace

TEST_CASE("authorizers are made, shown, changed and deleted") {
  Bench bench;
  const Answer made = bench.post("/authorizers", kAuthorizer);
  REQUIRE(made.status == 201);
  const std::string path = "/authorizers/" + std::string(made.body.text("id"));
  CHECK(bench.get(path).body == made.body);
  CHECK(made.body.text("network_type") == "V1");
  CHECK(at(made.body, {"identities", "0", "location"}) == Value("HEADER"));
  CHECK(bench.post("/authorizers", kAuthorizer).code() == "APIG.3211");
  CHECK(at(bench.get("/authorizers?type=BACKEND").body, {"total"}) == Value(0));
  CHECK(at(bench.get("/authorizers?name=Author").body, {"authorizer_list", "0", "ttl"}) == Value(5));
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string body = kAuthorizer;
    body.replace(body.find(from), from.size(), to);
    return bench.put(path, body);
  };
  CHECK(at(changed("\"ttl\":5", "\"ttl\":9").body, {"ttl"}) == Value(9));
  CHECK(changed("FRONTEND", "BACKEND").code() == "APIG.2011");
  CHECK(changed("\"ttl\":5", "\"timeout\":0").code() == "APIG.2046");
  CHECK(changed("\"ttl\":5", "\"retry_attempts\":11").code() == "APIG.2047");
  CHECK(changed("\"HEADER\"}", "\"HEADER\"},{\"name\":\"h\",\"location\":\"HEADER\"}").code() == "APIG.3212");
  CHECK(changed("Authorizer_1", "a").code() == "APIG.2011");
  CHECK(bench.remove(path).status == 204);
  CHECK(bench.get(path).code() == "APIG.3081");
  CHECK(bench.remove(path).code() == "APIG.3081");
}

TEST_CASE("VPC channels are made, shown, changed and deleted") {
  Bench bench;
  const Answer made = bench.post("/vpc-channels", kChannel);
  REQUIRE(made.status == 201);
  const std::string path = "/vpc-channels/" + std::string(made.body.text("id"));
  CHECK(bench.get(path).body == made.body);
  CHECK(made.body.text("vpc_channel_type") == "builtin");
  CHECK(at(made.body, {"members", "0", "host"}) == Value("10.0.0.1"));
  CHECK(bench.post("/vpc-channels", kChannel).code() == "APIG.3208");
  CHECK(at(bench.get("/vpc-channels?name=pets").body, {"vpc_channels", "0", "port"}) == Value(80));
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string body = kChannel;
    body.replace(body.find(from), from.size(), to);
    return bench.put(path, body);
  };
  CHECK(at(changed("\"port\":80", "\"port\":81").body, {"port"}) == Value(81));
  CHECK(changed("\"port\":80,", "").code() == "APIG.2001");
  CHECK(changed("\"balance_strategy\":1", "\"balance_strategy\":5").code() == "APIG.2011");
  CHECK(changed("pets-channel", "a/b").code() == "APIG.2011");
  std::string many;
  for (int i = 0; i < 11; ++i) many += (i > 0 ? "," : "") + std::string(R"({"host":"h"})");
  CHECK(changed(R"({"host":"10.0.0.1","weight":10})", many).code() == "APIG.3110");
  CHECK(bench.remove(path).status == 204);
  CHECK(bench.get(path).code() == "APIG.3023");
}

TEST_CASE("member groups have URLs of their own, where the switch is on") {
  const std::string channel = R"({"name":"web","port":80,"balance_strategy":1,"member_type":"ip",
    "member_groups":[{"member_group_name":"blue","member_group_weight":1},{"member_group_name":"green"}]})";
  const auto backend = [](const std::string& group, const std::string& path) {
    return R"({"type":"HTTP-VPC-MEMBER-GROUP","name":"p","effectMode":"ANY","conditions":[{"origin":"source","value":"1.0.0.0/8"}],
      "httpVpcMemberGroupEndpoints":{"name":"web","timeout":70,"memberGroupUrlInfos":[
      {"name":"blue","scheme":"https","method":"GET","path":"/b"},
      {"name":")" +
           group + R"(","scheme":"HTTP","method":"POST","path":")" + path + R"("}]}})";
  };
  const auto file = [&](const std::string& group, const std::string& path) {
    return document(R"("/a":{"get":{"operationId":"API_a","x-apigateway-backend":)" + backend(group, path) +
                    R"(,"x-apigateway-backend-policies":[)" + backend("green", "/g") + "]}}");
  };
  Bench off;
  CHECK(failure(off.import_into(off.group(), file("green", "/g"))) == "APIG.2011");

  Bench bench = with({{"member_groups", "on"}, {"channels", "checked"}});
  const std::string group = bench.group();
  CHECK(failure(bench.import_into(group, file("green", "/g"))) == "APIG.3023");
  const Answer made = bench.post("/vpc-channels", channel);
  const std::string green(at(made.body, {"member_groups", "1", "member_group_id"}).as_string());
  CHECK(green.size() == 32);
  CHECK(bench.get("/vpc-channels/" + std::string(made.body.text("id"))).body == made.body);
  CHECK(failure(bench.import_into(group, file("red", "/g"))) == "APIG.2011");
  CHECK(failure(bench.import_into(group, file("blue", "/g"))) == "APIG.2011");
  CHECK(failure(bench.import_into(group, file("green", "/g/{x}"))) == "APIG.2027");
  REQUIRE(failure(bench.import_into(group, file("green", "/g"))).empty());

  // As the JSON API shows it, and takes it back.
  const std::string path = "/apis/" + std::string(at(bench.get("/apis").body, {"apis", "0", "id"}).as_string());
  const Value api = bench.get(path).body;
  CHECK(at(api, {"backend_type"}) == Value("HTTP"));
  CHECK(at(api, {"backend_api", "vpc_channel_status"}) == Value(4));
  CHECK(at(api, {"backend_api", "vpc_channel_info", "vpc_channel_id"}) == Value(made.body.text("id")));
  CHECK(write_json(at(api, {"policy_https", "0", "member_group_url_infos", "1"})) ==
        R"({"member_group_id":")" + green + R"(","req_protocol":"HTTP","req_method":"POST","req_uri":"/g"})");
  CHECK(bench.put(path, write_json(api)).status == 200);
  CHECK(bench.remove("/vpc-channels/" + std::string(made.body.text("id"))).code() == "APIG.3414");

  const Value operation = at(exported(bench, group), {"paths", "/a", "get"});
  CHECK(write_json(at(operation, {"x-apigateway-backend"})) ==
        R"({"httpVpcMemberGroupEndpoints":{"enableClientSsl":false,"memberGroupUrlInfos":[)"
        R"({"method":"GET","name":"blue","path":"/b","scheme":"https"},)"
        R"({"method":"POST","name":"green","path":"/g","scheme":"http"}],"name":"web","retryCount":"-1","timeout":70},)"
        R"("type":"HTTP-VPC-MEMBER-GROUP"})");
  CHECK(at(operation, {"x-apigateway-backend-policies", "0", "httpVpcMemberGroupEndpoints", "memberGroupUrlInfos", "1",
                       "scheme"}) == Value("HTTP"));
}

TEST_CASE("channels and authorizers exist by being named, unless the switches ask for more") {
  Bench named;
  std::string group = named.group();
  CHECK(failure(named.import_into(group, kDocument)).empty());
  CHECK(at(exported(named, group), {"paths", "/a", "get", "x-apigateway-backend", "httpVpcEndpoints", "name"}) ==
        Value("pets-channel"));

  Bench channels = with({{"channels", "checked"}});
  group = channels.group();
  CHECK(failure(channels.import_into(group, kDocument)) == "APIG.3023");
  channels.post("/vpc-channels", kChannel);
  CHECK(failure(channels.import_into(group, kDocument)).empty());

  Bench authorizers = with({{"authorizers", "checked"}});
  group = authorizers.group();
  CHECK(failure(authorizers.import_into(group, kDocument)) == "APIG.3081");

  Bench created = with({{"authorizers", "created"}});
  group = created.group();
  CHECK(failure(created.import_into(group, kDocument)).empty());
  CHECK(at(created.get("/authorizers").body, {"authorizer_list", "0", "ttl"}) == Value(7));
  const Value scheme = at(exported(created, group), {"securityDefinitions", "Authorizer_1"});
  CHECK(at(scheme, {"x-apigateway-authorizer", "ttl"}) == Value(7));
  CHECK(at(scheme, {"x-apigateway-auth-type"}) == Value("AUTHORIZER"));
}

TEST_CASE("definitions hold ids, documents names, and what is used is not deleted") {
  Bench bench;
  const std::string group = bench.group();
  const std::string channel = bench.made("/vpc-channels", kChannel);
  const std::string authorizer = bench.made("/authorizers", kAuthorizer);
  REQUIRE(failure(bench.import_into(group, kDocument)).empty());
  const Value api = at(bench.get("/apis?vpc_channel_name=pets").body, {"apis", "0"});
  CHECK(api.text("authorizer_id") == authorizer);
  CHECK(at(api, {"backend_api", "vpc_channel_info", "vpc_channel_id"}) == Value(channel));
  const Value document = exported(bench, group);
  CHECK(at(document, {"paths", "/a", "get", "security", "0", "Authorizer_1"}).is_array());
  CHECK(at(document, {"paths", "/a", "get", "x-apigateway-backend", "httpVpcEndpoints", "name"}) ==
        Value("pets-channel"));
  CHECK(bench.remove("/vpc-channels/" + channel).code() == "APIG.3414");
  CHECK(bench.remove("/authorizers/" + authorizer).code() == "APIG.1137");
  bench.publish(group, "offline");
  bench.remove("/apis/" + std::string(api.text("id")));
  CHECK(bench.remove("/vpc-channels/" + channel).status == 204);
  CHECK(bench.remove("/authorizers/" + authorizer).status == 204);
}

TEST_CASE("quotas are shown as they are kept") {
  Bench bench = with({{"edition", "professional"}});
  bench.published(bench.group(), 2);
  const Answer all = bench.get("/project/configs?limit=100");
  CHECK(all.status == 200);
  const Answer one = bench.get("/project/configs?config_name=API_NUM_LIMIT_PER_GROUP");
  CHECK(at(one.body, {"configs", "0", "config_value"}) == Value("1000"));
  CHECK(at(all.body, {"configs", "0", "config_name"}) == Value("API_NUM_LIMIT"));
  CHECK(at(all.body, {"configs", "0", "config_value"}) == Value("800"));
  CHECK(at(all.body, {"configs", "0", "used"}) == Value(2));
}

TEST_CASE("lists of APIs can be short, and show what no access control policy guards") {
  Bench bench;
  const std::string group = bench.group();
  const auto publish_ids = bench.published(group, 2);
  const auto first = [&](const std::string& mode) {
    return at(bench.get("/apis?return_data_mode=" + mode).body, {"apis", "0"});
  };
  CHECK(first("").find("mock_info") != nullptr);
  CHECK(first("brief").find("mock_info") == nullptr);
  CHECK(first("brief").find("group_name") == nullptr);
  CHECK(first("brief,include_group").text("group_name") == "petstore");
  CHECK(first("include_group_backend").find("mock_info") != nullptr);
  const std::string acl =
      bench.made("/acls", R"({"acl_name":"office","acl_type":"PERMIT","entity_type":"IP","acl_value":"10.0.0.0/8"})");
  bench.post("/acl-bindings", R"({"acl_id":")" + acl + R"(","publish_ids":[")" + publish_ids[0] + R"("]})");
  const Answer open = bench.get("/acl-bindings/unbinded-apis?acl_id=" + acl);
  CHECK(at(open.body, {"total"}) == Value(1));
  CHECK(at(open.body, {"apis", "0", "name"}) == Value("API_b"));
  CHECK(bench.get("/acl-bindings/unbinded-apis?acl_id=x").code() == "APIG.3006");
}
