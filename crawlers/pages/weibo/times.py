"""Times as Weibo writes them, in Beijing time and seen from the moment of the response."""

from __future__ import annotations

import datetime as dt
import re
from email.utils import parsedate_to_datetime

from scrapy.http import Response

BEIJING = dt.timezone(dt.timedelta(hours=8))
_AGO = re.compile(r"(\d{1,6})(秒|分钟|小时)前")
_SECONDS = {"秒": 1, "分钟": 60, "小时": 3600}
_DAY = re.compile(r"(今天|昨天) ?(\d{1,2}):(\d\d)")
_THIS_YEAR = re.compile(r"(\d{1,2})(?:月|-)(\d{1,2})日?(?: (\d{1,2}):(\d\d))?")  # 06月17日 18:12, 06-27
_WHOLE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?: (\d{1,2}):(\d\d)(?::(\d\d))?)?")
_ENGLISH = re.compile(r"[A-Z][a-z]{2} [A-Z][a-z]{2} \d{1,2} \d\d:\d\d:\d\d [+-]\d{4} \d{4}")  # Sat Jun 15 11:44:46 ...


def clock(response: Response) -> dt.datetime | None:
    """When the site sent a response, by its own clock (header Date); None without one. Ours may be wrong."""
    try:
        sent = parsedate_to_datetime((response.headers.get(b"Date") or b"").decode("ascii", "replace"))
    except (ValueError, OverflowError):
        return None
    return (sent if sent.tzinfo else sent.replace(tzinfo=dt.UTC)).astimezone(BEIJING)


def moment(text: str, now: dt.datetime | None) -> dt.datetime | None:
    """A time in UTC; None for one that depends on `now` (``4分钟前``, ``今天 13:47``, ``06月17日 18:12``) without it.

    A date without year is of the year of `now` in Beijing or, if that is yet to come, of the year before.
    Raises: ValueError: it is no time that is known.
    """
    text = " ".join(text.split())
    if found := _WHOLE.fullmatch(text):
        year, month, day, hour, minute, second = (int(group or 0) for group in found.groups())
        return dt.datetime(year, month, day, hour, minute, second, tzinfo=BEIJING).astimezone(dt.UTC)
    if _ENGLISH.fullmatch(text):
        return dt.datetime.strptime(text, "%a %b %d %H:%M:%S %z %Y").astimezone(dt.UTC)
    back = _back(text)
    found = _THIS_YEAR.fullmatch(text)
    if found is None and back is None and _DAY.fullmatch(text) is None:
        raise ValueError("not a time as the site writes it")
    if now is None:
        return None
    if back is not None:
        return (now - back).replace(microsecond=0).astimezone(dt.UTC)
    return (_without_year(found, now) if found else _of_day(text, now)).astimezone(dt.UTC)


def stamped(stamp: str, now: dt.datetime | None) -> dt.datetime | None:
    """The time in what stands below a post or comment, as `moment`; behind it is what was used to write, or where:
    ``06月17日 18:12 来自绿洲APP``, ``01月10日 12:43 网页``."""
    return moment(stamp.partition("来自")[0].strip().removesuffix("网页"), now)


def _back(text: str) -> dt.timedelta | None:
    if text == "刚刚":
        return dt.timedelta()
    if found := _AGO.fullmatch(text):
        return dt.timedelta(seconds=int(found[1]) * _SECONDS[found[2]])
    return None


def _of_day(text: str, now: dt.datetime) -> dt.datetime:
    found = _DAY.fullmatch(text)
    assert found is not None  # noqa: S101  (the caller looked)
    day = now if found[1] == "今天" else now - dt.timedelta(days=1)
    return day.replace(hour=int(found[2]), minute=int(found[3]), second=0, microsecond=0)


def _without_year(found: re.Match[str], now: dt.datetime) -> dt.datetime:
    month, day, hour, minute = (int(group or 0) for group in found.groups())
    for year in range(now.year, now.year - 8, -1):  # the 29th of February may be eight years back
        try:
            time = dt.datetime(year, month, day, hour, minute, tzinfo=BEIJING)
        except ValueError:
            continue
        # The site's clocks differ by minutes: what was just posted is not of last year.
        if time <= now + dt.timedelta(hours=1):
            return time
    raise ValueError("not a day of any year")
