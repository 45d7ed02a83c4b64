"""Numbers as sites abbreviate them for readers."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

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


class Counted(NamedTuple):
    """A count, and in which ways it may be another: at least so many (``100万+``), or about so many (``1.2万``)."""

    value: int
    is_capped: bool
    is_rounded: bool


# "6905", "1.2万", "7164.8万", "1.3亿", "100万+"
_CHINESE_UNITS = {"": 1, "万": 10**4, "亿": 10**8}
_CHINESE = re.compile(r"(?P<whole>[0-9]{1,15})(?:(?P<rest>\.[0-9]{1,4})?(?P<unit>[万亿]))?(?P<capped>\+)?")


def chinese(count: str | int) -> Counted:
    """A count as Chinese sites write it: ``"1.2万"`` is 12,000, rounded. Raises: ValueError: it is no count."""
    found = _CHINESE.fullmatch(str(count).strip())
    if found is None:
        raise ValueError("not a count such as 7, 1.2万 or 100万+")
    value = int(Decimal(found["whole"] + (found["rest"] or "")) * _CHINESE_UNITS[found["unit"] or ""])
    capped = found["capped"] is not None
    return Counted(value, capped, bool(found["unit"]) and not capped)
