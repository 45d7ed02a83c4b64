"""The world of Weibo: people who follow each other in communities, and what they post."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from functools import cached_property
from random import Random
from typing import TYPE_CHECKING

from sandbox.worlds import weibo_follows, weibo_people
from sandbox.worlds.degrees import heavy_tail
from sandbox.worlds.weibo_ids import picture_prefixes
from sandbox.worlds.weibo_posts import Comment, Post, Writer, comments

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sandbox.worlds.weibo_follows import List
    from sandbox.worlds.weibo_people import Listed, Person

SHARE = 3  # models of Sketchfab for each person
SMALLEST = 20
MEAN_POSTS = 7
ROOT_POSTS = 64  # more than the five pages that a crawl reads
PAGE = 10
LIST_PAGES = 20  # of followees that the site shows
FLICKERING = 0.02  # share of the pages of posts that are empty when they are first asked for
ACCOUNTS = tuple(f"account-{number}" for number in range(1, 6))


@dataclass(frozen=True, slots=True)
class Graph:
    """What a dataset says: who there is, the root first, and for each the places of those they follow, in list order;
    who follows nobody was never expanded."""

    people: Sequence[Listed]
    followees: Sequence[Sequence[int]]


@dataclass(frozen=True, slots=True)
class Account:
    """One of the accounts that crawl: pages that it is shown hold its own uid and its form token."""

    name: str
    uid: str
    token: str
    follows: frozenset[int]
    """Places of the people it follows: lists lack the button, and with it the uid, for them."""


@dataclass(slots=True)
class Crawled:
    """What a breadth-first crawl finds, that reads one list after the other."""

    discoveries: list[tuple[str, int, int, str | None]] = field(default_factory=list)
    """(uid, index, depth, uid of whom it was discovered from), in order; the root comes from nobody."""
    follows: list[tuple[str, str, int]] = field(default_factory=list)
    """(source, target, rank): rank 1 is the first row of the first page, 11 the first of the second."""
    follow_status: dict[str, str] = field(default_factory=dict)
    """uid -> complete, cut_by_limit, empty, hidden, gone, or not_tried: the limit of users was reached before."""
    post_status: dict[str, str] = field(default_factory=dict)
    """uid -> complete, cut_by_limit, empty, hidden or gone."""
    posts: list[Post] = field(default_factory=list)
    """By their authors in order of discovery; not those of pages beyond the limit."""

    @property
    def users(self) -> list[str]:
        """uids in the order of discovery."""
        return [uid for uid, *_ in self.discoveries]


class WeiboWorld:
    """All of Weibo there is. `people`: the root, uid 3237705130, is first. `graph` None invents who follows whom."""

    def __init__(self, seed: int, size: int, *, canary: bool = False, graph: Graph | None = None) -> None:
        self.seed = seed
        self.canary = canary
        self.is_loaded = graph is not None
        self.followees: list[List]
        if graph is None:
            planted = weibo_follows.communities(seed, max(SMALLEST, size // SHARE))
            self.people = weibo_people.invented(seed, planted, canary=canary)
            self.followees = weibo_follows.followees(seed, self.people)
        else:
            expanded = frozenset(index for index, ones in enumerate(graph.followees) if ones)
            self.people = weibo_people.loaded(seed, graph.people, expanded=expanded)
            self.followees = [weibo_follows.with_filtered(ones) for ones in graph.followees]
        self.by_uid = {person.uid: person for person in self.people}
        self.by_domain = {person.domain: person for person in self.people if person.domain}
        self.by_nickname = {person.nickname: person for person in self.people}
        self.root = self.people[0]
        self.accounts = self._make_accounts()
        self.posts = self._make_posts()
        """For each person the places of the list of posts, as the site pages them; None: not shown."""
        self._set_counts()

    @cached_property
    def by_bid(self) -> dict[str, Post]:
        """Every post that is shown."""
        return {post.bid: post for places in self.posts for post in places if post}

    @cached_property
    def by_mid(self) -> dict[str, Post]:
        """The same, by the decimal id."""
        return {post.mid: post for post in self.by_bid.values()}

    def comments(self, post: Post) -> list[Comment]:
        """All comments on a post, newest first."""
        return comments(self.seed, post, self.people)

    def flickers(self, person: Person, page: int) -> bool:
        """Whether this page of posts, in the middle of the list, is empty when it is first asked for: the root's third
        is, and a few of others."""
        if self.is_loaded or page == 1 or page * PAGE >= len(self.posts[person.index]):
            return False
        return (person.index, page) == (0, 3) or Random(
            f"{self.seed}/weibo/flicker/{person.uid}/{page}"
        ).random() < FLICKERING

    def communities(self) -> dict[str, int]:
        """uid -> the community the person was planted in."""
        return {person.uid: person.community for person in self.people}

    def crawl(
        self, users: int = 2000, follow_pages: int = 5, post_pages: int = 5, root: str = weibo_people.ROOT_UID
    ) -> Crawled:
        """The truth for a crawl: lists are read first come first served, until `users` (0: all) are discovered; the
        page that reaches the limit is read to its end, and its edges count."""
        found = Crawled([(root, 0, 0, None)])
        depths = {root: 0}
        queue = deque([self.by_uid[root]])
        while queue:
            person = queue.popleft()
            is_full = bool(users) and len(found.discoveries) >= users
            found.follow_status[person.uid] = "not_tried" if is_full else self._follow_status(person, follow_pages)
            for page in range(1, follow_pages + 1) if not is_full else ():
                rows = list(self.follow_rows(person, page))
                for rank, other in rows:
                    found.follows.append((person.uid, other.uid, rank))
                    if other.uid not in depths and not (users and len(depths) >= users):
                        depths[other.uid] = depths[person.uid] + 1
                        found.discoveries.append((other.uid, len(depths) - 1, depths[other.uid], person.uid))
                        queue.append(other)
                if users and len(depths) >= users:
                    if page < self.follow_page_count(person):
                        found.follow_status[person.uid] = "cut_by_limit"
                    break
            found.post_status[person.uid] = self._post_status(person, post_pages)
            if found.post_status[person.uid] in {"complete", "cut_by_limit"}:
                found.posts += [post for post in self.posts[person.index][: post_pages * PAGE] if post]
        return found

    def follow_rows(self, person: Person, page: int) -> Iterator[tuple[int, Person]]:
        """The rows of a page of a list: (rank, whom); ranks leave out none, though the page has empty places."""
        if person.is_gone or person.hides_followees or not 1 <= page <= LIST_PAGES:
            return
        places = self.followees[person.index][(page - 1) * PAGE : page * PAGE]
        rows = (self.people[index] for index in places if index is not None)
        for row, other in enumerate(rows, 1):
            yield (page - 1) * PAGE + row, other

    def follow_page_count(self, person: Person) -> int:
        """Pages of the list of followees that the site shows."""
        return min(LIST_PAGES, -(-len(self.followees[person.index]) // PAGE))

    def canaries(self) -> list[str]:
        """All that names a person in words: nicknames, domains, what profiles tell, and the accounts' form tokens."""
        tokens = [account.token for account in self.accounts]
        return tokens + [name for person in self.people for name in self.names_of(person)]

    def names_of(self, person: Person) -> list[str]:
        """All that names one person in words."""
        domain = person.domain if person.domain and not person.domain.isdecimal() else None
        private = [*person.education[:1], *person.work, person.place]
        return [name for name in (person.nickname, domain, *private) if name]

    @property
    def numbers(self) -> list[str]:
        """All that names a person by digits: uids, of the accounts too, numbers for domains (微号), and the beginnings
        of picture names, with the letters that follow them there."""
        uids = [person.uid for person in self.people] + [account.uid for account in self.accounts]
        domains = [domain for domain in self.by_domain if domain.isdecimal()]
        pictures = [f"{prefix}{kind}1g" for uid in uids for prefix in picture_prefixes(uid) for kind in ("ly", "gy")]
        return uids + domains + pictures

    def _make_posts(self) -> list[list[Post | None]]:
        rng = Random(f"{self.seed}/weibo/post counts")
        size = len(self.people)
        if self.is_loaded:
            counts = [int(4 * rng.random()) for _ in self.people]
        else:
            counts = heavy_tail(size, size * MEAN_POSTS, 1, 60)
            rng.shuffle(counts)
            counts[0], counts[1], counts[2] = ROOT_POSTS, PAGE, 0
        writer = Writer(self.seed)
        return [
            writer.posts(person, self._near(person), count) for person, count in zip(self.people, counts, strict=True)
        ]

    def _make_accounts(self) -> list[Account]:
        made = []
        for number, name in enumerate(ACCOUNTS, 1):
            rng = Random(f"{self.seed}/weibo/{name}")
            token = f"cnryst{rng.randrange(10**9):09}" if self.canary else f"{rng.randrange(16**6):06x}"
            every_17th = self.people[number + 2 :: 17] if not self.is_loaded else ()
            follows = (person.index for person in every_17th if not person.is_gone)
            uid = str(rng.randrange(weibo_people.LOWEST_UID, weibo_people.HIGHEST_UID))
            made.append(Account(name, uid, token, frozenset(follows)))
        return made

    def _set_counts(self) -> None:
        """Profiles state what the lists hold; posts and fans are more than can be read."""
        rng = Random(f"{self.seed}/weibo/stated")
        for person, people_listed in zip(self.people, self.followees, strict=True):
            hidden = person.hides_followees and not people_listed
            person.followee_count = 1 + int(400 * rng.random()) if hidden else len(people_listed)
        for person, places in zip(self.people, self.posts, strict=True):
            person.post_count = len(places)

    def _near(self, person: Person) -> list[Person]:
        """Whom a person speaks of."""
        return [self.people[index] for index in self.followees[person.index][:12] if index is not None]

    def _follow_status(self, person: Person, pages: int) -> str:
        places = len(self.followees[person.index])
        return _status(person, places, min(pages, LIST_PAGES), hidden=person.hides_followees)

    def _post_status(self, person: Person, pages: int) -> str:
        return _status(person, len(self.posts[person.index]), pages, hidden=person.hides_posts)


def _status(person: Person, places: int, pages: int, *, hidden: bool) -> str:
    """What becomes of a list with so many places of which so many pages are read."""
    if person.is_gone:
        return "gone"
    if hidden:
        return "hidden"
    if not places:
        return "empty"
    return "complete" if places <= pages * PAGE else "cut_by_limit"
