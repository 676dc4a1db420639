import { button, h, icon } from './dom.js';
import { explain, request } from './net.js';
import { T } from './texts.js';

const C = T.check;

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
export function cardCheck({ purpose }, chat) {
  const kind = purpose === 'identity' ? purpose : 'diagnosis';
  const id = crypto.randomUUID();
  const body = h('div.stack');
  const live = h('p.fine', { role: 'status' });
  const node = h('div.card', { role: 'group', 'aria-label': C.title[kind], tabindex: -1 }, h('h3', icon('card'), C.title[kind]), body, live);
  let step = 'intro';

  const show = (say, ...parts) => {
    const focused = node.contains(node.getRootNode().activeElement);
    body.replaceChildren(...parts);
    live.textContent = say;
    if (focused) (body.querySelector('input, button') ?? node).focus();
  };
  const row = (...parts) => h('div.row', parts);

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
    show(say);
  };

  const send = async (result, say) => {
    step = 'sending';
    show(C.sending);
    try {
      await chat.report(result, id);
      finish(say);
    } catch (error) {
      show(`${C.unsent} ${explain(error)}`, row(button('primary', () => send(result, say), T.retry)));
    }
  };
  const fail = (reason) => send({ failed: reason }, C.failed[reason]);
  const stuck = (say, reason) =>
    show(say, row(button('primary', seek, T.retry), button('choice', () => fail(reason), C.without)));
  const decline = () => button('choice', () => fail('declined'), C.decline);

  async function seek() {
    const bridge = chat.site?.reader_bridge;
    if (!bridge?.offered) return fail('no_bridge');
    step = 'seek';
    const asks = (await permission()) === 'prompt';
    show(asks ? C.permission : C.seek);
    try {
      const { paired, pairing_open: open } = await call('/v1/info', undefined, asks ? 60_000 : 4_000);
      if (paired) return run();
      return open ? askCode() : stuck(C.codeEnded, 'error');
    } catch (error) {
      if (error.status) return fail('error');
      if ((await permission()) === 'denied') return fail('permission_denied');
      // A program that only has to be started is worth a second try.
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
    show('', h('form.stack', { novalidate: '', submit }, label, input, hint, row(h('button.primary', C.pair), decline())));
    input.focus();
  }

  async function pair(code) {
    if (!/^\d{6}$/.test(code)) return askCode(C.codeShape);
    try {
      await call('/v1/pair', { code });
    } catch (error) {
      if (error.code === 'wrong_code') return askCode(C.codeWrong);
      return stuck(error.code === 'pairing_ended' ? C.codeEnded : explain(error), 'error');
    }
    return run();
  }

  async function run() {
    show(C.running, h('div.bar'));
    try {
      // The visitor's yes to reading who the card belongs to is the button that started this.
      const identity = kind === 'identity' && (await call('/v1/identity', { consent: true }, 9_000));
      return send(identity ? { identity } : await call('/v1/diagnosis', {}, 9_000), C.done);
    } catch (error) {
      if (error.code === 'not_paired') return askCode();
      return stuck(error.status ? explain(error) : C.stopped, 'error');
    }
  }

  show('', h('p', C.text[kind]), row(button('primary', seek, C.start[kind]), decline()));
  /** Called when the conversation has gone on: a card not begun is over. */
  node.settle = () => step === 'intro' && finish(C.over);
  return node;
}
