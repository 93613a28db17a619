"""The form that declares: every field, what fits together, what is sent.

Serves `widgets/_section.py`, `widgets/detail_fields.py`, `widgets/grouped_choice.py`, `widgets/labels.py`,
`widgets/parallel_reads.py` and `widgets/search_fields.py`.
"""

from __future__ import annotations

import msgspec
import pytest

from incidentio_magic import errors
from incidentio_magic.widgets import status
from incidentio_magic.widgets.declare import DeclareForm
from incidentio_magic.widgets.fields import Choice
from incidentio_magic.widgets.search_fields import MultiSelectField, SearchField

INCIDENTS = "/v2/incidents"


def options(form, name):
    """Return what a field offers."""
    return list(part(form, name).control.options)


def part(form, name):
    """Return the field of a custom field, role or timestamp by its label, or another one by its name."""
    form.more.unfold(True)
    kind, _, label = name.partition(" ")
    return (
        next(
            (
                field
                for key, field in form.fields.items()
                if label and key.startswith(f"{kind} ") and field.label == label
            ),
            None,
        )
        or form.fields[name]
    )


def choose(form, name, label):
    """Choose an entry by the beginning of its label, as a person does."""
    labels = options(form, name)
    part(form, name).control.index = next(place for place, entry in enumerate(labels) if entry.startswith(label))


def test_nothing_is_preselected_but_the_type(client, sent):
    """Severities by rank with what they mean, none chosen; the default type; nothing is sent without a severity."""
    form = DeclareForm(client)
    assert [option.partition(" — ")[0] for option in options(form, "severity")] == [
        "Critical",
        "Major",
        "Moderate",
        "Minor",
    ]
    assert form.fields["severity"].control.index is None
    assert form.fields["type"].read().is_default
    assert not any(field.problem for field in form.fields.values())
    assert "Not ready yet: Name, Severity" in form.effect_text.value
    form.submit()
    assert "a name is needed" in form.fields["name"].problem
    assert "a severity is needed" in form.fields["severity"].problem
    assert form.status.state == status.NOT_SENT
    assert not sent(INCIDENTS)
    choose(form, "severity", "Minor")
    assert "low impact" in form.fields["severity"].hint
    assert "**" not in form.fields["severity"].hint


def test_nothing_that_is_searched_is_read_before(client, sandbox):
    """The form opens without the people and without any option; the options of what is unfolded come then."""
    form = DeclareForm(client)
    paths = [request["path"] for request in sandbox.requests]
    assert not [path for path in paths if path in {"/v2/users", "/v1/custom_field_options", "/v3/catalog_entries"}]
    assert len(paths) <= 8
    form.more.unfold(True)
    paths = [request["path"] for request in sandbox.requests]
    assert "/v1/custom_field_options" in paths
    assert "/v2/users" not in paths
    part(form, "role Incident Lead").control.value = "ali"
    assert [request["path"] for request in sandbox.requests].count("/v2/users") == 1


def test_problems_are_told_when_a_field_was_touched(client):
    """A field nobody has touched does not complain; a touched one does at once."""
    form = DeclareForm(client)
    form.fields["name"].control.value = "x" * 501
    assert "at most 500" in form.fields["name"].problem
    assert not form.fields["severity"].problem
    form.fields["name"].control.value = "Checkout"
    assert not form.fields["name"].problem


def test_a_private_only_type_forces_private(client):
    """The security type leaves no other choice; going back gives it again."""
    form = DeclareForm(client)
    assert form.fields["visibility"].read() == "public"
    choose(form, "type", "Security")
    assert form.fields["visibility"].read() == "private"
    assert form.fields["visibility"].disabled
    assert "always private" in form.fields["visibility"].hint
    choose(form, "type", "Platform")
    assert not form.fields["visibility"].disabled


def test_triage_needs_no_severity(client, sent):
    """A type that always starts in triage offers no other start, and may leave the severity open."""
    form = DeclareForm(client, name="A customer asks")
    choose(form, "type", "Customer request")
    assert form.fields["status"].disabled
    assert options(form, "status") == ["Triage (always, for this type)"]
    assert options(form, "severity")[0] == "Not decided yet"
    form.submit()
    assert form.status.state == status.SENT
    assert "severity_id" not in sent(INCIDENTS)[0]


