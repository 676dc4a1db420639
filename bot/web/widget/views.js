import { button, h, hidden, icon, linked, reveal, show } from './dom.js';
import { explain, request } from './net.js';
import { T } from './texts.js';

const C = T.check;
const W = T.waiting;
const row = (...parts) => h('div.row', parts);
const problem = () => h('p.bad', { role: 'alert' });

// Chrome asks before a page may reach the visitor's own computer; the permission changed name in version 145.
async function permission() {
  for (const name of ['loopback-network', 'local-network-access']) {
    const found = await navigator.permissions?.query({ name }).catch(() => null);
    if (found) return found.state;
  }
  return null;
}

// Safari lets no https page call http://127.0.0.1, and a phone has no card reader.
function unsupported() {
  const { userAgent: agent, maxTouchPoints: touches } = navigator;
  const safari = /Safari\//.test(agent) && !/Chrom|Edg/.test(agent);
  return /Android|iPhone|iPad|Mobile/.test(agent) || (safari && (touches > 1 || location.protocol === 'https:'));
}

/** The card in which the visitor lets the bot look at the card in the reader (docs/reader-bridge.md). */
function cardCheck({ purpose }, chat) {
  const kind = purpose === 'identity' ? purpose : 'diagnosis';
  const id = crypto.randomUUID();
  const body = h('div.stack');
  const live = h('p.fine', { role: 'status' });
  const node = h('div.card', { role: 'group', 'aria-label': C.title[kind], tabindex: -1 }, h('h3', icon('card'), C.title[kind]), body, live);
  let step = 'intro';

  const put = (say, ...parts) => {
    const focused = node.contains(node.getRootNode().activeElement);
    body.replaceChildren(...parts);
    live.textContent = say;
    if (!focused) return;
    (body.querySelector('input, button') ?? node).focus();
    reveal(body);
  };

  const call = async (path, data, timeout) => {
    const { url } = chat.site.reader_bridge;
    const key = `support-chat ${url}`;
    const headers = { 'X-Requested-With': 'support-chat' };
    const token = chat.storage.getItem(key);
    if (token) headers.Authorization = `Bearer ${token}`;
    const options = { method: data ? 'POST' : 'GET', body: data, headers, timeout, targetAddressSpace: 'loopback' };
    const answer = await (await request(url + path, options)).json();
    if (answer.token) chat.storage.setItem(key, answer.token);
    return answer;
  };

  const finish = (say) => {
    step = 'over';
    put(say);
  };

  const send = async (result, say) => {
    step = 'sending';
    put(T.sending.sending);
    try {
      await chat.report(result, id);
      finish(say);
    } catch (error) {
      put(explain(error), row(button('primary', () => send(result, say), T.retry)));
    }
  };
  const fail = (reason) => send({ failed: reason }, C.failed[reason]);
  const stuck = (say, reason) =>
    put(say, row(button('primary', seek, T.retry), button('choice', () => fail(reason), C.without)));
  const decline = () => button('choice', () => fail('declined'), C.decline);

  async function seek() {
    const bridge = chat.site?.reader_bridge;
    if (!bridge?.offered) return fail('no_bridge');
    step = 'seek';
    const asks = (await permission()) === 'prompt';
    put(asks ? C.permission : C.seek);
    try {
      const { paired, pairing_open: open } = await call('/v1/info', undefined, asks ? 60_000 : 4_000);
      if (paired) return run();
      return open ? askCode() : stuck(C.codeEnded, 'error');
    } catch (error) {
      if (error.status) return fail('error');
      if ((await permission()) === 'denied') return fail('permission_denied');
      return unsupported() ? fail('unsupported_browser') : stuck(C.noBridge, 'no_bridge');
    }
  }

  function askCode(wrong) {
    const input = h('input', { id: 'code', inputmode: 'numeric', autocomplete: 'off', maxlength: 7, 'aria-describedby': 'hint' });
    if (wrong) input.setAttribute('aria-invalid', 'true');
    const submit = (event) => {
      event.preventDefault();
      pair(input.value.replace(/\s/g, ''));
    };
    const hint = h(wrong ? 'p.bad' : 'p.fine', { id: 'hint' }, wrong ?? C.codeHint);
    const label = h('label', { for: 'code' }, C.code);
    put('', h('form.stack', { novalidate: '', submit }, label, input, hint, row(h('button.primary', C.pair), decline())));
    input.focus();
    reveal(body);
  }

  async function pair(code) {
    if (!/^\d{6}$/.test(code)) return askCode(C.codeShape);
    put(C.seek); // no second Enter: three wrong codes end the pairing
    try {
      await call('/v1/pair', { code });
    } catch (error) {
      return error.code === 'wrong_code' ? askCode(explain(error)) : stuck(explain(error), 'error');
    }
    return run();
  }

  async function run() {
    put(C.running);
    try {
      // The visitor's yes to reading who the card belongs to is the button that started this.
      const identity = kind === 'identity' && (await call('/v1/identity', { consent: true }, 9_000));
      return send(identity ? { identity } : await call('/v1/diagnosis', {}, 9_000), C.done);
    } catch (error) {
      if (error.code === 'not_paired') return askCode();
      return stuck(error.status ? explain(error) : C.stopped, 'error');
    }
  }

  put('', h('p', C.text[kind]), row(button('primary', seek, C.start[kind]), decline()));
  node.settle = () => step === 'intro' && finish(C.over);
  return node;
}

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

  card_report({ findings = [] }) {
    const lines = findings.map(({ severity, message }) => {
      const level = T.severity[severity] ? severity : 'info';
      return h(`li.${level}`, icon(level), h('span', hidden(`${T.severity[level]}: `), linked(String(message))));
    });
    const rest = lines.filter((line) => line.matches('.info'));
    const main = lines.filter((line) => !rest.includes(line));
    return box('card', T.report, h('ul', main), rest[0] && h('details', h('summary', T.more), h('ul', rest)));
  },
};

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

