"""Where the reading of a list stands: what one page of it hands on to the next, in the arguments of its callback."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from scrapy.http import Response

from crawlers.items import Rows
from crawlers.items.sketchfab import Like
from crawlers.pages import sketchfab as pages
from crawlers.spiders.sketchfab.slices import WHOLE, Slice

QUIET_READINGS = 3
STALE_PAGES = 3
"""Pages in a row without anything new after which a list that states no length is left."""
# Likes a model may gain, besides as many as it has, from the page that counts them to the page that lists them.
NEW_LIKES = 1000
LONGEST = 1_000_000
"""Likes that nobody has given: a list that states no length and goes on for so long is no list of likes."""

ListPart = list[Any]
"""A `Slice` as JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelList:
    """The list of models: one page after the other, reading after reading, part after part.

    `part` is the slice that is read, `todo` those that follow; a search was once cut off after `depth` models. `found`
    counts the models of all that was read. Of this `reading`, the page is number `page`, and the page before held the
    models `previous`; `jumped` says whether one stood there again, `news` whether some model was new. `quiet` counts
    the readings of the part before this one that jumped and brought nothing new.
    """

    part: ListPart | Slice = WHOLE
    todo: Sequence[ListPart | Slice] = ()
    depth: int | None = None
    found: int = 0
    reading: int = 1
    page: int = 1
    previous: Sequence[str] = ()
    jumped: bool = False
    news: bool = False
    quiet: int = 0

    @property
    def slice(self) -> Slice:
        return Slice(*self.part)

    def seen(self, ids: Sequence[str], wanted: Iterable[str], new: int) -> ModelList:
        """With what this page holds: the models `ids`, those of them that are `wanted`, and `new` ones among these."""
        # A grid that grew while it was looked at shows the jump within itself.
        jumped = self.jumped or not set(wanted).isdisjoint(self.previous) or len(set(ids)) < len(ids)
        return replace(self, jumped=jumped, news=self.news or new > 0, found=self.found + new, previous=ids)

    def next_page(self) -> ModelList:
        return replace(self, page=self.page + 1)

    def wants_rest(self) -> bool:
        """Whether the part is to be read once more: a jump may have hidden a model."""
        return self.jumped and (self.news or self.quiet + 1 < QUIET_READINGS)

    def once_more(self) -> ModelList:
        quiet = 0 if self.news else self.quiet + 1
        return self._from_the_top(reading=self.reading + 1, quiet=quiet)

    def next_part(self) -> ModelList | None:
        """The first page of the part that follows; None: there is none."""
        if not self.todo:
            return None
        part, *todo = self.todo
        return self._from_the_top(part=part, todo=todo, reading=1, quiet=0)

    def divided(self, parts: Sequence[Slice]) -> ModelList:
        """The same with more to do."""
        return replace(self, todo=[*parts, *self.todo])

    def _from_the_top(self, **changes: Any) -> ModelList:
        return replace(self, page=1, previous=(), jumped=False, news=False, **changes)

    def as_arguments(self) -> dict[str, Any]:
        return _changed(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class LikeList:
    """One list of likes: of who likes the model `model_id`, or of what the person `user_id`, called `username`, likes.

    The id of the person is there also so that the request is found if this person is to be forgotten.

    There should be as many as were `stated`; None: nobody said how many. The page is number `page`, its first row
    stands at `first_position`, and the page before held the models or people `previous`. `received` counts all that
    came, without those that came twice in a row. `stale` pages before this one brought nothing new. `again`: the list
    is read for the second time.
    """

    model_id: str | None = None
    user_id: str | None = None
    username: str = ""
    stated: int | None = None
    page: int = 1
    first_position: int = 0
    received: int = 0
    previous: Sequence[str] = ()
    stale: int = 0
    again: bool = False

    def first_url(self) -> str:
        """The list's first page."""
        return pages.liked_url(self.username) if self.model_id is None else pages.likes_url(self.model_id)

    def read(self, response: Response) -> tuple[Rows[Like], list[str]]:
        """The likes on a page, and whom or what they name besides the list's own model or person, each once."""
        at = self.first_position
        if self.model_id is not None:
            likes = pages.likes(response, model_id=self.model_id, first_position=at)
            return likes, list({like.user_id: None for like in likes})
        likes = pages.liked(response, user_id=self.user_id or "", first_position=at)
        return likes, list({like.model_id: None for like in likes})

    def seen(self, ids: Sequence[str], *, new: int, invalid: int, rows: int) -> LikeList:
        """With what this page holds: so many `rows`, of which `invalid` ones cannot be read; of the others, which name
        these `ids`, `new` ones did not stand on the page before."""
        return replace(
            self,
            received=self.received + new + invalid,
            first_position=self.first_position + rows,
            previous=ids,
            stale=0 if new else self.stale + 1,
        )

    def next_page(self) -> LikeList:
        return replace(self, page=self.page + 1)

    def is_too_long(self) -> bool:
        """Whether more came than can be."""
        return self.received > (LONGEST if self.stated is None else 2 * self.stated + NEW_LIKES)

    def may_go_on(self) -> bool:
        return _may_go_on(self)

    def lost_some(self) -> bool:
        """Whether rows that came twice took the place of others."""
        return self.stated is not None and self.received < min(self.first_position, self.stated)

    def once_more(self) -> LikeList:
        """From its first page."""
        return LikeList(
            model_id=self.model_id, user_id=self.user_id, username=self.username, stated=self.stated, again=True
        )

    def as_arguments(self) -> dict[str, Any]:
        return _changed(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleList:
    """A list of people: of those who comment, where there should be as many comments as were `stated`, or of those who
    follow somebody. It is read up to page number `page`; `stale` pages in a row held the very people of the page before
    them, which were `previous`.
    """

    stated: int | None = None
    page: int = 1
    previous: Sequence[str] = ()
    stale: int = 0

    def seen(self, ids: Sequence[str]) -> PeopleList:
        """With the people of this page."""
        return replace(self, previous=ids, stale=self.stale + 1 if ids == list(self.previous) else 0)

    def next_page(self) -> PeopleList:
        return replace(self, page=self.page + 1)

    def may_go_on(self) -> bool:
        return _may_go_on(self)

    def as_arguments(self) -> dict[str, Any]:
        return _changed(self)


def _may_go_on(state: LikeList | PeopleList) -> bool:
    """Whether more may come after a page that brought nothing new: a list can go on for ever, each page under a URL of
    its own. A stated length says how many pages there can be."""
    if not state.stale:
        return True
    return state.stale < STALE_PAGES if state.stated is None else state.page * pages.PAGE_SIZE < state.stated


def _changed(state: ModelList | LikeList | PeopleList) -> dict[str, Any]:
    """What is not as it is at first: most requests of a queue are for first pages."""
    return {field.name: value for field in fields(state) if (value := getattr(state, field.name)) != field.default}
