"""The films of a member as grids of 72: all that were seen, those with a rating or with one certain rating, the "
"liked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sandbox.sites.letterboxd.layout import MOST_PAGES, Markup, counted, escaped, numbered, page
from sandbox.sites.letterboxd.tiles import Tiles

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from sandbox.worlds.letterboxd import LetterboxdWorld, Member
    from sandbox.worlds.letterboxd_tastes import Entries

PAGE = 72
PATH = re.compile(
    r"/(?P<member>[^/]+)/(?P<list>films|likes/films)/"
    r"(?:rated/(?P<rated>[^/]+)/)?(?:by/(?P<by>[^/]+)/)?(?:page/(?P<page>[1-9][0-9]{0,5})/)?"
)
# Places of a member's entries, which stand newest release first, in another order. Equal ones keep that order.
ORDERS: dict[str, Callable[[Entries], NDArray[np.intp]]] = {
    "release": lambda entries: np.arange(len(entries)),
    "release-earliest": lambda entries: np.arange(len(entries))[::-1],
    "date": lambda entries: np.argsort(-entries.added, kind="stable"),
    "date-earliest": lambda entries: np.argsort(entries.added, kind="stable"),
    "rated-date": lambda entries: np.argsort(-entries.added, kind="stable"),
    "rated-date-earliest": lambda entries: np.argsort(entries.added, kind="stable"),
    "entry-rating": lambda entries: np.argsort(-entries.rating, kind="stable"),
    "entry-rating-lowest": lambda entries: np.argsort(entries.rating, kind="stable"),
}


class Asked(NamedTuple):
    """Which list: of which member, liked films only, ratings from `low` to `high` (0 to 0 = none), in which order."""

    member: Member
    liked: bool
    low: int
    high: int
    by: str
    number: int
    base: str


class Grids:
    """Renders the grids of a world."""

    def __init__(self, world: LetterboxdWorld, markup: Markup) -> None:
        self._world = world
        self._markup = markup
        self._tiles = Tiles(world.films, markup)

    def asked(self, path: str, member: Member) -> Asked | None:
        """What a path asks for; None: there is no such list."""
        found = PATH.fullmatch(path)
        span = rating_span(found["rated"]) if found and found["rated"] else (-1, 10)
        if not found or span is None or (found["by"] or "release") not in ORDERS:
            return None
        base = f"/{member.slug}/{found['list']}/"
        base += f"rated/{found['rated']}/" if found["rated"] else ""
        base += f"by/{found['by']}/" if found["by"] else ""
        number = int(found["page"] or 1)
        return Asked(member, found["list"] != "films", *span, found["by"] or "release", number, base)

    def render(self, asked: Asked) -> str:
        """The page; one beyond the end has the number of films in its heading and no tile."""
        entries = self._world.entries(asked.member)
        order = ORDERS[asked.by](entries)
        rating = entries.rating[order]
        shown = (rating >= asked.low) & (rating <= asked.high)
        if asked.liked:
            shown &= entries.liked[order]
        order = order[shown]
        last = min(MOST_PAGES, -(-len(order) // PAGE))
        rows = order[(asked.number - 1) * PAGE : asked.number * PAGE] if asked.number <= last else order[:0]
        review = f"/{asked.member.slug}/film/"
        films = self._world.films
        tiles = [
            self._tiles.tile(
                film, stars, liked=liked, review=f"{review}{films[film].slug}/" if reviewed else ""
            )
            for film, stars, liked, reviewed in zip(
                entries.film[rows].tolist(), entries.rating[rows].tolist(), entries.liked[rows].tolist(),
                entries.reviewed[rows].tolist(), strict=True,
            )
        ]  # fmt: skip
        return self._page(asked, len(order), "".join(tiles), numbered(asked.base, asked.number, last))

    def _page(self, asked: Asked, total: int, tiles: str, pagination: str) -> str:
        name, slug = escaped(asked.member.display_name), asked.member.slug
        if self._markup in {"2026", "2025"}:
            grid = f'<div class="poster-grid">\n<ul class="grid -p70">\n{tiles}</ul>\n</div>\n'
            screen = "screen-member-child-page "
        else:
            grid = f'<ul class="poster-list -p70 -grid film-list clear">\n{tiles}</ul>\n'
            screen = ""
        kind = "likes-films" if asked.liked else "films-watched"
        return page(
            url=asked.base,
            title=f"{name}’s films",
            head=f'<meta name="description" content="{name}’s films">\n',
            body=f'class="{screen}{kind} wide small-poster-grid" data-owner="{slug}"',
            content=(
                f'{profile_header(asked.member)}<div class="cols-2 overflow">\n<section class="section col-main '
                f'overflow">\n'
                f"{self._heading(asked, total)}\n{grid}{pagination}\n"
                '<div class="clear"></div>\n</section>\n</div>'
            ),
        )

    def _heading(self, asked: Asked, total: int) -> str:
        """The number of films in this list; in 2023 it stood in the navigation above it."""
        word = "Liked" if asked.liked else "Watched"
        slug, films = asked.member.slug, counted(total, "film")
        if self._markup == "old":
            heading = (
                f'<section class="sub-nav-wrapper"><ul class="sub-nav"> <li class=" selected"><a href="/{slug}/films/" '
                f'class="tooltip" title="{films}">{word}</a></li> <li class=""><a href="/{slug}/films/diary/" '
                f'class="tooltip" title="{counted(asked.member.review_count + 3, "film")}">Diary</a></li> '
                f"</ul></section>"
            )
        else:
            heading = f'<h1 class="section-heading"><span class="tooltip" title="{films}">{word}</span></h1>'
        return (
            f'<div id="content-nav" class="tabbed"> {heading} <div class="sorting-selects"> {_menu(slug)} </div> </div>'
        )


def profile_header(member: Member) -> str:
    """Above each page of a member: who it is, and the links to the other pages."""
    name, slug = escaped(member.display_name), member.slug
    links = "".join(
        f'<li data-owner="{slug}" class="navitem js-page-{what}"><a class="navlink" '
        f'href="/{slug}/{path}/">{what}</a></li>\n'
        for what, path in (("films", "films"), ("diary", "diary"), ("lists", "lists"), ("likes", "likes/films"))
    )
    return (
        f'<section class="profile-header js-profile-header -is-mini-nav" data-person="{slug}">\n'
        f'<nav class="profile-navigation"><div class="profile-mini-person"><a class="avatar -a24" href="/{slug}/">'
        f'<img src="https://s.ltrbxd.com/static/img/avatar48.png" alt="{name}" width="24" height="24" /></a>'
        f'<h1 class="title-3"><a href="/{slug}/">{name}</a></h1></div>\n<ul class="navlist">\n{links}'
        f'<li class="navitem -navicon -rss"><a href="/{slug}/rss/" class="has-icon icon-16 icon-rss tooltip" '
        f'title="RSS feed"><span class="_sr-only">RSS feed for {name}</span></a></li>\n</ul></nav>\n</section>\n'
    )


def rating_span(text: str) -> tuple[int, int] | None:
    """``.5-5``, ``4.5``, ``4½`` or ``none`` as the lowest and the highest rating, 1 to 10; 0 = none."""
    if text == "none":
        return 0, 0
    ends = [_half_stars(end) for end in text.split("-")]
    if len(ends) > 2 or not all(ends) or ends[0] > ends[-1]:
        return None
    return ends[0], ends[-1]


def _half_stars(text: str) -> int:
    """0 = no number of stars."""
    found = re.fullmatch(r"([0-5]?)(\.5|\.0|½)?", text)
    stars = 2 * int(found[1] or 0) + (found[2] in {".5", "½"}) if found else 0
    return stars if 1 <= stars <= 10 else 0


def _menu(slug: str) -> str:
    """The filters and orders that the page offers: links to lists that robots.txt rules out are among them."""
    orders = "".join(f'<li><a class="item" href="/{slug}/films/by/{by}/">{by}</a></li>' for by in ORDERS)
    return (
        f'<div class="smenu"> <label>Release Date</label> <ul class="smenu-menu">{orders}</ul> </div> '
        f'<div class="smenu"> <label>Rating</label> <ul class="smenu-menu"> <li><a class="item" '
        f'href="/{slug}/films/">Any rating</a></li> <li><a class="item" href="/{slug}/films/rated/none/">No '
        f"rating</a></li> "
        "</ul> </div>"
    )
