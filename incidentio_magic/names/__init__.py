"""What people type, resolved: names and references to records and IDs, filters to queries, times to moments.

Looks down at the wire only. `vocabulary` holds the organisation's lists, `query` the filters of a list, `times` dates
and durations, `close_matches` what a typo may have meant.
"""
