"""Training: drills, the roster of a class, presence, and the facilitator's page.

Drills change incidents through the imitated service, exactly as a colleague would. Imports from `incidentio`; only its
two modules of routes use the whole sandbox.
"""
