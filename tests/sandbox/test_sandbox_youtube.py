from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from protego import Protego

from sandbox.scripts import STATES, Script
from sandbox.sites.youtube import YouTube
from sandbox.worlds import World
from sandbox.worlds.youtube import YouTubeWorld
from tests.sandbox.youtube import COOKIE, KEY, SITE, ask, embedded, items, post, search, token_of, videos


@pytest.fixture(scope="module")
def world() -> YouTubeWorld:
    return World().youtube


@pytest.fixture
def site(world: YouTubeWorld) -> YouTube:
    return YouTube(world, KEY)


def _of_state(world: YouTubeWorld, state: str) -> Any:
    return next(video for video in world.videos if video.state == state)


def test_reading_all_pages_of_a_web_search_sees_what_the_world_says(site: YouTube, world: YouTubeWorld) -> None:
    repeated = 0
    for query in world.queries:
        pages = [videos(answer) for answer in search(site, query)]
        rows = [(number, video_id) for number, page in enumerate(pages, 1) for video_id in page]
        hits = world.hits(query, "web")
        assert list(dict.fromkeys(video_id for _, video_id in rows)) == [hit.video.video_id for hit in hits]
        assert all(rows[hit.position] == (hit.page, hit.video.video_id) for hit in hits)
        assert len(pages[0]) == 20
        assert all(19 <= len(page) <= 26 for page in pages[1:-2])
        repeated += len(rows) - len(hits)
    assert repeated


def test_a_search_ends_without_a_token_or_with_a_page_that_says_so(site: YouTube, world: YouTubeWorld) -> None:
    ends = {items(list(search(site, query))[-1])[0][0] for query in world.queries}
    assert "messageRenderer" in ends
    assert len(ends) > 1


def test_a_query_that_finds_nothing_says_so(site: YouTube) -> None:
    (answer,) = search(site, "no such words anywhere")
    assert [name for name, _ in items(answer)] == ["backgroundPromoRenderer"]
    assert answer["estimatedResults"] == "0"


def test_other_queries_find_the_titles_that_hold_their_words(site: YouTube, world: YouTubeWorld) -> None:
    (answer, *_) = search(site, "Official  VIDEO")
    found = [world.by_id[video_id] for video_id in videos(answer)]
    assert found
    assert all("Official" in video.title and "Video" in video.title for video in found)


def test_among_the_results_stands_what_is_none(site: YouTube) -> None:
    everything = {name for answer in search(site, "folk rock", "8AEB") for name, _ in items(answer)}
    assert everything >= {
        "videoRenderer", "lockupViewModel", "shelfRenderer", "gridShelfViewModel", "reelShelfRenderer", "radioRenderer",
        "channelRenderer", "playlistRenderer", "adSlotRenderer", "horizontalCardListRenderer",
        "infoPanelContainerRenderer", "plantedBySandboxViewModel",
    }  # fmt: skip
    among_videos = {name for answer in search(site, "folk rock") for name, _ in items(answer)}
    assert among_videos < everything
    assert not among_videos & {"channelRenderer", "playlistRenderer", "radioRenderer", "gridShelfViewModel"}


def test_a_slip_is_corrected_and_a_hashtag_widened(site: YouTube) -> None:
    slip = items(next(search(site, "acustic rock")))[0]
    assert slip[0] == "showingResultsForRenderer"
    assert slip[1]["correctedQuery"]["runs"][0]["text"] == "acoustic rock"
    assert items(next(search(site, "#shorts")))[0][0] == "includingResultsForRenderer"


@pytest.mark.parametrize("params", ["EgIQCQ==", "EgIQCQ%3D%3D", "EgIQCQ%253D%253D", "EgIQCQ"])
def test_the_filter_of_shorts_is_understood_however_it_is_escaped(
    site: YouTube, world: YouTubeWorld, params: str
) -> None:
    found = {video_id for answer in search(site, "folk rock", params) for video_id in videos(answer)}
    assert found == {video.video_id for video in world.found("folk rock") if video.state == "short"}


