"""What kind of page a response of Weibo is: data, or one of the many walls that come with status 200."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urljoin, urlsplit

from scrapy.http import Response

from crawlers.pages.state import PageState
from crawlers.pages.weibo.markup import Node, page_of, text_of
from crawlers.parsing.html_end import has_end
from crawlers.parsing.json_body import json_of

ROUTE_WORDS = frozenset(
    {
        "weibo.cn", "m.weibo.cn", "weibo.com", "info", "follow", "profile", "comment", "u", "n", "repost", "mblog",
        "picAll", "album", "photo", "api", "container", "getIndex", "statuses", "extend", "show", "comments",
        "robots.txt",
    }
)  # fmt: skip

_THROTTLED = frozenset({403, 414, 418, 429, 432})
_SIGN_IN_HOSTS = ("passport.weibo.cn", "passport.weibo.com", "login.sina.com.cn", "visitor.passport.weibo.cn")
_SIGN_IN_TITLES = re.compile(r"登录 - 新|新浪通行证|Sina Visitor System|新浪.{3}$")
_FREQUENT = re.compile(r"(?:请求|操作)过于频繁")
_FROZEN = re.compile(r"账号(?:出现)?异常|冻结|解冻|短信验证|安全验证")
_MISSING = re.compile(r"(?:页面|用户|微博|地址)不存在")
HIDDEN_NOTICE = re.compile(r"由于对方的设置|暂无查看权限")
_SECURITY = re.compile(r"security\.weibo\.com|captcha|geetest", re.IGNORECASE)
NOTHING_HERE = "这里还没有内容"


def recognise(response: Response) -> PageState:
    """Tell pages of data from walls.

    OK: a page of weibo.cn with its counters, a profile, a post, and its end; JSON of m.weibo.cn with data. EMPTY: JSON
    that says there is nothing, which is also how m.weibo.cn speaks of accounts that are gone, and to sessions it half
    believes: ask elsewhere; or a page that says somebody hides it. GONE: not there, or a post that is hidden.
    LOGIN_REQUIRED: the session is over. RATE_LIMITED: too frequent, in words, by status, by an empty body or by a page
    without content. BLOCKED: the account is frozen. CHANGED: anything else.
    """
    if 300 <= response.status < 400:
        return _state_of_redirect(response)
    if urlsplit(response.url).hostname in _SIGN_IN_HOSTS:
        return PageState.LOGIN_REQUIRED
    if response.status in _THROTTLED:
        return PageState.RATE_LIMITED
    if response.status in {400, 404, 410}:
        return PageState.GONE
    if response.status != 200:
        return PageState.CHANGED
    if not response.body.strip():
        return PageState.RATE_LIMITED
    is_json = response.body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in {b"{", b"["}
    return _state_of_json(response) if is_json else _state_of_page(response)


def _state_of_redirect(response: Response) -> PageState:
    """The site sends nobody to another host but those it wants to log in, or to prove who they are."""
    target = (response.headers.get(b"Location") or b"").decode("latin-1")
    if _SECURITY.search(target):
        return PageState.BLOCKED
    if not target and urlsplit(response.url).hostname == "m.weibo.cn":
        return PageState.LOGIN_REQUIRED  # reported (2026) of sessions without SUB; where to, the report does not say
    host = urlsplit(urljoin(response.url, target)).hostname
    return PageState.CHANGED if host in {"weibo.cn", "m.weibo.cn"} else PageState.LOGIN_REQUIRED


def _state_of_json(response: Response) -> PageState:
    try:
        page = json_of(response)
    except ValueError:
        return PageState.CHANGED
    if not isinstance(page, dict):
        return PageState.CHANGED
    said = f"{page.get('msg') or page.get('message') or ''}"
    if page.get("ok") == -100:
        return PageState.BLOCKED if _SECURITY.search(str(page.get("url"))) else PageState.LOGIN_REQUIRED
    if str(page.get("errno")) == "100005" or _FREQUENT.search(said):
        return PageState.RATE_LIMITED
    if page.get("ok") == 1 and isinstance(page.get("data"), dict):
        return PageState.OK
    if _FROZEN.search(said) or _SECURITY.search(str(page.get("url"))):
        return PageState.BLOCKED
    if page.get("error_code") == 20112 or HIDDEN_NOTICE.search(said) or _MISSING.search(said):
        return PageState.GONE
    return PageState.EMPTY if page.get("ok") == 0 and said == NOTHING_HERE else PageState.CHANGED


def _state_of_page(response: Response) -> PageState:
    """First what only pages of data have: what a page of data says is somebody's text."""
    try:
        root = page_of(response)
    except ValueError:
        return PageState.CHANGED
    if is_data(root):
        # A page that was cut on its way would lose rows, and nothing else would show it.
        return PageState.OK if has_end(response.body) else PageState.CHANGED
    title = text_of(found[0]) if (found := root.xpath("//title")) else ""
    if _SIGN_IN_TITLES.match(title):
        return PageState.LOGIN_REQUIRED
    said = text_of(root)
    if urlsplit(response.url).hostname != "weibo.cn" and not _FROZEN.search(said):
        return PageState.LOGIN_REQUIRED  # a page where JSON is due: the gate for visitors
    if _MISSING.search(said):
        return PageState.GONE
    if _FREQUENT.search(said):
        return PageState.RATE_LIMITED
    if _FROZEN.search(said):
        return PageState.BLOCKED
    if HIDDEN_NOTICE.search(said):
        return PageState.GONE if urlsplit(response.url).path.startswith("/comment/") else PageState.EMPTY
    return PageState.CHANGED if root.xpath("//div[@class='c' or @class='n']") else PageState.RATE_LIMITED


def is_data(root: Node) -> bool:
    """Whether a page of weibo.cn has what its kind always has: counters, a profile's blocks, or a post."""
    return bool(
        root.xpath(
            "//div[@class='tip2' and contains(., '[')] | //div[@class='tip'][.='基本信息']"
            " | //div[@class='c'][@id='M_' or starts-with(@id, 'C_')] | //div[@id='cmtfrm']"
            " | //a[starts-with(@href, '/album/') or starts-with(@href, '/mblog/pic/')]"
        )
    )


def json_data(response: Response) -> dict[str, Any]:
    """What is under ``data`` in JSON that `recognise` let pass; nothing where it says that there is nothing."""
    data = json_of(response).get("data")
    return data if isinstance(data, dict) else {}
