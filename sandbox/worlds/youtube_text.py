"""Invented titles, descriptions and tags of videos."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.worlds import youtube_vocabulary as words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from sandbox.worlds.youtube_vocabulary import Kind, Topic

MAX_TAGS = 40


def song(rng: Random) -> str:
    """The name of a song that nobody has written."""
    return f"{_pick(rng, words.ADJECTIVES)} {_pick(rng, words.NOUNS)}"


def title(rng: Random, forms: Sequence[str], topic: Topic) -> str:
    """One of the forms, filled with words of the topic; at most 100 characters, as on the site."""
    return _pick(rng, forms).format(
        song=song(rng),
        phrase=_pick(rng, topic.phrases),
        instrument=_pick(rng, topic.instruments).capitalize(),
        place=_pick(rng, words.PLACES),
        year=1968 + int(58 * rng.random()),
        number=10 + int(90 * rng.random()),
    )[:100]


def kind(rng: Random) -> Kind:
    """A kind of video, by its weight."""
    return rng.choices(words.KINDS, [kind.weight for kind in words.KINDS])[0]


def tags(rng: Random, topic: Topic, channel_name: str) -> list[str]:
    """None for one in eight; else up to 22, most of the topic's; one in twelve has its channel's name among them."""
    if rng.random() < 0.125:
        return []
    own = rng.sample(topic.tags, 1 + int(len(topic.tags) * rng.random()))
    common = rng.sample(words.COMMON_TAGS, int(len(words.COMMON_TAGS) * rng.random() ** 2))
    found = list(dict.fromkeys(own + common))
    if rng.random() < 0.08:
        found.insert(0, channel_name)
    return found[:MAX_TAGS]


def description(rng: Random, handle: str, channel_id: str, others: Sequence[str]) -> tuple[str, list[str]]:
    """A text, empty for some, and the telephone numbers in it.

    A third of the texts names people: the channel (``@handle``, its address, e-mail, home page, telephone) or others.
    """
    draw = rng.random()
    if draw < 0.08:
        return "", []
    text = "\n".join(_pick(rng, words.SENTENCES) for _ in range(1 + int(4 * rng.random())))
    if draw < 0.66:
        return text, []
    other = _pick(rng, others)
    numbers: list[str] = []
    if draw > 0.97:
        # Ranges kept for fiction: 01632 960 in Britain, 555 01 in North America.
        numbers = [f"+44 1632 960{int(1000 * rng.random()):03}"]
        if draw > 0.985:
            numbers = [f"(202) 555-01{int(100 * rng.random()):02}"]
    mentions = (
        f"Subscribe: https://www.youtube.com/@{handle}?sub_confirmation=1",
        f"My channel: youtube.com/channel/{channel_id}",
        f"Follow @{handle} and @{other}!",
        f"Bookings: {handle}@mail.example.org",
        f"Merch: https://{other.replace('_', '-').replace('.', '-')}.example.net/shop?ref=yt",
        f"feat. @{other}, mixed by @{handle}，谢谢",
        f"▶ http://www.example.com/u/{handle}\u200b",
        f"Call {numbers[0]} or write to @{handle}" if numbers else f"(c) @{handle}",
    )
    return f"{text}\n\n{mentions[-1] if numbers else _pick(rng, mentions)}", numbers


def _pick(rng: Random, among: Sequence[str]) -> str:
    return among[int(len(among) * rng.random())]
