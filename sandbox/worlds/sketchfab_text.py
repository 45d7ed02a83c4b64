"""Names, tags and descriptions of models: telling of the group they belong to, and full of what must be scrubbed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sandbox.worlds import sketchfab_vocabulary as words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

MAX_TAGS = 42  # the most seen on one model


def group_of_name(name: str, rng: Random) -> int:
    """The taste group a real model's name speaks of; drawn where it speaks of none."""
    found = set(re.findall(r"[a-z]{3,}", name.lower()))
    scores = [len(found & group.hints) for group in words.GROUPS]
    best = max(scores)
    return scores.index(best) if best else int(len(words.GROUPS) * rng.random())


def model_name(group: int, rng: Random) -> str:
    """An invented name, at most 48 characters, mostly with the thing it shows in it."""
    things = words.GROUPS[group].things
    thing = things[int(len(things) * rng.random())]
    adjective = words.ADJECTIVES[int(len(words.ADJECTIVES) * rng.random())]
    return f"{adjective} {thing}{words.SUFFIXES[int(len(words.SUFFIXES) * rng.random())]}"


def model_tags(group: int, rng: Random, *, most: bool = False) -> list[str]:
    """Slugs, each once, in no order: 0 to 12, two thirds of them the group's own; `most` gives 42."""
    own, common = words.GROUPS[group].tags, words.COMMON_TAGS
    if most:
        return rng.sample(own + tuple(tag for tag in common if tag not in own), MAX_TAGS)
    count = int(13 * rng.random() ** 1.3)
    mine = rng.sample(own, min(len(own), (count * 2 + 2) // 3))
    return list(dict.fromkeys(mine + rng.sample(common, count - len(mine)))) if count else []


def model_categories(group: int, rng: Random) -> list[str]:
    """None, one or two slugs; two thirds name the group's first category."""
    draw = rng.random()
    own = words.GROUPS[group].categories
    if draw < 0.06:
        return []
    first = own[0] if draw < 0.7 else own[int(len(own) * rng.random())]
    if rng.random() < 0.85:
        return [first]
    slugs = tuple(words.CATEGORIES)
    second = slugs[int(len(slugs) * rng.random())]
    return [first] if second == first else [first, second]


def description(rng: Random, uploader: str, others: Sequence[str]) -> tuple[str | None, list[str]]:
    """A text, null or empty for some, and the telephone numbers in it.

    A quarter of the texts names people: the uploader (``@name``, e-mail, home page, telephone) or one of `others`.
    """
    draw = rng.random()
    if draw < 0.08:
        return None, []
    if draw < 0.14:
        return "", []
    text = " ".join(words.SENTENCES[int(len(words.SENTENCES) * rng.random())] for _ in range(1 + int(3 * rng.random())))
    if draw < 0.75:
        return text, []
    other = others[int(len(others) * rng.random())]
    numbers: list[str] = []
    if draw > 0.97:
        # Ranges kept for fiction: 01632 960 in Britain, 555 01 in North America.
        numbers = [
            f"+44 1632 960{int(1000 * rng.random()):03}"
            if draw > 0.985
            else f"(202) 555-01{int(100 * rng.random()):02}"
        ]
    mention = (
        f"Follow me: @{uploader}.",
        f"Thanks to @{other} for the idea!",
        f"Mail me at {uploader}@mail.example.org for commissions",
        f"More: [my page](https://sketchfab.com/{uploader}), https://{other.replace('_', '-')}.example.net/shop?ref=3d",
        f"with @{other}, rig by @{uploader}，谢谢",
        f"Contact: {other}@example.com, \u200b@{uploader}",
        f"See www.example.org/u/{uploader}\x07",
        f"Call {numbers[0]} or write to @{uploader}" if numbers else f"(c) @{uploader}",
    )
    part = mention[-1] if numbers else mention[int(len(mention) * rng.random())]
    return f"{text}\n\n{part}", numbers
