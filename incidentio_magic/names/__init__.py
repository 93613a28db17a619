"""Resolves typed text: names and references to records and IDs, filters to queries, times to moments.

`vocabulary` holds the organisation's lists, `query` the filters of a list, `times` dates and durations, `close_matches`
the names that a typo may have meant. Imports from `api`; imported by every room above it.
"""
