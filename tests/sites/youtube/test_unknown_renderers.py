"""Whatever the site adds to an answer, wherever it stands, changes nothing of what is read but a count."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scrapy.http import Response

from crawlers.pages import youtube
from tests.sites.youtube.recordings import PLAYER, RESULTS, SEARCH, WATCH, Recording, Respond, recordings

NEW = "zooRenderer"
RENDERED = {"title": {"simpleText": "1,234 views"}, "videoId": "zzzzzzzzzzz", "contents": [{"videoRenderer": {}}]}
HTML = {"results-html-2026-COMPOSED-test": "ytInitialData", "watch-html-2025-GJLlxj_dtq8": "ytInitialPlayerResponse"}
SEARCHES = (
    "search-videos-cirque-p1", "search-videos-cirque-p2", "search-all-test-p1", "search-videos-corrected-p1",
    "search-all-fewresults-p2-end", "search-videos-shorts-live-p1", "search-videos-collab-p1",
    "results-html-2026-COMPOSED-test", "channel-videos-lockup-p1-2026-05",
)  # fmt: skip
PLAYERS = (
    "player-web-fields-music-K4DyBUG242c", "player-web-full-iuevw6218F0", "player-web-scheduled-N-yVic7BbY0",
    "player-android-agerestricted", "player-android-unavailable", "player-android-notabot",
    "watch-html-2025-GJLlxj_dtq8",
)  # fmt: skip


class Insertable:
    """A recording into which something new can be put, at any of `places`: the objects and lists of its JSON."""

    def __init__(self, recording: Recording, respond: Respond) -> None:
        self.recording = recording
        self.before, text, self.after = self._parts()
        self.tree = orjson.loads(text)
        self.places = [*_containers(self.tree)]
        self._respond = respond
        self.unchanged = self.read(self.tree)

    def _parts(self) -> tuple[bytes, bytes, bytes]:
        body = self.recording.body
        if not self.recording.is_html:
            return b"", body, b""
        start = body.index(f"{HTML[self.recording.name]} = ".encode()) + len(HTML[self.recording.name]) + 3
        end = body.index(b";</script>", start)
        return body[:start], body[start:end], body[end:]

    def with_something_new(self, place: int, where: int) -> Any:
        """What is read where a thing of an unknown kind stands in the container of this number."""
        container = self.places[place % len(self.places)]
        if isinstance(container, list):
            container.insert(where % (len(container) + 1), {NEW: RENDERED})
            read = self.read(self.tree)
            container.remove({NEW: RENDERED})
        else:
            container[NEW] = RENDERED
            read = self.read(self.tree)
            del container[NEW]
        return read

    def read(self, tree: Any) -> tuple[Any, dict[str, int]]:
        """All that the pages say of it, and the counts of what is unknown."""
        body = self.before + orjson.dumps(tree) + self.after
        changed = Recording(self.recording.name, body, {}, self.recording.is_html)
        if self.recording.name in PLAYERS:
            return self._video(changed), {}
        response = changed.at(RESULTS if changed.is_html else SEARCH, self._respond)
        rows, facts = _results(response), youtube.search_facts(response)
        return (
            youtube.recognise(response), [row.model_dump() for row in rows], rows.invalid, facts.token,
            facts.visitor_data, facts.corrected_query, facts.passed_over, youtube.client_version(response),
        ), dict(facts.unknown)  # fmt: skip

    def _video(self, changed: Recording) -> Any:
        video_id = (self.tree.get("videoDetails") or {}).get("videoId", "aaaaaaaaaaa")
        if changed.is_html:
            response = changed.at(f"{WATCH}{video_id}", self._respond)
            rows = youtube.watch_video(response, video_id=video_id)
        else:
            response = changed.at(PLAYER, self._respond)
            rows = youtube.player_video(response, video_id=video_id)
        return youtube.recognise(response), [row.model_dump() for row in rows], rows.invalid


def _results(response: Response) -> Any:
    return youtube.results(response, query="q", language="en", region="US")


def _containers(tree: Any) -> Iterator[Any]:
    if isinstance(tree, dict | list):
        yield tree
        for inner in tree.values() if isinstance(tree, dict) else tree:
            yield from _containers(inner)


@pytest.fixture(scope="module")
def insertables(captures_dir: Path, respond: Respond) -> dict[str, Insertable]:
    found = recordings(captures_dir)
    if not found:
        pytest.skip(f"no recordings of youtube in {captures_dir}")
    return {name: Insertable(found[name], respond) for name in (*SEARCHES, *PLAYERS)}


@pytest.mark.recording
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from([*SEARCHES, *PLAYERS]), place=st.integers(0, 10**6), where=st.integers(0, 50))
def test_a_thing_of_an_unknown_kind_changes_nothing_but_a_count(
    insertables: dict[str, Insertable], name: str, place: int, where: int
) -> None:
    recording = insertables[name]
    read, unknown = recording.with_something_new(place, where)
    assert read == recording.unchanged[0]
    assert unknown in ({}, {NEW: 1}, {"(section)": 1})


@pytest.mark.recording
@pytest.mark.parametrize("name", SEARCHES)
def test_a_thing_of_an_unknown_kind_among_the_results_is_counted_by_name(
    insertables: dict[str, Insertable], name: str
) -> None:
    recording = insertables[name]
    items = [
        number
        for number, container in enumerate(recording.places)
        if isinstance(container, dict) and container.keys() & {"videoRenderer", "lockupViewModel", "messageRenderer"}
    ]
    among = [number for number in items if _is_result(recording, number)]
    assert among
    for number in {among[0], among[-1]}:
        read, unknown = recording.with_something_new(number, 0)
        assert (read, unknown) == (recording.unchanged[0], {NEW: 1})


def _is_result(recording: Insertable, number: int) -> bool:
    """Whether the thing stands in a list of results, and not in a shelf."""
    held = recording.places[number]
    lists = [section["contents"] for section in recording.places if isinstance(section, dict) and "contents" in section]
    in_list = any(held is item for listed in lists if isinstance(listed, list) for item in listed)
    in_grid = any(isinstance(place, dict) and place.get("content") is held for place in recording.places)
    return in_list or (in_grid and "lockupViewModel" in held)
