"""The world of Sketchfab: models, the people who upload and like them, and who likes what."""

from __future__ import annotations

import datetime as dt
import hashlib
import string
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from sandbox.worlds import degrees, sketchfab_text
from sandbox.worlds.edges import deal
from sandbox.worlds.people import Names
from sandbox.worlds.sketchfab_social import Social
from sandbox.worlds.sketchfab_vocabulary import GROUPS, LICENSES, ODD_NAMES, License

if TYPE_CHECKING:
    from array import array
    from collections.abc import Iterator, Sequence

OLD_IDS = 0.033  # share of models whose id is 26 or 27 letters and digits, as the site made them in its first years
NEW_UPLOADERS = 0.03  # uploaders who like nothing themselves, per model
FIRST_DAY = dt.datetime(2012, 3, 1, tzinfo=dt.UTC)
PLANS = ("basic",) * 14 + ("plus", "pro", "pro", "prem", "biz", "ent")


@dataclass(slots=True)
class User:
    """A person. `index` is the place in `SketchfabWorld.users`; `uid` has 32 hex digits."""

    index: int
    uid: str
    username: str
    display_name: str
    account: str
    group: int


@dataclass(slots=True)
class Model:
    """A 3D model. `index` is the place in `SketchfabWorld.models`; times are UTC; None = not stated."""

    index: int
    model_id: str
    name: str
    user: User
    group: int
    like_count: int
    view_count: int
    comment_count: int
    download_count: int
    tags: list[str]
    categories: list[str]
    license: License | None
    created_at: dt.datetime
    published_at: dt.datetime | None
    staffpicked_at: dt.datetime | None
    description: str | None
    face_count: int | None
    vertex_count: int | None
    animation_count: int
    texture_count: int
    material_count: int
    sound_count: int
    pbr_type: str | None
    is_age_restricted: bool
    archive_size_bytes: int | None
    """Size of the download as glb; None where there is none. Other formats follow from it."""

    @property
    def is_downloadable(self) -> bool:
        return self.license is not None


class SketchfabWorld:
    """All of Sketchfab there is.

    `models`: most liked first. `users`: everybody; those who like something come first. `social`: comments, followers,
    and likes by person. `listed`: `(model_id, name)` of real models, most liked first; None invents them, and then an
    eighth of them has fewer than 5 likes.
    """

    def __init__(
        self, seed: int, size: int, *, canary: bool = False, listed: Sequence[tuple[str, str]] | None = None
    ) -> None:
        self.seed = seed
        self.numbers: list[str] = []
        """Telephone numbers that stand in descriptions."""
        rng = Random(f"{seed}/groups")
        counts = degrees.synthetic(size) if listed is None else degrees.loaded(size)
        if listed is None:
            groups = [int(len(GROUPS) * rng.random()) for _ in range(size)]
        else:
            groups = [sketchfab_text.group_of_name(name, rng) for _, name in listed]
        self.users = _people(seed, counts, groups, uploaders=round(size * NEW_UPLOADERS) + 1, canary=canary)
        self.group_of_model = bytes(groups)
        self.group_of_user = bytes(user.group for user in self.users)
        self.models = self._make_models(listed, counts.models)
        self.by_id = {model.model_id: model for model in self.models}
        self.by_username = {user.username: user for user in self.users}
        per_person = counts.people.copy()
        Random(f"{seed}/people").shuffle(per_person)  # the first of the users is not the keenest
        self.social = Social(self)
        self._likers = deal(counts.models, per_person, groups, self.group_of_user, Random(f"{seed}/likes"))

    def likers(self, model_id: str) -> array[int]:
        """Who likes the model: places in `users`, in list order. KeyError for an unknown model."""
        return self._likers[self.by_id[model_id].index]

    def liker_uids(self, model_id: str) -> list[str]:
        """Who likes the model: uids, in list order."""
        return [self.users[index].uid for index in self.likers(model_id)]

    def likes(self, min_likes: int = 0) -> Iterator[tuple[str, str, int]]:
        """All likes as (uid, model_id, position), of the models with at least `min_likes` likes."""
        for model in self.models:
            if model.like_count >= min_likes:
                for position, index in enumerate(self._likers[model.index]):
                    yield self.users[index].uid, model.model_id, position

    def like_total(self) -> int:
        """Number of likes, each a different (person, model)."""
        return sum(map(len, self._likers))

    def canaries(self) -> list[str]:
        """Everything that names a person: uids, usernames, display names."""
        return [name for user in self.users for name in (user.uid, user.username, user.display_name)]

    def _make_models(self, listed: Sequence[tuple[str, str]] | None, like_counts: Sequence[int]) -> list[Model]:
        rng = Random(f"{self.seed}/models")
        by_group: list[list[User]] = [[] for _ in GROUPS]
        for user in self.users:
            by_group[user.group].append(user)
        for people in by_group:
            rng.shuffle(people)
        usernames = [user.username for user in self.users]
        odd = _odd_places(len(like_counts), rng) if listed is None else {}
        most_tags = rng.randrange(len(like_counts))
        models: list[Model] = []
        for index, like_count in enumerate(like_counts):
            group = self.group_of_model[index]
            near = by_group[group] or self.users
            user = near[int(len(near) * rng.random() ** 3)]  # the third power gives few people many uploads
            if listed is not None:
                model_id, name = listed[index]
            else:
                model_id, name = _model_id(self.seed, index, rng), sketchfab_text.model_name(group, rng)
                if rng.random() < 0.01:
                    name = f"{name} for @{usernames[int(len(usernames) * rng.random())]}"
                name = odd.get(index, name)
            text, numbers = sketchfab_text.description(rng, user.username, usernames)
            self.numbers += numbers
            models.append(
                _model(
                    rng,
                    index=index,
                    model_id=model_id,
                    name=name,
                    user=user,
                    group=group,
                    like_count=like_count,
                    tags=sketchfab_text.model_tags(group, rng, most=index == most_tags),
                    categories=sketchfab_text.model_categories(group, rng),
                    description=text,
                )
            )
        return models


