"""The texts of the seeded history."""

from __future__ import annotations

# Symptom, cause, fix, follow-up.
STORIES = [
    (
        "{service} errors above 5% in {region}",
        "A deploy dropped an index that the hottest query needs.",
        "Rolled back the deploy and built the index again.",
        "Review every migration that drops an index",
    ),
    (
        "{service} is slow for everybody in {region}",
        "The connection pool was too small for the evening's load.",
        "Doubled the pool and restarted the workers.",
        "Alert on connection pool saturation",
    ),
    (
        "{service} queue is not draining",
        "One malformed message made every worker start over.",
        "Moved the message aside and let the queue drain.",
        "Move messages aside after three attempts",
    ),
    (
        "{service} shows stale data",
        "The cache kept entries for a day in place of a minute.",
        "Flushed the cache and put the lifetime back.",
        "Test the lifetime of cache entries",
    ),
    (
        "{service} certificate expired in {region}",
        "The renewal job had been failing for a month, unseen.",
        "Renewed the certificate by hand.",
        "Page when a certificate has two weeks left",
    ),
    (
        "Customers cannot log in to {service}",
        "The identity provider turned requests away.",
        "Raised the limit with the provider and retried with a delay.",
        "Retry logins with a growing delay",
    ),
    (
        "{service} lost its replica in {region}",
        "A disk filled up with logs that nobody rotated.",
        "Removed old logs and started replication again.",
        "Rotate logs on database hosts",
    ),
    (
        "{service} sends duplicate e-mails",
        "A retry had no key and was carried out twice.",
        "Stopped the sender and put a key on each message.",
        "Put a key on every message that is sent",
    ),
    (
        "{service} search returns nothing in {region}",
        "The nightly reindex switched to an empty index.",
        "Pointed the alias back to yesterday's index.",
        "Check the number of documents before an index is switched",
    ),
    (
        "Exports of {service} fail",
        "The export outgrew the memory it is given.",
        "Gave it more memory for now.",
        "Stream exports in place of building them in memory",
    ),
]
PRIVATE = (
    "CONFIDENTIAL-{number}: credentials of {service} exposed",
    "CONFIDENTIAL-{number}: a token was written to a log that too many people can read.",
    "CONFIDENTIAL-{number}: revoked the token and removed the log.",
    "CONFIDENTIAL-{number}: keep tokens out of logs",
)
INVESTIGATING = [
    "We see the errors too and are looking at what changed in the last hour.",
    "Error rates follow the traffic, so this is no single host. Looking at the **database** next.",
    "Support has had the first tickets. The dashboards agree: it started about ten minutes ago.",
]
FIXING = [
    "We know the cause: {cause} A fix is on its way.",
    "Found it. {cause}\n\n- the fix is in review\n- we go out to `{region}` first",
]
MONITORING = [
    "{fix} Errors are back to normal; we keep watching for half an hour.",
    "{fix} All graphs look as they did this morning.",
]
RESOLVED = [
    "No errors for thirty minutes. The impact is over; the write-up follows.",
    "Everything is back to normal. Thanks to everybody who helped.",
]
CLOSED = ["The write-up is finished and every follow-up has an owner.", "Reviewed; nothing is left to do."]
GRADED = ["More customers are affected than we thought.", "Fewer customers are affected than we feared."]
OBSERVATIONS = [
    "First errors in the logs of {service}",
    "Deploy of {service} finished",
    "First customer ticket about {service}",
]
ACTIONS = [
    "Roll back the last deploy of {service}",
    "Tell support what to say about {service}",
    "Check whether {region} alone is affected",
    "Post to the status page",
]
SPOKEN = [
    "I have the graphs open. It starts at five past.",
    "That is when the deploy went out.",
    "Can we roll back?",
    "Rolling back now, it takes about four minutes.",
    "Errors are going down.",
    "Let us watch it for half an hour.",
]
POSTMORTEM = """# {name}

## Summary

{summary}

## What happened

{cause}

## How it was ended

{fix}

## What we do about it

- {follow_up}
"""
