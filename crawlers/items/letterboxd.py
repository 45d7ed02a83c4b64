"""Tables of Letterboxd: members, their ratings of films, the films, and dated entries of diaries."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from crawlers.items.about import About, IdForm
from crawlers.items.expected import Expected
from crawlers.items.item import Item
from crawlers.items.markers import Count, Key, Pseudonymize, Tokenize, Value

ABOUT = About(
    title="Letterboxd",
    homepage="https://letterboxd.com",
    summary="Popular members, the films they have seen with their ratings and likes, and the films.",
    sources="The website's public pages and feeds, in the markup of 2023 to July 2026; facts on films also from the "
    "API of The Movie Database, where that is asked for. This product uses the TMDB API but is not endorsed or "
    "certified by TMDB.",
    robots="A copy of robots.txt of July 2025 rules out sorted lists and the popular members of a week, month or year; "
    "members' films, ratings and feeds are allowed. A crawl obeys it by default.",
    terms="The site's terms of December 2025 forbid robots, scrapers and other automated extraction unless the site "
    "authorises them, and forbid exporting content that is not one's own. A crawl needs the site's permission.",
    gaps="The site gives no date of a rating, and at most 128 pages of a list; longer ones are read rating by rating. "
    "Private and deleted members are not there. Display names, pictures, biographies and locations are left out.",
    ids={
        "user": IdForm("the member's name in addresses: letters, digits and _"),
        "entry": IdForm("the entry's number"),
    },
)

# The site takes either case for one member; 6,391 of its names have 2 to 15 characters.
MemberName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]{1,64}$", to_lower=True)]
FilmId = Annotated[str, Field(pattern=r"^[0-9]{1,12}$")]
# A title without Latin letters has none to take a name from: film:151796.
FilmSlug = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_:-]{1,200}$", to_lower=True)]
EntryId = Annotated[str, Field(pattern=r"^[0-9]{1,18}$")]
TmdbId = Annotated[str, Field(pattern=r"^[0-9]{1,12}$")]
Stars = Annotated[float, Field(ge=0.5, le=5.0, multiple_of=0.5)]
Year = Annotated[int, Field(ge=1800, lt=2200)]


class Member(Item):
    """A member as a list of popular members shows them. One row per member; those named by an argument have none."""

    dataset: ClassVar[str] = "letterboxd/members"
    # A page has 30; the last one has what is left.
    expected: ClassVar[Expected] = Expected(
        max_null_share={"films_watched_count": 0.05, "list_count": 0.05, "like_count": 0.05}, min_rows_per_page=10
    )

    user_id: Annotated[MemberName, Key(), Pseudonymize("user")]
    """The member's name in addresses, lower-case. Published as a pseudonym, the same as in ``letterboxd/ratings``."""
    films_watched_count: Count | None = None
    """Films the member has seen, as the list states it."""
    review_count: Count
    """Reviews the member has written; 0 where the list shows no link to them."""
    list_count: Count | None = None
    """Lists the member has made."""
    rank: Annotated[int, Field(ge=1, lt=2**31)]
    """Place in the list of popular members it was read from, 1 first; the list may move while it is read."""
    like_count: Count | None = None
    """Films, reviews and lists the member likes."""


class Rating(Item):
    """A film that a member has seen, with the rating if there is one. One row per (member, film)."""

    dataset: ClassVar[str] = "letterboxd/ratings"
    # Some films of a list are not shown to everybody.
    expected: ClassVar[Expected] = Expected(max_missing_share=0.05, min_rows_per_page=4)

    user_id: Annotated[MemberName, Key(), Pseudonymize("user")]
    """The member's name in addresses, lower-case. Published as a pseudonym."""
    film_id: Annotated[FilmId, Key()]
    """The site's number of the film; joins ``letterboxd/films``. Slugs are renamed, numbers are not."""
    rating: Annotated[Stars | None, Value()] = None
    """Stars as readers see them, 0.5 to 5.0 in half steps; null = seen and not rated."""
    liked: bool | None = None
    """The member's heart; null where the page shows neither ratings nor hearts."""
    position: Count | None = None
    """Place in the list of the member's films it was read from, 0 first; null if read from a film's list of members."""
    film_slug: FilmSlug
    """The film's name in addresses when the row was read; it may be renamed, see ``letterboxd/film_slugs``."""
    film_title: Annotated[str, Field(min_length=1)]
    """Title of the film, without its year."""


