// <support-chat gateway="https://…" customer-token="…" open>: docs/widget.md.
import { Chat } from './chat.js';
import { h, hidden, icon, show } from './dom.js';
import { chatPanel } from './panel.js';
import { sheet } from './style.js';
import { T } from './texts.js';

/** This tab's store, or one that lasts as long as the page where the browser allows none. */
function store() {
  try {
    return sessionStorage;
  } catch {
    const kept = {};
    return { getItem: (key) => kept[key] ?? null, setItem: (key, value) => (kept[key] = value), removeItem: (key) => delete kept[key] };
  }
}

class SupportChat extends HTMLElement {
  static observedAttributes = ['open'];
  #panel;
  #end;

  connectedCallback() {
    const root = this.shadowRoot ?? this.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [sheet];
    const gateway = new URL(this.getAttribute('gateway') ?? new URL('..', import.meta.url), location.href);
    this.chat = new Chat(gateway.href.replace(/\/+$/, ''), store());
    this.#end = new AbortController();
    const { signal } = this.#end;
    this.badge = h('span.badge');
    const click = () => (this.open = true);
    this.launcher = h('button.launcher', { type: 'button', lang: 'sv', 'aria-haspopup': 'dialog', click }, icon('chat'), T.launcher, this.badge);
    this.#panel = chatPanel(this.chat, () => (this.open = false), signal);
    root.replaceChildren(this.launcher, this.#panel.node);
    const on = (thing, event, act) => thing.addEventListener(event, act, { signal });
    on(this.chat, 'change', () => this.#draw());
    on(window, 'online', () => this.chat.wake());
    on(window, 'offline', () => this.chat.lost());
    on(document, 'visibilitychange', () => document.hidden || this.chat.wake());
    const small = matchMedia('(max-width: 30rem)').matches;
    if (this.open || (this.chat.open && !small)) this.#show(false);
    this.#draw();
  }

  disconnectedCallback() {
    this.#panel.close();
    this.#panel = null;
    this.#end.abort();
    this.chat.leave();
  }

  attributeChangedCallback() {
    if (this.#panel && this.open !== this.#panel.node.open) this.#show(true);
  }

  get open() {
    return this.hasAttribute('open');
  }

  set open(open) {
    this.toggleAttribute('open', Boolean(open));
  }

  /** Opens the chat and sends `text` as the visitor's own, for "ask about this" buttons on the host page. */
  ask(text) {
    this.open = true;
    this.chat.say(text);
  }

  #show(focus) {
    const { chat, open } = this;
    if (!focus) this.open = true;
    chat.setOpen(this.open);
    show(this.launcher, !this.open);
    if (!this.open) {
      this.#panel.close();
      return this.launcher.focus();
    }
    this.#panel.open(focus);
    chat.customerToken = this.getAttribute('customer-token');
    return chat.start();
  }

  #draw() {
    if (this.open) this.#panel.draw();
    const { unread } = this.chat;
    show(this.badge, !this.open && unread);
    this.badge.replaceChildren(String(unread), hidden(` ${T.unread(unread)}`));
  }
}

customElements.define('support-chat', SupportChat);
