import { cardCheck } from './check.js';
import { button, h, hidden, icon, linked, show } from './dom.js';
import { T } from './texts.js';

const CLOCK = new Intl.DateTimeFormat('sv-SE', { timeStyle: 'short' });
const DAY = new Intl.DateTimeFormat('sv-SE', { weekday: 'long', day: 'numeric', month: 'long' });
const NEAR = 300_000; // ms; messages closer than this stand under one heading

const clock = (time) => h('time', { datetime: time }, CLOCK.format(new Date(time)));
const day = (time) => DAY.format(new Date(time));

const box = (sign, title, ...parts) => h('div.card', { role: 'group', 'aria-label': title }, h('h3', icon(sign), title), ...parts);

const CARDS = {
  check_card: cardCheck,

  order_receipt: ({ order_number: number, kind, lines = [], next_step: next }) =>
    box(
      'ok',
      T.receipt,
      kind && h('p', kind),
      h('p.fine', T.orderNumber, h('br'), h('span.number', String(number))),
      h('dl', lines.map(({ label, value }) => [h('dt', label), h('dd', String(value))]).flat()),
      next && h('p', linked(next)),
    ),

  card_report: ({ findings = [] }) =>
    box(
      'card',
      T.report,
      h('ul.findings', findings.map(({ severity, message }) => {
        const level = T.severity[severity] ? severity : 'info';
        return h(`li.${level}`, icon(level), h('span', hidden(`${T.severity[level]}: `), linked(String(message))));
      })),
      h('p.fine', T.unverified),
    ),
};

/** Draws the chat's log into `list`; the node of a message stays the same as long as it is shown. */
export function logView(list, chat, press) {
  const rows = new Map();

  const row = (key, build, mark = '') => {
    let kept = rows.get(key);
    if (kept?.mark !== mark) {
      const node = build();
      kept?.node.replaceWith(node);
      rows.set(key, (kept = { node, mark }));
    }
    return { key, ...kept };
  };

  const build = (message, first) => {
    const { author, text, card, buttons, created_at: at } = message;
    const name = message.name ?? T.author[author];
    const node = h(`li.${author}${first ? '.first' : ''}`);
    if (first && /bot|staff/.test(author)) node.append(h('p.meta', { 'aria-hidden': 'true' }, h('b', name), ' ', clock(at)));
    if (text) node.append(h('p.bubble', hidden(`${T.said(author, name)} `), linked(text)));
    node.card = CARDS[card?.type]?.(card, chat);
    if (node.card) node.append(node.card);
    if (buttons.length) node.append(h('div.choices', buttons.map((choice) => button('choice', (event) => press(choice, event), choice.title))));
    if (author === 'visitor') node.append(h('p.state', `${T.sending.sent} `, clock(at)));
    return node;
  };

  const unsent = (item, first) => {
    const { state } = item;
    const status = h('p.state', (state === 'failed' && item.error) || T.sending[state]);
    if (state === 'failed') {
      const choice = (act, words) => button('plain', () => chat[act](item), words);
      status.append(choice('again', T.retry), choice('discard', T.discard));
    }
    const text = h('p.bubble', hidden(`${T.said('visitor')} `), linked(item.text));
    return h(`li.visitor.${state}${first ? '.first' : ''}`, text, status);
  };

  return () => {
    const { messages, outbox, state } = chat;
    const wanted = [];
    const asked = messages.findLastIndex(({ author }) => author === 'visitor');
    let before = { created_at: new Date() };
    const heading = (at) => {
      if (day(at) !== day(before.created_at)) wanted.push(row(day(at), () => h('li.day', day(at))));
    };
    messages.forEach((message, index) => {
      const { author, name, created_at: at } = message;
      heading(at);
      const first = before.author !== author || before.name !== name || new Date(at) - new Date(before.created_at) > NEAR;
      const shown = row(message.seq, () => build(message, first));
      const answered = asked > index || outbox.length;
      const choices = shown.node.querySelector('.choices');
      if (choices) show(choices, !answered && state === 'bot');
      if (author === 'visitor') show(shown.node.lastChild, index === asked && !outbox.length);
      if (answered) shown.node.card?.settle?.();
      wanted.push(shown);
      before = message;
    });
    for (const item of outbox) {
      heading(item.at);
      wanted.push(row(item.id, () => unsent(item, before.author !== 'visitor'), item.state));
      before = { author: 'visitor', created_at: item.at };
    }
    for (const [key, { node }] of rows) {
      if (wanted.some((one) => one.key === key)) continue;
      node.remove();
      rows.delete(key);
    }
    wanted.forEach(({ node }, index) => {
      if (list.children[index] !== node) list.insertBefore(node, list.children[index] ?? null);
    });
  };
}