def _people(seed: int, counts: degrees.Degrees, groups: Sequence[int], *, uploaders: int, canary: bool) -> list[User]:
    """Those with likes first, then those who only upload. A group has as many people as its models have likes."""
    rng = Random(f"{seed}/tastes")
    weights = [0] * len(GROUPS)
    for group, likes in zip(groups, counts.models, strict=True):
        weights[group] += likes
    total = len(counts.people) + uploaders
    tastes = rng.choices(range(len(GROUPS)), weights, k=total)
    plans = rng.choices(PLANS, k=total)
    names = Names(seed, canary=canary)
    return [
        User(index, names.uid(index), names.username(index), names.display_name(index), plans[index], tastes[index])
        for index in range(total)
    ]


def _odd_places(size: int, rng: Random) -> dict[int, str]:
    """Where the odd names stand: each once, spread over the list; in a small world as many as a tenth of it holds."""
    places = rng.sample(range(size), min(len(ODD_NAMES), max(1, size // 10)))
    return dict(zip(places, ODD_NAMES, strict=False))


def _model_id(seed: int, index: int, rng: Random) -> str:
    if rng.random() < OLD_IDS:
        return "".join(rng.choices(string.ascii_letters + string.digits, k=27 if rng.random() < 0.98 else 26))
    return hashlib.sha256(f"{seed}/model/{index}".encode()).hexdigest()[:32]


def _model(  # noqa: PLR0913 - the fields that have a reason; the rest is drawn here
    rng: Random,
    *,
    index: int,
    model_id: str,
    name: str,
    user: User,
    group: int,
    like_count: int,
    tags: list[str],
    categories: list[str],
    description: str | None,
) -> Model:
    draw = rng.random
    created_at = FIRST_DAY + dt.timedelta(seconds=int(1.5e8 * draw()), microseconds=1 + int(999_999 * draw()))
    published_at = created_at + dt.timedelta(microseconds=1 + int(3e10 * draw()))
    faces = int(200 * 20_000 ** draw())
    license_ = _draw_license(draw())
    return Model(
        index=index,
        model_id=model_id,
        name=name,
        user=user,
        group=group,
        like_count=like_count,
        view_count=like_count * (8 + int(60 * draw())) + int(90 * draw()),
        comment_count=int(like_count * draw() ** 3 / 4),
        download_count=int(like_count * 3 * draw()) if license_ else 0,
        tags=tags,
        categories=categories,
        license=license_,
        created_at=created_at,
        published_at=published_at if draw() > 0.005 else None,
        staffpicked_at=published_at + dt.timedelta(days=1 + int(30 * draw())) if draw() < 0.02 else None,
        description=description,
        # What was never processed has no faces to count, and seldom a category.
        face_count=faces if draw() > (0.01 if categories else 0.1) else None,
        vertex_count=faces // 2 + 2 if draw() > 0.01 else None,
        animation_count=1 + int(3 * draw()) if draw() < 0.1 else 0,
        texture_count=int(9 * draw()),
        material_count=1 + int(5 * draw()),
        sound_count=1 if draw() < 0.01 else 0,
        pbr_type=("metalness", "specular", None, None)[int(4 * draw())],
        is_age_restricted=draw() < 0.01,
        archive_size_bytes=1000 + faces * 40 if license_ and draw() > 0.05 else None,
    )


def _draw_license(draw: float) -> License | None:
    """A third of the models cannot be downloaded and has none."""
    draw = draw * 1.5 * sum(license_.weight for license_ in LICENSES)
    for license_ in LICENSES:
        draw -= license_.weight
        if draw < 0:
            return license_
    return None
