"""How far a crawl is, in words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crawlers.extensions.standing import Pace, Standing, duration, resumed
from crawlers.middlewares.backoff import Wait
from tests.unit.stores import TestStore, Word, page, taken


@pytest.fixture
def store(tmp_path: Path) -> Iterator[TestStore]:
    opened = TestStore(tmp_path / "queue.sqlite")
    yield opened
    opened.close()


def end(store: TestStore, word: str) -> None:
    """A page that was taken ends with a row."""
    store.ack(page(taken(store), word))


def fail(store: TestStore, reason: str) -> None:
    store.fail(taken(store), reason)


def standing(store: TestStore, pace: Pace, *waits: Wait) -> Standing:
    return Standing.of("site", store, [Word], pace, waits)


def paced(store: TestStore, *, ended: int, seconds: float) -> Pace:
    """The pace of a store of which so many requests ended in so many seconds."""
    pace = Pace()
    pace.note(100.0, store)
    for _ in range(ended):
        end(store, "a")
    pace.note(100.0 + seconds, store)
    return pace


def queue(store: TestStore, count: int) -> None:
    for number in range(count):
        store.put(b"request %d" % number, slot="site.example")


def test_a_line_says_what_is_done_what_waits_and_how_fast_it_goes(store: TestStore) -> None:
    queue(store, 30)
    pace = paced(store, ended=10, seconds=5)
    assert standing(store, pace).line() == "site: 10 pages done, 20 waiting, 10 words; 2.0 pages/s, about 10 s left"


def test_while_pages_lead_to_others_the_time_left_is_a_lower_bound(store: TestStore) -> None:
    queue(store, 10)
    pace = Pace()
    pace.note(0.0, store)
    end(store, "a")
    queue(store, 100)
    pace.note(1.0, store)
    assert "at least" in standing(store, pace).line()
    end(store, "b")
    for second in range(2, 90):
        pace.note(float(second), store)
    assert "at least" not in standing(store, pace).line()


def test_requests_that_failed_are_told(store: TestStore) -> None:
    queue(store, 2)
    fail(store, "Blocked")
    pace = Pace()
    pace.note(0.0, store)
    assert standing(store, pace).line() == "site: 0 pages done, 1 failed, 1 waiting, 0 words; 0.0 pages/s"


def test_a_pause_is_told_in_words_and_by_host_where_there_are_several(store: TestStore) -> None:
    pace = Pace()
    pace.note(0.0, store)
    one, other = Wait("a.example", 60.6, "the site asked"), Wait("b.example", 5.0, "it answered 403")
    assert standing(store, pace, one).line().endswith("; waiting 61 s because the site asked")
    assert standing(store, pace, one, other).waits_text() == [
        "a.example: waiting 61 s because the site asked",
        "b.example: waiting 5 s because it answered 403",
    ]


def test_a_resume_says_what_it_found(store: TestStore) -> None:
    queue(store, 6)
    end(store, "a")
    for reason in ("LoginRequired", "Blocked", "Blocked"):
        fail(store, reason)
    store.commit()
    assert resumed("c1", store) == (
        "resumed crawl c1: 1 pages done, 0 lost, 2 waiting, 1 need a login, 2 failed (Blocked 2)"
    )


def test_a_request_that_is_missing_from_the_file_is_not_passed_over(store: TestStore) -> None:
    queue(store, 3)
    store.commit()
    store._db.execute("DELETE FROM queue WHERE rowid = 1")
    assert "1 lost" in resumed("c1", store)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "0 s"), (98, "98 s"), (100, "2 min"), (5_000, "83 min"), (7_500, "2 h 05 min"), (190_000, "2 d 4 h")],
)
def test_a_duration_is_as_exact_as_anybody_needs_it(seconds: float, text: str) -> None:
    assert duration(seconds) == text
