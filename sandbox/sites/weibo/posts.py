"""Pages of weibo.cn with the posts of a person, ten places a page."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from sandbox.sites.weibo.markup import SEPARATOR, badges, base, document, pager, redirect, text_of, time_of
from sandbox.sites.weibo.people import HIDDEN, avatar, tabs
from sandbox.worlds import weibo_text
from sandbox.worlds.weibo_vocabulary import LINKED_SOURCE

if TYPE_CHECKING:
    from sandbox.worlds.weibo import Account, WeiboWorld
    from sandbox.worlds.weibo_people import Person
    from sandbox.worlds.weibo_posts import Post

PAGE = 10
DELETED_ORIGINAL = (
    '<span class="cmt">转发了微博：</span><span class="ctt">抱歉，此微博已被作者删除。查看帮助：'
    '<a href="https://weibo.cn/sinaurl?u=http%3A%2F%2Ft.cn%2FzWSudZc">http://t.cn/zWSudZc</a></span>'
)
FOREIGN = 19  # every so manieth person's first page shows a post of somebody else among the person's own


def profile(world: WeiboWorld, person: Person, path: str, page: int, viewer: Account, *, flickers: bool) -> bytes:
    """A page of a person's posts. `path`: as it was asked for, which is what links to other pages repeat; `flickers`:
    the page is empty this once, without a pager."""
    places = world.posts[person.index]
    posts = [post for post in places[(page - 1) * PAGE : page * PAGE] if post]
    body = _header(person, path, viewer)
    if person.hides_posts:
        body += HIDDEN
    elif not flickers:
        rows = [_row(post, page, viewer) for post in posts]
        if page == 1 and person.index % FOREIGN == FOREIGN - 1 and (foreign := advertised(world)):
            rows.insert(1, _row(foreign, page, viewer))
        body += "".join(f"{row}{SEPARATOR}" for row in rows)
        body += pager(path, page, -(-len(places) // PAGE)) if posts else ""
    refresh = f"{path}?page={page}" if page > 1 else path
    return document(f"{person.nickname}的微博", refresh, body, viewer, subject=person)


def _header(person: Person, path: str, viewer: Account) -> str:
    uid = person.uid
    followed = '<span class="cmt">已关注</span>'
    add = f'<a href="/attention/add?uid={uid}&amp;rl=0&amp;st={viewer.token}">加关注</a>'
    reason = (
        f'<span class="ctt">认证：{escape(person.verified_reason)}　</span><br />' if person.verified_reason else ""
    )
    said = (
        f'<span class="ctt" style="word-break:break-all; width:50px;">{escape((person.description or "")[:30])}</span>'
    )
    return (
        f'<div class="u"><table><tr><td valign="top"><a href="/{uid}/avatar?rl=0"><img src="{avatar(person, 50)}" '
        'alt="头像" class="por" /></a></td><td valign="top"><div class="ut"><span class="ctt">'
        f"{escape(person.nickname)}{badges(person)}&nbsp;{person.gender or ''}/{person.province or ''}    &nbsp;    "
        f"{followed if person.index in viewer.follows else add}</span><br />{reason}{said}<br />"
        f'<a href="/im/chat?uid={uid}&amp;rl=0">私信</a>&nbsp;<a href="/{uid}/info">资料</a>&nbsp;'
        f'<a href="/{uid}/operation?rl=0">操作</a>&nbsp;<a href="/attgroup/special?fuid={uid}&amp;st={viewer.token}">'
        f"特别关注</a></div></td></tr></table>{tabs(person, '微博')}</div>"
        f'<div class="pmst"><span class="pms">&nbsp;微博&nbsp;</span><span class="pmsl">&nbsp;'
        f'<a href="/{uid}/photo?tf=6_008">相册</a>&nbsp;</span></div><div class="pms" >全部-'
        f'<a href="{path}?filter=1">原创</a>-<a href="{path}?filter=2">图片</a>-'
        f'<a href="/{uid}/search?f=u&amp;rl=0">筛选</a></div>'
    )


def advertised(world: WeiboWorld) -> Post | None:
    """The post that stands among those of other people: the root's oldest, which its own first pages do not show."""
    return next((post for post in reversed(world.posts[0]) if post and not post.is_retweet), None)


