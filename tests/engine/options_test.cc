#include "engine/options.h"

#include <cstdlib>

using namespace sluice;

namespace {

Result<Invocation> parse(const std::vector<std::string>& words, const Variables& environment = {}) {
  return parse_command_line(words, environment);
}

/// The command line as understood: "command [arguments] {flag=value,value}", or the kind of refusal and its words.
std::string understood(const std::vector<std::string>& words, const Variables& environment = {}) {
  const auto invocation = parse(words, environment);
  if (!invocation) {
    const ErrorKind kind = invocation.error().kind;
    return std::string(kind == ErrorKind::Invalid       ? "usage: "
                       : kind == ErrorKind::Unsupported ? "not built: "
                                                        : "other: ") +
           invocation.error().message;
  }
  std::string text = invocation->command;
  for (const std::string& argument : invocation->arguments) text += " [" + argument + "]";
  for (const auto& [name, values] : invocation->flags) {
    text += " " + name + "=";
    for (std::size_t i = 0; i < values.size(); ++i) text += (i > 0 ? "," : "") + values[i];
  }
  return text;
}

}  // namespace

TEST_CASE("command lines and what they mean") {
  const std::pair<std::vector<std::string>, std::string> rows[] = {
      {{"plan"}, "plan"},
      {{"plan", "--out", "p"}, "plan out=p"},
      {{"plan", "--out=p"}, "plan out=p"},
      {{"--out=p", "plan"}, "plan out=p"},
      {{"-f", "m", "plan"}, "plan file=m"},
      {{"plan", "-fm"}, "plan file=m"},
      {{"plan", "--file", "a", "-f", "b"}, "plan file=a,b"},
      {{"plan", "-q"}, "plan quiet="},
      {{"plan", "--out="}, "plan out="},
      {{"plan", "--out", "--all"}, "plan out=--all"},
      {{"apply", "p.bin", "--auto-approve"}, "apply [p.bin] auto-approve="},
      {{"apply", "--auto-approve", "p.bin"}, "apply [p.bin] auto-approve="},
      {{"--auto-approve", "apply", "p.bin"}, "apply [p.bin] auto-approve="},
      {{"apply", "--", "-odd-name"}, "apply [-odd-name]"},
      {{"apply", "--all"}, "apply all="},
      {{"plan", "--adopt", "a", "--adopt=b"}, "plan adopt=a,b"},
      {{"state", "list"}, "state list"},
      {{"state", "show", "a", "b"}, "state show [a] [b]"},
      {{"--format", "json", "state", "list"}, "state list format=json"},
      {{"gateway", "serve", "--listen", "h:1", "--data", "d", "--latency", "1s", "--quirk", "a=b", "--quirk=c=d"},
       "gateway serve data=d latency=1s listen=h:1 quirk=a=b,c=d"},
      {{"init", "dir"}, "init [dir]"},
      {{"help"}, "help"},
      {{"--help"}, "help help="},
      {{"help", "plan"}, "help [plan]"},
      {{"plan", "--help"}, "help [plan] help="},
      {{"state", "list", "--help"}, "help [state list] help="},
      {{"render", "--help"}, "help [render] help="},
      {{"version"}, "version"},
      {{}, "usage: No command was given. Run `sluice help` for a list."},
      {{"appply"}, "usage: \"appply\" is not a command. Did you mean \"apply\"?"},
      {{"frobnicate"}, "usage: \"frobnicate\" is not a command. Run `sluice help` for a list."},
      {{"state"}, "usage: `sluice state` needs one of: list, show, rm, pull, push. Run `sluice help state`."},
      {{"plan", "--outt", "x"}, "usage: --outt is not a flag. Did you mean --out?"},
      {{"plan", "--frobnicate"}, "usage: --frobnicate is not a flag."},
      {{"plan", "-x"}, "usage: -x is not a flag."},
      {{"plan", "-xq"}, "usage: -x is not a flag."},
      {{"plan", "-qx"}, "usage: -x is not a flag."},
      {{"plan", "--out"}, "usage: --out needs a value."},
      {{"plan", "-f"}, "usage: -f needs a value."},
      {{"plan", "p.bin"}, "usage: `sluice plan` takes no argument \"p.bin\". Run `sluice help plan`."},
      {{"apply", "a", "b"}, "usage: `sluice apply` takes no argument \"b\". Run `sluice help apply`."},
      {{"plan", "--auto-approve"},
       "usage: `sluice plan` takes no --auto-approve. Run `sluice help plan` for its flags."},
      {{"drift", "--max-deletes", "3"},
       "usage: `sluice drift` takes no --max-deletes. Run `sluice help drift` for its flags."},
      {{"apply", "--detailed-exitcode"},
       "usage: `sluice apply` takes no --detailed-exitcode. Run `sluice help apply` for its flags."},
      {{"render", "--group", "pets", "--explain"}, "render explain= group=pets"},
      {{"plan", "--group", "pets"}, "usage: `sluice plan` takes no --group. Run `sluice help plan` for its flags."},
      {{"rollback", "r"}, "rollback [r]"},
      {{"task", "show", "t"}, "not built: `sluice task show` is not built yet."},
      {{"plan", "--target", "a"}, "plan target=a"},
      {{"apply", "--resume", "r"}, "apply resume=r"},
      {{"plan", "--untrusted", "--endpoint", "e", "--iam-endpoint=i", "--insecure"},
       "plan endpoint=e iam-endpoint=i insecure= untrusted="},
      {{"validate", "--insecure"},
       "usage: `sluice validate` takes no --insecure. Run `sluice help validate` for its flags."},
      {{"plan", "--log-level", "trace", "--log-format=json"}, "plan log-format=json log-level=trace"},
      {{"plan", "--log-level", "loud"}, "usage: --log-level cannot be \"loud\"; choose error|warn|info|debug|trace."},
      {{"plan", "--log-level", "info|debug"},
       "usage: --log-level cannot be \"info|debug\"; choose error|warn|info|debug|trace."},
      {{"plan", "--log-format="}, "usage: --log-format cannot be \"\"; choose text|json."},
  };
  for (const auto& [words, meaning] : rows) CHECK(understood(words) == meaning);
}

