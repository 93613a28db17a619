"""Markdown texts to hand to a colleague: a shift's handover, or everything known about an incident.

Pure: facts in, text out; private text only if requested. `client` collects the facts. Imports from `postmortem`;
imported by `client`.
"""
