import { get, listen, remember, send } from './api.js';

/** What the console knows: who is signed in, the lists, the open chat. Fires `change`, `gone`, `waiting`, `passed`, `wrote`. */
export class Console extends EventTarget {
  #stream;
  #era = 0;
  #seen = null; // what was last said in each chat, to find what is new
  #told = 0;

  constructor(me) {
    super();
    remember(me.csrf);
    Object.assign(this, { me, chats: [], chat: null, connected: true, unread: new Set(), drafts: new Map() });
    this.#listen();
  }

  get mine() {
    return this.chats.filter(({ place, staff_id: id }) => (place === 'staff' || place === 'callback') && id === this.me.id);
  }

  may(role) {
    const order = ['agent', 'supervisor', 'admin'];
    return order.indexOf(this.me.role) >= order.indexOf(role);
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }

  leave() {
    this.#era += 1;
    this.#stream?.stop();
  }

  #listen() {
    this.#stream?.stop();
    const era = this.#era;
    const path = () => (this.chat ? `/events?conversation=${this.chat.id}&after=${this.last}` : '/events');
    const onEvent = (event, data) => era === this.#era && this.#take(event, data);
    const onStatus = (up, error) => {
      if (era !== this.#era) return;
      this.connected = up;
      if (error?.status === 404 || error?.status === 403) this.dispatchEvent(new Event('gone'));
      else this.#changed();
    };
    this.#stream = listen(path, onEvent, onStatus);
  }

  get last() {
    return this.chat?.messages.at(-1)?.seq ?? 0;
  }

  #take(event, data) {
    const { chat } = this;
    if (event === 'lists') this.#lists(data.chats);
    else if (event === 'message') this.#log([data]);
    else if (event === 'detail' && data.id === chat?.id) Object.assign(chat, data);
    else if (event === 'typing') this.typing = data.active;
    else if (event === 'viewers') this.viewers = data.names;
    this.#changed();
  }

  #log(messages) {
    for (const message of messages) {
      if (message.seq <= this.last) continue;
      this.chat.messages.push(message);
      if (message.author === 'visitor') this.typing = false;
    }
  }

  #lists(chats) {
    const before = this.#seen;
    this.chats = chats;
    this.#seen = new Map(chats.map((chat) => [chat.id, chat]));
    if (!before) return;
    for (const chat of chats) {
      const known = before.get(chat.id);
      if (chat.place === 'waiting' && known?.place !== 'waiting') this.dispatchEvent(new CustomEvent('waiting', { detail: chat }));
      if (!this.mine.includes(chat)) continue;
      const here = this.chat?.id === chat.id && document.hasFocus();
      if (!known || known.place !== chat.place || here) continue;
      const passed = chat.place === 'staff' && known.staff_id !== this.me.id;
      const wrote = chat.last_author === 'visitor' && known.last_seq !== chat.last_seq;
      if (!passed && !wrote) continue;
      this.unread.add(chat.id);
      this.dispatchEvent(new CustomEvent(passed ? 'passed' : 'wrote', { detail: chat }));
    }
  }

  async open(id) {
    this.#era += 1;
    const era = this.#era;
    const chat = id ? await get(`/conversations/${id}`) : null;
    if (era !== this.#era) return;
    Object.assign(this, { chat, typing: false, viewers: [] });
    this.unread.delete(id);
    this.#listen();
    this.#changed();
  }

  async act(action, body = {}, method = 'POST') {
    const { id } = this.chat;
    const answer = await send(`/conversations/${id}${action}`, body, method);
    if (answer?.messages && this.chat?.id === id) {
      this.#log(answer.messages);
      const { messages, ...rest } = answer;
      Object.assign(this.chat, rest);
      this.#changed();
    }
    return answer;
  }

  tell() {
    if (!this.chat?.mine || Date.now() - this.#told < 3_000) return;
    this.#told = Date.now();
    this.act('/typing', { active: true }).catch(() => {});
  }
}
