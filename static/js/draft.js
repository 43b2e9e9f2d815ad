// A form with data-draft-url saves itself a moment after somebody typed. What could not be saved (offline, the
// session ended, somebody else was faster) stays in this tab's sessionStorage and comes back after a reload.
const form = document.querySelector('form[data-draft-url]');
if (form) {
  const WAIT = 1200;
  const AGAIN = 15000;
  const key = `draft:${form.dataset.draftKey}`;
  const status = form.querySelector('[data-draft-status]');
  const clash = form.querySelector('[data-draft-clash]');
  const number = form.elements.draft_no;
  const skipped = ['csrfmiddlewaretoken', 'draft_no'];
  let timer;
  let saving = false;
  let waits = false;
  let stopped = false;

  const say = (words, tone = '') => {
    status.textContent = words;
    status.dataset.tone = tone;
  };
  const typed = () => Object.fromEntries([...new FormData(form)].filter(([name, value]) => !skipped.includes(name) && String(value).trim()));
  const remember = () => sessionStorage.setItem(key, JSON.stringify({ number: number.value, fields: typed() }));
  const forget = () => sessionStorage.removeItem(key);

  const fill = (fields) => {
    [...form.elements].forEach((each) => {
      if (!each.name || skipped.includes(each.name) || each.type === 'hidden' || each.type === 'submit') return;
      if (each.type === 'radio') each.checked = fields[each.name] === each.value;
      else if (each.tagName !== 'FIELDSET' && each.tagName !== 'BUTTON') each.value = fields[each.name] ?? '';
    });
    form.dispatchEvent(new CustomEvent('draft:filled'));
  };

  const later = (wait = WAIT) => {
    clearTimeout(timer);
    if (!stopped) timer = setTimeout(save, wait);
  };

  // After signing in again elsewhere the page's token is an old one: the page itself holds the new one.
  const renew = async () => {
    const answer = await fetch(location.href, { redirect: 'manual' });
    if (!answer.ok) return false;
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const token = page.querySelector('[name=csrfmiddlewaretoken]');
    if (!token) return false;
    document.querySelectorAll('[name=csrfmiddlewaretoken]').forEach((each) => { each.value = token.value; });
    return true;
  };

  const signedOut = () => {
    say('You are signed out. What you typed is kept in this tab: sign in in another tab, and it is saved from here.', 'bad');
    later(AGAIN);
  };

  const refused = async (answer) => {
    const said = await answer.json();
    say(said.sentence, 'bad');
    if (answer.status !== 409) return;
    stopped = true;
    clash.hidden = false;
    clash.querySelector('[data-draft-sentence]').textContent = `${said.sentence} What you typed is still here and was not saved over it.`;
    clash.querySelector('[data-draft-choice]').hidden = false;
    clash.dataset.number = said.draft_no;
  };

  const send = () => fetch(form.dataset.draftUrl, { method: 'POST', body: new FormData(form), redirect: 'manual', keepalive: true });

  async function save() {
    if (stopped) return;
    if (saving) {
      waits = true;
      return;
    }
    saving = true;
    try {
      let answer = await send();
      if (answer.status === 403 && await renew()) answer = await send();
      if (answer.status === 204) {
        number.value = answer.headers.get('X-Draft-Number');
        if (!waits) forget();
        say(`Saved at ${answer.headers.get('X-Draft-Saved')}.`);
      } else if (answer.type === 'opaqueredirect' || answer.status === 403) signedOut();
      else if (answer.status === 409 || answer.status === 422) await refused(answer);
      else throw new Error(String(answer.status));
    } catch {
      say('Not saved: Northstar cannot be reached. What you typed is kept in this tab and tried again.', 'bad');
      later(AGAIN);
    } finally {
      saving = false;
      if (waits) {
        waits = false;
        later(0);
      }
    }
  }

  form.addEventListener('input', () => {
    remember();
    later();
  });
  form.addEventListener('submit', (event) => {
    clearTimeout(timer);
    stopped = true;
    if (event.submitter?.hasAttribute('data-draft-save')) forget();
  });
  // Coming back by the back button finds a page that saves again.
  window.addEventListener('pageshow', (event) => { if (event.persisted) stopped = false; });
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden' && sessionStorage.getItem(key) && !stopped) save();
  });
  clash.querySelector('[data-draft-theirs]').addEventListener('click', () => {
    forget();
    location.reload();
  });
  clash.querySelector('[data-draft-mine]').addEventListener('click', () => {
    number.value = clash.dataset.number;
    clash.hidden = true;
    stopped = false;
    save();
  });

  const kept = JSON.parse(sessionStorage.getItem(key) || 'null');
  if (kept && !form.querySelector('.error-summary') && clash.hidden) {
    fill(kept.fields);
    number.value = kept.number;
    say('Restored what you had typed here. Saving it.');
    later(0);
  }
}
