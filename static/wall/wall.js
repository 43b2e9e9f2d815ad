// A wall screen: turns the views, asks for news, keeps the last good ones. Runs for months, so that nothing is
// ever added twice: one timer, one listener of each kind, one request at a time.
const body = document.body;
const PATIENCE = 20000;
// How soon a screen that was disconnected goes dark, and a lost connection is seen.
const PULSE = 15000;

if (body.dataset.wall) hang();
else pairing();

function hang() {
  const source = body.dataset.wall;
  const every = Number(body.dataset.reload) * 1000;
  const paused = document.querySelector('.wall-paused');
  const notice = document.querySelector('.wall-lost');
  const clock = clocked(Number(body.dataset.now), body.dataset.zone);
  let wall = document.getElementById('wall');
  const asset = wall.dataset.asset;
  let place = Math.max(views().findIndex((view) => !view.hidden), 0);
  let turned = performance.now();
  let looked = performance.now();
  let felt = looked;
  let wait = every;
  let minute = '';
  let tag = '';
  let failures = 0;
  let loading = false;

  function views() {
    return [...wall.querySelectorAll('.wall-view')];
  }

  function show(next) {
    const all = views();
    place = (next + all.length) % all.length;
    all.forEach((view, at) => { view.hidden = at !== place; });
    turned = performance.now();
  }

  function hangUp(text, answered) {
    const fresh = new DOMParser().parseFromString(text, 'text/html').getElementById('wall');
    // Something else answers in the server's place, such as a proxy: that is no wall.
    if (!fresh) throw new Error('no wall');
    if (fresh.dataset.asset !== asset) return location.reload();
    const key = views()[place]?.dataset.key;
    wall.replaceWith(document.adoptNode(fresh));
    wall = fresh;
    tag = answered;
    const kept = views().findIndex((view) => view.dataset.key === key);
    const since = turned;
    show(kept < 0 ? 0 : kept);
    if (kept >= 0) turned = since;
    minute = '';
  }

  async function look() {
    loading = true;
    const abort = new AbortController();
    const late = setTimeout(() => abort.abort(), PATIENCE);
    try {
      const answer = await fetch(source, {
        headers: tag ? { 'If-None-Match': tag } : {},
        signal: abort.signal,
        cache: 'no-store',
        redirect: 'error',
      });
      // Only our own refusal leads away from what hangs: a server that is ill must not take it down.
      if (answer.status === 410) return location.reload();
      if (answer.status === 304) await answer.text();
      else if (answer.ok) hangUp(await answer.text(), answer.headers.get('ETag') || '');
      else throw new Error(String(answer.status));
      clock.set(answer.headers.get('Date'));
      failures = 0;
      wait = every;
      notice.hidden = true;
    } catch {
      failures += 1;
      wait = Math.min(every, 2500 * 2 ** Math.min(failures, 8)) * (0.75 + Math.random() / 2);
      if (notice.hidden) {
        notice.textContent = `Connection lost ${clock.words(clock.now())}`;
        notice.hidden = false;
      }
    } finally {
      clearTimeout(late);
      loading = false;
      looked = felt = performance.now();
    }
  }

  async function feel() {
    loading = true;
    felt = performance.now();
    try {
      if ((await stateOf()) !== 'approved') return location.reload();
    } catch {
      wait = 0;
    } finally {
      loading = false;
    }
  }

  function eachMinute() {
    const now = clock.words(clock.now());
    if (now === minute) return;
    minute = now;
    const [from, until] = (wall.dataset.dims || '').split('-');
    const over = from > until;
    const dim = Boolean(until) && (over ? now >= from || now < until : now >= from && now < until);
    body.classList.toggle('is-dim', dim);
    // Words of yesterday would say that the data are of today.
    for (const age of wall.querySelectorAll('[data-moment]')) {
      if (age.dataset.moment) age.textContent = `${age.dataset.verb} ${clock.since(Date.parse(age.dataset.moment))}`;
    }
  }

  setInterval(() => {
    const now = performance.now();
    if (paused.hidden && now - turned >= Number(wall.dataset.seconds) * 1000 && views().length > 1) show(place + 1);
    if (!loading && now - looked >= wait) look();
    else if (!loading && !failures && body.dataset.paired && now - felt >= Math.min(PULSE, every)) feel();
    eachMinute();
  }, 250);

  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === ' ') {
      paused.hidden = !paused.hidden;
      turned = performance.now();
    } else if (event.key === 'ArrowRight' || event.key === 'ArrowDown') show(place + 1);
    else if (event.key === 'ArrowLeft' || event.key === 'ArrowUp') show(place - 1);
    else return;
    event.preventDefault();
  });

  // Screens that would fall asleep stay awake where the browser can do it (https only).
  const wake = () => {
    if (document.visibilityState === 'visible') navigator.wakeLock?.request('screen').catch(() => {});
  };
  document.addEventListener('visibilitychange', wake);
  window.addEventListener('online', () => { wait = 0; });
  wake();
  eachMinute();
}

// The server's time, carried on by a clock that nobody can set; the device's own may be wrong by years.
function clocked(start, zone) {
  let server = start;
  let at = performance.now();
  const time = format({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const day = format({ weekday: 'short', day: 'numeric', month: 'short' });
  function format(parts) {
    try {
      return new Intl.DateTimeFormat('en-GB', { ...parts, timeZone: zone });
    } catch {
      return new Intl.DateTimeFormat('en-GB', parts);
    }
  }
  const now = () => server + performance.now() - at;
  return {
    now,
    words: (moment) => time.format(moment),
    since(moment) {
      const said = day.format(moment);
      return said === day.format(now()) ? time.format(moment) : `${said.replace(',', '')}, ${time.format(moment)}`;
    },
    set(header) {
      const told = Date.parse(header || '');
      // The header counts whole seconds: small differences are its own.
      if (told && Math.abs(told - now()) > 1500) {
        server = told;
        at = performance.now();
      }
    },
  };
}

// How the server sees this screen: approved, waiting or none.
async function stateOf() {
  // AbortSignal.timeout would be shorter, but the browsers of many televisions do not know it.
  const abort = new AbortController();
  const late = setTimeout(() => abort.abort(), PATIENCE);
  try {
    const answer = await fetch('/wall/state/', { cache: 'no-store', redirect: 'error', signal: abort.signal });
    if (!answer.ok) throw new Error(String(answer.status));
    const { state } = await answer.json();
    if (!['approved', 'waiting', 'none'].includes(state)) throw new Error('no state');
    return state;
  } finally {
    clearTimeout(late);
  }
}

function pairing() {
  const form = document.querySelector('[data-ask]');
  if (form) setTimeout(() => form.requestSubmit(), Number(form.dataset.ask) * 1000);
  if (!body.dataset.left) return;
  setTimeout(ask, 3000);
  async function ask() {
    try {
      if ((await stateOf()) !== 'waiting') return location.replace('/wall/');
    } catch {
      // The server is away: the code stays, and is asked for again.
    }
    setTimeout(ask, 3000);
  }
}
