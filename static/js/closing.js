// A row appears when the one before it is filled; data-when="extend" shows while that decision is chosen.
const growing = [...document.querySelectorAll('[data-grow-row]')];
const chosen = [...document.querySelectorAll('[data-when]')];
if (growing.length || chosen.length) {
  const filled = (row) => [...row.querySelectorAll('input')].some((each) => each.value);
  const fit = () => {
    growing.forEach((row, place) => { row.hidden = place > 1 && !filled(row) && !filled(growing[place - 1]); });
    const decision = document.querySelector('[name=decision]:checked')?.value;
    chosen.forEach((part) => { part.hidden = part.dataset.when !== decision; });
  };
  document.addEventListener('input', fit);
  document.addEventListener('draft:filled', fit, true);
  fit();
}
