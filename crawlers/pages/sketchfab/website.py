"""The website: what its pages carry for their own scripts, and the grid of cards as a browser renders it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from parsel import Selector, SelectorList
from scrapy.http import HtmlResponse, Response

from crawlers.errors import LayoutChanged
from crawlers.items import Invalid, Rows
from crawlers.items.sketchfab import Model
from crawlers.pages.sketchfab.lists import is_further
from crawlers.pages.sketchfab.model import model_id_of, read_model
from crawlers.pages.sketchfab.states import PREFETCHED, ROUTE_WORDS
from crawlers.parsing.counts import abbreviated
from crawlers.parsing.embedded_json import commented_json
from crawlers.parsing.json_body import json_of
from crawlers.parsing.urls import path_template


@dataclass(frozen=True, slots=True)
class Card:
    """What a card of the rendered grid says for sure about a model; the rest is in the model's detail."""

    model_id: str
    name: str = field(repr=False)
    user_id: str | None = field(repr=False)
    """The site's uid of the uploader, raw; None where the card shows no uploader."""
    like_count: int | None
    """None where the card has no counter: unknown, not 0."""
    like_count_is_approximate: bool
    """Whether the counter was abbreviated (``1.2k``)."""

    username: str | None = field(default=None, repr=False)
    """The uploader's name, from the address of their page."""
    view_count: int | None = None
    view_count_is_approximate: bool = False
    comment_count: int | None = None


@dataclass(frozen=True, slots=True)
class Grid:
    """The cards of a rendered grid, and why the cards that could not be read were left out."""

    cards: list[Card]
    invalid: list[Invalid]


def model(response: Response) -> Rows[Model]:
    """The one model of a detail; all forms of the same model give the same row, as far as they say it.

    Source: https://sketchfab.com/3d-models/<slug>-<model_id> (HTML, prefetched block),
    https://sketchfab.com/i/models/<model_id> and https://api.sketchfab.com/v3/models/<model_id> (JSON).
    Raises: LayoutChanged: there is no model where it has always been.
    """
    if isinstance(response, HtmlResponse):
        node = _prefetched(response).get(f"/i/models/{model_id_of(response.url)}")
    else:
        node = json_of(response)
    if not isinstance(node, dict):
        raise _changed(response, "no model where the page has always held it")
    return Rows(Model, [node], read_model)


def categories_url() -> str:
    """All categories, on one page."""
    return "https://api.sketchfab.com/v3/categories"


def categories(response: Response) -> dict[str, str]:
    """The site's categories, uid -> slug, as the API lists them, or as a page prefetches them for its filters.

    Source: https://api.sketchfab.com/v3/categories (JSON), any model or search page (HTML, prefetched block).
    Raises: LayoutChanged: the page has no such list.
    """
    return _slugs(response, "/i/categories")


def licenses(response: HtmlResponse) -> dict[str, str]:
    """The site's licences, uid -> slug, as a search page prefetches them for its filters.

    Source: https://sketchfab.com/search?type=models&… (HTML, prefetched block).
    Raises: LayoutChanged: the page has no such list.
    """
    return _slugs(response, "/i/licenses")


def grid(response: HtmlResponse) -> Grid:
    """The cards of a search page after its scripts ran, each model once, in the grid's order.

    Cards outside the grid are promotion: they repeat models of the grid and have neither counters nor uploader.

    Source: https://sketchfab.com/search?type=models&…, https://sketchfab.com/3d-models?… (HTML after its scripts ran).
    Raises: LayoutChanged: no grid, or no card in it that can be read; the page does not say that it is empty.
    """
    cards: dict[str, Card] = {}
    invalid = []
    for node in _cards(response):
        try:
            card = _read_card(node)
        except (LookupError, ValueError) as error:
            invalid.append(Invalid(field=str(error.args[0]), error=type(error).__name__))
        else:
            cards.setdefault(card.model_id, card)
    if not cards:
        raise _changed(response, f"no card that can be read in the grid, {len(invalid)} that cannot")
    return Grid([*cards.values()], invalid)


