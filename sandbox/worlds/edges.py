"""Dealing out likes: every model and every person gets exactly the number it should have, mostly inside its group."""

from __future__ import annotations

from array import array
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

INSIDE = 0.8  # share of a person's likes that go to models of the person's own group
CROWDED = 0.9  # nobody likes more than this share of a group's models because of being in the group


def deal(
    model_degrees: Sequence[int],
    person_degrees: Sequence[int],
    model_groups: Sequence[int],
    person_groups: Sequence[int],
    rng: Random,
) -> list[array[int]]:
    """For each model the people who like it, by index, in list order; nobody twice.

    A configuration model: each person has as many cards as likes, each model as many places. The cards of a group are
    dealt to the places of the group; a card that comes twice to one model is exchanged for one that lies elsewhere.
    """
    groups = max(*model_groups, *person_groups) + 1
    members: list[list[int]] = [[] for _ in range(groups)]
    for model, group in enumerate(model_groups):
        members[group].append(model)
    places = [sum(model_degrees[model] for model in group) for group in members]
    likers = [array("I") for _ in model_degrees]
    twice: list[tuple[int, int]] = []
    for group, cards in enumerate(_packs(places, members, person_degrees, person_groups, rng)):
        twice += _deal_group(members[group], model_degrees, cards, likers, rng)
    _exchange(likers, twice, rng)
    return likers


def _packs(
    places: Sequence[int],
    members: Sequence[Sequence[int]],
    person_degrees: Sequence[int],
    person_groups: Sequence[int],
    rng: Random,
) -> list[list[int]]:
    """The cards of each group, shuffled, exactly as many as it has places; strays fill what its own people leave."""
    draw = rng.random
    packs: list[list[int]] = [[] for _ in places]
    strays: list[int] = []
    for person, degree in enumerate(person_degrees):
        group = person_groups[person]
        inside = min(int(degree * INSIDE + draw()), int(len(members[group]) * CROWDED))
        packs[group] += [person] * inside
        strays += [person] * (degree - inside)
    for pack, size in zip(packs, places, strict=True):
        rng.shuffle(pack)
        strays += pack[size:]
        del pack[size:]
    rng.shuffle(strays)
    for pack, size in zip(packs, places, strict=True):
        wanted = size - len(pack)
        if wanted:
            pack.extend(strays[-wanted:])
            del strays[-wanted:]
            rng.shuffle(pack)
    return packs


def _deal_group(
    models: Sequence[int], degrees: Sequence[int], cards: list[int], likers: list[array[int]], rng: Random
) -> list[tuple[int, int]]:
    """Deal to the largest models first, while many cards differ. Returns each (model, person) that came twice."""
    draw = rng.random
    twice: list[tuple[int, int]] = []
    top, last = 0, len(cards)
    for model in sorted(models, key=degrees.__getitem__, reverse=True):
        have: set[int] = set()
        tries = 30 * degrees[model] + 100
        for _ in range(degrees[model]):
            person = cards[top]
            while person in have and tries:
                other = top + int((last - top) * draw())
                cards[top], cards[other] = cards[other], person
                person = cards[top]
                tries -= 1
            top += 1
            if person in have:
                twice.append((model, person))
            else:
                have.add(person)
                likers[model].append(person)
    return twice


def _exchange(likers: list[array[int]], twice: list[tuple[int, int]], rng: Random) -> None:
    """Give each card that came twice to a model that lacks it, in exchange for a card that the first model lacks."""
    liked = [model for model, people in enumerate(likers) if people]
    sets: dict[int, set[int]] = {}

    def people_of(model: int) -> set[int]:
        if model not in sets:
            sets[model] = set(likers[model])
        return sets[model]

    for model, person in twice:
        have = people_of(model)
        for _ in range(200_000):
            other = liked[int(len(liked) * rng.random())]
            if other == model or person in people_of(other):
                continue
            place = int(len(likers[other]) * rng.random())
            given = likers[other][place]
            if given in have:
                continue
            likers[other][place] = person
            sets[other].add(person)
            sets[other].discard(given)
            likers[model].append(given)
            have.add(given)
            break
        else:
            raise RuntimeError("the likes of this world cannot be dealt out; its degrees leave no choice")
