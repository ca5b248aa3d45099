// Object storage: objects by path and by host, sums, signatures.
#include "plan/digest.h"
#include "tests/providers/gateway/dataarts_bench.h"

using namespace sluice;
using namespace sluice::gateway::test;

namespace {

const std::string kDate = "Fri, 14 Dec 2018 08:44:41 GMT";

gateway::Options closed() {
  gateway::Options options;
  options.credentials =
      gateway::Credentials{{}, {{"AK", "SK", "", "", std::nullopt}, {"TMP", "SK2", "token", "", std::nullopt}}, {}};
  return options;
}

HttpHeaders signed_headers(const std::string& text, const std::string& date = kDate, const std::string& key = "AK",
                           const std::string& secret = "SK") {
  return {{"Date", date}, {"Authorization", "OBS " + key + ":" + hmac_sha1_base64(secret, text)}};
}

}  // namespace

TEST_CASE("sums and signatures are those of everybody else") {
  CHECK(md5_hex("") == "d41d8cd98f00b204e9800998ecf8427e");
  CHECK(md5_base64("hello") == "XUFAKrxLKna5cZ2REBfFkg==");
  CHECK(hmac_sha1_base64("key", "The quick brown fox jumps over the lazy dog") == "3nybhbi3iqa8ino29wqQcBydtNk=");
}

TEST_CASE("an object is stored, shown and deleted") {
  Factory dlf;
  HttpResponse answer = dlf.send("PUT", "/my-bucket/a%20b/c.zip", "hello", {{"Content-Type", "application/zip"}});
  CHECK(answer.status == 200);
  CHECK(find_header(answer.headers, "ETag") == "\"5d41402abc4b2a76b9719d911017c592\"");
  answer = dlf.send("GET", "/my-bucket/a%20b/c.zip");
  CHECK(answer.status == 200);
  CHECK(answer.body == "hello");
  CHECK(find_header(answer.headers, "Content-Type") == "application/zip");
  CHECK(find_header(answer.headers, "Last-Modified") == kDate);
  answer = dlf.send("HEAD", "/my-bucket/a%20b/c.zip");
  CHECK(answer.status == 200);
  CHECK(answer.body.empty());
  CHECK(find_header(answer.headers, "Content-Length") == "5");
  CHECK(dlf.send("PUT", "/my-bucket/a%20b/c.zip", "other").status == 200);
  CHECK(dlf.send("GET", "/my-bucket/a b/c.zip").body == "other");
  CHECK(dlf.send("DELETE", "/my-bucket/a%20b/c.zip").status == 204);
  CHECK(dlf.send("DELETE", "/my-bucket/a%20b/c.zip").status == 204);
  answer = dlf.send("GET", "/my-bucket/a<b.zip");
  CHECK(answer.status == 404);
  CHECK(find_header(answer.headers, "Content-Type") == "application/xml");
  CHECK(answer.body ==
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<Error><Code>NoSuchKey</Code><Message>The "
        "specified key does not exist</Message><Resource>/my-bucket/a&lt;b.zip</Resource></Error>");
  CHECK(dlf.send("HEAD", "/my-bucket/nothing").body.empty());
}

TEST_CASE("a bucket may be named by the host") {
  Factory dlf;
  const HttpHeaders host{{"Host", "my-bucket.obs.eu-de.otc.t-systems.com"}};
  CHECK(dlf.send("PUT", "/v1/x.zip", "1", host).status == 200);
  CHECK(dlf.send("GET", "/my-bucket/v1/x.zip").body == "1");
  CHECK(dlf.send("GET", "/my-bucket/v1/x.zip", "", {{"Host", "obs.localhost:1"}}).body == "1");
  CHECK(dlf.send("GET", "/v1/x.zip", "", {{"Host", "UPPER.obs.localhost"}}).status == 404);
}

TEST_CASE("what is no call to object storage is left to the others") {
  Factory dlf;
  CHECK(dlf.send("GET", "/somewhere").body.find("APIG.0101") != std::string::npos);
  CHECK(dlf.send("GET", "/v2/p/nothing").body.find("APIG.0101") != std::string::npos);
  CHECK(dlf.send("GET", "/UPPER/case").body.find("APIG.0101") != std::string::npos);
  CHECK(dlf.send("POST", "/my-bucket/key").status == 405);
  CHECK(dlf.send("GET", "/my-bucket/key?acl").status == 400);
}

