"""The HTTP side: everything that happens to a request before and after its route.

`server` and `app` serve the whole sandbox and import all of it; queries, payloads, pages, access, rates and faults are
tools that know nothing about incidents.
"""
