"""The ids of Weibo: of posts, decimal (mid) and in base 62 (bid), and the names of pictures, which hold a uid."""

from __future__ import annotations

import datetime as dt
import hashlib

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
EPOCH_S = 515_483_463  # a mid is the seconds since then, shifted by 22 bits
_SHIFT = 22
_HEX_UIDS = 2**32  # larger uids do not fit into 8 hex digits


def base62(number: int) -> str:
    """A number from 0 on, without leading zeros."""
    text = ""
    while number >= 62:
        number, digit = divmod(number, 62)
        text = DIGITS[digit] + text
    return DIGITS[number] + text


def bid_of(mid: str) -> str:
    """``4383183661430868`` -> ``HyTZc60ew``: groups of 7 digits from the right, each in base 62, all but the first with
    4 characters."""
    first = len(mid) % 7 or 7
    groups = [mid[:first], *(mid[place : place + 7] for place in range(first, len(mid), 7))]
    return base62(int(groups[0])) + "".join(base62(int(group)).rjust(4, "0") for group in groups[1:])


def mid_at(moment: dt.datetime, salt: int) -> str:
    """16 digits that grow with time, as the site's do; `salt` tells apart what was written in the same second."""
    return str((int(moment.timestamp()) - EPOCH_S) << _SHIFT | salt % 2**_SHIFT)


def picture_prefixes(uid: str) -> list[str]:
    """What the names of a person's pictures begin with: old ones with the uid in hex, new ones in base 62."""
    number = int(uid)
    new = f"00{base62(number).rjust(6, '0')}"
    return [f"{number:08x}", new] if number < _HEX_UIDS else [new]


def picture_name(uid: str, number: int) -> str:
    """As the site calls the picture number `number` of a person: ``63885668ly1gfn5qz5m1yj20u0140472``."""
    prefixes = picture_prefixes(uid)
    digest = int.from_bytes(hashlib.sha256(f"{uid}/{number}".encode()).digest()[:9])
    kind = ("ly", "gy")[digest % 2]
    return f"{prefixes[number % len(prefixes)]}{kind}1g{_base36(digest, 8)}j20u0140{_base36(digest >> 42, 3)}"


def _base36(number: int, length: int) -> str:
    digits = ""
    for _ in range(length):
        number, digit = divmod(number, 36)
        digits += DIGITS[digit]
    return digits
