"""Which page of Sketchfab leads to which: the probe, the people whom models lead to, and the lists of likes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import replace
from typing import Any

from scrapy import Request
from scrapy.exceptions import CloseSpider
from scrapy.http import Response
from twisted.python.failure import Failure

from crawlers.errors import LayoutChanged, PageGone
from crawlers.items import Coverage, Item, Remember
from crawlers.items.expected import Expected
from crawlers.items.sketchfab import Like, Model, User
from crawlers.pages import sketchfab as pages
from crawlers.site_spider import ApiToken, essential, failed_request
from crawlers.spiders.sketchfab.listing import ModelLister, Output
from crawlers.spiders.sketchfab.reading import LikeList, PeopleList


class SketchfabSpider(ModelLister):
    """Probe -> list of models, most liked first -> likes: of the people whom models lead to, or of each model."""

    name = "sketchfab"
    api_tokens = (ApiToken("api.sketchfab.com", "SKETCHFAB_API_TOKEN", "Token"),)
    allowed_domains = ["sketchfab.com"]  # noqa: RUF012  (Scrapy's own shape, as below)
    custom_settings = {"DOWNLOAD_DELAY": 2.0}  # noqa: RUF012

    def rests_on(self) -> Sequence[str]:
        if self.needs_browser():
            return [pages.grid_url()]
        of_people = [pages.liked_url("somebody"), pages.comments_url("something")]
        return [pages.list_url(), *(of_people if self._asks_people() else [pages.likes_url("something")])]

    def collected(self) -> list[type[Item]]:
        if self.needs_browser():
            return [Model]
        return [table for table in super().collected() if table is not User or self.args.profiles]

    def expected(self, table: type[Item]) -> Expected:
        # Neither times nor tags nor faces are shown on a card.
        expected = super().expected(table)
        return replace(expected, max_null_share={}) if self.needs_browser() else expected

    def _asks_people(self) -> bool:
        return self.args.likes_source == "user"

    # -- the probe: does the site still say who likes what? ----------------------------------------------------------

    async def start(self) -> AsyncIterator[Request]:
        if self.needs_browser():
            yield self.first_request()
        elif self._asks_people():
            yield essential(Request(pages.models_url(), self.parse_unfiltered))
        else:
            yield essential(Request(pages.list_url(count=1), self.parse_probe_model))

    def parse_unfiltered(self, response: Response) -> Output:
        """What a list that ignores its filter would give."""
        unfiltered = [model.model_id for model in pages.models(response)]
        yield essential(Request(pages.list_url(), self.parse_candidates, cb_kwargs={"unfiltered": unfiltered}))

    def parse_candidates(self, response: Response, *, unfiltered: Sequence[str]) -> Output:
        """The uploaders of the most liked models: somebody of them will like something."""
        people = {model.username: model.user_id for model in pages.models(response) if model.username}
        candidates = [[user_id, username] for username, user_id in people.items()]
        yield self._ask_somebody(candidates, unfiltered)

    def _ask_somebody(self, candidates: Sequence[Sequence[str]], unfiltered: Sequence[str]) -> Request:
        if not candidates:
            self.logger.error("nobody's list of likes holds anything but what an unfiltered list holds")
            raise CloseSpider("source_gone")
        (user_id, username), *others = candidates
        kwargs = {"asked": user_id, "candidates": others, "unfiltered": unfiltered}
        url = pages.liked_url(username)
        return essential(Request(url, self.parse_probe, errback=self.probe_failed, cb_kwargs=kwargs, dont_filter=True))

    def parse_probe(
        self, response: Response, *, asked: str, candidates: Sequence[Sequence[str]], unfiltered: Sequence[str]
    ) -> Output:
        """What somebody likes; `asked` is there so that the request is found if this person is to be forgotten."""
        liked = [*pages.listed(response)]
        if liked and liked != list(unfiltered):
            yield self.first_request()
        else:  # likes nothing, or is somebody whom the site does not ask about
            yield self._ask_somebody(candidates, unfiltered)

    def probe_failed(self, failure: Failure) -> Request:
        """An account may be gone."""
        if not isinstance(failure.value, PageGone):
            failure.raiseException()
        kwargs = failed_request(failure).cb_kwargs
        return self._ask_somebody(kwargs["candidates"], kwargs["unfiltered"])

    def parse_probe_model(self, response: Response) -> Output:
        for model in pages.models(response):
            yield essential(Request(pages.likes_url(model.model_id), self.parse_probe_likes, dont_filter=True))

    def parse_probe_likes(self, response: Response) -> Output:
        if not len(pages.likes(response, model_id="probe", first_position=0)):
            raise CloseSpider("source_gone")  # nobody likes the most liked model: it is not that list any more
        yield self.first_request()

    # -- the people to whom models lead ------------------------------------------------------------------------------

    def follow_models(self, models: Sequence[Model]) -> Output:
        if self.needs_browser():
            return
        if self._asks_people() or self.args.profiles:
            yield from self._meet(pages.Person(model.user_id, model.username) for model in models)
        for model in models:
            if not self._asks_people():
                yield self._first_likes(LikeList(model_id=model.model_id, stated=model.like_count))
            elif model.comment_count != 0 and not self._has_all_users():
                comments = PeopleList(stated=model.comment_count).as_arguments()
                yield Request(pages.comments_url(model.model_id), self.parse_comments, cb_kwargs=comments)

    def parse_comments(self, response: Response, **state: Any) -> Output:
        """One page of the comments on a model."""
        people = pages.commenters(response)
        yield from self._meet(people.found)
        yield from self._next_people(response, people, PeopleList(**state), self.parse_comments)

    def parse_followers(self, response: Response, **state: Any) -> Output:
        """One page of the people who follow somebody. Whom these lead to is not asked: it would be the whole site."""
        people = pages.followers(response)
        yield from self._meet(people.found, with_followers=False)
        yield from self._next_people(response, people, PeopleList(**state), self.parse_followers)

    def _next_people(self, response: Response, people: pages.People, before: PeopleList, callback: Any) -> Output:
        if people.invalid:
            self.logger.warning("%d people on a page cannot be read", len(people.invalid))
        after = before.seen([person.user_id for person in people.found])
        following = pages.next_page(response)
        if following is not None and after.may_go_on() and not self._has_all_users():
            yield Request(following, callback, cb_kwargs=after.next_page().as_arguments(), priority=1)

    def _has_all_users(self) -> bool:
        return bool(0 < self.args.max_users <= self.memory.recall("users", 0))

    def _meet(self, people: Iterable[pages.Person], *, with_followers: bool = True) -> Output:
        """Ask about people who were not met before. To be called once for a page: what it remembers is known then.

        Nothing comes between a callback and the end of its page, so that the count of people is right.
        """
        count = self.memory.recall("users", 0)
        for person in {person.user_id: person for person in people}.values():
            known = self.memory.knows(f"user {person.user_id}")
            if not known:
                if 0 < self.args.max_users <= count:
                    continue
                count += 1
                yield Remember(f"user {person.user_id}")
                yield from self._ask_about(person)
            if self.args.followers and with_followers:
                yield Request(pages.followers_url(person.user_id), self.parse_followers)
        if self.args.max_users:
            yield Remember("users", count)

    def _ask_about(self, person: pages.Person) -> Output:
        if self.args.profiles or (self._asks_people() and person.username is None):
            kwargs = {"username": person.username}
            yield Request(pages.user_url(person.user_id), self.parse_user, cb_kwargs=kwargs)
        elif self._asks_people() and person.username is not None:
            yield self._first_likes(LikeList(user_id=person.user_id, username=person.username))

    def parse_user(self, response: Response, *, username: str | None) -> Output:
        """An account, of which a list may have said the name."""
        rows = pages.user(response)
        if self.args.profiles or rows.unreadable:  # the page is not what it was, whatever it was asked for
            yield rows
        for user in rows:
            if self._asks_people() and (name := user.username or username):
                likes = LikeList(user_id=user.user_id, username=name, stated=user.like_count)
                yield self._first_likes(likes)

    def _first_likes(self, likes: LikeList) -> Request:
        return Request(likes.first_url(), self.parse_likes, cb_kwargs=likes.as_arguments())

    # -- likes -------------------------------------------------------------------------------------------------------

    def parse_likes(self, response: Response, **state: Any) -> Output:
        """One page of the people who like a model, or of the models that a person likes.

        Rows of the page before that stand here once more are passed over. Where some did, and others are missing at the
        end, the list is read again. A page without anything new is passed over, too, as long as more may come.
        """
        before = LikeList(**state)
        likes, ids = before.read(response)
        new = [one for one in ids if one not in before.previous]
        after = before.seen(ids, new=len(new), invalid=len(likes.invalid), rows=likes.seen)
        if after.is_too_long():
            raise LayoutChanged("a list of likes", "a list far longer than it can be")
        following = pages.next_page(response)
        if following is not None and self.memory.knows(f"likes {after.again} {following}"):
            raise LayoutChanged("a list of likes", "a 'next' that leads back into the list")
        if after.model_id is not None:
            yield likes.where(lambda like: like.user_id in new)
            if self.args.profiles:
                yield from self._meet(pages.Person(user_id, None) for user_id in new)
        else:
            listed = pages.listed(response)
            yield likes.where(lambda like: like.model_id in new and self.wants(listed[like.model_id]))
        yield Remember(f"likes {after.again} {response.url}")

        if following is not None and after.may_go_on():
            yield self.likes_page(following, after.next_page())
        elif after.lost_some() and not after.again:
            yield self.likes_page(after.first_url(), after.once_more())
        elif after.stated is not None:
            yield Coverage(Like, stated=after.stated, received=after.received)

    def likes_page(self, url: str, state: LikeList) -> Request:
        """A page of a list that is begun: read before the others, so that it moves as little as may be meanwhile."""
        return Request(url, self.parse_likes, cb_kwargs=state.as_arguments(), dont_filter=True, priority=1)
