// An answer far from the numbers owes a sentence: the field says so as soon as it is chosen.
document.querySelectorAll('[data-check-in]').forEach((group) => {
  const note = group.querySelector('[name="note"]');
  const word = group.querySelector('[data-optional]');
  const tell = () => {
    const owes = Boolean(group.querySelector('[data-owes-sentence]:checked'));
    note.required = owes;
    word.textContent = owes ? 'needed: you and the numbers differ' : 'optional';
  };
  group.addEventListener('change', tell);
  tell();
});