function rating(chat) {
  const thanks = h('p.fine', { role: 'status' });
  const mark = () => steps.forEach((step, index) => step.setAttribute('aria-pressed', String(index + 1 === chat.rated)));
  const steps = [1, 2, 3, 4, 5].map((score) => {
    const choose = async () => {
      thanks.textContent = await chat.rate(score).then(() => T.rated, explain);
      mark();
    };
    const step = button('step', choose, String(score));
    step.setAttribute('aria-label', T.rate(score));
    return step;
  });
  mark();
  const ends = h('p.ends', h('span', T.rateLow), h('span', T.rateHigh));
  return h('fieldset', h('legend', T.rateTitle, h('span.fine', ` ${T.rateHint}`)), h('div.scale', steps), ends, thanks);
}

export async function download(chat) {
  try {
    const href = URL.createObjectURL(await chat.transcript());
    h('a', { href, download: T.file }).click();
    return '';
  } catch {
    return T.problem;
  }
}

const downloadButton = (chat, alert) => button('choice', async () => (alert.textContent = await download(chat)), T.download);

export function endSheet(chat, done, back) {
  const alert = problem();
  const erase = h('input', { type: 'checkbox' });
  const end = button('primary', async () => {
    end.disabled = true;
    try {
      await chat.end(erase.checked);
      done(erase.checked ? T.erased : T.ended);
    } catch {
      end.disabled = false;
      alert.textContent = T.problem;
    }
  }, T.end);
  return h(
    'section.sheet',
    h('h3', { tabindex: -1 }, T.endTitle),
    h('p', T.endText),
    chat.last && downloadButton(chat, alert),
    chat.last && rating(chat),
    h('label.check', erase, T.erase),
    alert,
    row(end, button('choice', back, T.back)),
  );
}

export const endedSheet = (text, restart) =>
  h('section.sheet', h('span.ok', icon('ok')), h('h3', { tabindex: -1 }, text), button('primary', restart, T.restart));

export function closedCard(chat, restart) {
  const alert = problem();
  return [h('h3', T.status.closed), rating(chat), alert, row(button('primary', restart, T.restart), downloadButton(chat, alert))];
}

function contactForm(chat, back) {
  const alert = problem();
  const fields = ['tel', 'email'].map((type) => h('input.wide', { id: type, type, autocomplete: type }));
  const submit = async (event) => {
    event.preventDefault();
    const [phone, email] = fields.map(({ value }) => value.trim() || undefined);
    alert.textContent = phone || email ? '' : W.either;
    if (phone || email) await chat.change('/contact', { phone, email }).catch((error) => (alert.textContent = error.status === 422 ? W.either : explain(error)));
  };
  return h(
    'form.stack',
    { novalidate: '', submit },
    h('p.fine', W.contact),
    fields.map((field) => h('div', h('label', { for: field.id }, W[field.id]), field)),
    alert,
    row(h('button.primary', W.save), button('choice', back, W.cancel)),
  );
}

export function waitingCard(node, chat) {
  const place = h('p', { role: 'status' });
  const hours = h('p.fine');
  const body = h('div');
  let given;
  node.append(h('h3', T.status.waiting), place, hours, body);

  const choices = () => {
    const focused = body.contains(body.getRootNode().activeElement);
    const form = () => {
      body.replaceChildren(contactForm(chat, choices));
      body.querySelector('input').focus();
      reveal(body);
    };
    const stop = () => chat.change('/handoff', undefined, 'DELETE').catch((error) => (hours.textContent = explain(error)));
    body.replaceChildren(row(given ? h('p', { role: 'status' }, W.given) : button('choice', form, W.leave), button('choice', stop, W.stop)));
    if (focused) body.querySelector('button').focus();
  };

  return () => {
    const { queue, contact_given: now } = chat.status;
    const say = queue?.open_now === false ? W.closed : W.place(queue?.position ?? 1);
    if (place.textContent !== say) place.textContent = say;
    hours.textContent = queue?.opening_text ?? '';
    if (given === now) return;
    given = now;
    choices();
  };
}
