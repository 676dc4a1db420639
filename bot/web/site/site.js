// The support page: sends its task buttons to the chat and shows what the operator has set.
const chat = document.querySelector('support-chat');

for (const button of document.querySelectorAll('[data-ask]')) {
  button.addEventListener('click', () => chat.ask(button.dataset.ask));
}
document.querySelector('[data-open-chat]').addEventListener('click', () => (chat.open = true));

/** Banner, opening hours and contact from the gateway; the page keeps its own where there is no answer. */
async function showSite() {
  const response = await fetch('/api/site');
  if (!response.ok) return;
  const { banner, opening, phone, email } = await response.json();
  const notice = document.querySelector('#driftinfo');
  notice.hidden = !banner;
  notice.textContent = banner?.text ?? '';
  const hours = document.querySelector('#oppettider');
  hours.hidden = !opening.text;
  hours.querySelector('b').textContent = opening.text ?? '';
  const set = (id, scheme, value) => {
    const link = document.querySelector(id);
    link.textContent = value;
    link.href = `${scheme}:${value.replaceAll(' ', '')}`;
  };
  set('#telefon', 'tel', phone);
  set('#epost', 'mailto', email);
}

showSite().catch(() => {});
