"""Users and what they do: profiles, followers, comments, and the private list of who likes a model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.sites import Reply
from sandbox.sites.sketchfab.paging import BadRequestError, Page, choice, count, not_found, number
from sandbox.sites.sketchfab.shapes import API, SITE, category, dumps, time
from sandbox.worlds.sketchfab_vocabulary import CATEGORIES

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.sites.sketchfab.paging import Query
    from sandbox.sites.sketchfab.shapes import Shapes
    from sandbox.worlds.sketchfab import SketchfabWorld, User
    from sandbox.worlds.sketchfab_social import Comment

USER_SORTS = frozenset(sign + key for sign in ("", "-") for key in ("dateJoined", "followerCount"))
SEARCH_SORTS = frozenset(sign + key for sign in ("", "-") for key in ("followerCount", "modelCount", "username"))


class People:
    """What the API and the website say of people."""

    def __init__(self, world: SketchfabWorld, shapes: Shapes) -> None:
        self._world = world
        self._social = world.social
        self._shapes = shapes
        self._by_uid = {user.uid: user for user in world.users}
        self._sort_keys: dict[str, Callable[[User], Any]] = {
            "dateJoined": self._social.joined_at,
            "followerCount": lambda user: len(self._social.followers(user)),
            "modelCount": lambda user: len(self._social.uploads(user)),
            "username": lambda user: user.username.lower(),
        }

    def users(self, path: str, query: Query) -> Reply:
        """``/v3/users``: everybody."""
        sort = choice(query, "sort_by", "-dateJoined", USER_SORTS)
        page = Page.of(path, query, opaque=True)
        found = self._sorted([user for user in self._world.users if _has_account(user, query)], sort)
        return page.reply([self._profile(user) for user in found[page.start : page.end]], len(found))

    def search(self, path: str, query: Query) -> Reply:
        """``/v3/search?type=users``: by parts of names."""
        sort = choice(query, "sort_by", "-followerCount", SEARCH_SORTS)
        page = Page.of(path, query, opaque=False)
        username, words = query.get("username", [""])[0].lower(), query.get("q", [""])[0].lower().split()
        found = [
            user
            for user in self._world.users
            if username in user.username.lower() and _has_account(user, query)
            and all(word in f"{user.username} {user.display_name}".lower() for word in words)
        ]  # fmt: skip
        found = self._sorted(found, sort)
        results = [
            {
                **self._shapes.person(user, avatars="avatars"),
                "city": None,
                "country": None,
                "skills": [],
                "followerCount": len(self._social.followers(user)),
                "modelCount": len(self._social.uploads(user)),
            }
            for user in found[page.start : page.end]
        ]
        return page.reply(results, len(found))

    def detail(self, template: str, uid: str) -> Reply:
        """``/v3/users/{uid}``"""
        user = self._by_uid.get(uid)
        return Reply(template, dumps(self._profile(user))) if user else not_found(template)

    def followers(self, path: str, uid: str, whom: str, query: Query) -> Reply:
        """``/v3/users/{uid}/followers`` and ``.../followings``"""
        template = f"/v3/users/{{uid}}/{whom}"
        user = self._by_uid.get(uid)
        if user is None:
            return not_found(template)
        page = Page.of(path, query, opaque=True)
        found = self._social.followers(user) if whom == "followers" else self._social.followings(user)
        results = [self._profile(self._world.users[index]) for index in found[page.start : page.end]]
        return page.reply(results, len(found), template)

    def comments(self, path: str, query: Query) -> Reply:
        """``/v3/comments?model=<uid>`` or ``?user=<username>``"""
        model = self._world.by_id.get(query.get("model", [""])[0])
        user = self._world.by_username.get(query.get("user", [""])[0])
        if not query.keys() & {"model", "user"}:
            raise BadRequestError("model: required, or user")
        if model is None and user is None:
            return not_found(path)
        page = Page.of(path, query, opaque=True)
        found = self._social.comments(model) if model is not None else []
        if user is not None:
            written = self._social.comments_by(user)
            found = [comment for comment in found if comment.user is user] if model is not None else written
        return page.reply([self._comment(comment) for comment in found[page.start : page.end]], len(found))

    def likes(self, path: str, query: Query) -> Reply:
        """``/i/likes``: a page of the people who like a model; built from finished bytes: there are many such pages."""
        uid = query.get("model", [""])[0]
        if not uid:
            raise BadRequestError("model: required")
        if uid not in self._world.by_id:
            return not_found(path)
        rows, start = count(query), number(query, "offset")
        people = self._world.likers(uid)
        page = f"{SITE}/i/likes?count={rows}&model={uid}&offset="
        following = f'"{page}{start + rows}"' if start + rows < len(people) else "null"
        previous = f'"{page}{max(0, start - rows)}"' if start else "null"
        likers = self._shapes.likers(people[start : start + rows])
        return Reply(path, f'{{"next":{following},"previous":{previous},"results":'.encode() + likers + b"}")

    def _sorted(self, users: list[User], sort: str) -> list[User]:
        return sorted(users, key=self._sort_keys[sort.removeprefix("-")], reverse=sort.startswith("-"))

    def _profile(self, user: User) -> dict[str, Any]:
        """As documented for one user; lists of users say the same."""
        uri = f"{API}/users/{user.uid}"
        return {
            **self._shapes.person(user, avatars="avatar"),
            "dateJoined": time(self._social.joined_at(user)),
            "biography": f"Hi, I am {user.display_name} ({user.username}@mail.example.org)" if user.index % 3 else None,
            "tagline": None,
            "website": f"https://{user.username.replace('_', '-')}.example.org" if user.index % 4 == 0 else None,
            "city": None,
            "country": None,
            "twitterUsername": user.username if user.index % 5 == 0 else None,
            "facebookUsername": None,
            "linkedinUsername": None,
            "skills": [],
            "modelCount": len(self._social.uploads(user)),
            "likeCount": len(self._social.liked(user)),
            "followerCount": len(self._social.followers(user)),
            "followingCount": len(self._social.followings(user)),
            "collectionCount": user.index % 7,
            "subscriptionCount": 0,
            "modelsUrl": f"{API}/models?user={user.username}",
            "likesUrl": f"{API}/models?liked_by={user.username}",
            "followersUrl": f"{uri}/followers",
            "followingsUrl": f"{uri}/followings",
            "collectionsUrl": f"{API}/collections?user={user.username}",
        }

    def _comment(self, comment: Comment) -> dict[str, Any]:
        return {
            "uid": comment.uid,
            "uri": f"{API}/comments/{comment.uid}",
            "body": comment.body,
            "createdAt": time(comment.created_at),
            "updatedAt": time(comment.created_at),
            "isDeleted": comment.user is None,
            "user": self._shapes.person(comment.user, avatars="avatars") if comment.user else None,
            "model": {"uid": comment.model.model_id, "uri": f"{API}/models/{comment.model.model_id}"},
        }


def categories(path: str) -> Reply:
    """``/v3/categories``: one page, all of them."""
    return Reply(path, dumps({"results": [category(slug) for slug in CATEGORIES]}))


def _has_account(user: User, query: Query) -> bool:
    return "account" not in query or user.account == query["account"][0]
