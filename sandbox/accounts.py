"""The accounts that may log in to the replicas: whose cookies a request brings, and when an account meets a wall.

SPEC is a list of entries, separated by commas or semicolons, for the accounts by their names, ``*`` for all:

    account-2=frozen            every answer to this account is that wall, from now on
    account-2=frozen:100        after 100 more answers
    account-1=throttled:20:x3   after 20 more, and only three times; then the account is well again
    *=frozen:30/min             once it asks for more than 30 pages within 60 seconds, and from then on

Which walls there are says the site (`sandbox.sites.weibo.walls`).
"""

from __future__ import annotations

import hashlib
import re
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

ALL = "*"
UNKNOWN = "(unknown)"
WINDOW_S = 60.0
_ENTRY = re.compile(
    r"(?P<name>[^=:]+)=(?P<wall>[a-z_0-9]+)(?::(?P<after>[0-9]{1,9})(?P<pace>/min)?)?(?::x(?P<times>[1-9][0-9]{0,8}))?"
)


class AccountError(ValueError):
    """An order for accounts that cannot be understood; the message says why, in one line."""


@dataclass(slots=True)
class Order:
    """One entry. `after`: answers still to be given; `per_minute`: the pace that is borne; `times` None: for ever."""

    entry: str
    wall: str
    after: int = 0
    per_minute: int | None = None
    times: int | None = None


@dataclass(slots=True)
class _State:
    requests: int = 0
    walls: Counter[str] = field(default_factory=Counter)
    asked_at: deque[float] = field(default_factory=deque)
    orders: list[Order] = field(default_factory=list)


class Accounts:
    """`accounts`: the world's, each with a `name` and its `cookies`. `walls`: the names that orders may use."""

    def __init__(
        self, accounts: Sequence[Mapping[str, Any]], walls: Collection[str], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._walls = walls
        self._clock = clock
        self._states = {str(account["name"]): _State() for account in accounts}
        self._owners = {value: str(account["name"]) for account in accounts for value in account["cookies"].values()}
        self._salt = "".join(self._owners)
        self._spec = ""

    @property
    def names(self) -> list[str]:
        """The names of all accounts."""
        return list(self._states)

    def order(self, spec: str) -> None:
        """Let accounts meet walls as `spec` says, instead of as it stood. Raises: AccountError."""
        orders = [_parsed(part.strip(), self._walls) for part in re.split(r"[,;]", spec) if part.strip()]
        for name, _ in orders:
            if name not in {ALL, *self._states}:
                raise AccountError(
                    f"accounts: there is no account {name!r}; there are {', '.join(self._states)}, {ALL}"
                )
        for name, state in self._states.items():
            state.asked_at.clear()
            state.orders = [_parsed(order.entry, self._walls)[1] for of, order in orders if of in {ALL, name}]
        self._spec = spec

    def issue(self, name: str, cookie: str) -> str:
        """The value of a cookie that the site hands out to an account; it is that account's from now on."""
        value = hashlib.sha256(f"{name}/{cookie}/{self._salt}".encode()).hexdigest()[:32]
        self._owners[value] = name
        return value

    def owners(self, headers: Mapping[str, str]) -> list[str]:
        """The names of those whose cookies a request brings, each once; `UNKNOWN` for cookies of nobody."""
        values = _cookies(headers).values()
        found = list(dict.fromkeys(self._owners[value] for value in values if value in self._owners))
        return found or [UNKNOWN] if values else []

    def visit(self, name: str) -> str | None:
        """Count a request of an account; the wall that it meets, None: the page."""
        state = self._states[name]
        state.requests += 1
        now = self._clock()
        state.asked_at.append(now)
        while state.asked_at[0] <= now - WINDOW_S:
            state.asked_at.popleft()
        for order in state.orders:
            if order.per_minute is not None and len(state.asked_at) > order.per_minute:
                order.per_minute = None
            if order.per_minute is None and order.after == 0 and order.times != 0:
                order.times = None if order.times is None else order.times - 1
                state.walls[order.wall] += 1
                return order.wall
            order.after = max(0, order.after - 1)
        return None

    def as_json(self) -> dict[str, Any]:
        """As the control endpoint shows it: names and counts, no cookie."""
        return {
            "spec": self._spec,
            "accounts": {
                name: {"requests": state.requests, "walls": dict(state.walls)} for name, state in self._states.items()
            },
        }


def cookie_names(headers: Mapping[str, str]) -> list[str]:
    """The names of the cookies that a request brings, without their values."""
    return sorted(_cookies(headers))


def _cookies(headers: Mapping[str, str]) -> dict[str, str]:
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(headers.get("Cookie", "")).items()}
    except CookieError:
        return {}


def _parsed(entry: str, walls: Collection[str]) -> tuple[str, Order]:
    match = _ENTRY.fullmatch(entry)
    if match is None:
        raise AccountError(f"accounts: {entry!r} is not NAME=WALL, NAME=WALL:AFTER[:xTIMES] or NAME=WALL:N/min")
    if match["wall"] not in walls:
        raise AccountError(f"accounts: there is no wall {match['wall']!r}; there are {', '.join(walls)}")
    number = int(match["after"] or 0)
    order = Order(entry, match["wall"], times=int(match["times"]) if match["times"] else None)
    if match["pace"]:
        order.per_minute = number
    else:
        order.after = number
    return match["name"], order
