// Runs in <head>, before anything is painted: the chosen theme, and the switch ([data-theme-choice]).
const KEY = 'northstar-theme';
const root = document.documentElement;

const stored = (key) => {
  try {
    return localStorage.getItem(key);
  } catch {
    return null; // storage may be forbidden: follow the system
  }
};

const apply = (choice) => {
  if (choice === 'light' || choice === 'dark') root.dataset.theme = choice;
  else delete root.dataset.theme;
};

const show = () => {
  const current = root.dataset.theme || 'system';
  document.querySelectorAll('[data-theme-choice]').forEach((button) => {
    button.setAttribute('aria-pressed', String(button.dataset.themeChoice === current));
  });
};

const announce = () => document.dispatchEvent(new CustomEvent('northstar:theme'));

// Kinds of notes that this browser hides: chart.css takes them out of sketches and lists, chart-style.js of figures.
northstar.hide = (kinds) => {
  northstar.hidden = new Set(kinds);
  root.dataset.hide = kinds.join(' ');
};

apply(stored(KEY));
northstar.hide((stored('northstar-hide') || '').split(' ').filter(Boolean));
root.classList.add('js');
document.addEventListener('DOMContentLoaded', show);
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', announce);
document.addEventListener('click', (event) => {
  const button = event.target.closest?.('[data-theme-choice]');
  if (!button) return;
  apply(button.dataset.themeChoice);
  try {
    localStorage.setItem(KEY, button.dataset.themeChoice);
  } catch {
    // the choice then lasts until the page changes
  }
  show();
  announce();
});