def test_order_by_views_is_obeyed_and_order_by_date_ignored(site: YouTube, world: YouTubeWorld) -> None:
    popular = videos(next(search(site, "folk rock", "CAMSAhAB")))
    views = [world.by_id[video_id].view_count or 0 for video_id in popular]
    assert views == sorted(views, reverse=True)
    assert videos(next(search(site, "folk rock", "CAI="))) == videos(next(search(site, "folk rock")))


def test_the_texts_are_in_the_language_that_is_asked_for(site: YouTube, world: YouTubeWorld) -> None:
    texts = {
        hl: {
            content["videoId"]: content["viewCountText"]["simpleText"]
            for answer in search(site, "folk rock", hl=hl)
            for name, content in items(answer)
            if name == "videoRenderer" and "simpleText" in content.get("viewCountText", {})
        }
        for hl in ("en", "pt-BR")
    }
    video = max(world.found("folk rock"), key=lambda video: video.view_count or 0)
    assert video.view_count
    for hl, sign in (("en", ","), ("pt-BR", ".")):
        assert re.sub(r"\D", "", texts[hl][video.video_id]) == str(video.view_count)
        assert sign in texts[hl][video.video_id]


def test_the_visitor_is_handed_on_and_a_forged_token_is_refused(site: YouTube) -> None:
    _, first = post(site, "search", query="folk rock", params="")
    visitor = first["responseContext"]["visitorData"]
    token = token_of(first)
    assert token is not None
    assert 108 <= len(token) <= 1368
    body = json.dumps({"context": {"client": {"clientName": "WEB", "clientVersion": "2.20260123.01.00"}}})
    asked = body[:-1] + f', "continuation": "{token}"}}'
    reply = ask(site, f"{SITE}/youtubei/v1/search", {"X-Goog-Visitor-Id": visitor}, asked.encode())
    assert json.loads(reply.body)["responseContext"]["visitorData"] == visitor
    assert post(site, "search", continuation=token[:-9] + "AAAA" + token[-5:])[0] == 400
    assert post(site, "search", continuation="x")[1]["error"]["status"] == "INVALID_ARGUMENT"


@pytest.mark.parametrize(
    ("client", "status"),
    [
        ({"clientName": "WEB", "clientVersion": "1.0"}, "INVALID_ARGUMENT"),
        ({"clientName": "WEB", "clientVersion": "2.20240101.00.00"}, "FAILED_PRECONDITION"),
        ({"clientName": "TOASTER", "clientVersion": "2.20260123.01.00"}, "INVALID_ARGUMENT"),
    ],
)
def test_a_client_that_is_too_old_or_unknown_is_refused(site: YouTube, client: dict[str, str], status: str) -> None:
    code, answer = post(site, "search", client=client, query="folk rock")
    assert (code, answer["error"]["status"]) == (400, status)


def test_a_page_of_a_video_carries_the_players_answer_and_what_stands_around(
    site: YouTube, world: YouTubeWorld
) -> None:
    for video in world.videos:
        reply = ask(site, f"{SITE}/watch?v={video.video_id}&hl=en", COOKIE)
        player = embedded(reply.body, "ytInitialPlayerResponse")
        _, answer = post(site, "player", videoId=video.video_id)
        del player["responseContext"], answer["responseContext"]
        assert player == answer
        around = embedded(reply.body, "ytInitialData")
        assert ("contents" in around) == (not video.is_gone)
        assert reply.body.count(b"</script>") == 4  # no text of a video ends a script


def test_the_player_keeps_to_a_field_mask(site: YouTube, world: YouTubeWorld) -> None:
    video = _of_state(world, "public")
    mask = "microformat,videoDetails.thumbnail.thumbnails,videoDetails.videoId,playabilityStatus(status,reason)"
    _, answer = post(site, f"player?prettyPrint=false&$fields={quote(mask)}", videoId=video.video_id)
    assert list(answer) == ["playabilityStatus", "videoDetails", "microformat"]
    assert set(answer["videoDetails"]) == {"videoId", "thumbnail"}
    assert answer["playabilityStatus"] == {"status": "OK"}
    assert post(site, "player?$fields=a..b", videoId=video.video_id)[0] == 400


