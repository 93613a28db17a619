"""A link that is about to be attached, and which other one leads to the same address."""

from __future__ import annotations

import pytest

from incidentio_magic.api import models
from incidentio_magic.writes.drafts import Attachment

URL = "https://Example.com/graph/?from=1"


def attached(**resource):
    """Return an attachment."""
    return models.IncidentAttachment(
        id="A", resource=models.AttachedResource(resource_type="arbitrary_url", **resource)
    )


def test_what_is_sent(make_incident):
    """The address is sent as it was typed, with its title if there is one."""
    body = Attachment(make_incident(), f" {URL} ", " Graph ").payload()
    resource = {"resource_type": "arbitrary_url", "url": URL, "title": "Graph"}
    assert body == {"incident_id": "01INC7", "resource": resource}
    assert "title" not in Attachment(make_incident(), URL).payload()["resource"]
    assert Attachment(make_incident(), URL, "Graph").rows()[1:] == [("url", URL, ""), ("title", "Graph", "")]
    assert Attachment(make_incident(), URL).rows()[1:] == [("url", URL, "")]


@pytest.mark.parametrize(
    "url", [URL, "https://example.com/graph?from=1", "HTTPS://EXAMPLE.com/graph/?from=1", f" {URL}"]
)
def test_the_same_address(make_incident, url):
    """The case of the host and a slash at the end do not make another address."""
    draft = Attachment(make_incident(), url, "other title")
    assert draft.is_same(attached(permalink="https://example.com/graph?from=1"))
    assert draft.is_same(attached(external_id=URL))
    assert draft.key("A") == Attachment(make_incident(), URL).key("A")


@pytest.mark.parametrize("url", ["https://example.com/Graph?from=1", "https://example.com/graph?from=2", "https://x["])
def test_another_address(make_incident, url):
    """The case of a path and a query make another address."""
    draft = Attachment(make_incident(), url)
    assert not draft.is_same(attached(permalink=URL, external_id=URL))
    assert draft.key("A") != Attachment(make_incident(), URL).key("A")


@pytest.mark.parametrize("url", ["", "example.com", "ftp://example.com", "https://a b.example", "javascript:alert(1)"])
def test_what_is_no_address(make_incident, url):
    """What a browser cannot open is refused, with what was typed in quotes."""
    assert f"{url!r} is not a web address" in Attachment(make_incident(), url).problems()["url"]


def test_titles(make_incident):
    """A title is one line of bounded length; only one that was given is compared."""
    assert "title" in Attachment(make_incident(), URL, "x" * 1001).problems()
    assert "title" in Attachment(make_incident(), URL, "a\nb").problems()
    assert Attachment(make_incident(), URL, "x" * 1000).problems() == {}
    assert Attachment(make_incident(), URL, "a").differences(attached(title="b")) == ["title"]
    assert Attachment(make_incident(), URL).differences(attached(title="b")) == []
    assert Attachment(make_incident(), URL, "b").differences(attached(title="b")) == []


def test_what_it_is_called(make_incident):
    """Messages name the incident."""
    draft = Attachment(make_incident(), URL)
    assert draft.does == "attach a link to INC-7"
    assert draft.happened == "the link was attached to INC-7"
    assert "INC-7" in draft.check
