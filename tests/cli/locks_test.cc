// Several runs at one state: side by side on different groups, one after the other on the same, and locks that are
// lost.
#include "tests/cli/served.h"

using namespace sluice;
using namespace sluice::test;

namespace {

/// Runs both at once; each must end well, and the second must not have waited for the first.
void expect_side_by_side(const ServedBench& bench, const std::vector<std::string>& one,
                         const std::vector<std::string>& other) {
  const auto first = bench.start(one);
  REQUIRE(first->wait_for("orders: import"));
  const auto second = bench.start(other);
  REQUIRE(second->wait_for("pets: import"));
  const std::string so_far = first->out();  // still at work
  const Finished second_done = second->wait();
  const Finished first_done = first->wait();
  INFO(first_done.out + first_done.err + second_done.out + second_done.err);
  CHECK_FALSE(contains(so_far, "Apply complete!"));
  CHECK(first_done.code == 0);
  CHECK(second_done.code == 0);
}

std::string lock_id(const std::string& text) {
  const std::string front = "sluice unlock ";
  const auto at = text.find(front);
  INFO(text);
  REQUIRE(at != std::string::npos);
  const auto end = text.find_first_of("`' \n.,", at + front.size());
  return text.substr(at + front.size(), end - at - front.size());
}

}  // namespace

TEST_CASE("two applies on different groups of one state run side by side") {
  const Served served("2s");
  const ServedBench bench(served, {"orders", "pets"});
  expect_side_by_side(bench, {"apply", "--auto-approve", "--target", "group.orders"},
                      {"apply", "--auto-approve", "--target", "group.pets"});
  bench.converged();
  for (const std::string group : {"orders", "pets"}) {
    bench.folder.write(group + ".json", swagger({{"/a", "changed"}, {"/b/{id}", "two"}}));
    REQUIRE(bench.run({"plan", "--out", group + ".plan", "--target", "group." + group}).code == 0);
  }
  expect_side_by_side(bench, {"apply", "orders.plan"}, {"apply", "pets.plan"});
  bench.converged();
}

TEST_CASE("an apply on a group that another one works on is refused, and says who has it") {
  const Served served("1s");
  const ServedBench bench(served, {"orders", "pets"});
  const auto first = bench.start({"apply", "--auto-approve", "--target", "group.pets"});
  REQUIRE(first->wait_for("pets: import"));
  const Finished whole = bench.run({"apply", "--auto-approve"});
  INFO(whole.err);
  CHECK(whole.code == 4);
  CHECK(contains(whole.err, "alice"));
  const Finished same = bench.run({"state", "rm", "group.pets"});
  CHECK(same.code != 0);
  const Finished later = bench.run({"apply", "--auto-approve", "--lock-timeout", "30s"});
  INFO(later.out + later.err);
  CHECK(later.code == 0);
  CHECK(first->wait().code == 0);
  bench.converged();
}

TEST_CASE("unlock shows who holds a lock, asks, and its run can neither write nor go on") {
  const TempFolder faults;
  faults.write("faults.yaml",
               R"([{method: POST, path: "**/openapi/async-import", nth: 1, action: delay, milliseconds: 3000}])");
  const Served served("0s", {"--faults", faults / "faults.yaml"});
  const ServedBench bench(served);
  const auto holder = bench.start({"apply", "--auto-approve"});
  REQUIRE(holder->wait_for("pets: import"));
  const Finished locked = bench.run({"apply", "--auto-approve"});
  CHECK(locked.code == 4);
  const std::string id = lock_id(locked.err);
  const Finished asked = bench.run({"unlock", id});
  INFO(asked.out + asked.err);
  CHECK(asked.code == 4);
  CHECK(contains(asked.err, "alice"));
  CHECK(contains(asked.err, "group.pets"));
  const Finished unknown = bench.run({"unlock", "nobody"});
  CHECK(unknown.code == 1);
  CHECK(contains(unknown.err, id));
  CHECK(bench.run({"unlock"}).code == 64);
  holder->send_signal(SIGSTOP);
  const Finished broken = bench.run({"unlock", id, "--force"});
  INFO(broken.out + broken.err);
  CHECK(broken.code == 0);
  bench.applied();
  holder->send_signal(SIGCONT);
  const Finished lost = holder->wait();
  INFO(lost.out + lost.err);
  CHECK(lost.code == 5);
  CHECK(contains(lost.err, "--resume"));
  bench.converged();
}
