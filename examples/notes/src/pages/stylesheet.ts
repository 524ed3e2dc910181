/** The one stylesheet; served as a file, because the content security policy allows no inline style. */
export const STYLESHEET = `
:root {
  color-scheme: light dark;
  --paper: #f6f5f1; --card: #ffffff; --ink: #1c1e22; --soft: #5d6169; --line: #e2dfd7; --hover: #f0eee8;
  --accent: #44506a; --accent-soft: #e9ebf1; --on-accent: #ffffff;
  --good: #2c6e49; --good-soft: #e3f0e8; --warn: #8a5a00; --warn-soft: #f8edd6; --bad: #a3262a; --bad-soft: #f9e4e3;
  --serif: "Iowan Old Style", "Palatino Linotype", Palatino, "URW Palladio L", P052, Georgia, serif;
  --sans: ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", sans-serif;
  --mono: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace;
}
.org-acme { --accent: #0a6a6a; --accent-soft: #dff0ee; }
.org-borealis { --accent: #9a4a22; --accent-soft: #f7e8de; }
.org-cobalt { --accent: #2f4bb0; --accent-soft: #e5e9f8; }
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #131519; --card: #1a1d22; --ink: #e9e7e2; --soft: #a0a4ad; --line: #2d3138; --hover: #22262c;
    --accent: #b4bdd2; --accent-soft: #262b36; --on-accent: #101215;
    --good: #7fcaa0; --good-soft: #1b2f25; --warn: #e3b862; --warn-soft: #33290f; --bad: #f09a94; --bad-soft: #3a1d1d;
  }
  .org-acme { --accent: #62c5be; --accent-soft: #14302f; }
  .org-borealis { --accent: #e6a27c; --accent-soft: #372318; }
  .org-cobalt { --accent: #9bb0f7; --accent-soft: #1f2747; }
}
*, *::before, *::after { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.55 var(--sans); overflow-wrap: anywhere; }
h1, h2, h3 { font-family: var(--serif); font-weight: 600; line-height: 1.2; margin: 0; text-wrap: balance; }
h1 { font-size: clamp(1.6rem, 1.2rem + 1.6vw, 2.15rem); letter-spacing: -0.012em; }
h2 { font-size: 1.18rem; }
h3 { font-size: 1.05rem; }
p { margin: 0 0 .75rem; max-width: 68ch; }
a { color: var(--accent); text-underline-offset: .18em; text-decoration-thickness: 1px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
.skip { position: absolute; left: -999px; }
.skip:focus { left: 1rem; top: 1rem; z-index: 2; background: var(--card); padding: .5rem .9rem; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.soft { color: var(--soft); }
.small { font-size: .875rem; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }

.shell { display: grid; grid-template-columns: 15.5rem minmax(0, 1fr); min-height: 100vh; }
.rail { border-right: 1px solid var(--line); padding: 1.5rem 1.1rem; display: flex; flex-direction: column; gap: 1.6rem; position: sticky; top: 0; height: 100vh; }
.brand { display: flex; align-items: center; gap: .7rem; text-decoration: none; color: var(--ink); font-family: var(--serif); font-weight: 600; font-size: 1.08rem; line-height: 1.15; }
.mark { flex: none; width: 2.2rem; height: 2.2rem; border-radius: .55rem; background: var(--accent); color: var(--on-accent); display: grid; place-items: center; font-size: 1.15rem; }
.rail nav ul { list-style: none; margin: 0; padding: 0; display: grid; gap: .15rem; }
.rail nav a { display: block; padding: .46rem .75rem; border-radius: .5rem; color: var(--soft); text-decoration: none; white-space: nowrap; }
.rail nav a:hover { background: var(--hover); color: var(--ink); }
.rail nav a[aria-current] { background: var(--accent-soft); color: var(--accent); font-weight: 600; }
.who { margin-top: auto; border-top: 1px solid var(--line); padding-top: 1rem; font-size: .9rem; }
.who strong { display: block; font-weight: 600; }
.who form { margin-top: .5rem; }
main { padding: 2.2rem clamp(1.1rem, 3.5vw, 3rem) 4rem; width: 100%; max-width: 72rem; }
.top { display: flex; flex-wrap: wrap; gap: .6rem 1.5rem; align-items: end; justify-content: space-between; margin-bottom: 1.6rem; }
.top p { margin: .35rem 0 0; color: var(--soft); }
.section { margin-top: 2.2rem; }
.section > header { display: flex; justify-content: space-between; align-items: baseline; gap: 1rem; margin-bottom: .7rem; }

.card { background: var(--card); border: 1px solid var(--line); border-radius: .8rem; }
.pad { padding: 1.15rem 1.3rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .9rem; margin: 0; }
.tiles > div { background: var(--card); border: 1px solid var(--line); border-radius: .8rem; padding: .95rem 1.1rem 1rem; }
.tiles dt { color: var(--soft); font-size: .875rem; }
.tiles dd { margin: .15rem 0 0; font: 600 1.7rem/1.15 var(--serif); font-variant-numeric: lining-nums tabular-nums; }
.tiles dd small { display: block; font: 400 .85rem/1.4 var(--sans); color: var(--soft); margin-top: .2rem; }
.tiles .late dd { color: var(--bad); }
.columns { display: grid; grid-template-columns: minmax(0, 1.45fr) minmax(0, 1fr); gap: 1.6rem; align-items: start; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(18rem, 1fr)); gap: 1rem; list-style: none; padding: 0; margin: 0; }
.cards h2 { margin: .35rem 0 .4rem; }
.cards .pad { height: 100%; display: flex; flex-direction: column; }
.cards .foot { margin-top: auto; padding-top: .8rem; display: flex; justify-content: space-between; gap: 1rem; font-size: .875rem; color: var(--soft); }
meter { accent-color: var(--accent); width: 100%; height: .5rem; margin-top: .55rem; }

.rows { list-style: none; margin: 0; padding: 0; }
.rows li { padding: .85rem 1.3rem; border-top: 1px solid var(--line); }
.rows li:first-child { border-top: 0; }
.rows li:hover { background: var(--hover); }
.rows li:first-child:hover { border-radius: .8rem .8rem 0 0; }
.rows li:last-child:hover { border-radius: 0 0 .8rem .8rem; }
.rows .title { font-weight: 600; color: var(--ink); text-decoration: none; }
.rows .title:hover { color: var(--accent); text-decoration: underline; }
.meta { color: var(--soft); font-size: .875rem; display: flex; flex-wrap: wrap; gap: .1rem .9rem; margin: .1rem 0 0; max-width: none; }
.excerpt { margin: .2rem 0 .15rem; color: var(--soft); font-size: .94rem; }
mark { background: var(--warn-soft); color: inherit; border-radius: .2rem; padding: 0 .12em; }
.empty { padding: 2.2rem 1.3rem; text-align: center; color: var(--soft); margin: 0; max-width: none; }

.chip { display: inline-block; font-size: .78rem; font-weight: 600; padding: .1rem .55rem; border-radius: 1rem; background: var(--hover); color: var(--soft); white-space: nowrap; }
.chip.good { background: var(--good-soft); color: var(--good); }
.chip.warn { background: var(--warn-soft); color: var(--warn); }
.chip.bad { background: var(--bad-soft); color: var(--bad); }
.code { font-family: var(--mono); font-size: .8rem; color: var(--soft); letter-spacing: .01em; }

.scroll { overflow-x: auto; }
table { overflow-wrap: break-word; border-collapse: collapse; width: 100%; font-size: .94rem; }
th { text-align: left; font-weight: 600; font-size: .82rem; color: var(--soft); }
th, td { padding: .62rem .9rem; border-top: 1px solid var(--line); vertical-align: top; }
th:first-child, td:first-child { padding-left: 1.3rem; }
th:last-child, td:last-child { padding-right: 1.3rem; }
thead th { border-top: 0; padding-top: .8rem; }
tbody tr:hover { background: var(--hover); }
tfoot td { font-weight: 600; }

label { display: block; font-size: .875rem; font-weight: 600; margin-bottom: .3rem; }
input, textarea, select { font: inherit; color: inherit; background: var(--card); border: 1px solid color-mix(in srgb, var(--soft) 55%, var(--line)); border-radius: .5rem; padding: .52rem .75rem; width: 100%; min-height: 2.75rem; }
textarea { resize: vertical; line-height: 1.5; }
.mono { font-family: var(--mono); font-size: .88rem; }
button, .button { font: inherit; font-weight: 600; display: inline-block; border: 1px solid var(--accent); background: var(--accent); color: var(--on-accent); border-radius: .5rem; padding: .5rem 1.05rem; min-height: 2.75rem; cursor: pointer; text-decoration: none; white-space: nowrap; }
button:hover, .button:hover { filter: brightness(1.08); }
button.quiet { background: none; color: var(--accent); border-color: var(--line); font-weight: 500; min-height: 2.2rem; padding: .25rem .8rem; font-size: .9rem; }
.fields { display: grid; grid-template-columns: minmax(0, 1fr); gap: .95rem; }
.fields button { white-space: normal; }
.inline { display: flex; gap: .6rem; align-items: end; }
.inline > div { flex: 1; min-width: 0; }
.notice { border-radius: .6rem; padding: .75rem 1rem; margin: 0 0 1.1rem; background: var(--bad-soft); color: var(--bad); max-width: none; }
.notice.calm { background: var(--accent-soft); color: var(--ink); }
.notice.held { background: var(--good-soft); color: var(--good); }
details.card > summary { padding: .85rem 1.3rem; cursor: pointer; font-weight: 600; color: var(--accent); }
details.card > .pad { border-top: 1px solid var(--line); }
.prose { white-space: pre-line; font-size: 1.06rem; line-height: 1.68; max-width: 66ch; }
.comment { padding: 1rem 1.3rem; border-top: 1px solid var(--line); }
.comment:first-child { border-top: 0; }
.comment p { margin: .2rem 0 0; white-space: pre-line; }
pre { margin: 0; padding: 1rem 1.3rem; overflow-x: auto; font: .84rem/1.5 var(--mono); white-space: pre-wrap; }
pre + *, .card + .card { margin-top: .8rem; }
.cards .card + .card { margin-top: 0; }
.tries { display: flex; flex-wrap: wrap; gap: .5rem; list-style: none; padding: 0; margin: .9rem 0 0; }
.tries a { display: block; font-size: .875rem; padding: .3rem .75rem; border: 1px solid var(--line); border-radius: 1rem; text-decoration: none; background: var(--card); }
.tries a:hover { border-color: var(--accent); }

.door { min-height: 100vh; display: grid; place-content: center; justify-items: center; padding: 2rem 1.1rem; }
.door .card { width: min(25rem, calc(100vw - 2.2rem)); padding: 1.8rem; }
.door .brand { margin-bottom: 1.3rem; }
.door h1 { font-size: 1.5rem; margin-bottom: 1.1rem; }
.door button { width: 100%; }
button.second { background: none; color: var(--accent); margin-top: .7rem; }
[hidden] { display: none; }
.way { margin: 1.1rem 0 0; font-size: .94rem; }
.lost { margin-top: 1.1rem; font-size: .94rem; }
.lost summary { cursor: pointer; color: var(--accent); }
.lost form { margin-top: .8rem; }
.codes { columns: 2; font: 1rem/1.9 var(--mono); white-space: pre; padding: 0; }
.mail { overflow-wrap: anywhere; padding: 0; }
.mails { list-style: none; margin: 0; padding: 0; }
.qr { display: block; width: 13rem; height: 13rem; margin: .8rem 0; border-radius: 8px; }
.key { font: 1rem/1.6 var(--mono); overflow-wrap: anywhere; }
.lines { list-style: none; margin: 0; padding: 0; }
.lines li { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; justify-content: space-between; padding: .7rem 0; border-top: 1px solid var(--line); }
.lines li:first-child { border-top: 0; }
.lines form { display: inline-flex; gap: .4rem; align-items: center; }
.lines input { min-height: 2.2rem; padding: .25rem .6rem; width: 11rem; }
.landing { max-width: 64rem; margin: 0 auto; padding: clamp(2rem, 7vw, 5rem) 1.1rem 4rem; }
.landing > header { margin-bottom: 2.2rem; }
.landing > header p { font-size: 1.1rem; color: var(--soft); margin-top: .7rem; }
.landing ul.people { list-style: none; padding: 0; margin: .6rem 0 0; }
.landing ul.people li { padding: .42rem 0; border-top: 1px solid var(--line); font-size: .94rem; }
.landing ul.people a { font-weight: 600; }

@media (max-width: 62rem) { .columns { grid-template-columns: minmax(0, 1fr); } }
@media (max-width: 52rem) {
  .shell { grid-template-columns: minmax(0, 1fr); grid-template-rows: auto 1fr; }
  .rail { position: static; height: auto; border-right: 0; border-bottom: 1px solid var(--line); padding: .8rem 1.1rem .5rem; display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: .6rem; align-items: center; }
  .rail nav { grid-row: 2; grid-column: 1 / -1; margin: 0 -.7rem; }
  .rail nav ul { display: flex; flex-wrap: wrap; }
  .rail nav a { padding: .5rem .7rem; }
  .who { margin: 0; border: 0; padding: 0; }
  .who strong, .who .soft { display: none; }
  .who form { margin: 0; }
  main { padding-top: 1.5rem; }
  .tiles { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: .7rem; }
  .tiles > div { padding: .8rem .9rem; }
  .tiles dd { font-size: 1.35rem; }
  .tight .wide { display: none; }
  th, td { padding-left: .6rem; padding-right: .6rem; }
  .rows li, .pad, .comment { padding-left: 1rem; padding-right: 1rem; }
  th:first-child, td:first-child { padding-left: 1rem; }
  th:last-child, td:last-child { padding-right: 1rem; }
}
`;
