"""Follows every link inside a built site: `python .github/docs/links.py site`."""

from __future__ import annotations

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class Page(HTMLParser):
    """Collects what a page links to, and the anchors in it."""

    def __init__(self) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.anchors: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the links and the anchors of a tag."""
        for name, value in attrs:
            if name in {"href", "src", "srcset"} and value:
                self.links.add(value)
            if name == "id" or (name == "name" and tag == "a"):
                self.anchors.add(value or "")


def broken(folder: Path) -> tuple[int, list[str]]:
    """Return how many links inside the site were followed, and those that lead nowhere."""
    pages = {}
    for path in folder.rglob("*.html"):
        page = pages[path.resolve()] = Page()
        page.feed(path.read_text("utf-8"))
    followed, failures = 0, []
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc or link.startswith("data:"):
                continue
            followed += 1
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            target = target / "index.html" if target.is_dir() else target
            known = pages.get(target)
            if not target.exists() or (parts.fragment and known and unquote(parts.fragment) not in known.anchors):
                failures.append(f"{path.relative_to(folder.resolve())}: {link}")
    return followed, sorted(failures)


if __name__ == "__main__":
    count, found = broken(Path(sys.argv[1]))
    print(f"{count} links inside the site were followed; {len(found)} lead nowhere", *found, sep="\n  ")  # noqa: T201
    sys.exit(bool(found) or count == 0)
