"""A chart that displays itself: interactive if the front end supports Vega-Lite, otherwise as a picture."""

from __future__ import annotations

import json
from base64 import b64encode
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from incidentio_magic.errors import SettingsError
from incidentio_magic.plots.looks import on_paper
from incidentio_magic.plots.png import packed

if TYPE_CHECKING:
    import pandas as pd

_NEEDED: Final = {"vl_convert": "vl-convert-python", "PIL": "pillow"}
VEGA_LITE: Final = "application/vnd.vegalite.v5+json"
_VERSION: Final = "5.20"
_SCALE: Final = 2.0
_SCALE_OF_MANY: Final = 1.5  # the scale for charts with many marks, so that a cell stays small
_MANY: Final = 60
_SMALLER: Final = (1.5, 1.2, 1.0)
_MOST_BYTES: Final = 148_000  # of a chart in a saved notebook, with some room for its text
# Without the editor's link, one click on which would hand the incident to another web site.
_ACTIONS: Final = {"export": True, "source": True, "compiled": False, "editor": False}
_EMBEDDING: Final = {"embed_options": {"renderer": "svg", "actions": _ACTIONS}}


class Chart:
    """A chart of a frame. It displays itself.

    Args:
        spec: The Vega-Lite specification, including its data.
        text: Its content in a few lines of text.
        frame: The frame behind the chart.
        marks: The number of marks; pictures of many marks are drawn at a smaller scale.

    Raises:
        SettingsError: If the extra `plot`, which makes the picture, is not installed.
    """

    def __init__(self, spec: dict[str, Any], text: str, frame: pd.DataFrame, *, marks: int = 0) -> None:
        require_extra()
        self.spec = spec
        self.frame = frame
        self._text = text
        self._scale = _SCALE_OF_MANY if marks > _MANY else _SCALE
        self._png = b""

    def png(self) -> bytes:
        """Return the picture as PNG; drawing needs no network."""
        if not self._png:
            room = _MOST_BYTES - len(json.dumps(self.spec))
            for scale in (self._scale, *(smaller for smaller in _SMALLER if smaller < self._scale)):
                self._png = self._drawn(scale)
                if len(self._png) * 4 / 3 <= room:  # in base64
                    break
        return self._png

    def _drawn(self, scale: float) -> bytes:
        import vl_convert  # noqa: PLC0415  an extra

        spec = on_paper(self.spec)
        return packed(vl_convert.vegalite_to_png(spec, vl_version=_VERSION, scale=scale, allowed_base_urls=[]))

    def __repr__(self) -> str:
        return self._text

    def _repr_mimebundle_(self, **_wanted: object) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the specification, the picture and the text; a saved notebook holds all three."""
        content = {
            VEGA_LITE: self.spec,
            "image/png": b64encode(self.png()).decode("ascii"),
            "text/plain": self._text,
        }
        return content, {VEGA_LITE: _EMBEDDING, "image/png": {"alt": self._text}}


def require_extra() -> None:
    """Raise an error if pictures cannot be made.

    Raises:
        SettingsError: If the extra `plot` is not installed.
    """
    missing = [package for module, package in _NEEDED.items() if find_spec(module) is None]
    if missing:
        raise SettingsError(
            f"A chart needs {' and '.join(missing)}, which {'are' if len(missing) > 1 else 'is'} not installed.",
            hint='pip install "incidentio-magic[plot]"',
        )
