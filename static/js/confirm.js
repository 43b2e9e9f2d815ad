// A form or button with data-confirm="What will happen." asks first, in a native dialog.
// data-confirm-title and data-confirm-verb ("Retire the metric") say the rest. Without JavaScript it just submits.
const ask = (source, go) => {
  const { confirm, confirmTitle, confirmVerb, confirmDanger } = source.dataset;
  const dialog = document.createElement('dialog');
  const title = Object.assign(document.createElement('h2'), { textContent: confirmTitle || 'Are you sure?', id: 'confirm-title' });
  const text = Object.assign(document.createElement('p'), { textContent: confirm });
  const actions = Object.assign(document.createElement('form'), { method: 'dialog', className: 'form-actions' });
  const cancel = Object.assign(document.createElement('button'), { className: 'btn', value: 'cancel', textContent: 'Cancel' });
  const yes = Object.assign(document.createElement('button'), { className: confirmDanger === undefined ? 'btn btn--primary' : 'btn btn--danger', value: 'yes', textContent: confirmVerb || 'Continue' });
  actions.append(cancel, yes);
  dialog.append(title, text, actions);
  dialog.setAttribute('aria-labelledby', 'confirm-title');
  dialog.addEventListener('close', () => {
    dialog.remove();
    if (dialog.returnValue === 'yes') go();
  });
  document.body.append(dialog);
  dialog.showModal();
};

document.addEventListener('submit', (event) => {
  const form = event.target;
  const source = event.submitter?.dataset.confirm ? event.submitter : form;
  if (!source.dataset.confirm || form.dataset.confirmed) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  ask(source, () => {
    form.dataset.confirmed = 'yes';
    form.requestSubmit(event.submitter || undefined);
    delete form.dataset.confirmed;
  });
}, true);
