"""Who follows whom: planted communities, lists of all lengths, and places in them that the spam filter empties."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from sandbox.worlds.degrees import heavy_tail

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.worlds.weibo_people import Person

    List = list[int | None]

PAGE = 10
INSIDE = 0.85  # share of a list that stays inside the community
CROWDED = 0.8  # nobody follows more than this share of a community because of being in it
MEAN = 9
LONGEST = 62  # more than the five pages that a crawl reads
HUB = 230  # more than the twenty pages that the site shows; one person, in worlds that have so many
FILTERED = 0.2  # share of the lists with a place or two that show nobody


def communities(seed: int, size: int) -> list[int]:
    """The community of each of `size` people, about 33 in each, 3 to 8 of them; the root's is number 0."""
    count = min(8, max(3, size // 33))
    members = [index % count for index in range(size)]
    rest = members[1:]
    Random(f"{seed}/weibo/communities").shuffle(rest)
    return members[:1] + rest


def followees(seed: int, people: Sequence[Person]) -> list[List]:
    """For each person the list of those they follow, as places in `people` in list order; None: filtered as spam.

    Whoever is not gone and shows the list follows the next of the community, so that all can be reached from the root,
    who follows one of each community.
    """
    rng = Random(f"{seed}/weibo/follows")
    count = 1 + max(person.community for person in people)
    members: list[list[int]] = [[] for _ in range(count)]
    for person in people:
        members[person.community].append(person.index)
    weights = [rng.paretovariate(1.3) for _ in people]
    wanted = _lengths(people, rng)
    lists = [_draw(person, wanted[person.index], members, weights, rng) for person in people]
    _connect(lists, people, members, wanted)
    for people_listed in lists:
        rng.shuffle(people_listed)
        if len(people_listed) > PAGE // 2 and rng.random() < FILTERED:
            for _ in range(1 + int(2 * rng.random())):
                people_listed.insert(int(len(people_listed) * rng.random()), None)
    return lists


def with_filtered(people_listed: Sequence[int]) -> List:
    """A recorded list of nearly 50, with the filtered places that make it five pages; a shorter one as it is."""
    missing = 5 * PAGE - len(people_listed)
    entries: List = list(people_listed)
    if 0 < missing <= 5:
        for page in range(missing):
            entries.insert(page * PAGE + 3, None)
    return entries


def _lengths(people: Sequence[Person], rng: Random) -> list[int]:
    """How many each follows: nobody, whole pages and more than five pages are among the numbers."""
    size = len(people)
    most = min(size - 1, LONGEST)
    lengths = heavy_tail(size, min(size * MEAN, size * most), min(2, most), most)
    rng.shuffle(lengths)
    for place, length in ((1, 0), (2, PAGE), (3, 2 * PAGE), (4, HUB)):
        if place < size and length < size:
            lengths[place] = length
    lengths[0] = min(most, max(lengths[0], 3 * PAGE + 5))
    return lengths


def _draw(person: Person, length: int, members: Sequence[Sequence[int]], weights: Sequence[float], rng: Random) -> List:
    own = [index for index in members[person.community] if index != person.index]
    inside = min(round(length * INSIDE), int(len(own) * CROWDED))
    if person.index == 0:
        inside = min(inside, length // 2)
    chosen = _weighted(own, inside, weights, rng)
    others = [index for index in range(len(weights)) if index != person.index and index not in chosen]
    if length - inside > len(others) // 2:
        return [*chosen, *rng.sample(others, min(len(others), length - inside))]
    return [*chosen, *_weighted(others, length - inside, weights, rng)]


def _weighted(choices: Sequence[int], count: int, weights: Sequence[float], rng: Random) -> list[int]:
    """`count` different ones; those of great weight more often (Efraimidis and Spirakis)."""
    keys = sorted(choices, key=lambda index: rng.random() ** (1 / weights[index]), reverse=True)
    return keys[:count]


def _connect(
    lists: Sequence[List], people: Sequence[Person], members: Sequence[Sequence[int]], wanted: Sequence[int]
) -> None:
    """See to it that a crawl from the root finds everybody, also one that reads but the first pages: nobody is followed
    only from a list that is longer."""
    for group in members:
        open_ones = [
            index
            for index in group
            if 0 < wanted[index] <= 4 * PAGE and not (people[index].hides_followees or people[index].is_gone)
        ] or list(group[:1])
        closed = [index for index in group if index not in open_ones]
        for place, index in enumerate(open_ones):
            following = [open_ones[(place + 1) % len(open_ones)], *closed[place :: len(open_ones)]]
            _add(lists[index], [one for one in following if one != index])
        _add(lists[0], [index for index in open_ones[:1] if index != 0])


def _add(people_listed: List, ones: Sequence[int]) -> None:
    """Put those who are missing in the places of others, from the end: the list stays as long as it was."""
    missing: List = [one for one in ones if one not in people_listed]
    keep = [one for one in people_listed if one not in ones]
    kept = keep[: max(0, len(people_listed) - len(ones))] + [one for one in people_listed if one in ones]
    people_listed[:] = kept + missing