TEST_CASE("every command of the contract is known, built or said not to be built yet") {
  const std::vector<std::string> commands[] = {{"init"},
                                               {"validate"},
                                               {"render"},
                                               {"plan"},
                                               {"show", "p"},
                                               {"apply"},
                                               {"drift"},
                                               {"export"},
                                               {"import", "g"},
                                               {"state", "rm", "a"},
                                               {"state", "list"},
                                               {"state", "show"},
                                               {"state", "pull"},
                                               {"state", "push"},
                                               {"unlock", "id"},
                                               {"history"},
                                               {"history", "show", "r"},
                                               {"rollback", "r"},
                                               {"gateway", "serve"},
                                               {"gateway", "quirks"},
                                               {"task", "show", "i"},
                                               {"schema", "plan"},
                                               {"completion", "bash"},
                                               {"version"},
                                               {"help"}};
  for (const auto& words : commands) {
    const auto invocation = parse(words);
    INFO(words[0]);
    if (!invocation) {
      CHECK(invocation.error().kind == ErrorKind::Unsupported);
      CHECK(invocation.error().message.find("is not built yet") != std::string::npos);
    }
  }
}

TEST_CASE("every flag of the contract is known, built or said not to be built yet") {
  const std::pair<std::string, std::string> flags[] = {{"plan", "--file=x"},
                                                       {"plan", "--target=x"},
                                                       {"plan", "--exclude=x"},
                                                       {"plan", "--var=A=B"},
                                                       {"plan", "--var-file=x"},
                                                       {"plan", "--state=x"},
                                                       {"plan", "--format=json"},
                                                       {"plan", "--parallelism=3"},
                                                       {"plan", "--no-color"},
                                                       {"apply", "--lock-timeout=5m"},
                                                       {"plan", "--timeout=1m"},
                                                       {"plan", "--deadline=1h"},
                                                       {"plan", "--log-level=info"},
                                                       {"plan", "--log-format=json"},
                                                       {"plan", "-q"},
                                                       {"plan", "--untrusted"},
                                                       {"plan", "--detailed-exitcode"},
                                                       {"plan", "--changed"},
                                                       {"apply", "--changed"},
                                                       {"plan", "--on-drift=keep"},
                                                       {"apply", "--on-drift=fail"},
                                                       {"plan", "--fail-on=breaking"},
                                                       {"apply", "--fail-on=warning"},
                                                       {"plan", "--prune=none"},
                                                       {"apply", "--prune=all"},
                                                       {"plan", "--max-deletes=3"},
                                                       {"apply", "--max-deletes=3"},
                                                       {"plan", "--adopt=**"},
                                                       {"apply", "--adopt=**"},
                                                       {"plan", "--refresh-only"},
                                                       {"apply", "--refresh-only"},
                                                       {"plan", "--expires=1d"},
                                                       {"plan", "--expect=sha256:0"},
                                                       {"apply", "--expect=sha256:0"},
                                                       {"plan", "--all"},
                                                       {"apply", "--all"},
                                                       {"drift", "--unmanaged=report"},
                                                       {"plan", "--out=p"},
                                                       {"apply", "--auto-approve"},
                                                       {"apply", "--resume=r"},
                                                       {"gateway serve", "--listen=h:1"},
                                                       {"gateway serve", "--data=d"},
                                                       {"gateway serve", "--latency=1s"},
                                                       {"gateway serve", "--quirk=a=b"},
                                                       {"gateway serve", "--faults=f"},
                                                       {"gateway serve", "--instances=f"},
                                                       {"gateway serve", "--credentials=f"}};
  for (const auto& [command, flag] : flags) {
    std::vector<std::string> words = {command, flag};
    if (command == "gateway serve") words = {"gateway", "serve", flag};
    INFO(command + " " + flag);
    const std::string meaning = understood(words);
    CHECK_FALSE(meaning.starts_with("usage: "));
    CHECK_FALSE(meaning.starts_with("other: "));
  }
}

