"""What the people of Sketchfab do besides uploading: what each of them likes, comments on, and whom they follow."""

from __future__ import annotations

import datetime as dt
import hashlib
from array import array
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import TYPE_CHECKING

from sandbox.worlds.sketchfab_vocabulary import REMARKS

if TYPE_CHECKING:
    from sandbox.worlds.sketchfab import Model, SketchfabWorld, User

DELETED = 0.04  # share of comments of which only a place is left
BY_LIKERS, BY_UPLOADER = 0.6, 0.8  # six comments in ten are by somebody who likes the model, two by its uploader
FOLLOWING = 0.2  # share of those who like a model that follow its uploader
JOINED = dt.datetime(2011, 11, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment. `user` None: it was deleted, and nobody says whose it was."""

    uid: str
    model: Model
    user: User | None
    body: str
    created_at: dt.datetime


class Social:
    """All of it follows from the world and its seed, and is made when first asked for."""

    def __init__(self, world: SketchfabWorld) -> None:
        self._world = world
        self._seed = world.seed

    def liked(self, user: User) -> array[int]:
        """What a person likes: places in the world's models, newest like first."""
        return self._liked[user.index]

    def uploads(self, user: User) -> list[Model]:
        """A person's models, most liked first."""
        return self._uploads.get(user.index, [])

    def comments(self, model: Model) -> list[Comment]:
        """The comments on a model, newest first; as many as the model states, deleted ones among them."""
        rng = Random(f"{self._seed}/comments/{model.index}")
        found = [self._comment(model, number, rng) for number in range(model.comment_count)]
        return sorted(found, key=lambda comment: comment.created_at, reverse=True)

    def comments_by(self, user: User) -> list[Comment]:
        """A person's comments, newest first."""
        return self._comments_by.get(user.index, [])

    def followers(self, user: User) -> list[int]:
        """Who follows a person, as places in the world's users: some of those who like their models, and a few more."""
        rng = Random(f"{self._seed}/followers/{user.index}")
        near = sorted({liker for model in self.uploads(user) for liker in self._world.likers(model.model_id)})
        some = {liker for liker in near if rng.random() < FOLLOWING}
        some |= {int(len(self._world.users) * rng.random()) for _ in range(int(3 * rng.random()))}
        found = sorted(some - {user.index})
        rng.shuffle(found)
        return found

    def followings(self, user: User) -> list[int]:
        """Whom a person follows: places in the world's users."""
        return self._followings.get(user.index, [])

    def joined_at(self, user: User) -> dt.datetime:
        """When a person joined: before their first upload."""
        rng = Random(f"{self._seed}/joined/{user.index}")
        joined = JOINED + dt.timedelta(seconds=int(1.5e8 * rng.random()))
        return min(joined, *(model.created_at for model in self.uploads(user))) if self.uploads(user) else joined

    def reached(self, min_likes: int, *, followers: bool = False) -> set[str]:
        """The uids of the people to whom the models with at least `min_likes` likes lead: those who uploaded them or
        commented on them, and with `followers` those who follow one of these."""
        models = [model for model in self._world.models if model.like_count >= min_likes]
        people = {model.user.index for model in models}
        people |= {
            comment.user.index for model in models for comment in self.comments(model) if comment.user is not None
        }
        users = self._world.users
        if followers:
            people |= {follower for person in people for follower in self.followers(users[person])}
        return {users[person].uid for person in people}

    def likes_of(self, uids: set[str], min_likes: int) -> list[tuple[str, str, int]]:
        """What these people like of the models with at least `min_likes` likes: (uid, model_id, place in the list)."""
        models = self._world.models
        return [
            (user.uid, models[index].model_id, position)
            for user in self._world.users
            if user.uid in uids
            for position, index in enumerate(self.liked(user))
            if models[index].like_count >= min_likes
        ]

    @cached_property
    def _liked(self) -> list[array[int]]:
        liked = [array("I") for _ in self._world.users]
        for model in self._world.models:
            for person in self._world.likers(model.model_id):
                liked[person].append(model.index)
        rng = Random(f"{self._seed}/liked")
        for places in liked:
            rng.shuffle(places)
        return liked

    @cached_property
    def _uploads(self) -> dict[int, list[Model]]:
        uploads: dict[int, list[Model]] = {}
        for model in self._world.models:
            uploads.setdefault(model.user.index, []).append(model)
        return uploads

    @cached_property
    def _comments_by(self) -> dict[int, list[Comment]]:
        written: dict[int, list[Comment]] = {}
        for model in self._world.models:
            for comment in self.comments(model):
                if comment.user is not None:
                    written.setdefault(comment.user.index, []).append(comment)
        for comments in written.values():
            comments.sort(key=lambda comment: comment.created_at, reverse=True)
        return written

    @cached_property
    def _followings(self) -> dict[int, list[int]]:
        followings: dict[int, list[int]] = {}
        for user in self._world.users:
            for follower in self.followers(user):
                followings.setdefault(follower, []).append(user.index)
        return followings

    def _comment(self, model: Model, number: int, rng: Random) -> Comment:
        users, likers = self._world.users, self._world.likers(model.model_id)
        draw = rng.random()
        if draw < BY_LIKERS and likers:
            user = users[likers[int(len(likers) * rng.random())]]
        elif draw < BY_UPLOADER:
            user = model.user
        else:
            user = users[int(len(users) * rng.random())]
        body = REMARKS[int(len(REMARKS) * rng.random())].format(uploader=model.user.username, name=user.username)
        created_at = model.created_at + dt.timedelta(microseconds=int(6e13 * rng.random()))
        deleted = rng.random() < DELETED
        uid = hashlib.sha256(f"{self._seed}/comment/{model.index}/{number}".encode()).hexdigest()[:32]
        return Comment(uid, model, None if deleted else user, "" if deleted else body, created_at)
