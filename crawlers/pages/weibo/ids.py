"""Addresses of Weibo, and the two ways it writes the number of a post."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, quote, urlsplit

CN, MOBILE = "https://weibo.cn", "https://m.weibo.cn"
MOBILE_HEADERS = {"X-Requested-With": "XMLHttpRequest", "MWeibo-Pwa": "1", "Referer": f"{MOBILE}/"}
"""What m.weibo.cn wants to see; a referrer of weibo.com is answered with 432 (2025-11)."""

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_BID = re.compile(r"[0-9A-Za-z]{6,13}")
_UID = re.compile(r"[1-9][0-9]{4,11}")
_WORD = re.compile(r"[0-9A-Za-z_.-]{1,40}")


def mid_of(bid: str) -> str:
    """The decimal number of a post: ``HyTZc60ew`` -> ``4383183661430868``.

    From the right, four characters in base 62 stand for seven decimal digits. Raises: ValueError: it is no such id.
    """
    if _BID.fullmatch(bid) is None:
        raise ValueError("not the id of a post in base 62")
    head, groups = len(bid) % 4 or 4, []
    for start in (0, *range(head, len(bid), 4)):
        number = 0
        for digit in bid[start : start + (head if start == 0 else 4)]:
            number = number * 62 + _DIGITS.index(digit)
        groups.append(number)
    first, *rest = groups
    return str(first) + "".join(f"{group:07}" for group in rest)


def bid_of(mid: str) -> str:
    """The reverse: ``4383183661430868`` -> ``HyTZc60ew``. Raises: ValueError: it is no decimal number."""
    if not (mid.isascii() and mid.isdecimal()):
        raise ValueError("not the decimal id of a post")
    head = len(mid) % 7 or 7
    first, *rest = [mid[:head], *(mid[start : start + 7] for start in range(head, len(mid), 7))]
    return _base62(int(first)) + "".join(_base62(int(group)).rjust(4, "0") for group in rest)


def _base62(number: int) -> str:
    text = ""
    while number >= 62:
        number, digit = divmod(number, 62)
        text = _DIGITS[digit] + text
    return _DIGITS[number] + text


def info_url(user_id: str) -> str:
    """The profile."""
    return f"{CN}/{user_id}/info"


def follow_url(user_id: str, page: int = 1) -> str:
    """A page of those whom somebody follows."""
    return f"{CN}/{user_id}/follow?page={page}"


def posts_url(user_id: str, page: int = 1) -> str:
    """A page of somebody's posts. With the number in the path this is always the account, never a vanity number."""
    return f"{CN}/{user_id}/profile?page={page}"


def home_url(word: str) -> str:
    """The posts of whoever goes by a word or a vanity number."""
    return f"{CN}/{quote(word, safe='')}"


def post_url(post_id: str, page: int = 1) -> str:
    """A post in full, and a page of the comments on it."""
    return f"{CN}/comment/{bid_of(post_id)}?page={page}"


def mobile_profile_url(user_id: str) -> str:
    return f"{MOBILE}/api/container/getIndex?type=uid&value={user_id}"


def mobile_posts_url(user_id: str, following: str = "") -> str:
    """A page of somebody's posts. `following`: how the page before it names it, as in ``since_id=4781413147084961``."""
    more = f"&{following}" if following else ""
    return f"{MOBILE}/api/container/getIndex?type=uid&value={user_id}&containerid=107603{user_id}{more}"


def mobile_text_url(post_id: str) -> str:
    """The text of a long post."""
    return f"{MOBILE}/statuses/extend?id={post_id}"


def home_of(href: str) -> tuple[str | None, str | None]:
    """Whom a link to somebody's home leads to: the number of the account, or a word that stands for one, or neither.

    A bare number in a path is a vanity number: ``/u/1688979803`` and ``/536318345`` may be the same account.
    """
    match [step for step in urlsplit(href).path.split("/") if step]:
        case ["u", uid] if _UID.fullmatch(uid):
            return uid, None
        case [word] if _WORD.fullmatch(word):
            return None, word
    return None, None


def uid_in(href: str, name: str = "uid") -> str | None:
    """The number of an account in the query of a link."""
    found = parse_qs(urlsplit(href).query).get(name, [""])[0]
    return found if _UID.fullmatch(found) else None


def bid_in(href: str) -> str | None:
    """The post that a link to ``/comment/{bid}`` leads to."""
    match [step for step in urlsplit(href).path.split("/") if step]:
        case ["comment", bid] if _BID.fullmatch(bid):
            return bid
    return None
