// One state and many who want it: applies that race, stores whose server goes away, roles that may less than
// everything.
#include <cstdlib>
#include <fstream>
#include <thread>

#include "tests/cli/served.h"
#include "tests/support/postgres.h"

using namespace sluice;
using namespace sluice::test;

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// A bench on a served gateway, with its state wherever `state` says.
struct SharedBench : ServedBench {
  SharedBench(const Served& served, const std::string& state, const std::vector<std::string>& groups = {"pets"})
      : ServedBench(served, groups) {
    folder.write("sluice.yaml", manifest(groups, served.gateway_block() + "state: '" + state + "'\n"));
  }
  std::unique_ptr<Process> start_apply(std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"apply", "--auto-approve"});
    return start(more);
  }
  /// What is live is what the files say, each once, and the state knows all of it.
  void is_whole(const Served& served, std::size_t apis) const {
    converged();
    CHECK(at(served.ask("GET", "/apis?limit=500"), "apis").items().size() == apis);
    const Finished list = run({"state", "list"});
    INFO(list.err);
    std::size_t owned = 0;
    std::istringstream lines(list.out);
    for (std::string line; std::getline(lines, line);) owned += line.starts_with("api.") ? 1U : 0U;
    CHECK(owned == apis);
  }
};

/// Where a state may be; each call another one.
std::string some_state(const std::string& store) {
  static int count = 0;
  const std::string name = "shared_" + std::to_string(++count);
  if (store == "file") return ".sluice/state.db";
  return store == "proxy" ? pooling_proxy().url(name) : postgres_server().url(name);
}

std::string schema_of(const std::string& url) { return "sluice_" + url.substr(url.find("name=") + 5); }

/// As if the holder had been silent for longer than its lease.
void age_leases(const std::string& url) {
  postgres_server().sql("UPDATE " + schema_of(url) + ".locks SET heartbeat_at = heartbeat_at - 31000");
}

bool wait_until(const std::function<bool()>& is_so, milliseconds patience = seconds(20)) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!is_so() && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(milliseconds(20));
  return is_so();
}

bool is_locked(const std::string& url) {
  return postgres_server().sql("SELECT to_regclass('" + schema_of(url) + ".locks') IS NOT NULL") == "t" &&
         postgres_server().sql("SELECT count(*) FROM " + schema_of(url) + ".journal") != "0";
}

TEST_CASE("twenty applies at once on one state: one works, the others are refused", "[shared]") {
  const std::string store = GENERATE("file", "postgres", "proxy");
  INFO(store);
  const Served served("300ms");
  const SharedBench bench(served, some_state(store));
  std::vector<std::unique_ptr<Process>> racing;
  for (int i = 0; i < 20; ++i) racing.push_back(bench.start_apply());
  int done = 0;
  int refused = 0;
  for (const auto& process : racing) {
    const Finished finished = process->wait(seconds(120));
    INFO(finished.code << ": " << finished.out << finished.err);
    CHECK((finished.code == 0 || finished.code == 4));
    if (finished.code == 4) CHECK(contains(finished.err, "ocked by alice"));
    (finished.code == 0 ? done : refused) += 1;
  }
  CHECK(done > 0);
  CHECK(refused > 0);
  bench.is_whole(served, 2);
}

TEST_CASE("twenty applies at once that wait for the lock all end well, and send once", "[shared]") {
  const std::string store = GENERATE("file", "postgres");
  INFO(store);
  const Served served;
  const SharedBench bench(served, some_state(store));
  std::vector<std::unique_ptr<Process>> racing;
  for (int i = 0; i < 20; ++i) racing.push_back(bench.start_apply({"--lock-timeout", "100s"}));
  for (const auto& process : racing) {
    const Finished finished = process->wait(seconds(120));
    INFO(finished.code << ": " << finished.out << finished.err);
    CHECK(finished.code == 0);
  }
  bench.is_whole(served, 2);
}

