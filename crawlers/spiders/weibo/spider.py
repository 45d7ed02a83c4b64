"""Weibo: breadth-first over the lists of whom people follow, with the posts of everybody who is found."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import asdict
from typing import Any

from scrapy import Request
from scrapy.exceptions import CloseSpider
from scrapy.http import Response
from twisted.python.failure import Failure

from crawlers.errors import PageGone
from crawlers.items import Coverage, Item, Remember
from crawlers.items.weibo import Comment, Discovery, Follow, Post, User
from crawlers.pages import weibo as pages
from crawlers.site_spider import AccountRules, essential, failed_request
from crawlers.spiders.weibo.arguments import ROOT
from crawlers.spiders.weibo.posts import Output, PostReader

NOBODY = ""  # whom a word leads to, as far as is known


class WeiboSpider(PostReader):
    """A user's profile -> pages of followees -> pages of posts -> the user's row; then the next who was discovered.

    Each step hands on what is known of the user; whatever fails on the way, the row is written, with the status of both
    lists. Only the pages of a root that is alone must not fail: without them there is no crawl. With one account
    everything happens in this order; several work on as many users at a time.
    """

    name = "weibo"
    accounts = AccountRules(hosts=("weibo.cn", "m.weibo.cn"), needed=("SUB",), further=("SUBP", "_T_WM", "XSRF-TOKEN"))
    allowed_domains = ["weibo.cn"]  # noqa: RUF012  (Scrapy's own shape, as below)
    custom_settings = {  # noqa: RUF012
        "DOWNLOAD_DELAY": 6.0,  # of each account, and up to half as much again
        "BACKOFF_FIRST_S": 600.0,
        "REDIRECT_ENABLED": False,  # the site redirects to its login only, which is to be seen, not followed
        "RETRY_PRIORITY_ADJUST": 0,  # the order of discovery is part of the data
    }

    notice = (
        "robots.txt of weibo.cn and m.weibo.cn disallows everything; a crawl ends there, before its first page, unless "
        "you decide otherwise with -s ROBOTSTXT_OBEY=False. See docs/sites/weibo.md"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.roots = list(dict.fromkeys(self.args.root_file or [self.args.root]))

    def rests_on(self) -> Sequence[str]:
        mobile = [pages.mobile_profile_url(ROOT)] if self.args.source == "m" else []
        return [pages.info_url(ROOT), pages.follow_url(ROOT), pages.posts_url(ROOT), *mobile]

    def collected(self) -> list[type[Item]]:
        wanted = {Follow: self.args.follow_pages, Post: self.args.post_pages, Comment: self.args.comments}
        return [table for table in super().collected() if wanted.get(table, True)]

    async def start(self) -> AsyncIterator[Request]:
        for user_id in self.roots:
            yield self.first_request(user_id, depth=0)

    # -- one user ----------------------------------------------------------------------------------------------------

    def first_request(self, user_id: str, depth: int) -> Request:
        """The profile, once for each user; who was discovered first is first."""
        user = {"user_id": user_id, "follow_list_status": "not_tried", "post_list_status": "not_tried"}
        if self.args.source == "m":
            url, callback = pages.mobile_profile_url(user_id), self.parse_mobile_profile
        else:
            url, callback = pages.info_url(user_id), self.parse_profile
        request = self.step(url, callback, self.profile_lost, user=user, depth=depth)
        return request.replace(priority=0, dont_filter=False)

    def step(self, url: str, callback: Callable[..., Any], lost: Callable[..., Any], **state: Any) -> Request:
        """A page of a user, who is done before the next is begun. All the rest hangs on those of the only root."""
        request = self.page(url, callback, lost, **state).replace(dont_filter=True)
        is_only_root = self.roots == [state["user"]["user_id"]]
        return essential(request.replace(errback=self.root_lost)) if is_only_root else request

    def root_lost(self, failure: Failure) -> None:
        """Only its profile says that there is no such account. Once that was read, there is one."""
        is_profile = "profile_status" not in failed_request(failure).cb_kwargs["user"]
        if isinstance(failure.value, PageGone) and is_profile:
            self.logger.error("there is no account of this number, or it is closed; name another: -a root=<number>")
            raise CloseSpider("bad_argument")
        failure.raiseException()

    def seen(self, user: dict[str, Any], depth: int) -> Output:
        """A root is discovered when its profile was asked for; the others were before."""
        if depth == 0:
            place = self.roots.index(user["user_id"])
            yield Discovery(user_id=user["user_id"], discovery_index=place, depth=0)

    def parse_profile(self, response: Response, *, user: dict[str, Any], depth: int) -> Output:
        yield from self.to_followees({**user, **pages.profile(response), "profile_status": "complete"}, depth)

    def parse_mobile_profile(self, response: Response, *, user: dict[str, Any], depth: int) -> Output:
        """Nothing may mean that the account is gone or that the session is not believed: weibo.cn says which."""
        if found := pages.mobile_profile(response):
            yield from self.to_followees({**user, **found, "profile_status": "complete"}, depth)
        else:
            url = pages.info_url(user["user_id"])
            yield self.step(url, self.parse_profile, self.profile_lost, user=user, depth=depth)

    def profile_lost(self, failure: Failure) -> Output:
        state = failed_request(failure).cb_kwargs
        user, depth = state["user"], state["depth"]
        if isinstance(failure.value, PageGone):
            gone = dict.fromkeys(("profile_status", "follow_list_status", "post_list_status"), "gone")
            yield from self.seen(user, depth)
            yield User(**user | gone)
        else:
            yield from self.to_followees({**user, "profile_status": "failed"}, depth)

    # -- whom the user follows ---------------------------------------------------------------------------------------

    def discovered(self) -> int:
        """How many users were discovered so far, roots included."""
        return len(self.roots) + int(self.memory.recall("discovered", 0))

    def is_full(self, discovered: int) -> bool:
        return bool(self.args.users) and discovered >= self.args.users

    def to_followees(self, user: dict[str, Any], depth: int) -> Output:
        yield from self.seen(user, depth)
        if self.args.follow_pages and not self.is_full(self.discovered()):
            yield self.follow_request(user, depth, page=1)
        else:
            yield from self.to_posts(user)

    def follow_request(self, user: dict[str, Any], depth: int, **state: Any) -> Request:
        url = pages.follow_url(user["user_id"], state["page"])
        return self.step(url, self.parse_followees, self.followees_lost, user=user, depth=depth, **state)

    def parse_followees(
        self, response: Response, *, user: dict[str, Any], depth: int, page: int, received: int = 0, again: bool = False
    ) -> Output:
        """A page of the list. One that is empty and does not say why is asked for once more."""
        user = _with_counts(user, pages.counters(response))
        found = pages.followees(response, page=page)
        state: dict[str, Any] = {"user": user, "depth": depth, "page": page, "received": received}
        if found:
            yield from self.resolve([asdict(row) for row in found], of=pages.page_count(response), **state)
        elif (why := pages.why_empty(response)) is None and not again:
            yield self.follow_request(**state, again=True)
        else:
            yield from self.to_posts({**user, "follow_list_status": why or "failed"})

    def resolve(self, rows: list[dict[str, Any]], *, user: dict[str, Any], **state: Any) -> Output:
        """Find the number of whoever stands there by a word alone, one page each; then go on with the whole page."""
        for row in rows:
            if row["user_id"] is None and row["word"] is not None:
                row["user_id"] = self.memory.recall(f"word {row['word']}")
                if row["user_id"] is None:
                    url, state = pages.home_url(row["word"]), {**state, "user": user, "rows": rows, "word": row["word"]}
                    yield self.page(url, self.parse_home, self.home_lost, **state).replace(dont_filter=True)
                    return
        yield from self.discover([row for row in rows if row["user_id"] != NOBODY], user=user, **state)

    def parse_home(self, response: Response, *, word: str, **state: Any) -> Output:
        user_id = pages.page_owner(response)
        yield Remember(f"word {word}", user_id)
        yield from self.resolved(word, user_id, **state)

    def home_lost(self, failure: Failure) -> Output:
        """The row is left out, and counted as missing. Other lists ask again where the word leads, unless nowhere."""
        state = failed_request(failure).cb_kwargs
        if isinstance(failure.value, PageGone):
            yield Remember(f"word {state['word']}", NOBODY)
        yield from self.resolved(user_id=NOBODY, **state)

    def resolved(self, word: str, user_id: str, *, rows: list[dict[str, Any]], **state: Any) -> Output:
        rows = [{**row, "user_id": user_id} if row["word"] == word else row for row in rows]
        yield from self.resolve(rows, **state)

    def discover(
        self, found: list[dict[str, Any]], *, user: dict[str, Any], depth: int, page: int, of: int, received: int
    ) -> Output:
        """The edges of a page, and those whom nobody had led to before, up to the limit of users."""
        edges = pages.follows(found, source_id=user["user_id"])
        yield edges
        discovered = self.discovered()
        new: list[str] = []
        for user_id in (edge.target_id for edge in edges):
            if self.is_full(discovered + len(new)):
                break
            if user_id not in (*self.roots, *new) and not self.memory.knows(f"user {user_id}"):
                origin = {"depth": depth + 1, "discovered_from": user["user_id"]}
                yield Discovery(user_id=user_id, discovery_index=discovered + len(new), **origin)
                yield Remember(f"user {user_id}")
                yield self.first_request(user_id, depth + 1)
                new.append(user_id)
        if new:
            yield Remember("discovered", discovered + len(new) - len(self.roots))
        received += len(edges)
        if page < min(of, self.args.follow_pages) and not self.is_full(discovered + len(new)):
            yield self.follow_request(user, depth, page=page + 1, received=received)
            return
        stated = user.get("followee_count", received)
        yield Coverage(Follow, stated=min(stated, page * pages.PAGE_SIZE), received=received)
        yield from self.to_posts({**user, "follow_list_status": _status_after(page, of, stated)})

    def followees_lost(self, failure: Failure) -> Output:
        status = "gone" if isinstance(failure.value, PageGone) else "failed"
        yield from self.to_posts({**failed_request(failure).cb_kwargs["user"], "follow_list_status": status})

    # -- what the user posts -----------------------------------------------------------------------------------------

    def to_posts(self, user: dict[str, Any]) -> Output:
        if not self.args.post_pages:
            yield User(**user)
        elif self.args.source == "m":
            yield self.mobile_posts_request(pages.mobile_posts_url(user["user_id"]), user, page=1)
        else:
            yield self.posts_request(user, page=1)

    def posts_request(self, user: dict[str, Any], **state: Any) -> Request:
        url = pages.posts_url(user["user_id"], state["page"])
        return self.step(url, self.parse_posts, self.posts_lost, user=user, **state)

    def parse_posts(self, response: Response, *, user: dict[str, Any], page: int, again: bool = False) -> Output:
        """A page of the list. Hidden rows leave it short, which says nothing; an empty one is asked for once more."""
        user = _with_counts(user, pages.counters(response))
        found = pages.posts(response, user_id=user["user_id"])
        yield from self.keep(found)
        of = pages.page_count(response)
        if not found.seen and (why := pages.why_empty(response)) is None and not again:
            yield self.posts_request(user, page=page, again=True)
        elif not found.seen:
            yield User(**{**user, "post_list_status": why or "failed"})
        elif page < min(of, self.args.post_pages):
            yield self.posts_request(user, page=page + 1)
        else:
            yield User(**{**user, "post_list_status": _status_after(page, of, user.get("post_count", 0))})

    def mobile_posts_request(self, url: str, user: dict[str, Any], **state: Any) -> Request:
        return self.step(url, self.parse_mobile_posts, self.posts_lost, user=user, **state)

    def parse_mobile_posts(
        self, response: Response, *, user: dict[str, Any], page: int, received: int = 0, again: bool = False
    ) -> Output:
        """A page of the list. If there is nothing at all, weibo.cn says why, as for profiles. The end is not marked: a
        list that ends a page or more before its stated count has been cut short, where hidden posts are only a few."""
        found = pages.mobile_posts(response, user_id=user["user_id"])
        yield from self.keep(found)
        following = pages.mobile_following(response, user_id=user["user_id"])
        received += found.seen
        is_nothing = not found.seen and following is None
        is_short = user.get("post_count", 0) - received >= pages.PAGE_SIZE
        if not found.seen and page == 1:
            yield self.posts_request(user, page=1)
        elif following is not None and page < self.args.post_pages:
            yield self.mobile_posts_request(following, user, page=page + 1, received=received)
        elif is_nothing and is_short and not again:
            yield self.mobile_posts_request(response.url, user, page=page, received=received, again=True)
        else:
            is_whole = following is None and not is_short
            status = "complete" if is_whole else "failed" if is_nothing else "cut_by_limit"
            yield User(**{**user, "post_list_status": status})

    def posts_lost(self, failure: Failure) -> Output:
        status = "gone" if isinstance(failure.value, PageGone) else "failed"
        yield User(**{**failed_request(failure).cb_kwargs["user"], "post_list_status": status})


def _status_after(page: int, of: int, stated: int) -> str:
    """Of a list of weibo.cn that was read up to a page. The site shows 20 pages of followees, whatever it states."""
    return "cut_by_limit" if page < of or stated > of * pages.PAGE_SIZE else "complete"


def _with_counts(user: dict[str, Any], stated: dict[str, Any]) -> dict[str, Any]:
    """What is known of a user, with counts that are exact in place of rounded ones."""
    rounded = [name for name in user.get("rounded_counts") or () if name not in stated]
    return {**user, **stated, "rounded_counts": rounded}
