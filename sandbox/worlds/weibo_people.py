"""The people of Weibo: who they are, what their profiles say and which of their lists they show."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

from sandbox.worlds import weibo_vocabulary as words

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT_UID = "3237705130"
ROOT_NICKNAME = "北京大学"
LOWEST_UID, HIGHEST_UID = 1_000_000_000, 7_900_000_000
SHORT_UID = "38368890"  # few accounts of the first days have 8 digits
VERIFIED = ("person", "organisation")


@dataclass(slots=True)
class Person:
    """An account. `index` is the place in `WeiboWorld.people`; the root is number 0. None = the profile lacks it."""

    index: int
    uid: str
    nickname: str
    community: int
    """The place in `weibo_vocabulary.COMMUNITIES` of the one it was planted in; of a loaded world the dataset's."""
    domain: str | None = None
    """A word, or a number that is no uid (微号), under which the account is found: ``weibo.cn/{domain}``."""
    gender: str | None = None
    """男 or 女."""
    province: str | None = None
    city: str | None = None
    verified: str | None = None
    """``person`` (yellow V) or ``organisation`` (blue V)."""
    verified_reason: str | None = None
    talent: str | None = None
    level: int | None = None
    birthday: str | None = None
    description: str | None = None
    tags: list[str] = field(default_factory=list)
    education: list[str] = field(default_factory=list)
    work: list[str] = field(default_factory=list)
    place: str | None = None
    """Where some of the posts say they were written."""
    follower_count: int = 0
    followee_count: int = 0
    """As stated; the list has as many places."""
    post_count: int = 0
    """As stated; more than can be read."""
    hides_followees: bool = False
    hides_posts: bool = False
    is_gone: bool = False
    """The account was closed: every page about it says that it does not exist."""

    @property
    def home(self) -> str:
        """The path that links lead to."""
        return f"/{self.domain}" if self.domain else f"/u/{self.uid}"


@dataclass(frozen=True, slots=True)
class Listed:
    """An account of a dataset."""

    uid: str
    nickname: str
    community: int


def invented(seed: int, communities: Sequence[int], *, canary: bool) -> list[Person]:
    """One person for each entry of `communities`; the first is the root."""
    names = _Names(seed, canary=canary)
    uids = _uids(seed, len(communities))
    people = [
        Person(index, uid, ROOT_NICKNAME if index == 0 and not canary else names.nickname(index, community), community)
        for index, (uid, community) in enumerate(zip(uids, communities, strict=True))
    ]
    rng = Random(f"{seed}/weibo/profiles")
    for person in people:
        _fill(person, rng, names)
        if rng.random() < 0.45 or person.index == 0:
            person.domain = names.domain(person.index)
    _close(people, Random(f"{seed}/weibo/closed"))
    return people


def loaded(seed: int, listed: Sequence[Listed], *, expanded: frozenset[int]) -> list[Person]:
    """The people of a dataset; who is not in `expanded` (places in it) hides the list. Profiles are invented."""
    names = _Names(seed, canary=False)
    rng = Random(f"{seed}/weibo/profiles")
    people = [Person(index, entry.uid, entry.nickname, entry.community) for index, entry in enumerate(listed)]
    for person in people:
        _fill(person, rng, names)
        person.hides_followees = person.index not in expanded
    return people


