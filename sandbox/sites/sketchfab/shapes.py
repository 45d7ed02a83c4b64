"""Sketchfab's JSON: a model in lists and in detail, a person who likes one. Shapes as recorded (2026) or documented."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

import orjson

from sandbox.worlds.sketchfab_vocabulary import CATEGORIES

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from sandbox.worlds.sketchfab import Model, SketchfabWorld, User
    from sandbox.worlds.sketchfab_vocabulary import License

API = "https://api.sketchfab.com/v3"
SITE = "https://sketchfab.com"
MEDIA = "https://media.sketchfab.com"
THUMBNAILS = ((1920, 1080), (1024, 576), (720, 405), (256, 144), (64, 36))
AVATARS = (32, 48, 90, 100)


class Shapes:
    """Renders parts of pages; keeps what stands on many pages (people, tags) as finished bytes."""

    def __init__(self, world: SketchfabWorld) -> None:
        self._users: list[orjson.Fragment | None] = [None] * len(world.users)
        self._likers: list[bytes] = [b""] * len(world.users)
        self._tags: dict[str, orjson.Fragment] = {}
        self._search_categories = {slug: orjson.Fragment(orjson.dumps({"name": slug})) for slug in CATEGORIES}
        self._categories = {slug: orjson.Fragment(orjson.dumps(category(slug))) for slug in CATEGORIES}
        self._world = world

    def search_item(self, model: Model) -> dict[str, Any]:
        """As in ``/v3/search``: category slugs under the key ``name``, licence without slug, viewer URL with the slug
        ``none``, and the archives; no download count."""
        return {
            **self._list_fields(model),
            "archives": _archives(model),
            "categories": [self._search_categories[slug] for slug in model.categories],
        }

    def list_item(self, model: Model) -> dict[str, Any]:
        """As in ``/v3/models``."""
        return {
            **self._list_fields(model),
            "categories": [self._categories[slug] for slug in model.categories],
        }

    def detail(self, model: Model) -> dict[str, Any]:
        """As in ``/v3/models/{uid}``."""
        return {
            **self.list_item(model),
            "viewerUrl": f"{SITE}/3d-models/{slug_of(model.name)}-{model.model_id}",
            "editorUrl": f"{SITE}/models/{model.model_id}/edit",
            "updatedAt": time(model.published_at or model.created_at),
            "downloadCount": model.download_count,
            "license": _license(model.license),
            "isProtected": False,
            "soundCount": model.sound_count,
            "textureCount": model.texture_count,
            "materialCount": model.material_count,
            "pbrType": model.pbr_type,
            "price": None,
            "status": {"processing": "SUCCEEDED"},
        }

    def likers(self, people: Sequence[int]) -> bytes:
        """A JSON list of the people who like a model, as in ``/i/likes``; nobody recorded more of it than two keys."""
        rows = []
        for index in people:
            row = self._likers[index]
            if not row:
                row = self._likers[index] = _kept(_liker(self._world.users[index]))
            rows.append(row)
        return b"[" + b",".join(rows) + b"]"

    def _list_fields(self, model: Model) -> dict[str, Any]:
        uid = model.model_id
        return {
            "uri": f"{API}/models/{uid}",
            "uid": uid,
            "name": _text(model.name),
            "staffpickedAt": time(model.staffpicked_at),
            "viewCount": model.view_count,
            "likeCount": model.like_count,
            "animationCount": model.animation_count,
            "viewerUrl": f"{SITE}/3d-models/none-{uid}",
            "embedUrl": f"{SITE}/models/{uid}/embed",
            "commentCount": model.comment_count,
            "isDownloadable": model.is_downloadable,
            "publishedAt": time(model.published_at),
            "tags": [self._tags.get(slug) or self._tag(slug) for slug in model.tags],
            "thumbnails": _thumbnails(uid),
            "user": self._users[model.user.index] or self._user(model.user),
            "description": _text(model.description),
            "faceCount": model.face_count,
            "createdAt": time(model.created_at),
            "vertexCount": model.vertex_count,
            "isAgeRestricted": model.is_age_restricted,
            "license": {"uid": model.license.uid, "label": model.license.label} if model.license else None,
        }

    def _tag(self, slug: str) -> orjson.Fragment:
        tag = orjson.Fragment(_kept({"name": slug, "slug": slug, "uri": f"{API}/tags/{slug}"}))
        return self._tags.setdefault(slug, tag)

    def person(self, user: User, *, avatars: str) -> dict[str, Any]:
        """What a user is called and known by; the API has its pictures under ``avatar`` here, ``avatars`` there."""
        avatar, *images = _hexes(user.uid, 1 + len(AVATARS))
        return {
            "uid": user.uid,
            "username": user.username,
            "displayName": user.display_name,
            "profileUrl": f"{SITE}/{user.username}",
            "account": user.account,
            avatars: {
                "uri": f"{API}/avatars/{avatar}",
                "images": [
                    {
                        "size": width * 30,
                        "width": width,
                        "url": f"{MEDIA}/avatars/{avatar}/{image}.jpeg",
                        "height": width,
                    }
                    for width, image in zip(AVATARS, images, strict=True)
                ],
            },
            "uri": f"{API}/users/{user.uid}",
        }

    def _user(self, user: User) -> orjson.Fragment:
        fragment = orjson.Fragment(_kept(self.person(user, avatars="avatar")))
        self._users[user.index] = fragment
        return fragment


def dumps(page: dict[str, Any]) -> bytes:
    """A page as JSON bytes."""
    return orjson.dumps(page)


def _kept(part: dict[str, Any]) -> bytes:
    """JSON bytes to keep: a copy, because those of orjson hold on to the kilobyte they were written in."""
    return bytes(memoryview(orjson.dumps(part)))


def _text(text: str | None) -> str | orjson.Fragment | None:
    """Half a surrogate pair is no UTF-8, and orjson refuses it: such a text is written with escapes."""
    if text is None or text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return orjson.Fragment(json.dumps(text).encode())
    return text


def time(moment: dt.datetime | None) -> str | None:
    """ISO 8601 with microseconds and without a zone, as the site writes it."""
    return moment.isoformat(timespec="microseconds")[:26] if moment else None


def _hexes(text: str, count: int) -> list[str]:
    """`count` different ids of 32 hex digits that belong to `text`."""
    digits = hashlib.shake_128(text.encode()).hexdigest(16 * count)
    return [digits[i : i + 32] for i in range(0, len(digits), 32)]


def _thumbnails_template() -> str:
    """JSON with places for the ids of images and files, the model, and the folder of its files."""
    images = [
        {
            "uid": f"%(uid{i})s",
            "size": width * height // 18,
            "width": width,
            "url": f"{MEDIA}/models/%(model)s/thumbnails/%(folder)s/%(file{i})s.jpeg",
            "height": height,
        }
        for i, (width, height) in enumerate(THUMBNAILS)
    ]
    return orjson.dumps({"images": images}).decode()


_THUMBNAILS = _thumbnails_template()
_THUMBNAIL_KEYS = ["folder", *(f"{kind}{i}" for i in range(len(THUMBNAILS)) for kind in ("uid", "file"))]


def _thumbnails(uid: str) -> orjson.Fragment:
    ids = dict(zip(_THUMBNAIL_KEYS, _hexes(uid, len(_THUMBNAIL_KEYS)), strict=True))
    ids["model"] = uid
    return orjson.Fragment(_THUMBNAILS % ids)


def _archives(model: Model) -> dict[str, Any]:
    """Empty for what cannot be downloaded; the source and usdz say their size only."""
    size = model.archive_size_bytes
    if size is None:
        return {}
    mesh = {
        "textureCount": model.texture_count,
        "textureMaxResolution": 2048,
        "faceCount": model.face_count,
        "vertexCount": model.vertex_count,
    }
    unknown = dict.fromkeys(mesh)
    return {
        "glb": {**mesh, "type": "glb", "size": size},
        "gltf": {**mesh, "type": "gltf", "size": size * 3 // 5},
        "source": {**unknown, "type": "source", "size": size * 2},
        "usdz": {**unknown, "type": "usdz", "size": size // 3},
    }


def category(slug: str) -> dict[str, str]:
    uid, name = CATEGORIES[slug]
    return {"uid": uid, "name": name, "slug": slug, "uri": f"{API}/categories/{uid}"}


def _license(license_: License | None) -> dict[str, str] | None:
    if license_ is None:
        return None
    return {
        "uid": license_.uid,
        "label": license_.label,
        "slug": license_.slug,
        "uri": f"{API}/licenses/{license_.uid}",
    }


def _liker(user: User) -> dict[str, str]:
    return {
        "uid": user.uid,
        "username": user.username,
        "displayName": user.display_name,
        "account": user.account,
        "profileUrl": f"{SITE}/{user.username}",
    }


def slug_of(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "none"
