"""The names and texts of the invented organisation."""

from __future__ import annotations

TEAMS = ["Payments", "Search", "Checkout", "Platform", "Data", "Mobile"]
SERVICES = [*TEAMS[:3], "Accounts", "Notifications", "Reporting"]
REGIONS = ["eu-west", "us-east", "us-west", "ap-south"]
PEOPLE = [
    ("Alice Archer", "owner"), ("Bob Brewer", "administrator"), ("Carol Carver", "responder"),
    ("Dan Draper", "responder"), ("Erin Fletcher", "responder"), ("Frank Glover", "responder"),
    ("Grace Hooper-Lane", "responder"), ("Heidi Ironside", "responder"), ("Ivan Joiner", "responder"),
    ("Judy Kilner", "responder"), ("Alice Lorimer", "responder"), ("Mallory Mason", "responder"),
    ("Niaj Napier", "responder"), ("Olivia Ostler", "responder"), ("Peggy Porter", "responder"),
    ("Quentin Quarrier", "responder"), ("Rupert Reeve", "responder"), ("Sybil Sadler", "responder"),
    ("Trent Tanner", "responder"), ("Zoë Müller-Ångström", "responder"), ("Uma Usher", "viewer"),
    ("Victor Vintner", "viewer"), ("Wendy Wright", "viewer"), ("Xavier Yeoman", "viewer"),
    ("Oscar Former", "responder"),
]  # fmt: skip
SEVERITIES = [
    ("Minor", "Issues with **low impact**: nobody has to be woken."),
    ("Moderate", "Some customers are affected, or there is a way around."),
    ("Major", "Many customers are affected and there is no way around."),
    ("Critical", "The product is down, or data is at risk."),
]
STATUSES = [
    ("triage", "Triage", "Somebody has to decide whether this is an incident."),
    ("live", "Investigating", "We know of an impact and look for its cause."),
    ("live", "Fixing", "The cause is known and a fix is under way."),
    ("live", "Monitoring", "The fix is out and we watch whether it holds."),
    ("learning", "Documenting", "The impact is over and we write down what happened."),
    ("learning", "Reviewing", "The write-up waits for its review."),
    ("paused", "Paused", "Nobody works on it for now."),
    ("closed", "Closed", "Nothing is left to do."),
    ("closed", "Closed without review", "The impact is over and nobody will review it."),
    ("declined", "Declined", "It was no incident."),
    ("canceled", "Canceled", "It was declared by mistake."),
    ("merged", "Merged", "It was part of another incident."),
]
TYPES = [
    ("Platform", "Anything that our own systems do wrong.", "optional", True, False),
    ("Security", "Anything that may have exposed data. Always private.", "optional", False, True),
    ("Customer request", "A customer's report, which support decides upon first.", "always", False, False),
]
ROLES = [
    (
        "Incident Lead",
        "lead",
        "lead",
        "Coordinates the incident.",
        "Keep everybody clear about who does what.",
    ),
    ("Reporter", "reporter", "", "Reported the incident.", ""),
    ("Communications Lead", "custom", "comms", "Speaks to customers.", "Agree each message with the lead."),
    ("Scribe", "custom", "scribe", "Writes the timeline.", "Write down what, who and when."),
]
TIMESTAMPS = [
    "Impact started at", "Reported at", "Accepted at", "Identified at", "Fixed at", "Resolved at",
    "Documented at", "Closed at", "Declined at", "Canceled at", "Merged at",
]  # fmt: skip
METRICS = [
    ("Time to identify", "Reported at", "Identified at"),
    ("Time to fix", "Reported at", "Fixed at"),
    ("Time to resolve", "Reported at", "Resolved at"),
    ("Length of impact", "Impact started at", "Fixed at"),
]
FIELDS: list[tuple[str, str, str, list[str], str | None]] = [
    ("Affected service", "single_select", "Which service is affected.", SERVICES, None),
    ("Affected regions", "multi_select", "Where it is affected.", REGIONS, None),
    ("Customer ticket", "link", "The ticket it was reported in.", [], None),
    ("Customers affected", "numeric", "How many customers noticed.", [], None),
    ("Root cause", "text", "What caused it, in one sentence.", [], None),
    ("Owning team", "single_select", "The team that owns the fix.", [], "Team"),
    ("Affected components", "multi_select", "Which components are involved.", [], "Component"),
]
COMPONENTS = ["api-gateway", "orders-database", "queue-workers", "search-index", "web-frontend", "cache"]
SOURCES = [("Metrics monitors", "grafana"), ("Synthetic checks", "checkly"), ("Error tracker", "sentry")]
WORKFLOWS = ["Announce major incidents", "Nudge for an update", "Export closed incidents"]
