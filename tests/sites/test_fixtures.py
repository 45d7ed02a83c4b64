"""Every synthetic page under tests/fixtures says what it is and what it holds; a folder more is a test more.

tests/fixtures/<site>/<page function>/<case>/
    response.html|json|txt   the body
    meta.json                url, status, headers, `kwargs` of the page function; `asked`: the JSON that was posted
    expected.json            `state`: what `recognise` says; `result`: what the page function gives;
                             `also`: what other page functions, which need the response alone, give for the same page
The cases of the page function `recognise` are the walls: they have a state and nothing else.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

import pytest
from scrapy.http import Request, Response

from crawlers.items import Rows, sites
from crawlers.pages.state import PageState, page_module

Respond = Callable[..., Response]

FIXTURES = Path(__file__).parent.parent / "fixtures"
CASES = sorted(meta.parent for meta in FIXTURES.glob("*/*/*/meta.json"))


def case_id(case: Path) -> str:
    return case.relative_to(FIXTURES).as_posix()


def read_json(path: Path) -> Any:
    return json.loads(path.read_bytes())


def response_of(case: Path, respond: Respond) -> Response:
    (body,) = case.glob("response.*")
    meta = read_json(case / "meta.json")
    response = respond(meta["url"], body.read_bytes(), status=meta["status"], headers=meta["headers"])
    if "asked" in meta:
        response.request = Request(meta["url"], method="POST", body=json.dumps(meta["asked"]))
    return response


def plain(result: Any) -> Any:
    """What a page function gave, as JSON can say it."""
    if isinstance(result, Rows):
        rows = [item.model_dump(mode="json", exclude_none=True) for item in result]
        assert result.seen == len(rows) + len(result.invalid), "a row was neither kept nor counted as invalid"
        return {"rows": rows, "invalid": [[found.field, found.error] for found in result.invalid]}
    if is_dataclass(result) and not isinstance(result, type):
        return asdict(result)
    if isinstance(result, dict):
        return {name: plain(value) for name, value in result.items()}
    if isinstance(result, list):
        return [plain(value) for value in result]
    return result


@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_a_page_is_recognised_and_read(case: Path, respond: Respond) -> None:
    function, site = case.parent.name, case.parent.parent.name
    pages = page_module(site)
    meta, expected = read_json(case / "meta.json"), read_json(case / "expected.json")
    assert pages.recognise(response_of(case, respond)) == expected["state"]
    if function != "recognise":
        page_function: Callable[..., Any] = getattr(pages, function)
        response = response_of(case, respond)
        assert plain(page_function(response, **meta.get("kwargs", {}))) == expected["result"]
        assert plain(page_function(response, **meta.get("kwargs", {}))) == expected["result"], (
            "reading changed the page"
        )
    for name, result in expected.get("also", {}).items():
        assert plain(getattr(pages, name)(response_of(case, respond))) == result


@pytest.mark.parametrize("site", sites())
def test_a_page_of_data_with_another_status_is_none(site: str, respond: Respond) -> None:
    recognise, data = page_module(site).recognise, {PageState.OK, PageState.EMPTY}
    for case in (case for case in CASES if case.parent.parent.name == site):
        response = response_of(case, respond)
        if recognise(response) in data:
            states = {status: recognise(response.replace(status=status)) for status in (203, 206, 302, 404, 500)}
            assert not [status for status, state in states.items() if state in data], case_id(case)


@pytest.mark.parametrize("site", sites())
def test_every_page_function_of_a_site_has_a_fixture(site: str) -> None:
    pages = page_module(site)
    functions = {
        name
        for name, function in inspect.getmembers(pages, inspect.isfunction)
        if "response" in inspect.signature(function).parameters and not name.startswith("_")
    }
    cases = [case for case in CASES if case.parent.parent.name == site]
    tested = {case.parent.name for case in cases}
    for case in cases:
        tested |= set(read_json(case / "expected.json").get("also", {}))
    assert functions, f"crawlers.pages.{site} offers no page function"
    assert functions <= tested, f"add a case under tests/fixtures/{site}/ for: {', '.join(sorted(functions - tested))}"


@pytest.mark.parametrize("site", sites())
def test_every_site_says_where_its_fixtures_come_from(site: str) -> None:
    assert (FIXTURES / site / "SOURCES.md").is_file()


@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_a_case_has_all_its_files_and_nothing_else(case: Path) -> None:
    (body,) = case.glob("response.*")
    assert {file.name for file in case.iterdir()} == {body.name, "meta.json", "expected.json"}
    assert read_json(case / "meta.json").keys() <= {"about", "url", "status", "headers", "kwargs", "asked"}
    assert read_json(case / "expected.json").keys() <= {"state", "result", "also"}
