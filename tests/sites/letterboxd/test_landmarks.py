"""A page that lost something all pages of its kind have had is a changed page, and never a member without films."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from scrapy.http import Response

from crawlers.errors import LayoutChanged
from crawlers.pages import letterboxd
from crawlers.pages.state import PageState
from tests.sites.test_fixtures import CASES, case_id

Respond = Callable[..., Response]

DATA = {PageState.OK, PageState.EMPTY}
# What a page is known by: its name, and how it is taken out of the page. One that a page does not have is not tried.
GRID = {
    "whose list it is": (r'(<body [^>]*)data-owner="', r'\1data-whose="'),
    "the number of films": (r"[0-9,]+&nbsp;films?", "Films"),
    "the heading": (r'class="(section-heading|sub-nav|replace-if-you)"', 'class="heading"'),
    "the grid": (r'class="(grid -p70|poster-list [^"]*film-list[^"]*)"', 'class="films"'),
    "what is round the grid": (r'class="poster-grid"', 'class="posters"'),
    "the tiles": (r'class="(griditem|poster-container)"', 'class="tile"'),
    "the films' numbers": (r"film:?[0-9]*(?=[0-9]{6})|data-film-id", "x"),
    "the films' slugs": (r"data-(item|film)-slug", "data-name"),
    "the viewing data": (r"poster-viewingdata", "viewing"),
    "the ratings": (r"rated-(?=[0-9])", "stars-"),
    "the ratings, whatever they are called": (r'class="rating [^"]*"', 'class="score"'),
    "the page numbers": (r'class="paginate-page[^"]*"', 'class="number"'),
    "the number of this page": (r"paginate-current", "current"),
    "the link to the next page": (r'class="next"', 'class="older"'),
    "all pagination": (r'<div class="pagination">.*</div> *\n', ""),
    "the end of the page": (r"</html>", ""),
}
TABLE = {
    "the table": (r'class="table-base (member|person)-table', 'class="table-base people'),
    "the cells with members": (r"table-person", "person"),
    "the members' names": (r'class="name"', 'class="who"'),
    "the place of the next page": (r"paginate-nextprev", "ends"),
    "the end of the page": (r"</html>", ""),
}
LANDMARKS: dict[str, dict[str, tuple[str, str]]] = {
    "ratings": GRID,
    "members": TABLE,
    "film_ratings": {
        **TABLE,
        "the film above the table": (r'class="production-page-header"', 'class="top"'),
        "the cells with ratings": (r"col-rating", "col-stars"),
        "the ratings": (r"rated-(?=[0-9])", "stars-"),
    },
    "film": {
        "the kind of page": (r'content="video.movie"', 'content="website"'),
        "its address": (r'property="og:url"', 'property="og:link"'),
        "its number": (r'data-(report-url|production-uid)="', 'data-x="'),
        "its title": (r"<h1[^>]*>", '<h1 class="title">'),
        "the shape of its JSON-LD": (r'"@type":"Movie"', '"@type":"Thing"'),
        "the end of the page": (r"</html>", ""),
    },
    "diary": {
        "the channel": (r"<(/?)channel>", r"<\1canal>"),
        "the kinds of entries": (r"letterboxd-(watch|review|poem)-", "entry-"),
        "the titles": (r"letterboxd:filmTitle", "letterboxd:title"),
        "the end of the feed": (r"</rss>", ""),
    },
    "film_with_tmdb": {"its number": (r'"id": ?[0-9]{4,}', '"no": 1'), "its genres": (r'"genres"', '"kinds"')},
}
# Where a page can do without: it says elsewhere what the landmark says, or has nothing that the landmark is about.
DISPENSABLE = {
    ("film", "the shape of its JSON-LD"): {"without_json_ld"},
    ("film_ratings", "the place of the next page"): {""},  # fewer rows than a page holds
    ("members", "the place of the next page"): {""},
    ("ratings", "the grid"): {"empty"},
    ("ratings", "what is round the grid"): {"empty"},
    ("ratings", "the link to the next page"): {"last_page"},
    ("ratings", "the ratings"): {"what_the_viewer_likes", "no_stars_at_all"},
    ("ratings", "the ratings, whatever they are called"): {"no_stars_at_all"},
    ("ratings", "the viewing data"): {"one_rating"},
}


def trials() -> Iterator[Any]:
    for case in CASES:
        function, site = case.parent.name, case.parent.parent.name
        if site != "letterboxd" or json.loads((case / "expected.json").read_bytes())["state"] not in DATA:
            continue
        (body,) = (path.read_text(encoding="utf-8") for path in case.glob("response.*"))
        for name, (pattern, instead) in LANDMARKS[function].items():
            without = re.sub(pattern, instead, body, flags=re.DOTALL)
            spared = DISPENSABLE.get((function, name), set())
            if without != body and not any(case.name.startswith(prefix) for prefix in spared):
                yield pytest.param(case, without, id=f"{case_id(case)}: {name}")


def verdict(response: Response, function: str, kwargs: dict[str, Any]) -> str:
    """What a crawl makes of a page: its state, and `changed` also where the page function or all rows say so."""
    state = letterboxd.recognise(response)
    if state not in DATA:
        return state
    try:
        rows = getattr(letterboxd, function)(response, **kwargs)
    except LayoutChanged:
        return PageState.CHANGED
    return PageState.CHANGED if rows.unreadable else state


@pytest.mark.parametrize(("case", "without"), [*trials()])
def test_a_page_without_one_of_its_landmarks_is_changed(case: Path, without: str, respond: Respond) -> None:
    meta = json.loads((case / "meta.json").read_bytes())
    response = respond(meta["url"], without.encode(), headers=meta["headers"])
    assert verdict(response, case.parent.name, meta.get("kwargs", {})) == PageState.CHANGED


def test_every_landmark_was_taken_out_of_some_page() -> None:
    tried = {(trial.values[0].parent.name, str(trial.id).partition(": ")[2]) for trial in trials()}
    short = {(function, "the place of the next page") for function in ("members", "film_ratings")}
    assert tried | short == {(function, name) for function, names in LANDMARKS.items() for name in names}
