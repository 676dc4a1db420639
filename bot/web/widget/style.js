// The widget's style sheet. It is constructed and adopted, so a host page's `style-src` never has to allow it.
// A host themes it with the --support-chat-* properties of docs/widget.md, and with `color-scheme` on the element.

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
  --radius: var(--support-chat-radius, 16px);
  color-scheme: light dark;
  color: var(--text);
  font: 1rem/1.5 var(--support-chat-font, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif);
  text-align: start;
}
*, ::before, ::after { box-sizing: border-box; }
[hidden], .away { display: none !important; }
.sr { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
h2, h3, p, ul, ol, dl, dd { margin: 0; padding: 0; }
ul, ol { list-style: none; }
a { color: inherit; text-underline-offset: .2em; overflow-wrap: anywhere; }
a:hover { text-decoration-thickness: 2px; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.icon { inline-size: 1.375rem; block-size: 1.375rem; flex: none; fill: none; stroke: currentColor; stroke-width: 1.75; stroke-linecap: round; stroke-linejoin: round; }
.icon-more { stroke-width: 3; }
button { font: inherit; color: inherit; background: none; border: 1px solid transparent; border-radius: 10px; cursor: pointer; }
button:disabled { cursor: default; opacity: .55; }
.plain { display: inline-flex; align-items: center; gap: .4rem; padding: .3rem .5rem; min-block-size: 2rem; color: var(--accent); font-size: .9375rem; text-align: start; }
.plain .icon { inline-size: 1.125rem; block-size: 1.125rem; }
.plain:hover { text-decoration: underline; text-underline-offset: .2em; }
.round { inline-size: 2.5rem; block-size: 2.5rem; flex: none; display: grid; place-items: center; border-radius: 50%; }
.round:hover, .menu button:hover { background: var(--soft); }
.choice, .primary { padding: .5rem 1rem; min-block-size: 2.75rem; line-height: 1.3; overflow-wrap: anywhere; }
.choice { border-color: var(--edge); color: var(--accent); background: var(--bg); text-align: start; }
.choice:hover:enabled { border-color: var(--accent); background: var(--soft); }
.primary { background: var(--accent); color: var(--on-accent); font-weight: 600; }
.primary:hover:enabled { filter: brightness(1.1); }

.launcher {
  position: fixed; inset: auto var(--support-chat-offset, 1.5rem) var(--support-chat-offset, 1.5rem) auto;
  z-index: var(--support-chat-z, 1000); display: flex; align-items: center; gap: .625rem; padding: .875rem 1.375rem .875rem 1.125rem;
  border-radius: 99px; background: var(--accent); color: var(--on-accent); font-weight: 600;
  box-shadow: 0 2px 4px rgb(0 0 0 / .12), 0 8px 24px rgb(0 0 0 / .18);
}
.launcher:hover { filter: brightness(1.08); }
.launcher:focus-visible { outline-color: var(--text); }
.badge { min-inline-size: 1.5rem; padding-inline: .4rem; border-radius: 99px; background: var(--on-accent); color: var(--accent); text-align: center; font-size: .875rem; }

dialog {
  position: fixed; inset: auto var(--support-chat-offset, 1.5rem) var(--support-chat-offset, 1.5rem) auto;
  z-index: var(--support-chat-z, 1000); inline-size: var(--support-chat-width, 25.5rem);
  block-size: min(var(--support-chat-height, 44rem), 100dvh - 2 * var(--support-chat-offset, 1.5rem));
  max-inline-size: 100vw; max-block-size: 100dvh; margin: 0; padding: 0; overflow: hidden;
  border: 1px solid var(--line); border-radius: var(--radius); background: var(--bg); color: inherit;
  box-shadow: 0 4px 12px rgb(0 0 0 / .08), 0 16px 48px rgb(0 0 0 / .2);
}
dialog[open] { display: flex; flex-direction: column; }
dialog::backdrop { background: transparent; }
dialog.full { inset: 0; inline-size: 100%; block-size: 100dvh; border: 0; border-radius: 0; box-shadow: none; }

header { display: flex; align-items: center; gap: .75rem; padding: .75rem .75rem .75rem 1.125rem; border-block-end: 1px solid var(--line); position: relative; }
header .face { inline-size: 2.5rem; block-size: 2.5rem; border-radius: 50%; display: grid; place-items: center; flex: none; background: var(--accent); color: var(--on-accent); }
.who { flex: 1; min-inline-size: 0; }
h2 { font-size: 1.0625rem; line-height: 1.3; }
.status { color: var(--muted); font-size: .875rem; line-height: 1.35; }
.menu { position: absolute; inset-block-start: calc(100% - .25rem); inset-inline-end: .75rem; z-index: 2; padding: .375rem; inline-size: 17rem; max-inline-size: calc(100% - 1.5rem); background: var(--bg); border: 1px solid var(--line); border-radius: 12px; box-shadow: 0 8px 28px rgb(0 0 0 / .2); }
.menu button { display: flex; align-items: center; gap: .75rem; inline-size: 100%; padding: .5rem .625rem; min-block-size: 2.75rem; text-align: start; }

.notice { padding: .625rem 1.125rem; background: var(--notice); font-size: .9375rem; }
.notice p + p { margin-block-start: .25rem; }
.contact { display: flex; flex-wrap: wrap; gap: 0 1rem; }
.contact a, ::slotted(a) { font-weight: 600; color: inherit; padding-block: .2rem; margin-inline-end: 1rem; }

.main { flex: 1; min-block-size: 0; display: flex; flex-direction: column; position: relative; }
.scroll { flex: 1; position: relative; min-block-size: 0; overflow-y: auto; overscroll-behavior: contain; padding: 1.125rem; scrollbar-width: thin; }
.scroll:focus-visible { outline-offset: -3px; }
.intro { color: var(--muted); font-size: .9375rem; margin-block-end: 1.25rem; padding-block-end: 1rem; border-block-end: 1px solid var(--line); }
.intro b { color: var(--text); }
.log > li { display: flex; flex-direction: column; align-items: flex-start; margin-block-start: .375rem; }
.log > li.first { margin-block-start: 1.25rem; }
.log > .day { align-items: center; color: var(--muted); font-size: .8125rem; margin-block: 1rem .25rem; }
.meta { color: var(--muted); font-size: .8125rem; margin-block-end: .25rem; }
.meta b { font-weight: 600; }
.bubble { max-inline-size: 88%; padding: .625rem .9375rem; border-radius: 16px 16px 16px 4px; background: var(--soft); white-space: pre-wrap; overflow-wrap: anywhere; }
.bubble a { color: var(--accent); }
.log > .visitor { align-items: flex-end; }
.visitor .bubble { border-radius: 16px 16px 4px 16px; background: var(--own); color: var(--on-own); }
.visitor .bubble a { color: inherit; }
.visitor.unsent .bubble { background: transparent; color: var(--text); box-shadow: inset 0 0 0 1.5px var(--edge); }
.state { display: flex; flex-wrap: wrap; align-items: center; justify-content: flex-end; color: var(--muted); font-size: .8125rem; margin-block-start: .2rem; gap: 0 .25rem; }
.failed .state { color: var(--bad); }
.log > .system { align-items: center; text-align: center; color: var(--muted); font-size: .9375rem; margin-block: 1rem; }
.system .bubble { background: none; padding: 0; max-inline-size: 100%; }
.choices { display: flex; flex-wrap: wrap; gap: .5rem; margin-block-start: .625rem; }
.dots { display: inline-flex; gap: .3rem; padding: .95rem 1rem; border-radius: 16px 16px 16px 4px; background: var(--soft); margin-block-start: .75rem; }
.dots i { inline-size: .5rem; block-size: .5rem; border-radius: 50%; background: var(--muted); animation: dot 1.2s infinite; }
.dots i:nth-child(2) { animation-delay: .15s; }
.dots i:nth-child(3) { animation-delay: .3s; }
@keyframes dot { 0%, 60%, 100% { opacity: .35; } 30% { opacity: 1; } }

.card { inline-size: 100%; border: 1px solid var(--line); border-radius: 14px; padding: 1rem 1.125rem; margin-block-start: .375rem; display: flex; flex-direction: column; gap: .75rem; }
.card h3 { display: flex; gap: .5rem; align-items: center; font-size: 1rem; line-height: 1.35; }
.card h3 .icon { color: var(--accent); }
.card p, .card li { overflow-wrap: anywhere; }
.number { color: var(--text); font-size: 1.25rem; font-weight: 600; letter-spacing: .02em; font-variant-numeric: tabular-nums; }
dl { display: grid; gap: .125rem 1rem; grid-template-columns: minmax(6rem, auto) 1fr; font-size: .9375rem; }
dt { color: var(--muted); }
dd { overflow-wrap: anywhere; }
.findings li { display: flex; gap: .625rem; padding-block: .375rem; }
.error > .icon, .bad { color: var(--bad); }
.warning > .icon { color: var(--warn); }
.ok > .icon { color: var(--good); }
.info > .icon { color: var(--accent); }
.card-body, .stack, .sheet .card { display: flex; flex-direction: column; gap: .75rem; }
.card-body:empty { display: none; }
.row { display: flex; align-items: center; flex-wrap: wrap; gap: .5rem; }
.fine { color: var(--muted); font-size: .9375rem; }
label { display: block; font-weight: 600; }
.card input { font: inherit; font-size: 1.25rem; letter-spacing: .25em; inline-size: 10rem; padding: .5rem .75rem; color: inherit; background: var(--bg); border: 1px solid var(--edge); border-radius: 10px; font-variant-numeric: tabular-nums; }
.card input.wide { font-size: 1rem; letter-spacing: 0; inline-size: 100%; }
.latest { position: absolute; inset: auto 0 .75rem; margin-inline: auto; inline-size: max-content; display: flex; align-items: center; gap: .25rem; padding: .375rem .875rem .375rem .625rem; border-color: var(--line); border-radius: 99px; background: var(--bg); color: var(--accent); font-size: .9375rem; box-shadow: 0 2px 10px rgb(0 0 0 / .18); }
.check { display: flex; gap: .625rem; font-weight: 400; align-items: flex-start; }
.check input { inline-size: 1.5rem; block-size: 1.5rem; flex: none; margin: 0; accent-color: var(--accent); }

footer { border-block-start: 1px solid var(--line); padding: .75rem .875rem .5rem; }
.write { display: flex; align-items: flex-end; gap: .375rem; padding: .25rem; border: 1px solid var(--edge); border-radius: 14px; }
.write:focus-within { outline: 3px solid var(--accent); outline-offset: 1px; border-color: transparent; }
textarea, textarea:focus-visible { outline: 0; }
textarea { flex: 1; min-inline-size: 0; font: inherit; color: inherit; background: none; border: 0; resize: none; padding: .5rem .625rem; max-block-size: 9rem; field-sizing: content; }
textarea::placeholder { color: var(--muted); opacity: 1; }
.send { background: var(--accent); color: var(--on-accent); border-radius: 10px; }
.send:hover { background: var(--accent); filter: brightness(1.1); }
.under { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 0 .5rem; min-block-size: 2.25rem; color: var(--muted); font-size: .875rem; }
.sheet { flex: 1; min-block-size: 0; overflow-y: auto; padding: 1.25rem 1.125rem; display: flex; flex-direction: column; gap: 1rem; align-items: flex-start; }
.sheet h3 { font-size: 1.1875rem; }
fieldset { border: 0; margin: 0; padding: 0; inline-size: 100%; min-inline-size: 0; }
legend { font-weight: 600; padding: 0; margin-block-end: .5rem; }
.scale { display: grid; grid-template-columns: repeat(5, 1fr); gap: .375rem; }
.scale button { border-color: var(--edge); min-block-size: 2.75rem; }
.scale button:hover, .scale [aria-pressed=true] { border-color: var(--accent); background: var(--soft); }
.scale [aria-pressed=true] { background: var(--accent); color: var(--on-accent); }
.ends { display: flex; justify-content: space-between; color: var(--muted); font-size: .875rem; margin-block-start: .25rem; }

@media (prefers-reduced-motion: no-preference) {
  dialog:not(.full)[open] { animation: rise .16s ease-out; }
  @keyframes rise { from { opacity: 0; translate: 0 .5rem; } }
}
@media (prefers-reduced-motion: reduce) { .dots i { animation: none; opacity: .8; } }
@media (max-width: 30rem) { .launcher { inset: auto 1rem 1rem auto; } }
@media (max-height: 26rem) { .intro { display: none; } header { padding-block: .375rem; } }
@media (forced-colors: active) { .bubble, .dots { border: 1px solid; } .primary, .send, .launcher { border: 1px solid ButtonText; } }
@media print { :host { display: none; } }
`;

// Browsers older than light-dark() (2024) get the light colours.
const plain = RULES.replace(/light-dark\(([^,]+), [^)]+\)/g, '$1').replace('color-scheme: light dark', 'color-scheme: light');

export const sheet = new CSSStyleSheet();
sheet.replaceSync(CSS.supports('color', 'light-dark(red, red)') ? RULES : plain);
