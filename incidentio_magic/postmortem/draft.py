"""The draft itself: facts in a template, shown as a rendered document."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from incidentio_magic.errors import InputError, TemplateError
from incidentio_magic.postmortem.saving import save, without_mark
from incidentio_magic.printable import printable
from incidentio_magic.templates import render

if TYPE_CHECKING:
    from incidentio_magic.api import models
    from incidentio_magic.postmortem.facts import Facts


@dataclass(frozen=True, repr=False)
class PostmortemDraft:
    """A postmortem to go on with: it shows itself as a document, and `markdown` is its text.

    Args:
        incident: The incident.
        title: What the document is called.
        markdown: Its text.
        facts: What it was written from.
    """

    incident: models.Incident
    title: str
    markdown: str
    facts: Facts

    def save(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Write it to a file, whole or not at all; a file that somebody has worked on stays as it is.

        Args:
            path: The file.
            overwrite: Whether to replace it although somebody has worked on it.

        Raises:
            InputError: If somebody has, or it cannot be written.
        """
        return save(Path(path).expanduser(), self.markdown, overwrite=overwrite)

    def reworded(self, path: str | Path) -> PostmortemDraft:
        """Return the draft with the text of a file, such as a saved draft that somebody has worked on.

        Args:
            path: The file.

        Raises:
            InputError: If it cannot be read.
        """
        return replace(self, markdown=without_mark(_text_of(path, "text")))

    def __repr__(self) -> str:
        return self.markdown

    def _repr_mimebundle_(self, **_wanted: object) -> dict[str, Any]:
        return {"text/markdown": self.markdown, "text/plain": self.markdown}


def rendered(facts: Facts, template: str | Path = "") -> str:
    """Return the facts as Markdown.

    Args:
        facts: What is known.
        template: The file of a Jinja template over the fields of `Facts`; the one that comes along if empty.

    Raises:
        InputError: If the template cannot be read.
        TemplateError: If it uses something that there is not, or fails.
    """
    text = (
        _text_of(template, "template")
        if template
        else files(__package__).joinpath("template.md.jinja").read_text("utf-8")
    )
    variables = facts.variables()
    try:
        return printable(render(text, variables)).strip() + "\n"
    except TemplateError as error:
        message = error.message.replace("which the notebook does not define", "which a draft does not have")
        known = f"there are: {', '.join(variables)}"
        hint = known if message != error.message and "did you mean" not in error.hint else error.hint
        raise TemplateError(message, hint=hint) from None


def _text_of(path: str | Path, what: str) -> str:
    file = Path(path).expanduser()
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8"
        raise InputError(f"The {what} {file} cannot be read: {why}.", hint="name a text file") from None
