"""The imitated service: its organisation, rules, state and routes.

It decides what incident.io would answer, and changes what incident.io would change.
It looks down to the tools of `http`; it knows neither the class nor how its past was made.
"""
