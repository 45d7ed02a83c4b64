"""What a key of the Data API may still ask today. Since June 2026 searches have a bucket of their own."""

from __future__ import annotations

from typing import ClassVar


class Quota:
    """Calls that are left until midnight in California; here until somebody begins a new day."""

    A_DAY: ClassVar[dict[str, int]] = {"search": 100, "units": 10_000}

    def __init__(self) -> None:
        self.left = dict(self.A_DAY)

    def take(self, bucket: str) -> bool:
        """Count a call, unless nothing is left."""
        if self.left[bucket] <= 0:
            return False
        self.left[bucket] -= 1
        return True

    def new_day(self) -> None:
        """All is there again."""
        self.left = dict(self.A_DAY)

    def leave(self, wanted: object) -> None:
        """Set what is left, as in ``{"search": 3}``; a bucket that is not named stays. Raises: ValueError."""
        if not isinstance(wanted, dict) or wanted.keys() - self.A_DAY.keys():
            raise ValueError(f"a quota is a JSON object with the fields {', '.join(self.A_DAY)}")
        if not all(isinstance(count, int) and count >= 0 for count in wanted.values()):
            raise ValueError("what is left of a quota is a whole number, 0 or more")
        self.left |= wanted
