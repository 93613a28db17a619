"""The imitated service: its organisation, rules, state and routes.

It answers and changes what incident.io would. Imports only the tools of `http`; it knows neither the class nor how the
history was made.
"""
