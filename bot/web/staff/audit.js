import { h } from '../widget/dom.js';
import { get } from './api.js';
import { T } from './texts.js';
import { plain, when } from './ui.js';

const A = T.audit;

/** The audit log, newest first. */
export async function auditPage(main) {
  const body = h('tbody');
  let last;
  const more = plain(T.more, () => load());
  const load = async () => {
    const lines = await get(`/audit${last ? `?before=${last}` : ''}`);
    body.append(...lines.map(({ at, username, action, conversation_id: id, detail }) => h('tr', h('td', when(at)), h('td', username), h('td', A.actions[action] ?? action), h('td', id && h('a', { href: `#/chatt/${id}` }, id.slice(0, 8))), h('td', A.details[detail] ?? T.dialog.reasons[detail] ?? detail ?? ''))));
    last = lines.at(-1)?.id;
    more.hidden = lines.length < 100;
  };
  main.append(h('h1', { tabindex: -1 }, A.title), h('p.fine', A.text), h('div.wide', h('table', h('thead', h('tr', [A.at, A.who, A.what, A.chat, A.detail].map((name) => h('th', { scope: 'col' }, name)))), body)), more);
  await load();
}