def _row(post: Post, page: int, viewer: Account) -> str:
    """A post in a list: one to three blocks. The last has the counters as links, the time and the source."""
    pinned = '<span class="kt">置顶</span>' if post.is_pinned else ""
    if post.is_retweet:
        first = f"{pinned}{_original(post)}"
        words = text_of((*post.parts, *post.chain), post, surplus=True) if post.parts or post.chain else "转发微博"
        last = f'<span class="cmt">转发理由:</span>{words}&nbsp;&nbsp;<br />'
        return _blocks(post, [first, last + _footer(post, page, viewer)])
    first = f'{pinned}<span class="ctt">{_own_text(post)}{attached(post)}</span>'
    if post.place:
        first += '&nbsp;[<a href="http://place.weibo.com/imgmap/center=30.25,120.16">显示地图</a>]'
    if len(post.pictures) > 1:
        first += f'&nbsp;[<a href="{base(post.author)}/mblog/picAll/{post.bid}?rl=1">组图共{len(post.pictures)}张</a>]'
    if not post.pictures:
        return _blocks(post, [f"{first}&nbsp;<br />{_footer(post, page, viewer)}"])
    return _blocks(post, [first, _picture(post) + "<br />" + _footer(post, page, viewer)])


def _blocks(post: Post, blocks: list[str]) -> str:
    return f'<div class="c" id="M_{post.bid}">{"".join(f"<div>{block}</div>" for block in blocks)}</div>'


def _own_text(post: Post) -> str:
    """What a list shows of an original post: with zero-width spaces at the end, or cut, with a link to the rest."""
    if not post.is_long:
        return text_of(post.parts, post, surplus=True) + " \u200b\u200b"
    shown = text_of(weibo_text.shortened(post.parts), post, surplus=True)
    return f"{shown}...<a href='/comment/{post.bid}?ckAll=1'>全文</a>"


def attached(post: Post) -> str:
    """Links that the site puts behind a text, though nobody wrote them: to a video, and to the place on a map."""
    links = ""
    if post.has_video:
        video = f"https://m.weibo.cn/s/video/show?object_id=1034:{post.mid}&amp;fromWap=1"
        links += f' <a href="{video}">{escape(post.author.nickname)}的微博视频</a> '
    if post.place:
        links += f' <a href="{redirect("http://t.cn/RqJlYpV", post)}">{escape(post.place)}</a> '
    return links


def _original(post: Post) -> str:
    """The first block of a retweet (and a second for pictures): whose post it is, that post, and its counters."""
    original = post.original
    if original is None:
        return DELETED_ORIGINAL
    author = original.author
    likes, reposts, remarks = original.shown_counts
    counters = (
        f'&nbsp;<span class="cmt">赞[{likes}]</span>&nbsp;<span class="cmt">原文转发[{reposts}]</span>&nbsp;'
        f'<a href="{base(post.author)}/comment/{original.bid}?rl=0#cmtfrm" class="cc">原文评论[{remarks}]</a><!---->'
    )
    quoted = (
        f'<span class="cmt">转发了&nbsp;<a href="{base(post.author)}{author.home}">{escape(author.nickname)}</a>'
        f'{badges(author)}&nbsp;的微博:</span><span class="ctt">{_own_text(original)}</span>'
    )
    if original.pictures:
        return f"{quoted}</div><div>{_picture(original)}{counters}"
    return quoted + counters


def _picture(post: Post) -> str:
    """The first picture. Its name tells whose it is."""
    name = post.pictures[0]
    return (
        f'<a href="https://weibo.cn/mblog/pic/{post.bid}?rl=0">'
        f'<img src="http://wx{len(post.pictures) % 4 + 1}.sinaimg.cn/wap180/{name}.jpg" alt="图片" class="ib" /></a>'
        f'&nbsp;<a href="https://weibo.cn/mblog/oripic?id={post.bid}&amp;u={name}">原图</a>&nbsp;'
    )


def _footer(post: Post, page: int, viewer: Account) -> str:
    likes, reposts, remarks = post.shown_counts
    start, uid, bid = base(post.author), post.author.uid, post.bid
    source = post.source
    if source == LINKED_SOURCE and post.created_at.second:
        source = f'<a href="{start}/sinaurl?f=w&amp;u=http%3A%2F%2Fdown.sina.cn%2Fsinaclient">{source}</a>'
    return (
        f'<a href="{start}/attitude/{bid}/add?uid={viewer.uid}&amp;rl=0&amp;st={viewer.token}">赞[{likes}]</a>&nbsp;'
        f'<a href="{start}/repost/{bid}?uid={uid}&amp;rl=0">转发[{reposts}]</a>&nbsp;'
        f'<a href="{start}/comment/{bid}?uid={uid}&amp;rl=0#cmtfrm" class="cc">评论[{remarks}]</a>&nbsp;'
        f'<a href="{start}/fav/addFav/{bid}?rl=0&amp;st={viewer.token}">收藏</a><!---->&nbsp;'
        f'<span class="ct">{time_of(post.created_at, page=page)}{f"&nbsp;来自{source}" if source else ""}</span>'
    )
