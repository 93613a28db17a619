"""The other records of a seeded incident: alerts, pages, calls, tasks, workflow runs, the postmortem."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from incidentio_magic.sandbox.history import texts
from incidentio_magic.sandbox.incidentio.clock import parsed, written

if TYPE_CHECKING:
    from collections.abc import Callable

    from incidentio_magic.sandbox.attached_records import (
        Alert,
        AlertValue,
        CallSession,
        Escalation,
        Page,
        Task,
        TaskText,
        TranscriptEntry,
        WorkflowRun,
        WorkflowStep,
    )
    from incidentio_magic.sandbox.history.life import Story
    from incidentio_magic.sandbox.incidentio.belongings import TaskTable
    from incidentio_magic.sandbox.records import ActivityContent, Actor, Debrief

SLIPS_EVERY = 16


def raise_alert(story: Story) -> Alert:
    """Raise the alert that precedes an incident."""
    organisation, dice = story.journal.organisation, story.dice
    at = written(story.plan.start - story.after(1, 6))
    source = dice.choice(list(organisation["alert_sources"].values()))
    identity = story.journal.identity(at)
    service: AlertValue = {
        "attribute": {"id": source["id"], "name": "Service", "type": "String", "array": False, "required": False},
        "value": {"label": story.service["value"], "literal": story.service["id"]},
    }
    alert: Alert = {
        "id": identity,
        "alert_source_id": source["id"],
        "title": f"{source['name']}: {story.name}",
        "description": f"Seen by {source['name'].lower()} in {story.region['value']}.",
        "deduplication_key": f"sandbox-{story.plan.number}",
        "source_url": f"https://monitors.example.com/{story.plan.number}",
        "status": "firing",
        "alert_group_ids": [],
        "attributes": [service],
        "created_at": at,
        "updated_at": at,
    }
    story.journal.keep_alert(alert)
    return alert


def attach_alert(story: Story, alert: Alert, at: str) -> None:
    """Attach an alert to the incident, and plan its end."""
    story.journal.attach_alert(story.incident["id"], {"id": alert["id"], "title": alert["title"]}, at)
    story.alert_id = alert["id"]

    def resolve(at: str) -> None:
        alert.update({"status": "resolved", "resolved_at": at, "updated_at": at})
        story.journal.keep_alert(alert)

    # The moves are planned later; the alert ends with the fix, if there is one.
    story.on_fixed.append(resolve)


def plan(story: Story) -> None:
    """Plan every record that belongs to the incident."""
    start, dice = story.plan.start, story.dice
    fixed = story.moments.get("Monitoring")
    if story.serious or story.chance(0.15):
        _escalation(story, start + story.after(2, 7), fixed)
    if story.serious:
        _call(story, start + story.after(8, 15), fixed)
        _workflow(story, start + story.after(1, 2), "Announce major incidents")
    elif story.chance(0.1):
        _workflow(story, start + story.after(30, 60), "Nudge for an update")
    for text in dice.sample(texts.ACTIONS, dice.choice((0, 0, 1, 1, 2))):
        _action(story, start + story.after(5, 30), text)
    if story.chance(0.5):
        _observation(story, start + story.after(6, 25))
    if story.chance(0.3):
        story.at(start + story.after(9, 20), _pin(story))
    story.at(start + story.after(10, 30), _watch(story))
    _aftermath(story)


def _aftermath(story: Story) -> None:
    """Plan what follows once the impact is over."""
    documented, reviewed = story.moments.get("Documenting"), story.moments.get("Reviewing")
    if documented:
        for number in range(story.dice.choice((0, 1, 1, 2))):
            _follow_up(story, documented + story.after(30, 300), number)
    if reviewed:
        story.at(reviewed - timedelta(minutes=5), _write_up(story))
        if story.serious:
            _debrief(story, reviewed)
        if story.plan.number % SLIPS_EVERY == 0:
            story.at(reviewed + timedelta(minutes=10), _slip(story))


def _slip(story: Story) -> Callable[[str], None]:
    """Set an impossible timestamp, which invalidates a duration measured before."""
    stamp = story.cast.timestamps["Impact started at"]["id"]
    wrong = written(story.moments["Monitoring"] + timedelta(days=1))
    return lambda at: story.journal.time(story.incident, at, {"user": story.lead}, stamp, wrong)


def _escalation(story: Story, moment: datetime, fixed: datetime | None) -> None:
    journal, dice = story.journal, story.dice
    path = dice.choice(list(journal.organisation["escalation_paths"].values()))
    responder = path["current_responders"][0]
    summary, alert_id = story.incident["summary"] or "", story.alert_id
    # Holds the escalation once people are paged.
    paged: list[Escalation] = []

    def page(at: str) -> None:
        page: Page = {
            "title": story.name,
            "description": summary,
            "escalation_path_id": path["id"],
            "user_ids": [responder],
            "alert_id": alert_id,
            "incident_id": story.incident["id"],
        }
        paged.append(journal.escalate(page, at, {"user": story.lead}))
        if story.chance(0.7):
            story.journal.item(
                story.incident["id"],
                at,
                {"user": story.lead},
                timestamp=at,
                title=f"Escalated to {path['name']}",
                activity_log_id=journal.entry_id("escalation_created"),
            )

    def turn(status: str) -> Callable[[str], None]:
        def event(at: str) -> None:
            escalation = paged[-1]
            journal.add_event(escalation, at, status, users=[responder] if status == "acked" else None)
            if status == "acked":
                content: ActivityContent = {"escalation_id": escalation["id"], "acknowledger": responder}
                title = f"Acknowledged: {story.name}"
                journal.record(story.incident["id"], at, "escalation_acknowledged", title, content)
                story.incident["participants"][responder] = "responder"
            escalation.update({"status": status, "updated_at": at})
            journal.keep_escalation(escalation)

        return event

    story.at(moment, page)
    if story.chance(0.9):
        story.at(moment + story.after(1, 6), turn("acked"))
        if fixed:
            story.at(max(fixed, moment + timedelta(minutes=7)), turn("resolved"))
    else:
        story.at(moment + timedelta(minutes=30), turn("expired"))


def _call(story: Story, moment: datetime, fixed: datetime | None) -> None:
    journal = story.journal
    until = max(fixed, moment + timedelta(minutes=20)) if fixed else None
    sessions: list[CallSession] = []

    def start(at: str) -> None:
        session: CallSession = {"id": journal.identity(at), "incident_id": story.incident["id"], "started_at": at}
        sessions.append(session)
        story.incident["call_url"] = f"https://calls.example.com/inc-{story.plan.number}"
        journal.store.put_document("call_sessions", session)
        journal.record(story.incident["id"], at, "incident_call_started", "The incident call started")

    def end(at: str) -> None:
        (session,) = sessions
        session["ended_at"] = at
        journal.store.put_document("call_sessions", session)
        journal.record(story.incident["id"], at, "incident_call_ended", "The incident call ended")
        if story.plan.number % 2:
            _transcript(story, session)

    story.at(moment, start)
    if until:
        story.at(until, end)


def _transcript(story: Story, session: CallSession) -> None:
    moment = parsed(session["started_at"])
    names = [story.journal.organisation["users"][user]["name"] for user in (story.lead, story.second)]
    for place, text in enumerate(texts.SPOKEN):
        moment += timedelta(seconds=40)
        at = written(moment)
        entry: TranscriptEntry = {
            "id": story.journal.identity(at),
            "timestamp": at,
            "content": story.fill(text),
            "medium": "call_chat" if place == 2 else "spoken",  # noqa: PLR2004  one of them was typed
            "participant_name": names[place % 2],
        }
        row = {"id": entry["id"], "call_session_id": session["id"], "timestamp": at, "document": entry}
        story.journal.store.put("call_transcript_entries", row)


def _workflow(story: Story, moment: datetime, name: str) -> None:
    journal = story.journal
    workflow = story.cast.workflows[name]

    def start(at: str) -> None:
        incident_id = story.incident["id"]
        failed = story.chance(0.1)
        step: WorkflowStep = {
            "step": "slack.post_message",
            "status": "error" if failed else "complete",
            "completed_at": at,
        }
        run: WorkflowRun = {
            "id": journal.identity(at),
            "workflow_id": workflow["id"],
            "workflow_name": name,
            "workflow_version_id": workflow["id"],
            "workflow_version_number": 1,
            "incident_id": incident_id,
            "incident_reference": f"INC-{story.plan.number}",
            "progress": [step],
            "created_at": at,
            "updated_at": at,
            "scheduled_at": at,
            "enqueued_at": at,
        }
        if failed:
            step["error"] = run["error"] = "The channel was not found."
        journal.store.put_document("workflow_runs", run)
        content: ActivityContent = {"event_title": name, "creator": {"workflow": workflow["id"]}}
        journal.record(incident_id, at, "workflow_ran", f"Workflow ran: {name}", content)

    story.at(moment, start)


def _task(story: Story, table: TaskTable, moment: datetime, text: TaskText, done_after: timedelta) -> None:
    """Plan an action or a follow-up, and its end."""
    journal = story.journal
    assignee = story.dice.choice((story.lead, story.second, story.watcher))
    outcome = story.dice.choice(("completed", "completed", "completed", "not_doing", "outstanding"))
    tasks: list[Task] = []

    def create(at: str) -> None:
        assigned: TaskText = {**text, "assignee": assignee}
        tasks.append(journal.task(table, assigned, story.incident["id"], at, {"user": story.lead}))

    def end(at: str) -> None:
        (task,) = tasks
        task.update({"status": outcome, "updated_at": at})
        if outcome == "completed":
            task["completed_at"] = at
        journal.keep_task(table, task)
        word = "completed" if outcome == "completed" else "given up"
        journal.record_task(table, task, "outstanding", word, {"user": assignee})

    story.at(moment, create)
    if outcome != "outstanding":
        story.at(moment + done_after, end)


def _action(story: Story, moment: datetime, text: str) -> None:
    _task(story, "actions", moment, {"description": story.fill(text)}, story.after(5, 90))


def _follow_up(story: Story, moment: datetime, number: int) -> None:
    organisation, dice = story.journal.organisation, story.dice
    text: TaskText = {
        "title": story.follow_up if number == 0 else story.fill("Write a runbook for {service}"),
        "description": story.fill("{cause} This would have kept it from happening."),
        "labels": dice.sample(["reliability", "customer", "tooling"], dice.randint(0, 2)),
        "priority": dice.choice(list(organisation["follow_up_priorities"])),
        "category": dice.choice(list(organisation["follow_up_categories"])),
        "assignee_team": dice.choice(list(organisation["teams"])),
    }
    if story.chance(0.5):
        issue = f"OPS-{story.plan.number * 3 + number}"
        permalink = f"https://issues.example.com/{issue}"
        text["external_issue_reference"] = {
            "issue_name": issue,
            "issue_permalink": permalink,
            "provider": "jira",
        }
    _task(story, "follow_ups", moment, text, story.after(1500, 30000))


def _observation(story: Story, moment: datetime) -> None:
    """Plan an item written by hand about an earlier event."""
    happened = written(story.plan.start - story.after(1, 10))
    title = story.fill(story.dice.choice(texts.OBSERVATIONS))
    actor: Actor = {"user": story.second}
    story.at(
        moment,
        lambda at: story.journal.item(story.incident["id"], at, actor, timestamp=happened, title=title),
    )


def _pin(story: Story) -> Callable[[str], None]:
    def pin(at: str) -> None:
        text = story.fill("The graph that shows it: https://graphs.example.com/{number}")
        story.journal.record(story.incident["id"], at, "slack_pin", f"Pinned: {text}")
        actor: Actor = {"user": story.watcher}
        story.journal.item(
            story.incident["id"],
            at,
            actor,
            timestamp=at,
            title="Pinned message",
            description=text,
            activity_log_id=story.journal.entry_id("slack_pin"),
        )

    return pin


def _write_up(story: Story) -> Callable[[str], None]:
    def write(at: str) -> None:
        gaps = {"name": story.name, "summary": story.incident["summary"], "cause": story.cause}
        markdown = texts.POSTMORTEM.format(**gaps, fix=story.fix, follow_up=story.follow_up)
        title = f"INC-{story.plan.number}: {story.name}"
        status = "completed" if "Closed" in story.moments else "in_review"
        story.journal.write_up(story.incident, at, title, markdown, status=status, editors=[story.lead])

    return write


def _debrief(story: Story, reviewed: datetime) -> None:
    start = (reviewed + timedelta(days=1)).replace(hour=15, minute=0, second=0, microsecond=0)

    def schedule(at: str) -> None:
        debrief: Debrief = {
            "id": story.journal.identity(at),
            "start_at": written(start),
            "end_at": written(start + timedelta(minutes=45)),
        }
        story.incident["debriefs"].append(debrief)

    story.at(reviewed, schedule)


def _watch(story: Story) -> Callable[[str], None]:
    """Add an observer and a collaborator, and the time that people spent."""

    def watch(_: str) -> None:
        participants = story.incident["participants"]
        participants.setdefault(story.watcher, "observer")
        participants.setdefault(story.second, "collaborator")
        working, late, sleeping = (float(story.dice.randint(0, most)) for most in (240, 60, 30))
        story.incident["workload"] = {
            "workload_minutes_working": working,
            "workload_minutes_late": late,
            "workload_minutes_sleeping": sleeping,
            "workload_minutes_total": working + late + sleeping,
        }

    return watch
