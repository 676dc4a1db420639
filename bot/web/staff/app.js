import { button, h } from '../widget/dom.js';
import { explain, get, send, session } from './api.js';
import { auditPage } from './audit.js';
import { cannedPage } from './canned.js';
import { Console } from './console.js';
import { insightPage } from './insight.js';
import { knownPane } from './known.js';
import { ordersPage } from './orders.js';
import { queuePane } from './queue.js';
import { searchPage } from './search.js';
import { signInPage } from './signin.js';
import { follow, isOn, setOn } from './sound.js';
import { talkPane } from './talk.js';
import { T } from './texts.js';

const app = document.getElementById('app');
const PAGES = {
  sok: { name: T.nav.search, draw: searchPage },
  bestallningar: { name: T.nav.orders, draw: ordersPage },
  mallar: { name: T.nav.canned, draw: cannedPage },
  insikt: { name: T.nav.insight, draw: insightPage, role: 'supervisor' },
  logg: { name: T.nav.audit, draw: auditPage, role: 'admin' },
};
let leave = () => {};

/** The three panes of the chats. */
function chatsPage(desk) {
  const queue = h('nav.queue', { 'aria-label': T.lists });
  const talk = h('section.middle', { 'aria-label': T.talk });
  const known = h('aside.right', { 'aria-label': T.known });
  const tab = (name, text) => button('tab', () => show(name), text);
  const tabs = { talk: tab('talk', T.talk), known: tab('known', T.known) };
  const switcher = h('div.tabs', button('tab.back', () => (location.hash = '#/'), T.lists), tabs.talk, tabs.known);
  const node = h('main.panes', { id: 'main' }, h('h1.sr', { tabindex: -1 }, T.nav.chats), queue, switcher, talk, known);
  const show = (name) => {
    node.dataset.tab = name;
    for (const [key, one] of Object.entries(tabs)) one.setAttribute('aria-pressed', String(key === name));
  };
  let shown;
  const draws = [queuePane(queue, desk, (id) => (location.hash = `#/chatt/${id}`)), talkPane(talk, desk), knownPane(known, desk)];
  const draw = () => {
    node.classList.toggle('open', Boolean(desk.chat));
    if (shown !== desk.chat?.id || !node.dataset.tab) show('talk');
    shown = desk.chat?.id;
    for (const one of draws) one();
  };
  return { node, draw };
}

function header(desk) {
  const link = (hash, name) => h('a', { href: `#/${hash}` }, name);
  const links = [link('', T.nav.chats), ...Object.entries(PAGES).filter(([, { role }]) => !role || desk.may(role)).map(([hash, { name }]) => link(hash, name))];
  const sound = button('plain', () => {
    setOn(!isOn());
    tell();
  });
  const tell = () => (sound.textContent = isOn() ? T.sound.on : T.sound.off);
  tell();
  const out = button('plain', async () => {
    await send('/sign-out').catch(() => {});
    signIn('');
  }, T.sign.out);
  const mark = () => {
    const here = location.hash.split('/')[1] ?? '';
    for (const one of links) {
      const own = one.hash.slice(2);
      if (own === here || (!own && here === 'chatt')) one.setAttribute('aria-current', 'page');
      else one.removeAttribute('aria-current');
    }
  };
  const trouble = h('p.trouble', { role: 'status' });
  const node = h('header.top', h('a.skip', { href: '#main', click: skip }, T.skip), h('b.brand', T.title), h('nav', { 'aria-label': T.nav.label }, links), h('div.who', h('span', `${desk.me.name}, ${T.roles[desk.me.role]}`), sound, out), trouble);
  return { node, mark, tell: () => (trouble.textContent = desk.connected ? '' : T.reconnecting) };
}

function skip(event) {
  event.preventDefault();
  document.querySelector('main h1[tabindex], main button')?.focus();
}

function run(me) {
  const desk = new Console(me);
  const head = header(desk);
  const chats = chatsPage(desk);
  const page = h('div.page');
  app.replaceChildren(head.node, page);
  follow(desk);

  const go = async () => {
    head.mark();
    const [, name = '', id] = location.hash.split('/');
    const other = PAGES[name];
    if (other && (!other.role || desk.may(other.role))) {
      const main = h('main.sheet', { id: 'main' });
      page.replaceChildren(main);
      if (desk.chat) await desk.open(null);
      await other.draw(main, desk).catch((error) => main.append(h('p.bad', { role: 'alert' }, explain(error))));
      main.querySelector('h1')?.focus();
      return;
    }
    if (chats.node.parentNode !== page) {
      const came = page.hasChildNodes();
      page.replaceChildren(chats.node);
      if (came) chats.node.querySelector('h1').focus();
    }
    const wanted = name === 'chatt' ? id : null;
    if (wanted === (desk.chat?.id ?? null)) return draw();
    await desk.open(wanted).catch((error) => {
      location.hash = '#/';
      failed.textContent = explain(error);
    });
  };
  const failed = h('p.bad.failed', { role: 'alert' });
  head.node.append(failed);
  const draw = () => {
    head.tell();
    if (chats.node.parentNode) chats.draw();
    if (desk.chat) failed.textContent = '';
    const waiting = desk.chats.filter(({ place }) => place === 'waiting').length + desk.unread.size;
    document.title = `${waiting ? `(${waiting}) ` : ''}${T.personal} – ${T.title}`;
  };
  desk.addEventListener('change', draw);
  desk.addEventListener('gone', () => (location.hash = '#/'));
  window.addEventListener('hashchange', go);
  const clock = setInterval(draw, 15_000); // waiting times grow
  leave = () => {
    clearInterval(clock);
    window.removeEventListener('hashchange', go);
    desk.leave();
  };
  go();
}

function signIn(said) {
  leave();
  leave = () => {};
  for (const dialog of document.querySelectorAll('dialog')) dialog.remove();
  document.title = `${T.personal} – ${T.title}`;
  app.replaceChildren(signInPage(said, (me) => run(me)));
}

async function start() {
  const failed = location.hash.match(/^#fel=(\w+)$/)?.[1];
  if (failed) history.replaceState(null, '', location.pathname);
  const me = await get('/session').catch(() => null);
  if (me) run(me);
  else signIn(T.sign.errors[failed] ?? '');
  session.addEventListener('signedout', () => signIn(T.sign.ended));
}

start();
