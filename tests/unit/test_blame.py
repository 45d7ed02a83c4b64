"""Whose fault it is that a request fails."""

from __future__ import annotations

from crawlers.middlewares.blame import Blame, Failed


def test_a_request_that_fails_while_nothing_is_good_may_not_be_to_blame() -> None:
    blame = Blame()
    assert [blame.failed("slot", 1, at) for at in (5.0, 6.0, 7.0)] == [
        Failed(1, False),
        Failed(2, False),
        Failed(3, False),
    ]
    assert blame.failed("slot", 2, 8.0) == Failed(1, False)


def test_it_is_to_blame_when_a_page_that_was_asked_for_later_is_good() -> None:
    blame = Blame()
    blame.failed("slot", 1, 5.0)
    blame.good_page("slot", 6.0)
    assert blame.failed("slot", 1, 9.0) == Failed(2, True)
    assert blame.failed("slot", 2, 9.0) == Failed(1, False)  # since then nothing has been good


def test_a_page_that_was_on_its_way_or_is_of_another_host_says_nothing() -> None:
    blame = Blame()
    blame.failed("slot", 1, 5.0)
    blame.good_page("slot", 4.0)
    blame.good_page("other", 6.0)
    assert blame.failed("slot", 1, 9.0) == Failed(2, False)


def test_answers_may_come_in_any_order() -> None:
    blame = Blame()
    blame.failed("slot", 1, 5.0)
    blame.good_page("slot", 6.0)
    blame.good_page("slot", 4.0)
    assert blame.failed("slot", 1, 9.0).alone


def test_a_request_that_has_ended_begins_anew() -> None:
    blame = Blame()
    blame.failed("slot", 1, 5.0)
    blame.good_page("slot", 6.0)
    blame.ended(1)
    assert blame.failed("slot", 1, 9.0) == Failed(1, False)
