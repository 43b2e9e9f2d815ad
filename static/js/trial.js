// A test or a form part that the server refuses (422, 429) still says why: htmx shows the answer.
document.addEventListener('htmx:beforeSwap', (event) => {
  if ([422, 429].includes(event.detail.xhr.status)) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});
// Ctrl+Enter (Cmd+Enter) in a form with a test runs it, wherever the cursor stands.
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.repeat) return;
  const button = event.target.closest?.('form')?.querySelector('[data-trial]');
  if (!button || button.disabled) return;
  event.preventDefault();
  button.click();
});
