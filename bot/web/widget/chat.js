import { Api, ApiError, EventStream } from './net.js';
import { T } from './texts.js';

const TRIES = 6; // times a message is sent before it is shown as failed
const CATCH_UP = 3_000; // ms; a proxy that holds back the stream is noticed after this long
const SLOW = 1_500; // ms without a stream before it is said
const TYPING_PAUSE = 3_000; // ms between two "is writing" to staff

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * One conversation as the visitor sees it: the gateway's log, what is not sent yet, and who answers.
 * Fires `change` when any of it changed. Nothing here touches the page.
 */
export class Chat extends EventTarget {
  #stream;
  #opening;
  #pumping = false;
  #typingSent = 0;
  #key;
  #era = 0; // grows when a conversation is forgotten, so that what was under way for it stops

  constructor(base, storage) {
    super();
    this.api = new Api(base);
    this.storage = storage;
    this.#key = `support-chat ${base}`;
    this.#clear();
    this.site = null;
    const kept = this.#kept();
    if (kept?.conversation) {
      this.api.conversation = kept.conversation;
      this.outbox = kept.outbox ?? [];
      this.rated = kept.rated ?? 0;
      this.read = kept.read ?? 0;
      this.#listen();
      this.#pump();
    }
  }

  #clear() {
    this.#era += 1;
    this.messages = []; // the gateway's log, by seq
    this.outbox = []; // {id, text, button?, at, state: sending|waiting|sent|failed, error?, seq?}
    this.state = 'bot';
    this.pending = false;
    this.status = {};
    this.typing = null;
    this.loaded = false; // the log is here as far as it goes
    this.trouble = null; // reconnecting | unreachable | gone
    this.rated = 0;
    this.read = 0;
  }

  #kept() {
    try {
      return JSON.parse(this.storage.getItem(this.#key));
    } catch {
      return null;
    }
  }

  #changed() {
    const { outbox, rated, read, api } = this;
    try {
      if (api.conversation) this.storage.setItem(this.#key, JSON.stringify({ conversation: api.conversation, outbox, rated, read }));
      else this.storage.removeItem(this.#key);
    } catch {
      // A browser that keeps nothing: the conversation then lasts as long as the page.
    }
    this.dispatchEvent(new Event('change'));
  }

  get started() {
    return this.api.conversation !== null;
  }

  get last() {
    return this.messages.at(-1)?.seq ?? 0;
  }

  get unread() {
    return this.messages.filter((message) => message.seq > this.read && message.author !== 'visitor').length;
  }

  /** Everything up to now has been seen. */
  markRead() {
    if (this.read === this.last) return;
    this.read = this.last;
    this.#changed();
  }

  /** Opens the conversation if there is none, so that the bot can greet. */
  async start(customerToken) {
    this.customerToken = customerToken ?? this.customerToken;
    this.loadSite();
    await this.#ensure();
  }

  async loadSite() {
    if (this.site) return;
    this.site = await this.api.site().catch(() => null);
    this.#changed();
  }

  /** Resolves when there is a conversation; tries until there is. */
  #ensure() {
    if (this.started) return Promise.resolve();
    this.#opening ??= this.#open().finally(() => (this.#opening = null));
    return this.#opening;
  }

  async #open() {
    const era = this.#era;
    for (let wait = 1_000; !this.started && era === this.#era; wait = Math.min(wait * 2, 15_000)) {
      try {
        const opened = await this.api.open(this.customerToken);
        Object.assign(this, { state: opened.state, trouble: null });
        this.#listen();
        this.#changed();
        return;
      } catch (error) {
        if (error.code === 'customer_token_invalid') {
          this.customerToken = null;
          continue;
        }
        this.trouble = 'unreachable';
        this.#changed();
        await this.#until(Math.max(wait, error.retryAfter * 1_000));
      }
    }
  }

  /** Waits, but no longer than until the network is back or somebody asks to try now. */
  #until(ms) {
    return Promise.race([sleep(ms), new Promise((resolve) => this.addEventListener('wake', resolve, { once: true }))]);
  }

  /** The network is back, or the page is looked at again. */
  wake() {
    this.dispatchEvent(new Event('wake'));
    this.#stream?.wake();
    this.#pump();
  }

  /** The network is gone: what is open will never answer. */
  lost() {
    this.#stream?.drop();
  }

  #listen() {
    this.#stream?.stop();
    let slow;
    const open = (signal) => {
      const headers = this.last ? { 'Last-Event-ID': String(this.last) } : {};
      return this.api.call(`/events?after=${this.last}`, { signal, headers, timeout: 0 });
    };
    const onStatus = (up, error) => {
      clearTimeout(slow);
      if (up && this.trouble) this.trouble = null;
      if (error?.status === 401 || error?.status === 404) this.trouble = 'gone';
      else if (!up) {
        slow = setTimeout(() => {
          this.trouble = 'reconnecting';
          this.typing = null;
          this.#changed();
        }, SLOW);
      }
      if (up) this.loadSite();
      this.#changed();
    };
    this.#stream = new EventStream(open, (event) => this.#take(event), onStatus);
  }

  #take({ event, data }) {
    const value = JSON.parse(data);
    if (event === 'message') this.#log([value]);
    else if (event === 'state') this.#now(value);
    else if (event === 'typing') this.typing = value.active ? value : null;
    else return;
    this.#changed();
  }

  #log(messages) {
    for (const message of messages) {
      if (message.seq <= this.last) continue;
      this.messages.push(message);
      this.outbox = this.outbox.filter((item) => item.id !== message.client_message_id);
      if (message.author !== 'visitor') this.typing = null;
    }
  }

  #now(status) {
    this.status = status;
    this.state = status.state;
    this.pending = status.pending;
    this.loaded = true;
    if (!status.pending && this.typing?.author === 'bot') this.typing = null;
  }

  /** Whether the bot is working on an answer, also before the gateway has said so. */
  get busy() {
    const fresh = this.outbox.some((item) => item.state === 'sending' || item.state === 'sent');
    return this.state === 'bot' && !this.trouble && (this.pending || fresh || (this.started && !this.messages.length));
  }

  /** Puts a message (or a pressed button, by its id and title) in line; it shows at once. */
  say(text, button) {
    this.outbox.push({ id: crypto.randomUUID(), text, button, at: new Date().toISOString(), state: 'sending' });
    this.#changed();
    this.#pump();
  }

  /** Sends a failed message again, under the same id. */
  again(item) {
    item.state = 'sending';
    this.#changed();
    this.#pump();
  }

  discard(item) {
    this.outbox = this.outbox.filter((other) => other !== item);
    this.#changed();
  }

  async #pump() {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      for (;;) {
        const item = this.outbox.find(({ state }) => state === 'sending' || state === 'waiting');
        if (!item) return;
        await this.#ensure();
        if (!this.outbox.includes(item)) continue;
        await this.#deliver(item);
        this.#changed();
      }
    } finally {
      this.#pumping = false;
    }
  }

  async #deliver(item) {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const body = { client_message_id: item.id, ...(item.button ? { button: item.button } : { text: item.text }) };
        item.seq = (await this.api.json('/messages', { method: 'POST', body })).seq;
        item.state = 'sent';
        if (this.last >= item.seq) this.discard(item);
        else this.#catchUp(item);
        return;
      } catch (error) {
        const online = navigator.onLine;
        item.error = error;
        item.state = error.passing && (!online || attempt < TRIES) ? 'waiting' : 'failed';
        if (error.status === 401 || error.status === 404) this.trouble = 'gone';
        if (item.state === 'failed' || !this.outbox.includes(item)) return;
        this.#changed();
        await this.#until(online ? Math.max(error.retryAfter * 1_000, 400 * 2 ** attempt) : 60_000);
      }
    }
  }

  /** Reads the log by GET while a stream that ought to have told of `item` has not. */
  async #catchUp(item) {
    const { conversation } = this.api;
    for (;;) {
      await sleep(CATCH_UP);
      const stale = this.api.conversation !== conversation || !navigator.onLine;
      if (stale || (!this.outbox.includes(item) && !this.pending)) return;
      try {
        const log = await this.api.json(`/messages?after=${this.last}`);
        this.#log(log.messages);
        this.#now({ ...this.status, state: log.state, pending: log.pending });
        this.#changed();
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
      }
    }
  }

  /** Tells staff that the visitor writes; quietly, and not often. */
  tell() {
    if (this.state !== 'staff' || Date.now() - this.#typingSent < TYPING_PAUSE) return;
    this.#typingSent = Date.now();
    this.api.call('/typing', { method: 'POST', body: { active: true } }).catch(() => {});
  }

  async #change(path, options) {
    const answer = await this.api.json(path, options);
    if (answer.state) this.#now(answer);
    this.#changed();
    return answer;
  }

  async person() {
    await this.#ensure();
    return this.#change('/handoff', { method: 'POST' });
  }

  stopWaiting() {
    return this.#change('/handoff', { method: 'DELETE' });
  }

  leaveContact(contact) {
    return this.#change('/contact', { method: 'POST', body: contact });
  }

  /** A diagnosis, `{identity}` or `{failed}`; `id` makes a second try harmless. */
  report(report, id) {
    return this.api.json('/card-report', { method: 'POST', body: { ...report, client_message_id: id } });
  }

  async rate(score) {
    await this.#change('/rating', { method: 'POST', body: { score } });
    this.rated = score;
    this.#changed();
  }

  async transcript() {
    return (await this.api.call('/transcript')).blob();
  }

  /** Closes, erases at the gateway if asked to, and forgets everything here. */
  async end(erase) {
    if (this.started && this.trouble !== 'gone') {
      try {
        await this.api.call(erase ? '' : '/close', { method: erase ? 'DELETE' : 'POST' });
      } catch (error) {
        if (error.status !== 404 && error.status !== 401) throw error;
      }
    }
    this.forget();
  }

  forget() {
    this.#stream?.stop();
    this.#stream = null;
    this.api.conversation = null;
    this.#clear();
    this.#changed();
  }

  /** The page no longer shows the chat. */
  leave() {
    this.#stream?.stop();
  }
}

