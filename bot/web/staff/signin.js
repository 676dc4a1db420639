import { h } from '../widget/dom.js';
import { explain, get, send } from './api.js';
import { T } from './texts.js';
import { field } from './ui.js';

const S = T.sign;

/** The sign-in page; `done(me)` when somebody has signed in. */
export function signInPage(said, done) {
  const user = field(S.user, 'input', { autocomplete: 'username', autocapitalize: 'none', spellcheck: 'false', required: '' });
  const password = field(S.password, 'input', { type: 'password', autocomplete: 'current-password', required: '' });
  const alert = h('p.bad', { role: 'alert' }, said);
  const go = h('button.primary', S.in);
  const submit = async (event) => {
    event.preventDefault();
    go.disabled = true;
    try {
      done(await send('/sign-in', { username: user.input.value, password: password.input.value }));
    } catch (error) {
      alert.textContent = explain(error);
      go.disabled = false;
      password.input.select();
    }
  };
  const other = h('div');
  get('/ways').then(({ oidc }) => oidc && other.append(h('a.choice', { href: '/api/staff/oidc/start' }, S.with(oidc))), () => {});
  const form = h('form.stack', { submit, novalidate: '' }, user.node, password.node, alert, go);
  queueMicrotask(() => user.input.focus());
  return h('main.signin', h('p.fine', T.title), h('h1', S.title), h('p', S.lead), form, other);
}
