import { T } from './texts.js';

const TIMEOUT = 15_000; // ms

/** A refusal the gateway explained (`status`, `code`, a Swedish `message`), or no answer at all: status 0. */
export class ApiError extends Error {
  constructor(status, code, message = T.problem, retryAfter = 0) {
    super(message);
    Object.assign(this, { status, code, retryAfter });
  }

  /** Whether the same request may succeed later. */
  get passing() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** One JSON request; answers the Response when it is 2xx, otherwise throws ApiError. */
export async function request(url, { method = 'GET', body, headers = {}, signal, timeout = TIMEOUT, ...rest } = {}) {
  const late = timeout ? AbortSignal.timeout(timeout) : null;
  const init = { method, headers: { ...headers }, cache: 'no-store', credentials: 'omit', referrerPolicy: 'no-referrer', ...rest };
  init.signal = signal && late ? AbortSignal.any([signal, late]) : (signal ?? late);
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers['Content-Type'] = 'application/json';
  }
  let response;
  try {
    response = await fetch(url, init);
  } catch (error) {
    throw new ApiError(0, error.name === 'TimeoutError' ? 'timeout' : 'unreachable');
  }
  if (response.ok) return response;
  const said = await response.json().catch(() => ({}));
  throw new ApiError(response.status, said.code ?? 'error', said.message, Number(response.headers.get('Retry-After')) || 0);
}

/** The gateway's conversations API (docs/gateway-api.md) for one conversation at a time. */
export class Api {
  constructor(base) {
    this.base = base;
    this.conversation = null; // {id, token}
  }

  /** A request inside the conversation; `path` comes after its id. */
  call(path, options = {}) {
    const { id, token } = this.conversation;
    const headers = { Authorization: `Bearer ${token}`, ...options.headers };
    return request(`${this.base}/api/conversations/${encodeURIComponent(id)}${path}`, { ...options, headers });
  }

  async json(path, options) {
    return (await this.call(path, options)).json();
  }

  async site() {
    return (await request(`${this.base}/api/site`)).json();
  }

  async open(customerToken) {
    const body = customerToken ? { customer_token: customerToken } : {};
    const opened = await (await request(`${this.base}/api/conversations`, { method: 'POST', body })).json();
    this.conversation = { id: opened.id, token: opened.token };
    return opened;
  }
}

const SILENCE = 50_000; // ms; the gateway sends a comment at least every 15 s
const FIRST_WAIT = 500; // ms
const LONGEST_WAIT = 10_000; // ms

/** Splits a server-sent-event stream (WHATWG HTML, 9.2) and calls `onEvent({event, data, id})` for each. */
async function read(body, onEvent, onBytes) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    onBytes();
    const blocks = (rest + value).split(/\r\n\r\n|\n\n/);
    rest = blocks.pop();
    for (const block of blocks) {
      const fields = { event: 'message', data: [] };
      for (const line of block.split(/\r?\n/)) {
        const [, name, text] = /^([^:]*):? ?(.*)$/.exec(line);
        if (name === 'data') fields.data.push(text);
        else if (name) fields[name] = text;
      }
      if (fields.data.length) onEvent({ ...fields, data: fields.data.join('\n') });
    }
  }
}

/**
 * Keeps one event stream open until `stop()`.
 * `open(signal)` answers a Response or throws; an error whose `passing` is false ends it.
 * `onStatus(up, error)` tells when it is connected, and when it is lost.
 */
export class EventStream {
  #stopped = false;
  #abort = new AbortController();
  #skipWait = () => {};

  constructor(open, onEvent, onStatus) {
    Object.assign(this, { open, onEvent, onStatus });
    this.#run();
  }

  async #run() {
    let wait = FIRST_WAIT;
    while (!this.#stopped) {
      try {
        await this.#once(() => (wait = FIRST_WAIT));
        this.onStatus(false);
      } catch (error) {
        if (this.#stopped) return;
        this.onStatus(false, error);
        if (error.passing === false) return;
      }
      if (this.#stopped) return;
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, wait * (0.75 + Math.random() / 2));
        this.#skipWait = () => (clearTimeout(timer), resolve());
      });
      wait = Math.min(wait * 2, LONGEST_WAIT);
    }
  }

  async #once(connected) {
    this.#abort = new AbortController();
    let watch;
    const alive = () => {
      clearTimeout(watch);
      watch = setTimeout(() => this.#abort.abort(), SILENCE);
    };
    try {
      alive();
      const response = await this.open(this.#abort.signal);
      connected();
      this.onStatus(true);
      await read(response.body, this.onEvent, alive);
    } finally {
      clearTimeout(watch);
    }
  }

  /** Tries again at once instead of after the wait; drops a connection the computer has lost. */
  wake() {
    this.#skipWait();
  }

  /** Ends the stream that is open now, so that a new one is made. */
  drop() {
    this.#abort.abort();
  }

  stop() {
    this.#stopped = true;
    this.#abort.abort();
    this.#skipWait();
  }
}

/** What to tell a person about any error. */
export const explain = (error) => (error instanceof ApiError ? error.message : T.problem);
