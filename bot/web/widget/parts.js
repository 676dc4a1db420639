import { h, icon, linked } from './dom.js';
import { T } from './texts.js';

const NEAR = 100; // characters left when the count is shown

/** The field to write in and its button. Enter sends, Shift+Enter is a new line. */
export class Composer {
  constructor(onsend, onwrite) {
    this.max = 1000;
    this.onsend = onsend;
    this.area = h('textarea', {
      id: 'write', rows: 1, placeholder: T.placeholder, enterkeyhint: 'send', autocomplete: 'off', 'aria-describedby': 'left',
      onkeydown: (event) => this.#key(event),
      oninput: () => (this.#count(), onwrite()),
    });
    this.left = h('span', { id: 'left', role: 'status' });
    this.node = h(
      'form',
      { class: 'write', onsubmit: (event) => (event.preventDefault(), this.send()) },
      h('label', { for: 'write', class: 'sr' }, T.write),
      this.area,
      h('button', { class: 'round send', 'aria-label': T.send }, icon('send')),
    );
  }

  limit(max) {
    this.max = max;
    this.area.maxLength = max;
  }

  #count() {
    const left = this.max - this.area.value.length;
    this.left.textContent = left <= NEAR ? T.left(left) : '';
  }

  #key(event) {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.send();
  }

  send() {
    const text = this.area.value.trim();
    if (text) {
      this.area.value = '';
      this.#count();
      this.onsend(text);
    }
    this.area.focus();
  }
}

/** The strip under the heading: outage, no connection, something that went wrong; with a way to reach a person. */
export class Notices {
  #drawn;
  #alert = '';

  constructor(chat) {
    this.chat = chat;
    this.banner = h('p', {});
    this.trouble = h('p', { role: 'status' });
    this.wrong = h('p', { role: 'alert' });
    this.restart = h('button', { type: 'button', class: 'plain away', onclick: () => (chat.forget(), chat.start()) }, T.restart);
    this.contact = h('p', { class: 'contact away' }, h('slot'));
    this.node = h('div', { class: 'notice away' }, this.banner, this.trouble, this.wrong, this.restart, this.contact);
    addEventListener('online', () => this.draw());
    addEventListener('offline', () => this.draw());
  }

  /** Shows what went wrong until the next call; `contact` adds the telephone and e-mail. */
  alert(text, contact = false) {
    this.#alert = text;
    this.withContact = contact;
    this.draw();
  }

  draw() {
    const { trouble, site } = this.chat;
    const offline = navigator.onLine ? '' : T.offline;
    const said = offline || { reconnecting: T.reconnecting, unreachable: T.unreachable, gone: T.refused }[trouble] || '';
    const banner = site?.banner?.text ?? '';
    const contact = Boolean(banner) || trouble === 'unreachable' || (this.#alert && this.withContact);
    const drawn = JSON.stringify([said, banner, this.#alert, contact, site?.phone, site?.email]);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    this.banner.replaceChildren(...linked(banner));
    this.trouble.textContent = said;
    this.wrong.textContent = this.#alert;
    this.restart.classList.toggle('away', trouble !== 'gone');
    this.contact.classList.toggle('away', !contact);
    const ways = [site?.phone, site?.email].filter(Boolean).map((way) => linked(way));
    this.contact.replaceChildren(...(ways.length ? ways.flat() : [h('slot')]));
    this.node.classList.toggle('away', !said && !banner && !this.#alert);
  }
}
