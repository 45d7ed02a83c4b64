"""Counts as Weibo shows them: exact, rounded (``1.2万``), or stopped at a number (``100万+``, ``1000000``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from crawlers.parsing.count_text import count_in

CAP = 1_000_000  # at which the site stops counting reposts and comments


class Counted(NamedTuple):
    """A count, and in which ways it may be another: at least so many, or about so many."""

    value: int
    is_capped: bool
    is_rounded: bool


def counted(shown: str | int) -> Counted:
    """``"1.2万"`` is about 12,000, ``"100万+"`` at least 1,000,000. Raises: ValueError: it is no count."""
    text = str(shown).strip()
    value, is_rounded = count_in(text.removesuffix("+"), "zh-CN")
    is_capped = text.endswith("+") or value == CAP
    return Counted(value, is_capped, is_rounded and not is_capped)


def counts(found: Mapping[str, Counted]) -> dict[str, Any]:
    """Counts as fields of a row, with the names of those that are capped or rounded."""
    return {
        **{name: count.value for name, count in found.items()},
        "capped_counts": [name for name, count in found.items() if count.is_capped],
        "rounded_counts": [name for name, count in found.items() if count.is_rounded],
    }
