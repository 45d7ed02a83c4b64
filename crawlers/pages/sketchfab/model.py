"""One model as Sketchfab describes it: list items, API detail and website detail differ in shape and are read alike."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from crawlers.parsing.dates import utc

_SLUG = re.compile(r"[a-z0-9_-]{1,64}")

# Lists name a licence by uid and label, details by slug too; tables hold the slug.
LICENSE_SLUGS = {
    "322a749bcfa841b29dff1e8a1bb74b0b": "by",
    "b9ddc40b93e34cdca1fc152f39b9f375": "by-sa",
    "72360ff1740d419791934298b8b6d270": "by-nd",
    "bbfe3f7dbcdd4122b966b85b9786a989": "by-nc",
    "2628dbe5140a4e9592126c8df566c0b7": "by-nc-sa",
    "34b725081a6a4184957efaec2cb84ed3": "by-nc-nd",
    "7c23a1ba438d4306920229c12afcb5f9": "cc0",
    "783b685da9bf457d81e829fa283f3567": "st",
    "5b54cf13b1a4422ca439696eb152070d": "ed",
}

# /3d-models/flying-car-2-<id>, /3d-models/none-<id>, /3d-models/<id>, /models/<id>/embed, /v3/models/<id>,
# /i/models/<id>/download
_MODEL_PATH = re.compile(r"/(?:3d-models|(?:v3/|i/)?models)/(?:[^/]*-)?(?P<id>[^/-]+)(?:/|$)")

# 32 hex digits, or an id of before 2014: 26 or 27 letters and digits. All 953 known of those have letters of both
# cases, which a slug never has.
_MODEL_ID = re.compile(r"[0-9a-f]{32}|(?=[^A-Z]*[A-Z])(?=[^a-z]*[a-z])[0-9A-Za-z]{26,27}")


def model_id_of(url: str) -> str | None:
    """The id in the address of a model's page, embed or detail; None for other addresses, short links among them."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.hostname not in {"sketchfab.com", "www.sketchfab.com", "api.sketchfab.com"}:
        return None
    found = _MODEL_PATH.match(parts.path)
    return found["id"] if found and _MODEL_ID.fullmatch(found["id"]) else None


def read_model(node: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of `Model` from a model's JSON object; what the object does not say is None.

    Raises: LookupError, TypeError, ValueError: a required field is missing or not what it has always been.
    """
    user = node["user"]
    details = node.get("metadata") or {}  # only the website's own detail has it
    archives = node.get("archives") or {}
    return {
        "model_id": node["uid"],
        "name": node["name"],
        "user_id": user["uid"],
        "username": user.get("username"),
        "like_count": node["likeCount"],
        "view_count": node.get("viewCount"),
        "comment_count": node.get("commentCount", node.get("publicCommentCount")),
        "tags": _tags(node.get("tags")),
        "categories": read_categories(node.get("categories")),
        "license": _license(node.get("license")),
        "published_at": utc(node.get("publishedAt")),
        "created_at": utc(node.get("createdAt")),
        "staffpicked_at": utc(node.get("staffpickedAt")),
        "description": node.get("description"),
        "user_plan": slug(user.get("account")),
        "is_downloadable": node.get("isDownloadable"),
        "download_count": node.get("downloadCount"),
        "face_count": node.get("faceCount"),
        "vertex_count": node.get("vertexCount"),
        "animation_count": node.get("animationCount"),
        "sound_count": node.get("soundCount"),
        "texture_count": node.get("textureCount", details.get("textureCount")),
        "material_count": node.get("materialCount", details.get("materialCount")),
        "pbr_type": slug(node.get("pbrType", details.get("pbrType"))),
        "is_rigged": details.get("isRigged"),
        "glb_size_bytes": _size(archives, "glb"),
        "gltf_size_bytes": _size(archives, "gltf"),
        "usdz_size_bytes": _size(archives, "usdz"),
        "source_size_bytes": _size(archives, "source"),
        "is_age_restricted": node.get("isAgeRestricted", node.get("isRestricted")),
        "is_protected": node.get("isProtected"),
        "is_ai_generated": node.get("isAiGenerated"),
        "price": node.get("price"),
        "thumbnail_url": _thumbnail(node.get("thumbnails")),
    }


def slug(value: Any) -> str | None:
    """A word of the site's own, like ``art-abstract``; None for anything else, which somebody might have written."""
    return value if isinstance(value, str) and _SLUG.fullmatch(value) else None


def read_categories(categories: list[dict[str, Any]] | None) -> list[str] | None:
    """Slugs: in search items the slug stands under ``name``, and there is no ``slug``."""
    if categories is None:
        return None
    slugs = [slug(entry.get("slug") or entry["name"]) for entry in categories]
    return [word for word in slugs if word is not None]


def _tags(tags: list[Any] | None) -> list[str] | None:
    """Slugs: the API gives objects, a page of the website bare strings."""
    return None if tags is None else [tag if isinstance(tag, str) else tag["slug"] for tag in tags]


def _license(license_: dict[str, Any] | None) -> str | None:
    """The slug. A licence the site added since is kept by its uid: its label is not stable."""
    if not license_:
        return None
    return slug(license_.get("slug") or LICENSE_SLUGS.get(license_["uid"], license_["uid"]))


def _size(archives: Mapping[str, Any], kind: str) -> int | None:
    return (archives.get(kind) or {}).get("size")


def _thumbnail(thumbnails: Mapping[str, Any] | None) -> str | None:
    images = (thumbnails or {}).get("images") or []
    url: str | None = min(images, key=lambda image: abs(image["width"] - 200))["url"] if images else None
    return url if url is not None and url.startswith("https://media.sketchfab.com/") else None
