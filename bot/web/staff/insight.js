import { h } from '../widget/dom.js';
import { call, download, explain, get } from './api.js';
import { bars, columns } from './plots.js';
import { T } from './texts.js';
import { ask, field, plain, span } from './ui.js';

const I = T.insight;
const DAY = 86_400_000;
const iso = (time) => new Date(time).toLocaleDateString('sv-SE', { timeZone: 'Europe/Stockholm' });
const tile = (name, value, fine) => h('div.tile', h('dt', name), h('dd', h('b', value), fine && h('span.fine', fine)));

function draftDialog({ examples }) {
  const intent = field(I.intent, 'input', { pattern: '[a-z][a-z0-9_]*(/[a-z0-9_]+)?', autocapitalize: 'none', spellcheck: 'false' }, I.intentHint);
  const text = field(I.examples, 'textarea', { rows: 6 });
  text.input.value = examples.join('\n');
  ask(I.draftTitle, [h('p', I.draftText), intent.node, text.node], I.download, async () => {
    const name = intent.input.value.trim();
    const body = { intent: name, examples: text.input.value.split('\n').map((line) => line.trim()).filter(Boolean) };
    await download(await call('/training-draft', { method: 'POST', body }), `draft-${name.replace('/', '-')}.yml`);
  });
}

function unansweredTable(groups) {
  const row = (one) => h('tr', h('td', h('b', one.text), one.examples.slice(1).map((example) => h('p.fine', example))), h('td', String(one.count)), h('td', h('div.row', plain(I.draft, () => draftDialog(one)), h('a.choice', { href: `#/chatt/${one.conversation_id}` }, I.show))));
  return h('section.box.full', h('h2', I.unanswered), h('p.fine', I.unansweredText), groups.length ? h('div.wide', h('table', h('thead', h('tr', [I.question, I.count, ''].map((name) => h('th', { scope: 'col' }, name || h('span.sr', I.draft))))), h('tbody', groups.map(row)))) : h('p', T.none));
}

function customerBox() {
  const number = field(I.number, 'input', { maxlength: 20, inputmode: 'numeric' });
  const alert = h('p.bad', { role: 'alert' });
  const submit = async (event) => {
    event.preventDefault();
    const wanted = number.input.value.trim();
    alert.textContent = '';
    if (!wanted) return;
    try {
      await download(await call(`/customers/${encodeURIComponent(wanted)}/export`), `kund-${wanted}.json`);
    } catch (error) {
      alert.textContent = explain(error);
    }
  };
  return h('section.box.full', h('h2', I.customer), h('p.fine', I.customerText), h('form.filters', { submit }, number.node, h('button.choice', I.export)), alert);
}

/** Figures for supervisors, with plots, CSV, drafts of training examples and extracts. */
export async function insightPage(main) {
  const since = field(I.since, 'input', { type: 'date', value: iso(Date.now() - 29 * DAY) });
  const until = field(I.until, 'input', { type: 'date', value: iso(Date.now()) });
  const csv = h('a.choice', { download: '' }, I.csv);
  const status = h('p.bad', { role: 'alert' });
  const body = h('div.figures');
  const load = async () => {
    const query = new URLSearchParams({ since: since.input.value, until: until.input.value });
    csv.href = `/api/staff/insight.csv?${query}`;
    const found = await get(`/insight?${query}`);
    const wait = found.median_wait === null ? '–' : span(found.median_wait);
    const longest = found.longest_wait === null ? '' : `längst ${span(found.longest_wait)}`;
    const tiles = h('dl.tiles', tile(I.chats, String(found.chats), found.ongoing ? I.ongoing(found.ongoing) : ''), tile(I.resolved, String(found.resolved_by_bot), I.of(found.resolved_by_bot, found.chats)), tile(I.unresolved, String(found.unresolved), I.of(found.unresolved, found.chats)), tile(I.handed, String(found.handed_over), I.of(found.handed_over, found.chats)), tile(I.wait, wait, longest), tile(I.rating, String(found.mean_rating ?? '–').replace('.', ','), found.mean_rating ? 'av 5' : ''));
    const plots = [columns(I.days, found.days), bars(I.reasons, found.reasons, ({ name }) => T.reasons[name] ?? name), bars(I.topics, found.topics), bars(I.waits, found.waits), bars(I.ratings, found.ratings), bars(I.findings, found.findings)];
    body.replaceChildren(tiles, ...plots.filter(Boolean), unansweredTable(found.unanswered));
  };
  const submit = (event) => {
    event.preventDefault();
    status.textContent = '';
    load().catch((error) => (status.textContent = explain(error)));
  };
  main.append(h('h1', { tabindex: -1 }, I.title), h('form.filters', { submit }, since.node, until.node, h('button.primary', I.go), csv), status, body, customerBox());
  await load();
}
