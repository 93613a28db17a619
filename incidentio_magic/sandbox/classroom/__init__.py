"""Training: drills, the roster of a class, presence, and the facilitator's page.

Drills change incidents through the imitated service, exactly as a colleague would.
It looks down to `incidentio`; only its two modules of routes look up to the whole sandbox.
"""