def grid_url(*, category: str | None = None) -> str:
    """The grid of all models, most liked first; or of those of a category."""
    query = {"category": category, "sort_by": "-likeCount", "type": "models"}
    return f"https://sketchfab.com/search?{urlencode({name: value for name, value in query.items() if value})}"


def grid_models(response: HtmlResponse) -> Rows[Model]:
    """The models of a grid as its cards show them, in its order; one that stands there twice comes twice.

    Source: as of `grid`.
    Raises: LayoutChanged: there is no grid with cards.
    """
    nodes = _cards(response)
    if not nodes:
        raise _changed(response, "no grid with cards")
    return Rows(Model, nodes, _read_row)


def next_cards(response: HtmlResponse) -> str | None:
    """Where the grid goes on, as its button "Load more" says; None at its end.

    Raises: LayoutChanged: the button leads to no further page of the same grid.
    """
    button = response.xpath('//*[has-class("c-grid__button") and has-class("--next")]')
    if not button:
        return None
    following = response.urljoin(button.xpath(".//a/@href").get(""))
    if not is_further(following, response.url):
        raise _changed(response, "a grid that goes on, but not at a further page of it")
    return following


def _cards(response: HtmlResponse) -> SelectorList[Selector]:
    return response.xpath('//*[has-class("c-grid__items")]//*[has-class("card-model")]')


def _read_row(node: Selector) -> dict[str, Any]:
    """The fields of `Model` that a card shows. A card without a counter of likes is none that can be kept."""
    row = asdict(_read_card(node))
    if row["like_count"] is None:
        raise LookupError("like_count")
    if row["view_count"] is None:
        row["view_count_is_approximate"] = None
    return row


def _read_card(node: Selector) -> Card:
    model_id = node.attrib.get("data-uid") or model_id_of(_meta(node, "url"))
    if model_id is None:
        raise LookupError("model_id")
    like_count, approximate = _counter(node, "like_count", "--likes")
    view_count, view_approximate = _counter(node, "view_count", "--views")
    uploader = node.xpath('.//*[has-class("card__footer__avatar")]')
    comments = node.xpath("./meta[@itemprop='commentCount']/@content").get("")
    return Card(
        model_id=model_id,
        name=_meta(node, "name"),
        user_id=uploader.xpath("./@data-user").get() or None,
        like_count=like_count,
        like_count_is_approximate=approximate,
        username=urlsplit(uploader.xpath("./@href").get("")).path.strip("/") or None,
        view_count=view_count,
        view_count_is_approximate=view_approximate,
        comment_count=int(comments) if comments.isdecimal() else None,
    )


def _counter(node: Selector, column: str, class_: str) -> tuple[int | None, bool]:
    text = node.xpath('.//*[has-class($name)]//*[has-class("count")]/text()', name=class_).get()
    try:
        return (None, False) if text is None else abbreviated(text)
    except ValueError as error:
        raise ValueError(column) from error


def _meta(node: Selector, name: str) -> str:
    found = node.xpath("./meta[@itemprop=$name]/@content", name=name).get()
    if found is None:
        raise LookupError(name)
    return found


def _slugs(response: Response, key: str) -> dict[str, str]:
    try:
        block = _prefetched(response)[key] if isinstance(response, HtmlResponse) else json_of(response)
        return {entry["uid"]: entry["slug"] for entry in block["results"]}
    except (LookupError, TypeError) as error:
        raise _changed(response, f"no list of slugs where {key!r} has always been") from error


def _prefetched(response: HtmlResponse) -> dict[str, Any]:
    try:
        block = commented_json(response, PREFETCHED)
    except (LookupError, ValueError) as error:
        raise _changed(response, f"no JSON in the comment of #{PREFETCHED}") from error
    if not isinstance(block, dict):
        raise _changed(response, f"no JSON object in the comment of #{PREFETCHED}")
    return block


def _changed(response: Response, found: str) -> LayoutChanged:
    return LayoutChanged(path_template(response.url, ROUTE_WORDS), found)
