import { button, h, icon, linked, show } from './dom.js';
import { logView } from './log.js';
import { explain } from './net.js';
import { closedCard, download, endSheet, endedSheet, waitingCard } from './sheets.js';
import { T } from './texts.js';

const BOTTOM = 64; // px from the end of the log that still counts as being there
const NEAR = 100; // characters left when the count is shown
const small = matchMedia('(max-width: 30rem), (max-height: 30rem)');
const touch = matchMedia('(pointer: coarse)');

/** The chat window: beside the page, and all of the screen on a phone. Answers {node, open, close, draw}. */
export function chatPanel(chat, onclose, signal) {
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

  // The heading and its menu

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
  const head = h('header', h('span.face', icon('chat')), h('div.who', title, status), more, menu, tool('down', T.minimise, onclose));

  // The strip under it: outage, no connection, something that went wrong; with other ways to reach a person

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

  // The log

  const list = h('ol.log', { role: 'log', 'aria-label': T.log });
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
  const scroll = h('div.scroll', { tabindex: 0, role: 'region', 'aria-label': T.log, scroll: () => scrolled() }, intro, list, dots, waiting, closed);
  const latest = button('latest', () => toEnd(true), icon('down'), T.latest);
  const main = h('div.main', scroll, latest);

  // Where to write

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
  const area = h('textarea', { id: 'write', rows: 1, placeholder: T.placeholder, enterkeyhint: 'send', 'aria-describedby': 'count', keydown, input });
  const count = h('span', { id: 'count', role: 'status' });
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
  const foot = h('footer', h('div.write', h('label.sr', { for: 'write' }, T.write), area, sendButton), h('div.under', person, count));

  // Ending

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

  // Drawing

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
    hours.textContent = ` ${site?.opening?.text ?? ''}`;
    list.setAttribute('aria-busy', String(!chat.loaded));
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

  // Scrolling: to the end of the log, but never past the beginning of the bot's answer.

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
  const cancel = (event) => event.preventDefault();
  const node = h('dialog', { lang: 'sv', 'aria-labelledby': 'title', keydown: escape, cancel }, head, notice, main, foot, spoken);

  // On a phone the window is what the on-screen keyboard leaves.
  const fit = () => {
    node.classList.toggle('full', small.matches);
    node.style.blockSize = small.matches && visualViewport.scale === 1 ? `${visualViewport.height}px` : '';
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
