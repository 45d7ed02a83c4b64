"""Sketchfab: all models above a number of likes, and who likes them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field
from scrapy import Request
from scrapy.exceptions import CloseSpider
from scrapy.http import Response

from crawlers.errors import LayoutChanged
from crawlers.items import Coverage, Remember, Rows
from crawlers.items.sketchfab import Like, Model
from crawlers.pages import sketchfab as pages
from crawlers.site_spider import ApiToken, SiteSpider, SpiderArgs, essential

Output = Iterator[Rows[Model] | Rows[Like] | Request | Remember | Coverage]

QUIET_READINGS = 3
# Likes a model may gain, besides as many as it has, from the page that counts them to the page that lists them.
NEW_LIKES = 1000


class SketchfabArgs(SpiderArgs):
    min_likes: Annotated[int, Field(ge=0, description="keep models with at least this many likes")] = 5
    likes_source: Annotated[
        Literal["model"], Field(description="'model': who likes a model, from the website's private list, probed first")
    ] = "model"
    max_models: Annotated[int, Field(ge=0, description="stop after this many models; 0 = no limit")] = 0


class SketchfabSpider(SiteSpider[SketchfabArgs]):
    """List of models, most liked first -> for each model, the pages of its likes."""

    name = "sketchfab"
    api_tokens = (ApiToken("api.sketchfab.com", "SKETCHFAB_API_TOKEN", "Token"),)
    allowed_domains = ["sketchfab.com"]  # noqa: RUF012  (Scrapy's own shape, as below)
    custom_settings = {"DOWNLOAD_DELAY": 2.0}  # noqa: RUF012

    async def start(self) -> AsyncIterator[Request]:
        # Nobody documents who likes a model, so two requests find out whether the site still says it.
        yield essential(Request(pages.list_url(count=1), self.parse_probe_model))

    def parse_probe_model(self, response: Response) -> Output:
        for model in pages.models(response):
            yield essential(Request(pages.likes_url(model.model_id), self.parse_probe, dont_filter=True))

    def parse_probe(self, response: Response) -> Output:
        if not len(pages.likes(response, model_id="probe", first_position=0)):
            raise CloseSpider("source_gone")  # nobody likes the most liked model: it is not that list any more
        yield self.list_request(pages.list_url(), reading=1, found=0)

    def list_request(self, url: str, **kwargs: Any) -> Request:
        """A page of the list. All the rest hangs on the list, so the crawl does not end well without it."""
        return essential(Request(url, self.parse_models, cb_kwargs=kwargs, dont_filter=True, priority=1))

    def parse_models(
        self,
        response: Response,
        *,
        reading: int,
        found: int,
        previous: Sequence[str] = (),
        jumped: bool = False,
        news: bool = False,
        quiet: int = 0,
    ) -> Output:
        """One page of the list, in one reading of it from the start to the end.

        A model that jumps over the cursor while the list is read is missed, and pushes one already read onto the next
        page. So when a row of the `previous` page stands here again, the list is read once more, until a reading has no
        jump. One jump may hide the same model in two readings, so a list that never rests is left only after
        QUIET_READINGS in a row brought nothing new; `quiet` counts them. `found` counts the models of all readings.
        """
        listed = pages.models(response)
        ids = [model.model_id for model in listed]
        if ids and ids == list(previous):
            raise LayoutChanged("the list of models", "a page with the very models of the page before it")
        liked = listed.where(lambda model: model.like_count >= self.args.min_likes)
        stated = {model.model_id: model.like_count for model in liked}
        new = [model_id for model_id in stated if not self.memory.knows(f"model {model_id}")]
        if self.args.max_models:
            new = new[: self.args.max_models - found]
        yield liked.where(lambda model: model.model_id in new or self.memory.knows(f"model {model.model_id}"))
        for model_id in new:
            yield Remember(f"model {model_id}")
            kwargs = {"model_id": model_id, "stated": stated[model_id]}
            yield Request(pages.likes_url(model_id), self.parse_likes, cb_kwargs=kwargs)

        found += len(new)
        jumped = jumped or not stated.keys().isdisjoint(previous)
        news = news or bool(new)
        if self.args.max_models and found >= self.args.max_models:
            return
        following = pages.next_page(response)
        # The list is not quite in order while it moves: only a page with no liked model at all is past the limit.
        if following is not None and (len(liked) or not listed.seen):
            if self.memory.knows(visit := f"list {reading} {following}"):
                raise LayoutChanged("the list of models", "a 'next' that leads back into it")
            yield Remember(visit)
            state: dict[str, Any] = {"jumped": jumped, "news": news, "quiet": quiet}
            yield self.list_request(following, reading=reading, found=found, previous=ids, **state)
        elif jumped and (news or quiet + 1 < QUIET_READINGS):
            quiet = 0 if news else quiet + 1
            yield self.list_request(pages.list_url(), reading=reading + 1, found=found, quiet=quiet)
        elif jumped:
            self.logger.warning("the list of models moved in each of %d readings; some may be missing", reading)

    def parse_likes(
        self,
        response: Response,
        *,
        model_id: str,
        stated: int,
        page: int = 1,
        first_position: int = 0,
        received: int = 0,
        previous: Sequence[str] = (),
        again: bool = False,
    ) -> Output:
        """One page of the people who like a model, of whom there should be as many as the model `stated`.

        `received` counts them without those of the `previous` page that stand here once more. Where some did, and
        others are missing at the end, the list is read `again`. A page without anybody new is passed over as long as
        the pages are fewer than what is stated would fill: a list can go on for ever, each page under a URL of its own.
        """
        likes = pages.likes(response, model_id=model_id, first_position=first_position)
        ids = list({like.user_id: None for like in likes})
        new = [user_id for user_id in ids if user_id not in previous]
        received += len(new) + len(likes.invalid)
        if received > 2 * stated + NEW_LIKES:
            raise LayoutChanged("the likes of a model", "a list far longer than the model's count of likes")
        following = pages.next_page(response)
        if following is not None and self.memory.knows(f"likes {again} {following}"):
            raise LayoutChanged("the likes of a model", "a 'next' that leads back into the list")
        yield likes.where(lambda like: like.user_id in new)
        yield Remember(f"likes {again} {response.url}")

        seen = first_position + likes.seen
        if following is not None and (new or page * pages.PAGE_SIZE < stated):
            yield self.likes_request(
                following, model_id=model_id, stated=stated, page=page + 1, first_position=seen, received=received,
                previous=ids, again=again,
            )  # fmt: skip
        elif received < min(seen, stated) and not again:
            yield self.likes_request(pages.likes_url(model_id), model_id=model_id, stated=stated, again=True)
        else:
            yield Coverage(Like, stated=stated, received=received)

    def likes_request(self, url: str, **kwargs: Any) -> Request:
        """A page of a list that is begun: read before the others, so that it moves as little as may be meanwhile."""
        return Request(url, self.parse_likes, cb_kwargs=kwargs, dont_filter=True, priority=1)
