"""Finding the models: one list of all of them, most liked first, read in parts where it ends too soon."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any

from scrapy import Request
from scrapy.exceptions import CloseSpider
from scrapy.http import HtmlResponse, Response

from crawlers.errors import LayoutChanged
from crawlers.items import Coverage, Gap, Remember, Rows
from crawlers.items.sketchfab import Like, Model, User
from crawlers.pages import sketchfab as pages
from crawlers.site_spider import Rendering, SiteSpider, essential, rendered
from crawlers.spiders.sketchfab.arguments import SketchfabArgs
from crawlers.spiders.sketchfab.reading import ModelList
from crawlers.spiders.sketchfab.slices import WHOLE, Slice, ends_too_soon

STRETCH = 10 * pages.PAGE_SIZE
"""Cards of the grid that make a page of ours: a crawl that is killed in mid-scroll reads no more than these again."""
GRID = Rendering(
    items=".c-grid__items .card-model[data-uid]",
    more=".c-grid__button.--next .button",
    refuse="#onetrust-reject-all-handler",
    enough=STRETCH,
)

Output = Iterator[Rows[Model] | Rows[Like] | Rows[User] | Request | Remember | Coverage | Gap]


class ModelLister(SiteSpider[SketchfabArgs]):
    """The half of the spider that finds the models: one chain of requests, page by page and part by part."""

    @abstractmethod
    def follow_models(self, models: Sequence[Model]) -> Output:
        """What new models lead to."""

    def first_request(self) -> Request:
        """The first page of the list, or what it takes to know its parts."""
        if self.args.categories:
            return self._list_page(self._categories_url(), ModelList(), self.parse_asked_categories)
        return self._list_page(self._url(WHOLE), ModelList())

    def _list_page(self, url: str, state: ModelList, callback: Any = None) -> Request:
        """A page of the list. All the rest hangs on the list, so the crawl does not end well without it."""
        kwargs = state.as_arguments()
        request = Request(url, callback or self.parse_models, cb_kwargs=kwargs, dont_filter=True, priority=1)
        return essential(rendered(request, GRID) if self.needs_browser() else request)

    def needs_browser(self) -> bool:
        return self.args.source == "browser"

    def _url(self, part: Slice) -> str:
        return pages.grid_url(category=part.category) if self.needs_browser() else part.url()

    def _categories_url(self) -> str:
        """A page that lists all categories; every page of the website does."""
        return pages.grid_url() if self.needs_browser() else pages.categories_url()

    def parse_asked_categories(self, response: Response, **state: Any) -> Output:
        slugs = pages.categories(response).values()
        if unknown := [slug for slug in self.args.categories if slug not in slugs]:
            self.logger.error("no such categories: %s; the site has %s", ", ".join(unknown), ", ".join(sorted(slugs)))
            raise CloseSpider("bad_argument")
        yield from self._next_part(ModelList(**state).divided(WHOLE.by_category(self.args.categories)))

    def parse_models(self, response: Response, **state: Any) -> Output:
        """One page of the list.

        A model that jumps over the cursor while the list is read is missed, and pushes one already read onto the next
        page. So when a row of the previous page stands here again, the list is read once more, until a reading has no
        jump. One jump may hide the same model in two readings, so a list that never rests is left only after
        QUIET_READINGS in a row brought nothing new.
        """
        before = ModelList(**state)
        in_grid = isinstance(response, HtmlResponse)
        listed = pages.grid_models(response) if isinstance(response, HtmlResponse) else pages.models(response)
        ids = [model.model_id for model in listed]
        if ids and ids == list(before.previous):
            raise LayoutChanged("the list of models", "a page with the very models of the page before it")
        wanted = listed.where(self.wants)
        by_id = {model.model_id: model for model in wanted}
        new = [model for model_id, model in by_id.items() if not self.memory.knows(f"model {model_id}")]
        if self.args.max_models:
            new = new[: self.args.max_models - before.found]
        added = {model.model_id for model in new}
        yield wanted.where(lambda one: one.model_id in added or self.memory.knows(f"model {one.model_id}"))
        yield from self._remembered(new)

        after = before.seen(ids, by_id, len(new))
        if self.args.max_models and after.found >= self.args.max_models:
            return
        following = pages.next_cards(response) if isinstance(response, HtmlResponse) else pages.next_page(response)
        # The list is not quite in order while it moves: only a page with no liked model at all is past the limit. The
        # grid has many pages in one, of which the last counts.
        goes_on = not by_id.keys().isdisjoint(ids[-pages.PAGE_SIZE :])
        if following is not None and (goes_on or not listed.seen):
            if self.memory.knows(visit := f"list {after.reading} {following}"):
                raise LayoutChanged("the list of models", "a 'next' that leads back into it")
            yield Remember(visit)
            yield self._list_page(following, after.next_page())
        elif after.wants_rest():
            yield self._list_page(self._url(after.slice), after.once_more())
        else:
            if after.jumped:
                self.logger.warning(
                    "the list of %s moved in each of %d readings; some may be missing", after.slice, after.reading
                )
            read = (after.page - 1) * (STRETCH if in_grid else pages.PAGE_SIZE) + listed.seen
            cut_off = following is None and goes_on and ends_too_soon(read, after.depth)
            least = min((model.like_count for model in wanted), default=0)
            yield from self._divide(after, read, least) if cut_off else self._next_part(after)

    def wants(self, model: Model | pages.Listed) -> bool:
        """Whether a model is one of those that were asked for."""
        asked = () if self.needs_browser() else self.args.categories  # a card does not show its category
        return model.like_count >= self.args.min_likes and (
            not asked or not set(asked).isdisjoint(model.categories or ())
        )

    def _remembered(self, models: Sequence[Model]) -> Output:
        for model in models:
            yield Remember(f"model {model.model_id}")
        yield from self.follow_models(models)

    def _divide(self, state: ModelList, read: int, like_count: int) -> Output:
        """Read in parts what was cut off after `read` models, the last of which has `like_count` likes."""
        cut = state.slice
        state = ModelList(**state.as_arguments() | {"depth": read})
        # The grid has no ranges of faces: it is read category by category only.
        by_faces = not self.needs_browser() and (cut.category is None or cut.category in self.args.categories)
        halves = cut.halves() if by_faces else []
        self.logger.info("the list of %s ends after %d models; reading it in parts", cut, read)
        if not cut.is_counted or not halves:
            gap = cut.beyond(like_count)
            self.logger.warning("what no list shows may be missing: %s", gap)
            yield Gap(Model, gap)
        if cut.category is None and (not cut.is_counted or not halves):
            yield self._list_page(self._categories_url(), state.divided(halves), self.parse_categories)
        else:
            yield from self._next_part(state.divided(halves))

    def parse_categories(self, response: Response, **state: Any) -> Output:
        """The categories, into which the part that was just read is to be divided."""
        after = ModelList(**state)
        yield from self._next_part(after.divided(after.slice.by_category([*pages.categories(response).values()])))

    def _next_part(self, state: ModelList) -> Output:
        if (following := state.next_part()) is not None:
            yield self._list_page(self._url(following.slice), following)
