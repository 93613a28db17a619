"""Drafts of postmortems: everything known about an incident, written as Markdown.

`facts` arranges the records, `draft` renders them with a template, `saving` protects edited files. Imports from
`timeline`, `frames`, `metrics` and `templates`; imported by `briefs` and `client`. Each module is imported by its name,
because `briefs` needs `markdown` and `saving` without the templates.
"""
