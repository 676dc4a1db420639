import { T } from './texts.js';

// Building blocks for the page. Nothing here, or anywhere in the widget, parses HTML.

/** One element. Keys starting with "on" are listeners, the rest attributes; strings become text nodes. */
export function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
    else if (value !== false && value != null) node.setAttribute(key, value === true ? '' : value);
  }
  node.append(...children.flat().filter((child) => child != null && child !== false));
  return node;
}

/** Text for screen readers only. */
export const hidden = (text) => h('span', { class: 'sr' }, text);

const SVG = 'http://www.w3.org/2000/svg';
const ICONS = {
  chat: 'M4 5.5A1.5 1.5 0 0 1 5.5 4h13A1.5 1.5 0 0 1 20 5.5v9a1.5 1.5 0 0 1-1.5 1.5H11l-4.5 4v-4h-1A1.5 1.5 0 0 1 4 14.5zM8 8.5h8M8 11.5h5',
  down: 'M6 9.5l6 6 6-6',
  more: 'M5 12h.01M12 12h.01M19 12h.01',
  send: 'M12 19V5M6 11l6-6 6 6',
  person: 'M12 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM5 19.5c.6-3.3 3.4-5.5 7-5.5s6.4 2.2 7 5.5',
  save: 'M12 4v11M7 10.5l5 5 5-5M5 20h14',
  end: 'M6 6l12 12M18 6L6 18',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  card: 'M3 7.5A1.5 1.5 0 0 1 4.5 6h15A1.5 1.5 0 0 1 21 7.5v9a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 16.5zM6.5 10h3.5v4H6.5zM14 11h4M14 14h2.5',
  info: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v5.5M12 7.5h.01',
  warning: 'M12 4l9 16H3zM12 10v4.5M12 17.2h.01',
  error: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v6M12 16.5h.01',
};

/** A decorative line drawing, 24 x 24, in the colour of the text around it. */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('class', `icon icon-${name}`);
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', ICONS[name]);
  svg.append(path);
  return svg;
}

// A web address, an e-mail address, or a Swedish phone number such as 018-481 19 00.
const LINK =
  /(?<url>https:\/\/[^\s<>"]+)|(?<mail>(?:mailto:)?[\w.+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+)|(?<tel>(?:tel:\+?\d[\d-]{4,}|(?<![\w-])0\d{1,3}-\d{2,3}(?: ?\d{2,3}){1,3}(?![\w-])))/giu;

function webAddress(text) {
  try {
    const url = new URL(text);
    // An address with a user name in it is a usual way to make one site look like another.
    return url.protocol === 'https:' && !url.username && !url.password ? url.href : null;
  } catch {
    return null;
  }
}

function anchor(match) {
  const { url, mail, tel } = match.groups;
  if (url) {
    const text = url.replace(/[.,;:!?)\]}»”'*]+$/u, '');
    const href = webAddress(text);
    if (!href) return null;
    const attributes = { href, target: '_blank', rel: 'noopener noreferrer' };
    return { text, node: h('a', attributes, text, hidden(` (${T.newTab})`)) };
  }
  const text = mail ?? tel;
  const shown = text.replace(/^(mailto|tel):/i, '');
  const href = mail ? `mailto:${shown}` : `tel:${shown.replace(/[^\d+]/g, '')}`;
  return { text, node: h('a', { href }, shown) };
}

/** The text as nodes; https, e-mail and phone become anchors, everything else stays text. */
export function linked(text) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    const link = anchor(match);
    if (!link) continue;
    nodes.push(text.slice(end, match.index), link.node);
    end = match.index + link.text.length;
  }
  nodes.push(text.slice(end));
  return nodes;
}
