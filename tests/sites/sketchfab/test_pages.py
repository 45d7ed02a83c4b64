"""What Sketchfab's pages mean. The pages themselves are fixtures, run by tests/sites/test_fixtures.py."""

from __future__ import annotations

import dataclasses
import importlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from scrapy.http import HtmlResponse, Response

from crawlers.errors import LayoutChanged
from crawlers.pages import sketchfab
from crawlers.pages.sketchfab.model import LICENSE_SLUGS
from crawlers.pages.state import PageState
from crawlers.parsing.counts import abbreviated
from crawlers.parsing.embedded_json import commented_json

Respond = Callable[..., Response]

ID = "5c0ffee05c0ffee05c0ffee05c0ffee0"
OLD_IDS = ["qWzPl3xKd9AbTnVmR7cYsEoHu2J", "aBcDeFgHiJkLmNoPqRsTuVwXyZ"]
BLOCK = "js-dom-data-prefetched-data"


def html_page(block: str, url: str = f"https://sketchfab.com/3d-models/paper-fox-{ID}") -> HtmlResponse:
    return HtmlResponse(url, body=f'<html><body><div id="{BLOCK}">{block}</div></body></html>'.encode())


# Addresses of models


@pytest.mark.parametrize(
    "path",
    [
        f"/3d-models/paper-fox-{ID}",
        f"/3d-models/car-0ddba110ddba110ddba110ddba11beef-{ID}",
        f"/3d-models/fox-2021-{ID}",
        f"/3d-models/none-{ID}",
        f"/3d-models/-{ID}",
        f"/3d-models/{ID}",
        f"/3d-models/{ID}/",
        f"/3d-models/paper-fox-{ID}/editor",
        f"/3d-models/paper-fox-{ID}?utm_source=x#comments",
        f"/models/{ID}",
        f"/models/{ID}/embed?autostart=1",
        f"/i/models/{ID}",
        f"/i/models/{ID}/download",
        f"/v3/models/{ID}",
    ],
)
@pytest.mark.parametrize("host", ["sketchfab.com", "www.sketchfab.com", "api.sketchfab.com"])
def test_every_form_of_a_models_address_names_its_id(host: str, path: str) -> None:
    assert sketchfab.model_id_of(f"https://{host}{path}") == ID


@pytest.mark.parametrize("old_id", OLD_IDS)
@pytest.mark.parametrize("form", ["/models/{}", "/3d-models/{}", "/3d-models/clay-bell-{}", "/i/models/{}"])
def test_an_id_of_before_2014_is_an_id(old_id: str, form: str) -> None:
    assert sketchfab.model_id_of("https://sketchfab.com" + form.format(old_id)) == old_id


@pytest.mark.parametrize(
    "url",
    [
        "https://skfb.ly/aBcDe",  # only the site knows where a short link leads
        f"https://skfb.ly/models/{ID}",
        f"https://example.org/3d-models/paper-fox-{ID}",
        f"https://sketchfab.com.example.org/3d-models/{ID}",
        "https://sketchfab.com/3d-models/staffpicks",
        "https://sketchfab.com/3d-models/characters-creatures",
        "https://sketchfab.com/3d-models/abcdefghijklmnopqrstuvwxyz",  # as long as an old id, but a slug
        "https://sketchfab.com/3d-models/paper-fox",
        f"https://sketchfab.com/3d-models/paper-fox{ID}",
        f"https://sketchfab.com/{ID}",
        f"https://sketchfab.com/search?q={ID}",
        f"https://sketchfab.com/i/models?user={ID}",
        f"https://sketchfab.com/i/likes?model={ID}",
        f"https://api.sketchfab.com/v3/users/{ID}",
        f"/3d-models/{ID}",
        "https://[sketchfab.com/",
        "",
    ],
)
def test_any_other_address_names_no_model(url: str) -> None:
    assert sketchfab.model_id_of(url) is None


# Details


def test_the_name_of_the_page_function_does_not_hide_the_module_of_the_same_name() -> None:
    assert callable(sketchfab.model)
    assert importlib.import_module("crawlers.pages.sketchfab.model").LICENSE_SLUGS is LICENSE_SLUGS


@pytest.mark.parametrize("held", [None, [], "gone", 7])
def test_a_detail_without_a_model_is_a_changed_layout(held: Any, respond: Respond) -> None:
    url = f"https://api.sketchfab.com/v3/models/{ID}"
    response = respond(url, json.dumps(held).encode(), headers={"Content-Type": "application/json"})
    with pytest.raises(LayoutChanged):
        sketchfab.model(response)


