"""python -m incidentio_magic demo | lab | sandbox."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

COMMANDS: Final[Mapping[str, tuple[str, str, str]]] = {
    "demo": ("play the whole story in an IPython shell against a sandbox", "incidentio_magic.demo", "sandbox"),
    "lab": (
        "open JupyterLab on the first notebook, with a sandbox running",
        "incidentio_magic.lab",
        "sandbox,lab,plot",
    ),
    "sandbox": ("serve a small incident.io on this machine", "incidentio_magic.sandbox.command", "sandbox"),
}


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code.

    Args:
        arguments: The command and its own arguments.
    """
    if not arguments or arguments[0] not in COMMANDS:
        wrong = bool(arguments) and arguments[0] not in {"-h", "--help"}
        stream = sys.stderr if wrong else sys.stdout
        if wrong:
            print(f"There is no command {arguments[0]!r}.", file=stream)
        print("usage: python -m incidentio_magic COMMAND", file=stream)
        for name, (text, _module, _extra) in COMMANDS.items():
            print(f"  {name:<8} {text}", file=stream)
        return 2 if wrong else 0
    name, *rest = arguments
    _text, module, extra = COMMANDS[name]
    try:
        command = import_module(module)
    except ModuleNotFoundError as error:
        print(  # noqa: T201
            f'{name} needs the package {error.name}, which is not installed: pip install "incidentio-magic[{extra}]"',
            file=sys.stderr,
        )
        return 2
    if name == "sandbox":
        from incidentio_magic.drills.library import Library  # noqa: PLC0415  no other command needs it
        from incidentio_magic.sandbox.command import main as serve  # noqa: PLC0415  by name, so that types are checked

        return serve(rest, Library())
    return int(command.main(rest))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
