"""Heavy-tailed whole numbers with an exact sum: how many likes each model, and each person, has."""

from __future__ import annotations

from dataclasses import dataclass

# The published totals of rec-a-sketch: models, people with a like, distinct likes; and of those people, the share that
# has fewer than 5 likes (47,309) and the share of the likes they hold.
MODELS, PEOPLE, LIKES = 28_806, 62_583, 632_685
LIGHT_PEOPLE, LIGHT_LIKES = 47_309 / PEOPLE, 0.13
LARGEST_MODEL, LARGEST_PERSON = 8_000, 1_600


@dataclass(frozen=True, slots=True)
class Degrees:
    """Likes per model, and likes per person; both sides have the same sum, both descend."""

    models: list[int]
    people: list[int]


def loaded(size: int) -> Degrees:
    """For the models of rec-a-sketch: all have 5 likes or more; totals as published, cut in proportion."""
    people, likes = _totals(size)
    largest = min(LARGEST_MODEL, max(5, people // 5, -(-likes // size)))
    return _degrees(heavy_tail(size, likes, 5, min(largest, people)), people)


def synthetic(size: int) -> Degrees:
    """For an invented world: the same proportions, but an eighth of the models has 0 to 4 likes, and from 50 models on
    some have exactly one page or two of them (24 and 48)."""
    people, likes = _totals(size)
    below = [4 - i * 5 // (size // 8) for i in range(size // 8)]
    above = size - len(below)
    largest = min(LARGEST_MODEL, max(5, people // 5, -(-likes // above)), people)
    models = heavy_tail(above, min(max(likes - sum(below), above * 5), above * largest), 5, largest)
    if size >= 50:
        for likes_of_whole_pages in (48, 48, 24, 24):
            nearest = min(range(1, above), key=lambda i: (abs(models[i] - likes_of_whole_pages), i))
            while models[nearest] == likes_of_whole_pages and nearest + 1 < above:
                nearest += 1
            models[nearest] = likes_of_whole_pages
    return _degrees(sorted(models + below, reverse=True), people)


def _totals(size: int) -> tuple[int, int]:
    """People and likes for `size` models. Below 31 models the proportion cannot hold: nobody likes a model twice."""
    people = max(12, round(PEOPLE * size / MODELS))
    likes = max(5 * size, min(round(LIKES * size / MODELS), size * people // 3))
    return min(people, likes), likes


def _degrees(models: list[int], people: int) -> Degrees:
    likes = sum(models)
    size = sum(1 for count in models if count)
    people = max(min(people, likes), *models)
    largest = min(size, LARGEST_PERSON, max(5, size // 7, min(80, size * 4 // 10), -(-likes // people)))
    light = round(people * LIGHT_PEOPLE)
    light_likes = round(likes * LIGHT_LIKES)
    heavy_likes = likes - light_likes
    if largest > 5 and light <= light_likes and (people - light) * 5 <= heavy_likes <= (people - light) * largest:
        heavy = heavy_tail(people - light, heavy_likes, 5, largest)
        return Degrees(models, heavy + heavy_tail(light, light_likes, 1, 4))
    return Degrees(models, heavy_tail(people, likes, 1, largest))


def heavy_tail(count: int, total: int, low: int, high: int) -> list[int]:
    """`count` numbers from `low` to `high`, descending, with the sum `total`: the quantiles of a bounded Pareto
    distribution whose exponent is searched for."""
    if not count * low <= total <= count * high:
        raise ValueError(f"{count} numbers between {low} and {high} cannot have the sum {total}")
    flat, steep = -6.0, 12.0  # a larger exponent means a smaller sum
    for _ in range(30):
        middle = (flat + steep) / 2
        flat, steep = (middle, steep) if sum(_quantiles(count, low, high, middle)) > total else (flat, middle)
    numbers = _quantiles(count, low, high, steep)
    _settle(numbers, total - sum(numbers), low, high)
    numbers.sort(reverse=True)
    return numbers


def _quantiles(count: int, low: int, high: int, exponent: float) -> list[int]:
    exponent = exponent or 1e-9
    top = high + 0.999
    rest = 1 - (low / top) ** exponent
    return [
        min(high, int(low * max(1e-300, 1 - (1 - i / count) * rest) ** (-1 / exponent) + 1e-9)) for i in range(count)
    ]


def _settle(numbers: list[int], missing: int, low: int, high: int) -> None:
    """Spread what is missing (or too much) one by one over all numbers but the largest."""
    step = 1 if missing > 0 else -1
    first = 1 if len(numbers) > 1 else 0
    while missing:
        for i in range(first, len(numbers)):
            if missing and low <= numbers[i] + step <= high:
                numbers[i] += step
                missing -= step
        first = 0 if missing else first
