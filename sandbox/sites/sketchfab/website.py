"""Pages of ``sketchfab.com``: a model, and the grid of a search; each carries JSON for its scripts in a comment.

The grid is served with its first cards in it; its script brings the others as the page is scrolled. Above it stand
cards of the shop: they repeat models of the grid, and have neither counters nor an uploader.
"""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from sandbox.sites import Reply
from sandbox.sites.sketchfab.grid_script import CONSENT, SCRIPT
from sandbox.sites.sketchfab.listing import SEARCH_SORTS
from sandbox.sites.sketchfab.paging import PAGE_SIZE, choice, not_found, number
from sandbox.sites.sketchfab.shapes import MEDIA, SITE, slug_of, time
from sandbox.worlds.sketchfab_vocabulary import CATEGORIES, LICENSES

if TYPE_CHECKING:
    from sandbox.sites.sketchfab.listing import Listing
    from sandbox.sites.sketchfab.paging import Query
    from sandbox.sites.sketchfab.shapes import Shapes
    from sandbox.worlds.sketchfab import Model, SketchfabWorld

HTML = "text/html; charset=utf-8"
SHOWN_IN_SHOP = 3
PAGE = """<!DOCTYPE html>
<html lang="en">
    <head>
        <meta charset="utf-8">
        <title>{title} - Sketchfab</title>
    </head>
    <body>
    {runtime}
    {body}
    {prefetched}
    </body>
</html>
"""
GRID = """<div id="root"><div class="c-search-overlay-content">
<div class="c-card-slider"><a class="c-card-slider__header" href="/store/3d-models"><h4>store models</h4></a>
<div class="c-card-slider__slider grid grid-cards"><div class="items">
{shop}
</div></div></div>
<div class="c-search-overlay__grid"><div class="grid grid-cards c-grid --fullscreen"><div class="c-grid__items items">
{cards}
</div>{more}</div></div></div></div>
{consent}
<script>{script}</script>"""
MORE = """
<div class="c-grid__button --next"><a class="button btn-primary btn-large" href="{url}">Load more</a></div>"""
CARD = """<div class="c-grid__item item"><div class="card card-model {kind}" itemprop="owns" itemscope=""\
 itemtype="http://schema.org/3DModel" data-uid="{uid}">
<meta itemprop="commentCount" content="{comments}"><meta itemprop="name" content="{name}">\
<meta itemprop="isBasedOnUrl" content="{url}/editor"><meta itemprop="url" content="{url}">\
<meta itemprop="discussionUrl" content="{url}#comments">
<div class="card__main card-model__thumbnail"><a class="card-model__thumbnail-link" href="{url}">\
<img loading="lazy" alt="" src="{thumbnail}"></a></div>
<div class="card__footer"><div class="card__footer__left">{uploader}</div>\
<div class="card__footer__right">{right}</div></div></div></div>"""
UPLOADER = """<a aria-label="Visit {name} profile" class="card__footer__avatar" href="{url}" data-user="{uid}"></a>"""
COUNTERS = """<span class="card__footer__stats --views help"><span class="count">{views}</span>\
<span class="tooltip tooltip-up">Views</span></span>\
<div class="help c-like-button c-star-like-button card__footer__stats --likes"><span class="count">{likes}</span>\
<span class="tooltip liked-content tooltip-up">Like</span></div>"""
PRICE = """<span class="card-model__price">$29.00</span>"""


