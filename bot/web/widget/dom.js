import { T } from './texts.js';

/** One element: `h('p.fine', {id: 'x'}, …)`. Functions become listeners, strings text nodes: no HTML is parsed. */
export function h(name, ...children) {
  const [tag, ...classes] = name.split('.');
  const node = document.createElement(tag);
  if (classes.length) node.className = classes.join(' ');
  const attributes = children[0]?.constructor === Object ? children.shift() : {};
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') node.addEventListener(key, value);
    else if (value != null) node.setAttribute(key, value);
  }
  node.append(...children.flat().filter(Boolean));
  return node;
}

export const button = (name, click, ...children) => h(`button.${name}`, { type: 'button', click }, ...children);

export const hidden = (text) => h('span.sr', text);

export const reveal = (node) => node.scrollIntoView({ block: 'nearest' });

export const show = (node, on) => node.classList.toggle('away', !on);

const ICONS = {
  chat: 'M4 4h16v12h-9l-5 4v-4H4zM8 8.5h8M8 11.5h5',
  down: 'M6 9.5l6 6 6-6',
  more: 'M5 12h.01M12 12h.01M19 12h.01',
  send: 'M12 19V5M6 11l6-6 6 6',
  person: 'M12 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM5 19a7 5 0 0 1 14 0',
  save: 'M12 4v11M7 10.5l5 5 5-5M5 20h14',
  end: 'M6 6l12 12M18 6L6 18',
  ok: 'M5 12.5l4.5 4.5L19 7.5',
  card: 'M3 6h18v12H3zM6 10h4v4H6zM14 11h4M14 14h2',
  info: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v5.5M12 7.5h.01',
  warning: 'M12 4l9 16H3zM12 10v4.5M12 17h.01',
  error: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v6M12 16.5h.01',
};

export function icon(name) {
  const [svg, path] = ['svg', 'path'].map((tag) => document.createElementNS('http://www.w3.org/2000/svg', tag));
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('class', `icon icon-${name}`);
  path.setAttribute('d', ICONS[name]);
  svg.append(path);
  return svg;
}

// A web address, an e-mail address, or a Swedish telephone number such as 018-481 19 00.
const LINK = /(https:\/\/[^\s<>"]+)|([\w.+-]+@[a-z\d-]+(?:\.[a-z\d-]+)+)|((?<![\w-])0\d{1,3}-\d{2,3}(?: ?\d{2,3}){1,3}(?![\w-]))/gi;

export function linked(text) {
  const nodes = [];
  let end = 0;
  for (const { 0: found, 1: web, 2: mail, index } of text.matchAll(LINK)) {
    const label = web ? found.replace(/[.,;:!?)\]}»”'*]+$/, '') : found;
    let href = mail ? `mailto:${label}` : `tel:${label.replace(/\D/g, '')}`;
    if (web) {
      const url = URL.canParse(label) && new URL(label);
      // A user name in an address is a usual way to make one site look like another.
      if (!url || url.username || url.password) continue;
      href = url.href;
    }
    const link = h('a', { href }, label);
    if (web) {
      Object.assign(link, { target: '_blank', rel: 'noopener noreferrer' });
      link.append(hidden(` (${T.newTab})`));
    }
    nodes.push(text.slice(end, index), link);
    end = index + label.length;
  }
  return [...nodes, text.slice(end)];
}
