"""How the site writes counts, durations and ages. English throughout, but for pages asked for in Portuguese."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

_AGES = ((31_536_000, "year"), (2_592_000, "month"), (604_800, "week"), (86_400, "day"), (3600, "hour"), (60, "minute"))


@dataclass(frozen=True, slots=True)
class Words:
    """One language. `short` are the signs of thousands, millions and thousands of millions."""

    code: str
    group: str
    point: str
    short: tuple[str, str, str]
    no_views: str
    one_view: str
    views: str
    ago: str
    ages: dict[str, tuple[str, str]]
    no_more: str
    nothing: str


_ENGLISH_AGES = {name: (name, f"{name}s") for _, name in _AGES}
_US = Words(
    "en", ",", ".", ("K", "M", "B"), "No views", "1 view", "{} views", "{} ago", _ENGLISH_AGES, "No more results",
    "No results found",
)  # fmt: skip
_GB = Words(
    "en-GB", ",", ".", ("k", "m", "bn"), "No views", "1 view", "{} views", "{} ago", _ENGLISH_AGES, "No more results",
    "No results found",
)  # fmt: skip
_PT = Words(
    "pt", ".", ",", (" mil", " mi", " bi"), "Nenhuma visualização", "1 visualização", "{} visualizações", "há {}",
    {
        "year": ("ano", "anos"), "month": ("mês", "meses"), "week": ("semana", "semanas"), "day": ("dia", "dias"),
        "hour": ("hora", "horas"), "minute": ("minuto", "minutos"),
    },
    "Não há mais resultados", "Nenhum resultado encontrado",
)  # fmt: skip


def words(hl: str) -> Words:
    """The language of a request; what is not known is answered in American English."""
    if hl.lower().startswith("pt"):
        return _PT
    return _GB if hl.lower() in {"en-gb", "en-au", "en-nz"} else _US


def grouped(number: int, language: Words) -> str:
    """1,440,528."""
    return f"{number:,}".replace(",", language.group)


def views(number: int, language: Words) -> str:
    """``1,440,528 views``, ``1 view``, ``No views``."""
    if number < 2:
        return language.one_view if number else language.no_views
    return language.views.format(grouped(number, language))


def short_count(number: int, language: Words) -> str:
    """``2.3M``: cut, not rounded; one decimal below ten only."""
    for power, sign in ((10**9, language.short[2]), (10**6, language.short[1]), (10**3, language.short[0])):
        if number >= power:
            tenths = number * 10 // power
            text = f"{tenths // 10}" if tenths >= 100 or tenths % 10 == 0 else f"{tenths / 10}"
            return text.replace(".", language.point) + sign
    return str(number)


def short_views(number: int, language: Words) -> str:
    """``2.3M views``."""
    return views(number, language) if number < 2 else language.views.format(short_count(number, language))


def clock(seconds: int) -> str:
    """``8:33``, ``1:00:25``."""
    hours, rest = divmod(seconds, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


def spoken(seconds: int) -> str:
    """``8 minutes, 33 seconds``, as screen readers say it."""
    parts = ((seconds // 3600, "hour"), (seconds // 60 % 60, "minute"), (seconds % 60, "second"))
    return ", ".join(f"{count} {name}{'' if count == 1 else 's'}" for count, name in parts if count) or "0 seconds"


def iso_duration(seconds: int) -> str:
    """``PT5M17S``, ``PT1H``; ``P0D`` for streams, ``P1DT2H`` from a day on."""
    if not seconds:
        return "P0D"
    days, rest = divmod(seconds, 86_400)
    parts = ((rest // 3600, "H"), (rest // 60 % 60, "M"), (rest % 60, "S"))
    clock_part = "".join(f"{count}{sign}" for count, sign in parts if count)
    return "P" + (f"{days}D" if days else "") + (f"T{clock_part}" if clock_part else "")


def age(since: dt.datetime, now: dt.datetime, language: Words) -> str:
    """``2 years ago``: whole units, cut."""
    seconds = max(60, int((now - since).total_seconds()))
    size, name = next((size, name) for size, name in _AGES if seconds >= size)
    count = seconds // size
    return language.ago.format(f"{count} {language.ages[name][count > 1]}")


def pacific(moment: dt.datetime) -> str:
    """``2015-07-09T09:34:35-07:00``: as in California, with summer time from March to early November."""
    summer = (3, 10) <= (moment.month, moment.day) < (11, 3)
    zone = dt.timezone(dt.timedelta(hours=-7 if summer else -8))
    return moment.astimezone(zone).isoformat()


def zulu(moment: dt.datetime) -> str:
    """``2015-07-09T16:34:35Z``."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
