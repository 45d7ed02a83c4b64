"""Tables of members: the popular ones, 30 a page, and those who rated a film, 25 a page. Neither has page numbers."""

from __future__ import annotations

import re
from random import Random
from typing import TYPE_CHECKING

from sandbox.sites.letterboxd.grids import rating_span
from sandbox.sites.letterboxd.layout import MOST_PAGES, STARS, Markup, counted, escaped, page, unnumbered
from sandbox.sites.letterboxd.tiles import poster_2025, poster_2026

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.worlds.letterboxd import LetterboxdWorld, Member
    from sandbox.worlds.letterboxd_films import Film

POPULAR_PAGE, FILM_PAGE = 30, 25
POPULAR = re.compile(
    r"/members/popular/(?:this/(?P<time>week|month|year|all-time)/)?(?:page/(?P<page>[1-9][0-9]{0,5})/)?"
)
OF_FILM = re.compile(r"/film/(?P<slug>[^/]+)/members/(?:rated/(?P<rated>[^/]+)/)?(?:page/(?P<page>[1-9][0-9]{0,5})/)?")


class Tables:
    """Renders the tables of a world."""

    def __init__(self, world: LetterboxdWorld, markup: Markup) -> None:
        self._world = world
        self._is_new = markup in {"2026", "2025"}
        self._poster = poster_2026 if markup == "2026" else poster_2025
        self._orders: dict[str, Sequence[Member]] = {}

    def popular(self, time: str | None, number: int) -> str:
        """Popular members of all times or of this week, month or year; beyond the end there is no table."""
        members = self.popular_members(time)
        last = min(MOST_PAGES, -(-len(members) // POPULAR_PAGE))
        shown = members[(number - 1) * POPULAR_PAGE : number * POPULAR_PAGE] if number <= last else []
        base = f"/members/popular/this/{time}/" if time else "/members/popular/"
        ends = unnumbered(base, number, has_next=number < last) if shown else ""
        head = (
            '<th class="col-watched _paddinginlinelg">Watched</th>\n<th class="col-lists _paddinginlinelg">Lists</th>\n'
            '<th class="col-likes _paddinginlinelg">Likes</th>\n'
        )
        table = self._table("", head, [self._popular_row(member) for member in shown])
        return page(
            url=base,
            title="Popular members",
            body='class="popular-people logged-out"',
            content=(
                '<div class="cols-2">\n<section class="section col-17 col-main">\n<div id="content-nav" '
                'class="gapless"> '
                f'<h2 class="section-heading">Popular Members</h2> </div>\n{table}'
                f"{ends}\n</section>\n{_sidebar(members)}</div>"
            ),
        )

    def popular_members(self, time: str | None) -> Sequence[Member]:
        """The members in the order of a list; that of a week, a month and a year is another than that of all times."""
        if time in {None, "all-time"}:
            return self._world.members
        if time not in self._orders:
            rng = Random(f"{self._world.seed}/letterboxd/popular this {time}")
            members = self._world.members
            self._orders[str(time)] = sorted(members, key=lambda member: member.index + len(members) * rng.random() / 4)
        return self._orders[str(time)]

    def of_film(self, film: Film, rated: str, number: int) -> str | None:
        """Those who rated a film, the highest rating first; None: `rated` is no rating and no range."""
        span = rating_span(rated)
        if span is None or not span[0]:
            return None
        columns = self._world.columns
        rows = self._world.raters(film)
        stars = columns.rating[rows]
        rows = rows[(stars >= span[0]) & (stars <= span[1])]
        last = min(MOST_PAGES, -(-len(rows) // FILM_PAGE))
        shown = rows[(number - 1) * FILM_PAGE : number * FILM_PAGE] if number <= last else rows[:0]
        members = self._world.members
        lines = [
            _film_row(members[member], film, rating, liked=liked, reviewed=reviewed)
            for member, rating, liked, reviewed in zip(
                columns.member[shown].tolist(), columns.rating[shown].tolist(), columns.liked[shown].tolist(),
                columns.reviewed[shown].tolist(), strict=True,
            )
        ]  # fmt: skip
        head = "".join(
            f'<th class="col-{what} -align-center -padding-inline-large">{what.title()}</th>\n'
            for what in ("rating", "like", "review")
        )
        base = f"/film/{film.slug}/members/rated/{rated}/"
        about = f"Everyone who has watched {escaped(film.name)}"
        ends = unnumbered(base, number, has_next=number < last) if lines else ""
        return page(
            url=base,
            title=about,
            body='class="screen-production-activity"',
            content=(
                '<article class="page-layout-default-sidebar page-layout-production-child-page">\n'
                f"{_film_header(film, self._poster(film, height=150), int(self._world.rating_counts[film.index]))}"
                f'<div class="body">\n{self._table(" reactions-table", head, lines)}{ends}\n</div>\n'
                f'<aside class="sidebar"><section class="poster-list -p230"> '
                f"{self._poster(film, width=230, height=345)} "
                "</section></aside>\n</article>"
            ),
        )

    def _table(self, kind: str, head: str, rows: list[str]) -> str:
        """Nothing where there are no rows. Until autumn 2025 it was a table of persons."""
        name = "member-table" if self._is_new else "person-table"
        if not rows:
            return ""
        return (
            f'<table class="table-base {name}{kind}">\n<thead>\n<tr>\n<th class="col-member">Name</th>\n{head}</tr>\n'
            f"</thead>\n<tbody>\n{''.join(rows)}</tbody>\n</table>\n"
        )

    def _popular_row(self, member: Member) -> str:
        slug = member.slug
        reviews = (
            f'<a href="/{slug}/reviews/">{counted(member.review_count, "review")}</a>' if member.review_count else ""
        )
        cells = "".join(
            f'<td class="{f"col-{what} _paddinginlinelg " if self._is_new else ""}table-stats"><a class="has-icon '
            f"icon-16 "
            f'icon-{icon}" href="/{slug}/{path}/"><span class="icon"></span>{count:,}</a></td>\n'
            for what, icon, path, count in (
                ("watched", "watched", "films", len(self._world.entries(member))),
                ("lists", "list", "lists", member.list_count),
                ("likes", "liked", "likes", member.like_count),
            )
        )
        return f'<tr>\n<td class="col-member table-person">{_person(member, reviews)}</td>\n{cells}</tr>\n'


def _person(member: Member, metadata: str) -> str:
    slug, name = member.slug, escaped(member.display_name)
    return (
        f'<div class="person-summary"> <a class="avatar -a40" href="/{slug}/" > <img '
        f'src="https://s.ltrbxd.com/static/img/'
        f'avatar80.png" alt="{name}" width="40" height="40" /> </a> <h3 class="title-3"> <a href="/{slug}/" '
        f'class="name"> '
        f'{name} </a> </h3> <small class="metadata">{metadata}</small> </div>'
    )


def _film_row(member: Member, film: Film, rating: int, *, liked: bool, reviewed: bool) -> str:
    slug, name = member.slug, escaped(member.display_name)
    like = '<span class="has-icon icon-16 icon-liked"></span>' if liked else ""
    review = (
        f'<a class="has-icon icon-16 icon-review tooltip" data-username="{slug}" href="/{slug}/film/{film.slug}/" '
        'title="Read review">Review</a>'
        if reviewed
        else ""
    )
    activity = f'<a href="/{slug}/film/{film.slug}/activity/">Activity for film</a>'
    return (
        f'<tr>\n<td class="col-member table-person">{_person(member, activity)}</td>\n'
        f'<td class="col-rating -padding-inline-large"> <span class="rating -green rated-{rating}"> {STARS[rating]} '
        f"</span> "
        f'</td> <td class="col-like -align-center -padding-inline-large"> {like} </td> '
        f'<td class="col-review -align-center -padding-inline-large"> {review} </td>\n'
        f'<td class="col-follow table-follow-status hide-when-logged-out"><div class="follow-button-wrapper" '
        f'data-username="{slug}" data-profile="false"><a href="#" data-action="/{slug}/follow/" class="button -follow" '
        f'title="Follow {name}">Follow {name}</a></div></td>\n</tr>\n'
    )


def _film_header(film: Film, poster: str, members: int) -> str:
    year = f'<span class="releasedate"><a href="/films/year/{film.year}/">{film.year}</a></span>' if film.year else ""
    return (
        f'<header class="production-page-header"> <div class="body"> {poster} <div class="title"> <h1 class="context '
        'title-all-caps">Everyone who has watched</h1> <div class="inline-production-masthead -film -full "> <div '
        f'class="topline"><h1 class="primaryname prettify"><a '
        f'href="/film/{film.slug}/">{escaped(film.title)}</a></h1>{year}'
        '</div> </div> </div> </div> <ul class="sub-nav">\n<li class="js-route-watches selected"><a '
        f'href="/film/{film.slug}/members/" class="tooltip" title="{members:,}&nbsp;people">Members</a></li>\n</ul>'
        "</header>\n"
    )


def _sidebar(members: Sequence[Member]) -> str:
    """Popular reviewers: links to members that are no rows of the table."""
    people = "".join(
        f'<li> <div class="person-summary"> <a class="avatar -a40" href="/{member.slug}/"></a> <h3 class="title-3"><a '
        f'href="/{member.slug}/" class="name">{escaped(member.display_name)}</a></h3> </div> </li>\n'
        for member in members[:3]
    )
    return (
        '<aside class="sidebar"><section class="section"><h2 class="section-heading"><a '
        'href="/reviewers/popular/this/week/">'
        f'Popular Reviewers</a></h2> <ul class="people-shortlist">\n{people}</ul></section></aside>\n'
    )
