import { CardCheck } from './check.js';
import { h, hidden, icon, linked } from './dom.js';
import { T } from './texts.js';

const heading = (name, text) => h('h3', {}, icon(name), text);

function receipt({ order_number: number, kind, lines = [], next_step: next }) {
  const rows = lines.flatMap(({ label, value }) => [h('dt', {}, label), h('dd', {}, String(value))]);
  return h(
    'div',
    { class: 'card', role: 'group', 'aria-label': T.receipt },
    heading('check', T.receipt),
    kind && h('p', {}, kind),
    h('p', { class: 'fine' }, T.orderNumber, h('br'), h('span', { class: 'number' }, String(number))),
    rows.length > 0 && h('dl', {}, rows),
    next && h('p', {}, linked(next)),
  );
}

const SIGNS = { error: 'error', warning: 'warning', info: 'info', ok: 'check' };

function report({ findings = [] }) {
  const one = ({ severity, message }) => {
    const level = severity in SIGNS ? severity : 'info';
    return h('li', { class: level }, icon(SIGNS[level]), h('span', {}, hidden(`${T.severity[level]}: `), linked(String(message))));
  };
  return h(
    'div',
    { class: 'card', role: 'group', 'aria-label': T.report },
    heading('card', T.report),
    findings.length ? h('ul', { class: 'findings' }, findings.map(one)) : h('p', {}, T.reportEmpty),
    h('p', { class: 'fine' }, T.unverified),
  );
}

/** The node for a message's card, or null for a type this widget does not know. */
export function card(data, chat, message) {
  if (data.type === 'order_receipt') return receipt(data);
  if (data.type === 'card_report') return report(data);
  if (data.type === 'check_card') return new CardCheck(data.purpose, chat, message).node;
  return null;
}

const CLOCK = new Intl.DateTimeFormat('sv-SE', { hour: '2-digit', minute: '2-digit' });
const DAY = new Intl.DateTimeFormat('sv-SE', { weekday: 'long', day: 'numeric', month: 'long' });
const NEAR = 5 * 60_000; // ms; messages closer than this stand under one heading

const day = (time) => new Date(time).toDateString();

function dayName(time) {
  const now = new Date();
  if (day(time) === day(now)) return T.today;
  now.setDate(now.getDate() - 1);
  return day(time) === day(now) ? T.yesterday : DAY.format(new Date(time));
}

const clock = (time) => h('time', { datetime: time }, CLOCK.format(new Date(time)));

/** Draws a Chat's log into a list, touching only what changed; the nodes of messages stay the same. */
export class Log {
  #rows = new Map(); // key → {node, drawn}

  constructor(list, chat) {
    this.list = list;
    this.chat = chat;
  }

  clear() {
    this.#rows.clear();
    this.list.replaceChildren();
  }

  draw() {
    const { messages, outbox } = this.chat;
    const wanted = [];
    let before = null;
    for (const message of messages) {
      wanted.push(...this.#day(before, message.created_at), this.#message(message, before));
      before = message;
    }
    for (const item of outbox) {
      const message = { author: 'visitor', created_at: item.at };
      wanted.push(...this.#day(before, item.at), this.#unsent(item, before));
      before = message;
    }
    this.#place(wanted);
  }

  #row(key, drawn, make) {
    const row = this.#rows.get(key);
    if (row?.drawn === drawn) return { key, ...row };
    const fresh = { node: make(), drawn };
    if (row?.node.isConnected) row.node.replaceWith(fresh.node);
    this.#rows.set(key, fresh);
    return { key, ...fresh };
  }

  #place(wanted) {
    const keys = new Set(wanted.map(({ key }) => key));
    for (const [key, { node }] of this.#rows) {
      if (keys.has(key)) continue;
      node.remove();
      this.#rows.delete(key);
    }
    wanted.forEach(({ node }, index) => {
      if (this.list.children[index] !== node) this.list.insertBefore(node, this.list.children[index] ?? null);
    });
  }

  #day(before, time) {
    if (before && day(before.created_at) === day(time)) return [];
    if (!before && day(time) === day(new Date())) return [];
    return [this.#row(`day ${day(time)}`, '', () => h('li', { class: 'day' }, dayName(time)))];
  }

  #message(message, before) {
    const { messages, outbox, state } = this.chat;
    const index = messages.indexOf(message);
    const answered = outbox.length > 0 || messages.slice(index + 1).some(({ author }) => author === 'visitor');
    const offered = !answered && state === 'bot' && message.buttons.length > 0;
    const latest = message.author === 'visitor' && !outbox.length && !messages.slice(index + 1).some(({ author }) => author !== 'system');
    const first = before?.author !== message.author || before.name !== message.name || new Date(message.created_at) - new Date(before.created_at) > NEAR;
    // A card keeps its node while it lives: the visitor may be writing a code in it.
    const row = this.#row(message.seq, '', () => this.#build(message, first));
    const node = row.node;
    node.querySelector('.choices')?.classList.toggle('away', !offered);
    node.querySelector('.state')?.classList.toggle('away', !latest);
    node.card?.settle?.(answered || state === 'closed');
    return row;
  }

  #build(message, first) {
    const { author, name, text, buttons, created_at: at } = message;
    const shown = name ?? T.author[author];
    const own = author === 'visitor';
    const parts = [];
    if (first && (author === 'bot' || author === 'staff')) {
      parts.push(h('p', { class: 'meta', 'aria-hidden': 'true' }, h('b', {}, shown), ' ', clock(at)));
    }
    const said = author === 'staff' ? T.staffSaid(shown) : T.said[author];
    if (text) parts.push(h('p', { class: 'bubble' }, hidden(`${said} `), linked(text)));
    const drawn = message.card && card(message.card, this.chat, message);
    if (drawn) parts.push(drawn);
    if (buttons.length) {
      const press = (button) => h('button', { type: 'button', class: 'choice', onclick: (event) => this.onpress(button, event) }, button.title);
      parts.push(h('div', { class: 'choices' }, buttons.map(press)));
    }
    if (own) parts.push(h('p', { class: 'state' }, `${T.sent} `, clock(at)));
    const node = h('li', { class: `${author}${first ? ' first' : ''}` }, parts);
    node.card = drawn;
    return node;
  }

  #unsent(item, before) {
    const { state } = item;
    const first = before?.author !== 'visitor';
    return this.#row(item.id, state + item.error?.message, () => {
      const words = { sending: T.sending, waiting: T.offlineWait, sent: T.sent, failed: item.error?.passing === false ? item.error.message : T.failed };
      const status = h('p', { class: 'state' }, words[state]);
      if (state === 'failed') {
        status.append(
          h('button', { type: 'button', class: 'plain', onclick: () => this.chat.again(item) }, T.retry),
          h('button', { type: 'button', class: 'plain', onclick: () => this.chat.discard(item) }, T.discard),
        );
      }
      const bubble = h('p', { class: 'bubble' }, hidden(`${T.said.visitor} `), linked(item.text));
      const quiet = state === 'waiting' || state === 'failed' ? ` unsent ${state}` : '';
      return h('li', { class: `visitor${first ? ' first' : ''}${quiet}` }, bubble, status);
    });
  }
}
