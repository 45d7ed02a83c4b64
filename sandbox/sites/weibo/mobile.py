"""The JSON of m.weibo.cn: a person, the person's posts, one post, and the text of a long one.

Keys and their order as recorded in 2019 and 2022; what a crawl cannot use (badges, menus) is left out.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import orjson

from sandbox.sites import Reply
from sandbox.sites.weibo.markup import EMOJI, EMOJI_FILES, asked_number
from sandbox.sites.weibo.people import avatar
from sandbox.sites.weibo.posts import advertised
from sandbox.sites.weibo.walls import JSON
from sandbox.worlds import weibo_text
from sandbox.worlds.weibo_text import shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sandbox.worlds.weibo import WeiboWorld
    from sandbox.worlds.weibo_people import Person
    from sandbox.worlds.weibo_posts import Post
    from sandbox.worlds.weibo_text import Part

    Query = Mapping[str, list[str]]

PAGE = 10
LARGEST_PAGE = 100
TABS = (("profile", "主页", "230283"), ("weibo", "微博", "107603"), ("album", "相册", "107803"))
POSTS = ("107603", "230413")  # two containers with the same posts; only the second minds `count`
NOTHING = {"ok": 0, "msg": "这里还没有内容", "data": {"cards": []}}
VERIFIED_TYPES = {None: -1, "person": 0, "organisation": 7}


def answer(world: WeiboWorld, path: str, query: Query) -> Reply:
    """A page of m.weibo.cn; HTML with 404 for paths that it does not have."""
    match path:
        case "/api/container/getIndex":
            return _json(path, _index(world, query))
        case "/statuses/show":
            wanted = query.get("id", [""])[0]
            post = world.by_bid.get(wanted) or world.by_mid.get(wanted)
            return _json(path, {"ok": 1, "data": _mblog(post)} if post else {"ok": 0, "msg": "微博不存在"})
        case "/statuses/extend":
            post = world.by_mid.get(query.get("id", [""])[0])
            if post is None:
                return _json(path, {"ok": 0, "msg": "微博不存在"})
            counts = dict(zip(("attitudes_count", "reposts_count", "comments_count"), post.shown_counts, strict=True))
            return _json(path, {"ok": 1, "data": {"ok": 1, "longTextContent": _text(post.parts), **counts}})
    return Reply("(unknown)", b"<html><title>404</title></html>", 404, "text/html; charset=utf-8")


def _json(path: str, content: Any) -> Reply:
    return Reply(path, orjson.dumps(content), content_type=JSON)


def _index(world: WeiboWorld, query: Query) -> dict[str, Any]:
    """A person or, of a container with posts, a page of them: by number, or from the post `since_id` on."""
    container = query.get("containerid", [""])[0]
    prefix, uid = container[:6], container[6:]
    person = world.by_uid.get(uid or query.get("value", [""])[0])
    if person is None or person.is_gone:
        return NOTHING
    if prefix in POSTS:
        size = asked_number(query, "count", PAGE) if prefix == POSTS[1] else PAGE
        return _posts(world, person, container, query, min(size, LARGEST_PAGE))
    return {"ok": 1, "data": _person(person)}


def _posts(world: WeiboWorld, person: Person, container: str, query: Query, size: int) -> dict[str, Any]:
    places = world.posts[person.index]
    if since := query.get("since_id", [""])[0]:
        start = next((place for place, post in enumerate(places) if post and post.mid == since), len(places))
    else:
        start = (asked_number(query, "page", 1) - 1) * size
    cards = [_card(post, container) for post in places[start : start + size] if post]
    if person.hides_posts or not cards:
        return NOTHING
    following = next((post for post in places[start + size :] if post), None)
    information: dict[str, Any] = {"containerid": container, "v_p": 42, "show_style": 1, "total": len(places)}
    if following:
        information |= {"page": start // size + 2, "since_id": int(following.mid)}
    if start == 0 and person is not world.root and (foreign := advertised(world)):
        # A card that wraps others: something else than the person's posts.
        group = [_card(foreign, container)]
        cards.insert(1, {"card_type": 11, "itemid": "", "show_type": 2, "card_group": group})
    return {"ok": 1, "data": {"cardlistInfo": information, "cards": cards}}


def _card(post: Post, container: str) -> dict[str, Any]:
    mblog = _mblog(post)
    if post.is_pinned:
        mblog |= {"mblogtype": 2, "isTop": 1, "title": {"text": "置顶", "base_color": 1}}
    return {
        "card_type": 9,
        "itemid": f"{container}_-_{post.mid}",
        "scheme": f"https://m.weibo.cn/status/{post.bid}?mblogid={post.bid}&luicode=10000011&lfid={container}",
        "mblog": mblog,
        "show_type": 0,
    }


def _person(person: Person) -> dict[str, Any]:
    return {
        "avatar_guide": [],
        "userInfo": _user(person),
        "fans_scheme": f"https://m.weibo.cn/c/attention/visit?showmenu=0&lfid=100505{person.uid}",
        "follow_scheme": f"https://m.weibo.cn/c/attention/visit?showmenu=0&lfid=100505{person.uid}",
        "tabsInfo": {
            "selectedTab": 1,
            "tabs": [
                {
                    "id": number,
                    "tabKey": key,
                    "must_show": 1,
                    "hidden": 0,
                    "title": title,
                    "tab_type": key,
                    "containerid": f"{prefix}{person.uid}",
                }
                for number, (key, title, prefix) in enumerate(TABS, 1)
            ],
        },
        "scheme": f"sinaweibo://userinfo?uid={person.uid}&type=uid&value={person.uid}&luicode=10000011",
        "showAppTips": 1,
    }


def _user(person: Person) -> dict[str, Any]:
    """As in profiles and in posts. The number of fans is a text, from ten thousand on a rounded one."""
    followers = rounded(person.follower_count)
    verified = {"verified_type_ext": 1, "verified_reason": person.verified_reason} if person.verified else {}
    return {
        "id": int(person.uid),
        "screen_name": person.nickname,
        "profile_image_url": avatar(person, 180),
        "profile_url": f"https://m.weibo.cn/u/{person.uid}?uid={person.uid}&luicode=10000011",
        "statuses_count": person.post_count,
        "verified": person.verified is not None,
        "verified_type": VERIFIED_TYPES[person.verified],
        **verified,
        "close_blue_v": False,
        "description": person.description or "",
        "gender": {"男": "m", "女": "f", None: "n"}[person.gender],
        "mbtype": 12 if person.level else 0,
        "urank": 4 * (person.level or 1),
        "mbrank": person.level or 0,
        "follow_me": False,
        "following": False,
        "follow_count": person.followee_count,
        "followers_count": followers,
        "followers_count_str": followers,
        "avatar_hd": avatar(person, 480),
        "like": False,
        "like_me": False,
    }


def rounded(count: int) -> str:
    """A count as the site shows it: ``6905``, ``7164.8万``, ``1.3亿``."""
    for unit, name in ((10**8, "亿"), (10**4, "万")):
        if count >= unit:
            return f"{count / unit:.1f}".removesuffix(".0") + name
    return str(count)


def _mblog(post: Post, *, inner: bool = False) -> dict[str, Any]:
    """A post. A deleted original has no user; `inner`: this is an original, which quotes nothing itself."""
    likes, reposts, remarks = post.shown_counts
    text = _text((*(shortened(post.parts) if post.is_long else post.parts), *post.chain)) or "转发微博"
    mblog: dict[str, Any] = {
        "visible": {"type": 0, "list_id": 0},
        "created_at": f"{post.created_at:%a %b %d %H:%M:%S %z %Y}",
        "id": post.mid,
        "mid": post.mid,
        "can_edit": False,
        "show_additional_indication": 0,
        "text": text + (f'...<a href="/status/{post.mid}">全文</a>' if post.is_long else ""),
        "textLength": 2 * len(post.text),
        "source": post.source or "",
        "favorited": False,
        "pic_ids": post.pictures,
        "is_paid": False,
        "mblog_vip_type": 0,
        "user": _user(post.author),
        "reposts_count": reposts,
        "comments_count": remarks,
        "attitudes_count": likes,
        "isLongText": post.is_long,
        "mblogtype": 0,
        "region_name": f"发布于 {post.author.province}" if post.author.province else None,
        "bid": post.bid,
    }
    if post.pictures:
        pictures = [_picture(name) for name in post.pictures]
        odd = len(pictures) % 4 == 3  # sometimes the list is an object with the keys "0", "1", ...
        mblog["pics"] = {str(place): picture for place, picture in enumerate(pictures)} if odd else pictures
    if post.has_video:
        title = f"{post.author.nickname}的微博视频"
        mblog["page_info"] = {"type": "video", "page_title": title, "object_id": f"1034:{post.mid}", "content1": title}
    if post.is_retweet and not inner:
        mblog["raw_text"] = weibo_text.plain((*post.parts, *post.chain)) or "转发微博"
        mblog["retweeted_status"] = _mblog(post.original, inner=True) if post.original else _deleted(post)
    return mblog


def _deleted(post: Post) -> dict[str, Any]:
    mid = str(int(post.mid) - 2**30)
    text = '抱歉，此微博已被作者删除。查看帮助：<a href="http://t.cn/Rfd3rQV">网页链接</a>'
    return {"visible": {"type": 0, "list_id": 0}, "created_at": f"{post.created_at:%a %b %d %H:%M:%S %z %Y}", "id": mid,
            "mid": mid, "text": text, "source": "", "user": None, "deleted": "1"}  # fmt: skip


def _picture(name: str) -> dict[str, Any]:
    return {
        "pid": name,
        "url": f"https://wx3.sinaimg.cn/orj360/{name}.jpg",
        "size": "orj360",
        "geo": {"width": 360, "height": 462, "croped": False},
        "large": {"size": "large", "url": f"https://wx3.sinaimg.cn/large/{name}.jpg"},
    }


def _text(parts: Iterable[Part]) -> str:
    """A text as HTML: names of emoji without quotes, links with two spaces, line breaks."""
    written = []
    for part in parts:
        text = escape(part.text, quote=False)
        if part.kind == weibo_text.MENTION:
            text = f"<a href='/n/{text[1:]}'>{text}</a>"
        elif part.kind == weibo_text.TOPIC:
            search = f"https://m.weibo.cn/search?containerid=231522type%3D1%26t%3D10&extparam={text}"
            text = f'<a  href="{search}" data-hide=""><span class="surl-text">{text}</span></a>'
        elif part.kind == weibo_text.LINK:
            text = f'<a  href="{text}" data-hide=""><span class="surl-text">{weibo_text.LINK_ON_MOBILE}</span></a>'
        elif part.kind == weibo_text.EMOJI:
            image = f'<img alt={text} src="{EMOJI}/{EMOJI_FILES[part.text]}" style="width:1em; height:1em;" />'
            text = f'<span class="url-icon">{image}</span>'
        elif part.kind == weibo_text.BREAK:
            text = "<br />"
        written.append(text)
    return "".join(written)
