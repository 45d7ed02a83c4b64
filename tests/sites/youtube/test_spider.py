"""Where the spider goes next: query after query, page after page, and what it has to remember for that."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import pytest
from scrapy import Request
from scrapy.http import Response
from scrapy.utils.test import get_crawler

from crawlers.errors import ConfigurationError, LayoutChanged
from crawlers.items import Remember, Rows
from crawlers.items.youtube import SearchResult, Video
from crawlers.pseudonyms import Pseudonymizer, PseudonymKey
from crawlers.spiders.youtube import YoutubeSpider
from crawlers.spiders.youtube import spider as module

Respond = Callable[..., Response]
KEY = PseudonymKey.from_hex("5eed" * 16, "the test")


class Remembered:
    """What was remembered so far, as the store of a job recalls it."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {}

    def recall(self, name: str, default: Any = None) -> Any:
        return self.names.get(name, default)

    def knows(self, name: str) -> bool:
        return name in self.names


class Visit:
    """A spider at work: answers go in, and what it yields of them comes out."""

    def __init__(self, respond: Respond, **arguments: Any) -> None:
        self.spider = YoutubeSpider.from_crawler(get_crawler(YoutubeSpider), **arguments)
        self.memory = Remembered()
        self.spider.memory = self.memory
        self._respond = respond
        self.rows: list[str] = []

    def start(self) -> list[Request]:
        import asyncio  # noqa: PLC0415

        async def requests() -> list[Request]:
            return [request async for request in self.spider.start()]

        return asyncio.run(requests())

    def answer(self, request: Request, body: Any) -> list[Request]:
        """The requests that follow when this is the answer; its rows and facts are kept."""
        json_type = {"Content-Type": "application/json"}
        response = self._respond(request.url, json.dumps(body).encode(), headers=json_type)
        further = []
        assert request.callback is not None
        for output in request.callback(response, **request.cb_kwargs):
            if isinstance(output, Remember):
                self.memory.names[output.name] = output.value
            elif isinstance(output, Request):
                further.append(output)
            elif output.table is SearchResult:
                self.rows += [row.video_id for row in cast("Rows[SearchResult]", output)]
        return further


def hits(*numbers: int, token: str | None = None) -> dict[str, Any]:
    """A page of the API's search."""
    items = [
        {"id": {"videoId": f"video{n:06}"}, "snippet": {"title": f"Song {n}", "channelId": "UCtest"}} for n in numbers
    ]
    return {"items": items, **({"nextPageToken": token} if token else {})}


def asked(request: Request, name: str) -> str | None:
    return parse_qs(urlsplit(request.url).query).get(name, [None])[0]


def is_search(request: Request) -> bool:
    return urlsplit(request.url).path.endswith("/search")


def test_facts_are_asked_for_by_the_fifty_whatever_query_they_are_from(respond: Respond) -> None:
    visit = Visit(respond, queries="one,two")
    (first,) = visit.start()
    (second,) = visit.answer(first, hits(*range(40), token="A"))
    details, third = visit.answer(second, hits(*range(39, 60)))
    assert [asked(request, "q") for request in (first, second, third)] == ["one", "one", "two"]
    assert asked(second, "pageToken") == "A"
    assert (asked(details, "id") or "").split(",") == [f"video{n:06}" for n in range(50)]
    (last,) = visit.answer(third, hits(5, 60, 61))
    assert (asked(last, "id") or "").split(",") == [f"video{n:06}" for n in (*range(50, 60), 60, 61)]
    assert len(visit.rows) == 60 + 3  # what a second query finds is a result of it, too


def test_a_result_that_comes_again_keeps_its_first_place(respond: Respond) -> None:
    visit = Visit(respond, queries="one", details="false")
    (first,) = visit.start()
    (second,) = visit.answer(first, hits(1, 2, 3, 2, token="A"))
    assert visit.answer(second, hits(3, 4)) == []
    assert visit.rows == ["video000001", "video000002", "video000003", "video000004"]


