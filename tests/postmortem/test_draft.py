"""The draft of a postmortem, from the sandbox's incidents.

Serves `postmortem/_clock.py`, `postmortem/sections.py`, `postmortem/durations.py`, `postmortem/events.py`,
`postmortem/facts.py` and `postmortem/records.py`.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
import requests
import responses
from markdown_it import MarkdownIt

from incidentio_magic import errors
from incidentio_magic.api import models
from incidentio_magic.frames import MASK
from incidentio_magic.postmortem._clock import DocumentClock

SECTIONS = {
    "sre": [
        "Summary", "Impact", "Detection", "Trigger", "Contributing factors", "Response", "Resolution", "What went well",
        "What went badly", "Where we got lucky", "Open questions", "Lessons", "Action items", "Key events",
        "Appendix: the whole record", "Sources and gaps",
    ],
    "howie": [
        "Summary", "Narrative", "Impact", "Contributors and enablers", "Mitigators", "Difficulties in handling it",
        "Detection", "Themes and risks", "Questions still open", "Takeaways", "Follow-ups",
        "Appendix: the whole record", "Sources and gaps",
    ],
    "short": ["Summary", "Impact", "Cause and resolution", "Key events", "Action items", "Sources and gaps"],
}  # fmt: skip


def html_of(draft):
    """Return a draft as HTML."""
    return MarkdownIt("commonmark", {"html": True}).enable("table").render(draft.markdown)


def section(draft, heading):
    """Return the text below a heading of the draft."""
    return draft.markdown.partition(f"## {heading}\n\n")[2].partition("\n## ")[0].strip()


@pytest.mark.parametrize("template", SECTIONS)
def test_each_template_has_its_sections(client, template):
    """Every template that comes with the extension renders, its tables whole, and each section has some text."""
    draft = client.postmortem("INC-288", template=template)
    assert re.findall(r"^## (.*)$", draft.markdown, re.MULTILINE) == SECTIONS[template]
    assert all(section(draft, heading) for heading in SECTIONS[template])
    html = html_of(draft)
    assert "|" not in re.sub(r"<code>.*?</code>", "", html)
    assert "{{" not in html
    assert "None" not in html


@pytest.mark.parametrize("template", ["sre", "howie", "short"])
def test_what_is_not_known_is_asked_for(client, template):
    """Each section of which nothing is known asks a question, in a paragraph of its own; no lines are left empty."""
    text = client.postmortem("INC-284", template=template).markdown
    assert "To be written" not in text
    assert "\n\n\n" not in text
    lines = text.splitlines()
    for place, line in enumerate(lines):
        if line.startswith("_") and line.endswith("_"):
            assert lines[place - 1] == "", line
    for place, line in enumerate(lines):
        if line.startswith("## "):
            assert lines[place + 1] == ""
            assert not lines[place + 2].startswith("#")


def test_a_closed_incident(client):
    """Everything that is known has its place, and every table is whole."""
    draft = client.postmortem("INC-288")
    assert draft.title == "INC-288: Checkout sends duplicate e-mails"
    assert html_of(draft).count("<tr>") > len(draft.facts.events)
    assert "| 2026-01-13 14:06:59 | Carol Carver | 2026-01-13 14:11:15 | Carol Carver | 4 min 16 s |" in section(
        draft, "Response"
    )
    assert "| 2026-01-13 14:43:23 | Fixing | 1 h 13 min |" in draft.markdown
    assert (
        "| declared to fixed | 1 h 56 min | from its timestamp 'Reported at' to its timestamp 'Fixed at' |"
        in draft.markdown
    )
    assert "[Write a runbook for Checkout](https://issues.example.com/OPS-865) | outstanding | Niaj Napier" in section(
        draft, "Action items"
    )
    assert "Everything was read." in draft.markdown
    assert "it ends before it starts" in draft.markdown  # its impact was recorded in the wrong order
    assert "to 'Fixed at'; one of the two is wrong: correct it in incident.io" in draft.markdown
    assert "one of the two is wrong" not in client.postmortem("INC-280").markdown
    assert repr(draft) == draft.markdown
    assert set(draft._repr_mimebundle_(include=None, exclude=None)) == {"text/markdown", "text/plain"}


def test_what_the_fields_know_is_filled_in(client):
    """A field called Root cause is the contributing factors; what is not known has a prompt."""
    draft = client.postmortem("INC-288")
    assert section(draft, "Contributing factors") == "- Root cause: A retry had no key and was carried out twice."
    assert "- Customers affected: 2137" in section(draft, "Impact")
    assert "- 2026-01-13 15:56:50: Monitoring: Stopped the sender" in section(draft, "Resolution")
    assert "by Sybil Sadler, without an alert" in section(draft, "Detection")
    assert section(draft, "Trigger").startswith("_What set it off")
    assert "| Lead | Mallory Mason |" in draft.markdown


def test_key_events_tell_the_story(client):
    """The body has statuses, updates, pages and what is curated, a date once a day, and lists stay lists."""
    draft = client.postmortem("INC-284")
    key = section(draft, "Key events")
    assert key.count("**Thursday 2026-01-08**") == 1
    assert "Accepted at was set" not in key
    assert (
        "- **20:38** Fixing (Investigating → Fixing) · Carol Carver\n\n"
        "  > Found it. The export outgrew the memory it is given.\n  >\n"
        "  > - the fix is in review\n  > - we go out to `us-east` first\n"
    ) in key
    assert key.count("The export outgrew the memory") == 1  # an update stands once, not in its title and again
    assert "<li>the fix is in review</li>" in html_of(draft)


def test_key_events_can_be_chosen(client):
    """`kind` and `curated` decide what the body tells; the appendix stays whole."""
    whole = client.postmortem("INC-288")
    kinds = {
        event["kind"] for day in client.postmortem("INC-288", kind="page").facts.key_events for event in day["events"]
    }
    assert kinds == {"page"}
    curated = client.postmortem("INC-288", curated=True)
    assert {event["curated"] for day in curated.facts.key_events for event in day["events"]} == {"yes"}
    assert curated.facts.appendix == whole.facts.appendix or len(curated.facts.events) == len(whole.facts.events)
    with pytest.raises(errors.UnknownName, match="kind of event 'pgae'"):
        client.postmortem("INC-288", kind="pgae")


@pytest.mark.slow
def test_thousands_of_events_make_a_document_of_bounded_size(client, sandbox):
    """At most 60 key events and 300 others are written out, and the draft says how many are not."""
    incident = client.incident("INC-288")
    items = [
        {
            "id": f"T{number}", "incident_id": incident.id, "title": f"Step {number}", "created_at": at,
            "timestamp": at, "updated_at": at,
        }
        for number in range(3000)
        for at in [f"2026-01-13T{14 + number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}Z"]
    ]  # fmt: skip
    with responses.RequestsMock(assert_all_requests_are_fired=False) as service:
        service.add_passthru(sandbox.url)
        answer = {"incident_timeline_items": items, "pagination_meta": {"page_size": 250}}
        service.add(responses.GET, f"{sandbox.url}/v2/incident_timeline_items", json=answer)
        draft = client.postmortem("INC-288")
    assert len(draft.facts.events) > 3000
    assert len(draft.markdown) < 60_000
    assert "more key events are left out; `%incidents timeline INC-288` shows all of them" in draft.markdown
    assert f"of {len(draft.facts.events)} events are left out" in draft.markdown


def test_the_hour_that_comes_twice_carries_its_offset(client, sandbox):
    """Two times of one name are told apart, and every other time stays short."""
    clock = DocumentClock(ZoneInfo("Europe/Berlin"))
    before, after = (datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1))
    assert [clock.time(before), clock.time(after)] == ["02:30+02:00", "02:30+01:00"]
    assert clock.moment(before) == "2026-10-25 02:30:00+02:00"
    assert clock.time(datetime(2026, 10, 25, 2, 30, tzinfo=UTC)) == "03:30"


@pytest.mark.slow
def test_the_picture_is_inside_on_screen_and_beside_the_file(client, tmp_path):
    """The chart shows in the notebook without a file; a saved draft names the picture that lies beside it."""
    draft = client.postmortem("INC-288", plot=True)
    shown = draft._repr_mimebundle_()["text/markdown"]
    assert "](data:image/png;base64,iVBORw0KGgo" in shown
    assert "data:" not in draft._repr_mimebundle_()["text/plain"]
    saved = draft.save(tmp_path / "our postmortem.md").read_text("utf-8")
    assert "](<our postmortem-timeline.png>)" in saved
    assert (tmp_path / "our postmortem-timeline.png").read_bytes() == draft.picture
    assert '<img src="our%20postmortem-timeline.png"' in MarkdownIt("commonmark").render(saved)


def test_figures_are_the_timeline_s(client):
    """Each event of the timeline is in the draft once, in order, with the title it has there."""
    frame = client.timeline("INC-288")
    events = client.postmortem("INC-288").facts.events
    assert [event["at"] for event in events] == [f"{at:%Y-%m-%d %H:%M:%S}" for at in frame["at"]]
    assert [event["kind"] for event in events] == [kind.replace("_", "-") for kind in frame["kind"]]
    assert [event["curated"] == "yes" for event in events] == list(frame["curated"])


def test_each_event_reads_as_a_sentence(client):
    """A row says once what changed, what is bold, and when it was written down if that was long after it happened."""
    rows = client.postmortem("INC-280").markdown.splitlines()
    for row in (
        "Bold events are on the timeline in incident.io.",
        "| 15:05 | -9 min 38 s | Impact started at (recorded 2026-01-02 15:33:45) | Erin Fletcher |",
        "| 15:15 | 0 s | Accepted at was set |  |",
        "| 15:33 | 18 min 19 s | Impact started at was set (to 2026-01-02 15:05:48) | Erin Fletcher |",
        "| 20:17 | 4 d 5 h | Closed at was set |  |",
    ):
        assert row in rows
    text = "\n".join(rows)
    assert "Declared as Investigating (Major) — Support has had the first tickets." in text
    assert "| Action given up: Check whether us-west alone is affected (outstanding → not doing) |" in text
    assert "→ firing" not in text
    appendix = text.partition("## Appendix")[2]
    assert appendix.count("(recorded ") == 2


def test_a_still_open_incident(client):
    """What goes on says so: no end of the impact, the last status so far, an alert that is not resolved."""
    draft = client.postmortem("INC-299")
    assert draft.facts.is_open
    assert "(still open)" in draft.markdown
    assert draft.facts.impact["end"] == ""
    assert "is not set" in draft.facts.impact["how"]
    assert draft.facts.statuses[-1]["lasted"].endswith("so far")


def test_a_page_that_nobody_acknowledged(client):
    """It is said, not left empty."""
    client.page("INC-299", "Look", to=["alice@example.com"])
    (page,) = [page for page in client.postmortem("INC-299").facts.pages if page["title"] == "Look"]
    assert page["acknowledged_at"] == page["waited"] == ""
    assert "| Look | 2026-01-15 14:00:" in client.postmortem("INC-299").markdown
    assert "| never |  | – |" in client.postmortem("INC-299").markdown


def test_a_new_incident_with_hardly_anything(client):
    """Sections without content say that they have none."""
    reference = client.declare("Odd", severity="Minor", mode="test").reference
    text = client.postmortem(reference).markdown
    for text_of_none in ("No summary yet", "Nobody was paged", "No alert was attached", "No follow-ups yet"):
        assert text_of_none in text


def test_hostile_text(client):
    """Names and messages of any kind stay in their cells and run nothing."""
    name = "<script>x</script> | [a](javascript:b) `c` **d** # e"
    reference = client.declare(name, f"{name}\n\n```\nopen", severity="Minor", mode="test").reference
    client.update(reference, f"| {name} |\n|---|\n```")
    html = html_of(client.postmortem(reference))
    assert "<script" not in html
    assert 'href="javascript' not in html
    assert html.count("<h2>") == len(SECTIONS["sre"])
    assert "&lt;script&gt;x&lt;/script&gt; | [a](javascript:b) `c` **d** # e</h1>" in html


def test_a_private_incident_is_masked(client):
    """Nothing of a private incident's story is written out unless asked for."""
    masked = client.postmortem("INC-297")
    assert "CONFIDENTIAL" not in masked.markdown
    assert MASK in masked.title
    assert masked.facts.is_masked
    shown = client.postmortem("INC-297", show_private=True)
    assert "CONFIDENTIAL" in shown.markdown
    assert not shown.facts.is_masked


