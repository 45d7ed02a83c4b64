"""What all pages of weibo.cn have around their content, and how texts, links and times are written in them.

Recorded in 2016 and 2020: XHTML with an XML declaration that is not well formed. Links of old pages begin with
``http://weibo.cn``, those of new ones with ``https://weibo.cn`` or with the path.
"""

from __future__ import annotations

import re
import zlib
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote

from sandbox.worlds import weibo_text
from sandbox.worlds import weibo_vocabulary as words
from sandbox.worlds.weibo_posts import NOW, SHORT_DATES

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping

    from sandbox.worlds.weibo import Account
    from sandbox.worlds.weibo_people import Person
    from sandbox.worlds.weibo_posts import Post
    from sandbox.worlds.weibo_text import Part

ICONS = "https://h5.sinaimg.cn/upload/2016/05/26/319"
EMOJI = "//h5.sinaimg.cn/m/emoticon/icon"
STYLE = "html,body{font-size:12px;}.k{color:#2a5492;}.kt{color:#F00;}.c{padding:2px 5px;}.ct{color:#9d9d9d;}"
SEPARATOR = '<div class="s"></div>'
EMOJI_FILES = dict(words.EMOJI)
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" '
    '"http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd"><html xmlns="http://www.w3.org/1999/xhtml"><head>'
    '<meta http-equiv="Content-Type" content="text/html; charset=utf-8" />'
    '<meta http-equiv="Cache-Control" content="no-cache"/><meta id="viewport" name="viewport" '
    'content="width=device-width,initial-scale=1.0,minimum-scale=1.0, maximum-scale=2.0" />'
    '<link rel="icon" sizes="any" mask href="https://h5.sinaimg.cn/upload/2015/05/15/28/WeiboLogoCh.svg" '
    'color="black"><meta name="MobileOptimized" content="240"/>'
)


def document(title: str, refresh: str, body: str, viewer: Account, *, subject: Person | None = None) -> bytes:
    """A whole page. `refresh`: path and query of the page itself; `subject`: whom its link 举报 is about."""
    rand = zlib.crc32(refresh.encode()) % 9000 + 1000
    again = f"{refresh}{'&' if '?' in refresh else '?'}rand={rand}&p=r"
    report = f"/spam/?rl=0&amp;type=3&amp;fuid={subject.uid}" if subject else "/spam/?rl=0&amp;type=3"
    settings = ".".join(
        f'<a href="https://weibo.cn/account/customize/{what}?tf=7_00{n}&amp;st={viewer.token}">{name}</a>'
        for n, (what, name) in enumerate((("skin", "皮肤"), ("pic", "图片"), ("pagesize", "条数")), 5)
    )
    clock = f'<div class="b">weibo.cn[{NOW:%m-%d %H:%M}]</div>' if subject else ""  # comment pages lack it
    page = (
        f'{_HEAD}<title>{escape(title)}</title><style type="text/css" id="internalStyle">{STYLE}</style></head><body>'
        '<div class="n" style="padding: 6px 4px;"><a href="https://weibo.cn/?tf=5_009" class="nl">首页'
        '<span class="tk">!</span></a>|<a href="https://weibo.cn/msg/?tf=5_010" class="nl">消息</a>|'
        '<a href="https://weibo.cn/search/?tf=5_012" class="nl">搜索</a>|'
        f'<a href="{escape(again)}" class="nl">刷新</a></div>'
        '<div class="c tip"><a href="https://m.weibo.cn" id="top" class="tl">手机微博触屏版,点击前往>></a></div>'
        f'{body}<div class="cd"><a href="#top"><img src="{ICONS}/5e990ec2.gif" alt="TOP"/></a></div>'
        f'<div class="pms"><a href="https://weibo.cn">首页<span class="tk">!</span></a>.'
        f'<a href="https://weibo.cn/topic/240489">反馈</a>.<a href="https://weibo.cn{report}" class="kt">举报</a>.'
        '<a href="https://passport.sina.cn/sso/logout?r=https%3A%2F%2Fweibo.cn%2Fpub%2F%3Fvt%3D&amp;entry=mweibo">退出'
        f'</a></div><div class="c">设置:{settings}</div>{clock}</body></html>'
    )
    return page.encode()


