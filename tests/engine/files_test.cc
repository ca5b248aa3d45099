#include "engine/files.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <random>
#include <thread>

#include "tests/support/temp_folder.h"

using namespace sluice;
using test::TempFolder;

TEST_CASE("what is written is read back, and a missing folder is said, not made") {
  const TempFolder folder;
  const std::string path = folder / "a/b/c.txt";
  const auto missing = write_file(path, "one");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().kind == ErrorKind::NotFound);
  CHECK(missing.error().message ==
        "Cannot write " + path + ": there is no folder " + (folder / "a/b") + ". Make it, or name another.");
  CHECK(folder.files().empty());
  REQUIRE(make_parent_folder(path));
  REQUIRE(write_file(path, "one"));
  REQUIRE(write_file(path, "another"));
  CHECK(*read_file(path) == "another");
  CHECK(folder.files() == std::set<std::string>{"a/b/c.txt"});
}

TEST_CASE("a file that is not there is NotFound, and its name is said") {
  const TempFolder folder;
  const auto text = read_file(folder / "none");
  REQUIRE_FALSE(text);
  CHECK(text.error().kind == ErrorKind::NotFound);
  CHECK(text.error().message == "Cannot read " + (folder / "none") + ": No such file or directory.");
}

TEST_CASE("files of the kernel, which tell no size, are read whole") {
  const auto status = read_file("/proc/self/stat");
  REQUIRE(status);
  CHECK(status->starts_with(std::to_string(::getpid())));
}

TEST_CASE("a file over the limit is refused with its size") {
  const TempFolder folder;
  folder.write("big", std::string(101, 'x'));
  folder.write("fits", std::string(100, 'x'));
  CHECK(read_file(folder / "fits", 100)->size() == 100);
  const auto text = read_file(folder / "big", 100);
  REQUIRE_FALSE(text);
  CHECK(text.error().kind == ErrorKind::Invalid);
  CHECK(text.error().message == (folder / "big") + " has 101 bytes; at most 100 are read. Split it.");
}

TEST_CASE("folders and pipes are neither read nor replaced") {
  const TempFolder folder;
  const std::string pipe = folder / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  for (const std::string& path : {folder.path(), pipe}) {
    const auto text = read_file(path);
    REQUIRE_FALSE(text);
    CHECK(text.error().kind == ErrorKind::Invalid);
    CHECK(text.error().message == path + " is not a regular file.");
    CHECK_FALSE(write_file(path, "x"));
    CHECK_FALSE(create_file(path, "x"));
  }
  struct stat status {};
  REQUIRE(::stat(pipe.c_str(), &status) == 0);
  CHECK(S_ISFIFO(status.st_mode));
  CHECK(folder.files().empty());
}

TEST_CASE("a new file does not replace an old one") {
  const TempFolder folder;
  REQUIRE(create_file(folder / "new", "first"));
  const auto again = create_file(folder / "new", "second");
  REQUIRE_FALSE(again);
  CHECK(again.error().kind == ErrorKind::Conflict);
  CHECK(*read_file(folder / "new") == "first");
}

TEST_CASE("a file that cannot be written leaves nothing behind") {
  const TempFolder folder;
  folder.write("file", "kept");
  const auto below = write_file(folder / "file/below", "x");
  REQUIRE_FALSE(below);
  CHECK(folder.files() == std::set<std::string>{"file"});
  CHECK(folder.read("file") == "kept");
}

TEST_CASE("a writer killed at any moment leaves the old file or the new one") {
  const TempFolder folder;
  const std::string path = folder / "plan";
  const std::string texts[] = {std::string(300'000, 'a'), std::string(200'000, 'b')};
  REQUIRE(write_file(path, texts[0]));
  std::mt19937 random(20260131);
  for (int round = 0; round < 15; ++round) {
    const pid_t child = ::fork();
    if (child == 0) {
      for (std::size_t i = 0;; ++i) (void)write_file(path, texts[i % 2]).has_value();
    }
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 8000));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    const auto seen = read_file(path);
    REQUIRE(seen);
    REQUIRE((*seen == texts[0] || *seen == texts[1]));
  }
}

TEST_CASE("a path beside a file") {
  CHECK(beside("dir/sluice.yaml", "a.yaml") == "dir/a.yaml");
  CHECK(beside("sluice.yaml", "a.yaml") == "a.yaml");
  CHECK(beside("dir/sluice.yaml", "../a.yaml") == "a.yaml");
  CHECK(beside("dir/sluice.yaml", "/etc/a.yaml") == "/etc/a.yaml");
}
