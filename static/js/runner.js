// The review meeting by keyboard. Pages are swapped inside this one, so that full screen and the pointer stay;
// without a script they are plain pages.
const here = () => document.querySelector('[data-runner]');
if (here()) {
  const BUSY = 'input, select, textarea, button, a, summary, [contenteditable], dialog[open]';
  let ticking;
  let going = false;

  const clock = (seconds) => `${seconds < 0 ? '+' : ''}${Math.floor(Math.abs(seconds) / 60)}:${String(Math.abs(seconds) % 60).padStart(2, '0')}`;

  // It only informs: nothing happens when the time is up.
  const time = () => {
    clearInterval(ticking);
    const timer = document.querySelector('[data-runner-timer]');
    if (!timer) return;
    const end = Date.now() + Number(timer.dataset.runnerTimer) * 1000;
    const show = () => {
      const left = Math.round((end - Date.now()) / 1000);
      timer.textContent = left > 0 ? `${clock(left)} left` : `${clock(left)} over time`;
      timer.dataset.over = left > 0 ? '' : 'yes';
    };
    timer.hidden = false;
    show();
    ticking = setInterval(show, 1000);
  };

  const place = () => {
    const help = document.querySelector('[data-runner-help]');
    const full = document.querySelector('[data-runner-full]');
    if (help) help.hidden = false;
    if (full) {
      full.hidden = !document.fullscreenEnabled;
      full.textContent = document.fullscreenElement ? 'Leave full screen' : 'Full screen';
    }
    document.querySelectorAll('[data-print]').forEach((button) => { button.hidden = false; });
    time();
  };

  const put = async (answer, remember) => {
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const fresh = page.querySelector('[data-runner]');
    if (!fresh) {
      location.assign(answer.url);
      return;
    }
    here().replaceWith(fresh);
    document.title = page.title;
    if (remember) history.pushState({ runner: true }, '', answer.url);
    window.scrollTo(0, 0);
    document.dispatchEvent(new CustomEvent('northstar:charts'));
    place();
    (fresh.querySelector('.error-summary a') || fresh.querySelector('[data-runner-title]') || document.getElementById('content')).focus();
  };

  const go = async (url, remember = true) => {
    if (!url || going) return;
    going = true;
    try {
      await put(await fetch(url), remember);
    } catch {
      location.assign(url);
    } finally {
      going = false;
    }
  };

  const ask = () => document.querySelector('[data-runner-dialog]').showModal();

  document.addEventListener('click', (event) => {
    const link = event.target.closest?.('[data-runner-go]');
    if (link && !event.metaKey && !event.ctrlKey && !event.shiftKey && event.button === 0) {
      event.preventDefault();
      go(link.href);
    } else if (event.target.closest?.('[data-runner-help]')) ask();
    else if (event.target.closest?.('[data-runner-full]')) {
      if (document.fullscreenElement) document.exitFullscreen();
      else document.documentElement.requestFullscreen();
    }
  });

  document.addEventListener('submit', (event) => {
    const form = event.target.closest('[data-runner-form]');
    if (!form || going) return;
    event.preventDefault();
    going = true;
    fetch(form.action, { method: 'POST', body: new FormData(form) })
      .then((answer) => put(answer, answer.status === 200))
      .catch(() => HTMLFormElement.prototype.submit.call(form))
      .finally(() => { going = false; });
  });

  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
    const runner = here();
    if (event.key === '?' && !event.target.closest('input, select, textarea')) ask();
    else if (document.querySelector('dialog[open]')) return;
    else if (event.key === 'Escape' && !document.fullscreenElement) {
      if (event.target.closest('input, select, textarea')) event.target.blur();
      else go(runner.dataset.up);
    } else if (event.target.closest(BUSY) && event.key === ' ') return;
    else if (event.target.closest('input, select, textarea')) return;
    else if (event.key === 'ArrowRight' || event.key === ' ') {
      if (!runner.dataset.next) return;
      event.preventDefault();
      go(runner.dataset.next);
    } else if (event.key === 'ArrowLeft' && runner.dataset.before) {
      event.preventDefault();
      go(runner.dataset.before);
    }
  });

  window.addEventListener('popstate', () => go(location.href, false));
  document.addEventListener('fullscreenchange', place);
  place();
}