class Website:
    """What a browser is shown."""

    def __init__(self, world: SketchfabWorld, shapes: Shapes, listing: Listing) -> None:
        self._world = world
        self._shapes = shapes
        self._listing = listing

    def detail(self, template: str, uid: str) -> Reply:
        """``/i/models/{uid}``: what the page of a model is made of."""
        model = self._world.by_id.get(uid)
        return Reply(template, json.dumps(self._detail(model)).encode()) if model else not_found(template)

    def model(self, template: str, name: str) -> Reply:
        """``/3d-models/<slug>-<uid>``, ``/3d-models/<uid>``, ``/models/<uid>`` and its embed."""
        model = self._world.by_id.get(name.rpartition("-")[2])
        if model is None:
            return _missing(template)
        uid = model.model_id
        block = {
            "displayStatus": "ok",
            f"/i/models/{uid}": self._detail(model),
            f"/i/models/{uid}/download": {"detail": "Authentication credentials were not provided."},
            "ssrProps": {"rootModelPage": {"modelUid": uid, "displayStatus": "ok"}},
        }
        return Reply(template, _page(model.name, '<div id="root"></div>', block), content_type=HTML)

    def grid(self, path: str, query: Query) -> Reply:
        """``/search?type=models`` and ``/3d-models``: the first cards of a search, or those from `cursor` on."""
        sort = choice(query, "sort_by", "-relevance", SEARCH_SORTS)
        filters = {"categories": query["category"]} if "category" in query else {}
        start = number(query, "cursor")
        shown = self._listing.shown(filters, sort, start, start + PAGE_SIZE + 1)
        further = urlencode({**query, "cursor": start + PAGE_SIZE}, doseq=True) if len(shown) > PAGE_SIZE else ""
        cards = shown[:PAGE_SIZE]
        body = GRID.format(
            shop="\n".join(_card(model, in_shop=True) for model in cards[1 : 1 + SHOWN_IN_SHOP]),
            cards="\n".join(_card(model, in_shop=False) for model in cards),
            more=MORE.format(url=escape(f"{path}?{further}")) if further else "",
            consent=CONSENT,
            script=SCRIPT,
        )
        licenses = [{"uid": one.uid, "label": one.label, "slug": one.slug} for one in LICENSES]
        block = {"/i/licenses": {"results": licenses, "count": len(licenses)}, "ssrProps": {}}
        return Reply(path, _page("Search", body, block), content_type=HTML)

    def _detail(self, model: Model) -> dict[str, Any]:
        """As recorded in a page of site version 17.8."""
        license_ = model.license
        thumbnails = f"{MEDIA}/models/{model.model_id}/thumbnails"
        return {
            "uid": model.model_id,
            "slug": slug_of(model.name),
            "user": {**self._shapes.person(model.user, avatars="avatars"), "isAiRestricted": False},
            "name": model.name,
            "description": model.description,
            "thumbnails": {
                "images": [{"width": 256, "height": 144, "size": 4096, "url": f"{thumbnails}/256.jpeg"}],
            },
            "vertexCount": model.vertex_count,
            "faceCount": model.face_count,
            "viewCount": model.view_count,
            "likeCount": model.like_count,
            "animationCount": model.animation_count,
            "staffpickedAt": time(model.staffpicked_at),
            "publishedAt": time(model.published_at),
            "createdAt": time(model.created_at),
            "tags": model.tags,
            "categories": [
                {"uid": CATEGORIES[slug][0], "name": CATEGORIES[slug][1], "slug": slug} for slug in model.categories
            ],
            "license": {"uid": license_.uid, "label": license_.label, "slug": license_.slug} if license_ else None,
            "viewerUrl": f"{SITE}/3d-models/{slug_of(model.name)}-{model.model_id}",
            "publicCommentCount": model.comment_count,
            "downloadType": "free" if license_ else None,
            "downloadCount": model.download_count,
            "isRestricted": model.is_age_restricted,
            "metadata": {
                "pbrType": model.pbr_type,
                "textureCount": model.texture_count,
                "materialCount": model.material_count,
                "isRigged": model.animation_count > 0,
            },
            "price": None,
            "displayStatus": "ok",
            "isAiGenerated": False,
        }


def _card(model: Model, *, in_shop: bool) -> str:
    user = model.user
    uploader = UPLOADER.format(name=escape(user.username), url=f"{SITE}/{escape(user.username)}", uid=user.uid)
    counters = COUNTERS.format(views=_abbreviated(model.view_count), likes=_abbreviated(model.like_count))
    return CARD.format(
        kind="--store" if in_shop else "pw_M_MRp",
        uid=model.model_id,
        comments=model.comment_count,
        thumbnail=f"{MEDIA}/models/{model.model_id}/thumbnails/256.jpeg",
        name=escape(model.name),
        url=f"{SITE}/3d-models/{slug_of(model.name)}-{model.model_id}",
        uploader="" if in_shop else uploader,
        right=PRICE if in_shop else counters,
    )


def _abbreviated(number: int) -> str:
    """``999``, ``1.2k``, ``22k``"""
    if number < 1000:
        return str(number)
    thousands = number / 1000
    return f"{thousands:.1f}".removesuffix(".0") + "k" if thousands < 10 else f"{int(thousands)}k"


def _page(title: str, body: str, block: dict[str, Any]) -> bytes:
    """A page with what all of them carry: the version of the site, and the JSON for its scripts."""
    everywhere = {
        "/i/users/me": {"isAnonymous": True, "features": ["ff_onetrust", "ff_noai"], "allowsRestricted": False},
        "/i/categories": {
            "results": [{"uid": uid, "name": name, "slug": slug} for slug, (uid, name) in CATEGORIES.items()],
            "count": len(CATEGORIES),
        },
    }
    text = PAGE.format(
        title=escape(title),
        runtime=_hidden("sketchfab-runtime", json.dumps({"version": "17.8.0", "buildMode": "dist"})),
        body=body,
        prefetched=_hidden("prefetched-data", escape(json.dumps({**everywhere, **block, "initialState": {}}))),
    )
    return text.encode("utf-8", "replace")  # half a surrogate pair, in somebody's title


def _hidden(name: str, content: str) -> str:
    return f'<div class="dom-data-container" style="display:none;" id="js-dom-data-{name}"><!--{content}--></div>'


def _missing(template: str) -> Reply:
    page = b"<!DOCTYPE html><html><head><title>Page not found - Sketchfab</title></head><body>404</body></html>"
    return Reply(template, page, 404, HTML)
