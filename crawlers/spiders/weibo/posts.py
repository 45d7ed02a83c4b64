"""One post of Weibo: its text in full, where the list cuts it, and the comments on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from crawlers.errors import PageGone
from crawlers.items import Coverage, Item, Remember, Rows
from crawlers.items.weibo import Comment, Post
from crawlers.pages import weibo as pages
from crawlers.site_spider import SiteSpider, failed_request
from crawlers.spiders.weibo.arguments import COMMENT_PAGES, WeiboArgs

Output = Iterator[Rows[Any] | Item | Request | Remember | Coverage]


class PostReader(SiteSpider[WeiboArgs]):
    """The half of the spider that takes the posts of a list, and reads on from them."""

    def page(self, url: str, callback: Callable[..., Any], lost: Callable[..., Any], **state: Any) -> Request:
        headers = pages.MOBILE_HEADERS if url.startswith("https://m.") else None
        return Request(url, callback, errback=lost, headers=headers, cb_kwargs=state, priority=1)

    def keep(self, found: Rows[Post]) -> Output:
        """Posts that are whole, and the way to the others' full text and to the comments."""
        yield found.where(lambda post: not post.is_truncated)
        for post in found:
            cut = post.model_dump() if post.is_truncated else None
            if cut and self.args.source == "m":
                yield self.post_request(pages.mobile_text_url(post.post_id), self.parse_mobile_text, post=cut)
                cut = None
            if cut or (self.args.comments and post.comment_count != 0):
                yield self.post_request(pages.post_url(post.post_id), self.parse_post, post=cut, post_id=post.post_id)

    def post_request(self, url: str, callback: Callable[..., Any], **state: Any) -> Request:
        return self.page(url, callback, self.post_lost, **state)

    def parse_post(
        self,
        response: Response,
        *,
        post: dict[str, Any] | None,
        post_id: str,
        page: int = 1,
        received: int = 0,
        hot: Sequence[str] = (),
    ) -> Output:
        """A post in full, if it was cut in the list, and a page of the comments on it; `hot` ones come twice."""
        if post is not None:
            yield Post(**post | {"text": pages.full_text(response), "is_truncated": False})
        if not self.args.comments:
            return
        found = pages.comments(response, post_id=post_id)
        hot = [*hot, *(comment.comment_id for comment in found if comment.is_hot)]
        new = found.where(lambda comment: comment.is_hot or comment.comment_id not in hot)
        yield new
        state = {"post": None, "post_id": post_id, "page": page + 1, "received": received + len(new), "hot": hot}
        if found.seen and page < min(pages.page_count(response), COMMENT_PAGES):
            yield self.post_request(pages.post_url(post_id, page + 1), self.parse_post, **state)
        else:
            stated = min(pages.comment_count(response) or 0, COMMENT_PAGES * pages.PAGE_SIZE)
            yield Coverage(Comment, stated=stated, received=received + len(new))

    def parse_mobile_text(self, response: Response, *, post: dict[str, Any]) -> Output:
        yield Post(**post | {"text": pages.mobile_text(response), "is_truncated": False})

    def post_lost(self, failure: Failure) -> Output:
        """What the list showed of the post is kept, and marked as cut; comments on it are asked for once more."""
        state = failed_request(failure).cb_kwargs
        is_gone, post = isinstance(failure.value, PageGone), state["post"]
        if post is not None:
            yield Post(**post)
            if "post_id" in state and self.args.comments and post["comment_count"] != 0 and not is_gone:
                url = pages.post_url(state["post_id"])
                yield self.post_request(url, self.parse_post, **{**state, "post": None}).replace(dont_filter=True)
        elif not is_gone:
            failure.raiseException()
