// The widget's style sheet, constructed and adopted, so that a host page's `style-src` never has to allow it.
const RULES = `
:host {
  --bg: light-dark(#fff, #12191d);
  --soft: light-dark(#f0f4f5, #1e282e);
  --text: light-dark(#16232a, #e6edef);
  --muted: light-dark(#4f5f67, #a9b7bd);
  --line: light-dark(#d8e0e3, #34434b);
  --edge: light-dark(#75858d, #7d8e97);
  --accent: var(--support-chat-accent, light-dark(#0b5c6b, #74c6d4));
  --on-accent: var(--support-chat-on-accent, light-dark(#fff, #06222a));
  --own: var(--support-chat-own, light-dark(#0b5c6b, #155866));
  --on-own: var(--support-chat-on-own, #fff);
  --bad: light-dark(#a8201a, #ff9d94);
  --warn: light-dark(#7a4b00, #f3c06b);
  --good: light-dark(#1c6b3a, #86d6a2);
  --notice: light-dark(#fff4d6, #3a2f10);
  --gap: var(--support-chat-offset, 1.5rem);
  color-scheme: light dark;
  color: var(--text);
  font: 1rem/1.5 var(--support-chat-font, system-ui, sans-serif);
  text-align: left;
}
* { box-sizing: border-box; margin: 0; padding: 0; border: 0; overflow-wrap: anywhere; min-width: 0; }
.away { display: none !important; }
.sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
ul, ol { list-style: none; }
a { color: inherit; text-underline-offset: .2em; }
a[href^=tel] { white-space: nowrap; }
a:hover { text-decoration-thickness: 2px; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.icon { width: 1.375rem; height: 1.375rem; flex: none; fill: none; stroke: currentColor; stroke-width: 1.75; stroke-linecap: round; stroke-linejoin: round; }
.icon-more { stroke-width: 3; }

button, input, textarea { font: inherit; color: inherit; background: none; }
button { border-radius: 10px; cursor: pointer; text-align: left; line-height: 1.3; }
button:disabled { cursor: default; opacity: .55; }
.plain, .item, .launcher { display: inline-flex; align-items: center; gap: .5rem; }
.plain { padding: .375rem .5rem; min-height: 2rem; color: var(--accent); font-size: .9375rem; }
.plain .icon { width: 1.125rem; }
.plain:hover { text-decoration: underline; text-underline-offset: .2em; }
.choice, .primary { padding: .5rem 1rem; min-height: 2.75rem; }
.choice, .step { border: 1px solid var(--edge); color: var(--accent); background: var(--bg); }
.round:hover, .item:hover, .choice:hover, .step:hover { background: var(--soft); border-color: var(--accent); }
.round { width: 2.5rem; height: 2.5rem; flex: none; display: grid; place-items: center; border-radius: 50%; }
.round.primary { border-radius: 10px; padding: 0; min-height: 0; }
.primary, .primary:hover, .launcher, .step[aria-pressed=true] { background: var(--accent); color: var(--on-accent); font-weight: 600; }
.primary:hover, .launcher:hover { filter: brightness(1.1); }

.launcher, dialog { position: fixed; inset: auto var(--gap) var(--gap) auto; z-index: var(--support-chat-z, 1000); box-shadow: 0 2px 6px rgb(0 0 0 / .1), 0 12px 40px rgb(0 0 0 / .2); }
.launcher { padding: .875rem 1.375rem .875rem 1.125rem; border-radius: 99px; }
.launcher:focus-visible { outline-color: var(--text); }
.badge { min-width: 1.5rem; border-radius: 99px; background: var(--on-accent); color: var(--accent); text-align: center; }
dialog {
  width: var(--support-chat-width, 25.5rem);
  height: min(var(--support-chat-height, 44rem), 100dvh - 2 * var(--gap));
  max-width: 100vw; max-height: 100dvh; overflow: hidden;
  border: 1px solid var(--line); border-radius: var(--support-chat-radius, 16px); background: var(--bg); color: inherit;
}
dialog[open], .main, .sheet, .card, .stack { display: flex; flex-direction: column; }
dialog::backdrop { background: none; }
dialog.full { inset: 0; width: 100%; height: 100dvh; border: 0; border-radius: 0; }

.head { display: flex; align-items: center; gap: .75rem; padding: .75rem .75rem .75rem 1.125rem; border-bottom: 1px solid var(--line); position: relative; }
.face { width: 2.5rem; height: 2.5rem; border-radius: 50%; display: grid; place-items: center; flex: none; background: var(--accent); color: var(--on-accent); }
.who { flex: 1; }
h2 { font-size: 1.0625rem; line-height: 1.3; }
h3 { font-size: 1rem; line-height: 1.35; display: flex; gap: .5rem; align-items: center; }
h3 .icon { color: var(--accent); }
.menu { position: absolute; inset: calc(100% - .25rem) .75rem auto auto; z-index: 2; padding: .375rem; width: 16rem; background: var(--bg); border: 1px solid var(--line); border-radius: 12px; box-shadow: 0 8px 28px rgb(0 0 0 / .2); }
.item { width: 100%; padding: .5rem .625rem; min-height: 2.75rem; }
.notice { padding: .625rem 1.125rem; background: var(--notice); font-size: .9375rem; }
.contact a, ::slotted(a) { font-weight: 600; color: inherit; display: inline-block; padding-block: .25rem; margin-right: 1.25rem; }

.main, .scroll, .sheet { flex: 1; min-height: 0; position: relative; }
.scroll, .sheet { overflow-y: auto; overscroll-behavior: contain; padding: 1.125rem; scrollbar-width: thin; }
.scroll:focus-visible { outline-offset: -3px; }
.intro, .fine, .ends { color: var(--muted); font-size: .9375rem; }
.intro { padding-bottom: 1rem; border-bottom: 1px solid var(--line); }
b, legend, label, .number { font-weight: 600; }
.intro b, .number { color: var(--text); }
.log > * > li { display: flex; flex-direction: column; align-items: flex-start; margin-top: .375rem; }
.log .first { margin-top: 1.25rem; }
.status, .meta, .state, .day, .under { color: var(--muted); font-size: .8125rem; line-height: 1.5; }
.meta { margin-bottom: .25rem; }
.bubble, .dots { max-width: 88%; padding: .625rem .9375rem; border-radius: 16px 16px 16px 4px; background: var(--soft); white-space: pre-wrap; }
.bubble a { color: var(--accent); }
.log .visitor { align-items: flex-end; }
.visitor .bubble { border-radius: 16px 16px 4px 16px; background: var(--own); color: var(--on-own); }
.visitor a { color: inherit; }
.waiting .bubble, .failed .bubble { background: none; color: var(--text); box-shadow: inset 0 0 0 1.5px var(--edge); }
.state { margin-top: .2rem; }
.failed .state, .bad { color: var(--bad); }
.log .system, .log .day { align-items: center; text-align: center; color: var(--muted); margin-block: 1rem; }
.system .bubble { background: none; padding: 0; max-width: 100%; font-size: .9375rem; }
.choices, .row { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem; }
.choices { margin-top: .625rem; }
.dots { display: inline-flex; gap: .3rem; padding-block: .9rem; margin-top: .75rem; }
.dots i { width: .5rem; height: .5rem; border-radius: 50%; background: var(--muted); animation: dot 1.2s infinite; }
.dots i + i { animation-delay: .15s; }
.dots i + i + i { animation-delay: .3s; }
@keyframes dot { 0%, 60%, 100% { opacity: .35; } 30% { opacity: 1; } }

.card, .stack { gap: .75rem; }
.card { width: 100%; border: 1px solid var(--line); border-radius: 14px; padding: 1rem 1.125rem; margin-top: .375rem; }
.card :empty:not(input, path, br) { display: none; }
.number { font-size: 1.25rem; font-variant-numeric: tabular-nums; }
dl { display: grid; gap: .125rem 1rem; grid-template-columns: auto 1fr; font-size: .9375rem; }
dt, summary { color: var(--muted); }
.card li { display: flex; gap: .625rem; padding-block: .375rem; }
.error > .icon { color: var(--bad); }
.warning > .icon { color: var(--warn); }
.ok > .icon { color: var(--good); }
.info > .icon { color: var(--accent); }
.card input { width: 10rem; padding: .5rem .75rem; border: 1px solid var(--edge); border-radius: 10px; font-size: 1.25rem; letter-spacing: .25em; }
.card .wide { width: 100%; font-size: 1rem; letter-spacing: 0; }
.sheet { gap: 1rem; align-items: flex-start; }
.sheet h3 { font-size: 1.1875rem; }
.check { display: flex; gap: .625rem; font-weight: 400; }
.check input { width: 1.5rem; height: 1.5rem; flex: none; accent-color: var(--accent); }
fieldset { width: 100%; }
.scale { display: grid; grid-template-columns: repeat(5, 1fr); gap: .375rem; margin-block: .5rem .25rem; }
.step { min-height: 2.75rem; text-align: center; }
.ends { display: flex; justify-content: space-between; }

.foot { border-top: 1px solid var(--line); padding: .75rem .875rem .5rem; }
.write { display: flex; align-items: flex-end; gap: .375rem; padding: .25rem; border: 1px solid var(--edge); border-radius: 14px; }
.write:focus-within { outline: 3px solid var(--accent); border-color: transparent; }
textarea, textarea:focus-visible { outline: 0; }
textarea { flex: 1; resize: none; padding: .5rem .625rem; max-height: 9rem; field-sizing: content; }
textarea::placeholder { color: var(--muted); opacity: 1; }
.under { display: flex; align-items: center; justify-content: space-between; min-height: 2.25rem; }
.latest { position: absolute; inset: auto .75rem .75rem auto; border: 1px solid var(--edge); background: var(--bg); color: var(--accent); }

@media (prefers-reduced-motion: no-preference) {
  dialog { animation: rise .16s ease-out; }
  @keyframes rise { from { opacity: 0; translate: 0 .5rem; } }
}
@media (prefers-reduced-motion) { .dots i { animation: none; } }
@media (max-width: 30rem) { :host { --gap: 1rem; } }
@media (forced-colors: active) { .bubble, .dots, .primary, .launcher { border: 1px solid; } }
`;

export const styles = new CSSStyleSheet();
styles.replaceSync(RULES);
