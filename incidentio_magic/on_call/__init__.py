"""Determines who is on call and who a page would reach: joins shifts, finds gaps, follows escalation paths.

Pure: records in, values out. `client` reads the records, `frames` shows the values. Imports from `api` and `names`;
imported by `frames`, `client` and `widgets`.
"""
