"""Tables of Sketchfab: 3D models, who likes them, and the accounts of these people."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from crawlers.items.about import About, IdForm
from crawlers.items.expected import Expected
from crawlers.items.item import Item
from crawlers.items.markers import Count, Counts, FreeText, Handle, Key, Pseudonymize, Tokenize

ABOUT = About(
    title="Sketchfab",
    homepage="https://sketchfab.com",
    summary="3D models with at least a chosen number of likes, and who likes them.",
    sources="The Data API v3, anonymous, which answered in September 2026. Likes come from the lists of what people "
    "like, for the people whom models lead to (`likes_source` is `user`); or, where that is asked for, from the lists "
    "of who likes a model, a private endpoint of the website that was last seen in 2016 (`likes_source` is `model`).",
    robots="No copy of the site's robots.txt was found in public material; it is read and obeyed when a crawl starts.",
    terms="The API's guidelines reserve the right to revoke access for bulk redistribution or excessive crawling. "
    "Models carry licences of their own: each row has the model's, and its page names whom to credit.",
    gaps="The site gives no time of a like. Models below the chosen number of likes are not there. Where likes come "
    "from people's own lists, all of a person's likes on these models are there, but only of people who uploaded one "
    "of them or commented on one: who only ever likes is not met.",
    # Those of before 2014 may be shorter and no hex, as those of models are.
    ids={
        "user": IdForm(
            "the account's uid, 32 hex digits, or an old one of 26 letters and digits", r"[0-9A-Za-z]{26,32}"
        )
    },
)

# Ids are opaque: 32 hex digits today, 26 or 27 mixed-case letters and digits on models of before 2014.
ModelId = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[0-9A-Za-z_-]+$")]
UserId = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^\S+$")]


class Model(Item):
    """One 3D model. One row per model; its page is ``https://sketchfab.com/3d-models/<model_id>``."""

    dataset: ClassVar[str] = "sketchfab/models"
    # A page of the list has 24, but where it is read in parts some of them are short. A fifth of the models has no
    # category, and few have no view of their own.
    expected: ClassVar[Expected] = Expected(
        max_null_share={"published_at": 0.05, "tags": 0.05, "face_count": 0.2, "view_count": 0.05},
        min_rows_per_page=6,
    )

    model_id: Annotated[ModelId, Key()]
    """The site's uid of the model; joins ``sketchfab/likes``."""
    name: Annotated[str, FreeText(), Tokenize("en")]
    """Title the uploader gave, scrubbed of personal references."""
    name_tokens: list[str] | None = None
    """Words of the title, lower-case, without English stop words."""
    user_id: Annotated[UserId, Pseudonymize("user")]
    """The uploader. Published as a pseudonym, the same as in ``sketchfab/likes``."""
    username: Annotated[str | None, Handle(of="user_id")] = None
    """The uploader's name on the site; never published."""
    like_count: Annotated[Count, Counts("likes", by="model_id")]
    """Likes the site states for the model; people whose accounts are gone may be among them."""
    like_count_is_approximate: bool | None = None
    """Whether the grid of a browser abbreviated the likes, as in ``1.2k``; null from the API, which never does."""
    view_count: Count | None = None
    """Views the site states."""
    view_count_is_approximate: bool | None = None
    """Whether the grid of a browser abbreviated the views; null from the API, which never does."""
    comment_count: Count | None = None
    """Comments the site states."""
    tags: Annotated[list[str] | None, FreeText()] = None
    """Slugs of the tags, in the site's order; up to 42 seen on one model; null where the source does not say."""
    categories: list[str] | None = None
    """Slugs of the categories, e.g. ``animals-pets``; empty where the model has none."""
    license: str | None = None
    """Slug of the licence, e.g. ``by-nc`` (``st`` standard, ``ed`` editorial); null if it cannot be downloaded."""
    published_at: dt.datetime | None = None
    """When the model was published, UTC."""
    created_at: dt.datetime | None = None
    """When the model was uploaded, UTC."""
    staffpicked_at: dt.datetime | None = None
    """When the site's staff picked the model, UTC; null for most."""
    description: Annotated[str | None, FreeText()] = None
    """The uploader's description, Markdown or HTML, scrubbed of personal references."""
    user_plan: str | None = None
    """The uploader's kind of account: ``basic``, ``plus``, ``pro``, ``prem``, ``biz`` or ``ent``."""
    is_downloadable: bool | None = None
    """Whether the uploader offers the model for download."""
    download_count: Count | None = None
    """Downloads the site states; null where the source does not say (lists do not)."""
    face_count: Count | None = None
    """Faces of the mesh."""
    vertex_count: Count | None = None
    """Vertices of the mesh."""
    animation_count: Count | None = None
    """Animations in the file."""
    sound_count: Count | None = None
    """Sounds in the file; null where the source does not say."""
    texture_count: Count | None = None
    """Textures; null where the source does not say (lists do not)."""
    material_count: Count | None = None
    """Materials; null where the source does not say (lists do not)."""
    pbr_type: str | None = None
    """Kind of physically based rendering (``metalness``, ``specular``); null without it or where not said."""
    is_rigged: bool | None = None
    """Whether the model has a skeleton; null where the source does not say."""
    glb_size_bytes: Count | None = None
    """Size of the download as glb; null where there is none."""
    gltf_size_bytes: Count | None = None
    """Size of the download as zipped glTF; null where there is none."""
    usdz_size_bytes: Count | None = None
    """Size of the download as usdz; null where there is none."""
    source_size_bytes: Count | None = None
    """Size of the uploaded file; null where it is not offered."""
    is_age_restricted: bool | None = None
    """Whether the site shows the model to adults only."""
    is_protected: bool | None = None
    """Whether a password protects the model; null where the source does not say."""
    is_ai_generated: bool | None = None
    """Whether the uploader says an AI made the model; null where the source does not say."""
    price: float | None = None
    """Price in US dollars in the site's store; null for models not on sale."""
    thumbnail_url: str | None = None
    """The preview image nearest to 200 pixels in width."""


