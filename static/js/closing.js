// A row appears when the one before it is filled.
const growing = [...document.querySelectorAll('[data-grow-row]')];
if (growing.length) {
  const filled = (row) => [...row.querySelectorAll('input')].some((each) => each.value);
  const fit = () => growing.forEach((row, place) => { row.hidden = place > 1 && !filled(row) && !filled(growing[place - 1]); });
  document.addEventListener('input', fit);
  document.addEventListener('draft:filled', fit, true);
  fit();
}
