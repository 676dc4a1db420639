import { h, hidden, linked } from '../widget/dom.js';
import { explain } from './api.js';
import { cannedPicker } from './canned.js';
import { closeDialog, forwardDialog, handBackDialog } from './dialogs.js';
import { T } from './texts.js';
import { clock, details, doing, findings, place, plain, primary, write } from './ui.js';

const BOTTOM = 80;

const CARDS = {
  order_receipt: ({ order_number: number, kind, lines = [] }) =>
    h('div.card', h('b', `${T.orders.kinds[kind] ?? kind ?? ''} ${number}`), details(lines.map(({ label, value }) => [label, String(value)]))),
  card_report: ({ findings: found = [] }) => h('div.card', h('b', T.report), findings(found)),
  check_card: () => h('p.fine', T.report),
};

function bubble({ author, name, text, card, buttons, created_at: at }) {
  const who = name ?? T.author[author];
  const shown = CARDS[card?.type]?.(card);
  const offered = buttons.length ? h('p.fine', `${T.buttons} ${buttons.map(({ title }) => title).join(' · ')}`) : null;
  const words = text ? h('p.bubble', linked(text)) : null;
  return h(`li.${author}`, h('p.who', author === 'system' ? hidden(who) : who, ' ', clock(at)), words, shown, offered);
}

/** The middle pane: the conversation and the field to answer in. Call the result to draw it. */
export function talkPane(node, desk) {
  const rows = new Map();
  let shown = null;
  let follow = true;
  let taking = null; // the field is there, and gets the focus, when the stream has told

  const title = h('h2', { tabindex: -1 });
  const viewers = h('p.viewers', { role: 'status' });
  const alert = h('p.bad', { role: 'alert' });
  const act = (kind, text, work) => doing(kind, text, work, alert);
  const take = act('primary', T.take, async () => {
    taking = shown;
    await desk.act('/take');
  });
  const mineTools = [plain(T.handBack, () => handBackDialog(desk)), plain(T.forward, () => forwardDialog(desk)), plain(T.close, () => closeDialog(desk))];
  const done = act('primary', T.done, () => desk.act('/close', { reason: 'solved' }));
  const tools = h('div.row.tools', take, done, mineTools);
  const head = h('header.talkhead', h('div', title, viewers), tools);

  const list = h('ol');
  const log = h('div.log', { role: 'log', 'aria-label': T.log }, list);
  const scroll = h('div.scroll', { tabindex: 0, role: 'region', 'aria-label': T.log }, log);
  scroll.addEventListener('scroll', () => (follow = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < BOTTOM));
  const toEnd = () => follow && (scroll.scrollTop = scroll.scrollHeight);
  new ResizeObserver(toEnd).observe(scroll);
  const typing = h('p.typing', { role: 'status' });

  const unsent = h('p.bad', { role: 'alert' });
  const keydown = (event) => {
    if (event.key === '/' && !area.value) {
      event.preventDefault();
      picker.open();
    } else if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      deliver();
    }
  };
  const keep = () => {
    if (shown) desk.drafts.set(shown, area.value);
    if (area.value) desk.tell();
  };
  const area = h('textarea', { id: 'answer', rows: 2, maxlength: 4000, 'aria-describedby': 'answer-hint', keydown, input: keep });
  let waitingId = null; // the same words sent again carry the same id
  const deliver = async () => {
    const text = area.value.trim();
    const id = shown;
    if (!text || go.disabled) return;
    go.disabled = true;
    unsent.textContent = '';
    waitingId ??= crypto.randomUUID();
    try {
      await desk.act('/messages', { client_message_id: waitingId, text });
      waitingId = null;
      desk.drafts.delete(id);
      if (shown === id) area.value = '';
      follow = true;
    } catch (error) {
      if (!error.passing) waitingId = null;
      unsent.textContent = `${T.unsent} ${explain(error)}`;
    }
    go.disabled = false;
    area.focus();
  };
  const go = primary(T.send, deliver);
  const picker = cannedPicker(desk, (text) => {
    area.setRangeText(text, area.selectionStart, area.selectionEnd, 'end');
    keep();
    area.focus();
  });
  const composer = h('div.composer', h('label.sr', { for: 'answer' }, T.answer), picker.node, area, h('div.row', go, picker.button, h('span.fine', { id: 'answer-hint' }, T.answerHint)), unsent);
  const empty = h('div.empty', h('h2', T.pick), h('p.fine', T.pickText));
  const whole = h('div.talk', head, alert, scroll, typing, composer);
  node.append(empty, whole);

  const begin = (chat) => {
    shown = chat.id;
    follow = true;
    waitingId = null;
    rows.clear();
    list.replaceChildren();
    alert.textContent = unsent.textContent = '';
    area.value = desk.drafts.get(chat.id) ?? '';
    picker.close();
  };

  return () => {
    const { chat } = desk;
    empty.hidden = Boolean(chat);
    whole.hidden = !chat;
    if (!chat) {
      shown = null;
      return;
    }
    const fresh = chat.id !== shown;
    if (fresh) begin(chat);
    const current = chat.handoffs.at(-1);
    const open = current && !current.ended_at;
    const called = chat.state === 'closed' && open;
    const state = chat.mine && chat.state === 'staff' ? T.you : called ? T.places.callback : T.states[chat.state];
    write(title, typeof state === 'function' ? state(current?.staff_name ?? '') : state);
    write(viewers, desk.viewers?.length ? T.viewers(desk.viewers) : '');
    const free = chat.state === 'bot' || chat.state === 'waiting' || (called && !current.taken_at);
    write(take, called ? T.takeCall : T.take);
    take.hidden = !free;
    done.hidden = !(called && chat.mine);
    const move = chat.state === 'staff' && (chat.mine || desk.may('supervisor'));
    for (const tool of mineTools) tool.hidden = !move;
    composer.hidden = !(chat.mine && chat.state === 'staff');
    place(list, chat.messages.map((message) => {
      if (!rows.has(message.seq)) rows.set(message.seq, bubble(message));
      return rows.get(message.seq);
    }));
    write(typing, desk.typing ? T.typing : '');
    toEnd();
    if (taking === chat.id && !composer.hidden) {
      taking = null;
      area.focus();
    } else if (fresh) (composer.hidden ? title : area).focus({ preventScroll: true });
  };
}