class Like(Item):
    """One person's like of one model. One row per (person, model); the site gives no time of it."""

    dataset: ClassVar[str] = "sketchfab/likes"
    # Accounts that are gone are counted and not listed. Half of all likes would be pages that are not shown to us.
    expected: ClassVar[Expected] = Expected(max_missing_share=0.5)

    user_id: Annotated[UserId, Key(), Pseudonymize("user")]
    """Who likes the model: the site's uid of the account, published as a pseudonym."""
    model_id: Annotated[ModelId, Key()]
    """The liked model; joins ``sketchfab/models``."""
    position: Count
    """Place in the list it was read from, 0 first; the list may move while it is read."""
    likes_source: Literal["model", "user"]
    """The list: ``model`` = people who like the model, ``user`` = models the person likes, newest first."""


class User(Item):
    """One account of those whom models led to. One row per account; each costs a request, and is made if asked for."""

    dataset: ClassVar[str] = "sketchfab/users"

    user_id: Annotated[UserId, Key(), Pseudonymize("user")]
    """The site's uid of the account, published as a pseudonym; joins ``sketchfab/likes`` and ``sketchfab/models``."""
    username: Annotated[str | None, Handle(of="user_id")] = None
    """The account's name on the site; never published."""
    user_plan: str | None = None
    """The kind of account: ``basic``, ``plus``, ``pro``, ``prem``, ``biz`` or ``ent``."""
    model_count: Count
    """Models the site states the account to have published."""
    like_count: Count | None = None
    """Likes the site states the person to have given, also on models that are not in ``sketchfab/models``."""
    follower_count: Count
    """Followers the site states."""
    following_count: Count | None = None
    """Accounts the person follows, as the site states."""
    collection_count: Count | None = None
    """Collections the site states."""
    joined_at: dt.datetime | None = None
    """When the account was made, UTC."""
