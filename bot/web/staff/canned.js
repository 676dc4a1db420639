import { h } from '../widget/dom.js';
import { get, send } from './api.js';
import { T } from './texts.js';
import { ask, field, plain, primary } from './ui.js';

const C = T.canned;

const fold = (text) => text.toLocaleLowerCase('sv').normalize('NFD').replace(/\p{M}/gu, '');

/** A template with its variables filled in from the open chat; what is not known stays to be seen. */
export function fill(text, { chat, me }) {
  const current = chat.handoffs.at(-1);
  const values = {
    besökare: current?.contact_name ?? (chat.customer?.portal ? chat.customer.name : undefined),
    jag: me.name,
    ordernummer: chat.summary.order_numbers.at(-1),
    kundnummer: chat.customer?.customer_number,
  };
  return text.replace(/\{([a-zåäö]+)\}/g, (whole, name) => values[name] ?? whole);
}

/** A searchable list of templates above the answer field. */
export function cannedPicker(desk, insert) {
  let all = [];
  let at = 0;
  const list = h('ul', { id: 'canned-list', role: 'listbox', 'aria-label': C.insert });
  const found = () => {
    const words = fold(search.value).split(/\s+/);
    return all.filter(({ title, text }) => words.every((word) => fold(`${title} ${text}`).includes(word)));
  };
  const choose = (one) => {
    close();
    insert(fill(one.text, desk));
  };
  const draw = () => {
    const hits = found();
    at = Math.max(0, Math.min(at, hits.length - 1));
    list.replaceChildren(...hits.map((one, index) => {
      const chosen = index === at;
      return h('li', { id: `canned-${index}`, role: 'option', 'aria-selected': String(chosen), click: () => choose(one) }, h('b', one.title), h('span.fine', one.text));
    }));
    none.hidden = hits.length > 0;
    search.setAttribute('aria-activedescendant', hits.length ? `canned-${at}` : '');
    list.children[at]?.scrollIntoView({ block: 'nearest' });
  };
  const keydown = (event) => {
    const hits = found();
    if (event.key === 'ArrowDown') at += 1;
    else if (event.key === 'ArrowUp') at -= 1;
    else if (event.key === 'Enter' && hits[at]) choose(hits[at]);
    else if (event.key === 'Escape') {
      close();
      document.getElementById('answer').focus();
    } else return;
    event.preventDefault();
    draw();
  };
  const input = () => {
    at = 0;
    draw();
  };
  const search = h('input', { role: 'combobox', 'aria-label': C.search, 'aria-expanded': 'true', 'aria-controls': 'canned-list', placeholder: C.search, keydown, input });
  const none = h('p.fine', C.none);
  const node = h('div.picker', { hidden: '' }, search, list, none);
  const close = () => (node.hidden = true);
  const open = async () => {
    node.hidden = false;
    search.value = '';
    search.focus();
    all = await get('/canned').catch(() => []);
    draw();
  };
  return { node, open, close, button: plain(T.templates, () => (node.hidden ? open() : close())) };
}

/** The page where templates are read and, by supervisors, written. */
export async function cannedPage(main, desk) {
  const list = h('ul.cards');
  const draw = async () => {
    const all = await get('/canned');
    list.replaceChildren(...all.map((one) => h('li.card', h('h2', one.title), h('p.pre', one.text), desk.may('supervisor') && h('div.row', plain(C.edit, () => edit(one)), plain(C.remove, () => ask(`${C.remove}: ${one.title}`, [], C.remove, () => save(`/canned/${one.id}`, {}, 'DELETE')))))));
    if (!all.length) list.append(h('li', T.none));
  };
  const save = async (...request) => {
    await send(...request);
    await draw();
  };
  const edit = (one) => {
    const name = field(C.name, 'input', { maxlength: 100, value: one?.title ?? '' });
    const text = field(C.text, 'textarea', { rows: 6, maxlength: 4000 }, C.hint);
    text.input.value = one?.text ?? '';
    const body = () => ({ title: name.input.value, text: text.input.value });
    ask(one ? C.edit : C.add, [name.node, text.node], T.save, () => (one ? save(`/canned/${one.id}`, body(), 'PUT') : save('/canned', body())));
  };
  main.append(h('div.heading', h('h1', { tabindex: -1 }, C.title), desk.may('supervisor') && primary(C.add, () => edit())), h('p.fine', C.hint), list);
  await draw();
}

