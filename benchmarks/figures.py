"""One measured figure and its goal."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """`shown` is the figure with its unit; `met` is None where there is no goal. `row`: G1 to G10, or what else it is
    about; figures of one row stand together in the table."""

    row: str
    what: str
    shown: str
    goal: str = ""
    met: bool | None = None

    @property
    def verdict(self) -> str:
        return "" if self.met is None else "met" if self.met else "MISSED"


def at_most(row: str, what: str, ratio: float, goal: float, more: str = "", unit: str = "x") -> Figure:
    """A figure that is to be small; `more` says what it was made of."""
    shown = f"{ratio:.3f}" if goal < 0.1 else f"{ratio:.2f}"
    return Figure(row, what, f"{shown}{unit}{f' ({more})' if more else ''}", f"<= {goal:g}{unit}", ratio <= goal)
