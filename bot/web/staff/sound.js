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

/** Rings for a new chat in the queue and for a new message in one's own. */
export function follow(desk) {
  desk.addEventListener('waiting', ({ detail }) => {
    if (isOn()) play(660, 880);
    notify(T.sound.waiting, detail.preview);
  });
  desk.addEventListener('wrote', () => {
    if (isOn()) play(740);
    notify(T.sound.wrote, '');
  });
}