TEST_CASE("an apply survives connections that are ended, again and again", "[shared]") {
  const std::string store = GENERATE("postgres", "proxy");
  INFO(store);
  const Served served("700ms");
  const std::string url = some_state(store);
  const SharedBench bench(served, url, {"pets", "shop", "zoo"});
  const auto applying = bench.start_apply();
  REQUIRE(wait_until([&] { return is_locked(url); }));
  int ended = 0;
  Finished finished;
  while ((finished = applying->wait(milliseconds(400))).code == -1) {
    postgres_server().end_connections();
    REQUIRE(++ended < 400);
  }
  INFO(finished.out << finished.err);
  CHECK(ended > 1);
  CHECK(finished.code == 0);
  bench.is_whole(served, 6);
}

TEST_CASE("an apply survives a restart of the server", "[shared]") {
  const Served served("1s");
  const std::string url = some_state("postgres");
  const SharedBench bench(served, url, {"pets", "shop"});
  const auto applying = bench.start_apply();
  REQUIRE(wait_until([&] { return is_locked(url); }));
  postgres_server().restart();
  const Finished finished = applying->wait(seconds(60));
  INFO(finished.out << finished.err);
  CHECK(finished.code == 0);
  bench.is_whole(served, 4);
}

TEST_CASE("an apply whose server goes away for good says what to run next, and that converges", "[shared]") {
  const Served served("1s");
  const std::string url = some_state("postgres");
  const SharedBench bench(served, url, {"pets", "shop"});
  const auto applying = bench.start_apply();
  REQUIRE(wait_until([&] { return is_locked(url); }));
  postgres_server().stop();
  const Finished finished = applying->wait(seconds(120));
  postgres_server().start();
  INFO(finished.code << ": " << finished.out << finished.err);
  CHECK((finished.code == 3 || finished.code == 5));
  CHECK(contains(finished.err + finished.out, "sluice apply"));
  age_leases(url);  // its process is dead, too
  const Finished next = bench.apply();
  INFO(next.out << next.err);
  CHECK(next.code == 0);
  bench.is_whole(served, 4);
}

TEST_CASE("who was stopped for longer than the lease writes nothing any more", "[shared]") {
  const bool nightly = std::getenv("SLUICE_NIGHTLY") != nullptr;
  const Served served("1500ms");
  const std::string url = some_state("postgres");
  const SharedBench bench(served, url);
  const auto paused = bench.start_apply();
  REQUIRE(wait_until([&] { return is_locked(url); }));
  paused->send_signal(SIGSTOP);
  CHECK(bench.apply().code == 4);
  // By night the lease really ends; else it is made old.
  if (nightly) {
    std::this_thread::sleep_for(seconds(32));
  } else {
    age_leases(url);
  }
  const Finished other = bench.apply();
  INFO(other.out << other.err);
  CHECK(other.code == 0);
  paused->send_signal(SIGCONT);
  const Finished woken = paused->wait(seconds(60));
  INFO(woken.code << ": " << woken.out << woken.err);
  CHECK((woken.code == 3 || woken.code == 5 || woken.code == 4));
  CHECK(contains(woken.out + woken.err, "taken over"));
  bench.is_whole(served, 2);
}

TEST_CASE("two pipelines on different groups of one state run side by side", "[shared]") {
  const std::string store = GENERATE("file", "postgres");
  INFO(store);
  const Served served("1500ms");
  const std::string state = some_state(store);
  const SharedBench bench(served, state, {"pets", "shop"});
  const auto pets = bench.start_apply({"--target", "group.pets", "--target", "api.pets[\"* /**\"]"});
  const auto shop = bench.start_apply({"--target", "group.shop", "--target", "api.shop[\"* /**\"]"});
  const Finished first = pets->wait(seconds(60));
  const Finished second = shop->wait(seconds(60));
  INFO(first.out << first.err << second.out << second.err);
  CHECK(first.code == 0);
  CHECK(second.code == 0);
  bench.is_whole(served, 4);
}

std::string readme_sql() {
  std::ifstream file(std::string(SLUICE_SOURCE_DIR) + "/README.md");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::string fence = "```sql\n";
  const std::size_t begin = text.find(fence);
  REQUIRE(begin != std::string::npos);
  return text.substr(begin + fence.size(), text.find("```", begin + fence.size()) - begin - fence.size());
}

