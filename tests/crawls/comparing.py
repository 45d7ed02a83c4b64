"""What a crawl published against what its world holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import pyarrow.parquet as pq

from crawlers.pipelines.scrub import scrub
from crawlers.pseudonyms import Pseudonymizer, PseudonymKey
from sandbox.worlds import World

COMPARED = [
    "model_id",
    "user_id",
    "like_count",
    "view_count",
    "comment_count",
    "categories",
    "face_count",
    "published_at",
]


def differences(
    output: Path,
    world: World,
    key: str,
    min_likes: int = 5,
    *,
    likes: Iterable[tuple[str, str, int]] | None = None,
    missing: Iterable[str] = (),
) -> list[str]:
    """How the published models and likes of Sketchfab differ from the world's; empty when they are equal.

    Equal means: exactly the models with at least `min_likes` likes but for those that are `missing`, their values, and
    exactly the `likes` as (uid, model, position), none twice; without `likes`, all of these models, with the positions
    in their lists. Drift does not move positions: it moves models, never likes.
    """
    without = set(missing)
    pseudonymizer = Pseudonymizer(PseudonymKey.from_hex(key, "the comparison"))
    wanted_models = sorted(
        (
            model.model_id,
            pseudonymizer.pseudonym("sketchfab.user", model.user.uid),
            model.like_count, model.view_count, model.comment_count, [*model.categories], model.face_count,
            model.published_at,
        )
        for model in world.sketchfab.models
        if model.like_count >= min_likes and model.model_id not in without
    )  # fmt: skip
    wanted_likes = sorted(
        (pseudonymizer.pseudonym("sketchfab.user", user), model, position)
        for user, model, position in (world.sketchfab.likes(min_likes) if likes is None else likes)
    )
    models = _rows(output, "models", COMPARED)
    published = _rows(output, "likes", ["user_id", "model_id", "position"])
    found = _difference("models", models, wanted_models) + _difference("likes", published, wanted_likes)
    return found + _names_that_differ(output, world, pseudonymizer)


def _rows(output: Path, table: str, columns: list[str]) -> list[tuple[object, ...]]:
    read = pq.read_table(output / "sketchfab" / table, columns=columns)
    return list(zip(*(read[column].to_pylist() for column in columns), strict=True))


def _difference(what: str, found: Sequence[object], wanted: Sequence[object]) -> list[str]:
    if found == wanted:
        return []
    at = next((place for place, pair in enumerate(zip(found, wanted, strict=False)) if pair[0] != pair[1]), -1)
    first = f"first at row {at}: {found[at]} instead of {wanted[at]}" if at >= 0 else "one ends before the other"
    return [f"{len(found)} {what} instead of {len(wanted)}; {first}"]


def _names_that_differ(output: Path, world: World, pseudonymizer: Pseudonymizer) -> list[str]:
    differing = []
    for model_id, name in _rows(output, "models", ["model_id", "name"]):
        model = world.sketchfab.by_id[str(model_id)]
        own = {model.user.username: pseudonymizer.pseudonym("sketchfab.user", model.user.uid)}
        if name != scrub(model.name, own.get):
            differing.append(f"the name of {model_id}")
    return differing
