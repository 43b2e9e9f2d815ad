// A test or a form part that the server refuses (422, 429) still says why: htmx shows the answer.
document.addEventListener('htmx:beforeSwap', (event) => {
  if ([422, 429].includes(event.detail.xhr.status)) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});
