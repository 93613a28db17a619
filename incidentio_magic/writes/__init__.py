"""Everything a write needs: drafts, the sender, outcomes, the training guard, the ledger, locks between processes.

A draft goes in at `sender`, and the write has happened once, not at all, or is reported as unknown.
Looks down at names and the wire; the client and what is above it look at this room.
"""