def test_the_start_may_be_chosen_where_the_type_allows(client):
    """Triage or an active status; for a retrospective also an ended one."""
    form = DeclareForm(client)
    offered = " ".join(options(form, "status"))
    assert "Triage" in offered
    assert "Investigating" in offered
    assert "Closed" not in offered
    choose(form, "mode", "retrospective")
    assert "Closed" in " ".join(options(form, "status"))
    choose(form, "mode", "standard")
    choose(form, "status", "Triage")
    assert options(form, "severity")[0] == "Not decided yet"


def test_training_fixes_the_mode(connect_to, sent):
    """In training the mode is test, cannot be changed, and the banner says so."""
    form = DeclareForm(connect_to(training=True), name="Practice", severity="Minor")
    assert "Training mode" in form.banner.value
    assert options(form, "mode") == ["test"]
    assert form.fields["mode"].disabled
    form.submit()
    assert sent(INCIDENTS)[0]["mode"] == "test"


def test_every_kind_of_custom_field(client):
    """Single and multi select, text, link, numeric and catalog, with their live options; all reach the incident."""
    form = DeclareForm(client, name="Checkout", severity="Major")
    form.more.unfold(True)
    kinds = {f"field {field.label}": type(field) for name, field in form.fields.items() if name.startswith("field ")}
    assert kinds["field Affected service"] is Choice
    assert kinds["field Affected regions"] is MultiSelectField
    assert kinds["field Owning team"] is Choice
    assert kinds["field Affected components"] is MultiSelectField
    choose(form, "field Affected service", "Payments")
    for region in ("eu-west", "US-EAST"):
        part(form, "field Affected regions").control.value = region
    part(form, "field Customer ticket").control.value = "https://example.com/1"
    part(form, "field Customers affected").control.value = "12"
    part(form, "field Root cause").control.value = "A typo"
    choose(form, "field Owning team", "Search")
    part(form, "field Affected components").control.value = "cache"
    assert part(form, "field Affected regions").control.value == ""
    form.submit()
    assert form.status.state == status.SENT
    frame = client.incidents(wide=True, limit=1)
    row = frame.iloc[0]
    assert row["field.Affected service"] == "Payments"
    assert set(str(row["field.Affected regions"]).split(", ")) == {"eu-west", "us-east"}
    assert row["field.Customer ticket"] == "https://example.com/1"
    assert row["field.Customers affected"] == 12
    assert row["field.Root cause"] == "A typo"
    assert row["field.Owning team"] == "Search"
    assert row["field.Affected components"] == "cache"


def test_what_was_added_can_be_taken_out(client):
    """Each value of a multi select has a button that takes it out."""
    form = DeclareForm(client, field={"Affected regions": "eu-west,us-east"})
    regions = part(form, "field Affected regions")
    chips = regions._chips.children
    assert [chip.description for chip in chips] == ["eu-west  ✕", "us-east  ✕"]
    chips[0].click()
    assert [entry.name for entry in regions.read()] == ["us-east"]
    regions.control.value = "mars"
    assert "'mars' is not an option of Affected regions" in regions.problem


@pytest.mark.parametrize(
    ("name", "value", "printed"),
    [
        ("field Customer ticket", "javascript:alert(1)", "https://"),
        ("field Customers affected", "many", "a number"),
        ("role Incident Lead", "Alcie Archer", "did you mean Alice Archer"),
        ("at Impact started at", "25:99", "not a time of day"),
        ("at Impact started at", "2027-01-01", "in the future"),
    ],
)
def test_wrong_details_are_told_beside_them(client, sent, name, value, printed):
    """What cannot be understood is shown at its field, and keeps the form from being sent."""
    form = DeclareForm(client, name="Checkout", severity="Major", all_fields=True)
    part(form, name).control.value = value
    assert printed in part(form, name).problem
    form.submit()
    assert form.status.state == status.NOT_SENT
    assert not sent(INCIDENTS)


@pytest.mark.parametrize("person", ["alice@example.com", "Alice Archer", "alice archer · ALICE@example.com"])
def test_people_are_found_by_name_or_email(client, person):
    """A role is given to the person who is named; somebody who has left is not offered."""
    form = DeclareForm(client, name="Checkout", severity="Major")
    lead = part(form, "role Incident Lead")
    lead.control.value = person
    assert lead.read().name == "Alice Archer"
    lead.control.value = "Oscar"
    assert "is not a person" in lead.problem