TEST_CASE("a shell that asks for strict POSIX does not change what a command line means") {
  ::setenv("POSIXLY_CORRECT", "1", 1);
  CHECK(understood({"apply", "p.bin", "--auto-approve"}) == "apply [p.bin] auto-approve=");
  CHECK(understood({"plan", "--out", "p"}) == "plan out=p");
  ::unsetenv("POSIXLY_CORRECT");
}

TEST_CASE("a variable stands for a flag that is not given") {
  const std::pair<std::string, std::string> rows[] = {{"SLUICE_FILE", "file"},
                                                      {"SLUICE_STATE", "state"},
                                                      {"SLUICE_FORMAT", "format"},
                                                      {"SLUICE_TIMEOUT", "timeout"},
                                                      {"SLUICE_DEADLINE", "deadline"},
                                                      {"SLUICE_PARALLELISM", "parallelism"},
                                                      {"SLUICE_NO_COLOR", "no-color"},
                                                      {"SLUICE_QUIET", "quiet"},
                                                      {"SLUICE_LOCK_TIMEOUT", "lock-timeout"},
                                                      {"SLUICE_VAR", "var"}};
  for (const auto& [variable, flag] : rows) {
    INFO(variable);
    const auto invocation = parse({"apply"}, {{variable, "x=y"}});
    REQUIRE(invocation);
    CHECK(invocation->value(flag, "none") == "x=y");
    const auto empty = parse({"apply"}, {{variable, ""}});
    REQUIRE(empty);
    CHECK_FALSE(empty->has(flag));
  }
  CHECK(parse({"plan", "-f", "given"}, {{"SLUICE_FILE", "variable"}})->values("file") ==
        std::vector<std::string>{"given"});
}

