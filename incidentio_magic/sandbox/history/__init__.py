"""The seeded past: a year of invented incidents.

Texts are data; a replayer plans each incident and lets it happen through the journal, as live requests do. Imports from
`incidentio`; used only by `service`.
"""
