// The grid: what can go wrong, at which step, and the test that shows what is done then.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sluice::test {

/// The steps. P: of plan and drift; A: of apply. P5 comes with the answer of P4, P6 with P7.
inline constexpr std::string_view kSteps[] = {"P1", "P2", "P3", "P4", "P5", "P6", "A1",  "A2", "A3",
                                              "A4", "A5", "A6", "A7", "A8", "A9", "A10", "A11"};
inline constexpr std::string_view kStepWords[] = {"load the files",
                                                  "authenticate",
                                                  "start an export",
                                                  "wait for it",
                                                  "read it",
                                                  "read the state, write the plan",
                                                  "verify the plan",
                                                  "take the lock",
                                                  "export and compare",
                                                  "write the intent",
                                                  "send",
                                                  "write the task's id",
                                                  "wait for the task",
                                                  "read the result",
                                                  "export and verify",
                                                  "write the state, close the intent",
                                                  "give the lock back"};

/// A cell that is played here: the real program against a gateway that goes wrong.
struct Live {
  std::string step;
  std::string fault;
  std::string rule;                ///< of the file of faults; $POLL, $LOOK: see grid_test.cc
  std::vector<std::string> words;  ///< the command
  std::vector<int> codes;          ///< one of them
  bool settles = true;             ///< afterwards one apply without faults converges
  std::string by_hand = "";        ///< what somebody does before
  int signal_after = 0;            ///< milliseconds; SIGINT
};
std::vector<Live> live_cells();

/// A cell that another test plays, or that cannot be.
struct Cell {
  std::string file;  ///< below tests/; "" for what cannot go wrong there
  std::string test;  ///< how its name begins
};

/// The faults in order, and the cells that are not played here, one for each step.
struct Row {
  std::string fault;
  std::vector<Cell> cells;
};
std::vector<Row> rows();

}  // namespace sluice::test
