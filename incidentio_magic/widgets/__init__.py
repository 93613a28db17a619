"""What a user clicks: forms, which send the same drafts as the cell magics, and a live board.

A form holds fields and builds drafts; a board shows rows that one thread refreshes for all boards.
Imports from `client` and the rooms below it; imported by `magics`.
"""
