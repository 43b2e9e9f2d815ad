// <button data-copy="#id"> copies that element's value or text; data-copy-text copies the text itself.
document.addEventListener('click', async (event) => {
  const button = event.target.closest?.('[data-copy], [data-copy-text]');
  if (!button) return;
  const target = button.dataset.copy && document.querySelector(button.dataset.copy);
  const text = button.dataset.copyText ?? target?.value ?? target?.textContent ?? '';
  const label = button.querySelector('[data-copy-label]') || button;
  const before = label.textContent;
  try {
    await navigator.clipboard.writeText(text.trim());
    label.textContent = 'Copied';
  } catch {
    if (target) getSelection().selectAllChildren(target);
    label.textContent = 'Press Ctrl+C';
  }
  setTimeout(() => { label.textContent = before; }, 4000);
});
