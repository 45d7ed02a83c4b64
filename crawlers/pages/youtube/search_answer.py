"""What a search of the website answers: the same tree in the results page and in the answers to its continuations.

Only what is wanted of it is decoded, by type: an answer has half a megabyte, and most of it is for the site's scripts.
Where something is of an unknown kind or shape, results stay undecoded until they are read one by one, so that what is
unknown is counted by name, and a result that cannot be read is lost alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

import msgspec
from scrapy.http import HtmlResponse, Response

from crawlers.pages.youtube.parts import Present, Struct, Text
from crawlers.pages.youtube.result import LOCKUP, VIDEO, Lockup, Result, Video
from crawlers.parsing.embedded_json import assigned_json
from crawlers.parsing.json_body import loads

CORRECTION, CONTINUATION = "showingResultsForRenderer", "continuationItemRenderer"
# Things between the results that are none: other kinds, shelves that repeat results or have nothing to do with the
# query, corrections, warnings, advertisements.
PASSED_OVER = frozenset({
    "channelRenderer", "playlistRenderer", "radioRenderer", "showRenderer", "movieRenderer", "shelfRenderer",
    "gridShelfViewModel", "reelShelfRenderer", "richShelfRenderer", "horizontalCardListRenderer",
    "showingResultsForRenderer", "didYouMeanRenderer", "includingResultsForRenderer", "messageRenderer",
    "backgroundPromoRenderer", "emergencyOneboxRenderer", "infoPanelContainerRenderer", "clarificationRenderer",
    "adSlotRenderer", "searchPyvRenderer", "promotedSparklesWebRenderer",
})  # fmt: skip
PASSED_OVER_LOCKUPS = frozenset({"PLAYLIST", "PODCAST", "ALBUM"})
# Both say that there is nothing (more): "No more results", "No results found".
NOTHING = frozenset({"messageRenderer", "backgroundPromoRenderer"})
# A name that may be counted in a stat: the site's own, and no word of anybody's.
_NAME = re.compile(r"[a-z][A-Za-z]{2,60}(?:Renderer|Model)|[A-Z]{3,30}")

I = TypeVar("I")  # noqa: E741  (a thing on a page of results)


class _ItemSection(Struct, Generic[I]):
    contents: tuple[I, ...] = ()


class _Command(Struct):
    token: str | None = None


class _ContinuationEndpoint(Struct):
    continuation_command: _Command | None = None


class _Continuation(Struct):
    continuation_endpoint: _ContinuationEndpoint | None = None


class _RichItem(Struct, Generic[I]):
    content: I | None = None


class _Section(Struct, Generic[I]):
    item_section_renderer: _ItemSection[I] | None = None
    continuation_item_renderer: _Continuation | None = None
    rich_item_renderer: _RichItem[I] | None = None
    section_list_renderer: _SectionList[I] | None = None


class _SectionList(Struct, Generic[I]):
    contents: tuple[_Section[I], ...] = ()


class _Primary(Struct, Generic[I]):
    section_list_renderer: _SectionList[I] | None = None
    rich_grid_renderer: _SectionList[I] | None = None


class _TwoColumns(Struct, Generic[I]):
    primary_contents: _Primary[I] | None = None


class _Contents(Struct, Generic[I]):
    two_column_search_results_renderer: _TwoColumns[I] | None = None


class _Continued(Struct, Generic[I]):
    continuation_items: tuple[_Section[I], ...] = ()


class _Received(Struct, Generic[I]):
    append_continuation_items_action: _Continued[I] | None = None
    reload_continuation_items_command: _Continued[I] | None = None
    section_list_renderer: _SectionList[I] | None = None


class _Context(Struct):
    visitor_data: str | None = None


class _Answer(Struct, Generic[I]):
    response_context: _Context | None = None
    contents: _Contents[I] | None = None
    on_response_received_commands: tuple[_Received[I], ...] = ()


class _Correction(Struct):
    corrected_query: Text | None = None


class _ContentType(Struct):
    content_type: str = ""


_KINDS: dict[str, type[Struct]] = {
    VIDEO: Video, LOCKUP: Lockup, CORRECTION: _Correction, CONTINUATION: _Continuation,
    **dict.fromkeys(sorted(PASSED_OVER - {CORRECTION}), Present),
}  # fmt: skip
# A thing of one of the known kinds. Whatever has another name cannot be decoded as one.
_Known = msgspec.defstruct(
    "_Known", [(name, kind | None, None) for name, kind in _KINDS.items()], forbid_unknown_fields=True, gc=False
)
_Unknown = dict[str, msgspec.Raw]
_answers_of_known = msgspec.json.Decoder(_Answer[_Known])  # type: ignore[valid-type]
_answers = msgspec.json.Decoder(_Answer[_Unknown])
_corrections = msgspec.json.Decoder(_Correction)
_continuations = msgspec.json.Decoder(_Continuation)
_content_types = msgspec.json.Decoder(_ContentType)


@dataclass(slots=True, weakref_slot=True)
class SearchAnswer:
    """A page of results: the videos in their order; `passed_over` and `unknown` count all else by name."""

    results: list[Result] = field(default_factory=list)
    passed_over: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
    token: str | None = None
    """What to ask the next page with; None on the last."""
    visitor_data: str | None = None
    corrected_query: str | None = None
    """What was searched for instead of the query."""

    @property
    def says_nothing_is_there(self) -> bool:
        return not self.results and any(name in NOTHING for name in self.passed_over)


# `recognise` and the page functions all need the answer; it is decoded once.
_read: WeakKeyDictionary[Response, SearchAnswer] = WeakKeyDictionary()


def answer_of(response: Response) -> SearchAnswer:
    """The answer in a results page, or the answer to a continuation.

    Raises: LookupError: a page without the answer; ValueError: it is no JSON object, or none of the known shape.
    """
    if response not in _read:
        if isinstance(response, HtmlResponse):
            _read[response] = assigned_json(response.body, "ytInitialData", read_answer)
        else:
            _read[response] = read_answer(response.body)
    return _read[response]


def read_answer(body: bytes) -> SearchAnswer:
    """Raises: ValueError: it is no JSON object, or none of the known shape."""
    try:
        decoded: _Answer[Any] = _answers_of_known.decode(body)
    except msgspec.ValidationError:  # one decoding more, for the pages with something new on them
        decoded = _answers.decode(body)
    answer = SearchAnswer()
    if decoded.response_context is not None:
        answer.visitor_data = decoded.response_context.visitor_data
    sections = [*_sections(decoded)] or [*_searched_sections(loads(body))]
    for section in sections:
        _take_section(answer, section)
    return answer


def _sections(answer: _Answer[I]) -> Iterator[_Section[I]]:
    columns = answer.contents.two_column_search_results_renderer if answer.contents else None
    primary = columns.primary_contents if columns else None
    if primary is not None:
        for sections in (primary.section_list_renderer, primary.rich_grid_renderer):
            yield from sections.contents if sections else ()
    for received in answer.on_response_received_commands:
        for continued in (received.append_continuation_items_action, received.reload_continuation_items_command):
            yield from continued.continuation_items if continued else ()
        yield from received.section_list_renderer.contents if received.section_list_renderer else ()


def _searched_sections(tree: Any) -> Iterator[_Section[_Unknown]]:
    """Sections wherever they stand: the way to them has changed before, they have not."""
    if isinstance(tree, dict):
        if tree.keys() & {"itemSectionRenderer", "richItemRenderer", CONTINUATION}:
            yield msgspec.json.decode(msgspec.json.encode(tree), type=_Section[_Unknown])
            return
        tree = [*tree.values()]
    if isinstance(tree, list):
        for inner in tree:
            yield from _searched_sections(inner)


def _take_section(answer: SearchAnswer, section: _Section[Any]) -> None:
    if section.item_section_renderer is not None:
        for item in section.item_section_renderer.contents:
            _take_item(answer, item)
    if section.rich_item_renderer is not None and section.rich_item_renderer.content is not None:
        _take_item(answer, section.rich_item_renderer.content)
    if section.section_list_renderer is not None:
        for inner in section.section_list_renderer.contents:
            _take_section(answer, inner)
    if section.continuation_item_renderer is not None:
        _take_token(answer, section.continuation_item_renderer)
    if section == _Section():
        answer.unknown["(section)"] += 1


def _take_item(answer: SearchAnswer, item: Any) -> None:
    """Sort in a thing: one of a known kind, decoded, or one with its name, to be decoded as far as is needed."""
    for name, rendered in _named(item):
        is_decoded = not isinstance(rendered, msgspec.Raw)
        if name == VIDEO:
            answer.results.append(rendered if is_decoded else (name, rendered))
        elif name == LOCKUP:
            _take_lockup(answer, rendered)
        elif name == CONTINUATION:
            _take_token(answer, rendered if is_decoded else _continuations.decode(rendered))
        elif name in PASSED_OVER:
            answer.passed_over[name] += 1
            if name == CORRECTION:
                corrected = (rendered if is_decoded else _corrections.decode(rendered)).corrected_query
                answer.corrected_query = corrected.whole if corrected else None
        else:
            answer.unknown[_countable(name)] += 1


def _named(item: Any) -> list[tuple[str, Any]]:
    if isinstance(item, dict):
        return [*item.items()]
    return [(name, rendered) for name in _KINDS if (rendered := getattr(item, name)) is not None]


def _take_lockup(answer: SearchAnswer, rendered: Lockup | msgspec.Raw) -> None:
    """The newer form, in which one renderer serves every kind of thing."""
    result: Result
    if isinstance(rendered, msgspec.Raw):
        content_type, result = _content_types.decode(rendered).content_type, (LOCKUP, rendered)
    else:
        content_type, result = rendered.content_type, rendered
    kind = content_type.removeprefix("LOCKUP_CONTENT_TYPE_")
    if kind == "VIDEO":
        answer.results.append(result)
    elif kind in PASSED_OVER_LOCKUPS:
        answer.passed_over[kind] += 1
    else:
        answer.unknown[_countable(kind)] += 1


def _take_token(answer: SearchAnswer, continuation: _Continuation) -> None:
    endpoint = continuation.continuation_endpoint
    if answer.token is None and endpoint is not None and endpoint.continuation_command is not None:
        answer.token = endpoint.continuation_command.token


def _countable(name: str) -> str:
    return name if _NAME.fullmatch(name) else "(unnamed)"
