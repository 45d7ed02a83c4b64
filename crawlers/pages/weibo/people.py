"""Pages of weibo.cn about a person: the profile, the counters above every list, and whom the person follows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from scrapy.http import Response

from crawlers.errors import LayoutChanged
from crawlers.items import Rows
from crawlers.items.weibo import Follow
from crawlers.pages.weibo.ids import home_of, uid_in
from crawlers.pages.weibo.markup import Node, page_of, text_of, tidy
from crawlers.pages.weibo.states import HIDDEN_NOTICE, ROUTE_WORDS
from crawlers.parsing.urls import path_template

PAGE_SIZE = 10
_PROVINCE = re.compile("[一-鿿]{2,8}")
_GENDERS = {"男": "m", "女": "f"}
_LEVEL = re.compile(r"会员等级：(\d+)级")
_COUNTER = re.compile(r"(微博|关注|粉丝)\[(\d+)\]")
_COUNTERS = {"微博": "post_count", "关注": "followee_count", "粉丝": "follower_count"}
_BADGES = {"5338.gif": "person", "5337.gif": "organisation"}  # the yellow V and the blue one


@dataclass(frozen=True, slots=True)
class Followee:
    """A row of a list: the number of the account or, where the crawling account follows it too, only a word that leads
    to it; neither, where the row leads to nobody."""

    rank: int
    user_id: str | None = field(repr=False)
    word: str | None = field(repr=False)
    nickname: str = field(repr=False)


def profile(response: Response) -> dict[str, Any]:
    """What a profile says, as fields of `User`.

    Source: https://weibo.cn/<user_id>/info (XHTML). Blocks are found by their headings: any of them may be missing.
    Raises: LayoutChanged: there is no block 基本信息, or no nickname in it.
    """
    root = page_of(response)
    blocks = root.xpath("//div[@class='tip'][.='基本信息']/following-sibling::div[1][@class='c']")
    lines = dict(_lines(blocks[0])) if blocks else {}
    if "昵称" not in lines:
        raise LayoutChanged(path_template(response.url, ROUTE_WORDS), "a profile without a nickname under 基本信息")
    tags = [text_of(link) for link in blocks[0].xpath(".//a[contains(@href, '/search/')]")]
    level = _LEVEL.search(text_of(root.xpath("//body")[0]))
    return {
        "gender": _GENDERS.get(lines.get("性别", "")),
        "province": _province(lines.get("地区")),
        "verified": "认证" in lines or "认证信息" in lines,
        "level": int(level[1]) if level else None,
        "talents": lines["达人"].split() if "达人" in lines else None,
        "tags": tags,
    }


def counters(response: Response) -> dict[str, Any]:
    """What stands above a person's lists, as fields of `User`; a kind that is not there is left out.

    Source: https://weibo.cn/<user_id>/follow and …/profile (XHTML).
    """
    root = page_of(response)
    found: dict[str, Any] = {
        _COUNTERS[name]: int(count)
        for header in root.xpath("//div[@class='tip2']")[:1]
        for name, count in _COUNTER.findall(text_of(header))
    }
    for source in root.xpath("//div[@class='u']//div[@class='ut']//img[@alt='V']/@src"):
        if badge := _BADGES.get(str(source).rpartition("/")[2]):
            found["verified_type"] = badge
    return found


def followees(response: Response, *, page: int) -> list[Followee]:
    """Whom a page of a list leads to, at most ten; hidden spam accounts leave it short.

    Source: https://weibo.cn/<user_id>/follow?page=<page> (XHTML, one table a row).
    Raises: LayoutChanged: there are rows, and none of them leads to anybody.
    """
    nodes = page_of(response).xpath("//table[.//td[2]/a][not(ancestor::div[@class='u'])]")
    rows = [_followee(node, rank) for rank, node in enumerate(nodes, (page - 1) * PAGE_SIZE + 1)]
    if rows and not any(row.user_id or row.word for row in rows):
        raise LayoutChanged(path_template(response.url, ROUTE_WORDS), f"none of {len(rows)} rows leads to anybody")
    return rows


def follows(found: Sequence[Mapping[str, Any]], *, source_id: str) -> Rows[Follow]:
    """The edges to `Followee`s, as mappings; one whose number is not known is a row that cannot be read."""

    def read(row: Mapping[str, Any]) -> dict[str, Any]:
        if row["user_id"] is None:
            raise KeyError("target_id")
        return {
            "source_id": source_id,
            "target_id": row["user_id"],
            "rank": row["rank"],
            "target_nickname": row["nickname"],
        }

    return Rows(Follow, found, read)


def page_count(response: Response) -> int:
    """How many pages the list has, as its pager says; one where there is none.

    Source: any list of https://weibo.cn (XHTML).
    """
    found = page_of(response).xpath("//input[@name='mp']/@value")
    return int(found[0]) if found and str(found[0]).isdecimal() else 1


def why_empty(response: Response) -> str | None:
    """Why a list has no rows: ``hidden``, or ``empty`` as its own counter says; None if the page does not explain it.

    Source: https://weibo.cn/<user_id>/follow and …/profile (XHTML).
    """
    root = page_of(response)
    if any(HIDDEN_NOTICE.search(text_of(notice)) for notice in root.xpath("//div[@class='c']")):
        return "hidden"
    current = root.xpath("//div[@class='tip2']/span[@class='tc']")
    return "empty" if current and (found := _COUNTER.search(text_of(current[0]))) and found[2] == "0" else None


def page_owner(response: Response) -> str:
    """The number of the account whose posts a page shows, whatever word led there.

    Source: https://weibo.cn/<word> (XHTML), the first page of the list: later ones do not say it.
    Raises: LayoutChanged: there is no link 资料 to the profile of a number.
    """
    for href in page_of(response).xpath("//div[@class='u']//a[.='资料']/@href"):
        steps = str(href).strip("/").split("/")
        if steps[-1].startswith("info") and steps[-2:-1] and steps[-2].isdecimal():
            return steps[-2]
    raise LayoutChanged(path_template(response.url, ROUTE_WORDS), "no number where the first page of a list has it")


def _followee(row: Node, rank: int) -> Followee:
    link = row.xpath(".//td[2]/a")[0]
    user_id, word = home_of(link.get("href", ""))
    for href in row.xpath(".//a[contains(@href, 'attention/add')]/@href"):
        user_id = uid_in(str(href)) or user_id
    return Followee(rank, user_id, None if user_id else word, text_of(link))


def _lines(block: Node) -> Iterator[tuple[str, str]]:
    """The lines of a block as (label, text), split at the first colon, which may be a wide one."""
    line: list[str] = [block.text or ""]
    for child in block:
        if child.tag == "br":
            yield _split("".join(line))
            line = []
        else:
            line.append(text_of(child))
        line.append(child.tail or "")
    yield _split("".join(line))


def _split(line: str) -> tuple[str, str]:
    label, _, text = tidy(line).replace("：", ":", 1).partition(":")
    return label.strip(), text.strip()


def _province(place: str | None) -> str | None:
    """``广东 广州`` -> ``广东``: no more of a place is kept."""
    first = (place or "").split()[:1]
    return first[0] if first and _PROVINCE.fullmatch(first[0]) else None
