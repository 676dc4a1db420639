import { h } from '../widget/dom.js';
import { T } from './texts.js';

const svg = (tag, attributes, ...children) => {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
};

const nice = (top) => {
  const step = [1, 2, 5].map((lead) => lead * 10 ** Math.floor(Math.log10(Math.max(top, 1)))).find((one) => one * 4 >= top) ?? 10 ** Math.ceil(Math.log10(top));
  return Math.max(step, 1);
};

const table = (head, rows) => h('details', h('summary', T.insight.table), h('table', h('thead', h('tr', head.map((name) => h('th', { scope: 'col' }, name)))), h('tbody', rows.map((row) => h('tr', row.map((cell) => h('td', String(cell))))))));

const figure = (title, plot, ...parts) => h('figure.box', h('figcaption', h('h2', title)), plot, ...parts);

/** Horizontal bars: [{name, count}]. */
export function bars(title, counts, name = (one) => one.name) {
  if (!counts.some(({ count }) => count)) return null;
  const top = Math.max(...counts.map(({ count }) => count));
  const rows = counts.slice(0, 10).map((one) => {
    const bar = svg('svg', { class: 'hbar', viewBox: '0 0 100 10', preserveAspectRatio: 'none', 'aria-hidden': 'true' }, svg('rect', { class: 'bar', width: (100 * one.count) / top, height: 10, rx: 0 }));
    return h('li', h('span', name(one)), bar, h('b', String(one.count)));
  });
  return figure(title, h('ul.bars', rows));
}

/** Columns a day: [{day, chats, handed_over}], the handed over ones inside. */
export function columns(title, days) {
  const [width, height, left, bottom] = [760, 220, 36, 26];
  const top = Math.max(1, ...days.map(({ chats }) => chats));
  const step = nice(top);
  const ceiling = Math.ceil(top / step) * step;
  const y = (value) => height - bottom - ((height - bottom - 10) * value) / ceiling;
  const slot = (width - left) / days.length;
  const wide = Math.min(slot * 0.7, 34);
  const plot = svg('svg', { class: 'columns', viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': `${title}: ${days.map(({ day, chats }) => `${day} ${chats}`).slice(-7).join(', ')}` });
  for (let value = 0; value <= ceiling; value += step) {
    plot.append(svg('line', { class: 'grid', x1: left, x2: width, y1: y(value), y2: y(value) }), svg('text', { x: left - 8, y: y(value) + 4, 'text-anchor': 'end' }, String(value)));
  }
  const every = Math.ceil(days.length / 10);
  days.forEach(({ day, chats, handed_over: handed }, index) => {
    const x = left + slot * index + (slot - wide) / 2;
    const column = (value, name) => value > 0 && plot.append(svg('rect', { class: name, x, y: y(value), width: wide, height: height - bottom - y(value), rx: 2 }));
    column(chats, 'bar');
    column(Math.min(handed, chats), 'bar2');
    if (index % every === 0) plot.append(svg('text', { x: x + wide / 2, y: height - 6, 'text-anchor': 'middle' }, `${Number(day.slice(8))}/${Number(day.slice(5, 7))}`));
  });
  const key = h('p.key', h('span.dot.bar'), T.insight.chats, h('span.dot.bar2'), T.insight.handed);
  return figure(title, plot, key, table([T.insight.day, T.insight.chats, T.insight.handed], days.map((one) => [one.day, one.chats, one.handed_over])));
}
