import { h, linked } from '../widget/dom.js';
import { get, send } from './api.js';
import { orderCard } from './orders.js';
import { T } from './texts.js';
import { ask, clock, details, doing, field, findings, plain, span, when } from './ui.js';

const S = T.summary;
const box = (title, ...parts) => h('section.box', h('h2', title), ...parts);

function summaryBox({ summary, handoffs, customer, rating_score: score }) {
  const current = handoffs.at(-1);
  const waited = current && ((current.taken_at ? new Date(current.taken_at) : Date.now()) - new Date(current.requested_at)) / 1_000;
  const contact = current && [current.contact_name, current.contact_phone, current.contact_email].filter(Boolean).join(', ');
  const slots = Object.entries(summary.slots).filter(([name, value]) => T.slots[name] && typeof value !== 'object' && !(customer && name === 'customer_number'));
  return box(
    S.title,
    details([
      [S.errand, summary.errand],
      [S.why, current && T.reasons[current.reason]],
      [S.customer, customer ? [customer.customer_number, customer.name, customer.portal ? S.portal : S.code].filter(Boolean).join(' · ') : S.anonymous],
      ...slots.map(([name, value]) => [T.slots[name], T.values[value] ?? String(value)]),
      [S.last, summary.last_text],
      [S.waited, current && current.reason !== 'staff_took' && span(waited)],
      [S.contact, contact && linked(contact)],
      [S.rating, score && S.score(score)],
    ]),
    summary.tried.length > 0 && h('div', h('h3', S.tried), h('ul.plainlist', summary.tried.map((step) => h('li', step)))),
  );
}

function historyBox({ handoffs }) {
  const lines = handoffs.map((one) => {
    const outcome = one.ended_at ? ` – ${T.outcomes[one.outcome] ?? one.outcome}` : '';
    return h('li', when(one.requested_at), ` ${T.reasons[one.reason] ?? one.reason}`, one.staff_name && ` · ${one.staff_name}`, outcome);
  });
  return lines.length > 1 && h('details.box', h('summary', h('h2', T.history)), h('ul.plainlist', lines));
}

/** The right pane: summary, orders, card report, notes. Call the result to draw it. */
export function knownPane(node, desk) {
  let drawn = '';
  let shown = null;
  const facts = h('div');
  const orders = h('div');
  let ordered = '';
  const noteList = h('ul.notes');
  const alert = h('p.bad', { role: 'alert' });
  const note = field(T.notes.label, 'textarea', { rows: 2, maxlength: 2000 });
  const add = doing('choice', T.notes.add, async () => {
    if (!note.input.value.trim()) return;
    await desk.act('/notes', { text: note.input.value });
    note.input.value = '';
  }, alert);
  const notes = box(T.notes.title, h('p.fine', T.notes.hint), noteList, note.node, add, alert);
  const keeping = h('div');
  const whole = h('div.known', facts, orders, notes, keeping);
  node.append(whole);

  const drawOrders = async (numbers) => {
    if (ordered === numbers.join()) return;
    ordered = numbers.join();
    const found = await Promise.all(numbers.map((number) => get(`/orders/${encodeURIComponent(number)}`).catch(() => null)));
    if (ordered === numbers.join()) orders.replaceChildren(...found.filter(Boolean).map((order) => h('section.box', orderCard(order))));
  };

  const drawKeeping = ({ id, legal_hold: held }) => {
    if (!desk.may('supervisor')) return;
    const reason = () => {
      const why = field(T.hold.why, 'textarea', { rows: 2, maxlength: 1000 });
      ask(held ? T.hold.off : T.hold.on, [why.node], T.save, () => desk.act('/hold', { hold: !held, reason: why.input.value }, 'PUT'));
    };
    const erase = () => ask(T.hold.erase, [h('p', T.hold.sure)], T.hold.erase, async () => {
      await send(`/conversations/${id}`, undefined, 'DELETE');
      location.hash = '#/';
    });
    keeping.replaceChildren(box(T.hold.title, held && h('p', T.hold.held), h('div.row', plain(held ? T.hold.off : T.hold.on, reason), !held && plain(T.hold.erase, erase))));
  };

  return () => {
    const { chat } = desk;
    whole.hidden = !chat;
    if (!chat) return;
    const { messages, ...rest } = chat;
    const now = JSON.stringify(rest);
    if (now === drawn) return;
    drawn = now;
    if (shown !== chat.id) {
      shown = chat.id;
      note.input.value = '';
    }
    const report = chat.summary.findings.length > 0 && box(T.report, findings(chat.summary.findings));
    facts.replaceChildren(...[summaryBox(chat), report, historyBox(chat)].filter(Boolean));
    noteList.replaceChildren(...chat.notes.map(({ name, text, created_at: at }) => h('li', h('p.who', name, ' ', clock(at)), h('p.pre', linked(text)))));
    if (!chat.notes.length) noteList.append(h('li.fine', T.notes.none));
    drawOrders(chat.summary.order_numbers);
    drawKeeping(chat);
  };
}
