"""Unicity is what counting by hand says, on any table, and what was measured on real ratings."""

from __future__ import annotations

import random
import tracemalloc
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawlers.datasets import unicity as module
from crawlers.datasets.files import read_batches
from crawlers.datasets.unicity import Unicity, unicity
from crawlers.items import Pairs, pairs_of
from tests.unit.cinema import Follow, Rating, publish

RATINGS, FOLLOWS = cast("Pairs", pairs_of(Rating)), cast("Pairs", pairs_of(Follow))


def test_a_fact_nobody_else_has_singles_out(tmp_path: Path) -> None:
    path = publish(Rating, tmp_path, [("a", "f", 1), ("b", "f", 1), ("c", "f", 2), ("d", "g", 1), ("e", "g", None)])
    assert unicity(RATINGS, path) == [Unicity(facts=1, people=5, asked=5, singled_out=0, by_value=3)]


def test_a_film_that_was_seen_and_not_rated_is_a_fact_too(tmp_path: Path) -> None:
    path = publish(Rating, tmp_path, [("a", "f", None), ("b", "f", None), ("c", "f", 2.5)])
    assert unicity(RATINGS, path) == [Unicity(facts=1, people=3, asked=3, singled_out=0, by_value=1)]


def test_facts_single_out_together_what_each_alone_does_not(tmp_path: Path) -> None:
    rows = [(who, film) for who, films in {"a": "fg", "b": "gh", "c": "fh", "d": "fh"}.items() for film in films]
    path = publish(Rating, tmp_path, rows)
    assert [(found.facts, found.people, found.singled_out) for found in unicity(RATINGS, path)] == [
        (1, 4, 0),
        (2, 4, 2),
    ]


def test_people_with_fewer_facts_are_not_asked_about(tmp_path: Path) -> None:
    rows = [("a", "f"), ("b", "f"), ("b", "g"), *(("c", film) for film in "fghijkl")]
    found = unicity(RATINGS, publish(Rating, tmp_path, rows))
    assert [(line.facts, line.people, line.asked) for line in found] == [
        (1, 3, 3),
        (2, 2, 2),
        *((n, 1, 1) for n in (3, 4, 5)),
    ]
    assert [line.singled_out for line in found[2:]] == [1, 1, 1]


def test_people_who_follow_people_are_singled_out_by_those(tmp_path: Path) -> None:
    path = publish(Follow, tmp_path, [("a", "b"), ("b", "c"), ("c", "b")])
    assert unicity(FOLLOWS, path) == [Unicity(facts=1, people=3, asked=3, singled_out=1, by_value=None)]


def test_nobody_is_singled_out_in_an_empty_table(tmp_path: Path) -> None:
    assert unicity(RATINGS, publish(Rating, tmp_path, [])) == []


def with_equally_many(facts: int) -> st.SearchStrategy[list[tuple[int, dict[str, float | None]]]]:
    """People of whom each has so many facts: then all of them are known, and there is nothing to draw."""
    films = st.dictionaries(
        st.sampled_from("fghijk"), st.sampled_from([None, 0.5, 5.0]), min_size=facts, max_size=facts
    )
    return st.lists(films, min_size=1, max_size=25).map(lambda people: list(enumerate(people)))


@pytest.mark.parametrize("facts", [1, 2, 5])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_it_is_what_counting_by_hand_says(tmp_path: Path, facts: int, data: st.DataObject) -> None:
    people = data.draw(with_equally_many(facts))
    rows = [(f"{who:04}", film, stars) for who, films in people for film, stars in films.items()]
    path = publish(Rating, tmp_path, rows)
    seen = [frozenset(films) for _, films in people]
    rated = [frozenset(films.items()) for _, films in people]
    by_hand = Unicity(
        facts, len(people), len(people),
        singled_out=sum(seen.count(films) == 1 for films in seen),
        by_value=sum(rated.count(films) == 1 for films in rated),
    )  # fmt: skip
    batch_rows = data.draw(st.sampled_from([1, 3, 7, 1000]))
    with pytest.MonkeyPatch.context() as patch:
        # So small that everything is carried over: people over batches, queries over groups, holders over looks.
        patch.setattr(module, "_HELD", data.draw(st.sampled_from([1, 20, 1000])))
        patch.setattr(module, "_FIRST_LOOK", data.draw(st.sampled_from([1, 2, 1024])))
        patch.setattr(module, "read_batches", lambda path, columns: read_batches(path, columns, batch_rows))
        assert unicity(RATINGS, path)[-1] == by_hand


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """100,000 rows of 10,000 people, each of whom points to 10 of 60 others."""
    chance = random.Random(0)
    pairs = [(f"{who:08}", f"{other:03}") for who in range(10_000) for other in sorted(chance.sample(range(60), 10))]
    path = tmp_path_factory.mktemp("many") / "follows.parquet"
    pq.write_table(pa.table({"source_id": [a for a, _ in pairs], "target_id": [b for _, b in pairs]}), path)
    return path


def test_a_sample_is_drawn_with_a_fixed_seed_and_is_near_the_whole(many: Path) -> None:
    drawn, whole = unicity(FOLLOWS, many, sample=1000), unicity(FOLLOWS, many, sample=10**6)
    assert drawn == unicity(FOLLOWS, many, sample=1000)
    assert {line.asked for line in drawn} == {1000}
    assert [line.people for line in drawn] == [line.people for line in whole] == [line.asked for line in whole]
    assert 0.5 < whole[4].singled_out / 10_000 < 0.8
    for some, all_ in zip(drawn, whole, strict=True):
        assert abs(some.singled_out / some.asked - all_.singled_out / all_.asked) < 0.05


def test_it_holds_a_few_bytes_a_row(many: Path) -> None:
    tracemalloc.start()  # numpy's memory is traced, Arrow's is that of a batch
    unicity(FOLLOWS, many)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20e6


@pytest.mark.real_world
def test_three_ratings_or_five_films_find_most_members(datasets_dir: Path, tmp_path: Path) -> None:
    """An independent measurement of the same table: 3 films and ratings 94.2 %, 4 99.5 %, 5 films alone 87.2 %."""
    real = pq.read_table(datasets_dir / "letterboxd" / "ratings_2026-07.parquet")
    pq.write_table(real.sort_by([("username", "ascending"), ("film_slug", "ascending")]), tmp_path / "ratings.parquet")
    pairs: Any = SimpleNamespace(person="username", other="film_slug", value="rating10")
    found = unicity(pairs, tmp_path / "ratings.parquet")
    assert [line.people for line in found] == [4375, 4375, 4375, 4375, 4374]
    by_value = [(line.by_value or 0) / line.asked for line in found]
    assert by_value[2] == pytest.approx(0.94, abs=0.02)
    assert by_value[3] == pytest.approx(0.995, abs=0.005)
    assert found[4].singled_out / found[4].asked == pytest.approx(0.872, abs=0.02)
