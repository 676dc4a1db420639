import { button, h, icon } from './dom.js';
import { explain } from './net.js';
import { T } from './texts.js';

const W = T.waiting;
const row = (...parts) => h('div.row', parts);
const problem = () => h('p.bad', { role: 'alert' });

/** Five steps from not satisfied to very; optional, and it can be changed until the chat is left. */
function rating(chat) {
  const thanks = h('p.fine', { role: 'status' });
  const mark = () => steps.forEach((step, index) => step.setAttribute('aria-pressed', String(index + 1 === chat.rated)));
  const steps = [1, 2, 3, 4, 5].map((score) => {
    const choose = async () => {
      thanks.textContent = await chat.rate(score).then(() => T.rated, explain);
      mark();
    };
    const step = button('step', choose, String(score));
    step.setAttribute('aria-label', T.rate(score));
    return step;
  });
  mark();
  const ends = h('p.ends', h('span', T.rateLow), h('span', T.rateHigh));
  return h('fieldset', h('legend', T.rateTitle, h('span.fine', ` ${T.rateHint}`)), h('div.scale', steps), ends, thanks);
}

/** Saves the transcript as a text file; a sentence when it could not. */
export async function download(chat) {
  try {
    const href = URL.createObjectURL(await chat.transcript());
    h('a', { href, download: T.file }).click();
    setTimeout(() => URL.revokeObjectURL(href), 10_000);
    return '';
  } catch {
    return T.downloadFailed;
  }
}

const downloadButton = (chat, alert) => button('choice', async () => (alert.textContent = await download(chat)), T.download);

/** Asks before the conversation is ended: `done(text)` when it is, `back` when the visitor stays. */
export function endSheet(chat, done, back) {
  const alert = problem();
  const erase = h('input', { type: 'checkbox' });
  const end = button('primary', async () => {
    end.disabled = true;
    try {
      await chat.end(erase.checked);
      done(erase.checked ? T.erased : T.ended);
    } catch {
      end.disabled = false;
      alert.textContent = T.endFailed;
    }
  }, T.end);
  return h(
    'section.sheet',
    h('h3', { tabindex: -1 }, T.endTitle),
    h('p', T.endText),
    chat.last && downloadButton(chat, alert),
    chat.last && rating(chat),
    h('label.check', erase, T.erase),
    alert,
    row(end, button('choice', back, T.back)),
  );
}

/** What is left when the conversation is gone from this computer. */
export const endedSheet = (text, restart) =>
  h('section.sheet', h('span.ok', icon('ok')), h('h3', { tabindex: -1 }, text), button('primary', restart, T.restart));

/** At the end of a log that the other side has closed. */
export function closedCard(chat, restart) {
  const alert = problem();
  return [h('h3', T.status.closed), rating(chat), alert, row(button('primary', restart, T.restart), downloadButton(chat, alert))];
}

function contactForm(chat, back) {
  const alert = problem();
  const fields = ['tel', 'email'].map((type) => h('input.wide', { id: type, type, autocomplete: type }));
  const submit = async (event) => {
    event.preventDefault();
    const [phone, email] = fields.map(({ value }) => value.trim() || undefined);
    alert.textContent = phone || email ? '' : W.either;
    if (phone || email) await chat.leaveContact({ phone, email }).catch((error) => (alert.textContent = error.status === 422 ? W.either : explain(error)));
  };
  return h(
    'form.stack',
    { novalidate: '', submit },
    h('p.fine', W.contact),
    fields.map((field) => h('div', h('label', { for: field.id }, W[field.id]), field)),
    alert,
    row(h('button.primary', W.save), button('choice', back, W.cancel)),
  );
}

/** The card at the end of the log while the visitor waits for a person; answers how to draw it. */
export function waitingCard(node, chat) {
  const place = h('p', { role: 'status' });
  const hours = h('p.fine');
  const body = h('div');
  let given;
  node.append(h('h3', T.status.waiting), place, hours, body);

  const choices = () => {
    const focused = body.contains(body.getRootNode().activeElement);
    const form = () => {
      body.replaceChildren(contactForm(chat, choices));
      body.querySelector('input').focus();
    };
    const stop = () => chat.stopWaiting().catch((error) => (hours.textContent = explain(error)));
    body.replaceChildren(row(given ? h('p', { role: 'status' }, W.given) : button('choice', form, W.leave), button('choice', stop, W.stop)));
    if (focused) body.querySelector('button').focus();
  };

  return () => {
    const { queue, contact_given: now } = chat.status;
    const say = queue?.open_now === false ? W.closed : W.place(queue?.position ?? 1);
    if (place.textContent !== say) place.textContent = say;
    hours.textContent = queue?.opening_text ?? '';
    if (given === now) return;
    given = now;
    choices();
  };
}
