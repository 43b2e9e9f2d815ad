// <input data-filter="#list"> shows only the parts with [data-filter-text] that hold every word that was typed.
document.querySelectorAll('[data-filter]').forEach((box) => {
  const list = document.querySelector(box.dataset.filter);
  const items = [...list.querySelectorAll('[data-filter-text]')];
  const none = list.querySelector('[data-filter-none]');
  const fit = () => {
    const words = box.value.toLowerCase().split(/\s+/);
    items.forEach((item) => {
      const text = item.dataset.filterText.toLowerCase();
      item.hidden = !words.every((word) => text.includes(word));
    });
    list.querySelectorAll('[data-filter-group]').forEach((group) => { group.hidden = !group.querySelector('[data-filter-text]:not([hidden])'); });
    none.hidden = items.some((item) => !item.hidden);
  };
  box.closest('[data-filter-box]').hidden = false;
  box.addEventListener('input', fit);
  box.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    const left = items.filter((item) => !item.hidden);
    if (left.length === 1) left[0].querySelector('a').click();
  });
  fit();
});