def test_a_page_that_is_also_about_a_private_incident_is_masked(client, sandbox):
    """A public incident's draft does not tell the title of a page that is about a private incident too."""
    incident = client.incident("INC-291")
    address = f"{sandbox.url}/v2/escalations"
    asked = {"incident[one_of]": incident.id, "page_size": 50}
    answer = requests.get(address, asked, headers={"Authorization": f"Bearer {sandbox.key}"}, timeout=30).json()
    (page,) = answer["escalations"]
    page["title"] = "CONFIDENTIAL"
    page["related_incidents"].append({**page["related_incidents"][0], "visibility": "private"})
    with responses.RequestsMock(assert_all_requests_are_fired=False) as service:
        service.add_passthru(sandbox.url)
        service.add(responses.GET, address, json=answer)
        masked, shown = client.postmortem("INC-291"), client.postmortem("INC-291", show_private=True)
    assert "CONFIDENTIAL" not in masked.markdown
    assert f"| {MASK} | 2026-01-14 18:06:28 | Ivan Joiner |" in masked.markdown
    assert "| CONFIDENTIAL | 2026-01-14 18:06:28 | Ivan Joiner |" in shown.markdown


def test_tasks_of_a_private_stream_are_masked(client, sandbox):
    """What is to be done in a private stream is not told in the draft of its public parent."""
    parent, stream = client.incident("INC-291"), client.incident("INC-297")
    address = f"{sandbox.url}/v3/actions"
    asked = {"incident_id": parent.id, "incident_mode": "standard"}
    answer = requests.get(address, asked, headers={"Authorization": f"Bearer {sandbox.key}"}, timeout=30).json()
    answer["actions"][0] |= {"incident_id": stream.id, "description": "CONFIDENTIAL"}
    with responses.RequestsMock(assert_all_requests_are_fired=False) as service:
        service.add_passthru(sandbox.url)
        service.add(responses.GET, address, json=answer)
        service.add(responses.GET, f"{sandbox.url}/v2/incident_timeline_items", json=of_stream(stream.id))
        masked, shown = client.postmortem("INC-291"), client.postmortem("INC-291", show_private=True)
    assert "CONFIDENTIAL" not in masked.markdown
    assert "| CONFIDENTIAL |" in shown.markdown


