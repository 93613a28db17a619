"""The wire to incident.io: one short method an endpoint, typed records, retries, pacing and errors."""
