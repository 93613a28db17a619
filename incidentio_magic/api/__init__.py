"""The wire to incident.io: typed records, endpoints, pages, retries, pacing and errors.

The rooms above ask for records; this room turns that into HTTP requests and gives back records or one of our errors.
It looks down to the settings and the errors only, and no other room talks to the service.
"""
