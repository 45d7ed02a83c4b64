"""The language in which faults are ordered; `sandbox.faults` describes it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Self

from sandbox.faults import FAULTS

if TYPE_CHECKING:
    from collections.abc import Collection

    from sandbox.faults.fault import Fault

ALL = "all"
PER_URL = 2  # Scrapy asks three times
ALWAYS = 2**31
_RATE = re.compile(r"[01]|[01]?\.[0-9]+|[0-9]e-[0-9]+")
_SETTING = re.compile(r"(seed|per_url)=(.*)")


class FaultError(ValueError):
    """An order of faults that cannot be understood; the message says why, in one line."""


@dataclass(frozen=True, slots=True)
class Order:
    """One entry: which fault, where, and how often."""

    entry: str
    """As it was written."""
    faults: tuple[Fault, ...]
    """One, or those of `all`."""
    host: str
    prefix: str
    rate: float
    times: int | None
    """The most hits of one URL; None where the entry does not say."""

    @property
    def lasting(self) -> bool:
        """Whether a URL has the fault always or never."""
        return self.times is None and self.faults[0].lasting

    def matches(self, host: str, target: str) -> bool:
        """Whether the order speaks of this URL."""
        if self.host not in {"", host} or not target.startswith(self.prefix):
            return False
        return target != "/robots.txt" or self.prefix.startswith("/robots")


@dataclass(frozen=True, slots=True)
class Orders:
    """What a SPEC says."""

    orders: tuple[Order, ...]
    seed: int
    per_url: int

    @classmethod
    def parse(cls, spec: str, *, hosts: Collection[str], seed: int) -> Self:
        """`hosts` are those that can be named; `seed` counts where the SPEC has none. Raises: FaultError."""
        settings = {"seed": seed, "per_url": PER_URL}
        orders: list[Order] = []
        for part in re.split(r"[,;]", spec):
            entry = part.strip()
            if setting := _SETTING.fullmatch(entry):
                settings[setting[1]] = _whole(entry, setting[2])
            elif entry:
                orders.append(_order(entry, hosts))
        return cls(tuple(orders), settings["seed"], settings["per_url"])

    def __str__(self) -> str:
        entries = [order.entry for order in self.orders]
        return ",".join([*entries, f"seed={self.seed}", f"per_url={self.per_url}"])


def _order(entry: str, hosts: Collection[str]) -> Order:
    what, *amounts = (part.strip() for part in entry.split(":"))
    name, at, where = what.partition("@")
    host, slash, path = where.partition("/")
    if at and not where:
        raise FaultError(f"faults: {entry!r} has nothing after the @; write a path (@/v3/) or a host (@{min(hosts)}/)")
    if host and host not in hosts:
        raise FaultError(f"faults: {entry!r} names a host without a replica; there are {', '.join(sorted(hosts))}")
    rate: float | None = None
    times: int | None = None
    for amount in amounts:
        if re.fullmatch(r"x(all|[1-9][0-9]{0,8})", amount) and times is None:
            times = ALWAYS if amount == "xall" else int(amount[1:])
        elif _RATE.fullmatch(amount) and 0 < float(amount) <= 1 and rate is None:
            rate = float(amount)
        else:
            raise FaultError(
                f"faults: {amount!r} in {entry!r} is neither a rate (:0.1, above 0, at most 1) nor a number of times "
                "(:x3 or :xall), or is one too many"
            )
    return Order(entry, _faults(name), host, slash + path, 1.0 if rate is None else rate, times)


def _faults(name: str) -> tuple[Fault, ...]:
    if name == ALL:
        return tuple(fault for fault in FAULTS.values() if fault.heals and not fault.lasting)
    written = f"status_{name}" if name.isdecimal() else name
    fault = FAULTS.get(written)
    if fault is None:
        close = get_close_matches(written, [*FAULTS, ALL], n=3)
        meant = f"did you mean {', '.join(close)}? " if close else ""
        raise FaultError(f"faults: there is no fault {name!r}; {meant}`scrapy sandbox --list-faults` lists them all")
    return (fault,)


def _whole(entry: str, text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text.strip()):
        raise FaultError(f"faults: {entry!r} is not a whole number of at most 9 digits")
    return int(text)
