import { h } from '../widget/dom.js';
import { get } from './api.js';
import { T } from './texts.js';
import { ask, choices, field } from './ui.js';

const D = T.dialog;
const trimmed = ({ input }) => input.value.trim() || null;

export function handBackDialog(desk) {
  const remark = field(D.backRemark, 'textarea', { rows: 3, maxlength: 1000 });
  ask(D.back, [h('p', D.backText), remark.node], T.handBack, () => desk.act('/hand-back', { remark: trimmed(remark) }));
}

export async function forwardDialog(desk) {
  const colleagues = await get('/colleagues').catch(() => []);
  colleagues.sort((one, other) => other.online - one.online);
  const options = colleagues.map(({ id, name, online }) => [id, `${name} (${online ? D.online : D.offline})`]);
  const to = choices(D.forward, 'to', [['', D.queue], ...options]);
  const remark = field(D.remark, 'textarea', { rows: 3, maxlength: 1000 });
  ask(T.forward, [to.node, remark.node], T.forward, () => desk.act('/forward', { to: to.value || null, remark: trimmed(remark) }));
}

export function closeDialog(desk) {
  const reason = choices(D.why, 'reason', Object.entries(D.reasons));
  ask(D.close, [h('p', D.closeText), reason.node], T.close, () => desk.act('/close', { reason: reason.value }));
}
