"""What the user clicks: forms and a live board."""
