"""How the accounts of a crawl are: who may work, who rests and until when, who is of no more use. Kept in the job."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

_STATE = "accounts"
RESTS_IN_A_ROW = 3  # the one after which an account that the site told to slow down is left alone for good
LONGEST_REST_S = 2 * 3600.0


class AccountState(StrEnum):
    """`EXPIRED`: its login is over, new cookies help. `FROZEN`: the site locked it, or kept telling it to slow down; a
    person has to look at it."""

    ACTIVE = "active"
    RESTING = "resting"
    EXPIRED = "expired"
    FROZEN = "frozen"


RETIRED = frozenset({AccountState.EXPIRED, AccountState.FROZEN})


class StateStore(Protocol):
    """The part of a job's store that is needed here."""

    def get_state(self, name: str, default: Any = None) -> Any: ...
    def set_state(self, name: str, value: Any) -> None: ...


@dataclass
class Standing:
    """What is known of one account; all of it may be shown."""

    name: str
    cookies: str
    """A pseudonym of its cookies: with new ones the account is a new one."""
    state: AccountState = AccountState.ACTIVE
    why: str = ""
    rest_ends_at: float = 0.0
    """Seconds since 1970."""
    rests: int = 0
    """Without a good page since."""
    requests: int = 0

    def now(self, moment: float) -> AccountState:
        """The state at `moment`, in seconds since 1970: rests end by themselves."""
        rested = self.state is AccountState.RESTING and self.rest_ends_at <= moment
        return AccountState.ACTIVE if rested else self.state


class AccountStates:
    """The standing of every account of a crawl. Facts about the account, not about a page: whatever becomes of a page,
    they go into the store at once and with its next commit to the disk.

    `cookies`: name of each account -> pseudonym of its cookies. `first_rest_s`: seconds of the first rest of a series
    for which the site names no time; each further one is twice as long. Accounts that crawled before and are not among
    these stay in the store as they are: one that was locked must not be taken for a new one when it is chosen again.
    """

    def __init__(
        self, store: StateStore, cookies: Mapping[str, str], first_rest_s: float, clock: Callable[[], float] = time.time
    ) -> None:
        self._store = store
        self._clock = clock
        self._first_rest_s = first_rest_s
        kept = store.get_state(_STATE, [])
        known = {entry["cookies"]: entry for entry in kept}
        self._standings = {
            name: _standing({**known[worth], "name": name}) if worth in known else Standing(name, worth)
            for name, worth in cookies.items()
        }
        used = {*cookies, *cookies.values()}
        self._others = [entry for entry in kept if not used & {entry["name"], entry["cookies"]}]

    def state(self, name: str) -> AccountState:
        """How an account is now."""
        return self._standings[name].now(self._clock())

    def left(self) -> list[str]:
        """The names of those that are not retired."""
        return [name for name, standing in self._standings.items() if standing.state not in RETIRED]

    def others_retired(self) -> set[str]:
        """The names of those that are not among these and were retired when they crawled for this job."""
        return {entry["name"] for entry in self._others if entry["state"] in RETIRED}

    def rest_left_s(self, name: str) -> float:
        """Seconds that an account still rests."""
        standing = self._standings[name]
        return max(0.0, standing.rest_ends_at - self._clock()) if standing.state is AccountState.RESTING else 0.0

    def sent(self, name: str) -> int:
        """An account was given a request; how many it had."""
        self._standings[name].requests += 1
        self._keep()
        return self._standings[name].requests

    def good_page(self, name: str) -> None:
        """A page of data came: the account is well. A break that began with its request goes on."""
        standing = self._standings[name]
        if standing.rests:
            standing.rests = 0
            if not self.rest_left_s(name):
                standing.state, standing.why = AccountState.ACTIVE, ""
            self._keep()

    def rest(self, name: str, asked_s: float | None, why: str) -> AccountState:
        """The site told an account to slow down: it rests, or is retired when that was to no avail before."""
        standing = self._standings[name]
        standing.rests += 1
        if standing.rests >= RESTS_IN_A_ROW:
            self.retire(name, AccountState.FROZEN, f"{why}, {standing.rests} times in a row")
        else:
            self._rest(standing, asked_s or self._first_rest_s * 2.0 ** (standing.rests - 1), why)
        return standing.state

    def take_break(self, name: str, seconds: float) -> None:
        """An account has worked enough for now."""
        self._rest(self._standings[name], seconds, "a break")

    def retire(self, name: str, state: AccountState, why: str) -> None:
        """An account gets no further request in this crawl, unless it has new cookies."""
        standing = self._standings[name]
        standing.state, standing.why, standing.rest_ends_at = state, why, 0.0
        self._keep()

    def told(self) -> str:
        """All accounts and their states, in words."""
        return ", ".join(f"{name} {self.state(name)}" for name in self._standings)

    def only_frozen(self) -> bool:
        """Whether every account is frozen: then new cookies alone help nobody."""
        return all(standing.state is AccountState.FROZEN for standing in self._standings.values())

    def _rest(self, standing: Standing, seconds: float, why: str) -> None:
        """A rest, which ends no sooner than one that has begun."""
        standing.state, standing.why = AccountState.RESTING, why
        standing.rest_ends_at = max(standing.rest_ends_at, self._clock() + min(seconds, LONGEST_REST_S))
        self._keep()

    def _keep(self) -> None:
        # With every request: `asdict`, which copies deeply, took 4 % of a crawl's CPU.
        self._store.set_state(_STATE, [*map(vars, self._standings.values()), *self._others])


def standings(states: Mapping[str, Any]) -> list[Standing]:
    """The standings in the states of a job's file, as `AccountStates` left them."""
    return [_standing(entry) for entry in states.get(_STATE, [])]


def _standing(kept: Mapping[str, Any]) -> Standing:
    return Standing(**{**kept, "state": AccountState(kept["state"])})
