"""Numbers as sites abbreviate them for readers."""

from __future__ import annotations

import re
from decimal import Decimal

_UNITS = {"": 1, "k": 10**3, "m": 10**6, "b": 10**9}

# "7", "1,204", "1.2k", "3M"; a fraction only before a unit: 1.204 may be a thousand in one country and one in another.
_COUNT = re.compile(r"(?P<whole>[0-9]{1,15}|[0-9]{1,3}(?:,[0-9]{3}){1,4})(?:(?P<rest>\.[0-9]{1,3})?(?P<unit>[kmb]))?")


def abbreviated(text: str) -> tuple[int, bool]:
    """A count and whether it was abbreviated, which makes it approximate: ``"1.2k"`` is ``(1200, True)``.

    Raises: ValueError: the text is not a count. A missing counter is not 0; that is the caller's to decide.
    """
    found = _COUNT.fullmatch(text.strip().lower())
    if found is None:
        raise ValueError("not a count such as 7, 1,204, 1.2k or 3M")  # without the text: it may be anything
    number = Decimal(found["whole"].replace(",", "") + (found["rest"] or ""))
    return int(number * _UNITS[found["unit"] or ""]), found["unit"] is not None
