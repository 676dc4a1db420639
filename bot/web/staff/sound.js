import { T } from './texts.js';

const KEY = 'support-staff sound';
let context;

export const isOn = () => localStorage.getItem(KEY) !== 'off';

export function setOn(on) {
  localStorage.setItem(KEY, on ? 'on' : 'off');
  if (!on) return;
  play(660);
  if (window.Notification?.permission === 'default') Notification.requestPermission();
}

function play(...tones) {
  // Before the first click or key browsers hold sounds back, and would play all of them at once after it.
  if (!navigator.userActivation.hasBeenActive) return;
  context ??= new AudioContext();
  tones.forEach((tone, index) => {
    const [voice, level] = [context.createOscillator(), context.createGain()];
    const start = context.currentTime + index * 0.16;
    voice.frequency.value = tone;
    level.gain.setValueAtTime(0, start);
    level.gain.linearRampToValueAtTime(0.12, start + 0.02);
    level.gain.exponentialRampToValueAtTime(0.001, start + 0.3);
    voice.connect(level).connect(context.destination);
    voice.start(start);
    voice.stop(start + 0.32);
  });
}

function notify(title, body) {
  if (document.hasFocus() || window.Notification?.permission !== 'granted') return;
  new Notification(title, { body, tag: title });
}

/** Rings for a new chat in the queue, one that a colleague passes on, and a new message in one's own. */
export function follow(desk) {
  const ring = (event, body, ...tones) => desk.addEventListener(event, ({ detail }) => {
    if (isOn()) play(...tones);
    notify(T.sound[event], body(detail));
  });
  ring('waiting', ({ errand, preview }) => errand ?? preview, 660, 880);
  ring('passed', ({ errand, preview }) => errand ?? preview, 660, 880);
  ring('wrote', () => '', 740);
}
