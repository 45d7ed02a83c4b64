"""An account that the site told to slow down rests, longer each time; one that it locked out is left alone for good."""

from __future__ import annotations

from typing import Any

import pytest

from crawlers.frontier.account_states import LONGEST_REST_S, AccountState, AccountStates, standings


class Clock:
    """A clock that the test moves, in seconds since 1970."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


class Kept(dict[str, Any]):
    """What a store keeps of the states."""

    def get_state(self, name: str, default: Any = None) -> Any:
        return self.get(name, default)

    def set_state(self, name: str, value: Any) -> None:
        self[name] = value


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def kept() -> Kept:
    return Kept()


def states(kept: Kept, clock: Clock, **cookies: str) -> AccountStates:
    return AccountStates(kept, cookies or {"a": "1", "b": "2"}, 600.0, clock)


def test_rests_double_and_the_third_in_a_row_is_the_last(kept: Kept, clock: Clock) -> None:
    accounts = states(kept, clock)
    for seconds in (600, 1200):
        assert accounts.rest("a", None, "too fast") is AccountState.RESTING
        assert accounts.rest_left_s("a") == seconds
        clock.now += seconds
        assert accounts.state("a") is AccountState.ACTIVE
    assert accounts.rest("a", None, "too fast") is AccountState.FROZEN
    assert accounts.left() == ["b"]


def test_a_good_page_ends_a_series_of_rests(kept: Kept, clock: Clock) -> None:
    accounts = states(kept, clock)
    for _ in range(5):
        accounts.rest("a", None, "too fast")
        assert accounts.rest_left_s("a") == 600
        clock.now += 600
        accounts.good_page("a")
    assert accounts.left() == ["a", "b"]


def test_the_site_may_say_how_long_but_not_for_ever(kept: Kept, clock: Clock) -> None:
    accounts = states(kept, clock)
    accounts.rest("a", 30.0, "too fast")
    assert accounts.rest_left_s("a") == 30
    accounts.rest("b", 1e9, "too fast")
    assert accounts.rest_left_s("b") == LONGEST_REST_S


def test_states_outlive_the_process(kept: Kept, clock: Clock) -> None:
    accounts = states(kept, clock)
    accounts.retire("a", AccountState.EXPIRED, "the site asked it to log in")
    accounts.rest("b", None, "too fast")
    accounts.sent("b")
    resumed = states(kept, clock)
    assert (resumed.state("a"), resumed.state("b")) == (AccountState.EXPIRED, AccountState.RESTING)
    assert resumed.rest_left_s("b") == 600
    shown = standings(kept)
    assert [(one.name, one.state, one.requests, one.why) for one in shown] == [
        ("a", "expired", 0, "the site asked it to log in"),
        ("b", "resting", 1, "too fast"),
    ]


def test_new_cookies_make_it_another_account(kept: Kept, clock: Clock) -> None:
    states(kept, clock).retire("a", AccountState.FROZEN, "locked")
    assert states(kept, clock).left() == ["b"]
    assert states(kept, clock, a="new", b="2").left() == ["a", "b"]


def test_one_that_was_locked_is_no_new_account_when_it_is_chosen_again_or_has_another_name(
    kept: Kept, clock: Clock
) -> None:
    states(kept, clock).retire("a", AccountState.FROZEN, "locked")
    states(kept, clock, b="2").sent("b")
    assert [(one.name, one.state) for one in standings(kept)] == [("b", "active"), ("a", "frozen")]
    assert states(kept, clock).left() == ["b"]
    assert states(kept, clock, renamed="1", b="2").left() == ["b"]


def test_it_is_known_whether_new_cookies_would_help(kept: Kept, clock: Clock) -> None:
    accounts = states(kept, clock)
    accounts.retire("a", AccountState.FROZEN, "locked")
    accounts.retire("b", AccountState.EXPIRED, "over")
    assert not accounts.only_frozen()
    assert accounts.told() == "a frozen, b expired"
    accounts.retire("b", AccountState.FROZEN, "locked")
    assert accounts.only_frozen()


def test_a_break_is_a_rest_that_does_not_count(kept: Kept, clock: Clock) -> None:
    accounts = states(kept, clock)
    accounts.take_break("a", 3600)
    assert accounts.rest_left_s("a") == 3600
    clock.now += 3600
    accounts.rest("a", None, "too fast")
    assert accounts.rest_left_s("a") == 600


def test_a_break_ends_neither_with_the_page_it_began_with_nor_with_a_shorter_rest(kept: Kept, clock: Clock) -> None:
    accounts = states(kept, clock)
    for name in "ab":
        accounts.rest(name, None, "too fast")
    clock.now += 600
    for name in "ab":
        accounts.take_break(name, 3600)
    accounts.good_page("a")
    accounts.rest("b", 5.0, "too fast")
    assert [accounts.rest_left_s(name) for name in "ab"] == [3600, 3600]
    clock.now += 3600
    assert [accounts.state(name) for name in "ab"] == ["active", "active"]