def of_stream(identity):
    """Return a list of timeline items with one that belongs to a stream."""
    at = "2026-01-14T18:30:00Z"
    item = {"id": "T1", "incident_id": identity, "timestamp": at, "created_at": at, "updated_at": at, "title": "Seen"}
    return {"incident_timeline_items": [item], "pagination_meta": {"page_size": 250}}


def test_what_could_not_be_read_is_said_first_and_last(client, sandbox):
    """A draft never looks complete when it is not."""
    sandbox.fault("status", endpoint="GET /v3/follow_ups", status=503)
    draft = client.postmortem("INC-288")
    assert "**This draft is incomplete: follow-ups could not be read (see Sources and gaps).**" in draft.markdown
    assert "\n- Could not be read: follow-ups: failed: " in draft.markdown
    assert "Everything was read" not in draft.markdown


@pytest.mark.parametrize(
    ("source", "heading"),
    [
        ("v2/incident_alerts", "Appendix"), ("v2/escalations", "Response"), ("v3/follow_ups", "Action items"),
        ("v3/actions", "Action items"),
    ],
)  # fmt: skip
def test_a_section_that_could_not_be_read_does_not_say_that_there_is_nothing(client, sandbox, source, heading):
    """Where a source failed its section says so, in place of `none` and below what is known from elsewhere."""
    sandbox.fault("status", endpoint=f"GET /{source}", status=503)
    text = client.postmortem("INC-291").markdown.partition(f"## {heading}")[2].partition("\n## ")[0]
    if source == "v2/escalations":
        assert "| Escalated: Search lost its replica in us-west | 2026-01-14 18:06:28 | Ivan Joiner |" in text
        assert "_There may be more: not all of it could be read (see Sources and gaps)._" in text
    else:
        assert "ould not be read (see Sources and gaps)._" in text


