"""The connection that all reads and writes share."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Self

from incidentio_magic import errors
from incidentio_magic.api.endpoints import Api
from incidentio_magic.api.service_clock import steady_seconds
from incidentio_magic.api.transport import Transport
from incidentio_magic.frames import Frames
from incidentio_magic.names.lists import split_names
from incidentio_magic.names.shared_lists import SharedLists
from incidentio_magic.names.vocabulary import Vocabulary
from incidentio_magic.settings import zone
from incidentio_magic.writes.guard import BANNER
from incidentio_magic.writes.sender import Sender

if TYPE_CHECKING:
    from collections.abc import Callable

    from incidentio_magic.api import models
    from incidentio_magic.names.query import Names
    from incidentio_magic.settings import Settings


class Connection:
    """A connection to one organisation.

    Args:
        settings: How to connect and what to show.
        announce: Called with a line when a wait begins, and with "" when it is over.
        clock: A monotonic clock in seconds.
        sleep: Waits for a number of seconds.
        transport: An existing transport with these settings, to be shared.

    Raises:
        SettingsError: If there is no key, the address is unsafe, or the time zone is unknown.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        announce: Callable[[str], None] | None = None,
        clock: Callable[[], float] = steady_seconds,
        sleep: Callable[[float], None] = time.sleep,
        transport: Transport | None = None,
    ) -> None:
        self.settings = settings
        self._clock, self._sleep = clock, sleep
        self.transport = transport or Transport.of(
            settings, clock=clock, sleep=sleep, announce=announce or (lambda _line: None)
        )
        zone(settings.timezone)
        self.api = Api(self.transport)
        self.transport.first_request = self.api.identity
        self.vocabulary = Vocabulary(
            self.api, lifetime=settings.cache_seconds, clock=clock, shared=SharedLists.of(settings)
        )
        self._sender = Sender(self.api, self.vocabulary, settings, clock=clock, sleep=sleep)
        self.transport.guard = self._sender.guard.check

    def __repr__(self) -> str:
        return f"Incidents({self.settings.base_url!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    @property
    def training(self) -> bool:
        """Whether training mode is on, for this connection or through the environment."""
        return self._sender.guard.on

    def for_everyone(self) -> Self:
        """Return a connection of a class's facilitator whose lists show the incidents of all trainees.

        Without it, lists of a class show your own incidents and the organisation's; an incident that you name is always
        shown. This applies only to a class's sandbox, not to the real service.

        Raises:
            InputError: If this is not the sandbox of a class.
            PermissionDenied: If the key is not the facilitator's.
        """
        if not self.api.is_sandbox():
            raise errors.InputError(
                f"Only a class's sandbox can show everyone's incidents; {self.transport.host} is not one.",
                hint="leave --everyone out: all incidents are shown here",
            )
        transport = Transport.of(
            self.settings, clock=self._clock, sleep=self._sleep, announce=self.transport.announce, everyone=True
        )
        try:
            Api(transport).identity()
        except errors.PermissionDenied as error:
            error.hint = "leave --everyone out: your own incidents are shown"
            transport.close()
            raise
        except errors.ValidationFailed as error:
            transport.close()
            raise errors.InputError(error.message, hint="leave --everyone out: all incidents are shown here") from None
        return type(self)(self.settings, clock=self._clock, sleep=self._sleep, transport=transport)

    def close(self) -> None:
        """Close the connections."""
        self.transport.close()

    def incident(self, reference: str) -> models.Incident:
        """Return one incident's record.

        Args:
            reference: `INC-123`, `123`, a permalink or a full ID.

        Raises:
            UnknownName: If there is no such incident, or this key may not see it.

        Source: `GET /v2/incidents/{id}`.
        """
        return self.vocabulary.incident(reference)

    def _shows_private(self, show_private: bool | None) -> bool:
        """Return whether the text of private incidents is shown: as requested, else by the connection's setting."""
        return self.settings.show_private if show_private is None else show_private

    def _frames(self, show_private: bool | None = None) -> Frames:
        return Frames(
            self.vocabulary.severities(),
            self.vocabulary.statuses(),
            timezone=self.settings.timezone,
            show_private=self._shows_private(show_private),
            banner=BANNER if self._sender.guard.on else "",
        )


def listed(names: Names, knows: Callable[[str], object] | None = None) -> list[str]:
    """Return the names from a list or a comma-separated string; see `split_names`."""
    return split_names(names, knows)
