"""The values of a field: in the order of the organisation, by any of their names, and those of old incidents."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import msgspec
import pytest

from incidentio_magic.api import models
from incidentio_magic.api.filters import EVERY_CATEGORY, EVERY_MODE
from incidentio_magic.api.models import PaginationMeta
from incidentio_magic.api.pagination import Listing, Page
from incidentio_magic.names.options import first_entries, identified, read_options, used_options

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
SELECT = msgspec.convert({"id": "F1", "name": "Area", "field_type": "multi_select"}, models.CustomField, strict=False)
CATALOG = msgspec.convert(
    {"id": "F2", "name": "Service", "field_type": "multi_select", "catalog_type_id": "C1"},
    models.CustomField,
    strict=False,
)


def listed(records, after=None, size=None):
    """Return a listing of one page, which may say that another one follows."""
    return Listing(lambda _cursor: Page(records, PaginationMeta(after, size)))


def test_options_are_in_the_order_of_their_keys():
    """Those without a key come last, in the order in which the service lists them."""
    keys = {"a": None, "b": 20, "c": 0, "d": None, "e": 10}
    options = [models.CustomFieldOption(name, name.upper(), sort_key=key) for name, key in keys.items()]
    api = SimpleNamespace(custom_field_options=lambda identity: listed(options if identity == "F1" else []))
    found = read_options(api, SELECT)
    assert [option.id for option in found] == ["c", "e", "b", "a", "d"]
    assert [(option.name, option.other_names, option.archived) for option in found[:1]] == [("C", (), False)]


def test_entries_are_in_the_order_of_their_ranks():
    """Entries without a rank stand with those of rank 0; archived ones are marked, and every name is known."""
    entries = [
        models.CatalogEntry("E1", "api", rank=2, external_id="api-1", aliases=["rest", ""]),
        models.CatalogEntry("E2", "web", rank=-1, archived_at=LONG_AGO),
        models.CatalogEntry("E3", "db", rank=None),
    ]
    api = SimpleNamespace(catalog_entries=lambda catalog_type: listed(entries if catalog_type == "C1" else []))
    found = read_options(api, CATALOG)
    assert [(option.id, option.archived) for option in found] == [("E2", True), ("E3", False), ("E1", False)]
    assert found[-1].names == ["api", "api-1", "rest"]


@pytest.mark.parametrize(
    ("text", "found"), [(" E1 ", ["E1"]), ("API", ["E1"]), (" rest", ["E1"]), ("api-1", ["E1"]), ("ap", []), ("e1", [])]
)
def test_an_entry_is_found_by_its_exact_id_or_any_name(text, found):
    """What the service finds is believed only if the ID, or a name in any case, is what was typed."""
    asked = []
    entry = models.CatalogEntry("E1", "Api", external_id="api-1", aliases=["REST"])

    def catalog_entries(catalog_type, *, identifier):
        asked.append((catalog_type, identifier))
        return listed([entry])

    api = SimpleNamespace(catalog_entries=catalog_entries)
    assert [option.id for option in identified(api, "C1", text)] == found
    assert asked == [("C1", text.strip())]


@pytest.mark.parametrize(
    ("after", "size", "has_more"), [("x", 2, True), ("x", 3, False), (None, 2, False), ("x", None, True)]
)
def test_the_first_entries(after, size, has_more):
    """Archived entries are left out; there are more where a full page says where the next one begins."""
    entries = [models.CatalogEntry("E1", "api"), models.CatalogEntry("E2", "web", archived_at=LONG_AGO)]
    api = SimpleNamespace(catalog_entries=lambda _catalog_type: listed(entries, after, size))
    found, more = first_entries(api, CATALOG)
    assert [entry.id for entry in found] == ["E1"]
    assert more is has_more


def test_values_that_only_incidents_have(make_incident):
    """Every incident is read; each value stands once, marked as no longer offered, and other fields' values are not."""

    def entry(identity, *values):
        field = {"id": identity, "name": "x", "field_type": "multi_select"}
        return {"custom_field": field, "values": list(values)}

    option = {"value_option": {"id": "O1", "value": "Payments"}}
    service = {"value_catalog_entry": {"id": "E1", "name": "api"}}
    incidents = [
        make_incident(id="A", custom_field_entries=[entry("F1", option, service), entry("F2", {"value_text": "x"})]),
        make_incident(
            id="B",
            custom_field_entries=[entry("F1", option), entry("F3", {"value_option": {"id": "no", "value": "No"}})],
        ),
        make_incident(id="C"),
    ]
    asked = []

    def list_incidents(which, *, ahead):
        asked.append((which.category, which.modes, ahead))
        return incidents

    found = used_options(SimpleNamespace(incidents=list_incidents), SELECT)
    assert [(option.id, option.name, option.archived) for option in found] == [
        ("O1", "Payments", True),
        ("E1", "api", True),
    ]
    assert asked == [(EVERY_CATEGORY, EVERY_MODE, True)]
