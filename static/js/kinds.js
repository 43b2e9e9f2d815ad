// Hides the notes of a kind on every chart ([data-hide-kind]); the browser keeps the choice.
const show = () => document.querySelectorAll('.note-hiding').forEach((part) => {
  let count = 0;
  part.querySelectorAll('[data-hide-kind]').forEach((box) => {
    box.checked = !northstar.hidden.has(box.dataset.hideKind);
    count += !box.checked;
  });
  part.querySelector('[data-hidden-kinds]').textContent = count ? ` · ${count} hidden` : '';
});

document.addEventListener('change', ({ target }) => {
  const kind = target.dataset?.hideKind;
  if (!kind) return;
  const kinds = new Set(northstar.hidden);
  kinds[target.checked ? 'delete' : 'add'](kind);
  northstar.hide([...kinds]);
  try {
    localStorage.setItem('northstar-hide', [...kinds].join(' '));
  } catch {
    // the choice then lasts until the page changes
  }
  show();
  document.dispatchEvent(new CustomEvent('northstar:theme'));
});
document.addEventListener('htmx:after:swap', show);
show();
