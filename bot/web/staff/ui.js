import { button, h, icon } from '../widget/dom.js';
import { explain } from './api.js';
import { T } from './texts.js';

const CLOCK = new Intl.DateTimeFormat('sv-SE', { timeStyle: 'short' });
const WHEN = new Intl.DateTimeFormat('sv-SE', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });

export const clock = (time) => h('time', { datetime: time }, CLOCK.format(new Date(time)));
export const when = (time) => h('time', { datetime: time }, WHEN.format(new Date(time)));

/** How long since, as a person says it: `3 min`, `1 h 20 min`, `2 d`. */
export function span(seconds) {
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1) return '< 1 min';
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours} h ${minutes % 60 ? `${minutes % 60} min` : ''}`.trim() : `${Math.floor(hours / 24)} d`;
}

export const since = (time) => span((Date.now() - new Date(time)) / 1_000);

/** Puts `wanted` nodes in the list without touching those that already stand right, so that focus stays. */
export function place(list, wanted) {
  for (const node of [...list.children]) if (!wanted.includes(node)) node.remove();
  wanted.forEach((node, index) => {
    if (list.children[index] !== node) list.insertBefore(node, list.children[index] ?? null);
  });
}

export function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
  node.hidden = !text;
}

export const primary = (text, click) => button('primary', click, text);
export const plain = (text, click) => button('choice', click, text);

let fields = 0;

/** A labelled field: `node` to show, `input` to read. */
export function field(label, tag = 'input', attributes = {}, hint = '') {
  const id = `f${(fields += 1)}`;
  const input = h(tag, { id, ...attributes, ...(hint ? { 'aria-describedby': `${id}h` } : {}) });
  return { input, node: h('div.field', h('label', { for: id }, label), input, hint && h('p.fine', { id: `${id}h` }, hint)) };
}

export function choices(label, name, options) {
  const inputs = options.map(([value, text], index) => {
    const input = h('input', { type: 'radio', name, value, ...(index ? {} : { checked: '' }) });
    return h('label.option', input, h('span', text));
  });
  const node = h('fieldset', h('legend', label), inputs);
  return { node, get value() { return node.querySelector(':checked')?.value; } };
}

/** A modal dialog with a form; `act` may throw an `ApiError`, whose sentence is shown. */
export function ask(title, parts, label, act) {
  const alert = h('p.bad', { role: 'alert' });
  const submit = async (event) => {
    event.preventDefault();
    go.disabled = true;
    try {
      await act();
      dialog.close();
    } catch (error) {
      alert.textContent = explain(error);
      go.disabled = false;
    }
  };
  const go = h('button.primary', label);
  const form = h('form', { submit, novalidate: '' }, h('h2', { id: 'dialog-title' }, title), ...parts, alert, h('div.row', go, plain(T.back, () => dialog.close())));
  const dialog = h('dialog', { 'aria-labelledby': 'dialog-title', close: () => dialog.remove() }, form);
  document.body.append(dialog);
  dialog.showModal();
  (form.querySelector('textarea, select, input') ?? go).focus();
}

/** Runs `act` with the button disabled; a failure is said beside it. */
export function doing(name, text, act, alert) {
  const made = button(name, async () => {
    made.disabled = true;
    alert.textContent = '';
    try {
      await act();
    } catch (error) {
      alert.textContent = explain(error);
    }
    made.disabled = false;
  }, text);
  return made;
}

export function findings(list) {
  return h('ul.findings', list.map(({ severity, message }) => {
    const level = ['error', 'warning', 'ok'].includes(severity) ? severity : 'info';
    return h(`li.${level}`, icon(level), h('span', String(message)));
  }));
}

export const details = (pairs) => h('dl', pairs.filter(([, value]) => value).flatMap(([name, value]) => [h('dt', name), h('dd', value)]));
