"""Objects that stand everywhere in the answers of the website: texts, and links to channels."""

from __future__ import annotations

from typing import Any

import msgspec


class Struct(msgspec.Struct, rename="camel", gc=False):
    """An object of the site's answers: fields it lacks have a default, fields we do not want are passed over."""


class Text(Struct):
    """The site's three ways to write a text."""

    simple_text: str | None = None
    runs: tuple[_Run, ...] = ()
    content: str | None = None

    @property
    def whole(self) -> str:
        if self.simple_text is not None:
            return self.simple_text
        return "".join(run.text for run in self.runs) or self.content or ""


class _Run(Struct):
    text: str = ""
    navigation_endpoint: Endpoint | None = None


class Browse(Struct):
    """A link to a channel."""

    browse_id: str | None = None


class Present(Struct):
    """Something of which only its being there matters."""


class Endpoint(Struct):
    """Where a link leads. Of several channels the link opens a list of them."""

    browse_endpoint: Browse | None = None
    show_dialog_command: dict[str, Any] | None = None
    reel_watch_endpoint: Present | None = None
