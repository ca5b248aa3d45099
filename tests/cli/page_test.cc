// The HTML report in a real browser: filters, search, both faces, no console error, hostile names stay text.
#include <fstream>

#include "tests/cli/bench.h"

namespace sluice::test {
namespace {

/// What headless Chromium makes of a page: the document as it is after its script, and what the console said.
struct Seen {
  std::string document;
  std::string console;
};

Seen seen(const TempFolder& folder, const std::string& page, const std::string& query,
          const std::vector<std::string>& more = {}) {
  std::vector<std::string> words = {"/usr/bin/chromium",
                                    "--headless",
                                    "--no-sandbox",
                                    "--disable-gpu",
                                    "--disable-dev-shm-usage",
                                    "--no-first-run",
                                    "--enable-logging=stderr",
                                    "--user-data-dir=" + (folder / "browser"),
                                    "--virtual-time-budget=5000"};
  words.insert(words.end(), more.begin(), more.end());
  words.emplace_back("--dump-dom");
  words.push_back("file://" + (folder / page) + query);
  Process browser(folder.path(), words, {{"HOME", folder.path()}, {"PATH", "/usr/bin:/bin"}});
  const Finished done = browser.wait(std::chrono::minutes(3));
  INFO(done.err);
  REQUIRE(done.code == 0);
  Seen result{done.out, ""};
  std::istringstream lines(done.err);
  for (std::string line; std::getline(lines, line);) {
    if (contains(line, "CONSOLE")) result.console += line + "\n";
  }
  return result;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

std::string golden(const std::string& name) {
  std::ifstream file(std::string(SLUICE_SOURCE_DIR) + "/tests/golden/" + name, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  REQUIRE_FALSE(text.str().empty());
  return text.str();
}

constexpr const char* kHiddenChange = "hidden=\"\"><details";

TEST_CASE("a report opens without a word on the console, and filters by its address") {
  const TempFolder folder;
  folder.write("r.html", golden("review_everything.html"));
  struct Row {
    const char* query;
    const char* shown;
  };
  for (const Row& row : {Row{"", "26 of 26 shown"}, Row{"?action=delete", "7 of 26 shown"},
                         Row{"?risk=breaking", "4 of 26 shown"}, Row{"?origin=conflict", "1 of 26 shown"},
                         Row{"?q=TIMEOUT-lowered", "2 of 26 shown"}, Row{"?action=update&q=by%20hand", "4 of 26 shown"},
                         Row{"?q=nothing-like-this", "0 of 26 shown"}, Row{"?action=nonsense", "26 of 26 shown"}}) {
    const Seen page = seen(folder, "r.html", row.query);
    INFO(row.query);
    CHECK(page.console.empty());
    CHECK(contains(page.document, std::string(">") + row.shown + "<"));
    const std::size_t shown = std::stoul(row.shown);
    CHECK(count(page.document, kHiddenChange) == 26 - shown);
  }
}

TEST_CASE("the controls of a report work, and both faces are there") {
  const TempFolder folder;
  // The page's own policy lets no other script run: a copy without it is driven by one.
  std::string driven = golden("review_everything.html");
  const std::size_t policy = driven.find("<meta http-equiv");
  driven.erase(policy, driven.find('\n', policy) - policy);
  driven.insert(driven.rfind("</body>"), R"(<script>
    const out = {};
    const say = (name, value) => document.body.setAttribute('data-seen-' + name, value);
    const shown = () => document.getElementById('shown').textContent;
    const search = document.getElementById('search');
    search.value = 'created'; search.dispatchEvent(new Event('input')); say('search', shown());
    search.value = ''; search.dispatchEvent(new Event('input'));
    const action = document.querySelector('select[data-filter=action]');
    action.value = '=create'; action.dispatchEvent(new Event('change')); say('action', shown());
    action.value = ''; action.dispatchEvent(new Event('change')); say('all', shown());
    const before = getComputedStyle(document.body).backgroundColor;
    document.getElementById('theme').click();
    const after = getComputedStyle(document.body).backgroundColor;
    say('switched', before !== after); say('before', before);
    document.getElementById('open').click(); say('open', document.querySelectorAll('.change > details[open]').length);
    document.getElementById('close').click(); say('closed', document.querySelectorAll('.change > details[open]').length);
    say('wide', document.documentElement.scrollWidth <= innerWidth);
  </script>)");
  folder.write("driven.html", driven);
  const Seen page = seen(folder, "driven.html", "");
  CHECK(page.console.empty());
  for (const char* part :
       {"data-seen-search=\"4 of 26 shown\"", "data-seen-action=\"5 of 26 shown\"", "data-seen-all=\"26 of 26 shown\"",
        "data-seen-switched=\"true\"", "data-seen-open=\"26\"", "data-seen-closed=\"0\"", "data-seen-wide=\"true\""}) {
    INFO(part);
    CHECK(contains(page.document, part));
  }
  // A browser that prefers dark gets it without asking; the switch is stronger.
  CHECK(contains(page.document, "data-seen-before=\"rgb(251, 251, 250)\""));
  const Seen dark = seen(folder, "driven.html", "", {"--blink-settings=preferredColorScheme=0"});
  CHECK(contains(dark.document, "data-seen-before=\"rgb(20, 23, 26)\""));
  const Seen narrow = seen(folder, "driven.html", "?open=all", {"--window-size=500,900"});
  CHECK(contains(narrow.document, "data-seen-wide=\"true\""));
}

TEST_CASE("hostile names stay text in a browser") {
  const TempFolder folder;
  folder.write("hostile.html", golden("review_hostile.html"));
  const Seen page = seen(folder, "hostile.html", "?open=all&q=%3Cimg");
  CHECK(page.console.empty());
  CHECK(count(page.document, "<script>") == 1);
  CHECK(count(page.document, "<img") == 0);
  CHECK(contains(page.document, " of 28 shown"));
  CHECK_FALSE(contains(page.document, ">0 of 28 shown"));
  // What would get in all the same is not run: the policy names the hashes of the page's own script and style.
  std::string injected = golden("review_hostile.html");
  injected.insert(injected.rfind("</body>"), "<script>document.title = 'owned'</script>");
  folder.write("injected.html", injected);
  const Seen attacked = seen(folder, "injected.html", "");
  CHECK_FALSE(contains(attacked.document, "<title>owned"));
  CHECK(contains(attacked.console, "Content Security Policy"));
}

TEST_CASE("a link to a change opens it, whatever is filtered") {
  const Bench bench;
  REQUIRE(bench.run({"plan", "--format", "html=r.html"}).code == 0);
  const std::string page = bench.folder.read("r.html");
  const std::size_t id = page.find("id=\"change-") + 4;
  const std::string anchor = page.substr(id, page.find('"', id) - id);
  const Seen linked = seen(bench.folder, "r.html", "?q=nothing-like-this#" + anchor);
  CHECK(linked.console.empty());
  const std::size_t article = linked.document.find("id=\"" + anchor + "\"");
  REQUIRE(article != std::string::npos);
  CHECK(contains(linked.document.substr(article, 400), "<details open=\"\">"));
  CHECK(count(linked.document, kHiddenChange) == 2);
}

}  // namespace
}  // namespace sluice::test
