"""Times as the sites write them, as aware UTC datetimes."""

from __future__ import annotations

import datetime as dt


def utc(text: str | None) -> dt.datetime | None:
    """An ISO 8601 time; one without a zone (``2026-09-21T14:17:52.541070``) is taken as UTC. None stays None.

    Raises: ValueError: the text is not an ISO 8601 time.
    """
    if text is None:
        return None
    time = dt.datetime.fromisoformat(text)
    try:
        return time.replace(tzinfo=dt.UTC) if time.tzinfo is None else time.astimezone(dt.UTC)
    except OverflowError:
        raise ValueError("a time before year 1 or after 9999 in UTC") from None
