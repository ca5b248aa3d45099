// Every part that a plan can have: in every rendering, and text where it is a stranger's.
#include <algorithm>
#include <cctype>
#include <regex>
#include <sstream>

#include "tests/plan/renderings.h"

namespace sluice {
namespace {

using test::contains;
using test::plan_of_hostile_texts;
using test::Rendering;
using test::renderings;

TEST_CASE("a saved plan of every part is read back as it was, whatever is rendered of it") {
  const Plan plan = test::plan_of_every_part();
  const auto read = read_plan_file(write_plan_file(plan));
  INFO((read ? "" : read.error().message));
  REQUIRE(read);
  for (const Rendering& rendering : renderings()) {
    INFO(rendering.suffix);
    CHECK(rendering.render(*read) == rendering.render(plan));
  }
}

TEST_CASE("every part of a plan is in every rendering for people") {
  const Plan plan = test::plan_of_every_part();
  const auto plain = [](std::string text) {  // as a browser shows it
    for (const auto& [entity, sign] : std::initializer_list<std::pair<const char*, const char*>>{{"&#91;", "["},
                                                                                                 {"&#93;", "]"},
                                                                                                 {"&quot;", "\""},
                                                                                                 {"&#95;", "_"},
                                                                                                 {"&#96;", "`"},
                                                                                                 {"&#42;", "*"},
                                                                                                 {"&#40;", "("},
                                                                                                 {"&#41;", ")"},
                                                                                                 {"&#39;", "'"},
                                                                                                 {"&#123;", "{"},
                                                                                                 {"&#125;", "}"},
                                                                                                 {"&gt;", ">"},
                                                                                                 {"&#47;", "/"},
                                                                                                 {"<code>", ""},
                                                                                                 {"</code>", ""},
                                                                                                 {"</a>", ""}})
      text = std::regex_replace(text, std::regex(entity), sign);
    return std::regex_replace(text, std::regex("<a href=[^>]*>"), "");
  };
  for (const std::string& text :
       {render_text(plan, {}), plain(render_markdown(plan, {1'000'000})), plain(render_html(plan))}) {
    INFO(text);
    for (const char* part : {"/description of api.pets[\"GET /drifted\"]: edited by hand",
                             "/x-apigateway-cors of api.pets",
                             "3 fields are ignored",
                             "was to be ignored until 2025-01-31",
                             "api.pets[\"GET /deleted\"] is protected",
                             "Protection added for 2",
                             "api.pets[\"GET /created\"]",
                             "group.pets",
                             "api.pets[\"GET /kept-2\"]",
                             "api.pets[\"GET /theirs-2\"]",
                             "nobody waits that long, until 2027-01-31",
                             "timeout-lowered",
                             "3 changes are left out",
                             "The policy ratelimit.silver comes along",
                             "2 groups were not looked at",
                             "api.pets[\"GET /old/place\"] has moved to api.pets[\"GET /new/place\"]",
                             "group.shop-old has moved to group.shop-new",
                             "api_mode: merge keeps what the gateway has",
                             "An import resets what no document carries: the remark",
                             "(sensitive)",
                             "prune: all",
                             "It has its temporary name",
                             "/description is another",
                             "This plan needs 2 more APIs",
                             "ratelimit.gold",
                             "It applies to 2 APIs",
                             "response.pets.teapot",
                             "publication.pets.TEST",
                             "carried along: 1"}) {
      std::string low(part);
      INFO(low);
      CHECK(std::search(text.begin(), text.end(), low.begin(), low.end(), [](char a, char b) {
              return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
            }) != text.end());
    }
    CHECK_FALSE(contains(text, "hmac-sha256"));
  }
}

TEST_CASE("hostile texts stay texts in every rendering") {
  const Plan plan = plan_of_hostile_texts(3000);
  for (const Rendering& rendering : renderings()) {
    if (std::string_view(rendering.suffix) == "json") continue;  // JSON escapes; its readers print
    const std::string text = rendering.render(plan);
    INFO(rendering.suffix);
    for (const char* raw : {"\x1b", "\x07", "\r", "\xE2\x80\xAE", "\xC2\x9B", "\xD8\x9C", "\n````\n::error"})
      CHECK_FALSE(contains(text, raw));
    CHECK(parse_json(write_json(Value(text))));  // still UTF-8
  }
  const std::string html = render_html(plan);
  CHECK(html.find("<script") == html.rfind("<script"));
  CHECK_FALSE(contains(html, "<img"));
  CHECK_FALSE(contains(html, "onerror=alert(2)>"));
  // Without what attributes hold, no tag has a handler or a style of its own.
  const std::string tags = std::regex_replace(html, std::regex("\"[^\"<>]*\""), "");
  CHECK_FALSE(std::regex_search(tags, std::regex("<[a-z][^>]* (on[a-z]+|style)=")));
  const std::string github = render_github(plan);
  std::istringstream commands(github);
  for (std::string line; std::getline(commands, line);) {
    CHECK((line.starts_with("::error ") || line.starts_with("::warning ") || line.starts_with("::notice ")));
  }
  const std::string markdown = render_markdown(plan);
  CHECK(markdown.size() <= 60'000);
  // What is left without code blocks has no markup of a stranger's.
  const std::string outside = std::regex_replace(
      std::regex_replace(markdown, std::regex("(`{3,})diff\n[^]*?\n\\1\n"), ""), std::regex("<code>[^<]*</code>"), "");
  for (const char* raw :
       {"<script", "<img", "@everyone", "@owners", "#1 ", "GH-1", "http://", "](", "**bold", "-->  <!--"})
    CHECK_FALSE(contains(outside, raw));
  CHECK(std::count(outside.begin(), outside.end(), '\n') > 20);
  const auto count = [&](std::string_view part) {
    std::size_t found = 0;
    for (auto at = outside.find(part); at != std::string::npos; at = outside.find(part, at + 1)) ++found;
    return found;
  };
  CHECK(count("<details>") == count("</details>"));
}

}  // namespace
}  // namespace sluice
