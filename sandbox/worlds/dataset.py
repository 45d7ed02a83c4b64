"""What a dataset is from which the world of one site is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


class WorldError(ValueError):
    """The world that was asked for cannot be made; the message is one line for the person who asked."""


@dataclass(frozen=True, slots=True)
class Dataset(Generic[T]):
    """Real data of one site. The other sites of its world are invented."""

    site: str
    name: str
    size: int
    content: T
    generated: str
    """What it lacks, and the world invents, in words."""
