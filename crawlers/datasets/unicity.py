"""How many people of a table a few known facts single out: what somebody who knows them a little can find.

In a table of pairs, such as who likes what, a fact of a person is one of its rows: the other key (the film), alone or
with the value (the film and its rating). Facts single a person out if nobody else has all of them.

People are drawn by lot with a fixed seed, and only rows that share a fact with a drawn person are ever held, a few at a
time: 12 M rows took 2 to 9 seconds of one core and 0.35 GB.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crawlers.datasets.files import read_batches
from crawlers.items import Pairs

MOST_FACTS = 5
SAMPLE = 2000
"""People asked about for each number of facts: the standard error of a share is 1.1 points or less."""
SEED = 1
_HELD = 16 << 20  # rows held at once, 4 bytes each
_FIRST_LOOK = 1024

Rows = npt.NDArray[np.int64]
"""Numbers of rows in the file."""
People = npt.NDArray[np.int32]
"""People by their place in the file."""


@dataclass(frozen=True, slots=True)
class Unicity:
    """Of the `people` with at least `facts` facts, `asked` were drawn, and of each so many facts.

    `singled_out` of them have facts that nobody else has together. `by_value` counts those whose facts do so with their
    values; None where the table has no value.
    """

    facts: int
    people: int
    asked: int
    singled_out: int
    by_value: int | None


@dataclass(frozen=True, slots=True)
class _Draw:
    """`people` have enough facts; `rows` are those of the people drawn: a line for each, a column for each fact."""

    people: int
    rows: Rows


def unicity(pairs: Pairs, path: Path, *, sample: int = SAMPLE) -> list[Unicity]:
    """What 1 to MOST_FACTS facts tell, as far as somebody has so many. The same file gives the same figures.

    `path` is the file of the table, sorted by its key.
    """
    draws = _draw(pairs, path, sample)
    rows = np.unique(np.concatenate([draw.rows.ravel() for draw in draws] or [np.empty(0, np.int64)]))
    queries = [np.searchsorted(rows, draw.rows) for draw in draws]
    alone = _alone(pairs, path, [pairs.other], rows, queries)
    by_value: Sequence[int | None] = [None] * len(draws)
    if pairs.value is not None:
        by_value = _alone(pairs, path, [pairs.other, pairs.value], rows, queries)
    return [
        Unicity(draw.rows.shape[1], draw.people, len(draw.rows), found, with_value)
        for draw, found, with_value in zip(draws, alone, by_value, strict=True)
    ]


# -- who is asked about ----------------------------------------------------------------------------------------------


def _draw(pairs: Pairs, path: Path, sample: int) -> list[_Draw]:
    """For each number of facts, up to `sample` of the people who have so many, and of each so many rows."""
    lots = np.random.default_rng(SEED)
    counts = [0] * (MOST_FACTS + 1)
    drawn = [np.empty((0, 3), np.int64) for _ in counts]  # lot, first row, rows; of a person
    for first_rows, row_counts in _people(path, pairs.person):
        people = np.column_stack([lots.integers(2**63, size=len(first_rows)), first_rows, row_counts])
        for facts in range(1, MOST_FACTS + 1):
            enough = people[row_counts >= facts]
            counts[facts] += len(enough)
            candidates = np.concatenate([drawn[facts], enough])
            drawn[facts] = candidates[np.argsort(candidates[:, 0])[:sample]]
    chance = random.Random(SEED)
    return [
        _Draw(
            counts[facts],
            np.array(
                [[first + n for n in chance.sample(range(rows), facts)] for _, first, rows in drawn[facts].tolist()]
            ),
        )
        for facts in range(1, MOST_FACTS + 1)
        if counts[facts]
    ]


def _people(path: Path, column: str) -> Iterator[tuple[Rows, Rows]]:
    """The first row and the number of rows of each person, a batch of people at a time."""
    begun: Rows = np.empty(0, np.int64)  # the last person so far, whose other rows may come with the next batch
    row, last = 0, -1
    for numbers, batch in _numbered(path, column, [column]):
        first_rows = np.concatenate([begun, row + np.flatnonzero(np.diff(numbers, prepend=np.int32(last)))])
        yield first_rows[:-1], np.diff(first_rows)
        begun, last, row = first_rows[-1:], numbers[-1], row + len(batch)
    yield begun, row - begun


def _numbered(path: Path, person: str, columns: list[str]) -> Iterator[tuple[People, pa.RecordBatch]]:
    """The rows of the file, and for each its person, who are numbered from 0."""
    number, last = -1, None
    for batch in read_batches(path, columns):
        names = batch.column(person)
        differs = pc.not_equal(names.slice(1), names.slice(0, len(names) - 1)).to_numpy(zero_copy_only=False)
        steps = np.concatenate([[last is None or names[0].as_py() != last], differs])
        numbers = (number + np.cumsum(steps)).astype(np.int32)
        number, last = int(numbers[-1]), names[-1].as_py()
        yield numbers, batch


# -- what they are asked about ---------------------------------------------------------------------------------------


class _Facts:
    """The facts that may be asked about, numbered from 0: the distinct values of some columns in some rows.

    `drawn` has the fact of each of those rows. A null is a value as any other: seen, and not rated.
    """

    def __init__(self, path: Path, columns: list[str], rows: Rows) -> None:
        self.columns = columns
        table = _rows_at(path, columns, rows)
        self._values = [pc.unique(table.column(name)) for name in columns]
        self._known: Rows = np.empty(0, np.int64)
        combined = self._combined(table)
        self._known, self.drawn = np.unique(combined, return_inverse=True)

    def __len__(self) -> int:
        return len(self._known)

    def of(self, batch: pa.RecordBatch) -> Rows:
        """The fact of each row; -1 where it is none of these."""
        combined = self._combined(batch)
        place = np.minimum(np.searchsorted(self._known, combined), len(self) - 1)
        return np.where(self._known[place] == combined, place, -1)

    def _combined(self, rows: Any) -> Rows:
        """One number for the values of all columns; negative if one of them is unknown."""
        combined: Rows = np.zeros(len(rows), np.int64)
        for name, values in zip(self.columns, self._values, strict=True):
            column = rows.column(name)
            place = pc.fill_null(pc.index_in(column, value_set=values), -1).to_numpy(zero_copy_only=False)
            combined = np.where((place < 0) | (combined < 0), -1, combined * len(values) + place)
        return combined


def _rows_at(path: Path, columns: list[str], rows: Rows) -> pa.Table:
    """The rows of these numbers, which are sorted."""
    found, before = [], 0
    for batch in read_batches(path, columns):
        first, end = np.searchsorted(rows, [before, before + len(batch)])
        found.append(batch.take(pa.array(rows[first:end] - before)))
        before += len(batch)
    return pa.Table.from_batches(found)


# -- whether they are alone ------------------------------------------------------------------------------------------


def _alone(pairs: Pairs, path: Path, columns: list[str], rows: Rows, queries: list[Rows]) -> list[int]:
    """Of each array of queries (lines of places in `rows`), how many have facts that only one person has together."""
    if not queries:
        return []
    facts = _Facts(path, columns, rows)
    held_by = np.zeros(len(facts), np.int64)
    for batch in read_batches(path, columns):
        of_batch = facts.of(batch)
        held_by += np.bincount(of_batch[of_batch >= 0], minlength=len(facts))
    asked = [facts.drawn[query] for query in queries]
    found = [0] * len(queries)
    waiting: list[tuple[int, Rows]] = []
    for number, lines in enumerate(asked):
        for line in lines:
            rarest_first = line[np.argsort(held_by[line])]
            if held_by[rarest_first[0]] == 1:
                found[number] += 1
            elif len(line) > 1:
                waiting.append((number, rarest_first))
    for group in _groups(waiting, held_by):
        holders = _holders(pairs, path, facts, held_by, np.unique(np.concatenate([line for _, line in group])))
        for number, line in group:
            found[number] += _is_one([holders[fact] for fact in line.tolist()])
    return found


def _groups(waiting: list[tuple[int, Rows]], held_by: Rows) -> Iterator[list[tuple[int, Rows]]]:
    """The queries in groups whose facts have no more than _HELD rows, if a single query has not more."""
    group: list[tuple[int, Rows]] = []
    facts: set[int] = set()
    held = 0
    for query in waiting:
        new = set(query[1].tolist()) - facts
        more = int(held_by[list(new)].sum())
        if group and held + more > _HELD:
            yield group
            group, facts, held = [], set(), 0
            new = set(query[1].tolist())
            more = int(held_by[list(new)].sum())
        group.append(query)
        facts |= new
        held += more
    if group:
        yield group


def _holders(pairs: Pairs, path: Path, facts: _Facts, held_by: Rows, wanted: Rows) -> dict[int, People]:
    """The people who have each of the wanted facts, sorted."""
    ends = np.full(len(facts), -1, np.int64)
    ends[wanted] = np.cumsum(held_by[wanted]) - held_by[wanted]  # where the next person of each fact goes
    people = np.empty(int(held_by[wanted].sum()), np.int32)
    for numbers, batch in _numbered(path, pairs.person, [pairs.person, *facts.columns]):
        of_batch = facts.of(batch)
        is_wanted = (of_batch >= 0) & (ends[of_batch] >= 0)
        of_wanted = of_batch[is_wanted]
        order = np.argsort(of_wanted, kind="stable")
        of_wanted = of_wanted[order]
        first, count = np.unique(of_wanted, return_index=True, return_counts=True)[1:]
        within = np.arange(len(of_wanted)) - np.repeat(first, count)
        people[ends[of_wanted] + within] = numbers[is_wanted][order]
        ends[of_wanted[first]] += count
    return {fact: people[ends[fact] - held_by[fact] : ends[fact]] for fact in wanted.tolist()}


def _is_one(holders: Sequence[People]) -> bool:
    """Whether only one person is in all of the sorted arrays, of which the first is the shortest."""
    first, *others = holders
    found, begin, size = 0, 0, _FIRST_LOOK
    while begin < len(first) and found < 2:
        left = first[begin : begin + size]
        for other in others:
            place = np.minimum(np.searchsorted(other, left), len(other) - 1)
            left = left[other[place] == left]
        found += len(left)
        begin, size = begin + size, size * 4
    return found == 1
