"""Who is on call and who a page would wake: shifts joined, gaps found, escalation paths followed.

Pure: records in, values out. It looks down to `api.models` only; the client reads for it, `frames` shows what it finds.
"""
