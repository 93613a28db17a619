"""The imitated service: its organisation, rules, state and routes.

It decides what incident.io would answer, and changes what incident.io would change. Imports only the tools of `http`;
it knows neither the class nor how the history was made.
"""
