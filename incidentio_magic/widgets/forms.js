// Keyboard support of the forms. Without this script they work by mouse, Tab and the boxes' own keys.
(() => {
  const FORM = '.incidentio-form';
  const LIVE = 100; // ms without a key until what is typed is checked
  const LONGEST = 250; // ms after which it is checked while the keys do not rest
  if (window.incidentioForms) { return; }
  window.incidentioForms = true;
  const timers = new WeakMap();
  const boxes = 'input[type=text], textarea';
  const visible = element => element && element.offsetParent !== null;
  const formOf = element => element.closest && element.closest(FORM);

  // JupyterLab handles letters and arrows as shortcuts unless the focused element claims them.
  document.addEventListener('focusin', event => {
    if (formOf(event.target) || (event.target.closest && event.target.closest('.incidentio-board'))) {
      event.target.setAttribute('data-lm-suppress-shortcuts', 'true');
    }
  });

  // Typed text reaches the kernel when the user pauses; text that was sent is not sent again.
  const typed = new WeakMap(), began = new WeakMap();
  const settle = box => {
    keep(box);
    clearTimeout(timers.get(box)); timers.delete(box);
    box.dispatchEvent(new Event('change', {bubbles: true}));
  };
  // Text that the kernel writes into a box between two keys does not replace typed text.
  const keep = box => { if (timers.has(box) && box.value !== typed.get(box)) { box.value = typed.get(box); } };
  document.addEventListener('beforeinput', event => {
    if (formOf(event.target) && event.target.matches(boxes)) { keep(event.target); }
  });
  document.addEventListener('input', event => {
    const box = event.target;
    if (!formOf(box) || !box.matches(boxes)) { return; }
    typed.set(box, box.value);
    if (!timers.has(box)) { began.set(box, performance.now()); }
    clearTimeout(timers.get(box));
    const left = began.get(box) + LONGEST - performance.now();
    timers.set(box, setTimeout(() => settle(box), Math.max(0, Math.min(LIVE, left))));
  });
  // Leaving a box or pressing Enter has already sent the text; what the kernel writes later is its response.
  document.addEventListener('change', event => {
    clearTimeout(timers.get(event.target)); timers.delete(event.target);
  }, true);
  document.addEventListener('pointerdown', event => {
    const form = formOf(event.target), box = document.activeElement;
    if (form && timers.has(box)) { settle(box); }
  }, true);

  // The front end sends one change of a control at a time, but a click at once. Clicks and choices therefore wait
  // until the kernel has received the visible state, so that the right text is sent and no earlier list is used.
  const searchOf = element => element.closest && element.closest('.incidentio-search');
  const boxOf = field => field.querySelector('input[type=text]');
  const options = field => [...field.querySelectorAll('.incidentio-matches:not(.incidentio-hidden) option')];
  const fingerprint = text => {
    let found = 2166136261;
    for (const unit of text.replace(/[\r\n]/g, '').split('')) { found = Math.imul(found ^ unit.charCodeAt(0), 16777619); }
    return (found >>> 0).toString(16);
  };
  const CONTROLS = '.widget-radio-box, .jupyter-widget-radio-box, input[type=text], textarea, input[type=checkbox], select';
  const seen = field => {
    const states = [...field.querySelectorAll(CONTROLS)].filter(control => !control.closest('.incidentio-matches'))
      .map(control => control.matches('div') ? [...control.querySelectorAll('input')].findIndex(radio => radio.checked)
        : control.matches('select') ? control.selectedIndex
        : control.type === 'checkbox' ? Number(control.checked) : fingerprint(control.value));
    return [...states, ...(field.matches('.incidentio-search') ? [options(field).length] : [])].join(',');
  };
  const noted = field => {
    const state = field.querySelector('[data-incidentio-state]');
    return !state || state.dataset.incidentioState === seen(field);
  };
  const allNoted = form => [...form.querySelectorAll('.incidentio-field')].every(noted);
  const waiting = new Map();
  const resume = () => {
    waiting.forEach((wait, element) => {
      if (!element.isConnected) { waiting.delete(element); }
      else if (wait.ready()) { waiting.delete(element); wait.actions.forEach(action => action()); }
      else { element.classList.toggle('incidentio-busy', ++wait.tries > 20); return; }
      element.classList.remove('incidentio-busy');
    });
    if (waiting.size) { setTimeout(resume, 50); }
  };
  const later = (element, ready, action) => {
    const idle = !waiting.size;
    element.querySelectorAll(boxes).forEach(box => { if (timers.has(box)) { settle(box); } });
    const wait = waiting.get(element) || {ready, actions: [], tries: 0};
    wait.actions.push(action);
    waiting.set(element, wait);
    if (idle) { resume(); }
  };
  const inField = (field, action) => later(field, () => noted(field), action);
  document.addEventListener('click', event => {
    const button = event.target.closest && event.target.closest('.incidentio-submit');
    const form = button && formOf(button);
    if (!form || allNoted(form)) { return; }
    event.preventDefault(); event.stopPropagation();
    if (!waiting.has(form)) { later(form, () => allNoted(form), () => button.click()); }
  }, true);

  // The page clears the box itself, as if by keys, so that text typed next survives the kernel's response.
  document.addEventListener('click', event => {
    const button = event.target.closest && event.target.closest('.incidentio-search .incidentio-remove');
    if (!button) { return; }
    event.preventDefault(); event.stopPropagation();
    const box = boxOf(searchOf(button));
    box.value = '';
    typed.set(box, '');
    settle(box);
    box.focus();
  }, true);

  const mark = (field, place) => {
    options(field).forEach((option, index) => {
      option.classList.toggle('incidentio-marked', index === place);
      option.id = option.id || `incidentio-option-${Math.random().toString(36).slice(2)}`;
    });
    const marked = options(field)[place];
    const box = boxOf(field);
    if (marked) { box.setAttribute('aria-activedescendant', marked.id); marked.scrollIntoView({block: 'nearest'}); }
    else { box.removeAttribute('aria-activedescendant'); }
    field.dataset.marked = place;
  };
  const marked = field => Number(field.dataset.marked ?? -1);
  const move = (field, step) => {
    const count = options(field).length;
    if (count) { mark(field, Math.max(0, Math.min(count - 1, marked(field) + step))); }
  };
  const pick = (field, place) => {
    const list = field.querySelector('.incidentio-matches select');
    list.selectedIndex = place;
    list.dispatchEvent(new Event('change', {bubbles: true}));
    delete field.dataset.marked;
  };
  document.addEventListener('input', event => {
    const field = searchOf(event.target);
    if (field) { waiting.delete(field); delete field.dataset.marked; }
  });
  document.addEventListener('change', event => {
    const list = event.target, field = searchOf(list);
    if (!field || !list.matches('.incidentio-matches select') || noted(field)) { return; }
    const label = list.options[list.selectedIndex]?.text;
    event.stopPropagation();
    inField(field, () => {
      const place = options(field).findIndex(option => option.text === label);
      if (place >= 0) { pick(field, place); }
    });
  }, true);

  document.addEventListener('keydown', event => {
    const target = event.target, form = formOf(target);
    if (!form) { return; }
    const field = searchOf(target);
    const take = () => { event.preventDefault(); event.stopPropagation(); };
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      take();
      if (timers.has(target)) { settle(target); }
      const button = form.querySelector('.incidentio-submit:not(.incidentio-hidden)');
      if (button) { button.click(); }
    } else if (event.key === 'Escape') {
      if (field && marked(field) >= 0) { mark(field, -1); } else { target.blur(); }
      event.stopPropagation();
    } else if (field && target === boxOf(field) && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      take();
      const step = event.key === 'ArrowDown' ? 1 : -1;
      inField(field, () => move(field, step));
    } else if (field && target === boxOf(field) && event.key === 'Enter' && (marked(field) >= 0 || waiting.has(field))) {
      take();
      inField(field, () => { if (marked(field) >= 0) { pick(field, marked(field)); } });
    } else if (field && target === boxOf(field) && event.key === 'Enter' && !noted(field)) {
      take();
      inField(field, () => target.dispatchEvent(new KeyboardEvent('keypress', {key: 'Enter', keyCode: 13, bubbles: true})));
    }
  }, true);

  // Names, descriptions and states for screen readers, and the focus the kernel asks for.
  let count = 0;
  const tidy = form => {
    form.querySelectorAll('.incidentio-field').forEach(field => {
      const note = field.querySelector('.incidentio-note');
      const wrong = field.classList.contains('incidentio-wrong');
      if (note && !note.id) { note.id = `incidentio-note-${++count}`; }
      field.querySelectorAll('input, textarea, select').forEach(control => {
        if (note) { control.setAttribute('aria-describedby', note.id); }
        control.setAttribute('aria-invalid', wrong ? 'true' : 'false');
      });
      field.querySelectorAll('.widget-radio-box, .jupyter-widget-radio-box').forEach(group => {
        if (!group.hasAttribute('role')) {
          group.setAttribute('role', 'radiogroup');
          const label = group.parentElement.querySelector('.widget-label, .jupyter-widget-label');
          group.setAttribute('aria-label', label ? label.textContent : 'Choice');
        }
        // With a common name, Tab goes to the chosen button, and the arrow keys move between them.
        group.dataset.name = group.dataset.name || `incidentio-group-${++count}`;
        group.querySelectorAll('input').forEach(radio => { radio.name = radio.name || group.dataset.name; });
      });
      if (field.classList.contains('incidentio-search')) {
        const box = boxOf(field), list = field.querySelector('.incidentio-matches select');
        box.setAttribute('role', 'combobox');
        box.setAttribute('aria-autocomplete', 'list');
        box.setAttribute('aria-expanded', options(field).length ? 'true' : 'false');
        if (list) {
          list.id = list.id || `incidentio-list-${++count}`;
          list.tabIndex = -1;
          list.setAttribute('aria-label', 'What fits');
          box.setAttribute('aria-controls', list.id);
        }
      }
    });
    // The form of a next step focuses its first field.
    const next = form.querySelector('.incidentio-next > .incidentio-form:not([data-begun])');
    const first = next && [...next.querySelectorAll('input, textarea, select')].find(visible);
    if (first) { next.dataset.begun = 'true'; first.focus(); }
    form.querySelectorAll('.incidentio-disclose').forEach(button =>
      button.setAttribute('aria-expanded', button.classList.contains('incidentio-open') ? 'true' : 'false'));
    const asked = form.querySelector('[data-incidentio-focus]');
    if (asked && form.dataset.focused !== asked.dataset.incidentioTurn) {
      form.dataset.focused = asked.dataset.incidentioTurn;
      const wanted = form.querySelector(asked.dataset.incidentioFocus);
      const control = wanted && [...wanted.querySelectorAll('input, textarea, select, [tabindex]')].find(visible);
      if (control) { control.focus({preventScroll: false}); }
    }
  };
  // JupyterLab leaves the widgets of a kernel that was shut down unchanged; its indicator shows that there is no kernel.
  const GONE = ['dead', 'terminating', 'unknown'];
  const markLost = () => document.querySelectorAll(`${FORM}, .incidents-board`).forEach(part => {
    const indicator = part.closest('.jp-NotebookPanel')?.querySelector('.jp-Notebook-ExecutionIndicator');
    part.classList.toggle('incidentio-lost', Boolean(indicator) && GONE.includes(indicator.dataset.status));
  });
  const changed = new Set();
  let planned = false;
  new MutationObserver(records => {
    if (records.some(record => record.attributeName === 'data-status')) { markLost(); }
    for (const record of records) {
      const node = record.target.nodeType === 1 ? record.target : record.target.parentElement;
      const form = node && formOf(node);
      if (form) { changed.add(form); }
      record.addedNodes.forEach(added => added.querySelectorAll && added.querySelectorAll(FORM).forEach(form => changed.add(form)));
    }
    if (changed.size && !planned) {
      planned = true;
      requestAnimationFrame(() => { planned = false; changed.forEach(tidy); changed.clear(); });
    }
  }).observe(document.body, {childList: true, subtree: true, attributes: true, attributeFilter: ['class', 'data-status']});
  document.querySelectorAll(FORM).forEach(tidy);
})();
