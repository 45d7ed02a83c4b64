"""Asking the replica of Weibo without a server, and reading its pages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import orjson
from parsel import Selector, SelectorList

from sandbox.accounts import Accounts
from sandbox.sites import Reply, SiteRequest
from sandbox.sites.weibo import Weibo
from sandbox.sites.weibo.walls import WALLS
from sandbox.worlds import World
from sandbox.worlds.weibo_people import Person


@dataclass
class Asking:
    """A replica, and who asks it: an account, or a header Cookie as it stands."""

    world: World
    clock: float = 0.0
    accounts: Accounts = field(init=False)
    site: Weibo = field(init=False)

    def __post_init__(self) -> None:
        self.accounts = Accounts(self.world.accounts, WALLS, clock=lambda: self.clock)
        self.site = Weibo(self.world.weibo, self.accounts)

    def cookie(self, account: str) -> str:
        cookies = next(one["cookies"] for one in self.world.accounts if one["name"] == account)
        return "; ".join(f"{name}={value}" for name, value in cookies.items())

    def reply(self, url: str, account: str = "account-1", **headers: str) -> Reply:
        """`url`: a path on weibo.cn, or a whole address."""
        parts = urlsplit(url)
        given = {"Cookie": self.cookie(account), **headers}
        return self.site.respond(SiteRequest(parts.netloc or "weibo.cn", parts.path, parts.query, headers=given))

    def page(self, url: str, account: str = "account-1") -> Selector:
        reply = self.reply(url, account)
        assert (reply.status, reply.body[:5]) == (200, b"<?xml"), reply
        return Selector(text=reply.body.decode(), type="html")

    def json(self, path: str) -> Any:
        reply = self.reply(f"https://m.weibo.cn{path}")
        assert reply.status == 200
        return orjson.loads(reply.body)


def some(people: list[Person], **wanted: Any) -> Person:
    """The first person whose fields have these values."""
    return next(one for one in people if all(getattr(one, name) == value for name, value in wanted.items()))


def text(node: Selector | SelectorList[Selector]) -> str:
    """All that a reader sees in a node: emoji by their names, no zero-width spaces."""
    parts = node.xpath(".//text() | .//img/@alt").getall()
    return "".join(parts).replace("\u200b", "").replace("\xa0", " ")


def shapes(body: bytes, under: str) -> set[str]:
    """The elements of a page with their classes and the kinds of their links: what a parser holds on to."""
    found = set()
    for node in Selector(text=body.decode(), type="html").xpath(f"{under}/descendant-or-self::*"):
        name = node.root.tag
        href = urlsplit(node.attrib.get("href", ""))
        steps = [step if step.isalpha() and step.islower() else "*" for step in href.path.strip("/").split("/")]
        if len(steps) == 1 and not href.query:
            steps = ["*"]  # a word that somebody chose
        keys = sorted(part.partition("=")[0] for part in href.query.split("&"))
        found.add(f"{name}.{node.attrib.get('class', '')} {'/'.join(steps)}?{'&'.join(keys)}")
    return found
