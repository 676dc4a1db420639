import { T } from './texts.js';

const SILENCE = 50_000; // ms; the gateway sends a comment every 15 s
const LONGEST = 10_000; // ms between two tries

export class ApiError extends Error {
  constructor(status, code, message = T.problem, wait = 0) {
    super(message);
    Object.assign(this, { status, code, wait, passing: !status || status === 429 || status >= 500 });
  }
}

export const explain = (error) => (error instanceof ApiError ? error.message : T.problem);

export async function request(url, { body, headers = {}, signal, timeout = 15_000, ...init } = {}) {
  signal ??= timeout ? AbortSignal.timeout(timeout) : null;
  if (body) headers = { 'Content-Type': 'application/json', ...headers };
  const fixed = { cache: 'no-store', credentials: 'omit', referrerPolicy: 'no-referrer' };
  let answer;
  try {
    answer = await fetch(url, { ...fixed, ...init, headers, signal, body: body && JSON.stringify(body) });
  } catch {
    throw new ApiError(0);
  }
  if (answer.ok) return answer;
  const { code, message } = await answer.json().catch(() => ({}));
  throw new ApiError(answer.status, code, message, Number(answer.headers.get('Retry-After')) * 1_000);
}

/** Splits a server-sent-event stream (WHATWG HTML 9.2) into `onEvent({event, data})`. */
async function read(body, onEvent, alive) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    alive();
    const blocks = (rest + value).split(/\r?\n\r?\n/);
    rest = blocks.pop();
    for (const block of blocks) {
      const fields = Object.fromEntries(block.split(/\r?\n/).map((line) => line.split(/: ?(.*)/)));
      if (fields.data) onEvent(fields.event, JSON.parse(fields.data));
    }
  }
}

/** Keeps one stream open until `stop()`; an error that is not `passing` ends it. */
export function eventStream(open, onEvent, onStatus) {
  let stopped = false;
  let abort;
  let skip = () => {};
  const once = async () => {
    abort = new AbortController();
    let watch;
    const alive = () => {
      clearTimeout(watch);
      watch = setTimeout(() => abort.abort(), SILENCE);
    };
    try {
      alive();
      const { body } = await open(abort.signal);
      onStatus(true);
      await read(body, onEvent, alive);
    } finally {
      clearTimeout(watch);
    }
  };
  const run = async () => {
    for (let wait = 500; !stopped; wait = Math.min(wait * 2, LONGEST)) {
      const began = Date.now();
      const error = await once().catch((reason) => reason);
      if (stopped) return;
      onStatus(false, error);
      if (error?.passing === false) return;
      if (Date.now() - began > LONGEST) wait = 500;
      await new Promise((resolve) => {
        skip = resolve;
        setTimeout(resolve, wait * (0.75 + Math.random() / 2));
      });
    }
  };
  run();
  return {
    wake: () => skip(),
    drop: () => abort.abort(),
    stop: () => {
      stopped = true;
      abort.abort();
      skip();
    },
  };
}
