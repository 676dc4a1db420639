// <support-chat gateway="https://…" customer-token="…" open> — see docs/widget.md.
import { Chat } from './chat.js';
import { sheet } from './style.js';
import { T } from './texts.js';
import { Panel } from './panel.js';
import { h, hidden, icon } from './dom.js';

const HOME = new URL('..', import.meta.url).href;

/** The session store of this tab, or one that forgets where the browser allows none. */
function store() {
  try {
    return window.sessionStorage;
  } catch {
    const kept = new Map();
    return { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value), removeItem: (key) => kept.delete(key) };
  }
}

class SupportChat extends HTMLElement {
  static observedAttributes = ['open'];
  #panel = null;
  #cleanup = new AbortController();

  connectedCallback() {
    const root = this.shadowRoot ?? this.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [sheet];
    this.chat = new Chat(new URL(this.getAttribute('gateway') ?? HOME, location.href).href.replace(/\/+$/, ''), store());
    this.badge = h('span', { class: 'badge away' });
    this.launcher = h(
      'button',
      { type: 'button', class: 'launcher', lang: 'sv', 'aria-expanded': 'false', 'aria-haspopup': 'dialog', onclick: () => (this.open = true) },
      icon('chat'),
      T.launcher,
      this.badge,
    );
    this.#panel = new Panel(this.chat, () => (this.open = false));
    root.replaceChildren(this.launcher, this.#panel.node);
    this.#cleanup = new AbortController();
    const { signal } = this.#cleanup;
    this.chat.addEventListener('change', () => this.#draw(), { signal });
    addEventListener('online', () => this.chat.wake(), { signal });
    addEventListener('offline', () => this.chat.lost(), { signal });
    document.addEventListener('visibilitychange', () => document.hidden || this.chat.wake(), { signal });
    this.#toggle();
    this.#draw();
  }

  disconnectedCallback() {
    this.#cleanup.abort();
    this.#panel.close();
    this.chat.leave();
    this.#panel = null;
  }

  attributeChangedCallback() {
    if (this.#panel) this.#toggle();
  }

  get open() {
    return this.hasAttribute('open');
  }

  set open(open) {
    this.toggleAttribute('open', Boolean(open));
  }

  /** Opens the chat and sends the text as the visitor's own, for "ask about this" links on the host page. */
  ask(text) {
    this.open = true;
    this.chat.say(text);
  }

  #toggle() {
    if (this.open === this.#panel.node.open) return;
    this.launcher.classList.toggle('away', this.open);
    this.launcher.setAttribute('aria-expanded', String(this.open));
    if (this.open) {
      this.#panel.show();
      this.chat.start(this.getAttribute('customer-token'));
    } else {
      this.#panel.close();
      this.launcher.focus();
    }
  }

  #draw() {
    if (this.open) this.#panel.draw();
    const { unread } = this.chat;
    const waiting = !this.open && unread > 0;
    this.badge.classList.toggle('away', !waiting);
    this.badge.replaceChildren(String(unread), hidden(` ${T.unread(unread)}`));
  }
}

customElements.define('support-chat', SupportChat);
