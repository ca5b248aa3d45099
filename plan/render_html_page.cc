#include "plan/render_html.h"

namespace sluice {

const std::string_view kHtmlStyle = R"css(
:root{color-scheme:light;--bg:#fbfbfa;--card:#fff;--ink:#1d2125;--soft:#5c646d;--line:#dcdfe3;--add:#1a7f37;--del:#c62828;
--mod:#8a5a00;--addbg:#e6f6ea;--delbg:#fdeaea;--warnbg:#fff4d6;--accent:#0b5cad;--mono:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
@media (prefers-color-scheme:dark){:root:not([data-theme=light]){color-scheme:dark;--bg:#14171a;--card:#1c2024;--ink:#e4e7ea;
--soft:#9aa4ae;--line:#343a41;--add:#5ad17c;--del:#ff8a80;--mod:#e8b84a;--addbg:#15301d;--delbg:#3a1b1b;--warnbg:#3a2f10;--accent:#74b3f2}}
:root[data-theme=dark]{color-scheme:dark;--bg:#14171a;--card:#1c2024;--ink:#e4e7ea;
--soft:#9aa4ae;--line:#343a41;--add:#5ad17c;--del:#ff8a80;--mod:#e8b84a;--addbg:#15301d;--delbg:#3a1b1b;--warnbg:#3a2f10;--accent:#74b3f2}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
main{max-width:1180px;margin:0 auto;padding:20px 20px 60px}
header{display:flex;gap:12px;align-items:flex-start;justify-content:space-between}
h1{font-size:22px;line-height:1.3;margin:0 0 4px}
h2{font-size:17px;margin:30px 0 10px}
.meta{color:var(--soft);overflow-wrap:anywhere;margin:2px 0}
code,pre,.mono{font-family:var(--mono);font-size:13px}
code{overflow-wrap:anywhere}
.facts{display:flex;flex-wrap:wrap;gap:8px;margin:16px 0;padding:0}
.facts div{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:6px 12px;min-width:84px}
.facts dt{color:var(--soft);font-size:12px}
.facts dd{margin:0;font-size:20px;font-weight:600;font-variant-numeric:tabular-nums}
.facts .hot dd{color:var(--del)}
.tools{position:sticky;top:0;z-index:2;background:var(--bg);border-bottom:1px solid var(--line);padding:10px 0;display:flex;flex-wrap:wrap;gap:8px;align-items:center}
.tools label{display:flex;gap:4px;align-items:center;color:var(--soft);font-size:13px}
select,input,button{font:inherit;font-size:14px;color:var(--ink);background:var(--card);border:1px solid var(--line);border-radius:6px;padding:4px 8px;max-width:100%}
select{max-width:190px}
input[type=search]{flex:1 1 160px;min-width:120px}
button{cursor:pointer;white-space:nowrap}
:focus-visible{outline:2px solid var(--accent);outline-offset:1px}
#shown{color:var(--soft);font-size:13px}
.change{background:var(--card);border:1px solid var(--line);border-left:4px solid var(--soft);border-radius:8px;margin:8px 0;scroll-margin-top:120px}
.change[data-action=create]{border-left-color:var(--add)}
.change[data-action=update]{border-left-color:var(--mod)}
.change[data-action=delete]{border-left-color:var(--del)}
.change:target{outline:2px solid var(--accent)}
.change[hidden],section[hidden]{display:none}
summary{cursor:pointer;padding:9px 12px;overflow-wrap:anywhere}
.sign{font-family:var(--mono);font-weight:700;display:inline-block;width:1.1em;text-align:center}
[data-action=create] .sign{color:var(--add)}[data-action=update] .sign{color:var(--mod)}[data-action=delete] .sign{color:var(--del)}
.tag{display:inline-block;font-size:12px;border:1px solid var(--line);border-radius:10px;padding:0 8px;margin-left:4px;color:var(--soft);overflow-wrap:anywhere}
.tag.breaking{color:var(--del);border-color:var(--del);background:var(--delbg)}
.tag.warning{color:var(--mod);border-color:var(--mod);background:var(--warnbg)}
.body{padding:0 12px 12px}
.body p{margin:4px 0;overflow-wrap:anywhere}
.anchor{color:var(--accent);text-decoration:none;font-size:13px}
table{border-collapse:collapse;width:100%;table-layout:fixed;margin-top:8px}
th,td{border:1px solid var(--line);padding:5px 8px;text-align:left;vertical-align:top;overflow-wrap:anywhere}
th{font-size:12px;color:var(--soft);font-weight:600}
col.name{width:26%}
td pre{margin:0;white-space:pre-wrap;overflow-wrap:anywhere}
td.old{background:var(--delbg)}td.new{background:var(--addbg)}
td .gone{color:var(--del)}td .come{color:var(--add)}td .same{color:var(--soft)}
.none{color:var(--soft);font-style:italic}
ol,ul{padding-left:26px;overflow-wrap:anywhere}
.notice{background:var(--warnbg);border:1px solid var(--line);border-radius:8px;padding:8px 12px;margin:8px 0;overflow-wrap:anywhere}
.notice.stop{background:var(--delbg);border-color:var(--del)}.notice.remark{background:var(--card);padding:4px 12px}
@media (max-width:640px){input[type=search]{flex-basis:100%}header{flex-wrap:wrap}main{padding:14px 12px 40px}h1{font-size:19px}.tools{position:static}.tools label{flex:1 1 44%}.tools select{flex:1;min-width:0}
.facts div{flex:1 1 28%;min-width:0;padding:5px 8px}
table,tbody,tr,td{display:block;width:100%}thead,colgroup{display:none}tr{border:1px solid var(--line);margin-bottom:8px}td{border:0;border-bottom:1px solid var(--line)}
td::before{content:attr(data-label);display:block;font-size:11px;color:var(--soft)}}
@media print{:root,:root[data-theme=dark]{color-scheme:light;--bg:#fff;--card:#fff;--ink:#000;--soft:#444;--line:#bbb;--add:#0b5c22;--del:#9b1c1c;--mod:#6b4500;--addbg:#f0f8f2;--delbg:#fcf0f0;--warnbg:#fffaf0;--accent:#000}
.tools,.anchor,#theme{display:none}.change{break-inside:avoid-page}main{max-width:none;padding:0}body{font-size:11pt}}
)css";

const std::string_view kHtmlScript = R"js(
(function () {
  'use strict';
  var root = document.documentElement;
  var changes = Array.prototype.slice.call(document.querySelectorAll('.change'));
  var selects = Array.prototype.slice.call(document.querySelectorAll('select[data-filter]'));
  var search = document.getElementById('search');
  var shown = document.getElementById('shown');
  var given = new URLSearchParams(location.search);
  var texts = changes.map(function () { return null; });

  function apply() {
    var words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    var count = 0;
    changes.forEach(function (change, at) {
      var fits = selects.every(function (select) {
        return select.value === '' || change.dataset[select.dataset.filter] === select.value.slice(1);
      });
      if (fits && words.length > 0) {
        if (texts[at] === null) texts[at] = change.textContent.toLowerCase();
        fits = words.every(function (word) { return texts[at].indexOf(word) >= 0; });
      }
      change.hidden = !fits;
      if (fits) count += 1;
    });
    document.querySelectorAll('section.changes').forEach(function (section) {
      section.hidden = section.querySelector('.change:not([hidden])') === null;
    });
    shown.textContent = count + ' of ' + changes.length + ' shown';
    root.dataset.shown = String(count);
  }

  function open(all) {
    changes.forEach(function (change) { if (!change.hidden) change.firstElementChild.open = all; });
  }

  function reveal() {
    var id = location.hash.slice(1);
    var target = id === '' ? null : document.getElementById(id);
    if (target === null || !target.classList.contains('change')) return;
    target.hidden = false;
    target.firstElementChild.open = true;
    target.scrollIntoView();
  }

  function paint(theme) {
    if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
  }

  selects.forEach(function (select) {
    var wanted = given.get(select.dataset.filter);
    if (wanted !== null) {
      Array.prototype.forEach.call(select.options, function (option) {
        if (option.value === '=' + wanted) select.value = option.value;
      });
    }
    select.addEventListener('change', apply);
  });
  if (given.get('q') !== null) search.value = given.get('q');
  search.addEventListener('input', apply);
  document.getElementById('open').addEventListener('click', function () { open(true); });
  document.getElementById('close').addEventListener('click', function () { open(false); });
  document.getElementById('theme').addEventListener('click', function () {
    var dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
    var next = dark ? 'light' : 'dark';
    paint(next);
    try { localStorage.setItem('sluice-theme', next); } catch (error) { root.dataset.remembered = 'no'; }
  });
  try { paint(localStorage.getItem('sluice-theme')); } catch (error) { root.dataset.remembered = 'no'; }
  paint(given.get('theme'));
  addEventListener('hashchange', reveal);
  addEventListener('beforeprint', function () { open(true); });
  if (given.get('open') === 'all') open(true);
  apply();
  reveal();
})();
)js";

}  // namespace sluice
