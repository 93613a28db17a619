"""Everything a write needs: drafts, the sender, outcomes, the training guard, the ledger, locks between processes.

`sender` takes a draft, and the write has happened once, not at all, or is reported as unknown. Imports from `names` and
`api`; imported by `frames`, `client` and the rooms above.
"""