class Film(Item):
    """A film or series. One row per film; its page is ``https://letterboxd.com/film/<slug>/``.

    What begins with ``tmdb_`` and is no id comes from The Movie Database, if the crawl asked it.
    """

    dataset: ClassVar[str] = "letterboxd/films"
    expected: ClassVar[Expected] = Expected(
        max_null_share={"year": 0.2, "genres": 0.05, "tmdb_id": 0.2, "average_rating": 0.5}
    )

    film_id: Annotated[FilmId, Key()]
    """The site's number of the film."""
    slug: FilmSlug
    """The film's name in addresses today."""
    title: Annotated[str, Field(min_length=1), Tokenize("en")]
    """Title on the site, mostly English."""
    title_tokens: list[str] | None = None
    """Words of the title, lower-case, without English stop words."""
    year: Year | None = None
    """Year of the first release; null for films that are announced."""
    genres: list[str]
    """Genres, in the site's order; empty where it has none."""
    directors: list[str]
    """Directors; empty where the site names none."""
    runtime_min: Count | None = None
    """Length in minutes."""
    tmdb_id: TmdbId | None = None
    """Number in The Movie Database, unique together with `tmdb_type`."""
    imdb_id: Annotated[str, Field(pattern=r"^tt[0-9]{1,12}$")] | None = None
    """Number in IMDb, e.g. ``tt0166924``."""
    average_rating: Annotated[float, Field(ge=0, le=5)] | None = None
    """Weighted mean of all members' ratings, in stars; null where there are too few."""
    rating_count: Count | None = None
    """Ratings by all members; null where there are too few."""
    review_count: Count | None = None
    """Reviews by all members; null where there are too few ratings."""
    tmdb_type: Literal["movie", "tv"] | None = None
    """Whether The Movie Database has it as a film or as a series."""
    original_title: str | None = None
    """Title in the original language; null where it is the same."""
    actors: list[str]
    """Cast, in the site's order."""
    countries: list[str]
    """Countries of production."""
    studios: list[str]
    """Production companies."""
    languages: list[str]
    """Original and spoken languages, each once, sorted."""
    tagline: str | None = None
    """Advertising line."""
    description: str | None = None
    """Synopsis on the page."""
    poster_url: str | None = None
    """Address of the poster; null where there is none."""
    tmdb_genres: list[str] | None = None
    """Genres in The Movie Database."""
    tmdb_original_language: str | None = None
    """Original language, ISO 639-1."""
    tmdb_countries: list[str] | None = None
    """Countries of production in The Movie Database."""
    tmdb_languages: list[str] | None = None
    """Spoken languages in The Movie Database."""
    tmdb_overview: str | None = None
    """Synopsis in The Movie Database."""
    tmdb_popularity: float | None = None
    """Popularity as The Movie Database computes it, of the day of the crawl."""
    tmdb_release_date: Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")] | None = None
    """Day of the first release, or of the first episode; ISO 8601."""
    tmdb_runtime_min: Count | None = None
    """Length in minutes; of an episode, for a series."""
    tmdb_vote_average: Annotated[float, Field(ge=0, le=10)] | None = None
    """Mean vote of users of The Movie Database, 0 to 10."""
    tmdb_vote_count: Count | None = None
    """Votes by users of The Movie Database."""


class Slug(Item):
    """A name that a film has or had in addresses. One row per (film, name): a renamed film has several."""

    dataset: ClassVar[str] = "letterboxd/film_slugs"

    film_id: Annotated[FilmId, Key()]
    """The site's number of the film."""
    slug: Annotated[FilmSlug, Key()]
    """Name in addresses; the newest of a film is that with the latest ``fetched_at``."""


class DiaryEntry(Item):
    """A viewing that a member has logged, or a review. One row per entry; a feed shows the 50 newest."""

    dataset: ClassVar[str] = "letterboxd/diary"
    expected: ClassVar[Expected] = Expected(max_null_share={"watched_on": 0.5})

    entry_id: Annotated[EntryId, Key(), Pseudonymize("entry", person=False)]
    """The site's number of the entry. Published as a pseudonym."""
    user_id: Annotated[MemberName, Pseudonymize("user")]
    """The member's name in addresses, lower-case. Published as a pseudonym."""
    film_slug: FilmSlug
    """The film's name in addresses; joins ``letterboxd/film_slugs``."""
    film_title: Annotated[str, Field(min_length=1)]
    """Title of the film."""
    year: Year | None = None
    """Year of the film."""
    watched_on: dt.datetime | None = None
    """The day of the viewing as the member gave it, as 00:00 UTC; null for a review without one."""
    rating: Stars | None = None
    """Stars given with this entry, 0.5 to 5.0 in half steps; null = none."""
    liked: bool | None = None
    """The member's heart; null where the feed does not say."""
    rewatch: bool | None = None
    """Whether the member had seen the film before; null where the feed does not say."""
    tmdb_id: TmdbId | None = None
    """Number in The Movie Database, unique together with `tmdb_type`."""
    tmdb_type: Literal["movie", "tv"] | None = None
    """Whether The Movie Database has it as a film or as a series."""
