"""What is said on Weibo: sentences out of the words of a community, with mentions, topics, emoji and short links.

A text is a tuple of parts, so that each page can write them in its own markup; `plain` is what a reader sees.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.worlds import weibo_vocabulary as words

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random

    from sandbox.worlds.weibo_people import Person

    Parts = tuple["Part", ...]

SHOWN = 140  # characters of a text that a list shows
LINK_ON_MOBILE = "网页链接"  # what m.weibo.cn shows of every address
TEXT, MENTION, TOPIC, EMOJI, LINK, BREAK = "text", "mention", "topic", "emoji", "link", "break"


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a text. `text` is what a reader sees; of a mention it is ``@`` and the nickname."""

    kind: str
    text: str


def plain(parts: Iterable[Part], *, on_mobile: bool = False) -> str:
    """The text as read: emoji by their names, line breaks as such, no space at either end."""
    shown = (LINK_ON_MOBILE if on_mobile and part.kind == LINK else part.text for part in parts)
    return "".join(shown).strip()


def mention(person: Person) -> Part:
    """A person named in a text."""
    return Part(MENTION, f"@{person.nickname}")


def shortened(parts: Parts) -> Parts:
    """The first 140 characters or so; only a piece of plain text is cut in the middle."""
    left = SHOWN
    kept: list[Part] = []
    for part in parts:
        if part.kind == TEXT and len(part.text) > left:
            kept.append(Part(TEXT, part.text[:left]))
        elif len(part.text) <= left:
            kept.append(part)
            left -= len(part.text)
            continue
        break
    return tuple(kept)


def sentence(rng: Random, community: int, templates: tuple[str, ...]) -> str:
    """One sentence of a community; one word in ten is another community's."""
    own = words.COMMUNITIES[community % len(words.COMMUNITIES)]
    other = words.COMMUNITIES[int(len(words.COMMUNITIES) * rng.random())] if rng.random() < 0.1 else own
    first, second = rng.sample(own.things, 2)
    return rng.choice(templates).format(a=first, b=rng.choice(other.things) if other is not own else second,
                                        v=rng.choice(own.verbs))  # fmt: skip


def post(rng: Random, community: int, near: list[Person], *, long: bool) -> Parts:
    """An original post: one to three sentences; a long one has more than a list shows, and line breaks behind that."""
    own = words.COMMUNITIES[community % len(words.COMMUNITIES)]
    draw = rng.random
    parts: list[Part] = []
    if draw() < 0.25:
        parts.append(Part(TOPIC, f"#{rng.choice(own.topics)}#"))
    said = 0
    for _ in range(12 if long else 1 + int(3 * draw())):
        text = sentence(rng, community, words.SENTENCES)
        if said > SHOWN + 60:
            parts.append(Part(BREAK, "\n"))
        parts.append(Part(TEXT, text))
        said += len(text)
        if draw() < 0.2:
            parts += [Part(EMOJI, rng.choice(words.EMOJI)[0])] * (1 + int(2 * draw()))
        if near and draw() < 0.12:
            parts += [mention(rng.choice(near)), Part(TEXT, " ")]
    if draw() < 0.15:
        parts += [Part(TEXT, " "), Part(LINK, short_link(rng))]
    return tuple(parts)


def reason(rng: Random, community: int, near: list[Person]) -> Parts:
    """Why something is passed on; nothing for three in ten, and the site then writes 转发微博."""
    draw = rng.random
    if draw() < 0.3:
        return ()
    parts = [Part(TEXT, sentence(rng, community, words.REASONS))]
    if draw() < 0.3:
        parts.append(Part(EMOJI, rng.choice(words.EMOJI)[0]))
    if near and draw() < 0.15:
        parts += [Part(TEXT, " "), mention(rng.choice(near))]
    return tuple(parts)


def chain(rng: Random, community: int, near: list[Person]) -> Parts:
    """What earlier ones had said when they passed it on: ``//@nick:...//@nick:...``; nothing for six in ten."""
    parts: list[Part] = []
    if near and rng.random() < 0.4:
        for _ in range(1 + int(3 * rng.random())):
            text = sentence(rng, community, words.CHAIN)
            parts += [Part(TEXT, "//"), mention(rng.choice(near)), Part(TEXT, f":{text}")]
    return tuple(parts)


def remark(rng: Random, community: int, near: list[Person]) -> Parts:
    """A comment: a few words, an emoji, or the words of a retweet that went along with it."""
    draw = rng.random()
    if draw < 0.1:
        return (Part(EMOJI, rng.choice(words.EMOJI)[0]),) * 2
    parts = (Part(TEXT, sentence(rng, community, words.REMARKS)),)
    if draw < 0.3:
        return (*parts, Part(EMOJI, rng.choice(words.EMOJI)[0]))
    if near and draw < 0.4:
        return (Part(TEXT, "回复"), mention(rng.choice(near)), Part(TEXT, ":"), *parts)
    return parts


def short_link(rng: Random) -> str:
    """As the site shortens every address; these lead nowhere."""
    return "http://t.cn/" + "".join(rng.choices("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789", k=8))
