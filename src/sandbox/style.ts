/** The one style sheet of the sandbox pages: system fonts, light and dark, one column from 320 px upwards. */
export const STYLE = `
:root { --paper: #f6f7f9; --card: #fff; --ink: #1a1f27; --soft: #566070; --line: #d9dee6; --accent: #1f5fbf;
  --on-accent: #fff; --good: #17693a; --good-paper: #e3f4e9; --bad: #a3241c; --bad-paper: #fbe8e6;
  --wait: #7a5200; --wait-paper: #fdf1d6; --calm: #3d4756; --calm-paper: #e9ecf1; }
@media (prefers-color-scheme: dark) { :root { --paper: #12151a; --card: #1b2027; --ink: #e8ebf0; --soft: #a3adbb;
  --line: #333b47; --accent: #8ab4f8; --on-accent: #0d1520; --good: #7fd6a0; --good-paper: #17301f; --bad: #f5a199;
  --bad-paper: #3a1c1a; --wait: #f0c56a; --wait-paper: #362a10; --calm: #c3cbd7; --calm-paper: #2a313b; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.55 system-ui, -apple-system, "Segoe UI",
  Roboto, "Noto Sans", sans-serif; overflow-wrap: anywhere; }
.skip { position: absolute; left: -999px; }
.skip:focus { left: 1rem; top: 1rem; background: var(--card); padding: .5rem 1rem; border-radius: 8px; }
.banner { background: var(--wait-paper); color: var(--wait); border-bottom: 1px solid var(--line); text-align: center; }
.banner p { margin: 0; padding: .6rem 1rem; font-size: .9375rem; }
main { max-width: 44rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: .25rem 0 .25rem; letter-spacing: -.01em; }
h2 { font-size: 1.1rem; margin: 0 0 .75rem; }
h3 { font-size: 1rem; margin: 1.25rem 0 .5rem; }
a { color: var(--accent); text-underline-offset: .15em; }
p { margin: .5rem 0; }
.soft { color: var(--soft); }
.small { font-size: .875rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 14px; padding: 1.25rem; margin: 1rem 0; }
.head { display: flex; gap: .75rem; align-items: center; flex-wrap: wrap; justify-content: space-between; }
.badge { display: inline-block; padding: .1rem .65rem; border-radius: 999px; font-size: .875rem; font-weight: 600;
  background: var(--calm-paper); color: var(--calm); white-space: nowrap; }
.badge.good { background: var(--good-paper); color: var(--good); }
.badge.bad { background: var(--bad-paper); color: var(--bad); }
.badge.wait { background: var(--wait-paper); color: var(--wait); }
.steps { list-style: none; counter-reset: step; display: flex; gap: .5rem; padding: 0; margin: 1.25rem 0; }
.steps li { counter-increment: step; flex: 1; border-top: 4px solid var(--line); padding-top: .5rem; font-size: .9rem;
  color: var(--soft); }
.steps li::before { content: counter(step) ". "; }
.steps .done { border-color: var(--good); color: var(--ink); }
.steps [aria-current] { border-color: var(--accent); color: var(--ink); font-weight: 600; }
dl { display: grid; grid-template-columns: minmax(7rem, auto) 1fr; gap: .35rem 1rem; margin: .75rem 0 0; font-size: .9375rem; }
dt { color: var(--soft); }
dd { margin: 0; }
button, .button { font: inherit; font-weight: 600; min-height: 2.75rem; padding: .5rem 1.1rem; border-radius: 10px;
  border: 1px solid var(--line); background: var(--card); color: var(--ink); cursor: pointer; display: inline-block;
  text-decoration: none; }
button:hover, .button:hover { border-color: var(--accent); }
.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
.good-button { border-color: var(--good); color: var(--good); }
.bad-button { border-color: var(--bad); color: var(--bad); }
.wide { width: 100%; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.row { display: flex; gap: .6rem; flex-wrap: wrap; align-items: end; }
.row form { margin: 0; }
.outcome { border-top: 1px solid var(--line); padding-top: 1rem; margin-top: 1rem; }
label { display: block; font-size: .875rem; color: var(--soft); margin-bottom: .25rem; }
select { font: inherit; min-height: 2.75rem; max-width: 100%; padding: .4rem .6rem; border-radius: 10px; color: var(--ink);
  border: 1px solid var(--line); background: var(--card); }
input:not([type="checkbox"]) { font: inherit; min-height: 2.75rem; width: 100%; padding: .4rem .6rem; border-radius: 10px;
  color: var(--ink); border: 1px solid var(--line); background: var(--card); }
fieldset { border: 0; border-top: 1px solid var(--line); margin: 1rem 0 0; padding: .75rem 0 0; }
legend { float: left; width: 100%; font-weight: 600; margin-bottom: .5rem; }
legend + * { clear: both; }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); gap: .85rem; }
.check { display: flex; gap: .6rem; align-items: center; min-height: 2.75rem; font-size: 1rem; color: var(--ink); }
.check input { width: 1.25rem; height: 1.25rem; margin: 0; }
.grow { flex: 1 1 14rem; min-width: 0; }
.grow select { width: 100%; }
ol.sent, ul.rows { list-style: none; padding: 0; margin: 0; }
.sent > li, .rows > li { border-top: 1px solid var(--line); padding: .85rem 0; }
.sent > li:first-child, .rows > li:first-child { border-top: 0; padding-top: 0; }
.rows a { font-weight: 600; }
summary { cursor: pointer; color: var(--accent); padding: .3rem 0; }
pre { background: var(--paper); border: 1px solid var(--line); border-radius: 10px; padding: .75rem; overflow: auto;
  max-height: 26rem; font-size: .8125rem; white-space: pre-wrap; }
code, pre, .mono { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
.code { font-size: 1.6rem; font-weight: 700; letter-spacing: .2em; }
.mail { white-space: pre-wrap; font: inherit; background: none; border: 0; padding: 0; max-height: none; }
@media (max-width: 30rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; } }
`;
