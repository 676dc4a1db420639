import { h, icon } from './dom.js';
import { explain, request } from './net.js';
import { T } from './texts.js';

const PROMPT = 60_000; // ms a visitor may take to answer the browser's question
const SEEK = 4_000; // ms
const CHECK = 9_000; // ms; the bridge itself stops after 5 s

// Chrome asks before a page may reach the visitor's own computer; the permission changed name in version 145.
const PERMISSIONS = ['loopback-network', 'local-network-access'];

/** `granted`, `denied`, `prompt`, or null where the browser has no such permission. */
export async function permission() {
  for (const name of PERMISSIONS) {
    try {
      return (await navigator.permissions.query({ name })).state;
    } catch {
      // This browser does not know the name.
    }
  }
  return null;
}

/** Safari never lets a https page call http://127.0.0.1; phones and tablets have no card reader program. */
export function unsupported() {
  const { userAgent: agent, maxTouchPoints: touches } = navigator;
  const safari = /Safari\//.test(agent) && !/Chrom|Android|Edg|Firefox/.test(agent);
  return /Android|iPhone|iPad|Mobile/.test(agent) || (safari && (location.protocol === 'https:' || touches > 1));
}

/** The reader bridge on the visitor's own computer (docs/reader-bridge.md). */
export class Bridge {
  #key;

  constructor(url, storage) {
    this.url = url;
    this.storage = storage;
    this.#key = `support-chat bridge ${url}`;
  }

  get #token() {
    try {
      return this.storage.getItem(this.#key);
    } catch {
      return this.kept ?? null;
    }
  }

  set #token(token) {
    this.kept = token;
    try {
      this.storage.setItem(this.#key, token);
    } catch {
      // Kept for as long as the page lives.
    }
  }

  #call(path, body, timeout) {
    const headers = { 'X-Requested-With': 'support-chat' };
    if (this.#token) headers.Authorization = `Bearer ${this.#token}`;
    const method = body ? 'POST' : 'GET';
    return request(this.url + path, { method, body, headers, timeout, targetAddressSpace: 'loopback' }).then((answer) => answer.json());
  }

  /** Whether the bridge runs and knows this page: {paired, pairing_open}. Throws a ApiError with a `reason` otherwise. */
  async find(asks) {
    try {
      return await this.#call('/v1/info', undefined, asks ? PROMPT : SEEK);
    } catch (error) {
      error.reason = 'error';
      if (error.status === 0) error.reason = (await permission()) === 'denied' ? 'permission_denied' : unsupported() ? 'unsupported_browser' : 'no_bridge';
      throw error;
    }
  }

  async pair(code) {
    this.#token = (await this.#call('/v1/pair', { code }, SEEK)).token;
  }

  diagnose() {
    return this.#call('/v1/diagnosis', {}, CHECK);
  }

  /** Who the card belongs to. Call it only after the visitor said yes to it. */
  identify() {
    return this.#call('/v1/identity', { consent: true }, CHECK);
  }
}

const C = T.check;

/** The card in which the visitor lets the bot look at the card in the reader, step by step. */
export class CardCheck {
  #bridge;
  #over = false;

  constructor(purpose, chat, message) {
    this.purpose = purpose === 'identity' ? 'identity' : 'diagnosis';
    this.chat = chat;
    this.id = crypto.randomUUID();
    this.body = h('div', { class: 'card-body' });
    this.live = h('p', { role: 'status', class: 'fine away' });
    this.node = h(
      'div',
      { class: 'card', role: 'group', 'aria-label': C.title[this.purpose] },
      h('h3', {}, icon('card'), C.title[this.purpose]),
      this.body,
      this.live,
    );
    this.node.settle = (answered) => answered && !this.#over && !this.working && this.#finish('');
    this.message = message;
    this.#intro();
  }

  /** Replaces what the card shows; `say` is also read aloud. */
  #show(say, ...nodes) {
    const focused = this.node.contains(this.node.getRootNode().activeElement);
    this.body.replaceChildren(...nodes.flat());
    this.live.textContent = say;
    this.live.classList.toggle('away', !say);
    if (focused) (this.body.querySelector('input, button') ?? this.#focusable()).focus();
  }

