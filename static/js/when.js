// Fields that matter only for some values of another one: [data-when="shape=number|rows"] names it. Without JavaScript all are shown.
const depending = [...document.querySelectorAll('[data-when]')].filter((part) => part.closest('form'));
if (depending.length) {
  const settle = () => depending.forEach((part) => {
    const [name, values] = part.dataset.when.split('=');
    const control = part.closest('form').elements[name];
    const value = control?.type === 'checkbox' ? String(control.checked) : control?.value;
    // A field that was refused stays in sight, whatever is chosen.
    part.hidden = value !== undefined && !values.split('|').includes(value) && !part.classList.contains('has-error');
  });
  document.addEventListener('change', settle);
  document.addEventListener('draft:filled', settle, true);
  window.addEventListener('pageshow', settle);
  settle();
}
