import { h, icon } from './dom.js';
import { explain } from './net.js';
import { T } from './texts.js';

/** Five steps from not satisfied to very; optional, and it can be changed until the chat is left. */
export function rating(chat) {
  const thanks = h('p', { role: 'status', class: 'fine' });
  const steps = [1, 2, 3, 4, 5].map((score) => {
    const choose = async () => {
      try {
        await chat.rate(score);
        steps.forEach((step, index) => step.setAttribute('aria-pressed', String(index + 1 === score)));
        thanks.textContent = T.rated;
      } catch (error) {
        thanks.textContent = explain(error);
      }
    };
    const pressed = String(chat.rated === score);
    return h('button', { type: 'button', 'aria-label': T.rate(score), 'aria-pressed': pressed, onclick: choose }, String(score));
  });
  return h(
    'fieldset',
    {},
    h('legend', {}, T.rateTitle, ' ', h('span', { class: 'fine' }, T.rateHint)),
    h('div', { class: 'scale' }, steps),
    h('p', { class: 'ends' }, h('span', {}, T.rateLow), h('span', {}, T.rateHigh)),
    thanks,
  );
}

/** Saves the transcript as a text file; answers a sentence when it could not. */
export async function download(chat) {
  try {
    const href = URL.createObjectURL(await chat.transcript());
    h('a', { href, download: T.file }).click();
    setTimeout(() => URL.revokeObjectURL(href), 10_000);
    return '';
  } catch {
    return T.downloadFailed;
  }
}

export function downloadButton(chat, alert, kind = 'choice') {
  const save = async () => (alert.textContent = await download(chat));
  return h('button', { type: 'button', class: kind, onclick: save }, T.download);
}

/** Asks before the conversation is ended; `onDone(text)` after it is, `onBack` when the visitor stays. */
export function endSheet(chat, onDone, onBack) {
  const alert = h('p', { role: 'alert', class: 'bad' });
  const box = h('input', { type: 'checkbox' });
  const end = async () => {
    button.disabled = true;
    try {
      await chat.end(box.checked);
      onDone(box.checked ? T.endedErased : T.ended);
    } catch {
      button.disabled = false;
      alert.textContent = T.endFailed;
    }
  };
  const button = h('button', { type: 'button', class: 'primary', onclick: end }, T.end);
  return h(
    'section',
    { class: 'sheet', 'aria-labelledby': 'end-title' },
    h('h3', { id: 'end-title', tabindex: -1 }, T.endTitle),
    h('p', {}, T.endText),
    chat.messages.length > 0 && downloadButton(chat, alert),
    chat.started && rating(chat),
    h('label', { class: 'check' }, box, T.erase),
    alert,
    h('div', { class: 'row' }, button, h('button', { type: 'button', class: 'choice', onclick: onBack }, T.back)),
  );
}

/** What is left when the conversation is gone from this computer. */
export function endedSheet(text, onRestart) {
  return h(
    'section',
    { class: 'sheet', 'aria-labelledby': 'ended' },
    h('span', { class: 'ok' }, icon('check')),
    h('h3', { id: 'ended', tabindex: -1 }, text),
    h('button', { type: 'button', class: 'primary', onclick: onRestart }, T.restart),
  );
}

const W = T.waiting;

function contactForm(chat, onBack) {
  const alert = h('p', { role: 'alert', class: 'bad' });
  const field = (id, label, type) => {
    const input = h('input', { id, type, autocomplete: type, class: 'wide' });
    return [input, h('div', { class: 'field' }, h('label', { for: id }, label), input)];
  };
  const [phone, phoneField] = field('phone', W.phone, 'tel');
  const [email, emailField] = field('email', W.email, 'email');
  const send = async (event) => {
    event.preventDefault();
    const contact = {};
    if (phone.value.trim()) contact.phone = phone.value.trim();
    if (email.value.trim()) contact.email = email.value.trim();
    alert.textContent = '';
    if (!contact.phone && !contact.email) return (alert.textContent = W.either);
    try {
      await chat.leaveContact(contact);
    } catch (error) {
      alert.textContent = error.status === 422 ? W.either : explain(error);
    }
  };
  return h(
    'form',
    { class: 'stack', novalidate: true, onsubmit: send },
    h('p', { class: 'fine' }, W.contactText),
    phoneField,
    emailField,
    alert,
    h('div', { class: 'row' }, h('button', { class: 'primary' }, W.save), h('button', { type: 'button', class: 'choice', onclick: onBack }, W.cancel)),
  );
}

/** The card at the end of the log while the visitor waits for a person: place, opening hours, a way to be reached. */
export class Waiting {
  #drawn;

  constructor(chat) {
    this.chat = chat;
    this.place = h('p', { role: 'status' });
    this.hours = h('p', { class: 'fine' });
    this.body = h('div', {});
    this.node = h('div', { class: 'card away', role: 'group', 'aria-label': T.status.waiting }, h('h3', {}, T.status.waiting), this.place, this.hours, this.body);
  }

  draw() {
    const { state, status } = this.chat;
    this.node.classList.toggle('away', state !== 'waiting');
    const { queue, contact_given: given } = status;
    const drawn = state === 'waiting' && JSON.stringify([queue, given]);
    if (drawn === this.#drawn) return;
    const left = given !== this.given;
    [this.#drawn, this.given] = [drawn, given];
    if (!drawn) return this.body.replaceChildren();
    this.place.textContent = queue && queue.open_now !== false ? W.place(queue.position) : W.closed;
    this.hours.textContent = queue?.opening_text ?? '';
    if (left || !this.body.firstChild) this.#buttons();
  }

  #buttons() {
    const focused = this.body.contains(this.body.getRootNode().activeElement);
    const form = () => {
      this.body.replaceChildren(contactForm(this.chat, () => this.#buttons()));
      this.body.querySelector('input').focus();
    };
    const stop = () => this.chat.stopWaiting().catch((error) => (this.hours.textContent = explain(error)));
    this.body.replaceChildren(
      h(
        'div',
        { class: 'row' },
        this.given ? h('p', { role: 'status', class: 'fine' }, W.given) : h('button', { type: 'button', class: 'choice', onclick: form }, W.leave),
        h('button', { type: 'button', class: 'choice', onclick: stop }, W.stop),
      ),
    );
    if (focused) this.body.querySelector('button').focus();
  }
}
