"""The seeded past: a year of invented incidents, from texts that are data and a replayer."""
