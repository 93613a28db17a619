"""The imitated service: its organisation, rules, state and routes."""
