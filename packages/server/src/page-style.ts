/** The look of all pages, light and dark; no font, image or file from elsewhere. */
export const pageStyle = `:root {
  color-scheme: light dark;
  --paper: light-dark(#faf8f3, #161813); --card: light-dark(#fff, #1e211a); --ink: light-dark(#24261f, #e9e7dd);
  --soft: light-dark(#63665a, #a5a899); --line: light-dark(#e3dfd3, #33372c); --tint: light-dark(#f1eee5, #262a20);
  --leaf: light-dark(#3f6f2f, #9dcb7c); --on-leaf: light-dark(#fff, #14200d);
  --gold: light-dark(#c08a1e, #e0b04a); --silver: light-dark(#8f9a9b, #a9b4b5); --bronze: light-dark(#a9683a, #c58555); --none: light-dark(#d3cebf, #4b5042);
  --bad: light-dark(#a8322a, #f08a7d); --warn: light-dark(#8a5a00, #e6b450);
}
*, ::before, ::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0 auto; padding: 1rem clamp(1rem, 4vw, 2rem) 3rem; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", sans-serif; overflow-wrap: break-word; }
body.page { max-width: 62rem; }
h1, h2, h3, .brand { font-family: ui-serif, Georgia, "Times New Roman", serif; font-weight: 600; line-height: 1.2; text-wrap: balance; }
h1 { font-size: clamp(1.6rem, 5vw, 2.2rem); margin: 1.75rem 0 0.5rem; }
h2 { font-size: 1.25rem; margin: 0 0 0.75rem; }
a { color: var(--leaf); text-underline-offset: 0.15em; text-decoration-thickness: 1px; }
code, pre { font: 0.875em/1.55 ui-monospace, "Cascadia Code", Menlo, Consolas, monospace; }
code { overflow-wrap: anywhere; }
small, .soft { color: var(--soft); }
[hidden] { display: none !important; }
:focus-visible { outline: 2px solid var(--leaf); outline-offset: 2px; border-radius: 4px; }

.top { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem 1.25rem; padding-block-end: 0.75rem; border-block-end: 1px solid var(--line); }
.top .who { margin-inline-start: auto; display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem 0.75rem; color: var(--soft); font-size: 0.9375rem; }
.brand { display: inline-flex; align-items: center; gap: 0.5rem; font-size: 1.5rem; color: inherit; text-decoration: none; }
.brand img { display: block; }

button, .button { font: inherit; font-weight: 550; padding: 0.5rem 1rem; border: 1px solid transparent; border-radius: 0.5rem; cursor: pointer;
  background: var(--leaf); color: var(--on-leaf); }
button.quiet { background: none; border-color: var(--line); color: inherit; font-weight: 400; padding: 0.2rem 0.7rem; }
button:hover { filter: brightness(1.08); }
button.quiet:hover { background: var(--tint); filter: none; }
button:disabled { opacity: 0.6; cursor: progress; }
input { font: inherit; color: inherit; width: 100%; padding: 0.55rem 0.7rem; background: var(--paper); border: 1px solid var(--line); border-radius: 0.5rem; }

.card { background: var(--card); border: 1px solid var(--line); border-radius: 0.9rem; padding: 1.1rem 1.25rem; margin-block: 1rem; }
.state { display: inline-flex; align-items: center; gap: 0.45rem; padding: 0.1rem 0.7rem; border-radius: 1rem; background: var(--tint); font-size: 0.875rem; white-space: nowrap; }
.state::before { content: ""; width: 0.55rem; height: 0.55rem; border-radius: 50%; background: var(--soft); }
.state.healthy::before, .state.done::before { background: var(--leaf); }
.state.degraded::before, .state.waiting::before { background: var(--warn); }
.state.failed::before { background: var(--bad); }
.state.running::before { background: var(--leaf); animation: breathe 1.6s ease-in-out infinite; }
@keyframes breathe { 50% { opacity: 0.25; } }
@media (prefers-reduced-motion: reduce) { .state::before { animation: none !important; } }

.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(8rem, 1fr)); gap: 0.75rem; margin: 1rem 0; padding: 0; }
.facts { display: flex; flex-wrap: wrap; align-items: center; gap: 0.4rem 1rem; color: var(--soft); font-size: 0.9375rem; }
.figures div { background: var(--card); border: 1px solid var(--line); border-radius: 0.9rem; padding: 0.8rem 1.1rem; }
.figures dt { color: var(--soft); font-size: 0.875rem; }
.figures dd { margin: 0; font-size: 1.75rem; font-weight: 600; line-height: 1.25; font-variant-numeric: tabular-nums; }

table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: start; vertical-align: top; padding: 0.45rem 1rem 0.45rem 0; border-block-end: 1px solid var(--line); }
tr:last-child > td { border-block-end: 0; }
th { color: var(--soft); font-size: 0.8125rem; font-weight: 500; }
th:last-child, td:last-child { padding-inline-end: 0; }
.number { text-align: end; white-space: nowrap; }
td.wide { width: 45%; }
td.name { overflow-wrap: anywhere; width: 35%; }
.bar { display: block; width: 100%; height: 0.5rem; margin-block: 0.52rem; border-radius: 0.25rem; background: var(--tint); }
.bar rect { fill: var(--leaf); }
.bar .gold { fill: var(--gold); } .bar .silver { fill: var(--silver); } .bar .bronze { fill: var(--bronze); } .bar .unverified { fill: var(--none); }
.legend { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; margin: 0.6rem 0 0; padding: 0; list-style: none; font-size: 0.9375rem; }
.legend li::before { content: ""; display: inline-block; width: 0.6rem; height: 0.6rem; border-radius: 2px; margin-inline-end: 0.4rem; background: var(--leaf); }
.legend .gold::before { background: var(--gold); } .legend .silver::before { background: var(--silver); }
.legend .bronze::before { background: var(--bronze); } .legend .unverified::before { background: var(--none); }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 0 1rem; align-items: start; }
.empty { color: var(--soft); margin: 0; }
.steps { margin: 0; padding-inline-start: 1.2rem; }
pre { background: var(--tint); border-radius: 0.5rem; padding: 0.75rem 0.9rem; margin: 0.5rem 0 0; overflow-x: auto; }
.foot { display: flex; flex-wrap: wrap; gap: 0.4rem 1.25rem; margin-block-start: 2rem; padding-block-start: 1rem; border-block-start: 1px solid var(--line); font-size: 0.9375rem; color: var(--soft); }

body.door { display: grid; place-items: center; min-height: 100vh; min-height: 100dvh; padding-block: 1rem; }
body.door main { width: min(22rem, 100%); }
body.door .brand { font-size: 2rem; margin: 0.25rem 0 0; }
body.door form { display: grid; gap: 0.9rem; }
body.door label { display: grid; gap: 0.25rem; font-size: 0.9375rem; color: var(--soft); }
body.door label input { color: var(--ink); }
.message { color: var(--bad); margin: 0.9rem 0 0; }
.message:empty { display: none; }

nav.contents { display: flex; flex-wrap: wrap; gap: 0.35rem 1rem; margin-block: 1rem; }
section.group { margin-block-start: 2.25rem; }
details { border-block-end: 1px solid var(--line); }
details summary { display: grid; grid-template-columns: 4.2rem minmax(0, auto) 1fr; gap: 0.1rem 0.75rem; align-items: baseline; padding: 0.55rem 0.25rem; cursor: pointer; list-style: none; }
details summary::-webkit-details-marker { display: none; }
details summary:hover { background: var(--tint); }
details[open] summary { background: var(--tint); }
details > :not(summary) { margin-inline: 0.25rem; }
details pre { max-height: 26rem; overflow: auto; margin-block-end: 1rem; }
details h3 { font: inherit; font-weight: 600; margin: 1rem 0.25rem 0; }
details table { width: calc(100% - 0.5rem); }
.method { font: 600 0.75rem/1.6 ui-monospace, monospace; text-align: center; border-radius: 0.3rem; background: var(--tint); padding: 0 0.4rem; }
.method.get { color: var(--leaf); } .method.post, .method.patch { color: var(--warn); } .method.delete { color: var(--bad); }
details summary .method { background: var(--card); border: 1px solid var(--line); }
tr:target { background: light-dark(#fdf3d0, #3a3317); }
@media (max-width: 40rem) {
  details summary { grid-template-columns: 4.2rem minmax(0, 1fr); }
  details summary > :last-child { grid-column: 2; }
  .stack thead { display: none; }
  .stack tr, .stack td { display: block; padding: 0; border: 0; }
  .stack tr { padding-block: 0.7rem; border-block-end: 1px solid var(--line); }
  .stack tr:last-child { border: 0; }
  .stack td.wide, .stack td.name { width: auto; }
  .stack .bar { margin-block: 0.35rem 0.5rem; }
  .stack td[data-name] { display: flex; justify-content: space-between; gap: 1rem; text-align: end; }
  .stack td[data-name]::before { content: attr(data-name); color: var(--soft); font-size: 0.875rem; }
}
`;

/** A seedling in tilled soil. */
export const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path d="M3 24q6.500-4 13 0t13 0v4q0 1-1 1H4q-1 0-1-1z" fill="#8a5f3c"/><path d="M16 24V12" stroke="#5d9440" stroke-width="2.200" stroke-linecap="round"/><path d="M16 15C8 16 5 11 5 6c6 0 11 2 11 9z" fill="#6fae4c"/><path d="M16 12c0-6 4-9 11-9 0 6-4 10-11 9z" fill="#8cc663"/></svg>`;
