"""What a crawl of Weibo may be told: where to begin, how far to go, and what to read."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from crawlers.items import Pseudonymize
from crawlers.items.weibo import USER_ID
from crawlers.site_spider import ListedInFile, SpiderArgs

COMMENT_PAGES = 5  # the pager claims up to 100,000, of which a fraction can be read
ROOT = "3237705130"  # Peking University, from where the graph of 2017 was crawled

UserId = Annotated[str, Field(pattern=USER_ID)]


class WeiboArgs(SpiderArgs):
    root: Annotated[
        str, Field(pattern=USER_ID, description="number (uid) of the account to begin with"), Pseudonymize("user")
    ] = ROOT
    root_file: Annotated[
        Annotated[tuple[UserId, ...], Field(min_length=1)] | None,
        ListedInFile,
        Pseudonymize("user"),
        Field(description="a file of such numbers, one a line, to begin with instead of root"),
    ] = None
    users: Annotated[int, Field(ge=0, description="stop discovering at this many users; 0 = no limit")] = 2000
    follow_pages: Annotated[int, Field(ge=0, description="pages of followees to read per user, 10 rows each")] = 5
    post_pages: Annotated[int, Field(ge=0, description="pages of posts to read per user, 10 posts each")] = 5
    comments: Annotated[bool, Field(description=f"read up to {COMMENT_PAGES} pages of comments on every post")] = False
    source: Annotated[
        Literal["cn", "m"], Field(description="where profiles and posts are read: cn = weibo.cn, m = m.weibo.cn")
    ] = "cn"