def test_a_limit_holds_for_each_query_and_is_told_to_the_api(respond: Respond) -> None:
    visit = Visit(respond, queries="one,two", max_results="60", details="false")
    (first,) = visit.start()
    assert asked(first, "maxResults") == "50"
    (second,) = visit.answer(first, hits(*range(50), token="A"))
    assert asked(second, "maxResults") == "10"
    (third,) = visit.answer(second, hits(*range(49, 70), token="B"))
    assert (asked(third, "q"), asked(third, "maxResults")) == ("two", "50")
    assert len(visit.rows) == 60


def test_a_page_that_leads_back_is_noticed(respond: Respond) -> None:
    visit = Visit(respond, queries="one")
    (first,) = visit.start()
    (second,) = visit.answer(first, hits(1, token="A"))
    with pytest.raises(LayoutChanged, match="leads back"):
        visit.answer(second, hits(2, token="A"))


def test_a_search_that_goes_in_circles_ends(respond: Respond) -> None:
    visit = Visit(respond, queries="one", details="false")
    (request,) = visit.start()
    (request,) = visit.answer(request, hits(1, 2, token="A"))
    for token in ("B", "C"):
        (request,) = visit.answer(request, hits(2, 1, token=token))
    assert visit.answer(request, hits(1, 2, token="D")) == []


def test_searches_are_counted_by_the_day_and_the_hundred_and_first_waits(
    respond: Respond, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = ["2026-11-27"]
    monkeypatch.setattr(module, "_today", lambda: today[0])
    visit = Visit(respond, queries="one", details="false")
    (request,) = visit.start()
    for number in range(100):
        assert visit.spider.holds_back(request) is None
        (request,) = visit.answer(request, hits(number, token=f"token{number}"))
    assert visit.memory.names["searches"] == {"day": "2026-11-27", "count": 100}
    assert visit.spider.holds_back(request) == "quota_exceeded"
    assert visit.spider.holds_back(visit.spider.api_videos_request(["video000001"])) is None
    today[0] = "2026-11-28"
    assert visit.spider.holds_back(request) is None
    visit.answer(request, hits(100))
    assert visit.memory.names["searches"] == {"day": "2026-11-28", "count": 1}


def test_the_day_of_the_quota_is_the_one_in_california(monkeypatch: pytest.MonkeyPatch) -> None:
    class Clock(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> Clock:
            return cls(2026, 1, 2, 7, 59, tzinfo=dt.UTC).astimezone(tz)

    monkeypatch.setattr("crawlers.spiders.youtube.spider.dt.datetime", Clock)
    assert module._today() == "2026-01-01"


def test_no_request_holds_the_key_and_none_of_the_website_is_redirected(respond: Respond) -> None:
    visit = Visit(respond, queries="one")
    (search,) = visit.start()
    assert "key" not in parse_qs(urlsplit(search.url).query)
    assert not search.headers
    (watch,) = Visit(respond, source="watch", video_ids="aaaaaaaaaaa").start()
    assert watch.meta["dont_redirect"] is True


def test_a_website_search_names_the_visit_and_the_version_that_the_page_before_named(respond: Respond) -> None:
    visit = Visit(respond, queries="one", source="web")
    (first,) = visit.start()
    fixture = Path(__file__).parents[2] / "fixtures/youtube/results/typical/response.html"
    page = respond(first.url, fixture.read_bytes(), headers={"Content-Type": "text/html"})
    outputs = [*visit.spider.parse_web_search(page, **first.cb_kwargs)]
    *players, following = requests = [output for output in outputs if isinstance(output, Request)]
    assert [json.loads(request.body)["videoId"] for request in players] == ["aaaaaaaaaa1", "aaaaaaaaaa2", "aaaaaaaaaa3"]
    for request in requests:
        assert request.headers[b"X-Goog-Visitor-Id"] == b"CgtmaXh0dXJlVmlzaXQ%3D"
        assert request.headers[b"X-YouTube-Client-Version"] == b"2.20260603.05.00"
    assert json.loads(following.body)["continuation"] == "EpMDEgtjZWxsbyBzb25ncw"


def test_dates_and_order_reach_the_api(respond: Respond) -> None:
    dates = {"published_after": "2020-01-01", "published_before": "2020-02-01"}
    (request,) = Visit(respond, queries="one", order="date", region="BR", language="pt", **dates).start()
    wanted = {
        "order": "date", "regionCode": "BR", "relevanceLanguage": "pt", "publishedAfter": "2020-01-01T00:00:00Z",
        "publishedBefore": "2020-02-01T00:00:00Z", "type": "video", "q": "one",
    }  # fmt: skip
    assert {name: asked(request, name) for name in wanted} == wanted


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"source": "watch"}, "youtube: source=watch needs the videos"),
        ({"source": "watch", "queries": "cello", "video_ids": "aaaaaaaaaaa"}, "does not search; leave the queries out"),
        ({"source": "web", "order": "date"}, "ordering by date in February 2026"),
        ({"source": "web", "published_after": "2020-01-01"}, "only source=api searches by date"),
        ({"video_ids": "aaaaaaaaaaa,too-short"}, "video_ids: entry 2: it is not written as it must be .*11 letters"),
        ({"queries": ","}, "queries: nothing stands there"),
        ({"region": "us"}, "region: "),
        ({"max_results": "-1"}, "max_results: "),
        ({"query": "cello"}, "query: there is no such argument"),
        ({"video_ids_file": "/nowhere/ids.txt"}, "video_ids_file: the file cannot be read: No such file"),
        ({"video_ids_file": os.devnull}, "video_ids_file: nothing stands there"),
        ({"source": "api", "details": "false", "video_ids": "aaaaaaaaaaa"}, "details=false leaves nothing to do"),
    ],
)
def test_arguments_that_make_no_sense_together_are_named(arguments: dict[str, str], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words) as caught:
        YoutubeSpider(**arguments)
    assert "Value error" not in str(caught.value)
    assert "^" not in str(caught.value)


