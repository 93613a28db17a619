"""The seeded past: a year of invented incidents.

Each incident is planned, then replayed through the journal as live requests are. Imports from `incidentio`; used only
by `service`.
"""
