"""Letterboxd: members, the films they have seen, films and feeds, as pages of one of four generations of markup.

Grids, tables of members, film pages and robots.txt are built as recorded. Nobody recorded, so the replica guesses:

- an empty list, and a page beyond the end: the heading with the number of films, and a grid without tiles;
- the heading of a list of rated or liked films: it counts the films of that list;
- the last page of a list, and page 128 where there are more films: no link to a next page;
- members beyond the end: no table;
- grids of spring 2025 with ratings (a watchlist was recorded), film pages before autumn 2025;
- a private member: 403 for all but the profile. A member who is gone: 404.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sandbox.sites import Reply, SiteRequest, method_not_allowed
from sandbox.sites.letterboxd import members
from sandbox.sites.letterboxd.feed import feed
from sandbox.sites.letterboxd.films import film_page, shown_rating
from sandbox.sites.letterboxd.grids import Grids, profile_header
from sandbox.sites.letterboxd.layout import MARKUPS, MOST_PAGES, Markup, page
from sandbox.sites.letterboxd.robots import ROBOTS

if TYPE_CHECKING:
    from sandbox.worlds.letterboxd import LetterboxdWorld

__all__ = ["MARKUPS", "MOST_PAGES", "Letterboxd", "Markup", "shown_rating"]

HTML = "text/html;charset=UTF-8"
# They stand on every answer, good or bad, and prove nothing.
HEADERS = {"Server": "cloudflare", "CF-RAY": "8f2a00000000sand-BOX"}


class Letterboxd:
    """The replica. `markup`: the generation of its pages; what they say is the same in all of them."""

    hosts: tuple[str, ...] = ("letterboxd.com",)

    def __init__(self, world: LetterboxdWorld, *, markup: Markup = "2026") -> None:
        self._world = world
        self._markup: Markup = markup
        self._grids = Grids(world, markup)
        self._tables = members.Tables(world, markup)

    def respond(self, request: SiteRequest) -> Reply:
        """Answer a GET. A path without a slash at its end is sent to the one with it, as on the site."""
        if request.method != "GET":
            return method_not_allowed()
        path = request.path
        if path == "/robots.txt":
            return _reply(path, ROBOTS, content_type="text/plain")
        if not path.endswith("/"):
            return _moved("(no slash)", f"{path}/")
        first = path.split("/")[1].lower()
        if first == "film":
            return self._film(path)
        if first == "members":
            return self._popular(path)
        return self._member(path, first)

    def _popular(self, path: str) -> Reply:
        found = members.POPULAR.fullmatch(path)
        if not found:
            return _not_found("/members/(unknown)/")
        template = f"/members/popular/{'this/' + found['time'] + '/' if found['time'] else ''}page/{{n}}/"
        return _reply(template, self._tables.popular(found["time"], int(found["page"] or 1)))

    def _film(self, path: str) -> Reply:
        """The page of a film, or those who rated it; a slug of old is sent to the one of today."""
        slug = path.split("/")[2].lower()
        template = re.sub(r"/page/[0-9]+/", "/page/{n}/", path.replace(path.split("/")[2], "{slug}", 1))
        if renamed := self._world.film_by_old_slug.get(slug):
            return _moved(template, path.replace(path.split("/")[2], renamed.slug, 1))
        film = self._world.film_by_slug.get(slug)
        found = members.OF_FILM.fullmatch(path)
        if film is None:
            return _not_found("/film/{slug}/")
        if path.count("/") == 3:
            return _reply("/film/{slug}/", film_page(self._world, film, self._markup))
        if found and found["rated"]:
            text = self._tables.of_film(film, found["rated"], int(found["page"] or 1))
            if text is not None:
                return _reply(template, text)
        return _not_found("/film/{slug}/(unknown)/")

    def _member(self, path: str, slug: str) -> Reply:
        """The pages of a member; upper and lower case are the same."""
        member = self._world.member_by_slug.get(slug)
        if member is None or member.special == "deleted":
            return _not_found("/{member}/")
        kind = path[len(slug) + 1 :]
        if kind == "/":
            content = f'{profile_header(member)}<section id="profile-main"></section>'
            text = page(url=f"/{slug}/", title=slug, body=f'class="profile" data-owner="{slug}"', content=content)
            return _reply("/{member}/", text)
        if member.special == "private":
            return _private("/{member}/(private)/")
        if kind == "/rss/":
            return _reply("/{member}/rss/", feed(self._world, member), content_type="application/rss+xml;charset=UTF-8")
        if asked := self._grids.asked(path, member):
            template = "/{member}" + re.sub(r"page/[0-9]+/$", "page/{n}/", kind)
            return _reply(template, self._grids.render(asked))
        return _not_found("/{member}/(unknown)/")


def _reply(template: str, body: str | bytes, status: int = 200, content_type: str = HTML, **headers: str) -> Reply:
    """Bytes as they are, text in UTF-8."""
    body = body if isinstance(body, bytes) else body.encode()
    return Reply(template, body, status, content_type, {**HEADERS, **headers})


def _moved(template: str, to: str) -> Reply:
    return _reply(template, b"", 301, Location=to)


def _not_found(template: str) -> Reply:
    return _reply(template, _message("Letterboxd - Not Found", "Sorry, we can’t find the page you’ve requested."), 404)


def _private(template: str) -> Reply:
    return _reply(template, _message("Private", "This member keeps these pages private."), 403)


def _message(title: str, text: str) -> str:
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="UTF-8"><title>{title}</title></head>\n'
        '<body class="error message-dark"><h1><a href="/">Letterboxd</a></h1>\n'
        f'<section class="message"><strong>{text}</strong></section></body></html>\n'
    )
