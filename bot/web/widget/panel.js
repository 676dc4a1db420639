import { explain } from './net.js';
import { Composer, Notices } from './parts.js';
import { h, icon } from './dom.js';
import { download, downloadButton, endSheet, endedSheet, rating, Waiting } from './sheets.js';
import { Log } from './log.js';
import { T } from './texts.js';


const BOTTOM = 64; // px from the end of the log that still counts as being there
const SAY_TYPING = 1_000; // ms before "is writing" is read aloud
const small = matchMedia('(max-width: 30rem), (max-height: 30rem)');
const touch = matchMedia('(pointer: coarse)');

/** The chat window: a dialog beside the page, and all of the screen on a phone. */
export class Panel {
  #follow = true;
  #sheet = null;
  #typingTimer;

  constructor(chat, onclose) {
    this.chat = chat;
    this.onclose = onclose;
    this.#build();
    small.addEventListener('change', () => this.node.open && this.#reopen());
    visualViewport?.addEventListener('resize', () => this.#fit());
  }

  #build() {
    const { chat } = this;
    this.status = h('p', { class: 'status', role: 'status' });
    this.menuButton = this.#tool('more', T.menu, () => this.#menu(this.menu.hidden));
    this.menuButton.setAttribute('aria-expanded', 'false');
    this.menu = h('div', { class: 'menu', hidden: true, onfocusout: (event) => this.#leaveMenu(event) }, this.#item('save', T.download, () => this.#download()), this.#item('end', T.end, () => this.#end()));
    const head = h(
      'header',
      {},
      h('span', { class: 'face' }, icon('chat')),
      h('div', { class: 'who' }, h('h2', { id: 'title', tabindex: -1 }, T.title), this.status),
      this.menuButton,
      this.menu,
      this.#tool('down', T.minimise, this.onclose),
    );
    this.notices = new Notices(chat);
    this.list = h('ol', { class: 'log', role: 'log', 'aria-label': T.log, 'aria-busy': 'true' });
    this.log = new Log(this.list, chat);
    this.log.onpress = (button, event) => this.#press(button, event);
    this.hours = h('span', {});
    this.waiting = new Waiting(chat);
    this.dots = h('div', { class: 'dots away', 'aria-hidden': 'true' }, h('i'), h('i'), h('i'));
    this.typing = h('p', { class: 'sr', role: 'status' });
    this.closed = h('div', { class: 'card away' });
    this.scroll = h(
      'div',
      { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': T.log, onscroll: () => this.#scrolled() },
      h('p', { class: 'intro' }, h('b', {}, T.intro), T.introMore, this.hours),
      this.list,
      this.dots,
      this.waiting.node,
      this.closed,
    );
    this.latest = h('button', { type: 'button', class: 'latest away', onclick: () => this.#toEnd(true) }, icon('down'), T.latest);
    this.composer = new Composer((text) => (this.#follow = true, chat.say(text)), () => chat.tell());
    this.person = h('button', { type: 'button', class: 'plain', onclick: () => this.#person() }, icon('person'), T.person);
    this.foot = h('footer', {}, this.composer.node, h('div', { class: 'under' }, this.person, this.composer.left));
    this.main = h('div', { class: 'main' }, this.scroll, this.latest);
    this.node = h('dialog', { lang: 'sv', 'aria-labelledby': 'title', onkeydown: (event) => this.#key(event), oncancel: (event) => (event.preventDefault(), this.onclose()) }, head, this.notices.node, this.main, this.foot, this.typing);
  }

  #tool(name, label, onclick) {
    return h('button', { type: 'button', class: 'round', 'aria-label': label, title: label, onclick }, icon(name));
  }

  #item(name, label, onclick) {
    return h('button', { type: 'button', onclick: () => (this.#menu(false), onclick()) }, icon(name), label);
  }

  // Opening and closing

  show(focus = true) {
    this.#fit();
    const active = document.activeElement;
    if (small.matches) this.node.showModal();
    else this.node.show();
    this.draw();
    this.#toEnd(true);
    if (!focus) active?.focus?.();
    else if (this.#sheet) this.#sheet.querySelector('h3').focus();
    else if (touch.matches || this.foot.classList.contains('away')) this.node.querySelector('h2').focus();
    else this.composer.area.focus();
  }

  close() {
    this.node.close();
  }

  #reopen() {
    this.close();
    this.show();
  }

  /** On a phone the window is what the on-screen keyboard leaves. */
  #fit() {
    const full = small.matches;
    this.node.classList.toggle('full', full);
    this.node.style.blockSize = full && visualViewport?.scale === 1 ? `${visualViewport.height}px` : '';
  }

  #key(event) {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    event.stopPropagation();
    if (this.menu.hidden) return this.onclose();
    this.#menu(false);
    this.menuButton.focus();
  }

  // The menu

  #menu(open) {
    this.menu.hidden = !open;
    this.menuButton.setAttribute('aria-expanded', String(open));
    if (open) this.menu.querySelector('button').focus();
  }

  #leaveMenu({ relatedTarget: to }) {
    if (to !== this.menuButton && !this.menu.contains(to)) this.#menu(false);
  }

  async #download() {
    this.menuButton.focus();
    this.notices.alert(this.chat.started ? await download(this.chat) : '');
  }

  #end() {
    const back = () => this.#close();
    const done = (text) => this.#open(endedSheet(text, () => (this.#close(), this.chat.start())));
    this.#open(endSheet(this.chat, done, back));
  }

  #open(sheet) {
    this.#sheet?.remove();
    this.#sheet = sheet;
    for (const part of [this.main, this.foot, this.menuButton]) part.classList.add('away');
    this.notices.node.after(sheet);
    sheet.querySelector('h3').focus();
  }

  #close() {
    this.#sheet?.remove();
    this.#sheet = null;
    for (const part of [this.main, this.foot, this.menuButton]) part.classList.remove('away');
    this.draw();
    this.#toEnd(true);
    this.composer.area.focus();
  }

  // What the visitor does

  #press(button, event) {
    const keyboard = event.target.matches(':focus-visible');
    this.#follow = true;
    this.chat.say(button.title, button.id);
    if (keyboard || !touch.matches) this.composer.area.focus();
    else this.scroll.focus();
  }

  async #person() {
    this.person.disabled = true;
    this.#follow = true;
    try {
      await this.chat.person();
      this.notices.alert('');
      this.composer.area.focus();
    } catch (error) {
      this.notices.alert(explain(error), true);
    } finally {
      this.person.disabled = false;
    }
  }

  // Drawing

  draw() {
    const { chat } = this;
    this.notices.draw();
    if (this.#sheet) return;
    this.log.draw();
    this.list.setAttribute('aria-busy', String(!chat.loaded));
    this.waiting.draw();
    this.#drawState();
    this.#drawTyping();
    if (this.#follow) this.#toEnd();
    this.#scrolled();
    if (!document.hidden) chat.markRead();
  }

  #drawState() {
    const { state, status, site, started } = this.chat;
    const words = state === 'staff' && status.staff_name ? T.withStaff(status.staff_name) : T.status[state];
    if (this.status.textContent !== words) this.status.textContent = words;
    this.composer.limit(site?.limits?.text_max ?? 1000);
    this.hours.textContent = site?.opening?.text ? ` ${site.opening.text}` : '';
    this.person.classList.toggle('away', state !== 'bot');
    const over = started && state === 'closed';
    this.foot.classList.toggle('away', over);
    this.closed.classList.toggle('away', !over);
    if (!over) this.closed.replaceChildren();
    else if (!this.closed.firstChild) this.#drawClosed();
  }

  #drawClosed() {
    const alert = h('p', { role: 'alert', class: 'bad' });
    const restart = () => {
      this.chat.forget();
      this.chat.start();
      this.composer.area.focus();
    };
    this.closed.replaceChildren(
      h('h3', {}, T.status.closed),
      rating(this.chat),
      alert,
      h('div', { class: 'row' }, h('button', { type: 'button', class: 'primary', onclick: restart }, T.restart), downloadButton(this.chat, alert)),
    );
  }

  #drawTyping() {
    const { busy, typing } = this.chat;
    const on = busy || Boolean(typing);
    this.dots.classList.toggle('away', !on);
    clearTimeout(this.#typingTimer);
    if (!on) this.typing.textContent = '';
    else {
      const words = typing?.author === 'staff' ? T.staffTyping(typing.name) : T.typing.bot;
      this.#typingTimer = setTimeout(() => (this.typing.textContent = words), SAY_TYPING);
    }
  }

  // Scrolling: the end of the log, but never past the beginning of the bot's answer.

  #target() {
    const end = this.scroll.scrollHeight - this.scroll.clientHeight;
    const own = this.chat.state === 'bot' && [...this.list.querySelectorAll('.visitor')].at(-1);
    return own ? Math.min(end, own.offsetTop - this.scroll.offsetTop - 12) : end;
  }

  #toEnd(all = false) {
    this.#follow = true;
    this.scroll.scrollTop = all ? this.scroll.scrollHeight : this.#target();
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroll;
    const below = scrollHeight - clientHeight - scrollTop;
    this.#follow = below < BOTTOM || scrollTop >= this.#target() - 2;
    this.latest.classList.toggle('away', below < BOTTOM);
  }
}