TEST_CASE("what a run is about may be said by variables") {
  CHECK(understood({"apply"}, {{"SLUICE_TARGET", "x"}}) == "apply target=x");
  CHECK(understood({"apply"}, {{"SLUICE_EXCLUDE", "x"}}) == "apply exclude=x");
  CHECK(understood({"version"}, {{"SLUICE_TARGET", "x"}}) == "version");
}

TEST_CASE("safety flags have no variable") {
  Variables environment;
  for (const std::string variable :
       {"SLUICE_AUTO_APPROVE", "SLUICE_ON_DRIFT", "SLUICE_FAIL_ON", "SLUICE_PRUNE", "SLUICE_MAX_DELETES",
        "SLUICE_ADOPT", "SLUICE_EXPECT", "SLUICE_DETAILED_EXITCODE", "SLUICE_REFRESH_ONLY", "SLUICE_CHANGED",
        "SLUICE_INSECURE", "SLUICE_EXPIRES", "SLUICE_ALL", "SLUICE_OUT", "SLUICE_RESUME", "SLUICE_HELP"})
    environment.emplace(variable, "1");
  CHECK(understood({"plan"}, environment) == "plan");
  CHECK(understood({"apply"}, environment) == "apply");
}

TEST_CASE("a variable that a command has no flag for means nothing to it") {
  CHECK(understood({"version"}, {{"SLUICE_FILE", "x"}, {"SLUICE_STATE", "y"}}) == "version");
  CHECK(understood({"drift"}, {{"SLUICE_LOCK_TIMEOUT", "5m"}}) == "drift");
}

TEST_CASE("durations") {
  const std::pair<std::string, std::int64_t> rows[] = {{"0s", 0},       {"300ms", 300},    {"90s", 90'000},
                                                       {"5m", 300'000}, {"2h", 7'200'000}, {"7d", 604'800'000}};
  for (const auto& [text, milliseconds] : rows) {
    const auto duration = parse_duration(text);
    INFO(text);
    REQUIRE(duration);
    CHECK(duration->count() == milliseconds);
  }
  for (const std::string text : {"", "5", "s", "-5s", "+5s", "5 s", "5s ", " 5s", "1.5h", "5S", "1h30m", "5w", "0x5s",
                                 "99999999999999999999s", "1000000000s"}) {
    const auto duration = parse_duration(text);
    INFO(text);
    REQUIRE_FALSE(duration);
    CHECK(duration.error().kind == ErrorKind::Invalid);
    CHECK(duration.error().message == "\"" + text + "\" is not a duration; write 90s, 5m or 2h.");
  }
}

TEST_CASE("help names every command, and of a command every flag") {
  const std::string all = help_text("");
  for (const std::string command : {"init", "validate", "render", "plan", "show", "apply", "drift", "export", "import",
                                    "state list", "unlock", "history", "rollback", "gateway serve", "version"})
    CHECK(all.find("\n  " + command + " ") != std::string::npos);
  CHECK(all.find("(not built yet)") != std::string::npos);
  const std::string plan = help_text("plan");
  for (const std::string flag : {"--out FILE", "--on-drift revert|keep|fail", "--max-deletes N", "--expect DIGEST"})
    CHECK(plan.find(flag) != std::string::npos);
  CHECK(plan.find("--auto-approve") == std::string::npos);
  CHECK(is_command("gateway serve"));
  CHECK(is_command("gateway"));  // a family of commands
  CHECK(help_text("gateway").find("\n  gateway serve ") != std::string::npos);
  CHECK(help_text("gateway").find("\n  plan ") == std::string::npos);
  CHECK_FALSE(is_command("gate"));
}
