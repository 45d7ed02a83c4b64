"""Pages of weibo.cn about a person: the profile (``/info``) and the list of those the person follows (``/follow``)."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote

from sandbox.sites.weibo.markup import SEPARATOR, badges, base, document, pager
from sandbox.worlds.weibo_ids import picture_name

if TYPE_CHECKING:
    from sandbox.worlds.weibo import Account, WeiboWorld
    from sandbox.worlds.weibo_people import Person

FILTERED = '<div class="ps">系统提示：为了避免骚扰，微博智能反垃圾系统已过滤掉部分广告用户。</div>'
HIDDEN = '<div class="c">由于对方的设置，您暂无查看权限。</div>'
HOME_TABS = (("profile", "微博"), ("follow", "关注"), ("fans", "粉丝"))
PAGE = 10


def home(viewer: Account) -> bytes:
    """Where an account lands after it has logged in; its name is never shown, only its uid."""
    links = "&nbsp;".join(f'<a href="/{viewer.uid}/{where}">{name}[0]</a>' for where, name in HOME_TABS)
    return document("我的首页", "/", f'<div class="u"><div class="tip2">{links}</div></div>', viewer)


def info(person: Person, viewer: Account) -> bytes:
    """The profile: a heading and a block of lines each; blocks and lines that say nothing are missing."""
    uid = person.uid
    level = f"{person.level}级" if person.level else "无"
    body = (
        f'<div class="c"><img src="{avatar(person, 180)}" alt="头像" /></div><div class="c">会员等级：{level}&nbsp;'
        f'<a href="/member/present/comfirmTime?uid={uid}">送Ta会员</a><br/></div>'
        f'<div class="tip">基本信息</div><div class="c">{_lines(person, viewer)}</div>'
    )
    for heading, entries in (("学习经历", person.education), ("工作经历", person.work)):
        if entries:
            said = "&nbsp;".join(map(escape, entries)) + ("&nbsp;" if len(entries) == 1 else "")
            body += f'<div class="tip">{heading}</div><div class="c">·{said}<br/></div>'
    body += (
        f'<div class="tip">其他信息</div><div class="c">互联网:http://weibo.com/u/{uid}<br/>手机版:'
        f'https://weibo.cn/u/{uid}<br/><a href="/album/albumlist?fuid={uid}">{pronoun(person)}的相册&gt;&gt;</a></div>'
    )
    return document(f"{person.nickname}的资料", f"/{uid}/info", body, viewer, subject=person)


def _lines(person: Person, viewer: Account) -> str:
    """The lines of 基本信息: a label, a colon and what it says; the second 认证信息 has a wide colon."""
    reason = f"{escape(person.verified_reason)}　" if person.verified_reason else None
    place = " ".join(filter(None, (person.province, person.city))) or None
    lines = [
        ("昵称:", escape(person.nickname)),
        ("认证:", reason),
        ("达人:", f"{person.talent} " if person.talent else None),
        ("性别:", person.gender),
        ("地区:", place),
        ("生日:", person.birthday),
        ("认证信息：", reason),
        ("简介:", None if person.description is None else escape(person.description)),
    ]
    written = [label + text for label, text in lines if text is not None]
    if person.tags:
        tags = [f'<a href="/search/?keyword={quote(tag)}&amp;stag=1">{tag}</a>&nbsp;' for tag in person.tags]
        more = f'<a href="/account/privacy/tags/?uid={person.uid}&amp;st={viewer.token}">更多&gt;&gt;</a>'
        written.append(f"标签:{''.join(tags)}{more}")
    return "".join(f"{line}<br/>" for line in written)


def follow(world: WeiboWorld, person: Person, page: int, viewer: Account) -> bytes:
    """A page of the list of followees: at most 10 rows, less those that the spam filter took out."""
    path = f"/{person.uid}/follow"
    pages = world.follow_page_count(person)
    body = (
        f'<div class="u"><div class="ut">{escape(person.nickname)}关注的人&nbsp;<a href="/attention/add?uid='
        f'{person.uid}&amp;rl=1&amp;st={viewer.token}">加关注</a></div>{tabs(person, "关注")}</div>'
    )
    if person.hides_followees:
        return document(f"{person.nickname}关注的人", path, body + HIDDEN, viewer, subject=person)
    rows = [other for _, other in world.follow_rows(person, page)]
    places = world.followees[person.index][(page - 1) * PAGE : page * PAGE] if page <= pages else []
    if len(rows) < len(places):
        body += FILTERED
    body += f" {SEPARATOR}".join(_row(other, base(person), viewer) for other in rows)
    if rows:
        strangers = ",".join(other.uid for other in rows if other.index not in viewer.follows)
        body += (
            f'<div class="c"><form action="{base(person)}/attention/batchadd?st={viewer.token}" method="post"><div>'
            '<input type="hidden" name="rl" value="1" /><input type="hidden" name="f" value="" />'
            f'<input type="hidden" name="uidList" value="{strangers}" />'
            f'<input type="submit" value="关注以上这些人" /></div></form></div>{SEPARATOR}'
        )
        body += pager(path, page, pages)
    refresh = f"{path}?mp={pages}&page={page}" if page > 1 else path
    return document(f"{person.nickname}关注的人", refresh, body, viewer, subject=person)


def _row(person: Person, start: str, viewer: Account) -> str:
    """One followee. Of whom the viewer follows already, the list tells no uid, unless it is in the address."""
    home = f"{start}{person.home}"
    add = f'<a href="{start}/attention/add?uid={person.uid}&amp;rl=1&amp;st={viewer.token}">关注{pronoun(person)}</a>'
    return (
        f'<table><tr><td valign="top" style="width: 52px"><a href="{home}"><img src="{avatar(person, 50)}" alt="pic" />'
        f'</a></td><td valign="top"><a href="{home}">{escape(person.nickname)}</a>{badges(person)}<br/>粉丝'
        f"{person.follower_count}人<br/>{'已关注' if person.index in viewer.follows else add}</td></tr></table>"
    )


def tabs(person: Person, current: str) -> str:
    """The counters; the tab one is on is no link."""
    uid = person.uid
    counters = (
        ("微博", person.post_count, "profile"),
        ("关注", person.followee_count, "follow"),
        ("粉丝", person.follower_count, "fans"),
    )
    written = [
        f'<span class="tc">{name}[{count}]</span>'
        if name == current
        else f'<a href="/{uid}/{where}">{name}[{count}]</a>'
        for name, count, where in counters
    ]
    return (
        f'<div class="tip2">{"&nbsp;".join(written)}&nbsp;<a href="/attgroup/opening?uid={uid}">分组[1]</a>&nbsp;'
        f'<a href="/at/weibo?uid={uid}">@{pronoun(person)}的</a></div>'
    )


def avatar(person: Person, size: int) -> str:
    """The address of a portrait, which tells the uid: old ones in plain, newer ones as all pictures do."""
    if person.index % 3 == 1:
        return f"http://tp{person.index % 4 + 1}.sinaimg.cn/{person.uid}/{size}/{5_700_000_000 + person.index}/1"
    name = picture_name(person.uid, 0)
    return f"https://tvax1.sinaimg.cn/crop.0.0.1080.1080.{size}/{name}.jpg?KID=imgbed,tva&Expires=1767384000&ssig=7GnH2"


def pronoun(person: Person) -> str:
    """他, or 她 for women."""
    return "她" if person.gender == "女" else "他"
