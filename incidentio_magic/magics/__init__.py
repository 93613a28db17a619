"""What the user types: %incidents and the cell magics."""
