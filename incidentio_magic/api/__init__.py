"""The wire to incident.io: typed records, endpoints, pages, retries, pacing and errors.

The rooms above request records. This room sends the HTTP requests, and returns records or raises this project's errors.
Imports only `settings` and `errors`; no other room talks to the service.
"""
