"""Lengths of time as sites write them, in whole seconds."""

from __future__ import annotations

import re

_CLOCK = re.compile(r"(?:(?:(?P<days>\d{1,3}):)?(?P<hours>\d{1,4}):)?(?P<minutes>\d{1,4})[:.](?P<seconds>[0-5]\d)")
# P1DT2H3M4S; YouTube writes P0D for a stream that runs.
_ISO = re.compile(
    r"P(?:(?P<weeks>\d{1,4})W)?(?:(?P<days>\d{1,5})D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d{1,6})H)?(?:(?P<minutes>\d{1,7})M)?(?:(?P<seconds>\d{1,8})(?:\.\d+)?S)?)?"
)
_SECONDS = {"weeks": 7 * 86_400, "days": 86_400, "hours": 3_600, "minutes": 60, "seconds": 1}


def clock_seconds(text: str) -> int:
    """``"8:33"`` is 513, ``"1:02:03"`` is 3723, ``"0.40"`` (as Finns and Indonesians write it) is 40.

    Raises: ValueError: the text is no such length: ``"SHORTS"``, ``"LIVE"``, a bare number.
    """
    return _sum(_CLOCK.fullmatch(text.strip()), "not a length such as 8:33 or 1:02:03")


def iso_seconds(text: str) -> int:
    """An ISO 8601 duration of whole units, years and months excepted: ``"PT5M17S"`` is 317, ``"P0D"`` is 0.

    Raises: ValueError: the text is no such duration.
    """
    found = _ISO.fullmatch(text)
    return _sum(found if found and found.lastindex else None, "not an ISO 8601 duration such as PT5M17S")


def _sum(found: re.Match[str] | None, expected: str) -> int:
    if found is None:
        raise ValueError(expected)  # without the text: it may be anything
    return sum(int(count) * _SECONDS[unit] for unit, count in found.groupdict().items() if count)
