#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "engine/commands/command.h"
#include "engine/files.h"
#include "plan/json.h"
#include "plan/plan_json.h"
#include "plan/render_html.h"
#include "plan/render_markdown.h"
#include "plan/render_sarif.h"
#include "plan/render_text.h"

namespace sluice {
namespace {

constexpr std::size_t kNarrowest = 80;
constexpr std::size_t kWidest = 200;
constexpr std::uintmax_t kLargestReport = 1'000'000'000;

/// The columns of the terminal that stdout is, as far as a plan is set in them; 0 for what is no terminal.
std::size_t terminal_width() {
  winsize size{};
  if (::isatty(STDOUT_FILENO) != 1 || ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 0;
  return std::clamp<std::size_t>(size.ws_col, kNarrowest, kWidest);
}

std::string rendered(const CommandContext& context, const FormatTarget& target, const ReportSettings& settings,
                     const Plan& plan) {
  if (target.kind == "json") return write_json_pretty(plan_to_json(plan)) + "\n";
  if (target.kind == "markdown") return render_markdown(plan, {settings.max_bytes});
  if (target.kind == "html") return render_html(plan);
  if (target.kind == "sarif") return render_sarif(plan);
  if (target.kind == "github") return render_github(plan);
  const bool to_stdout = target.file.empty();
  const std::size_t width = settings.width == 0 && to_stdout ? terminal_width() : settings.width;
  const TextStyle style{.color = to_stdout && wants_color(context), .width = width, .context = settings.context};
  if (settings.summary) return render_text_summary(plan, style);
  return plan.drift_only ? render_drift_text(plan, style) : render_text(plan, style);
}

}  // namespace

Result<Formats> read_formats(const Invocation& invocation) {
  const std::vector<std::string_view> known = formats_of(invocation.command);
  Formats formats;
  std::vector<std::string> wanted = invocation.values("format");
  if (wanted.empty()) wanted = {"text"};
  for (const std::string& given : wanted) {
    const std::size_t equals = given.find('=');
    FormatTarget target{given.substr(0, equals), equals == std::string::npos ? "" : given.substr(equals + 1)};
    if (std::find(known.begin(), known.end(), target.kind) == known.end()) {
      return fail(ErrorKind::Invalid, fmt::format("\"{}\" is not a format of `sluice {}`; use {}.", target.kind,
                                                  invocation.command, fmt::join(known, ", ")));
    }
    if (equals != std::string::npos && target.file.empty())
      return fail(ErrorKind::Invalid, fmt::format("--format {} names no file.", given));
    const bool taken = std::any_of(formats.targets.begin(), formats.targets.end(),
                                   [&](const FormatTarget& other) { return other.file == target.file; });
    if (taken && target.file.empty()) {
      return fail(ErrorKind::Invalid,
                  "Two formats cannot both go to stdout: give one a file, as in --format json=plan.json.");
    }
    if (taken) return fail(ErrorKind::Invalid, fmt::format("Two formats cannot both go to {}.", target.file));
    if (target.kind == "text") formats.text = target.file;
    if (target.kind == "json") formats.json = target.file;
    formats.targets.push_back(std::move(target));
  }
  return formats;
}

Result<void> write_output(const std::string& path, const std::string& text) {
  if (!path.empty()) return write_file(path, text);
  const bool whole = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (!whole)
    return fail(ErrorKind::Storage,
                "The output could not be written: the reader of stdout is gone, or the disk is full.");
  return {};
}

Result<void> write_formats(const Formats& formats, const std::function<std::string(const FormatTarget&)>& render) {
  for (const bool to_file : {true, false}) {
    for (const FormatTarget& target : formats.targets) {
      if (target.file.empty() == to_file) continue;
      if (auto written = write_output(target.file, render(target)); !written) return written;
    }
  }
  return {};
}

Result<ReportSettings> read_report_settings(const Invocation& invocation) {
  ReportSettings settings;
  settings.summary = invocation.has("summary");
  settings.context = invocation.has("context");
  const auto width = read_number(invocation, "width");
  if (!width) return width.forward();
  if (*width && (**width < kNarrowest || **width > kWidest)) {
    return fail(ErrorKind::Invalid, fmt::format("--width {} is not between {} and {}.", **width, kNarrowest, kWidest));
  }
  settings.width = width->value_or(0);
  const auto bytes = read_number(invocation, "max-bytes");
  if (!bytes) return bytes.forward();
  settings.max_bytes = bytes->value_or(settings.max_bytes);
  if (settings.max_bytes < kLeastMarkdownBytes) {
    return fail(ErrorKind::Invalid, fmt::format("--max-bytes {} is too small for a report: give it {} or more.",
                                                settings.max_bytes, kLeastMarkdownBytes));
  }
  return settings;
}

Result<void> print_plan(const CommandContext& context, const Formats& formats, const ReportSettings& settings,
                        const Plan& plan) {
  return write_formats(formats, [&](const FormatTarget& target) { return rendered(context, target, settings, plan); });
}

bool is_report(const std::string& path, std::string_view kind) {
  const auto text = read_file(path, kLargestReport);
  if (!text) return false;
  const auto says = [&](std::string_view words) { return text->find(words) != std::string::npos; };
  if (kind == "json") return says("\"format_version\"") && says("\"sluice_version\"");
  if (kind == "markdown") return text->starts_with("<!-- sluice:");
  if (kind == "html") return text->starts_with("<!DOCTYPE html>") && says("<title>Sluice: ");
  if (kind == "sarif") return says("\"name\": \"sluice\"");
  if (kind == "github") return text->starts_with("::");
  return says("Gateway: ");
}

void print_failure(const CommandContext& context, const Formats& formats, const ReportSettings& settings,
                   Diagnostics findings, const GatewayIdentity& gateway) {
  Plan plan;
  plan.drift_only = context.invocation.command == "drift";
  plan.gateway = gateway;
  plan.findings = std::move(findings);
  if (!has_errors(plan.findings))
    plan.findings.push_back({Severity::Error, "run-error", "The run ended before there was a plan.", {}, {}});
  finish(plan);
  Formats written;
  for (const FormatTarget& target : formats.targets) {
    if (target.file.empty() ? target.kind == "text" : file_exists(target.file) && !is_report(target.file, target.kind))
      continue;  // stderr has told it; and what is no report may be one of the files that cannot be read
    written.targets.push_back(target);
  }
  if (const auto done = print_plan(context, written, settings, plan); !done) (void)report(done.error());
}

bool wants_color(const CommandContext& context) {
  const auto no_color = context.environment.find("NO_COLOR");
  const bool refused = no_color != context.environment.end() && !no_color->second.empty();
  return !refused && !context.invocation.has("no-color") && ::isatty(STDOUT_FILENO) == 1;
}

}  // namespace sluice
