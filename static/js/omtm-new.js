// The new focus, as it is typed: the server works out baseline, end, sketch and checks; this puts them in place.
const form = document.querySelector('[data-omtm-new]');
if (form) {
  const panel = document.getElementById('omtm-preview');
  const fills = ['unit', 'aside', 'stands', 'start_words', 'button'];
  const waits = { aside: 'The distance to go', stands: 'Where it stands now appears here.' };
  const end = form.elements.end;
  let timer;
  let request;

  const place = () => {
    const found = panel.querySelector('[data-omtm-preview]').dataset;
    fills.forEach((name) => form.querySelectorAll(`[data-fill="${name}"]`).forEach((spot) => {
      spot.textContent = found[name] || waits[name] || '';
    }));
    form.querySelector('[data-goal="value"]').hidden = found.ranged === 'yes';
    form.querySelector('[data-goal="range"]').hidden = found.ranged !== 'yes';
    end.min = found.earliest;
    end.max = found.latest;
    if (form.elements.months.value !== 'other' && document.activeElement !== end) end.value = found.end;
  };

  const ask = async () => {
    request?.abort();
    request = new AbortController();
    try {
      const answer = await fetch(form.dataset.previewUrl, { method: 'POST', body: new FormData(form), signal: request.signal });
      if (!answer.ok) return;
      panel.innerHTML = await answer.text();
      place();
    } catch (error) {
      if (error.name !== 'AbortError') panel.dataset.stale = 'yes'; // offline: the page works without it
    }
  };

  // A guardrail row appears when the one before it is filled.
  const rows = [...form.querySelectorAll('.guard-row')];
  const filled = (row) => row.querySelector('select').value || row.querySelector('input').value;
  const unfold = () => rows.forEach((row, place_) => {
    row.hidden = place_ > 0 && !filled(row) && !filled(rows[place_ - 1]);
  });

  // What belongs to one kind of plan shows with it alone.
  const fit = () => form.querySelectorAll('[data-plan]').forEach((part) => {
    part.hidden = part.dataset.plan !== form.elements.shape.value;
  });

  form.querySelector('[data-check]').hidden = true;
  form.addEventListener('input', (event) => {
    if (event.target === end) form.elements.months.value = 'other';
    if (event.target === form.elements.why) return;
    unfold();
    fit();
    clearTimeout(timer);
    timer = setTimeout(ask, 350);
  });
  unfold();
  fit();
  place();
}
