// Keyboard, focus, table roles and the row order of boards. Without this script a board works by mouse and Tab.
(() => {
  const BOARD = '.incidents-board';
  if (window.incidentsBoard) { return; }
  window.incidentsBoard = true;
  const boardOf = node => node instanceof Element ? node.closest(BOARD) : null;
  const tableOf = node => node instanceof Element ? node.closest('.ib-table') : null;
  const visible = node => node.offsetParent !== null;
  const role = (root, selector, name) => root.querySelectorAll(selector).forEach(node => node.setAttribute('role', name));

  // The kernel keeps the order of the rows while the pointer or the focus is in the table.
  const settle = board => {
    const table = board.querySelector('.ib-table');
    if (!table) { return; }
    const held = table.matches(':hover') || table.contains(document.activeElement);
    if (held !== (board.dataset.held === 'true')) {
      board.dataset.held = held;
      board.querySelector(held ? '.ib-hold' : '.ib-release')?.click();
    }
  };
  let planned = 0;
  const plan = () => {
    clearTimeout(planned);
    planned = setTimeout(() => document.querySelectorAll(BOARD).forEach(settle), 50);
  };
  for (const kind of ['pointerover', 'pointerout', 'focusin', 'focusout']) {
    document.addEventListener(kind, event => { if (tableOf(event.target)) { plan(); } });
  }

  // JupyterLab's shortcuts do not apply to keys that are pressed in a board.
  document.addEventListener('focusin', event => {
    if (boardOf(event.target)) { event.target.setAttribute('data-lm-suppress-shortcuts', 'true'); }
  });

  let opener = null;
  document.addEventListener('click', event => {
    const button = event.target instanceof Element ? event.target.closest('.ib-actions button') : null;
    if (button) { opener = button; }
  }, true);
  // Escape hides the form of a row and keeps its text; in a list of suggestions, the list handles Escape.
  window.addEventListener('keydown', event => {
    const panel = event.target instanceof Element ? event.target.closest('.ib-panel') : null;
    if (event.key !== 'Escape' || !panel || event.target.closest('[data-marked]:not([data-marked="-1"])')) { return; }
    event.preventDefault();
    event.stopPropagation();
    event.target.blur();  // what is typed reaches the kernel first
    setTimeout(() => { panel.querySelector('.ib-hide').click(); opener?.focus(); }, 0);
  }, true);

  const reveal = panel => {
    const control = [...panel.querySelectorAll('.incidentio-form textarea, .incidentio-form input, .incidentio-form select')]
      .find(visible);
    if (!control) { return; }
    panel.dataset.revealed = true;
    control.focus({preventScroll: true});
    const line = panel.previousElementSibling || panel;
    const tall = panel.getBoundingClientRect().height > window.innerHeight * 0.6;
    if (tall) { line.scrollIntoView({block: 'start'}); } else { panel.scrollIntoView({block: 'nearest'}); }
  };
  const tidy = board => {
    const table = board.querySelector('.ib-table');
    if (!table) { return; }
    table.setAttribute('role', 'table');
    table.setAttribute('aria-label', 'Incidents');
    role(table, '.incidents-board-line, .ib-panel', 'row');
    role(table, '.ib-head > div, .ib-head-actions', 'columnheader');
    const heading = table.querySelector('.ib-head-actions');
    if (heading && !heading.querySelector('.ib-spoken')) {
      const spoken = document.createElement('span');
      spoken.className = 'ib-spoken';
      spoken.textContent = 'Actions';
      heading.append(spoken);
    }
    role(table, '.ib-row:not(.ib-head) > div, .ib-actions:not(.ib-head-actions), .ib-panel-body', 'cell');
    table.querySelectorAll('.ib-actions button, .ib-hide, .ib-keep').forEach(button => {
      if (button.title) { button.setAttribute('aria-label', button.title); }
    });
    table.querySelectorAll('.ib-keep').forEach(button =>
      button.setAttribute('aria-pressed', button.classList.contains('mod-active')));
    board.querySelectorAll('.ib-state').forEach(node => node.setAttribute('role', 'status'));
    table.querySelectorAll('.ib-panel:not([data-revealed])').forEach(reveal);
  };
  const changed = new Set();
  new MutationObserver(records => {
    for (const record of records) {
      const node = record.target instanceof Element ? record.target : record.target.parentElement;
      const board = boardOf(node);
      if (board) { changed.add(board); }
      record.addedNodes.forEach(added => {
        if (added instanceof Element) { added.querySelectorAll(BOARD).forEach(inner => changed.add(inner)); }
      });
    }
    if (changed.size) {
      requestAnimationFrame(() => { changed.forEach(tidy); changed.clear(); });
    }
  }).observe(document.body, {childList: true, subtree: true, attributes: true, attributeFilter: ['class', 'title']});
  document.querySelectorAll(BOARD).forEach(tidy);
})();