def test_the_time_zone(client):
    """Times are in the configured zone, which is named; moments inside a row as well."""
    client.settings = client.settings.__class__(**{**vars(client.settings), "timezone": "Asia/Tokyo"})
    text = client.postmortem("INC-288").markdown
    assert "| Declared | 2026-01-13 23:00:00 by Sybil Sadler |" in text
    assert "All times are Asia/Tokyo." in text
    assert "Impact started at was set (to 2026-01-15 00:56:50)" in text
    assert not re.search(r"\d\dT\d\d", text)


def test_a_template_of_one_s_own(client, tmp_path):
    """A file replaces the template; it may use what Facts has."""
    own = tmp_path / "own.jinja"
    own.write_text("{{ incident.reference }}: {% for page in pages %}{{ page.waited }}{% endfor %}", "utf-8")
    assert client.postmortem("INC-288", template=own).markdown == "INC-288: 4 min 16 s\n"


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("{{ pagse }}", "The template uses 'pagse' in line 1, which is not in its data.", "did you mean pages"),
        ("{{ zzz }}", "The template uses 'zzz' in line 1, which is not in its data.", "there are: incident, summary"),
        ("{% for %}", "The template is malformed in line 1", ""),
        ("{{ incident.__class__ }}", "The template uses '__class__' in line 1", "there are: reference, name"),
        ("{{ incident.refrence }}", "The template uses 'refrence' in line 1", "did you mean reference"),
    ],
)
def test_a_wrong_template_says_what_is_wrong(client, tmp_path, text, message, hint):
    """Mistakes in a template are errors with what to do, and never empty places."""
    own = tmp_path / "own.jinja"
    own.write_text(text, "utf-8")
    with pytest.raises(errors.TemplateError) as caught:
        client.postmortem("INC-288", template=own)
    assert caught.value.message.startswith(message)
    assert hint in caught.value.hint
    assert not caught.value.option_hint


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_template_that_cannot_be_read(client, tmp_path, content):
    """A missing file and one that is no text are errors that name it."""
    own = tmp_path / "own.jinja"
    if content:
        own.write_bytes(content)
    with pytest.raises(errors.InputError, match=r"own\.jinja' cannot be read"):
        client.postmortem("INC-288", template=own)


def test_a_time_that_is_not_known():
    """A moment that the service left out, or that could not be read, is said to be unknown."""
    clock = DocumentClock(ZoneInfo("Europe/Berlin"))
    for moment in (models.NO_TIME, pd.NaT):
        assert (clock.moment(moment), clock.day(moment), clock.time(moment)) == (
            "at an unknown time", "at an unknown time", "",
        )  # fmt: skip
