"""%incidents training: switches training mode on and off for this notebook."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

from incidentio_magic.environment import TRAINING_STAYS, TRAINING_VARIABLE, class_in
from incidentio_magic.errors import InputError, SettingsError
from incidentio_magic.magics.grammar import Subcommand, nearest

if TYPE_CHECKING:
    from argparse import Namespace

    from incidentio_magic.magics.grammar import Grammar
    from incidentio_magic.magics.session import Session

_ON: Final = "Training mode is on: only test incidents are declared, listed and written to."
_OFF: Final = "Training mode is off: declarations are real unless they say --mode test."
_CHANGES: Final = """Without training mode, on {where}:
  - declarations are real unless they say --mode test
  - lists, boards and forms show real incidents, and updates, edits and events reach them
  - pages reach the people on call"""
_WORD: Final = "off"


def _add_training(grammar: Grammar) -> None:
    grammar.add_argument("switch", nargs="?", default="", metavar="on|off", help="shows the current state if left out")
    grammar.add_argument("--yes", action="store_true", help="switch it off without confirmation")


def _training(session: Session, args: Namespace) -> Any:
    if args.switch not in {"", "on", "off"}:
        raise nearest("state", args.switch, ("on", "off"))
    if args.switch == "on":
        session.set_training(True)
    elif args.switch == "off" and session.settings.training:
        _switch_off(session, sure=args.yes)
    settings = session.settings
    return session.state(_ON if settings.training else _OFF, training=settings.training, url=settings.base_url)


def _switch_off(session: Session, *, sure: bool) -> None:
    if class_in(os.environ):
        raise SettingsError(
            f"Training mode is on for all of this environment, by {TRAINING_VARIABLE}.", hint=TRAINING_STAYS
        )
    where = "this sandbox" if session.sandbox is not None else session.settings.base_url
    session.say(_CHANGES.format(where=where))
    if not sure and _answer() != _WORD:
        raise InputError("Training mode stays on.", hint=f"answer {_WORD} to switch it off")
    session.set_training(False)


def _answer() -> str:
    try:
        return input(f"Type {_WORD} to switch it off: ").strip().lower()
    except (EOFError, OSError, NotImplementedError, RuntimeError):
        # A kernel that runs a saved notebook cannot prompt for input.
        raise InputError(
            "Training mode stays on: this kernel cannot ask you to confirm.",
            hint="%incidents training off --yes switches it off",
        ) from None


SUBCOMMANDS = (Subcommand("training", "test mode for everything in this notebook", _add_training, _training),)
