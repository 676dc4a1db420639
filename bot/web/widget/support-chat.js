// <support-chat gateway="https://…" customer-token="…" open>: docs/widget.md.
import { Chat } from './chat.js';
import { button, h, hidden, icon, linked, show } from './dom.js';
import { explain } from './net.js';
import { styles } from './style.js';
import { T } from './texts.js';
import { closedCard, download, endSheet, endedSheet, logView, waitingCard } from './views.js';

const BOTTOM = 64; // px from the end of the log that still counts as being there
const NEAR = 100; // characters left when the count is shown
const small = matchMedia('(max-width: 30rem), (max-height: 30rem)');
const touch = matchMedia('(pointer: coarse)');

function chatPanel(chat, onclose, signal) {
  let follow = true;
  let sheet;
  let alert = '';
  let saying;

  const tool = (name, label, click) => {
    const made = button('round', click, icon(name));
    made.setAttribute('aria-label', label);
    made.title = label;
    return made;
  };

  const status = h('p.status', { role: 'status' });
  const openMenu = (on) => {
    show(menu, on);
    more.setAttribute('aria-expanded', String(on));
    if (on) menu.querySelector('button').focus();
  };
  const more = tool('more', T.menu, () => openMenu(menu.matches('.away')));
  const item = (name, label, act) =>
    button('item', () => {
      openMenu(false);
      more.focus();
      act();
    }, icon(name), label);
  const focusout = ({ relatedTarget: to }) => to !== more && !menu.contains(to) && openMenu(false);
  const save = async () => warn(chat.conversation ? await download(chat) : '');
  const menu = h('div.menu.away', { focusout }, item('save', T.download, save), item('end', T.end, () => end()));
  openMenu(false);
  const title = h('h2', { id: 'title', tabindex: -1 }, T.title);
  const head = h('div.head', h('span.face', icon('chat')), h('div.who', title, status), more, menu, tool('down', T.minimise, onclose));

  const banner = h('p');
  const trouble = h('p', { role: 'status' });
  const wrong = h('p', { role: 'alert' });
  const renew = button('plain', () => restart(), T.restart);
  const contact = h('p.contact');
  const notice = h('div.notice', banner, trouble, wrong, renew, contact);
  const warn = (text) => {
    alert = text;
    draw();
  };

  const drawNotice = () => {
    const { site, trouble: name } = chat;
    const said = navigator.onLine ? T.trouble[name] : T.offline;
    const outage = site?.banner?.text ?? '';
    const ways = [site?.phone, site?.email].filter(Boolean);
    show(notice, said || outage || alert);
    show(renew, name === 'gone');
    show(contact, outage || alert || name === 'unreachable');
    const drawn = JSON.stringify([said, outage, alert, ways]);
    if (notice.drawn === drawn) return;
    notice.drawn = drawn;
    banner.replaceChildren(...linked(outage));
    trouble.textContent = said ?? '';
    wrong.textContent = alert;
    contact.replaceChildren(...(ways.length ? ways.flatMap(linked) : [h('slot')]));
  };

  const list = h('ol');
  const log = h('div.log', { role: 'log', 'aria-label': T.log }, list);
  const press = (choice, { target }) => {
    const keyboard = target.matches(':focus-visible');
    follow = true;
    chat.say(choice.title, choice.id);
    (keyboard || !touch.matches ? area : scroll).focus();
  };
  const drawLog = logView(list, chat, press);
  const hours = h('span');
  const dots = h('div.dots', { 'aria-hidden': 'true' }, h('i'), h('i'), h('i'));
  const waiting = h('div.card', { role: 'group', 'aria-label': T.status.waiting });
  const drawWaiting = waitingCard(waiting, chat);
  const closed = h('div.card');
  const intro = h('p.intro', h('b', T.bot), T.intro, hours);
  const scroll = h('div.scroll', { tabindex: 0, role: 'region', 'aria-label': T.log, scroll: () => scrolled() }, intro, log, dots, waiting, closed);
  const latest = tool('down', T.latest, () => toEnd(true));
  latest.classList.add('latest');
  const main = h('div.main', scroll, latest);

  const keydown = (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    send();
  };
  const input = () => {
    const left = area.maxLength - area.value.length;
    count.textContent = left <= NEAR ? T.left(left) : '';
    chat.tell();
  };
  const area = h('textarea', { id: 'write', rows: 1, placeholder: T.placeholder, enterkeyhint: 'send', keydown, input });
  const count = h('span', { role: 'status' });
  const send = () => {
    const text = area.value.trim();
    area.focus();
    if (!text) return;
    area.value = '';
    follow = true;
    input();
    chat.say(text);
  };
  const person = button('plain', async () => {
    person.disabled = true;
    follow = true;
    await chat.person().then(() => warn(''), (error) => warn(explain(error)));
    person.disabled = false;
    area.focus();
  }, icon('person'), T.person);
  const sendButton = tool('send', T.send, send);
  sendButton.classList.add('primary');
  const foot = h('div.foot', h('div.write', h('label.sr', { for: 'write' }, T.write), area, sendButton), h('div.under', person, count));

  const putSheet = (next) => {
    sheet?.remove();
    sheet = next;
    [main, foot, more].forEach((part) => show(part, !sheet));
    if (!sheet) {
      draw();
      toEnd(true);
      return area.focus();
    }
    notice.after(sheet);
    return sheet.querySelector('h3').focus();
  };
  const end = () => putSheet(endSheet(chat, (text) => putSheet(endedSheet(text, restart)), () => putSheet()));
  const restart = () => {
    chat.forget();
    chat.start();
    putSheet();
  };

  const drawTyping = () => {
    const { busy, typing } = chat;
    const on = busy || typing;
    show(dots, on);
    clearTimeout(saying);
    if (!on) spoken.textContent = '';
    else saying = setTimeout(() => (spoken.textContent = T.typing(typing?.name)), 1_000);
  };

  function draw() {
    drawNotice();
    if (sheet) return;
    const { state, site, conversation } = chat;
    const words = state === 'staff' ? T.withStaff(chat.status.staff_name) : T.status[state];
    if (status.textContent !== words) status.textContent = words;
    area.maxLength = site?.limits?.text_max ?? 1000;
    hours.textContent = site?.opening?.text ? T.hours + site.opening.text : '';
    log.setAttribute('aria-busy', String(!chat.loaded));
    drawLog();
    show(person, state === 'bot');
    show(waiting, state === 'waiting');
    if (state === 'waiting') drawWaiting();
    const over = conversation && state === 'closed';
    show(foot, !over);
    show(closed, over);
    if (!over) closed.replaceChildren();
    else if (!closed.firstChild) closed.append(...closedCard(chat, restart));
    drawTyping();
    if (follow) toEnd();
    scrolled();
    if (!document.hidden) chat.markRead();
  }

  const target = () => {
    const own = chat.state === 'bot' && [...list.querySelectorAll('.visitor')].pop();
    const last = scroll.scrollHeight - scroll.clientHeight;
    return own ? Math.min(last, own.offsetTop - 12) : last;
  };
  function toEnd(all) {
    follow = true;
    scroll.scrollTop = all ? scroll.scrollHeight : target();
  }
  function scrolled() {
    const below = scroll.scrollHeight - scroll.clientHeight - scroll.scrollTop;
    follow = below < BOTTOM || scroll.scrollTop >= target() - 2;
    show(latest, below >= BOTTOM);
  }

  const spoken = h('p.sr', { role: 'status' });
  const escape = (event) => {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    event.stopPropagation();
    if (menu.matches('.away')) return onclose();
    openMenu(false);
    more.focus();
  };
  const cancel = (event) => {
    event.preventDefault();
    onclose();
  };
  const node = h('dialog', { 'aria-labelledby': 'title', keydown: escape, cancel }, head, notice, main, foot, spoken);

  const fit = () => {
    node.classList.toggle('full', small.matches);
    node.style.height = small.matches && visualViewport.scale === 1 ? `${visualViewport.height}px` : '';
  };
  const open = (focus) => {
    fit();
    const before = document.activeElement;
    if (small.matches) node.showModal();
    else node.show();
    draw();
    toEnd(true);
    if (!focus) {
      node.getRootNode().activeElement?.blur();
      before?.focus();
    } else if (sheet || touch.matches || foot.matches('.away')) (sheet?.querySelector('h3') ?? title).focus();
    else area.focus();
  };
  const change = () => {
    if (!node.open) return;
    node.close();
    open(true);
  };
  small.addEventListener('change', change, { signal });
  visualViewport.addEventListener('resize', fit, { signal });
  return { node, open, close: () => node.close(), draw };
}

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
    this.lang ||= 'sv';
    const root = this.shadowRoot ?? this.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [styles];
    const gateway = new URL(this.getAttribute('gateway') ?? new URL('..', import.meta.url), location.href);
    this.chat = new Chat(gateway.href.replace(/\/+$/, ''), store());
    this.#end = new AbortController();
    const { signal } = this.#end;
    this.badge = h('span.badge');
    const click = () => (this.open = true);
    this.launcher = h('button.launcher', { type: 'button', 'aria-haspopup': 'dialog', click }, icon('chat'), T.launcher, this.badge);
    this.#panel = chatPanel(this.chat, () => (this.open = false), signal);
    root.replaceChildren(this.launcher, this.#panel.node);
    const on = (thing, event, act) => thing.addEventListener(event, act, { signal });
    on(this.chat, 'change', () => this.#draw());
    on(window, 'online', () => this.chat.wake());
    on(window, 'offline', () => this.chat.lost());
    on(document, 'visibilitychange', () => document.hidden || this.chat.wake());
    if (this.open || (this.chat.open && !small.matches)) this.#show(false);
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

  ask(text) {
    this.open = true;
    this.chat.say(text);
  }

  #show(focus) {
    const { chat } = this;
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
