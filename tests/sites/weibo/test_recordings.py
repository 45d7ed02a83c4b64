"""Real responses of Weibo, recorded outside this repository, read as a crawl would read them.

Values are compared with those expected beside the recordings, so that nobody's name or id stands in this file.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from protego import Protego
from scrapy.http import Response, XmlResponse

from crawlers.errors import LayoutChanged
from crawlers.items.weibo import Post
from crawlers.pages import weibo
from crawlers.pages.state import PageState
from crawlers.pages.weibo.ids import bid_of, mid_of
from crawlers.pages.weibo.markup import page_of, text_of
from crawlers.pages.weibo.times import BEIJING, moment

Respond = Callable[..., Response]
Read = Callable[..., Response]
Named = Callable[..., list[str]]

HTML = {"Content-Type": "text/html; charset=utf-8"}
JSON = {"Content-Type": "application/json; charset=utf-8"}
# The files are named for people and posts: by their kind they can be named here.
POST_LISTS = ("cn-profile-*", "cn-user-*")
PROFILES, FOLLOWEES, COMMENTS, REPOSTS = "cn-info-*", "cn-follow-*", "cn-comment-*", "cn-repost-*"
PICTURES = ("cn-picall-*", "cn-album-*", "cn-photo-*")
MOBILE_PROFILE, MOBILE_POSTS, MOBILE_POST = "m-getIndex-user-*", "m-getIndex-posts-*", "m-show-*"
MOBILE_COMMENTS, AJAX = "m-comments-*", "ajax-mymblog-*"
STATES, ROBOTS = "reported_states*", "robots-*"
COVERED = (
    "SOURCES.md", "expected.json", *POST_LISTS, PROFILES, FOLLOWEES, COMMENTS, REPOSTS, *PICTURES, MOBILE_PROFILE,
    MOBILE_POSTS, MOBILE_POST, MOBILE_COMMENTS, AJAX, STATES, ROBOTS,
)  # fmt: skip
POST_ID = "4900000000000001"  # where any will do

pytestmark = pytest.mark.recording


@pytest.fixture(scope="module")
def folder(captures_dir: Path) -> Path:
    found = captures_dir / "weibo"
    if not found.is_dir():
        pytest.skip(f"no recordings of weibo at {found}")
    return found


@pytest.fixture(scope="module")
def expected(folder: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((folder / "expected.json").read_bytes())
    return read


@pytest.fixture(scope="module")
def recorded(folder: Path, expected: dict[str, Any], respond: Respond) -> Read:
    """A recording as a response, with a header Date that says the year that its pages leave out."""

    def read(name: str, *, sent: str = "Thu, 18 Jun 2020 16:47:00 GMT", headers: Any = None) -> Response:
        url = expected[name].get("url", "https://weibo.com/ajax/statuses/mymblog").partition(" ")[0]
        body = (folder / name).read_bytes()
        if name.endswith(".json") and "data" not in json.loads(body):  # kept without its envelope
            body = json.dumps({"ok": 1, "data": json.loads(body)}).encode()
        known = JSON if name.endswith(".json") else HTML
        return respond(
            url.replace("http:", "https:"), body, headers={"Date": sent, **(known if headers is None else headers)}
        )

    return read


@pytest.fixture(scope="module")
def named(folder: Path) -> Callable[..., list[str]]:
    """The names of the recordings of some kinds; there is at least one of each."""

    def names(*kinds: str) -> list[str]:
        found = [sorted(file.name for file in folder.glob(kind)) for kind in kinds]
        assert all(found)
        return [name for names in found for name in names]

    return names


def test_every_recording_has_a_test(folder: Path) -> None:
    assert [file.name for file in folder.iterdir() if not any(file.match(kind) for kind in COVERED)] == []


def owner_of(response: Response, wanted: dict[str, Any]) -> str:
    """Whose posts a page shows; further pages do not say it, and there all posts are of one person."""
    authors = {str(post["author_uid"]) for post in wanted["posts"]}
    try:
        return weibo.page_owner(response)
    except LayoutChanged:
        (owner,) = authors
        return owner


def check_post(post: Post, wanted: dict[str, Any]) -> None:
    if wanted["is_retweet"]:
        assert post.text == wanted["text"]
        assert bid_of(post.original_post_id or "0") == wanted["original_bid"]
        # Pictures beside a retweet are the original's, and so is a text that is cut.
        assert (post.picture_count, post.is_truncated) == (0, False)
    else:
        assert post.text.startswith(wanted["text_prefix"])
        assert (post.picture_count, post.is_truncated) == (wanted["pic_count"], wanted["truncated"])
        assert post.original_post_id is None
    counts = (post.like_count, post.repost_count, post.comment_count)
    assert counts == (wanted["likes"], wanted["reposts"], wanted["comments"])
    capped = [f"{name[:-1]}_count" for name in ("likes", "reposts", "comments") if wanted[name] == 1_000_000]
    assert post.capped_counts == capped
    assert (post.is_retweet, post.user_id) == (wanted["is_retweet"], wanted["author_uid"])


@pytest.mark.parametrize("headers", [HTML, {}], ids=["as sent", "without a content type"])
def test_lists_of_posts(recorded: Read, expected: dict[str, Any], named: Named, headers: Any) -> None:
    for name in named(*POST_LISTS):
        check_posts(recorded(name, headers=headers), expected[name], headers)


def check_posts(response: Response, wanted: dict[str, Any], headers: Any) -> None:
    assert isinstance(response, XmlResponse) == (not headers)
    assert weibo.recognise(response) is PageState.OK
    owner = owner_of(response, wanted)
    found = weibo.posts(response, user_id=owner)
    own = {post["bid"]: post for post in wanted["posts"] if post["author_uid"] == owner}
    assert found.invalid == []
    assert [bid_of(post.post_id) for post in found] == list(own)
    for post in found:
        check_post(post, own[bid_of(post.post_id)])
    counters = weibo.counters(response)
    assert counters["post_count"] == wanted["statuses"]
    assert counters["followee_count"] == wanted["followees"]
    assert counters["follower_count"] == wanted["followers"]
    assert weibo.page_count(response) == wanted["total_pages"]
    assert {post.nickname for post in found} == {wanted["title"].removesuffix("的微博")}


def test_without_a_content_type_every_page_reads_the_same(
    recorded: Read, expected: dict[str, Any], named: Named
) -> None:
    """Scrapy takes such a page for XML, in which a plain query finds nothing."""
    for name in named(PROFILES):
        assert weibo.profile(recorded(name, headers={})) == weibo.profile(recorded(name))
    for name in named(FOLLOWEES):
        assert weibo.followees(recorded(name, headers={}), page=5) == weibo.followees(recorded(name), page=5)
    for name in named(COMMENTS):
        found = [weibo.comments(recorded(name, headers=kind), post_id=POST_ID).items for kind in (HTML, {})]
        assert found[0] == found[1] != []


def test_times_are_of_beijing_and_of_the_moment_of_the_response(
    recorded: Read, expected: dict[str, Any], named: Named
) -> None:
    (name,) = (name for name in named("cn-user-*") if expected[name]["footer_clock"] == "04-13 14:48")
    response = recorded(name, sent="Wed, 13 Apr 2016 06:48:00 GMT")
    owner = owner_of(response, expected[name])
    times = {bid_of(post.post_id): post.created_at for post in weibo.posts(response, user_id=owner)}
    raw = {post["bid"]: post["time_raw"] for post in expected[name]["posts"]}
    day = dt.datetime(2016, 4, 13, tzinfo=BEIJING)
    for bid, time in times.items():
        if found := re.fullmatch(r"(\d+)分钟前", raw[bid]):
            assert time == day + dt.timedelta(hours=14, minutes=48 - int(found[1]))
        else:
            found = re.fullmatch(r"今天 (\d+):(\d+)", raw[bid])
            assert found is not None
            assert time == day + dt.timedelta(hours=int(found[1]), minutes=int(found[2]))
    name = named("cn-profile-*page1*")[0]
    response = recorded(name)
    first = weibo.posts(response, user_id=owner_of(response, expected[name]))[0]
    assert expected[name]["posts"][0]["time_raw"] == "06月17日 18:12"
    assert first.created_at == dt.datetime(2020, 6, 17, 10, 12, tzinfo=dt.UTC)


def test_profiles(recorded: Read, expected: dict[str, Any], named: Named) -> None:
    for name in named(PROFILES):
        response = recorded(name)
        assert weibo.recognise(response) is PageState.OK
        wanted = expected[name]["sections"]["基本信息"]
        lines = dict(line.replace("：", ":").split(":", 1) for line in wanted if ":" in line or "：" in line)
        found = weibo.profile(response)
        assert found["gender"] == {"男": "m", "女": "f"}[lines["性别"]]
        assert found["province"] == lines["地区"].split()[0]
        assert found["verified"] is True
        assert found["talents"] == (lines["达人"].split() if "达人" in lines else None)
        assert found["tags"] == (list(wanted[wanted.index("标签:") + 1 : -1]) if "标签:" in wanted else [])
        assert found["level"] in {3, 7}


def test_a_list_of_followees(recorded: Read, expected: dict[str, Any], named: Named) -> None:
    (name,) = named(FOLLOWEES)
    response, wanted = recorded(name), expected[name]
    assert weibo.recognise(response) is PageState.OK
    found = weibo.followees(response, page=5)
    assert [(row.user_id, row.nickname) for row in found] == [
        (user["uid"], user["nickname"]) for user in wanted["users"]
    ]
    assert [row.rank for row in found] == list(range(41, 50))  # one is hidden
    assert weibo.page_count(response) == wanted["total_pages"] == 20  # all that the site shows
    assert weibo.counters(response)["followee_count"] == wanted["followees"]


def test_comments(recorded: Read, expected: dict[str, Any], named: Named) -> None:
    for name in named(COMMENTS):
        response, wanted = recorded(name, sent="Thu, 18 Sep 2025 16:47:00 GMT"), expected[name]
        assert weibo.recognise(response) is PageState.OK
        found = weibo.comments(response, post_id=POST_ID)
        assert found.invalid == []
        assert [(c.comment_id, c.user_id, c.nickname, c.text, c.like_count, c.is_hot) for c in found] == [
            (c["id"], c["author_uid"], c["author"], c["text"], c["likes"], c["hot"]) for c in wanted["comments"]
        ]
        assert all(comment.created_at for comment in found)
        assert weibo.page_count(response) == wanted["total_pages"]


def test_the_full_text_of_a_post_that_its_list_shows_too(
    recorded: Read, expected: dict[str, Any], named: Named
) -> None:
    listed = {post["bid"]: post for name in named("cn-profile-*") for post in expected[name]["posts"]}
    (name,) = (name for name in named(COMMENTS) if name.split("-")[2].removesuffix(".html") in listed)
    assert weibo.full_text(recorded(name)) == listed[name.split("-")[2].removesuffix(".html")]["text"]


def test_a_page_in_the_middle_of_a_list_may_be_empty(recorded: Read, expected: dict[str, Any], named: Named) -> None:
    (name,) = named(REPOSTS)
    response, wanted = recorded(name), expected[name]
    assert weibo.recognise(response) is PageState.OK
    assert len(weibo.comments(response, post_id=POST_ID)) == wanted["reposts_listed"] == 0
    assert weibo.page_count(response) == 1
    (post,) = page_of(response).xpath("//div[@id='M_']")
    assert wanted["post_author"] in text_of(post)
    assert f"组图共{wanted['pic_count']}张" in text_of(post)
    assert moment(wanted["time_raw"], dt.datetime(2016, 4, 20, 13, tzinfo=BEIJING)) is not None
    assert len(weibo.full_text(response)) > 100


def test_pictures(recorded: Read, expected: dict[str, Any], named: Named) -> None:
    for name in named(*PICTURES):
        response, wanted = recorded(name), expected[name]
        assert weibo.recognise(response) is PageState.OK
        if "albums" in wanted:
            assert weibo.albums(response) == [album.get("count") for album in wanted["albums"]]
            continue
        urls = weibo.picture_urls(response)
        if "pictures" in wanted:
            assert urls == wanted["pictures"]
        else:
            assert (len(urls), urls[0], urls[-1]) == (wanted["picture_count"], wanted["first"], wanted["last"])


def test_a_mobile_profile(recorded: Read, expected: dict[str, Any], named: Named) -> None:
    (name,) = named(MOBILE_PROFILE)
    response, wanted = recorded(name), expected[name]
    assert weibo.recognise(response) is PageState.OK
    found = weibo.mobile_profile(response)
    assert found["post_count"] == wanted["statuses_count"]
    assert (found["follower_count"], found["followee_count"]) == (wanted["followers_count"], wanted["follow_count"])
    assert (found["gender"], found["verified"]) == (wanted["gender"], wanted["verified"])
    assert (found["verified_type"], found["rounded_counts"]) == ("person", [])


def test_mobile_posts(recorded: Read, expected: dict[str, Any], named: Named) -> None:
    for name in named(MOBILE_POSTS):
        check_mobile_posts(recorded(name, sent="Sun, 16 Jun 2019 04:00:00 GMT"), expected[name])


def check_mobile_posts(response: Response, wanted: dict[str, Any]) -> None:
    assert weibo.recognise(response) is PageState.OK
    (owner,) = {post["author_uid"] for post in wanted["posts"]}
    found = weibo.mobile_posts(response, user_id=owner)
    assert found.invalid == []
    assert [post.post_id for post in found] == [post["id"] for post in wanted["posts"]]
    for post, one in zip(found, wanted["posts"], strict=True):
        assert (bid_of(post.post_id), mid_of(one["bid"])) == (one["bid"], post.post_id)
        assert (post.original_post_id, post.picture_count) == (one["original_id"], one["pics"])
        for key in ("likes", "reposts", "comments"):
            count = f"{key[:-1]}_count"
            assert getattr(post, count) == (1_000_000 if one[key] == "100万+" else one[key])
            assert (count in post.capped_counts) == (one[key] == "100万+")
        assert (post.is_truncated, post.is_pinned, post.user_id) == (one["is_long"], one["is_top"], one["author_uid"])
        assert post.created_at == moment(one["created_at"], dt.datetime(2019, 6, 16, 12, tzinfo=BEIJING))
    following = weibo.mobile_following(response, user_id=owner)
    assert following is not None
    assert following.endswith(("&page=2", f"&since_id={wanted['cardlistInfo'].get('since_id')}"))


def test_one_mobile_post(recorded: Read, expected: dict[str, Any], named: Named) -> None:
    (name,) = named(MOBILE_POST)
    response, wanted = recorded(name), expected[name]
    assert weibo.recognise(response) is PageState.OK
    # Written as it is in a list, which is all that a crawl asks for.
    listed = {"ok": 1, "data": {"cards": [{"card_type": 9, "mblog": json.loads(response.body)["data"]}]}}
    (post,) = weibo.mobile_posts(response.replace(body=json.dumps(listed).encode()), user_id=wanted["author_uid"])
    assert (post.post_id, post.user_id) == (wanted["id"], wanted["author_uid"])
    assert post.original_post_id == wanted["original"]["id"]
    assert wanted["text"] == "转发微博"
    assert post.text == ""
    assert post.created_at == moment(wanted["created_at"], None)


def test_mobile_comments(recorded: Read, expected: dict[str, Any], named: Named) -> None:
    (name,) = named(MOBILE_COMMENTS)
    response, wanted = recorded(name), expected[name]
    assert weibo.recognise(response) is PageState.OK
    found = weibo.mobile_comments(response, post_id=POST_ID)
    assert [(c.comment_id, c.user_id, c.like_count) for c in found] == [
        (c["id"], c["user_id"], c["likes"]) for c in wanted["comments"]
    ]
    assert [comment.text for comment in found] == [
        re.sub(r"<span.*?alt=(\[.*?\]).*?</span>", r"\1", c["text"]) for c in wanted["comments"]
    ]


def test_a_post_of_the_large_website(recorded: Read, expected: dict[str, Any], named: Named) -> None:
    (name,) = named(AJAX)
    response, wanted = recorded(name), expected[name]
    assert weibo.recognise(response) is PageState.OK
    (post,) = weibo.ajax_posts(response, user_id=wanted["author_uid"])
    assert (post.post_id, bid_of(post.post_id)) == (wanted["mid"], wanted["mblogid"])
    assert post.original_post_id == wanted["original"]["mid"]
    assert post.original_user_id == wanted["original"]["author_uid"]
    assert post.like_count == wanted["likes"]
    assert (post.repost_count, post.comment_count) == (wanted["reposts"], wanted["comments"])
    assert wanted["text_prefix"].startswith("//@")
    assert post.text == ""  # nothing of it is the author's own
    assert post.created_at == moment(wanted["created_at"], None)


REPORTED = {
    "ajax_not_logged_in": PageState.LOGIN_REQUIRED,
    "m_not_logged_in": PageState.LOGIN_REQUIRED,
    "m_not_logged_in_old": PageState.LOGIN_REQUIRED,
    "m_http_432": PageState.RATE_LIMITED,
    "m_http_418": PageState.RATE_LIMITED,
    "m_http_403_frequent": PageState.RATE_LIMITED,
    "m_no_content": PageState.EMPTY,  # ambiguous: the crawl asks weibo.cn
    "ajax_no_permission": PageState.GONE,
    "ajax_bad_request": PageState.GONE,
    "ajax_http_403": PageState.RATE_LIMITED,
    "visitor_page": PageState.LOGIN_REQUIRED,
    "genvisitor_ok": PageState.LOGIN_REQUIRED,
    "cn_login_page": PageState.LOGIN_REQUIRED,
    "cn_missing_page": PageState.GONE,
    "cn_frequent": PageState.RATE_LIMITED,
    "ajax_missing_parameter_500": PageState.CHANGED,  # a 5xx ends before it is recognised
    "ajax_unknown_endpoint_404": PageState.GONE,
    "ajax_response_header_uid": None,  # about a header
    "m_search_wrong_domain_cookie": PageState.LOGIN_REQUIRED,
    "m_visitor_headers_302": PageState.LOGIN_REQUIRED,
    "m_432_any_network": PageState.RATE_LIMITED,
    "weibo_com_432_then_fresh_xsrf": PageState.RATE_LIMITED,
    "newlogin_to_visitor": PageState.LOGIN_REQUIRED,
    "s_weibo_to_signin": PageState.LOGIN_REQUIRED,
    "cn_frozen_account_text": PageState.BLOCKED,
}


def test_every_reported_state_is_recognised(folder: Path, respond: Respond, named: Named) -> None:
    reported = [state for name in named(STATES) for state in json.loads((folder / name).read_bytes())["states"]]
    assert {state["id"] for state in reported} == set(REPORTED)
    for state in reported:
        url = re.sub(r"[{} ].*", "", state.get("final_url") or state["url"])
        url = url if url.startswith("http") else "https://weibo.com/"
        body = (state.get("body") or state.get("body_contains") or "").encode()
        wanted = REPORTED[state["id"]]
        page = respond(url, body, status=state.get("http_status", 200))
        assert wanted is None or weibo.recognise(page) is wanted, state["id"]


def test_robots_txt_rules_out_all_that_is_crawled(folder: Path, expected: dict[str, Any], named: Named) -> None:
    for name in named(ROBOTS):
        host = re.sub(r"robots-|-\d{4}-\d\d\.txt", "", name)
        rules = Protego.parse((folder / name).read_text())
        for path, allowed in expected[name]["star"].items():
            assert rules.can_fetch(f"https://{host}{path}", "crawlers/0.1") is allowed
        assert not rules.can_fetch(f"https://{host}/", "crawlers/0.1")
