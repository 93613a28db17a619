"""The API's records. Unknown fields are ignored, unknown enum values kept; absent and null are the same thing.

Fields that the published contract requires are required here too: an answer without them is reported, not guessed.
"""

from __future__ import annotations

from typing import Final

import msgspec

from incidentio_magic.api.models.escalation import (
    Alert,
    Escalation,
    EscalationEvent,
    EscalationPath,
    IncidentAlert,
    PriorityName,
)
from incidentio_magic.api.models.history import (
    ActivityLogEntry,
    CallSession,
    CallTranscriptEntry,
    IncidentUpdate,
    PostmortemDocument,
    TimelineItem,
)
from incidentio_magic.api.models.incident import (
    CATEGORIES,
    MASK,
    MODES,
    OPEN_CATEGORIES,
    TEST,
    CustomFieldEntry,
    CustomFieldValue,
    Debrief,
    DurationMetric,
    ExternalIssue,
    Incident,
    IncidentSlim,
    IncidentTimestampValue,
    RoleAssignment,
    TimestampValue,
    category_of,
)
from incidentio_magic.api.models.organisation import (
    CatalogEntry,
    CustomField,
    CustomFieldOption,
    Identity,
    IncidentRole,
    IncidentStatus,
    IncidentTimestamp,
    IncidentType,
    Severity,
)
from incidentio_magic.api.models.people import (
    Actor,
    AlertActor,
    Participant,
    Participants,
    User,
)
from incidentio_magic.api.models.record import (
    Moment,
    Named,
    PaginationMeta,
    Record,
)
from incidentio_magic.api.models.work import (
    Action,
    FollowUp,
    StepProgress,
    WorkflowRun,
)

__all__ = [
    "CATEGORIES",
    "MASK",
    "MODES",
    "OPEN_CATEGORIES",
    "TEST",
    "Action",
    "ActivityLogEntry",
    "Actor",
    "Alert",
    "AlertActor",
    "CallSession",
    "CallTranscriptEntry",
    "CatalogEntry",
    "CustomField",
    "CustomFieldEntry",
    "CustomFieldOption",
    "CustomFieldValue",
    "Debrief",
    "DurationMetric",
    "Escalation",
    "EscalationEvent",
    "EscalationPath",
    "ExternalIssue",
    "FollowUp",
    "Identity",
    "Incident",
    "IncidentAlert",
    "IncidentRole",
    "IncidentSlim",
    "IncidentStatus",
    "IncidentTimestamp",
    "IncidentTimestampValue",
    "IncidentType",
    "IncidentUpdate",
    "Moment",
    "Named",
    "PaginationMeta",
    "Participant",
    "Participants",
    "PostmortemDocument",
    "PriorityName",
    "Record",
    "RoleAssignment",
    "Severity",
    "StepProgress",
    "TimelineItem",
    "TimestampValue",
    "User",
    "WorkflowRun",
    "category_of",
]

# msgspec fills a type's description when it first meets the type, and lets other threads run meanwhile: a second
# thread that decodes with a description half filled ends the process. So each is filled here, while only the thread
# that imports this module can see the records, nested ones included.
_DESCRIBED: Final = [
    msgspec.json.Decoder(record)
    for record in list(globals().values())
    if isinstance(record, type) and issubclass(record, Record)
]