  #focusable() {
    this.node.tabIndex = -1;
    return this.node;
  }

  #button(text, onclick, kind = 'choice') {
    return h('button', { type: 'button', class: kind, onclick }, text);
  }

  #intro() {
    this.#show(
      '',
      h('p', {}, C.text[this.purpose]),
      h('div', { class: 'row' }, this.#button(C.start[this.purpose], () => this.#seek(), 'primary'), this.#decline()),
    );
  }

  #decline(text = C.decline, reason = 'declined') {
    return this.#button(text, () => this.#send({ failed: reason }, reason === 'declined' ? C.declined : ''));
  }

  #stuck(say, reason) {
    this.#show(say, h('div', { class: 'row' }, this.#button(T.retry, () => this.#seek(), 'primary'), this.#decline(C.without, reason)));
  }

  async #seek() {
    const { site } = this.chat;
    if (!site?.reader_bridge?.offered) return this.#send({ failed: 'no_bridge' }, C.failed.no_bridge);
    this.#bridge = new Bridge(site.reader_bridge.url, this.chat.storage);
    const asks = (await permission()) === 'prompt';
    this.#show(asks ? C.permission : C.seek);
    try {
      const { paired, pairing_open: open } = await this.#bridge.find(asks);
      if (paired) return this.#run();
      return open === false ? this.#stuck(C.codeEnded, 'error') : this.#askCode();
    } catch (error) {
      // A program that only has to be started is worth a second try; the rest is not.
      if (error.reason === 'no_bridge') return this.#stuck(C.noBridge, 'no_bridge');
      return this.#send({ failed: error.reason ?? 'error' }, C.failed[error.reason] ?? C.failed.error);
    }
  }

  #askCode(wrong = '') {
    const hint = h('p', { class: wrong ? 'bad' : 'fine', id: 'code-hint' }, wrong || C.codeHint);
    const input = h('input', {
      id: 'code', inputmode: 'numeric', autocomplete: 'off', maxlength: 7, required: true,
      'aria-describedby': 'code-hint', 'aria-invalid': wrong ? 'true' : null,
    });
    const form = h(
      'form',
      { novalidate: true, class: 'stack', onsubmit: (event) => (event.preventDefault(), this.#pair(input.value.replace(/\s/g, ''))) },
      h('label', { for: 'code' }, C.code),
      input,
      hint,
      h('div', { class: 'row' }, h('button', { class: 'primary' }, C.pair), this.#decline()),
    );
    this.#show(wrong, form);
    this.live.classList.add('away');
    input.focus();
  }

  async #pair(code) {
    if (!/^\d{6}$/.test(code)) return this.#askCode(C.codeShape);
    try {
      await this.#bridge.pair(code);
    } catch (error) {
      if (error.code === 'wrong_code') return this.#askCode(C.codeWrong);
      if (error.code === 'pairing_ended') return this.#stuck(C.codeEnded, 'error');
      return this.#stuck(explain(error), 'error');
    }
    return this.#run();
  }

  async #run() {
    this.working = true;
    this.#show(C.running, h('div', { class: 'bar', 'aria-hidden': 'true' }));
    let result;
    try {
      result = this.purpose === 'identity' ? { identity: await this.#bridge.identify() } : await this.#bridge.diagnose();
    } catch (error) {
      this.working = false;
      if (error.code === 'not_paired') return this.#askCode();
      return this.#stuck(error.code === 'busy' ? C.busy : error.status ? explain(error) : C.stopped, 'error');
    }
    return this.#send(result, C.done);
  }

  async #send(result, said) {
    this.working = true;
    this.#show(T.sending);
    try {
      await this.chat.report(result, this.id);
      this.#finish(said);
    } catch (error) {
      this.#show(`${C.unsent} ${explain(error)}`, this.#button(T.retry, () => this.#send(result, said), 'primary'));
    } finally {
      this.working = false;
    }
  }

  /** The errand of this card is over; it stays as a line in the log. */
  #finish(said) {
    this.#over = true;
    this.#show(said || C.over);
  }
}