TEST_CASE("the roles of the README are enough, and the reader changes nothing", "[shared]") {
  postgres_server().sql(readme_sql());
  const auto state = [](const std::string& role) { return postgres_server().url("production", "sluice_" + role); };
  const Served served;
  const SharedBench bench(served, "unused");
  const auto run = [&](std::vector<std::string> words, const std::string& role) {
    words.insert(words.end(), {"--state", state(role)});
    return bench.run(words);
  };
  // Only the owner makes tables.
  const Finished early = run({"apply", "--auto-approve"}, "writer");
  INFO(early.out << early.err);
  CHECK(early.code == 1);
  CHECK(contains(early.err, "permission denied"));
  CHECK(at(served.ask("GET", "/api-groups?limit=500"), "groups").items().empty());

  const Finished first = run({"apply", "--auto-approve"}, "owner");
  INFO(first.out << first.err);
  REQUIRE(first.code == 0);
  CHECK(run({"plan", "--detailed-exitcode"}, "reader").code == 0);
  CHECK(run({"drift"}, "reader").code == 0);
  CHECK(contains(run({"state", "list"}, "reader").out, "api.pets"));

  bench.folder.write("pets.json", swagger({{"/a", "changed"}, {"/b/{id}", "two"}, {"/c", "new"}}));
  CHECK(run({"plan", "--detailed-exitcode"}, "reader").code == 2);
  const Finished denied = run({"apply", "--auto-approve"}, "reader");
  INFO(denied.out << denied.err);
  CHECK(denied.code == 1);
  CHECK(contains(denied.err, "permission denied"));
  CHECK(at(served.ask("GET", "/apis?limit=500"), "apis").items().size() == 2);

  const Finished written = run({"apply", "--auto-approve"}, "writer");
  INFO(written.out << written.err);
  CHECK(written.code == 0);
  CHECK(run({"plan", "--detailed-exitcode"}, "reader").code == 0);

  postgres_server().sql("CREATE ROLE sluice_stranger LOGIN");
  const Finished stranger = run({"plan"}, "stranger");
  INFO(stranger.out << stranger.err);
  CHECK(stranger.code == 1);
  CHECK(contains(stranger.err, "sluice_production"));
}

TEST_CASE("a password in the state's URL is shown nowhere", "[shared]") {
  const Served served;
  const std::string secret = "hunter2%21";
  for (const std::string& url :
       {"postgres://ann:" + secret + "@127.0.0.1:1/d?name=x", "postgres://127.0.0.1:1/d?user=ann&password=" + secret,
        "postgres://ann:" + secret + "@127.0.0.1:port/d", "postgres://ann:" + secret + "@h/d?name="}) {
    const SharedBench bench(served, url);
    for (const char* command : {"plan", "drift", "apply"}) {
      std::vector<std::string> words = {command, "--log-level", "trace"};
      if (words[0] == "apply") words.emplace_back("--auto-approve");
      const Finished done = bench.run(words);
      INFO(done.out << done.err);
      CHECK(done.code == 1);
      CHECK_FALSE(contains(done.out + done.err, "hunter2"));
      CHECK(contains(done.err, "postgres://"));
    }
  }
  // One that works, and is in no file and no row.
  postgres_server().sql("CREATE ROLE ann LOGIN SUPERUSER PASSWORD 'hunter2!'");
  const SharedBench bench(served, postgres_server().url("passwords", "ann:" + secret));
  const Finished plan = bench.run({"plan", "--out", "plan.json"});
  INFO(plan.err);
  REQUIRE(plan.code == 0);
  const Finished done = bench.run({"apply", "plan.json", "--log-level", "trace", "--format", "json"});
  INFO(done.out << done.err);
  REQUIRE(done.code == 0);
  CHECK_FALSE(contains(plan.out + plan.err + done.out + done.err, "hunter2"));
  for (const std::string& name : bench.folder.files()) {
    if (name != "sluice.yaml") CHECK_FALSE(contains(bench.folder.read(name), "hunter2"));
  }
  CHECK_FALSE(contains(bench.run({"state", "show", "--format", "json"}).out, "hunter2"));
}

}  // namespace
