"""Letterboxd: members, the films they have seen with their ratings and likes, and the films."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator
from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from crawlers.errors import PageGone
from crawlers.items import Coverage, Item, Pseudonymize, Remember, Rows, Tally
from crawlers.items.letterboxd import DiaryEntry, Film, FilmSlug, Member, MemberName, Rating, Slug
from crawlers.pages import letterboxd as pages
from crawlers.site_spider import (
    ApiToken,
    Listed,
    ListedInFile,
    SiteSpider,
    SpiderArgs,
    essential,
    failed_request,
    is_ruled_out,
    replaceable,
)  # fmt: skip

Output = Iterator[Rows[Any] | Item | Request | Remember | Tally | Coverage]

TMDB = ApiToken("api.themoviedb.org", "TMDB_API_KEY", "Bearer")
RATED_AT_LEAST = "rated_at_least="


class LetterboxdArgs(SpiderArgs):
    members: Annotated[
        tuple[MemberName, ...], Listed, Pseudonymize("user"), Field(description="names of members, comma-separated")
    ] = ()
    members_file: Annotated[
        tuple[MemberName, ...], ListedInFile, Pseudonymize("user"),
        Field(description="file with a member's name a line; names given like this stand in no process list"),
    ] = ()  # fmt: skip
    seed_films: Annotated[
        tuple[FilmSlug, ...],
        Listed,
        Field(description="names of films in addresses: members are those who rated them"),
    ] = ()
    popular: Annotated[
        Literal["week", "month", "year"] | None,
        Field(description="members popular in this week, month or year; robots.txt rules these lists out"),
    ] = None
    max_members: Annotated[int, Field(ge=0, description="stop after this many members; 0 = no limit")] = 4000
    source: Annotated[
        Literal["web", "rss"], Field(description="'web': films with ratings; 'rss': the 50 newest diary entries")
    ] = "web"
    rated_only: Annotated[bool, Field(description="leave out films that were seen and not rated")] = True
    films: Annotated[
        str,
        Field(
            pattern=rf"^(none|{RATED_AT_LEAST}[1-9][0-9]{{0,8}})$",
            description="'rated_at_least=N': the pages of films that N members of this crawl rated; 'none'",
        ),
    ] = "none"
    tmdb: Annotated[bool, Field(description="facts on these films from The Movie Database, with TMDB_API_KEY")] = False
    since: Annotated[
        Literal["last"] | None,
        Field(description="'last': newest first, until a page has nothing new; on the web robots.txt rules it out"),
    ] = None

    @model_validator(mode="after")
    def _agree(self) -> Self:
        names = "members" if self.members else "members_file"
        places = {names: self.members or self.members_file, "seed_films": self.seed_films, "popular": self.popular}
        if len(given := [name for name, value in places.items() if value]) > 1:
            raise ValueError(f"{' and '.join(given)} each say whose films to read; give one of them")
        if self.tmdb and self.films == "none":
            raise ValueError(f"tmdb adds to the rows of films; give films={RATED_AT_LEAST}N, too")
        return self


class LetterboxdSpider(SiteSpider[LetterboxdArgs]):
    """Members, from a list, from those who rated a film or by name -> each one's films -> pages of the films."""

    name = "letterboxd"
    api_tokens = (TMDB,)
    allowed_domains = ["letterboxd.com", TMDB.host]  # noqa: RUF012  (Scrapy's own shape, as below)
    custom_settings = {  # noqa: RUF012
        "DOWNLOAD_DELAY": 2.0,
        "DOWNLOAD_SLOTS": {TMDB.host: {"concurrency": 1, "delay": 0.1, "jitter": 0.0}},
    }
    notice = (
        "Letterboxd's terms forbid automated extraction unless the site permits it; since January 2026 it answers "
        "clients like this one with a challenge, and then the crawl ends as 'blocked'. See docs/sites/letterboxd.md"
    )

    def needed_tokens(self) -> Mapping[ApiToken, str]:
        instead = "give the read access token of your account there (themoviedb.org/settings/api), or leave tmdb out"
        return {TMDB: instead} if self.args.tmdb else {}

    def rests_on(self) -> Sequence[str]:
        urls = [pages.popular_url(self.args.popular)] if self.args.popular else []
        return [*urls, self.grid_url("somebody")] if self.newest_first else urls

    def collected(self) -> list[type[Item]]:
        by_name = self.args.members or self.args.members_file
        tables: list[type[Item]] = [] if by_name or self.args.seed_films else [Member]
        if self.args.source == "rss":
            tables.append(DiaryEntry)
        if self.args.source == "web" or self.args.seed_films:
            tables.append(Rating)
        if Rating in tables or self.at_least:
            tables.append(Slug)
        return [*tables, Film] if self.at_least else tables

    @property
    def at_least(self) -> int:
        """How many ratings make a film's page worth a request; 0: no number does."""
        return int(self.args.films.removeprefix(RATED_AT_LEAST)) if self.args.films != "none" else 0

    @property
    def newest_first(self) -> bool:
        return self.args.since is not None and self.args.source == "web"

    async def start(self) -> AsyncIterator[Request]:
        named = list(dict.fromkeys([*self.args.members, *self.args.members_file]))
        if named:
            for member in named[: self.args.max_members or None]:
                yield self.member_request(member)
        elif self.args.seed_films:
            yield self.seed_request(self.args.seed_films, found=0)
        else:
            kwargs = {"first_rank": 1, "found": 0}
            yield essential(Request(pages.popular_url(self.args.popular), self.parse_popular, cb_kwargs=kwargs))

    # -- members -----------------------------------------------------------------------------------------------------

    def parse_popular(self, response: Response, *, first_rank: int, found: int) -> Output:
        """One page of a list of members, which may move while it is read: a member may stand on two pages."""
        listed = pages.members(response, first_rank=first_rank)
        taken, new = self.take((row.user_id for row in listed), found)
        yield listed.where(lambda row: row.user_id in taken)
        for member in new:
            yield Remember(f"member {member}")
            yield self.member_request(member)
        found += len(new)
        following = pages.next_page(response)
        if following is not None and self.may_take(found):
            kwargs = {"first_rank": first_rank + listed.seen, "found": found}
            yield essential(Request(following, self.parse_popular, cb_kwargs=kwargs, priority=1))

    def seed_request(self, films: Sequence[str], *, found: int) -> Request:
        """The first page of those who rated the first of `films`; the others follow, so that `found` counts all."""
        kwargs = {"films": list(films), "found": found}
        return self.film_members_request(pages.film_members_url(films[0]), kwargs, self.no_seed)

    def film_members_request(self, url: str, kwargs: dict[str, Any], errback: Any = None) -> Request:
        """One of a chain, which would end at a page read before: of a film named twice, or by its old name, too."""
        request = Request(url, self.parse_film_members, errback=errback, cb_kwargs=kwargs, priority=1, dont_filter=True)
        return essential(request)

    def parse_film_members(self, response: Response, *, films: Sequence[str], found: int) -> Output:
        """One page of those who rated a film, with what they gave it."""
        listed = pages.film_ratings(response)
        taken, new = self.take((row.user_id for row in listed), found)
        rows = listed.where(lambda row: row.user_id in taken)
        yield rows
        yield from self.counted(rows)
        for row in listed.items[:1]:
            for name in {row.film_slug, films[0]}:
                yield Slug(film_id=row.film_id, slug=name)
        for member in new:
            yield Remember(f"member {member}")
            yield self.member_request(member)
        found += len(new)
        following = pages.next_page(response)
        if not self.may_take(found):
            return
        if following is not None:
            yield self.film_members_request(following, {"films": films, "found": found})
        elif films[1:]:
            yield self.seed_request(films[1:], found=found)

    def no_seed(self, failure: Failure) -> Output:
        if not isinstance(failure.value, PageGone):
            failure.raiseException()
        kwargs = failed_request(failure).cb_kwargs
        self.logger.warning("there is no film %s", kwargs["films"][0])
        if kwargs["films"][1:]:
            yield self.seed_request(kwargs["films"][1:], found=kwargs["found"])

    def take(self, names: Iterable[str], found: int) -> tuple[set[str], list[str]]:
        """Of the members on a page those within the limit, and which of them are met for the first time."""
        known: set[str] = set()
        new: list[str] = []
        for name in dict.fromkeys(names):
            if self.memory.knows(f"member {name}"):
                known.add(name)
            elif self.may_take(found + len(new)):
                new.append(name)
        return known.union(new), new

    def may_take(self, found: int) -> bool:
        return not self.args.max_members or found < self.args.max_members

    # -- a member's films --------------------------------------------------------------------------------------------

    def member_request(self, member: str) -> Request:
        """The first page of what is collected of a member."""
        if self.args.source == "rss":
            return Request(pages.feed_url(member), self.parse_feed)
        request = Request(self.grid_url(member), self.parse_grid, errback=self.no_grid)
        return replaceable(request) if self.args.rated_only and not self.newest_first else request

    def grid_url(self, member: str, rated: str | None = None) -> str:
        rated = rated or (pages.RATED if self.args.rated_only else None)
        return pages.grid_url(member, rated=rated, newest_first=self.newest_first)

    def no_grid(self, failure: Failure) -> Output:
        """Where robots.txt rules out the list of rated films, all are read instead. A member who is gone is no loss."""
        address = pages.address_of(failed_request(failure).url)
        if is_ruled_out(failure.value) and address.is_filtered and not self.newest_first:
            yield Request(pages.grid_url(address.member), self.parse_grid)
        elif not isinstance(failure.value, PageGone):
            failure.raiseException()

    def parse_grid(self, response: Response, *, received: int = 0) -> Output:
        """One page of a member's films. `received` counts the tiles of the pages before it.

        A list that the site cuts is read anew, as one list a rating; newest first it is cut only where it is read to
        its last page.
        """
        listed = pages.ratings(response, first_position=received)
        address, extent = pages.address_of(response.url), pages.extent(response)
        following = pages.next_page(response)
        is_whole_list = address.stars is None and address.rated != "none"
        if extent.is_cut and is_whole_list and (following is None if self.newest_first else address.page == 1):
            self.logger.warning(
                "a member has more films than the %d pages of a list show; reading them rating by rating",
                pages.MOST_PAGES,
            )
            for rated in pages.one_by_one(rated_only=self.args.rated_only):
                yield Request(pages.grid_url(address.member, rated=rated), self.parse_grid)
            if not self.newest_first:
                return
        rows = listed.where(lambda row: row.rating is not None) if self.args.rated_only else listed
        yield rows
        yield pages.film_slugs(rows)
        yield from self.counted(rows)
        received += listed.seen
        if self.newest_first and is_whole_list and self.knows_the_rest(rows, extent):
            return
        if following is not None:
            # Before other members' lists, so that this one moves as little as may be meanwhile.
            yield Request(following, self.parse_grid, cb_kwargs={"received": received}, priority=1)
        elif extent.films is not None:
            yield Coverage(Rating, stated=extent.films, received=received)

    def knows_the_rest(self, rows: Rows[Rating], extent: pages.Extent) -> bool:
        """Whether a page of a list that is read newest first says nothing new, and neither will those after it.

        As long as fewer films of the member are published than the list has, some of them may never have been read.
        """
        if not len(rows) or len(self.published.news(rows, "rating", "liked")):
            return False
        return self.published.count_like(rows[0], "rating" if self.args.rated_only else "film_id") >= extent.least

    def parse_feed(self, response: Response) -> Output:
        """A feed is one page, so it has nothing to stop at; its entries that are known already change nothing."""
        rows = pages.diary(response)
        yield rows
        yield from self.counted(rows)

    # -- films -------------------------------------------------------------------------------------------------------

    def counted(self, rows: Rows[Rating] | Rows[DiaryEntry]) -> Iterator[Tally | Remember]:
        """Which films were rated, if their pages are wanted. A member counts once for a film, however often the rating
        comes: in the member's list and in that of a film, on two pages of a list that moved, or as a second viewing."""
        if self.at_least:
            rated = dict.fromkeys((row.user_id, row.film_slug) for row in rows.items if row.rating is not None)
            new = [(member, film) for member, film in rated if not self.memory.knows(f"rated {member} {film}")]
            yield from (Remember(f"rated {member} {film}") for member, film in new)
            yield Tally([f"film {film}" for _, film in new])

    def last_requests(self, tallied: Callable[[str], Iterable[tuple[str, int]]]) -> Iterator[Request]:
        """The pages of the films that were rated often enough, which is known when all lists are read."""
        if self.at_least:
            for slug, count in tallied("film "):
                if count >= self.at_least:
                    yield Request(pages.film_url(slug), self.parse_film, cb_kwargs={"slug": slug})

    def parse_film(self, response: Response, *, slug: str) -> Output:
        """A film's page; its name in addresses may be another than the one it was asked for by."""
        rows = pages.film(response)
        for film in rows:
            for name in {film.slug, slug}:
                yield Slug(film_id=film.film_id, slug=name)
        if self.args.tmdb and len(rows) and rows[0].tmdb_id is not None and rows[0].tmdb_type is not None:
            url = pages.tmdb_url(rows[0].tmdb_type, rows[0].tmdb_id)
            kwargs = {"film": rows[0].model_dump()}
            yield replaceable(
                Request(url, self.parse_tmdb, errback=self.no_tmdb, cb_kwargs=kwargs, dont_filter=True, priority=1)
            )
        else:
            yield rows

    def parse_tmdb(self, response: Response, *, film: Mapping[str, Any]) -> Output:
        yield pages.film_with_tmdb(response, film=film)

    def no_tmdb(self, failure: Failure) -> Output:
        """Of a film that The Movie Database does not know, the row of its own page is all there is."""
        if not (isinstance(failure.value, PageGone) or is_ruled_out(failure.value)):
            failure.raiseException()
        yield Film(**failed_request(failure).cb_kwargs["film"])
