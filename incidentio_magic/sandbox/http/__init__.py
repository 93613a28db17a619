"""The HTTP side: server, application, access, rate limits, faults; what every request passes before a route sees it."""
