"""Weibo: ``weibo.cn`` (pages for plain browsers) and ``m.weibo.cn`` (JSON), for those who are logged in.

    walls.py     what stands in place of a page: login, frozen, too frequent, gone
    robots.py    what the hosts say to robots
    markup.py    what all pages of weibo.cn share
    people.py    profiles and lists of followees
    posts.py     lists of posts
    comments.py  one post in full, and the comments on it
    mobile.py    the JSON of m.weibo.cn

Of ``weibo.com`` there is nothing but its robots.txt and the gate for visitors. The site's clock stands still: every
answer says so in its header Date.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from email.utils import format_datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from sandbox.accounts import UNKNOWN
from sandbox.sites import Reply, SiteRequest, method_not_allowed
from sandbox.sites.weibo import comments, mobile, people, posts, walls
from sandbox.sites.weibo.markup import asked_number
from sandbox.sites.weibo.robots import robots
from sandbox.worlds.weibo_posts import NOW

if TYPE_CHECKING:
    from sandbox.accounts import Accounts
    from sandbox.worlds.weibo import Account, WeiboWorld
    from sandbox.worlds.weibo_people import Person

DATE = format_datetime(NOW.astimezone(dt.UTC), usegmt=True)
MOBILE = "m.weibo.cn"
WAP = "application/vnd.wap.xhtml+xml; charset=utf-8"  # as which the pages of every fifth person are served


class Weibo:
    """The replica. `accounts` says whose cookies a request brings, and which wall the account meets."""

    hosts: tuple[str, ...] = ("weibo.cn", "m.weibo.cn", "weibo.com")

    def __init__(self, world: WeiboWorld, accounts: Accounts) -> None:
        self._world = world
        self._accounts = accounts
        self._viewers = {account.name: account for account in world.accounts}
        self._flickered: set[tuple[str, int]] = set()

    def respond(self, request: SiteRequest) -> Reply:
        """Answer a GET."""
        if request.method != "GET":
            return method_not_allowed()
        reply = self._answer(request)
        return replace(reply, headers={"Date": DATE, **reply.headers})

    def _answer(self, request: SiteRequest) -> Reply:
        if request.path == "/robots.txt":
            return Reply(request.path, robots(request.host), content_type="text/plain")
        if request.host == "weibo.com":
            return walls.wall("visitor", request)
        owners = self._accounts.owners(request.headers)
        viewer = self._viewers.get(owners[0]) if owners else None
        if viewer is None:
            return walls.stranger(request, knows_cookie=UNKNOWN in owners)
        if name := self._accounts.visit(viewer.name):
            return walls.wall(name, request)
        if request.host == MOBILE and "//weibo.com" in request.headers.get("Referer", ""):
            return walls.wall("status_432", request)
        on_mobile = request.host == MOBILE
        reply = (
            mobile.answer(self._world, request.path, parse_qs(request.query))
            if on_mobile
            else self._page(request, viewer)
        )
        cookie = "XSRF-TOKEN" if on_mobile else "_T_WM"
        if f"{cookie}=" not in request.headers.get("Cookie", ""):
            value = self._accounts.issue(viewer.name, cookie)
            reply.headers["Set-Cookie"] = f"{cookie}={value}; path=/; domain=.weibo.cn"
        return reply

    def _page(self, request: SiteRequest, viewer: Account) -> Reply:
        """A page of weibo.cn."""
        world = self._world
        page = asked_number(parse_qs(request.query), "page", 1)
        steps = request.path.strip("/").split("/")
        if steps == [""]:
            return Reply("/", people.home(viewer), content_type=walls.HTML)
        if steps[0] == "comment" and len(steps) == 2 and (post := world.by_bid.get(steps[1])):
            return Reply("/comment/{bid}", comments.comment(world, post, page, viewer), content_type=walls.HTML)
        template, person = self._subject(steps)
        if person is None or person.is_gone:
            of_person = person is not None and template != "/{uid}/info"
            return replace(walls.missing(of_person=of_person), template=template)
        if template == "/{uid}/info":
            body = people.info(person, viewer)
        elif template == "/{uid}/follow":
            body = people.follow(world, person, page, viewer)
        else:
            flickers = world.flickers(person, page) and (person.uid, page) not in self._flickered
            self._flickered.add((person.uid, page))
            body = posts.profile(world, person, request.path, page, viewer, flickers=flickers)
        return Reply(template, body, content_type=WAP if person.index % 5 == 4 else walls.HTML)

    def _subject(self, steps: list[str]) -> tuple[str, Person | None]:
        """Whom a path is about. A bare number is a uid only where it is nobody's chosen number (微号)."""
        world = self._world
        match steps:
            case [uid, "info" | "follow" | "profile" as what]:
                return f"/{{uid}}/{what}", world.by_uid.get(uid)
            case ["u", uid]:
                return "/u/{uid}", world.by_uid.get(uid)
            case ["n", nickname]:
                return "/n/{nickname}", world.by_nickname.get(nickname)
            case [word]:
                return "/{domain}", world.by_domain.get(word) or world.by_uid.get(word)
        return "(unknown)", None
