"""What stands in place of a page: for those who are not logged in, and for accounts that the site no longer bears.

Half of them come with status 200. Wordings as reported; those of frozen accounts are old, the newest are not known.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

import orjson

from sandbox.sites import Reply

if TYPE_CHECKING:
    from typing import Any

    from sandbox.sites import SiteRequest

HTML = "text/html; charset=utf-8"
JSON = "application/json; charset=utf-8"
SIGN_IN = "https://passport.weibo.cn/signin/login?entry=mweibo&r="


def _page(title: str, body: str = "", status: int = 200) -> Reply:
    text = f"<html><head><title>{title}</title></head><body>{body}</body></html>"
    return Reply("", text.encode(), status, HTML)


def _json(status: int = 200, **content: Any) -> Reply:
    return Reply("", orjson.dumps(content), status, JSON)


def _redirect(url: str) -> Reply:
    return Reply("", b"", 302, HTML, {"Location": url})


_VISITOR = _page(
    "Sina Visitor System", "<span id='message'></span><script src='/js/visitor/mini_original.js'></script>"
)
_FROZEN = _page(
    "微博",
    '<div class="c">抱歉，您的微博账号出现异常，暂时被冻结。请通过短信验证解冻您的账号。</div>'
    '<div class="c"><a href="https://security.weibo.com/account/unfreeze">安全验证</a></div>',
)
_SECURITY = _redirect("https://security.weibo.com/account/unfreeze?entry=mweibo")
_FREQUENT = _page("微博", '<div class="c">操作过于频繁，请稍后再试。</div>')

# Each as weibo.cn and as m.weibo.cn show it; `expired`, `visitor`, `frozen`, `frequent`, `blank` and `empty_body` come
# with status 200 on weibo.cn.
WALLS: dict[str, tuple[Reply, Reply]] = {
    "expired": (_page("登录 - 新浪微博"), _json(ok=-100, url="https://passport.weibo.com/sso/signin?entry=mweibo")),
    "signed_out": (_redirect(SIGN_IN), _json(ok=-100, msg="请先登录", url=f"{SIGN_IN}https%3A%2F%2Fm.weibo.cn")),
    "visitor": (_VISITOR, _VISITOR),
    "frozen": (
        _FROZEN,
        _json(ok=0, msg="账号异常，请完成短信验证后解冻", url="https://security.weibo.com/captcha/geetest?c="),
    ),
    "security": (_SECURITY, _SECURITY),
    "frequent": (_FREQUENT, _json(403, ok=0, errno="100005", msg="请求过于频繁,歇歇吧")),
    "blank": (_page("微博"), _json(ok=0, msg="这里还没有内容", data={"cards": []})),
    "empty_body": (Reply("", b"", 200, HTML), Reply("", b"", 200, JSON)),
    **{f"status_{status}": (Reply("", b"", status, HTML),) * 2 for status in (403, 414, 418, 429, 432)},
}


def wall(name: str, request: SiteRequest) -> Reply:
    """The wall of that name as the host of the request shows it."""
    cn, mobile = WALLS[name]
    reply = mobile if request.host == "m.weibo.cn" else cn
    if reply.headers.get("Location") == SIGN_IN:
        back = quote(f"https://{request.host}{request.path}", safe="")
        reply = replace(reply, headers={"Location": SIGN_IN + back})
    return replace(reply, template=f"(wall {name})")


def stranger(request: SiteRequest, *, knows_cookie: bool) -> Reply:
    """For who brings no cookie, or (`knows_cookie`) one that the site does not know: of another domain, or outdated."""
    if knows_cookie:
        return wall("status_432" if request.host == "m.weibo.cn" else "expired", request)
    return wall("signed_out", request)


def missing(*, of_person: bool) -> Reply:
    """What does not exist. Of a person who is gone the lists say so with status 200."""
    if of_person:
        return _page("微博", '<div class="c">用户不存在哦!</div><div class="c">如果没有自动跳转,请点击这里.</div>')
    return _page(
        "微博", '<div class="c">您请求的页面不存在</div><div class="c">如果没有自动跳转,请点击这里.</div>', status=404
    )