def test_everything_can_be_given(client, sent):
    """Options and Python fill the form by name; what was given is unfolded, and the summary names it all."""
    form = DeclareForm(
        client,
        name="Checkout",
        summary="**Since** the deploy",
        severity="Major",
        type="Security",
        status="Fixing",
        mode="test",
        private=True,
        role={"lead": "alice@example.com"},
        field={"Affected service": "Payments", "Root cause": "A typo"},
        timestamp={"Impact started at": "13:30"},
    )
    assert "<strong>Since</strong>" in form.fields["summary"].preview.value
    assert form.fields["summary"].control.placeholder.endswith("Markdown works.")
    for printed in (
        "Checkout",
        "Major",
        "Security",
        "Fixing",
        "test",
        "private",
        "Alice Archer",
        "Payments",
        "13:30:00",
    ):
        assert printed in form.effect_text.value
    assert form.more.unfolded
    form.submit()
    assert form.status.state == status.SENT
    (body,) = sent(INCIDENTS)
    assert body["visibility"] == "private"
    assert body["incident_timestamp_values"][0]["value"] == "2026-01-15T13:30:00Z"
    assert "idempotency_key" in body


def test_the_same_text_is_one_incident(client, sent):
    """A second form with the same text finds the first one's incident; a cell magic's text does too."""
    outcomes = []
    for _round in range(2):
        form = DeclareForm(client, name="Checkout", severity="Major", on_sent=outcomes.append)
        form.submit()
    assert form.status.state in {status.SENT, status.ALREADY}
    assert len({outcome.reference for outcome in outcomes}) == 1
    client.declare("Checkout", severity="Major", type="Platform")
    assert len(client.incidents(since="1h").query("name == 'Checkout'")) == 1


def test_a_refused_value_is_told_at_the_only_field_of_its_kind(client, monkeypatch):
    """The service names `value_link`: there is one link, so the message stands there."""
    form = DeclareForm(client, name="Checkout", severity="Major", field={"Customer ticket": "https://example.com"})
    assert form.place_of("value_link") == part(form, "field Customer ticket").name
    assert form.place_of("value_text") == "value_text"
    assert form.place_of("severity_id") == "severity"


def test_lists_that_may_not_be_read_leave_the_rest(client, sandbox):
    """Without the people no roles can be given, and the form says so; it declares all the same."""
    sandbox.fault("malformed", "GET /v2/users")
    form = DeclareForm(client, name="Checkout", severity="Major")
    part(form, "role Scribe").control.value = "alice"
    assert "could not be read" in part(form, "role Scribe").problem
    part(form, "role Scribe").control.value = ""
    form.submit()
    assert form.status.state == status.SENT
    sandbox.clear_faults()
    form.buttons.reload.click()
    assert isinstance(part(form, "role Scribe"), SearchField)


def test_long_lists_are_searched(client, monkeypatch):
    """A select with many options is a search box."""
    options_of = client.vocabulary.options
    monkeypatch.setattr(client.vocabulary, "options", lambda field: options_of(field) * 4)
    form = DeclareForm(client)
    assert isinstance(part(form, "field Affected service"), SearchField)


@pytest.mark.parametrize(
    ("given", "name", "printed"),
    [
        ({"severity": "Mayor"}, "severity", "did you mean Major?"),
        ({"type": "Securty"}, "type", "did you mean Security?"),
        ({"status": "Fxing"}, "status", "did you mean Fixing?"),
        ({"status": "Closed"}, "status", "Closed is not possible here"),
        ({"mode": "tset"}, "mode", "did you mean test?"),
        ({"role": {"lead": "Alcie Archer"}}, "role Incident Lead", "did you mean Alice Archer"),
        ({"field": {"Affected service": "Paymets"}}, "field Affected service", "did you mean Payments?"),
        ({"field": {"Affected regions": "eu-west,us-eats"}}, "field Affected regions", "did you mean us-east?"),
        ({"field": {"Customers affected": "many"}}, "field Customers affected", "a number"),
        ({"timestamp": {"Impact started at": "25:99"}}, "at Impact started at", "not a time of day"),
    ],
)
def test_what_cannot_be_met_is_told_beside_its_field(client, sent, given, name, printed):
    """The form opens, everything else is usable, and nothing is sent until the field is answered."""
    form = DeclareForm(client, **{"name": "Checkout", "severity": "Major", **given})
    assert not form.failure.value
    assert printed in part(form, name).problem
    assert form.fields["name"].read() == "Checkout"
    form.fields["name"].control.value = "Checkout again"
    assert printed in part(form, name).problem
    form.submit()
    assert form.status.state == status.NOT_SENT
    assert not sent(INCIDENTS)


