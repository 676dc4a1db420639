import { h } from '../widget/dom.js';
import { get } from './api.js';
import { T } from './texts.js';
import { field, plain, when } from './ui.js';

const S = T.search;

/** Search among the chats that one may read. */
export async function searchPage(main) {
  const text = field(S.text, 'input', { type: 'search', maxlength: 100 });
  const customer = field(S.customer, 'input', { maxlength: 20, inputmode: 'numeric' });
  const status = h('p', { role: 'status' });
  const list = h('ul.results');
  let last;
  const more = plain(T.more, () => load(last));
  const row = ({ id, state, created_at: at, customer: number, errand, preview, staff_name: staff, rating_score: score, legal_hold: held }) => {
    const taken = state === 'staff';
    const known = [taken ? T.states.staff(staff ?? '') : T.states[state], number && `${T.summary.customer} ${number}`, !taken && staff, score && `${T.summary.rating} ${score}`, held && S.held];
    return h('li', h('a.chat', { href: `#/chatt/${id}` }, h('span.line', h('b', errand ?? preview), when(at)), errand && h('span.text', preview), h('span.meta', known.filter(Boolean).join(' · '))));
  };
  const load = async (before) => {
    const query = new URLSearchParams(Object.entries({ text: text.input.value.trim(), customer: customer.input.value.trim(), before }).filter(([, value]) => value));
    const found = await get(`/conversations?${query}`);
    list.append(...found.map(row));
    last = found.at(-1)?.created_at;
    more.hidden = found.length < 50;
    status.textContent = list.children.length ? '' : S.none;
  };
  const submit = (event) => {
    event.preventDefault();
    list.replaceChildren();
    load().catch((error) => (status.textContent = error.message));
  };
  main.append(h('h1', { tabindex: -1 }, S.title), h('form.filters', { role: 'search', submit }, text.node, customer.node, h('button.primary', S.go)), status, list, more);
  await load();
}
