"""Pages of Letterboxd, as HTML in every generation of markup that was recorded, its feeds, and The Movie Database.

Which generation a page is of is told from what it holds, never from its date. Cloudflare guards the site and answers
plain clients with a challenge since January 2026: status 403, or 503, or 200, and the title ``Just a moment...``.
"""

from crawlers.pages.letterboxd.addresses import (
    RATED,
    ROUTE_WORDS,
    address_of,
    feed_url,
    film_members_url,
    film_url,
    grid_url,
    one_by_one,
    popular_url,
    tmdb_url,
)  # fmt: skip
from crawlers.pages.letterboxd.feed import diary
from crawlers.pages.letterboxd.film import film
from crawlers.pages.letterboxd.grids import MOST_PAGES, PAGE_SIZE, Extent, extent, film_slugs, ratings
from crawlers.pages.letterboxd.lists import next_page
from crawlers.pages.letterboxd.members import film_ratings, members
from crawlers.pages.letterboxd.states import recognise
from crawlers.pages.letterboxd.tmdb import film_with_tmdb

__all__ = [
    "MOST_PAGES", "PAGE_SIZE", "RATED", "ROUTE_WORDS", "Extent", "address_of", "diary", "extent", "feed_url", "film",
    "film_members_url", "film_ratings", "film_slugs", "film_url", "film_with_tmdb", "grid_url", "members", "next_page",
    "one_by_one", "popular_url", "ratings", "recognise", "tmdb_url",
]  # fmt: skip
