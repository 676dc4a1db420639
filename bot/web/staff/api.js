import { eventStream, request } from '../widget/net.js';

export { explain } from '../widget/net.js';

let csrf = '';

/** Fires `signedout` when the session has ended. */
export const session = new EventTarget();

export const remember = (token) => (csrf = token);

/** One call of the staff API; the answer, or an `ApiError` with a Swedish sentence. */
export async function call(path, { method = 'GET', ...options } = {}) {
  const headers = method === 'GET' ? {} : { 'X-CSRF-Token': csrf };
  try {
    return await request(`/api/staff${path}`, { method, headers, credentials: 'same-origin', ...options });
  } catch (error) {
    if (error.code === 'signed_out') session.dispatchEvent(new Event('signedout'));
    throw error;
  }
}

export const get = async (path) => (await call(path)).json();

export async function send(path, body = {}, method = 'POST') {
  const answer = await call(path, { method, body });
  return answer.status === 204 ? null : answer.json();
}

export const listen = (path, onEvent, onStatus) =>
  eventStream((signal) => call(path(), { signal, timeout: 0 }), onEvent, onStatus);

export async function download(answer, name) {
  const href = URL.createObjectURL(await answer.blob());
  const link = Object.assign(document.createElement('a'), { href, download: name });
  link.click();
  URL.revokeObjectURL(href);
}