def test_an_answered_field_is_sent(client, sent):
    """After a typo in the type none is chosen, so that the default one is a choice, too."""
    form = DeclareForm(client, name="Checkout", severity="Major", type="Securty")
    assert form.fields["type"].read() is None
    choose(form, "type", "Platform")
    assert not form.fields["type"].problem
    form.submit()
    assert form.status.state == status.SENT
    assert sent(INCIDENTS)[0]["incident_type_id"] == client.vocabulary.type("Platform").id


def test_an_unknown_field_or_role_is_told_above_the_others(client):
    """There is no field to tell it beside."""
    form = DeclareForm(client, field={"Root cuase": "x"}, role={"led": "x"}, timestamp={"Startd": "14:00"})
    for message in ("did you mean Root cause?", "There is no role", "There is no timestamp"):
        assert message in form.more.note.value
    assert form.more.unfolded


def test_fields_of_the_same_name_are_two(client, monkeypatch, sent):
    """Each custom field and role has its own control and its own value, and can be distinguished from the other."""
    words = client.vocabulary
    text, link = words.field("Root cause"), words.field("Customer ticket")
    twin = msgspec.structs.replace(link, name="Root cause")
    roles = [
        msgspec.structs.replace(role, name="Lead", shortform=None, role_type="custom") for role in words.roles()[:1]
    ]
    roles.append(msgspec.structs.replace(words.role("Scribe"), name="lead", shortform=None, role_type="custom"))
    monkeypatch.setattr(words, "fields", lambda: [text, twin])
    monkeypatch.setattr(words, "roles", lambda: roles)
    form = DeclareForm(client, name="Checkout", severity="Major")
    part(form, "field Root cause (text)").control.value = "A typo"
    part(form, "field Root cause (link)").control.value = "no link"
    assert "https://" in part(form, "field Root cause (link)").problem
    assert not part(form, "field Root cause (text)").problem
    part(form, "field Root cause (link)").control.value = "https://example.com"
    part(form, f"role Lead ({roles[0].id})").control.value = "alice@example.com"
    part(form, f"role lead ({roles[1].id})").control.value = "bob@example.com"
    for printed in ("Root cause (text)", "Root cause (link)", f"Lead ({roles[0].id})"):
        assert printed in form.effect_text.value
    form.submit()
    assert form.status.state == status.SENT
    (body,) = sent(INCIDENTS)
    values = {entry["custom_field_id"]: entry["values"] for entry in body["custom_field_entries"]}
    assert values == {text.id: [{"value_text": "A typo"}], link.id: [{"value_link": "https://example.com"}]}
    assert len(body["incident_role_assignments"]) == 2


@pytest.mark.parametrize(
    ("pointer", "name", "place"),
    [
        ("/custom_field_entries/1/values/0/value_text", "value_text", "field Root cause"),
        ("/custom_field_entries/0/values/0/value_option_id", "value_option_id", "field Affected service"),
        ("/incident_role_assignments/0/assignee/id", "id", "role Incident Lead"),
        ("/incident_timestamp_values/0/value", "value", "at Impact started at"),
        ("/severity_id", "severity_id", "severity"),
    ],
)
def test_a_refusal_is_placed_by_its_pointer(client, monkeypatch, pointer, name, place):
    """The pointer says which entry of a list the service means, however many of its kind there are."""
    form = DeclareForm(
        client,
        name="Checkout",
        severity="Major",
        field={"Affected service": "Payments", "Root cause": "A typo"},
        role={"lead": "alice@example.com"},
        timestamp={"Impact started at": "13:30"},
    )

    def refuse(*_draft, **_given):
        raise errors.ValidationFailed(
            f"{name}: too odd", status=422, fields={name: "too odd"}, pointers={pointer: "too odd"}
        )

    monkeypatch.setattr(client, "send", refuse)
    form.submit()
    wrong = {key for key, field in form.fields.items() if field.problem}
    assert wrong == {part(form, place).name}
    assert part(form, place).problem == "too odd"
    assert form.status.state == status.NOT_SENT


def test_the_service_points_at_the_refused_entry(client, sandbox, monkeypatch):
    """The sandbox refuses an option that is gone: the error stands at the field that holds it."""
    form = DeclareForm(
        client, name="Checkout", severity="Major", field={"Affected service": "Payments", "Affected regions": "eu-west"}
    )
    regions = part(form, "field Affected regions")
    regions._chosen[0] = msgspec.structs.replace(regions._chosen[0], id="01GONE")
    form.submit()
    assert regions.problem
    assert not part(form, "field Affected service").problem
