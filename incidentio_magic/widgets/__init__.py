"""What the user clicks: forms that build the same drafts as the cell magics and send them the same way."""
