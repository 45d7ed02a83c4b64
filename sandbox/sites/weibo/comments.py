"""The page of weibo.cn about one post: its full text, and the comments on it, ten a page."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from sandbox.sites.weibo.markup import SEPARATOR, badges, document, pager, text_of, time_of
from sandbox.sites.weibo.people import pronoun
from sandbox.sites.weibo.posts import DELETED_ORIGINAL, PAGE, attached

if TYPE_CHECKING:
    from sandbox.worlds.weibo import Account, WeiboWorld
    from sandbox.worlds.weibo_posts import Comment, Post

MANY = 20
CLAIMED_PAGES = 100_000  # what the pager of a post with many comments says
HOT = '<span class="kt">[热门]</span>'


def comment(world: WeiboWorld, post: Post, page: int, viewer: Account) -> bytes:
    """The post, on the first page with its full text, and a page of comments; the hot ones stand on the first page too.
    Behind the last comment is a page without any, and without a pager."""
    remarks = world.comments(post)
    shown = remarks[(page - 1) * PAGE : page * PAGE]
    hot = [remark for remark in remarks if remark.is_hot] if page == 1 else []
    pages = CLAIMED_PAGES if len(remarks) > MANY else -(-len(remarks) // PAGE)
    body = SEPARATOR + (_whole(post, viewer) if page == 1 else _teaser(post)) + _tabs(post, viewer)
    body += "".join(f"{_remark(remark, post, viewer, hot=True)}{SEPARATOR}" for remark in hot)
    if hot:
        body += f'<div class="c"><a href="/comment/hot/{post.bid}?rl=1">查看更多热门&gt;&gt;</a></div>{SEPARATOR}'
    body += "".join(f"{_remark(remark, post, viewer, hot=False)}    {SEPARATOR}" for remark in shown)
    path = f"/comment/{post.bid}"
    body += pager(path, page, pages) if shown else ""
    return document("评论列表", f"{path}?page={page}" if page > 1 else path, body, viewer)


def _tabs(post: Post, viewer: Account) -> str:
    """The counters, and the form for a new comment."""
    likes, reposts, count = post.shown_counts
    uid, bid = post.author.uid, post.bid
    return (
        f'<div class="c"></div><div><span>&nbsp;<a href="/repost/{bid}?uid={uid}&amp;#rt">转发[{reposts}]</a>&nbsp;'
        f'</span><span class="pms">&nbsp;评论[{count}]&nbsp;</span><span >&nbsp;<a href="/attitude/{bid}?#attitude">'
        f'赞[{likes}]</a>&nbsp;</span><br/></div><div class="pms" id="cmtfrm">'
        f'<form action="/comments/addcomment?st={viewer.token}" method="post"><div>    评论只显示前140字:<br/>    '
        f'<input type="hidden" name="srcuid" value="{uid}" />    <input type="hidden" name="id" value="{bid}" />    '
        '<input type="submit" value="评论" /></div></form></div>'
    )


def _whole(post: Post, viewer: Account) -> str:
    """The post on its own page: its id is missing there, its text is whole, and its time has seconds."""
    author = post.author
    head = f'    <a href="/{author.uid}">{escape(author.nickname)}</a>{badges(author)}    '
    words = text_of(post.parts, post, surplus=False) + attached(post)
    time = (
        "        <!-- 是否进行翻译 -->        &nbsp;    "
        f'<span class="ct">{post.created_at:%Y-%m-%d %H:%M:%S}    </span>    &nbsp;'
        f'<a href="/attention/add?uid={author.uid}&amp;rl=1&amp;st={viewer.token}">关注{pronoun(author)}</a>        '
        f'&nbsp;<a href="/spam/?mid={post.bid}&amp;fuid={author.uid}&amp;type=1&amp;rl=1">举报</a>    '
    )
    if not post.is_retweet:
        return f'<div class="c" id="M_"><div>{head}<span class="ctt">:{words}</span>{time}</div></div>'
    reason = (words + text_of(post.chain, post, surplus=False)) or "转发微博"
    last = f'<div><span class="cmt">转发理由:</span>{reason}{time}</div>'
    return f'<div class="c" id="M_"><div>{head}{_quoted(post)}</div>{last}</div>'


def _quoted(post: Post) -> str:
    """What a retweet passed on, whole."""
    original = post.original
    if original is None:
        return DELETED_ORIGINAL
    author = original.author
    _, reposts, remarks = original.shown_counts
    return (
        f'<span class="cmt">&nbsp;转发了&nbsp;<a href="/{author.uid}">@{escape(author.nickname)}</a>{badges(author)}'
        f'&nbsp;的微博:</span><span class="ctt">{text_of(original.parts, original, surplus=False)}</span>        &nbsp;'
        f'<span class="cmt">原文转发[{reposts}]</span>&nbsp;'
        f'<a href="/comment/{original.bid}#cmtfrm" class="cc">原文评论[{remarks}]</a>'
    )


def _teaser(post: Post) -> str:
    """What further pages of comments show of the post."""
    said = f"{escape(post.author.nickname)}:{escape(post.text[:12])}..."
    return f'<div class="c"><div>    <a href="/comment/{post.bid}?">{said}</a></div></div>'


def _remark(remark: Comment, post: Post, viewer: Account, *, hot: bool) -> str:
    """A comment; where the region is known, 来自 stands twice."""
    author, cid, bid = remark.author, remark.cid, post.bid
    gap = "" if hot else "        "
    where = f"来自来自{remark.region}" if remark.region else "网页"
    like = f"/attitude/{bid}/update?object_type=comment&amp;uid={viewer.uid}&amp;rl=1&amp;st={viewer.token}"
    reply = f"/comments/reply/{bid}/{cid}?rl=1&amp;st={viewer.token}"
    return (
        f'<div class="c" id="C_{cid}">{HOT if hot else ""}{gap}<a href="{author.home}">{escape(author.nickname)}</a>'
        f'{badges(author)}{gap}:<span class="ctt">{text_of(remark.parts, post, surplus=False)}</span>&nbsp;'
        f'<a href="/spam/?cid={cid}&amp;fuid={author.uid}&amp;type=2&amp;rl=1">举报</a>&nbsp;'
        f'<span class="cc"><a href="{like}">赞[{remark.like_count}]</a></span>&nbsp;'
        f'<span class="cc"><a href="{reply}">回复</a></span>&nbsp;'
        f'{gap}<span class="ct">{time_of(remark.created_at)}&nbsp;{where}    </span></div>'
    )
