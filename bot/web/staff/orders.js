import { h } from '../widget/dom.js';
import { get, send } from './api.js';
import { T } from './texts.js';
import { ask, details, field, plain, when } from './ui.js';

const O = T.orders;

/** One order with its history; its state can be moved. */
export function orderCard(detail) {
  const node = h('div.order');
  const draw = ({ order, customer_name: customer, events }) => {
    const moves = O.next[order.state].map((state) => plain(O.states[state], () => move(order, state)));
    const history = h('details', h('summary', O.events), h('ul.plainlist', events.map(({ at, to_state: state, actor, remark }) => h('li', when(at), ` ${O.states[state]} · ${actor.replace(/^staff:/, '')}`, remark && ` – ${remark}`))));
    node.replaceChildren(
      h('h2', `${O.kinds[order.kind]} ${order.number}`),
      h('p', h(`span.state.${order.state}`, O.states[order.state])),
      details([
        [T.summary.customer, `${order.customer_number} · ${customer}`],
        [O.holder, [order.holder_name, order.hsa_id].filter(Boolean).join(', ')],
        [T.slots.quantity, order.quantity > 1 && String(order.quantity)],
        [T.slots.level, order.level && String(order.level)],
        [O.delivery, order.delivery && [order.delivery.recipient, order.delivery.street, order.delivery.postal_code, order.delivery.city].filter(Boolean).join(', ')],
        [T.slots.note, order.note],
        [O.by, order.placed_by],
        [O.at, when(order.created_at)],
      ]),
      ...(moves.length ? [h('h3', O.move), h('div.row', moves)] : []),
      history,
    );
  };
  const move = (order, state) => {
    const remark = field(O.remark, 'textarea', { rows: 2, maxlength: 300 });
    ask(`${order.number}: ${O.states[state]}`, [remark.node], T.save, async () => draw(await send(`/orders/${order.number}/state`, { state, remark: remark.input.value.trim() || null })));
  };
  draw(detail);
  return node;
}

/** All orders, by state and customer. */
export async function ordersPage(main) {
  const state = field(O.state, 'select');
  state.input.append(h('option', { value: '' }, O.all), ...Object.entries(O.states).map(([value, text]) => h('option', { value }, text)));
  const customer = field(O.customer, 'input', { maxlength: 20, inputmode: 'numeric' });
  const body = h('tbody');
  const table = h('table', h('thead', h('tr', [O.number, O.kind, O.state, O.customer, O.holder, O.at].map((name) => h('th', { scope: 'col' }, name)))), body);
  const status = h('p', { role: 'status' });
  const more = plain(T.more, () => load(body.lastElementChild?.dataset.number));
  const shown = h('div');
  const show = async (number) => {
    const card = orderCard(await get(`/orders/${number}`));
    shown.replaceChildren(h('section.box', { tabindex: -1 }, card));
    shown.firstChild.focus();
  };
  const row = (order) => {
    const made = h('tr', h('td', h('button.link', { type: 'button', click: () => show(order.number) }, order.number)), h('td', O.kinds[order.kind]), h('td', h(`span.state.${order.state}`, O.states[order.state])), h('td', order.customer_number), h('td', order.holder_name ?? ''), h('td', when(order.created_at)));
    made.dataset.number = order.number;
    return made;
  };
  const load = async (after = '') => {
    const query = new URLSearchParams(Object.entries({ state: state.input.value, customer: customer.input.value.trim(), after }).filter(([, value]) => value));
    const found = await get(`/orders?${query}`);
    body.append(...found.map(row));
    more.hidden = found.length < 50;
    table.hidden = !body.children.length;
    status.textContent = body.children.length ? '' : O.none;
  };
  const submit = (event) => {
    event.preventDefault();
    body.replaceChildren();
    shown.replaceChildren();
    load().catch((error) => (status.textContent = error.message));
  };
  main.append(h('h1', { tabindex: -1 }, O.title), h('form.filters', { submit }, state.node, customer.node, h('button.primary', O.go)), status, h('div.two', h('div', h('div.wide', table), more), shown));
  await load();
}

