"""Where commands print: to a terminal as wide as it is, to a pipe in lines of one width."""

from __future__ import annotations

import sys

from rich.console import Console

_PIPE_WIDTH = 120


def standard_output() -> Console:
    """Values come from the web: markup, emoji codes and highlighting would change what is in them."""
    plain = {"markup": False, "emoji": False, "highlight": False}
    if sys.stdout.isatty():
        return Console(**plain)  # type: ignore[arg-type]
    return Console(width=_PIPE_WIDTH, no_color=True, force_terminal=False, **plain)  # type: ignore[arg-type]
