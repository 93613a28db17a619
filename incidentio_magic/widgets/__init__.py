"""What the user clicks: forms, which send the same drafts as the cell magics, and a live board."""
