#include <map>
#include <sstream>

#include "tests/grid/grid.h"

namespace sluice::test {
namespace {

/// Tests by the words of the table below.
const std::map<std::string, Cell>& known() {
  static const std::map<std::string, Cell> cells = {
      {"-", {}},     // nothing can go wrong there
      {"live", {}},  // played here
      {"iam", {"providers/http/stack_test.cc", "a login is repeated when IAM is busy"}},
      {"iamword", {"providers/http/credentials_test.cc", "a login's answer is a token and its end"}},
      {"clock", {"providers/http/credentials_test.cc", "a signature refused for this machine's clock says so"}},
      {"tls", {"providers/http/poco_transport_test.cc", "a certificate that cannot be trusted stops everything"}},
      {"input", {"cli/bad_input_test.cc", "bad texts"}},
      {"state", {"engine/state_sqlite_test.cc", "a file that is no state is refused with one sentence"}},
      {"plan", {"cli/apply_test.cc", "a plan file that was changed, torn"}},
      {"date", {"cli/apply_test.cc", "a plan past its date is refused"}},
      {"scope", {"cli/apply_test.cc", "a plan or a state of another gateway is refused"}},
      {"refused", {"providers/http/stack_test.cc", "a server that was never there"}},
      {"race", {"cli/served_test.cc", "of two applies at once one is refused"}},
      {"fence", {"engine/store_conformance_test.cc", "who lost the lock writes nothing more"}},
      {"file", {"engine/files_test.cc", "a writer killed at any moment leaves the old file or the new one"}},
      {"kill", {"kill/kill_test.cc", "killed at any write, sync, rename or send"}},
      {"disk", {"kill/kill_test.cc", "a disk that fails at any write"}},
      {"sim", {"simulation/simulation_test.cc", "whatever fails at whatever moment"}},
      {"stop", {"cli/interruption_test.cc", "a signal stops the waiting"}},
      {"planint", {"cli/interruption_test.cc", "a plan that is interrupted changes nothing"}},
      {"lease", {"engine/lease_test.cc", "a lease that was not renewed is not trusted"}},
      {"gate", {"engine/lease_test.cc", "a gate holds back changes"}},
      {"twice", {"cli/signals_test.cc", "a second signal"}},
      {"pg", {"engine/postgres_test.cc", "what the driver promises holds on a server"}},
      {"pgdown", {"engine/postgres_test.cc", "a server that is restarted is waited for"}},
  };
  return cells;
}

Row row(const std::string& fault, const std::string& words) {
  Row row{fault, {}};
  std::istringstream list(words);
  for (std::string word; list >> word;) row.cells.push_back(known().at(word));
  return row;
}

}  // namespace

std::vector<Row> rows() {
  return {
      //                              P1    P2      P3      P4      P5   P6    A1   A2     A3   A4    A5   A6    A7 A8
      //                              A9   A10  A11
      row("connection refused",
          "-     iam     live    live    -    -     -    pgdown live pgdown refused pgdown live -    live pgdown pg"),
      row("reset in mid-answer",
          "-     iam     live    live    live -     -    pg     live pg    live pg    live  -    live pg   pg"),
      row("timeout after accepting",
          "-     iam     live    live    live -     -    pg     live pg    live pg    live  -    live pg   pg"),
      row("401 token expired",
          "-     iam     live    live    -    -     -    -      live -     live -     live  -    live -    -"),
      row("403 denied",
          "-     iam     live    live    -    -     -    -      live -     live -     live  -    live -    -"),
      row("429 with Retry-After",
          "-     iam     live    live    -    -     -    -      live -     live -     live  -    live -    -"),
      row("429 without",
          "-     iam     live    live    -    -     -    -      live -     live -     live  -    live -    -"),
      row("5xx", "-     iam     live    live    -    -     -    -      live -     live -     live  -    live -    -"),
      row("malformed answer",
          "input iamword live    live    live state plan state  live state live -     live  -    live -    -"),
      row("truncated answer",
          "input iamword live    live    live state plan state  live state live -     live  -    live -    -"),
      row("task stuck",
          "-     -       -       live    -    -     -    -      live -     -    -     live  -    live -    -"),
      row("task failed",
          "-     -       -       live    -    -     -    -      live -     -    -     live  -    live -    -"),
      row("partial failure",
          "-     -       -       -       -    -     -    -      -    -     -    -     -     live sim  sim  -"),
      row("ignored entries",
          "-     -       -       -       -    -     -    -      -    -     -    -     -     live sim  sim  -"),
      row("task record vanished",
          "-     -       -       live    -    -     -    -      live -     -    -     live  -    live -    -"),
      row("target deleted",
          "-     -       live    -       -    -     -    -      live -     live -     -     -    live -    -"),
      row("live changed",
          "-     -       -       -       -    -     -    -      live -     live -     -     -    live -    -"),
      row("two applies racing",
          "-     -       -       -       -    -     -    race   -    fence sim  fence -     -    -    fence -"),
      row("kill -9",
          "-     -       -       -       -    file  -    kill   kill kill  kill kill  kill  kill kill kill kill"),
      row("disk full",
          "-     -       -       -       -    live  -    disk   -    disk  -    disk  -     -    -    disk disk"),
      row("clock jump",
          "-     clock   -       -       -    -     date lease  -    -     -    -     -     -    -    -    -"),
      row("SIGINT",
          "-     -       planint planint -    -     -    -      live sim   live sim   stop  -    live -    -"),
      row("SIGINT twice",
          "-     -       twice   -       -    -     -    twice  -    -     twice -    twice -    -    -    -"),
      row("paused beyond the lease",
          "-     -       -       -       -    -     -    lease  -    fence gate lease -     -    -    fence -"),
      row("database lost",
          "-     -       -       -       -    pgdown pgdown pgdown - pgdown -   pgdown -    -    -    pgdown -"),
      row("wrong endpoint",
          "-     tls     tls     -       -    -     scope -     -    -     tls  -     -     -    -    -    -"),
  };
}

}  // namespace sluice::test