def _fill(person: Person, rng: Random, names: _Names) -> None:
    """Invent a profile; every line of it may be missing but the nickname."""
    draw = rng.random
    community = words.COMMUNITIES[person.community % len(words.COMMUNITIES)]
    person.gender = None if draw() < 0.03 else ("男", "女")[int(2 * draw())]
    if draw() < 0.95:
        person.province, cities = words.PROVINCES[int(len(words.PROVINCES) * draw())]
        person.city = rng.choice(cities) if cities and draw() < 0.8 else None
    if draw() < 0.35 or person.index == 0:
        person.verified = "organisation" if person.index == 0 else VERIFIED[int(2 * draw())]
        reason = "领域博主" if person.verified == "person" else "机构官方微博"
        person.verified_reason = f"知名{community.name}{reason}"
    elif draw() < 0.2:
        person.talent = rng.choice(words.TALENTS)
    person.level = 1 + int(7 * draw()) if draw() < 0.6 else None
    if draw() < 0.7:
        date = f"{1 + int(12 * draw()):02}-{1 + int(28 * draw()):02}"
        person.birthday = (rng.choice(words.ZODIAC), date, f"{1970 + int(35 * draw())}-{date}")[int(3 * draw())]
    description = draw()
    if description > 0.1:
        text = rng.choice(words.DESCRIPTIONS).format(
            a=rng.choice(community.things), b=rng.choice(community.things), v=rng.choice(community.verbs)
        )
        person.description = "" if description < 0.2 else text
        if description > 0.8:
            person.description = f"{text}工作联系{names.private('mail', person.index)}@mail.example.org"
    person.tags = rng.sample(community.things, int(4 * draw()))
    if draw() < 0.3:
        person.education = [names.private("school", person.index) or rng.choice(words.SCHOOLS), "09级"][
            : 1 + int(2 * draw())
        ]
    if draw() < 0.3:
        person.work = [names.private("work", person.index) or rng.choice(words.EMPLOYERS)]
    if person.city and draw() < 0.5:
        person.place = names.private("place", person.index) or f"{person.province}·{person.city}·人民公园"
    person.follower_count = int(10 ** (1 + 6.5 * draw() ** 2)) + (9_000_000 if person.index == 0 else 0)


def _close(people: Sequence[Person], rng: Random) -> None:
    """Let some hide their followees, some their posts, and some be gone, at least one of each. The first five have
    lists of their own kinds (`weibo_follows`), and show them."""
    others = list(people[5:])
    rng.shuffle(others)
    hiding, silent, gone = (max(1, len(people) * share // 1000) for share in (50, 20, 15))
    for person in others[:hiding]:
        person.hides_followees = True
    for person in others[hiding : hiding + silent]:
        person.hides_posts = True
    for person in others[hiding + silent : hiding + silent + gone]:
        person.is_gone = True


def _uids(seed: int, count: int) -> list[str]:
    rng = Random(f"{seed}/weibo/uids")
    uids = [ROOT_UID, SHORT_UID][:count]
    known = set(uids)
    while len(uids) < count:
        uid = str(rng.randrange(LOWEST_UID, HIGHEST_UID))
        if uid not in known:
            known.add(uid)
            uids.append(uid)
    return uids


class _Names:
    """Names of person number 0, 1, 2, ...; of a canary world they are tokens that begin with ``cnry``."""

    def __init__(self, seed: int, *, canary: bool) -> None:
        self._seed = seed
        self._canary = canary
        self._rng = Random(f"{seed}/weibo/names")
        self._taken = {ROOT_NICKNAME}

    def nickname(self, index: int, community: int) -> str:
        """Unique; Han, Latin letters, digits, ``-`` and ``_``."""
        if self._canary:
            return self.token("nickname", index)
        choice = self._rng.choice
        own = words.COMMUNITIES[community % len(words.COMMUNITIES)].nicknames
        while True:
            form = int(5 * self._rng.random())
            first, middle, last = choice(words.FIRST_NAMES), choice(own), choice(words.LAST_NAMES)
            name = (
                f"{first}{middle}{last}",
                f"{middle}{last}",
                f"{middle}-{first}{last}",
                f"{first}_{middle}{int(1000 * self._rng.random())}",
                f"{last}{middle}",
            )[form]
            if name not in self._taken:
                self._taken.add(name)
                return name
            own = (f"{middle}{len(self._taken)}",)

    def domain(self, index: int) -> str:
        """Unique: a word, or for one in four a number of 9 digits, which no uid has."""
        if index % 4 == 1:
            return str(500_000_000 + 7919 * index % 300_000_000)
        if self._canary:
            return self.token("domain", index)
        syllables = self._rng.choices(("ba", "lu", "mi", "xing", "hai", "yun", "shan", "tian"), k=3)
        return f"{''.join(syllables)}{index:x}"

    def private(self, kind: str, index: int) -> str:
        """What a profile tells of a person and nobody may publish: a token in a canary world; else only for mail."""
        if self._canary:
            return self.token(kind, index)
        return f"hello{index}" if kind == "mail" else ""

    def token(self, kind: str, index: int) -> str:
        digest = hashlib.sha256(f"{self._seed}/weibo/{kind}/{index}".encode()).digest()
        return "cnry" + base64.b32encode(digest)[:16].decode().lower()
