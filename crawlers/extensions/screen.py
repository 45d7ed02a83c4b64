"""The progress of a crawl on a terminal: a few lines below the log, written over as they change."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any, TextIO

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.text import Text

if TYPE_CHECKING:
    from crawlers.extensions.standing import Standing

_BAR_WIDTH = 40


class Screen:
    """Shows where a crawl stands until `stop`; log lines scroll above it."""

    def __init__(self) -> None:
        console = Console(stderr=True, highlight=False, emoji=False)
        self._live = Live(console=console, auto_refresh=False, transient=True, redirect_stdout=False)
        # Handlers hold the stream that was there when they were made; rich prints above its lines only what is
        # written to the one that it puts in its place.
        self._handlers: list[tuple[logging.StreamHandler[Any], TextIO]] = [
            (handler, handler.stream)
            for handler in logging.getLogger().handlers
            if isinstance(handler, logging.StreamHandler) and handler.stream is sys.stderr
        ]
        self._live.start()
        for handler, _ in self._handlers:
            handler.setStream(sys.stderr)

    def show(self, standing: Standing) -> None:
        """Replace what is shown."""
        self._live.update(_lines(standing), refresh=True)

    def stop(self) -> None:
        """Take the lines away and give the log its stream back."""
        self._live.stop()
        for handler, stream in self._handlers:
            handler.setStream(stream)


def _lines(standing: Standing) -> Group:
    ended = standing.done + standing.failed
    failed = f", {standing.failed:,} failed" if standing.failed else ""
    lines: list[RenderableType] = [
        Text.assemble((standing.site, "bold"), f": {standing.done:,} pages done{failed}, {standing.pending:,} waiting"),
        Text(standing.rows_text()),
        Text(standing.rate_text()),
    ]
    if not standing.grows:  # while pages still lead to others, the bar would only ever fall back
        lines.append(ProgressBar(total=max(1, ended + standing.pending), completed=ended, width=_BAR_WIDTH))
    return Group(*lines, *(Text(wait, style="yellow") for wait in standing.waits_text()))
