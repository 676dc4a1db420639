import { h } from '../widget/dom.js';
import { T } from './texts.js';
import { place, since, write } from './ui.js';

const GROUPS = ['waiting', 'mine', 'callback', 'staff', 'bot'];

/** The left pane: who waits, one's own chats, and what else goes on. Call the result to draw it. */
export function queuePane(node, desk, open) {
  const rows = new Map();
  const groups = GROUPS.map((name) => {
    const list = h('ul');
    const count = h('span.count');
    const heading = h('h2', T.places[name], ' ', count);
    const quiet = h('p.fine', T.empty[name] ?? '');
    const section = name === 'bot' || name === 'staff' ? h('details.group', h('summary', heading), list) : h('section.group', heading, list, quiet);
    node.append(section);
    return { name, list, count, quiet, section };
  });

  const row = (chat) => {
    if (!rows.has(chat.id)) {
      const parts = { title: h('b'), badge: h('span.badge', { hidden: '' }, T.unread), time: h('span.time'), text: h('span.text'), meta: h('span.meta') };
      const press = h('button.chat', { type: 'button', click: () => open(chat.id) }, h('span.line', parts.title, parts.badge, parts.time), parts.text, parts.meta);
      rows.set(chat.id, { node: h('li', press), press, ...parts });
    }
    return rows.get(chat.id);
  };

  const group = (chat) => {
    if (desk.mine.includes(chat) && chat.place === 'staff') return 'mine';
    return chat.place;
  };

  const draw = (chat, name, index) => {
    const { press, title, badge, time, text, meta, node: made } = row(chat);
    const others = chat.viewers.filter((viewer) => viewer !== desk.me.name);
    const errand = chat.errand ?? (chat.preview || T.noText);
    const notes = [name === 'waiting' && T.number(index + 1), T.reasons[chat.reason], chat.customer && `${T.summary.customer} ${chat.customer}`, name === 'staff' && chat.staff_name, name === 'callback' && (chat.staff_name ?? chat.contact), others.length && T.looked(others)];
    write(title, errand);
    write(time, since(chat.since));
    write(text, chat.preview === errand ? '' : chat.preview);
    write(meta, notes.filter(Boolean).join(' · '));
    badge.hidden = !desk.unread.has(chat.id);
    press.setAttribute('aria-current', String(desk.chat?.id === chat.id));
    made.classList.toggle('late', name === 'waiting' && Date.now() - new Date(chat.since) > 300_000);
    return made;
  };

  return () => {
    for (const { name, list, count, quiet, section } of groups) {
      const chats = desk.chats.filter((chat) => group(chat) === name);
      place(list, chats.map((chat, index) => draw(chat, name, index)));
      write(count, chats.length ? String(chats.length) : '');
      quiet.hidden = chats.length > 0;
      section.hidden = !chats.length && !T.empty[name];
    }
    for (const id of rows.keys()) if (!desk.chats.some((chat) => chat.id === id)) rows.delete(id);
  };
}
