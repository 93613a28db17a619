"""Renders facts with a template, as a draft that displays itself as a document."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from incidentio_magic.errors import InputError
from incidentio_magic.postmortem.saving import replace_file, save, without_mark
from incidentio_magic.printable import printable
from incidentio_magic.templates import render_file, render_own

if TYPE_CHECKING:
    from incidentio_magic.api import models
    from incidentio_magic.postmortem.facts import Facts

TEMPLATES: Final = ("sre", "howie", "short")
_EMPTY_LINES: Final = re.compile(r"\n{3,}")


@dataclass(frozen=True, repr=False)
class PostmortemDraft:
    """A draft of a postmortem. It displays itself as a document; `markdown` is its text.

    Args:
        incident: The incident.
        title: The document's title.
        markdown: Its text.
        facts: The facts behind it.
        picture: The picture of the timeline as PNG, to which the text refers; empty if there is none.
    """

    incident: models.Incident
    title: str
    markdown: str
    facts: Facts
    picture: bytes = b""

    def save(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Save it atomically to a file, with its picture beside it. A file that was edited is not replaced.

        Args:
            path: The file.
            overwrite: Whether to replace the file even if it was edited.

        Raises:
            InputError: If the file was edited, or cannot be written.
        """
        file = Path(path).expanduser()
        if not self.picture:
            return save(file, self.markdown, overwrite=overwrite)
        beside = file.with_name(f"{file.stem}-timeline.png")
        text = self.markdown.replace(f"]({self.facts.chart})", f"](<{beside.name}>)")
        saved = save(file, text, overwrite=overwrite)
        replace_file(beside, self.picture)
        return saved

    def reworded(self, path: str | Path) -> PostmortemDraft:
        """Return the draft with the text of a file, such as a saved draft that was edited.

        Args:
            path: The file.

        Raises:
            InputError: If the file cannot be read.
        """
        return replace(self, picture=b"", markdown=without_mark(_text_of(path, "text")))

    def __repr__(self) -> str:
        return self.markdown

    def _repr_mimebundle_(self, **_wanted: object) -> dict[str, Any]:
        shown = self.markdown
        if self.picture:
            inside = f"data:image/png;base64,{b64encode(self.picture).decode('ascii')}"
            shown = shown.replace(f"]({self.facts.chart})", f"]({inside})")
        return {"text/markdown": shown, "text/plain": self.markdown}


def rendered(facts: Facts, template: str | Path = "") -> str:
    """Return the facts as Markdown.

    Args:
        facts: The facts.
        template: One of `TEMPLATES`, or the path of a Jinja template file that uses the fields of `Facts`; `sre` if
            empty.

    Raises:
        InputError: If the template file cannot be read.
        TemplateError: If it uses an unknown name, or fails.
    """
    fill_in = render_own if str(template) in {"", *TEMPLATES} else render_file
    # Omitted parts leave empty lines behind.
    text = _EMPTY_LINES.sub("\n\n", fill_in(template_text(template), facts.variables()))
    return printable(text).strip() + "\n"


def template_text(template: str | Path = "") -> str:
    """Return the text of a template, to be saved, edited and used as a file.

    Args:
        template: One of `TEMPLATES`, or a file's path; `sre` if empty.

    Raises:
        InputError: If the file cannot be read.
    """
    name = str(template) or TEMPLATES[0]
    if name not in TEMPLATES:
        return _text_of(template, "template")
    folder = files(__package__).joinpath("templates")
    return "".join(folder.joinpath(part).read_text("utf-8") for part in ("_macros.jinja", f"{name}.md.jinja"))


def _text_of(path: str | Path, what: str) -> str:
    file = Path(path).expanduser()
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8"
        hint = "name a text file"
        if what == "template":
            hint += f", or one of {', '.join(TEMPLATES)}"
        raise InputError(f"The {what} {str(file)!r} cannot be read: {why}.", hint=hint) from None