@pytest.mark.parametrize(
    "block", ["", "<!---->", "<!--{-->", "<!--[]-->", "<!--{}-->", "<!--{}--><!--{}-->", "{}", f"<!--{ID}-->"]
)
def test_an_error_about_a_page_names_neither_the_model_nor_the_search(block: str) -> None:
    for url in (f"https://sketchfab.com/3d-models/paper-fox-{ID}", "https://sketchfab.com/search?q=paper-fox"):
        response = html_page(block, url)
        for read in (sketchfab.model, sketchfab.grid, sketchfab.categories, sketchfab.licenses):
            with pytest.raises(LayoutChanged) as error:
                read(response)
            assert ID not in str(error.value)
            assert "paper-fox" not in str(error.value)
        assert sketchfab.recognise(response) is PageState.CHANGED


def test_a_model_that_lacks_what_it_must_have_is_invalid_alone() -> None:
    rows = sketchfab.model(html_page("<!--" + json.dumps({f"/i/models/{ID}": {"uid": ID}}) + "-->"))
    assert list(rows) == []
    assert [(found.field, found.error) for found in rows.invalid] == [("user", "KeyError")]


@pytest.mark.parametrize("display", ["private", "deleted", "password", "processing", ""])
def test_a_model_page_that_does_not_display_its_model_is_gone(display: str) -> None:
    response = html_page("<!--" + json.dumps({"displayStatus": display, f"/i/models/{ID}": {}}) + "-->")
    assert sketchfab.recognise(response) is PageState.GONE


# The grid


def test_a_grid_without_cards_is_not_taken_for_an_empty_search() -> None:
    with pytest.raises(LayoutChanged, match="no card"):
        sketchfab.grid(HtmlResponse("https://sketchfab.com/search", body=b'<div class="c-grid__items"></div>'))


def test_a_card_in_a_log_shows_no_person() -> None:
    card = sketchfab.Card(
        "m1", "A portrait of someone", "somebody", 1, like_count_is_approximate=False, username="some_body"
    )
    assert repr(card).startswith("Card(model_id='m1', like_count=1, like_count_is_approximate=False, view_count=")
    assert "some" not in repr(card)
    with pytest.raises(dataclasses.FrozenInstanceError):
        card.model_id = "m2"  # type: ignore[misc]


# Abbreviated counts


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("0", 0),
        ("7", 7),
        (" 53\n", 53),
        ("999", 999),
        ("1204", 1204),
        ("1,204", 1204),
        ("12,345,678", 12_345_678),
    ],
)
def test_a_count_written_out_is_exact(text: str, count: int) -> None:
    assert abbreviated(text) == (count, False)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("1k", 1000),
        ("1.2k", 1200),
        ("1.2K", 1200),
        ("22k", 22_000),
        ("4.35k", 4350),
        ("1.001m", 1_001_000),
        ("3M", 3_000_000),
        ("1.1b", 1_100_000_000),
    ],
)
def test_an_abbreviated_count_is_approximate(text: str, count: int) -> None:
    assert abbreviated(text) == (count, True)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "-", "—", "many", "-1", "+1", "1.2", "1,20", "1.2kk", "1 k", "k", "1.k", ".5k", "1e3", "0x1", "١٢",
        "²", "1.2345k", "9" * 5000,
    ],
)  # fmt: skip
def test_what_is_not_a_count_raises_and_is_not_repeated(text: str) -> None:
    with pytest.raises(ValueError, match="not a count") as error:
        abbreviated(text)
    assert len(str(error.value)) < 60


# JSON in a comment


def test_the_json_of_a_comment_is_unescaped_once() -> None:
    block = "<!--\n {&#34;a&#34;: &#34;Tom &amp;amp; Co, it&#39;s &lt;b&gt; --\\u00e9&#34;} -->"
    assert commented_json(html_page(block), BLOCK) == {"a": "Tom &amp; Co, it's <b> --é"}


def test_unescaped_json_in_a_comment_is_read_as_well() -> None:
    assert commented_json(html_page('<!--{"version": "17.8.0"}-->'), BLOCK) == {"version": "17.8.0"}


def test_characters_that_no_file_can_hold_are_mended() -> None:
    assert commented_json(html_page("<!--[&#34;\\ud83d&#34;, &#34;\\ud83d\\udc04&#34;]-->"), BLOCK) == ["\ufffd", "🐄"]


def test_a_comment_is_decoded_once() -> None:
    response = html_page("<!--{}-->")
    assert commented_json(response, BLOCK) is commented_json(response, BLOCK)


@pytest.mark.parametrize("block", ["", "text", "<p><!--{}--></p>", "<!--{}--><!--{}-->"])
def test_an_element_without_exactly_one_comment_holds_no_json(block: str) -> None:
    with pytest.raises(LookupError):
        commented_json(html_page(block), BLOCK)
    with pytest.raises(LookupError):
        commented_json(html_page(block), "another-id")


@pytest.mark.parametrize("block", ["<!---->", "<!--{-->", "<!--https://static.example/dist/-->"])
def test_a_comment_that_is_no_json_is_a_value_error(block: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        commented_json(html_page(block), BLOCK)
