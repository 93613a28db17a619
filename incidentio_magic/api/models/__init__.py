"""The API's records. Unknown fields are ignored and unknown enum values kept; absent, null and empty are the same.

A record requires only what it is nothing without, such as its ID. Everything else has a default, whatever the contract
promises, since recorded answers do not keep every promise; `api.decoding` says what happens to the rest.
"""

from __future__ import annotations

from typing import Final

import msgspec

from incidentio_magic.api.models.escalation import (
    Alert,
    AlertSource,
    Escalation,
    EscalationEvent,
    EscalationPath,
    IncidentAlert,
    PriorityName,
    Schedule,
    ScheduleEntries,
    Shift,
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
    PRIVATE,
    TEST,
    AttachedResource,
    CustomFieldEntry,
    CustomFieldValue,
    Debrief,
    DurationMetric,
    ExternalIssue,
    Incident,
    IncidentAttachment,
    IncidentRelationship,
    IncidentSlim,
    IncidentTimestampValue,
    RelatedIncident,
    RoleAssignment,
    TimestampValue,
    category_of,
)
from incidentio_magic.api.models.narrow import MeasuredIncident, NarrowIncident
from incidentio_magic.api.models.organisation import (
    NO_STATUS,
    CatalogEntry,
    Condition,
    ConditionGroup,
    ConditionOperation,
    ConditionSubject,
    CustomField,
    CustomFieldOption,
    FormElement,
    Identity,
    IncidentForm,
    IncidentRole,
    IncidentStatus,
    IncidentTimestamp,
    IncidentType,
    ParameterBinding,
    ParameterValue,
    Severity,
)
from incidentio_magic.api.models.people import (
    Actor,
    AlertActor,
    Participant,
    Participants,
    ParticipantWorkload,
    Team,
    User,
    Workload,
    actor_text,
)
from incidentio_magic.api.models.record import (
    NO_TIME,
    Moment,
    Named,
    PaginationMeta,
    Present,
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
    "NO_STATUS",
    "NO_TIME",
    "OPEN_CATEGORIES",
    "PRIVATE",
    "TEST",
    "Action",
    "ActivityLogEntry",
    "Actor",
    "Alert",
    "AlertActor",
    "AlertSource",
    "AttachedResource",
    "CallSession",
    "CallTranscriptEntry",
    "CatalogEntry",
    "Condition",
    "ConditionGroup",
    "ConditionOperation",
    "ConditionSubject",
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
    "FormElement",
    "Identity",
    "Incident",
    "IncidentAlert",
    "IncidentAttachment",
    "IncidentForm",
    "IncidentRelationship",
    "IncidentRole",
    "IncidentSlim",
    "IncidentStatus",
    "IncidentTimestamp",
    "IncidentTimestampValue",
    "IncidentType",
    "IncidentUpdate",
    "MeasuredIncident",
    "Moment",
    "Named",
    "NarrowIncident",
    "PaginationMeta",
    "ParameterBinding",
    "ParameterValue",
    "Participant",
    "ParticipantWorkload",
    "Participants",
    "PostmortemDocument",
    "Present",
    "PriorityName",
    "Record",
    "RelatedIncident",
    "RoleAssignment",
    "Schedule",
    "ScheduleEntries",
    "Severity",
    "Shift",
    "StepProgress",
    "Team",
    "TimelineItem",
    "TimestampValue",
    "User",
    "WorkflowRun",
    "Workload",
    "actor_text",
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
