"""Pages of results of the website's search, the first as HTML, the others as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from scrapy.http import Response

from crawlers.errors import LayoutChanged
from crawlers.items import Rows
from crawlers.items.youtube import SearchResult
from crawlers.pages.youtube.result import Result, read_result
from crawlers.pages.youtube.search_answer import SearchAnswer, answer_of
from crawlers.pages.youtube.urls import ROUTE_WORDS
from crawlers.parsing.json_body import json_of
from crawlers.parsing.urls import path_template

_VERSION = b'"INNERTUBE_CONTEXT_CLIENT_VERSION":"'
_ESCAPED_VERSION = b'\\"INNERTUBE_CONTEXT_CLIENT_VERSION\\":\\"'


@dataclass(frozen=True, slots=True)
class SearchFacts:
    """What a page of results says beside its results."""

    token: str | None
    """What to ask the next page with; None on the last."""
    visitor_data: str | None = field(repr=False)
    """The site's name for this visit, which the next request repeats."""
    corrected_query: str | None = field(repr=False)
    """What was searched for instead of the query."""
    passed_over: Mapping[str, int]
    """Things that are no results, by name."""
    unknown: Mapping[str, int]
    """Things of no known name."""


def results(
    response: Response,
    *,
    query: str,
    language: str,
    region: str,
    page: int = 1,
    first_position: int = 0,
    sort_order: str = "relevance",
    corrected_query: str | None = None,
) -> Rows[SearchResult]:
    """The videos of a page of results, about 20, in their order; the first stands at `first_position`.

    `corrected_query` is what the first page said it searched for instead. Shelves, channels, playlists and promotion
    are no results.

    Source: https://www.youtube.com/results?search_query=<query>&… (HTML, ``ytInitialData``), and
    https://www.youtube.com/youtubei/v1/search with a continuation (JSON).
    Raises: LayoutChanged: there is no answer of a search in it.
    """
    answer = _answer(response)
    asked = {
        "query": query, "page": page, "corrected_query": corrected_query or answer.corrected_query,
        "sort_order": sort_order, "language": language, "region": region, "source": "web",
    }  # fmt: skip
    return Rows(SearchResult, enumerate(answer.results, first_position), partial(_read, asked=asked))


def _read(node: tuple[int, Result], *, asked: dict[str, Any]) -> dict[str, Any]:
    position, result = node
    return {**asked, "position": position, **read_result(result, asked["language"])}


def search_facts(response: Response) -> SearchFacts:
    """What the page says beside its results.

    Source: as of `results`. Raises: LayoutChanged: there is no answer of a search in it.
    """
    answer = _answer(response)
    return SearchFacts(
        token=answer.token,
        visitor_data=answer.visitor_data,
        corrected_query=answer.corrected_query,
        passed_over=dict(answer.passed_over),
        unknown=dict(answer.unknown),
    )


def client_version(response: Response) -> str | None:
    """The version of the site's own program (``2.20260603.05.00``), which requests for JSON name; None if not said.

    Source: https://www.youtube.com/sw.js, in one of its two forms, or any page of the website.
    """
    for marker, end in ((_VERSION, b'"'), (_ESCAPED_VERSION, b'\\"')):
        _, found, rest = response.body.partition(marker)
        version = rest[:40].partition(end)[0].decode("ascii", "replace")
        if found and version.replace(".", "").isdigit():
            return version
    return None


def _answer(response: Response) -> SearchAnswer:
    try:
        return answer_of(response)
    except (LookupError, ValueError) as error:
        raise LayoutChanged(path_template(response.url, ROUTE_WORDS), "no answer of a search") from error


def visitor_data(response: Response) -> str | None:
    """The site's name for a new visit, which later requests repeat; None if it gives none.

    Source: https://www.youtube.com/youtubei/v1/visitor_id (JSON).
    """
    name: str | None = (json_of(response).get("responseContext") or {}).get("visitorData")
    return name
