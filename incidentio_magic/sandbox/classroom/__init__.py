"""Training: drills, the roster of a class, who is connected, and the facilitator's page."""
