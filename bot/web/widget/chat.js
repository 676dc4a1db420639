import { ApiError, eventStream, request } from './net.js';

const TRIES = 12; // times a message is sent before it is shown as failed
const CATCH_UP = 3_000; // ms; some proxies hold back a stream, and this finds out
const SLOW = 1_500; // ms without a stream before it is said

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const gone = ({ status }) => status === 401 || status === 404;

/** One conversation as the visitor sees it (docs/widget.md); fires `change`. Nothing here touches the page. */
export class Chat extends EventTarget {
  #stream;
  #opening;
  #pumping;
  #told = 0;
  #era = 0; // grows when a conversation is forgotten; stops what was under way for it

  constructor(gateway, storage) {
    super();
    Object.assign(this, { gateway, storage, key: `support-chat ${gateway}` });
    this.#clear();
    Object.assign(this, JSON.parse(storage.getItem(this.key)));
    if (!this.conversation) return;
    this.#listen();
    this.#pump();
  }

  #clear() {
    this.#era += 1;
    this.#stream?.stop();
    const fresh = { conversation: null, messages: [], outbox: [], state: 'bot', pending: false, status: {}, typing: null, loaded: false, trouble: null, rated: 0, read: 0 };
    Object.assign(this, fresh);
  }

  #changed() {
    const { conversation, outbox, rated, read, open } = this;
    if (conversation || open) this.storage.setItem(this.key, JSON.stringify({ conversation, outbox, rated, read, open }));
    else this.storage.removeItem(this.key);
    this.dispatchEvent(new Event('change'));
  }

  get last() {
    return this.messages.at(-1)?.seq ?? 0;
  }

  get unread() {
    return this.messages.filter(({ seq, author }) => seq > this.read && author !== 'visitor').length;
  }

  get busy() {
    const fresh = this.outbox.some(({ state }) => state === 'sending' || state === 'sent');
    return this.state === 'bot' && !this.trouble && (this.pending || fresh || !this.last);
  }

  setOpen(open) {
    this.open = open;
    this.#changed();
  }

  markRead() {
    if (this.read === this.last) return;
    this.read = this.last;
    this.#changed();
  }

  #call(path, options = {}) {
    const { id, token } = this.conversation;
    const headers = { Authorization: `Bearer ${token}`, ...options.headers };
    return request(`${this.gateway}/api/conversations/${id}${path}`, { ...options, headers });
  }

  #post(path, body, method = 'POST') {
    return this.#call(path, { method, body }).then((answer) => answer.json());
  }

  start() {
    this.loadSite();
    if (this.conversation) return Promise.resolve();
    return (this.#opening ??= this.#open().finally(() => (this.#opening = null)));
  }

  async loadSite() {
    if (this.site) return;
    const answer = await request(`${this.gateway}/api/site`).catch(() => null);
    this.site = await answer?.json();
    this.#changed();
  }

  async #open() {
    const era = this.#era;
    for (let wait = 1_000; !this.conversation && era === this.#era; wait = Math.min(wait * 2, 15_000)) {
      try {
        const body = this.customerToken ? { customer_token: this.customerToken } : {};
        const answer = await request(`${this.gateway}/api/conversations`, { method: 'POST', body });
        const { id, token, state } = await answer.json();
        if (era !== this.#era) return;
        Object.assign(this, { conversation: { id, token }, state, trouble: null });
        this.#listen();
      } catch (error) {
        if (error.code === 'customer_token_invalid') {
          this.customerToken = null;
          continue;
        }
        this.trouble = 'unreachable';
        this.#changed();
        await this.#until(Math.max(wait, error.wait));
      }
    }
    this.#changed();
  }

  #until(ms) {
    return Promise.race([sleep(ms), new Promise((resolve) => this.addEventListener('wake', resolve, { once: true }))]);
  }

  wake() {
    this.dispatchEvent(new Event('wake'));
    this.#stream?.wake();
  }

  lost() {
    this.#stream?.drop();
    this.#changed();
  }

  leave() {
    this.#stream?.stop();
  }

  #listen() {
    let slow;
    const open = (signal) => this.#call(`/events?after=${this.last}`, { signal, headers: { 'Last-Event-ID': String(this.last) } });
    const onStatus = (up, error) => {
      clearTimeout(slow);
      const trouble = (name) => {
        this.trouble = name;
        this.typing = null;
        this.#changed();
      };
      if (up) {
        trouble(null);
        this.dispatchEvent(new Event('wake'));
      } else if (error && gone(error)) trouble('gone');
      else slow = setTimeout(trouble, SLOW, 'reconnecting');
    };
    this.#stream = eventStream(open, (...event) => this.#take(...event), onStatus);
  }

  #take(event, data) {
    if (event === 'message') this.#log([data]);
    else if (event === 'state') this.#now(data);
    else if (event === 'typing') this.typing = data.active ? data : null;
    this.#changed();
  }

  #log(messages) {
    for (const message of messages) {
      if (message.seq <= this.last) continue;
      this.messages.push(message);
      this.outbox = this.outbox.filter(({ id }) => id !== message.client_message_id);
      this.typing = null;
    }
  }

  #now(status) {
    Object.assign(this, { status, state: status.state, pending: status.pending, loaded: true });
  }

  say(text, button) {
    this.again({ id: crypto.randomUUID(), text, button, at: new Date().toISOString() });
  }

  again(item) {
    item.state = 'sending';
    if (!this.outbox.includes(item)) this.outbox.push(item);
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
    let item;
    while ((item = this.outbox.find(({ state }) => state === 'sending' || state === 'waiting'))) {
      await this.start();
      // The greeting first, if it comes soon.
      for (let tries = 60; !this.last && tries; tries -= 1) await sleep(50);
      if (this.outbox.includes(item)) await this.#deliver(item);
      this.#changed();
    }
    this.#pumping = false;
  }

  async #deliver(item) {
    const { id, text, button } = item;
    for (let attempt = 1; this.outbox.includes(item); attempt += 1) {
      try {
        const { seq } = await this.#post('/messages', { client_message_id: id, ...(button ? { button } : { text }) });
        item.state = 'sent';
        if (this.last >= seq) this.discard(item);
        else this.#catchUp(item);
        return;
      } catch (error) {
        item.error = error.passing ? '' : error.message;
        item.state = error.passing && (!navigator.onLine || attempt < TRIES) ? 'waiting' : 'failed';
        if (gone(error)) this.trouble = 'gone';
        if (item.state === 'failed') return;
        this.#changed();
        await this.#until(navigator.onLine ? Math.max(error.wait, Math.min(400 * 2 ** attempt, 10_000)) : 60_000);
      }
    }
  }

  /** Reads the log by GET while a stream that ought to have told of `item`, or its answer, has not. */
  async #catchUp(item) {
    const era = this.#era;
    for (;;) {
      await sleep(CATCH_UP);
      if (era !== this.#era || !(this.outbox.includes(item) || this.pending)) return;
      const log = await this.#call(`/messages?after=${this.last}`).then((answer) => answer.json()).catch(() => null);
      if (!log || era !== this.#era) continue;
      this.#log(log.messages);
      this.#now({ ...this.status, state: log.state, pending: log.pending });
      this.#changed();
    }
  }

  tell() {
    if (this.state !== 'staff' || Date.now() - this.#told < CATCH_UP) return;
    this.#told = Date.now();
    this.#call('/typing', { method: 'POST', body: { active: true } }).catch(() => {});
  }

  /** A request that changes who answers: `/handoff`, `/contact`. */
  async change(...request) {
    this.#now(await this.#post(...request));
    this.#changed();
  }

  async person() {
    // Without a gateway there is no queue to stand in.
    if (!this.conversation && this.trouble) throw new ApiError(0);
    await this.start();
    return this.change('/handoff');
  }

  report(report, id) {
    return this.#post('/card-report', { ...report, client_message_id: id });
  }

  async rate(score) {
    await this.#post('/rating', { score });
    this.rated = score;
    this.#changed();
  }

  async transcript() {
    return (await this.#call('/transcript')).blob();
  }

  async end(erase) {
    const [path, method] = erase ? ['', 'DELETE'] : ['/close', 'POST'];
    if (this.conversation && this.trouble !== 'gone') {
      await this.#call(path, { method }).catch((error) => {
        if (!gone(error)) throw error;
      });
    }
    this.forget();
  }

  forget() {
    this.#clear();
    this.storage.removeItem(`support-chat ${this.site?.reader_bridge.url}`);
    this.#changed();
  }
}
