"""Writes what `doctor --contract` assumes of each list: the vendor's own contract, in the shortest form.

python -m tests.contract.assumptions OPENAPI.json           writes incidentio_magic/doctor/assumptions.json
python -m tests.contract.assumptions OPENAPI.json --check   fails if that file is not what would be written
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from incidentio_magic import doctor
from incidentio_magic.doctor.contract import READS

FILE = Path(doctor.__file__).with_name("assumptions.json")
DEEPEST = 5  # the expressions of forms contain themselves


def assumed(document: dict[str, Any], path: str) -> Any:
    """Return what is assumed of the answer of a list."""
    answer = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    return shape(document, answer, DEEPEST)


def shape(document: dict[str, Any], schema: dict[str, Any], deepest: int) -> Any:
    """Return a schema in the form that the doctor reads: fields (`?` where optional), lists, enumerations and types."""
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if "enum" in schema:
        return {"enum": sorted(schema["enum"])}
    kind = schema.get("type", "object")
    if kind == "array":
        return {"list": shape(document, schema["items"], deepest)}
    if kind != "object":
        return kind
    if not schema.get("properties") or not deepest:
        return "object"
    required = set(schema.get("required", ()))
    return {
        "fields": {
            name if name in required else f"{name}?": shape(document, inner, deepest - 1)
            for name, inner in sorted(schema["properties"].items())
        }
    }


def text(document: dict[str, Any]) -> str:
    """Return the file's content, a line for each list."""
    lines = [f"{json.dumps(path)}:{json.dumps(assumed(document, path), separators=(',', ':'))}" for path in READS]
    return "{" + ",\n".join(lines) + "}\n"


def main(arguments: list[str]) -> int:
    """Write the file, or check it."""
    written = text(json.loads(Path(arguments[0]).read_text("utf-8")))
    if "--check" not in arguments:
        FILE.write_text(written, "utf-8")
    elif json.loads(FILE.read_text("utf-8")) != json.loads(written):
        sys.stdout.write("contract: doctor/assumptions.json is not what the contract says; write it anew\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