TEST_CASE("a sum that does not fit is refused") {
  Factory dlf;
  CHECK(dlf.send("PUT", "/my-bucket/a", "hello", {{"Content-MD5", md5_base64("hello")}}).status == 200);
  const HttpResponse answer = dlf.send("PUT", "/my-bucket/b", "hello", {{"Content-MD5", md5_base64("other")}});
  CHECK(answer.status == 400);
  CHECK(answer.body.find("<Code>BadDigest<") != std::string::npos);
  CHECK(dlf.send("GET", "/my-bucket/b").status == 404);
}

TEST_CASE("with credentials the signature counts") {
  Factory dlf({}, closed());
  const auto code = [&](const HttpResponse& answer) {
    const std::size_t from = answer.body.find("<Code>");
    if (from == std::string::npos) return std::to_string(answer.status);
    return std::to_string(answer.status) + " " + answer.body.substr(from + 6, answer.body.find("</Code>") - from - 6);
  };
  CHECK(code(dlf.send("PUT", "/my-bucket/a b", "1")) == "403 AccessDenied");
  CHECK(code(dlf.send("PUT", "/my-bucket/a%20b", "1", signed_headers("PUT\n\n\n" + kDate + "\n/my-bucket/a%20b"))) ==
        "200");
  CHECK(code(dlf.send("GET", "/my-bucket/a%20b", "", signed_headers("GET\n\n\n" + kDate + "\n/my-bucket/a b"))) ==
        "200");
  CHECK(code(dlf.send("GET", "/my-bucket/a%20b", "", signed_headers("PUT\n\n\n" + kDate + "\n/my-bucket/a b"))) ==
        "403 SignatureDoesNotMatch");
  CHECK(code(dlf.send("GET", "/my-bucket/a", "", signed_headers("x", kDate, "NOBODY"))) == "403 InvalidAccessKeyId");
  const std::string early = "Fri, 14 Dec 2018 08:29:00 GMT";
  CHECK(code(dlf.send("GET", "/my-bucket/a", "", signed_headers("GET\n\n\n" + early + "\n/my-bucket/a", early))) ==
        "403 RequestTimeTooSkewed");
  CHECK(code(dlf.send("GET", "/my-bucket/a", "", signed_headers("x", "yesterday"))) == "403 AccessDenied");
  // With x-obs-date the date's line is empty, and a host that names the bucket leaves what is signed as it is.
  HttpHeaders own = signed_headers("PUT\n\nt/t\n\nx-obs-date:" + kDate + "\n/my-bucket/c", "");
  own.front() = {"X-Obs-Date", kDate};
  own.emplace_back("Content-Type", "t/t");
  own.emplace_back("Host", "my-bucket.obs.localhost");
  CHECK(code(dlf.send("PUT", "/c", "1", own)) == "200");
  // A temporary key needs its token.
  HttpHeaders temporary =
      signed_headers("GET\n\n\n" + kDate + "\nx-obs-security-token:token\n/my-bucket/c", kDate, "TMP", "SK2");
  temporary.emplace_back("x-obs-security-token", "token");
  CHECK(code(dlf.send("GET", "/my-bucket/c", "", temporary)) == "200");
  temporary.pop_back();
  CHECK(code(dlf.send("GET", "/my-bucket/c", "", temporary)) == "403 InvalidAccessKeyId");
}

TEST_CASE("with buckets=made a bucket must have been made") {
  Factory dlf(Quirks{{"buckets", "made"}});
  CHECK(dlf.send("PUT", "/my-bucket/a", "1").body.find("NoSuchBucket") != std::string::npos);
  CHECK(dlf.post("jobs/check-file", R"({"path":"obs://my-bucket/a"})").code() == "DLF.1242");
  CHECK(dlf.send("PUT", "/my-bucket", "", {{"Host", "obs.localhost"}}).status == 200);
  CHECK(dlf.send("PUT", "/my-bucket/a", "1").status == 200);
  CHECK(dlf.send("GET", "/my-bucket/a").body == "1");
  CHECK(dlf.send("GET", "/other/a").body.find("NoSuchBucket") != std::string::npos);
}