def pager(path: str, page: int, pages: int) -> str:
    """The links to other pages; a list of one page has none. `path` may end in a query."""
    if pages <= 1:
        return ""
    joint = "&amp;" if "?" in path else "?"
    links = ""
    if page < pages:
        links += f'<a href="{path}{joint}page={page + 1}">下页</a>&nbsp;'
    if page > 1:
        links += f'<a href="{path}{joint}page={page - 1}">上页</a>&nbsp;<a href="{path}">首页</a>&nbsp;'
    return (
        f'<div class="pa" id="pagelist"><form action="{path}" method="post"><div>{links}'
        f'<input name="mp" type="hidden" value="{pages}" /><input type="text" name="page" size="2" '
        f'style=\'-wap-input-format: "*N"\' /><input type="submit" value="跳页" />&nbsp;{page}/{pages}页'
        "</div></form></div>"
    )


def asked_number(query: Mapping[str, list[str]], key: str, default: int) -> int:
    """A number from 1 on, as a query names it; `default` where it is anything else."""
    text = query.get(key, [""])[0]
    return int(text) if re.fullmatch("[0-9]{1,7}", text) and int(text) else default


def base(person: Person) -> str:
    """What links on a person's pages begin with: the pages are of different years."""
    return ("https://weibo.cn", "http://weibo.cn", "")[person.index % 3]


def badges(person: Person) -> str:
    """The signs behind a nickname."""
    icons = {"person": "5338.gif", "organisation": "5337.gif"}
    verified = f'<img src="{ICONS}/{icons[person.verified]}" alt="V"/>' if person.verified else ""
    talent = f'<img src="{ICONS}/5547.gif" alt="达人"/>' if person.talent else ""
    member = f'<img src="{ICONS}/donate_btn_s.png" alt="M"/>' if person.level else ""
    return verified + talent + member


def text_of(parts: Iterable[Part], post: Post, *, surplus: bool) -> str:
    """A text as markup. `surplus`: in lists each emoji closes a span that nobody opened; elsewhere it has its own."""
    written = []
    for part in parts:
        text = escape(part.text, quote=False)
        if part.kind == weibo_text.MENTION:
            text = f'<a href="/n/{quote(part.text[1:])}">{text}</a>'
        elif part.kind == weibo_text.TOPIC:
            extra = quote(part.text.strip("#"))
            text = f'<a href="https://weibo.cn/pages/100808topic?extparam={extra}&amp;from=feed">{text}</a>'
        elif part.kind == weibo_text.LINK:
            text = f'<a href="{redirect(part.text, post)}">{text}</a>'
        elif part.kind == weibo_text.EMOJI:
            source = f'src="{EMOJI}/{EMOJI_FILES[part.text]}" style="width:1em; height:1em;" />'
            text = (
                f'<img alt="{part.text}" {source}</span>'
                if surplus
                else f'<span class="url-icon"><img alt={part.text} {source}</span>'
            )
        elif part.kind == weibo_text.BREAK:
            text = "<br/>"
        written.append(text)
    return "".join(written)


def redirect(url: str, post: Post) -> str:
    """The address that the site puts in place of one in a post; it tells whose post that is."""
    who = f"{post.bid}%2C{post.author.uid}"
    return f"https://weibo.cn/sinaurl?f=w&amp;u={quote(url, safe='')}&amp;ep={who}%2C{who}"


def time_of(moment: dt.datetime, *, page: int = 1) -> str:
    """A time as pages write it, seen from the site's clock. First pages leave out the year for some days, also that of
    last year; further pages always write it."""
    minutes = int((NOW - moment).total_seconds() // 60)
    if minutes < 1:
        return "刚刚"
    if minutes < 60:
        return f"{minutes}分钟前"
    if moment.date() == NOW.date():
        return f"今天 {moment:%H:%M}"
    if NOW - moment < SHORT_DATES and page == 1:
        return f"{moment:%m月%d日 %H:%M}"
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment.second else f"{moment:%Y-%m-%d %H:%M}"
