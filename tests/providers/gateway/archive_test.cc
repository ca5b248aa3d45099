// Zip archives: there and back, and what is none.
#include "providers/gateway/archive.h"

#include <catch2/catch.hpp>

using namespace sluice::gateway;

namespace {

const Now kNow(std::chrono::milliseconds(1'690'000'000'000));

std::string archive(const std::string& path, const std::string& bytes) { return write_archive({{path, bytes}}, kNow); }

/// A path is written twice in an archive, in front of the file and in its directory.
std::string renamed(std::string archive, const std::string& from, const std::string& to) {
  REQUIRE(from.size() == to.size());
  for (std::size_t at = archive.find(from); at != std::string::npos; at = archive.find(from)) {
    archive.replace(at, from.size(), to);
  }
  return archive;
}

}  // namespace

TEST_CASE("files come back from an archive as they went in") {
  const std::vector<ArchiveEntry> files = {
      {"jobs/b/b.job", "{}"}, {"a.script", std::string(100'000, 'x')}, {"empty.job", ""}, {"\xE4\xBD\x9C.job", "1"}};
  const std::string bytes = write_archive(files, kNow);
  CHECK(bytes == write_archive(files, kNow));
  const auto read = read_archive(bytes);
  REQUIRE(read);
  REQUIRE(read->size() == files.size());
  for (std::size_t i = 0; i < files.size(); ++i) {
    CHECK((*read)[i].path == files[i].path);
    CHECK((*read)[i].bytes == files[i].bytes);
  }
  CHECK(read_archive(write_archive({}, kNow))->empty());
}

TEST_CASE("what is no archive is not read") {
  CHECK_FALSE(read_archive(""));
  CHECK_FALSE(read_archive("PK"));
  CHECK_FALSE(read_archive("hello"));
  const std::string good = archive("a.job", std::string(1001, 'x'));
  REQUIRE(read_archive(good));
  for (const std::size_t size : {std::size_t{10}, std::size_t{40}, good.size() - 30}) {
    CHECK_FALSE(read_archive(std::string_view(good).substr(0, size)));
  }
  std::string damaged = good;
  damaged[good.find("a.job") + 8] ^= 1;
  CHECK_FALSE(read_archive(damaged));
}

TEST_CASE("paths that lead out of an archive are not read") {
  const std::string good = archive("xx/a.job", "{}");
  REQUIRE(read_archive(good));
  for (const char* path : {"../a.job", "/x/a.job", "x\\..a.jo", "C:/a.job", "x/../job"}) {
    INFO(path);
    CHECK_FALSE(read_archive(renamed(good, "xx/a.job", path)));
  }
  CHECK(read_archive(renamed(good, "xx/a.job", "..xa.job")));
}

TEST_CASE("what unpacks to too much is not read") {
  const std::string bomb = archive("a.job", std::string(1'000'000, 'x'));
  CHECK(bomb.size() < 10'000);
  CHECK(read_archive(bomb));
  CHECK_FALSE(read_archive(bomb, {10, 999'999}));
  CHECK(read_archive(bomb, {10, 1'000'000}));
  const std::string many = write_archive({{"a", "1"}, {"b", "2"}, {"c", "3"}}, kNow);
  CHECK(read_archive(many, {3, 100}));
  CHECK_FALSE(read_archive(many, {2, 100}));
}
