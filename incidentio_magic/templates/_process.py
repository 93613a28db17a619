"""The process that renders a template file, started by `files` with limits that the template cannot lift."""

from __future__ import annotations

import json
import pickle
import sys

_MEMORY = 1 << 30  # bytes, including Python and Jinja
_SECONDS = 20  # seconds of CPU time; the parent kills it earlier, unless the parent itself was killed


def main() -> None:
    """Read a template and its data, and write the rendered text or the error."""
    _limit()
    request = pickle.load(sys.stdin.buffer)  # noqa: S301  written by the parent
    sys.path[:] = request["path"]
    from incidentio_magic.templates.plain import evaluate  # noqa: PLC0415  the path is known only now

    sys.stdout.write(json.dumps(evaluate(request["text"], request["data"])))


def _limit() -> None:
    try:
        import resource  # noqa: PLC0415  Unix
    except ImportError:
        return
    for name, most in (("RLIMIT_AS", _MEMORY), ("RLIMIT_CPU", _SECONDS), ("RLIMIT_FSIZE", 0), ("RLIMIT_CORE", 0)):
        try:
            resource.setrlimit(getattr(resource, name), (most, most))
        except (ValueError, OSError):  # a lower limit is in force
            continue


if __name__ == "__main__":
    main()