def test_queries_and_ids_can_come_from_files(tmp_path: Path) -> None:
    queries, ids = tmp_path / "queries.txt", tmp_path / "ids.txt"
    queries.write_text("\ufefffolk rock\n\n  cello, songs \nfolk rock\n", encoding="utf-8")
    ids.write_text("aaaaaaaaaaa\nbbbbbbbbbbb\naaaaaaaaaaa\n")
    spider = YoutubeSpider(queries_file=str(queries), video_ids_file=str(ids), video_ids="ccccccccccc")
    assert spider.queries == ["folk rock", "cello, songs"]
    assert spider.video_ids == ["ccccccccccc", "aaaaaaaaaaa", "bbbbbbbbbbb"]
    assert spider.public_arguments(Pseudonymizer(KEY))["queries_file"] == ["folk rock", "cello, songs", "folk rock"]
    before = spider.argument_text()
    queries.write_text("folk rock")
    again = YoutubeSpider(queries_file=str(queries), video_ids_file=str(ids), video_ids="ccccccccccc")
    assert again.argument_text() != before, "an edited file is another crawl"
    ids.write_text("aaaaaaaaaaa\nhttps://youtu.be/bbbbbbbbbbb\n")
    with pytest.raises(ConfigurationError, match="video_ids_file: entry 2: it is not written as it must") as caught:
        YoutubeSpider(video_ids_file=str(ids))
    assert "youtu.be" not in str(caught.value)


def test_without_arguments_the_six_queries_of_the_original_are_searched() -> None:
    assert len(YoutubeSpider().queries) == 6
    assert YoutubeSpider(video_ids="aaaaaaaaaaa").queries == []


def test_a_crawl_is_judged_by_the_tables_it_writes() -> None:
    assert YoutubeSpider(details="false").collected() == [SearchResult]
    assert YoutubeSpider(source="watch", video_ids="aaaaaaaaaaa").collected() == [Video]
    assert YoutubeSpider().collected() == [SearchResult, Video]
