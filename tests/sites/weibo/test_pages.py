"""What the fixtures do not show: numbers of posts, times, and texts in markup that is not well formed."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.http import HtmlResponse, TextResponse

from crawlers.errors import LayoutChanged
from crawlers.items import Invalid
from crawlers.pages import weibo
from crawlers.pages.state import PageState
from crawlers.pages.weibo.counters import counted
from crawlers.pages.weibo.ids import bid_of, home_of, mid_of
from crawlers.pages.weibo.posts import cut_chain
from crawlers.pages.weibo.times import BEIJING, clock, moment

NOW = dt.datetime(2026, 1, 3, 0, 20, tzinfo=BEIJING)  # in UTC it is the day before


@given(st.integers(min_value=10**12, max_value=10**17))
def test_the_two_ways_to_write_a_post_are_one(mid: int) -> None:
    assert mid_of(bid_of(str(mid))) == str(mid)


@pytest.mark.parametrize("wrong", ["", "M_", "HyTZc60e w", "../x", "HyTZc60ewHyTZc60ew"])
def test_what_is_no_id_of_a_post_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="not the id of a post"):
        mid_of(wrong)


@pytest.mark.parametrize(
    ("href", "found"),
    [
        ("https://weibo.cn/u/1688979803", ("1688979803", None)),
        ("/u/1688979803?f=search_0", ("1688979803", None)),
        ("http://weibo.cn/536318345", (None, "536318345")),  # a vanity number is no uid
        ("/haibian_shudian", (None, "haibian_shudian")),
        ("/u/abc", (None, None)),
        ("/pub/topic", (None, None)),
        ("", (None, None)),
    ],
)
def test_a_number_is_an_account_only_behind_u(href: str, found: tuple[str | None, str | None]) -> None:
    assert home_of(href) == found


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("刚刚", "2026-01-02T16:20:00"),
        ("4分钟前", "2026-01-02T16:16:00"),
        ("2小时前", "2026-01-02T14:20:00"),
        ("今天 00:13", "2026-01-02T16:13:00"),
        ("昨天 12:30", "2026-01-02T04:30:00"),
        ("01月02日 23:59", "2026-01-02T15:59:00"),
        ("12月31日 18:12", "2025-12-31T10:12:00"),  # yet to come this year, so of the last
        ("02月29日 08:00", "2024-02-29T00:00:00"),
        ("06-27", "2025-06-26T16:00:00"),
        ("2012-10-08 15:42:17", "2012-10-08T07:42:17"),
        ("2020-06-05 11:11", "2020-06-05T03:11:00"),
        ("Sat Jun 15 11:44:46 +0800 2019", "2019-06-15T03:44:46"),
    ],
)
def test_times_are_of_beijing(text: str, utc: str) -> None:
    assert moment(text, NOW) == dt.datetime.fromisoformat(utc).replace(tzinfo=dt.UTC)


@pytest.mark.parametrize("text", ["4分钟前", "今天 00:13", "01月02日 23:59"])
def test_without_the_time_of_the_response_some_times_are_unknown(text: str) -> None:
    assert moment(text, None) is None


@pytest.mark.parametrize("text", ["", "前天", "13月01日 00:00", "2020-13-01", "99999999999", "4 minutes ago"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        moment(text, NOW)


@pytest.mark.parametrize("header", [{}, {"Date": "yesterday"}, {"Date": "Fri, 02 Jan 2026 16:20:00 GMT"}])
def test_the_clock_is_the_sites(header: dict[str, str]) -> None:
    assert clock(TextResponse("https://weibo.cn/", headers=header)) == (NOW if "GMT" in str(header) else None)


@pytest.mark.parametrize(
    ("shown", "value", "is_capped", "is_rounded"),
    [
        ("6905", 6905, False, False),
        (6905, 6905, False, False),
        ("0", 0, False, False),
        ("1.2万", 12_000, False, True),
        ("7164.8万", 71_648_000, False, True),
        ("1.3亿", 130_000_000, False, True),
        ("100万+", 1_000_000, True, False),
        ("1000000", 1_000_000, True, False),
    ],
)
def test_counts_say_whether_they_are_exact(shown: str | int, value: int, is_capped: bool, is_rounded: bool) -> None:
    assert counted(shown) == (value, is_capped, is_rounded)


@pytest.mark.parametrize(
    ("said", "own"),
    [
        ("好//@小林:我也//@望海的人:走", "好"),
        ("//@小林:我也", ""),
        ("转发微博", ""),
        ("转发微博 //@小林:好", ""),
        ("看 http://t.cn/x", "看 http://t.cn/x"),
    ],
)
def test_of_a_retweet_only_the_own_words_are_kept(said: str, own: str) -> None:
    assert cut_chain(said) == own


def page(body: str, url: str = "https://weibo.cn/1700000001/follow?page=1") -> HtmlResponse:
    return HtmlResponse(url, body=f"<html><body>{body}</body></html>".encode())


@pytest.mark.parametrize(
    ("location", "state"),
    [
        ("https://passport.weibo.cn/signin/login?entry=mweibo", PageState.LOGIN_REQUIRED),
        ("//login.sina.com.cn/sso", PageState.LOGIN_REQUIRED),
        ("https://security.weibo.com/captcha/geetest", PageState.BLOCKED),
        ("https://weibo.cn/pub", PageState.CHANGED),
        ("/pub", PageState.CHANGED),  # no reason to retire an account, and neither is the next
        (None, PageState.CHANGED),
    ],
)
def test_a_redirect_is_a_login_only_where_it_leaves_the_site(location: str | None, state: PageState) -> None:
    headers = {} if location is None else {"Location": location}
    assert weibo.recognise(HtmlResponse("https://weibo.cn/1700000001/info", status=302, headers=headers)) is state


def test_a_list_whose_rows_lead_to_nobody_is_a_changed_page() -> None:
    rows = '<table><tr><td></td><td><a href="/pub/topic/1">谁</a></td></tr></table>' * 3
    with pytest.raises(LayoutChanged) as raised:
        weibo.followees(page(rows), page=1)
    assert "weibo.cn/…/follow" in str(raised.value)


def test_a_row_that_leads_to_nobody_is_counted_and_the_others_stay() -> None:
    rows = "".join(
        f'<table><tr><td></td><td><a href="{href}">谁</a></td></tr></table>'
        for href in ("/u/1700000001", "/pub/topic/1", "/haibian")
    )
    found = weibo.followees(page(rows), page=2)
    assert [(row.rank, row.user_id, row.word) for row in found] == [
        (11, "1700000001", None),
        (12, None, None),
        (13, None, "haibian"),
    ]
    edges = weibo.follows([asdict(row) for row in found[:2]], source_id="1700000002")
    assert [(edge.target_id, edge.rank) for edge in edges] == [("1700000001", 11)]
    assert edges.invalid == [Invalid("target_id", "KeyError")]


def test_a_page_that_does_not_say_whose_it_is_is_a_changed_page() -> None:
    """Taken for a page of nobody, it would lose whoever goes by that word for good."""
    with pytest.raises(LayoutChanged) as raised:
        weibo.page_owner(page('<div class="tip2">微博[3]</div>', url="https://weibo.cn/haibian"))
    assert "haibian" not in str(raised.value)


def test_a_profile_without_its_block_is_a_changed_page() -> None:
    with pytest.raises(LayoutChanged):
        weibo.profile(page('<div class="tip">学习经历</div><div class="c">·海边中学<br/></div>'))
    with pytest.raises(LayoutChanged):
        weibo.full_text(page('<div class="c">评论</div>'))
    for body in ("谁:什么", '<span class="cmt">转发了 谁 的微博:</span><span class="ctt">什么</span>'):
        with pytest.raises(LayoutChanged, match="a post without a text"):
            weibo.full_text(page(f'<div class="c" id="M_">{body}</div>'))


def test_a_block_that_is_no_post_is_counted_and_the_others_stay() -> None:
    footer = (
        '<a href="/attitude/{0}/add">赞[1]</a><a href="/repost/{0}?uid=1700000001">转发[2]</a>'
        '<a href="/comment/{0}?uid=1700000001" class="cc">评论[3]</a><span class="ct">2020-06-05 11:11</span>'
    )
    good = f'<div class="c" id="M_Q1aaB0bbC"><div><span class="ctt">好</span>{footer.format("Q1aaB0bbC")}</div></div>'
    retweet = f'<span class="cmt">转发了 谁 的微博:</span><span class="ctt">什么</span>{footer.format("Q3aaB0bbC")}'
    others = f'<div class="c" id="M_Q2aaB0bbC">没有</div><div class="c" id="M_Q3aaB0bbC"><div>{retweet}</div></div>'
    found = weibo.posts(page(good + others), user_id="1700000001")
    assert [post.text for post in found] == ["好"]
    assert [(row.field, row.error) for row in found.invalid] == [("text", "KeyError")] * 2


def test_json_of_another_shape_is_a_changed_page() -> None:
    """So the list or profile counts as failed, and the user's row is written all the same."""

    def answer(**content: object) -> TextResponse:
        return TextResponse("https://m.weibo.cn/api/container/getIndex", body=json.dumps({"data": content}).encode())

    found = weibo.mobile_profile(answer(userInfo={"verified": True, "verified_type": None, "mbrank": -1}))
    assert (found["verified"], found["verified_type"], found["level"]) == (True, None, None)
    for user in ({"verified_type": "0"}, {"statuses_count": "--"}):
        with pytest.raises(LayoutChanged, match="a profile of a shape"):
            weibo.mobile_profile(answer(userInfo=user))
    for cards in ({"0": {"card_type": 9}}, [{"card_type": 9, "mblog": {"user": [7]}}]):
        with pytest.raises(LayoutChanged, match="cards of a shape"):
            weibo.mobile_posts(answer(cards=cards), user_id="7")
    with pytest.raises(LayoutChanged, match="cardlistInfo of a shape"):
        weibo.mobile_following(answer(cardlistInfo=[1]), user_id="7")
