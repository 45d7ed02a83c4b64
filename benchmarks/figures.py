"""One measured figure and its goal."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """`shown` is the figure with its unit; `met` is None where there is no goal."""

    what: str
    shown: str
    goal: str = ""
    met: bool | None = None

    @property
    def verdict(self) -> str:
        return "met" if self.met else "MISSED"
