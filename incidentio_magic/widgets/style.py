"""The style sheet of the forms; it uses JupyterLab's colours if available, so that it fits both themes."""

from __future__ import annotations

from typing import Final

STYLE: Final = """<style>
.incidentio-form {
  --line: var(--jp-border-color2, #d0d0d0); --quiet: var(--jp-ui-font-color2, #616161);
  --ink: var(--jp-ui-font-color1, #212121); --focus: var(--jp-brand-color1, #1976d2);
  --bad: var(--jp-error-color1, #d32f2f); --good: var(--jp-success-color1, #388e3c);
  --warn: var(--jp-warn-color1, #e67300); --sheet: var(--jp-layout-color1, #fff);
  box-sizing: border-box; width: 100%; max-width: 880px; padding: 10px 16px; overflow: visible;
  border: 1px solid var(--line); border-radius: 6px; background: var(--sheet); color: var(--ink);
}
.incidentio-form, .incidentio-form * { font-family: var(--jp-ui-font-family, system-ui, sans-serif); }
.incidentio-form code, .incidentio-form pre { font-family: var(--jp-code-font-family, monospace); }
.incidentio-form .jupyter-widgets { margin: 0; overflow: visible; }
.incidentio-form .widget-html-content, .incidentio-form .jupyter-widget-html-content { line-height: 1.45; }
.incidentio-form .incidentio-hidden.incidentio-hidden { display: none; }
.incidentio-form h3.incidentio-head { font-size: 1.2em; font-weight: 600; margin: 0; line-height: 1.4; }
.incidentio-form .incidentio-where { color: var(--quiet); margin-bottom: 4px; font-size: 0.92em; }
.incidentio-form .incidentio-gone { display: none; font-weight: 600; }
.incidentio-form:is(.jupyter-widgets-disconnected, .incidentio-lost) .incidentio-gone { display: block; }
.incidentio-form:is(.jupyter-widgets-disconnected, .incidentio-lost) > :not(:first-child) { display: none; }
.jp-OutputArea:has(.incidentio-form:not(.jupyter-widgets-disconnected, .incidentio-lost)) .incidentio-saved {
  display: none;
}
.incidentio-form .incidentio-recap { color: var(--ink); overflow-wrap: anywhere; }
.incidentio-form .incidentio-recap i { font-style: normal; color: var(--quiet); }
.incidentio-form .incidentio-search { display: grid; grid-template-columns: 1fr auto; align-content: start; }
.incidentio-form .incidentio-search > * { grid-column: 1 / -1; min-width: 0; }
.incidentio-form .incidentio-search > .widget-text, .incidentio-form .incidentio-search > .jupyter-widget-text {
  grid-column: 1;
}
.incidentio-form .incidentio-search > .incidentio-remove {
  grid-column: 2; align-self: end; width: 30px; height: 30px; padding: 0; margin-left: 4px;
}
.incidentio-form .incidentio-matches option.incidentio-marked {
  background: var(--jp-brand-color1, #1976d2); color: #fff;
}
.incidentio-form .incidentio-training {
  background: #ffd766; color: #3b2a00; font-weight: 600; padding: 5px 10px; border-radius: 4px; margin-bottom: 10px;
}
.incidentio-form .incidentio-grid {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(min(260px, 100%), 1fr)); column-gap: 20px;
}
.incidentio-form .incidentio-pair { display: flex; flex-flow: row wrap; column-gap: 20px; }
.incidentio-form .incidentio-pair > :first-child { flex: 2 1 380px; }
.incidentio-form .incidentio-pair > :last-child { flex: 1 1 220px; }
.incidentio-form .incidentio-field { min-width: 0; margin-bottom: 2px; }
.incidentio-form .incidentio-hint:empty, .incidentio-form .incidentio-problem:empty { display: none; }
.incidentio-form .incidentio-note { min-height: 0; height: auto; }
.incidentio-form .incidentio-field .widget-inline-hbox, .incidentio-form .incidentio-field .jupyter-widget-inline-hbox {
  flex-direction: column; align-items: stretch; width: 100%; height: auto; max-width: none;
}
.incidentio-form .widget-label, .incidentio-form .jupyter-widget-label {
  width: auto; max-width: 100%; text-align: left; font-weight: 600; color: var(--ink); height: auto; line-height: 1.6;
  white-space: normal; overflow-wrap: anywhere; margin: 0; unicode-bidi: plaintext;
}
.incidentio-form input[type="text"], .incidentio-form textarea, .incidentio-form select {
  width: 100%; max-width: 100%; box-sizing: border-box; unicode-bidi: plaintext; color: var(--ink);
  background-color: var(--jp-cell-editor-background, var(--sheet)); border: 1px solid var(--jp-border-color1, #bdbdbd);
  border-radius: 3px; text-overflow: ellipsis;
}
.incidentio-form input[type="text"], .incidentio-form select { height: 30px; padding: 2px 8px; flex: none; }
.incidentio-form select { appearance: auto; background-image: none; }
.incidentio-form .incidentio-matches select { height: auto; max-height: 160px; padding: 2px; }
.incidentio-form .incidentio-inline .widget-radio, .incidentio-form .incidentio-inline .jupyter-widget-radio,
.incidentio-form .incidentio-inline .widget-radio-box, .incidentio-form .incidentio-inline .jupyter-widget-radio-box {
  display: flex; flex-flow: row wrap; column-gap: 18px; width: auto;
}
.incidentio-form .incidentio-field :is(input, textarea)::placeholder {
  color: color-mix(in srgb, var(--ink) 76%, var(--sheet)); opacity: 1;
}
.incidentio-form .incidentio-field .incidentio-label { font-weight: 600; line-height: 1.6; }
body[data-jp-theme-light="false"] .incidentio-form { color-scheme: dark; }
.incidentio-form textarea {
  padding: 6px 8px; height: 72px; min-height: 48px; resize: vertical; line-height: 1.45; flex: none;
}
.incidentio-form .widget-radio-box, .incidentio-form .jupyter-widget-radio-box { max-width: none; margin: 0; }
.incidentio-form .widget-radio, .incidentio-form .jupyter-widget-radio { width: 100%; }
.incidentio-form .widget-radio-box label, .incidentio-form .jupyter-widget-radio-box label {
  display: flex; flex-direction: row-reverse; justify-content: flex-end; align-items: flex-start; gap: 8px;
  width: auto; height: auto; min-height: 24px; line-height: 1.45; padding: 1px 2px;
  white-space: normal; overflow-wrap: anywhere; unicode-bidi: plaintext; cursor: pointer; color: var(--ink);
}
.incidentio-form .widget-radio-box label input, .incidentio-form .jupyter-widget-radio-box label input {
  position: static; margin: 0; flex: none;
}
.incidentio-form .widget-checkbox, .incidentio-form .jupyter-widget-checkbox { width: 100%; height: auto; }
.incidentio-form .widget-checkbox label, .incidentio-form .jupyter-widget-checkbox label {
  white-space: normal; overflow-wrap: anywhere; height: auto; line-height: 1.45; display: flex; gap: 8px;
}
.incidentio-form .widget-checkbox input, .incidentio-form .jupyter-widget-checkbox input {
  flex: none; margin: 3px 0 0;
}
.incidentio-form input:focus-visible, .incidentio-form textarea:focus-visible, .incidentio-form select:focus-visible,
.incidentio-form button:focus-visible, .incidentio-form a:focus-visible {
  outline: 2px solid var(--focus) !important; outline-offset: 1px;
}
.incidentio-form .incidentio-hint, .incidentio-form .incidentio-problem { font-size: 0.92em; }
.incidentio-form .incidentio-hint { color: var(--quiet); overflow-wrap: anywhere; }
.incidentio-form .incidentio-incident .incidentio-hint { color: var(--ink); font-size: 1em; font-weight: 600; }
.incidentio-form .incidentio-problem {
  color: color-mix(in srgb, var(--bad) 82%, var(--ink)); font-weight: 600; overflow-wrap: anywhere;
}
.incidentio-form .incidentio-problem::before { content: "✗ "; }
.incidentio-form .incidentio-wrong input[type="text"], .incidentio-form .incidentio-wrong textarea,
.incidentio-form .incidentio-wrong select { border-color: var(--bad); }
.incidentio-form .incidentio-preview .incidentio-markdown {
  box-sizing: border-box; height: 72px; overflow: auto; resize: vertical; padding: 6px 10px; border-radius: 3px;
  border: 1px dashed var(--line); overflow-wrap: anywhere;
}
.incidentio-form .incidentio-markdown > :first-child { margin-top: 0; }
.incidentio-form .incidentio-markdown p { margin: 0 0 0.5em; }
.incidentio-form .incidentio-markdown a, .incidentio-form .incidentio-outcomes a {
  color: var(--jp-content-link-color, #1565c0); text-decoration: underline;
}
.incidentio-form .incidentio-caption { font-weight: 600; line-height: 1.6; }
.incidentio-form .incidentio-chips { display: flex; flex-flow: row wrap; gap: 4px; }
.incidentio-form .jupyter-button { overflow: hidden; }
.incidentio-form .incidentio-chips .jupyter-button {
  width: auto; max-width: 100%; height: 26px; line-height: 24px; border-radius: 13px; margin-top: 4px;
}
.incidentio-form .incidentio-disclose.jupyter-button {
  width: auto; max-width: 100%; align-self: flex-start; background: none; color: var(--ink); font-weight: 600;
  padding: 0 4px; box-shadow: none;
}
.incidentio-form .incidentio-part { border-left: 2px solid var(--line); padding: 4px 0 4px 14px; margin: 0 0 8px 6px; }
.incidentio-form .incidentio-effect {
  border-top: 1px solid var(--line); margin-top: 8px; padding-top: 8px;
}
.incidentio-form .incidentio-rows { border-collapse: collapse; margin: 2px 0; width: 100%; table-layout: fixed; }
.incidentio-form .incidentio-rows tr, .incidentio-form .incidentio-rows th, .incidentio-form .incidentio-rows td {
  background: none; border: 0; padding: 0; line-height: 1.5; text-align: left; vertical-align: top; color: var(--ink);
}
.incidentio-form .incidentio-rows th { width: 9.5em; color: var(--quiet); font-weight: 400; overflow-wrap: anywhere; }
.incidentio-form .incidentio-rows td { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.incidentio-form .incidentio-missing { min-height: 1.5em; color: var(--quiet); }
.incidentio-form .incidentio-note { color: var(--quiet); overflow-wrap: anywhere; margin: 2px 0 6px; }
.incidentio-form .incidentio-warning { border-left: 3px solid var(--warn); padding: 2px 10px; margin: 4px 0 8px; }
.incidentio-form .incidentio-actions {
  display: flex; flex-flow: row wrap; gap: 8px; margin: 8px 0 4px; align-items: center;
}
.incidentio-form .incidentio-actions .jupyter-button { width: auto; min-width: 96px; height: 32px; padding: 0 16px; }
.incidentio-form.incidentio-busy > .incidentio-actions::after {
  content: "Waiting until the kernel has read what you typed …"; color: var(--quiet);
}
.incidentio-form .incidentio-submit.jupyter-button { font-weight: 600; }
.incidentio-form .incidentio-next > .incidentio-form { margin-top: 8px; }
.incidentio-form .incidentio-outcome {
  padding: 4px 10px; border-left: 3px solid var(--quiet); margin: 2px 0; overflow-wrap: anywhere;
}
.incidentio-form .incidentio-outcome.sent { border-color: var(--good); }
.incidentio-form .incidentio-outcome.failed { border-color: var(--bad); }
.incidentio-form .incidentio-outcome.unknown { border-color: var(--warn); }
.incidentio-form .incidentio-outcome .hint { color: var(--quiet); }
</style>"""
