"""A postmortem document is imported once: listed before, read back after a lost answer, never done twice unasked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from incidentio_magic import errors
from incidentio_magic.api import models
from incidentio_magic.api.endpoints import Api
from incidentio_magic.api.pagination import Listing, Page
from incidentio_magic.writes.ledger import Ledger

IMPORT = "POST /v2/incidents/*/actions/import_postmortem_document"
LIST = "GET /v1/postmortem_documents"
OPEN = "INC-291"  # has no document yet


def documents(client):
    """Return the documents of the incident."""
    return list(client.api.postmortem_documents(client.incident(OPEN).id))


def outcomes(client):
    """Return the ends that the ledger knows."""
    return [outcome.outcome for outcome in Ledger(client.settings.ledger).outcomes() if outcome.verb == "import"]


def sent(sandbox):
    """Return how many imports arrived."""
    return sum("import_postmortem_document" in request["path"] for request in sandbox.requests)


def test_imported_once(client, sandbox):
    """The document is there with its text; a second import finds it and sends nothing, whatever the text is by now."""
    draft = client.postmortem(OPEN)
    outcome = client.import_postmortem(draft)
    assert outcome.sent
    assert outcome.sentence == "INC-291: postmortem document imported."
    (document,) = documents(client)
    assert document.title == draft.title
    assert client.api.postmortem_content(document.id) == draft.markdown.strip()
    again = client.import_postmortem(replace(draft, markdown="Something else"))
    assert not again.sent
    assert "INC-291 already has a postmortem document, since" in again.sentence
    assert again.option_hint == "--again adds one more"
    assert len(documents(client)) == 1
    assert sent(sandbox) == 1
    assert outcomes(client) == ["sent", "not sent"]


def test_a_document_without_a_title_is_a_document(client, monkeypatch):
    """A title that the service left out does not keep a document from being found."""
    untitled = models.PostmortemDocument(id="D1")
    monkeypatch.setattr(Api, "postmortem_documents", lambda *_which: Listing(lambda _cursor: Page([untitled], None)))
    outcome = client.import_postmortem(client.postmortem(OPEN))
    assert not outcome.sent
    assert outcome.sentence.startswith("INC-291 already has a postmortem document")


def test_again_imports_one_more(client):
    """A deliberate repeat is one more document; the next import finds the newest."""
    client.import_postmortem(client.postmortem(OPEN))
    second = client.import_postmortem(client.postmortem(OPEN), again=True)
    assert second.sent
    assert len(documents(client)) == 2
    assert client.import_postmortem(client.postmortem(OPEN)).id == second.id


def test_dry_run(client, sandbox):
    """A dry run shows all of it and sends nothing."""
    outcome = client.import_postmortem(client.postmortem(OPEN), dry_run=True)
    assert "This would import a postmortem document into INC-291" in repr(outcome)
    assert "## Key events" in repr(outcome)
    assert not sent(sandbox)


@pytest.mark.parametrize("kind", ["lose_answer", "truncated", "malformed"])
def test_a_lost_answer_is_read_back(client, sandbox, kind):
    """What was done is found, and told as sent."""
    sandbox.fault(kind, endpoint=IMPORT, times=1)
    outcome = client.import_postmortem(client.postmortem(OPEN))
    assert outcome.sent
    assert "read back and confirmed" in outcome.sentence
    assert len(documents(client)) == sent(sandbox) == 1
    assert outcomes(client) == ["sent"]


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_what_is_not_found_is_unknown_and_not_sent_again(client, sandbox, status):
    """A request that may still be on its way is not repeated; running it again looks first."""
    sandbox.fault("status", status=status, endpoint=IMPORT, times=1)
    with pytest.raises(errors.OutcomeUnknown) as caught:
        client.import_postmortem(client.postmortem(OPEN))
    assert "the postmortem of INC-291 was imported" in caught.value.message
    assert "checks first" in caught.value.hint
    assert sent(sandbox) == 1
    assert outcomes(client) == ["unknown"]
    slept = []
    client._sender._creations._settling._sleep = slept.append
    assert client.import_postmortem(client.postmortem(OPEN)).sent
    assert 50 < sum(slept) <= 60  # the lost request may still arrive
    assert len(documents(client)) == 1


def test_a_document_that_was_deleted_is_not_imported_again(client, monkeypatch):
    """What the ledger knows was imported is not imported again unasked, although the service has it no longer."""
    client.import_postmortem(client.postmortem(OPEN))
    monkeypatch.setattr(client.api, "postmortem_documents", lambda _identity: Listing(lambda _cursor: Page([], None)))
    again = client.import_postmortem(client.postmortem(OPEN))
    assert not again.sent
    assert "According to the local ledger" in again.sentence
    assert client.import_postmortem(client.postmortem(OPEN), again=True).sent


def test_a_failing_read_back_is_unknown(client, sandbox):
    """If it cannot be found out, that is what is said."""
    draft = client.postmortem(OPEN)
    client._sender._creations._sleep = lambda _seconds: sandbox.fault("status", status=503, endpoint=LIST)
    sandbox.fault("lose_answer", endpoint=IMPORT, times=1)
    with pytest.raises(errors.OutcomeUnknown):
        client.import_postmortem(draft)
    assert outcomes(client) == ["unknown"]


def test_without_the_list_nothing_is_sent(client, sandbox):
    """Who cannot see whether there is a document imports none."""
    draft = client.postmortem(OPEN)
    sandbox.fault("status", status=503, endpoint=LIST)
    with pytest.raises(errors.ServiceUnavailable):
        client.import_postmortem(draft)
    assert not sent(sandbox)
    assert outcomes(client) == []


def test_a_refusal_is_not_sent(client):
    """A refused import is told as the service tells it, and noted as not sent."""
    with pytest.raises(errors.ValidationFailed):
        client.import_postmortem(replace(client.postmortem(OPEN), title="x" * 1001))
    assert not documents(client)
    assert outcomes(client) == ["not sent"]


def test_an_interrupt_is_unknown(client, monkeypatch):
    """Who stops it in the middle is told that it is not known."""
    draft = client.postmortem(OPEN)

    def interrupt(*_arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(client.api, "import_postmortem", interrupt)
    with pytest.raises(errors.Interrupted, match="It is not known whether the postmortem of INC-291 was imported"):
        client.import_postmortem(draft)
    assert outcomes(client) == ["unknown"]


def test_a_masked_draft_is_not_imported(client, sandbox):
    """Masks are of no use to incident.io: the draft of a private incident goes out written out, or not at all."""
    with pytest.raises(errors.InputError, match="INC-297 is private"):
        client.import_postmortem(client.postmortem("INC-297"))
    assert not sent(sandbox)
    assert client.import_postmortem(client.postmortem("INC-297", show_private=True)).sent


def test_an_empty_text_is_refused(client, sandbox):
    """Nothing is imported without a text."""
    with pytest.raises(errors.DraftError, match="content: a content is needed"):
        client.import_postmortem(replace(client.postmortem(OPEN), markdown=" \n"))
    assert not sent(sandbox)
