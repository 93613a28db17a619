// The keyboard of the forms. Without it they work all the same, by mouse, Tab and the boxes' own keys.
(() => {
  const FORM = '.incidentio-form';
  const LIVE = 250; // ms without a key until what is typed is checked
  if (window.incidentioForms) { return; }
  window.incidentioForms = true;
  const timers = new WeakMap();
  const boxes = 'input[type=text], textarea';
  const visible = element => element && element.offsetParent !== null;
  const formOf = element => element.closest && element.closest(FORM);

  // JupyterLab takes letters and arrows for itself unless what has the focus says that they are its own.
  document.addEventListener('focusin', event => {
    if (formOf(event.target) || (event.target.closest && event.target.closest('.incidentio-board'))) {
      event.target.setAttribute('data-lm-suppress-shortcuts', 'true');
    }
  });

  // What is typed reaches the kernel when the keys rest; what was sent before is not sent again.
  const settle = box => { clearTimeout(timers.get(box)); timers.delete(box); box.dispatchEvent(new Event('change', {bubbles: true})); };
  document.addEventListener('input', event => {
    const box = event.target;
    if (!formOf(box) || !box.matches(boxes)) { return; }
    clearTimeout(timers.get(box));
    timers.set(box, setTimeout(() => settle(box), LIVE));
  });
  document.addEventListener('pointerdown', event => {
    const form = formOf(event.target), box = document.activeElement;
    if (form && timers.has(box)) { settle(box); }
  }, true);

  const options = field => [...field.querySelectorAll('.incidentio-matches:not(.incidentio-hidden) option')];
  const mark = (field, place) => {
    options(field).forEach((option, index) => {
      option.classList.toggle('incidentio-marked', index === place);
      option.id = option.id || `incidentio-option-${Math.random().toString(36).slice(2)}`;
    });
    const marked = options(field)[place];
    const box = field.querySelector('input');
    if (marked) { box.setAttribute('aria-activedescendant', marked.id); marked.scrollIntoView({block: 'nearest'}); }
    else { box.removeAttribute('aria-activedescendant'); }
    field.dataset.marked = place;
  };
  const pick = (field, place) => {
    const list = field.querySelector('.incidentio-matches select');
    list.selectedIndex = place;
    list.dispatchEvent(new Event('change', {bubbles: true}));
    delete field.dataset.marked;
  };

  document.addEventListener('keydown', event => {
    const target = event.target, form = formOf(target);
    if (!form) { return; }
    const field = target.closest('.incidentio-search');
    const offered = field ? options(field) : [];
    const marked = field ? Number(field.dataset.marked ?? -1) : -1;
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault(); event.stopPropagation();
      if (timers.has(target)) { settle(target); }
      const button = form.querySelector('.incidentio-submit:not(.incidentio-hidden)');
      // The kernel takes messages in turn: what is in the box goes first.
      setTimeout(() => button && button.click(), 0);
    } else if (event.key === 'Escape') {
      if (offered.length && marked >= 0) { mark(field, -1); } else { target.blur(); }
      event.stopPropagation();
    } else if (offered.length && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      event.preventDefault(); event.stopPropagation();
      const step = event.key === 'ArrowDown' ? 1 : -1;
      mark(field, Math.max(0, Math.min(offered.length - 1, marked + step)));
    } else if (offered.length && event.key === 'Enter' && marked >= 0) {
      event.preventDefault(); event.stopPropagation();
      pick(field, marked);
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
      const group = field.querySelector('.widget-radio-box, .jupyter-widget-radio-box');
      if (group && !group.hasAttribute('role')) {
        group.setAttribute('role', 'radiogroup');
        const label = field.querySelector('.widget-label, .jupyter-widget-label');
        group.setAttribute('aria-label', label ? label.textContent : 'Choice');
      }
      if (field.classList.contains('incidentio-search')) {
        const box = field.querySelector('input'), list = field.querySelector('.incidentio-matches select');
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
  const changed = new Set();
  let planned = false;
  new MutationObserver(records => {
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
  }).observe(document.body, {childList: true, subtree: true, attributes: true, attributeFilter: ['class']});
  document.querySelectorAll(FORM).forEach(tidy);
})();