def test_the_player_tells_every_state(site: YouTube, world: YouTubeWorld) -> None:
    signs = {
        "public": ("OK", ""), "short": ("OK", ""), "live": ("OK", ""), "unlisted": ("OK", ""),
        "upcoming": ("LIVE_STREAM_OFFLINE", "will begin in"), "private": ("LOGIN_REQUIRED", "private"),
        "age_restricted": ("LOGIN_REQUIRED", "inappropriate"), "members_only": ("UNPLAYABLE", "members"),
        "region_blocked": ("UNPLAYABLE", "in your country"), "removed": ("ERROR", "removed"),
        "channel_closed": ("ERROR", "terminated"),
    }  # fmt: skip
    for state, (status, words) in signs.items():
        video = _of_state(world, state)
        _, answer = post(site, "player", videoId=video.video_id)
        assert answer["playabilityStatus"]["status"] == status
        assert words in answer["playabilityStatus"].get("reason", "")
        assert ("videoDetails" in answer) == ("microformat" in answer) == (not video.is_gone)
        assert ("streamingData" in answer) == (status == "OK")
    assert "viewCount" not in post(site, "player", videoId=_of_state(world, "members_only").video_id)[1]["videoDetails"]
    assert post(site, "player", videoId="nosuchvideo")[1]["playabilityStatus"]["status"] == "ERROR"
    android = {"clientName": "ANDROID", "clientVersion": "20.10.38"}
    assert "microformat" not in post(site, "player", client=android, videoId=world.videos[0].video_id)[1]


def test_pages_wait_for_consent_and_the_form_gives_the_cookie(site: YouTube, world: YouTubeWorld) -> None:
    page = f"{SITE}/watch?v={_of_state(world, 'public').video_id}"
    wall = ask(site, page)
    assert wall.status == 302
    form = ask(site, wall.headers["Location"]).body.decode()
    onwards = parse_qs(urlsplit(wall.headers["Location"]).query)["continue"][0]
    assert onwards == page
    assert 'action="https://consent.youtube.com/save"' in form
    answered = ask(site, "https://consent.youtube.com/save", body=f"set_eom=true&continue={quote(page)}".encode())
    assert (answered.status, answered.headers["Location"]) == (303, page)
    cookie = answered.headers["Set-Cookie"].partition(";")[0]
    assert ask(site, page, {"Cookie": cookie}).status == 200
    assert ask(site, f"{page}&ucbcb=1").status == 200


def test_the_results_page_carries_the_answer_of_a_search(site: YouTube) -> None:
    query = "folk rock</script>"
    reply = ask(site, f"{SITE}/results?search_query={quote(query)}", COOKIE)
    assert [name for name, _ in items(embedded(reply.body, "ytInitialData"))] == ["backgroundPromoRenderer"]
    reply = ask(site, f"{SITE}/results?search_query=folk+rock&sp=EgIQAQ%253D%253D", COOKIE)
    assert videos(embedded(reply.body, "ytInitialData")) == videos(next(search(site, "folk rock")))
    assert b'"INNERTUBE_CONTEXT_CLIENT_VERSION":"2.2026' in reply.body


def test_robots_txt_allows_videos_and_rules_out_searches(site: YouTube) -> None:
    rules = Protego.parse(ask(site, f"{SITE}/robots.txt").body.decode())
    assert rules.can_fetch(f"{SITE}/watch?v=x", "*")
    for path in ("/results?search_query=x", "/youtubei/v1/search", "/youtubei/v1/player"):
        assert not rules.can_fetch(f"{SITE}{path}", "*")
    assert ask(site, "https://www.googleapis.com/robots.txt").status == 404


def test_bans_look_like_success_when_they_are_ordered(site: YouTube) -> None:
    orders = {name: Script.parse({"state": name}) for name in STATES if name.startswith("youtube_")}
    assert {order.status for order in orders.values()} == {200, 302, 403, 429}
    ban = json.loads(orders["youtube_not_a_bot"].body)
    assert ban["playabilityStatus"]["reason"] == "Sign in to confirm you’re not a bot"
    assert "videoDetails" not in ban
    assert orders["youtube_empty"].body == b"{}"
    decoy = json.loads(orders["youtube_decoy"].body)
    assert decoy["playabilityStatus"]["status"] == "OK"
    captcha = ask(site, orders["youtube_sorry"].headers["Location"])
    assert captcha.status == 429
    assert b"unusual traffic" in captcha.body
