"""Unique labels for records: the name if it is unique, else the name with the kind or the ID."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from incidentio_magic.api.models import MentionedField, Named
from incidentio_magic.names.comparison import comparable

if TYPE_CHECKING:
    from collections.abc import Iterable

_KINDS: Final = {"single_select": "select", "multi_select": "multi-select", "numeric": "number"}


def labels(records: Iterable[Named], more: Iterable[Named] = ()) -> dict[str, str]:
    """Return a unique label for each record, by its ID.

    The label is the name if no other record has it; else `Team (select)`; or `Team (select, 01ABC)` if the kinds are
    the same too. Names are compared without regard to case, white space and Unicode form.

    Args:
        records: The organisation's records of a kind, such as its custom fields.
        more: Further records, such as deleted fields; they never change the labels of `records`.
    """
    first = list({record.id: record for record in records}.values())
    found: dict[str, str] = {}
    taken: set[str] = set()
    counts = Counter(comparable(record.name) for record in first)
    with_kind = Counter(comparable(_with_kind(record)) for record in first)
    for record in first:
        if counts[comparable(record.name)] == 1:
            label = record.name
        elif with_kind[comparable(_with_kind(record))] == 1 and comparable(_with_kind(record)) not in counts:
            label = _with_kind(record)
        else:
            label = _with_id(record)
        found[record.id] = label
        taken.add(comparable(label))
    for record in more:
        if record.id not in found:
            choices = (record.name, _with_kind(record), _with_id(record))
            label = next((choice for choice in choices if comparable(choice) not in taken), choices[-1])
            found[record.id] = label
            taken.add(comparable(label))
    return found


def kind_of(field: MentionedField) -> str:
    """Return a custom field's kind: select, multi-select, text, link, number or catalog."""
    if field.catalog_type_id:
        return "catalog"
    return _KINDS.get(field.field_type, field.field_type)


def _with_kind(record: Named) -> str:
    kind = kind_of(record) if isinstance(record, MentionedField) else record.id
    return f"{record.name} ({kind})"


def _with_id(record: Named) -> str:
    kind = f"{kind_of(record)}, " if isinstance(record, MentionedField) else ""
    return f"{record.name} ({kind}{record.id})"
