"""People: accounts, and the lists of those who comment on a model or follow somebody (Data API v3)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from scrapy.http import Response

from crawlers.errors import LayoutChanged
from crawlers.items import Invalid, Rows
from crawlers.items.sketchfab import User
from crawlers.pages.sketchfab.lists import results_of
from crawlers.pages.sketchfab.model import slug
from crawlers.pages.sketchfab.states import ROUTE_WORDS
from crawlers.parsing.dates import utc
from crawlers.parsing.json_body import json_of
from crawlers.parsing.urls import path_template

_NAME = re.compile(r"\S{1,64}")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody a page names: the site's uid of the account, and its name as the addresses of its lists have it."""

    user_id: str = field(repr=False)
    username: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class People:
    """The people on a page, each once, and why others could not be read."""

    found: list[Person]
    invalid: list[Invalid]


def user_url(user_id: str) -> str:
    """What the site says of an account."""
    return f"https://api.sketchfab.com/v3/users/{user_id}"


def user(response: Response) -> Rows[User]:
    """The one account of a profile.

    Source: https://api.sketchfab.com/v3/users/<user_id> (JSON; documented, not recorded).
    Raises: LayoutChanged: there is no account.
    """
    node = json_of(response)
    if not isinstance(node, dict) or "uid" not in node:
        raise LayoutChanged(path_template(response.url, ROUTE_WORDS), "no account where there has always been one")
    return Rows(User, [node], _read_user)


def commenters(response: Response) -> People:
    """Who wrote the comments on a page, at most 24 of them. Of deleted comments nobody says whose they were.

    Source: https://api.sketchfab.com/v3/comments?model=<model_id> (JSON; documented, used in November 2025).
    Raises: LayoutChanged: the page has no list of results, or none of its comments can be read.
    """
    comments = results_of(response)
    return _people(response, [node for node in comments if not _is_nobodys(node)], lambda comment: comment["user"])


def followers(response: Response) -> People:
    """The people on a page of those who follow somebody, at most 24.

    Source: https://api.sketchfab.com/v3/users/<user_id>/followers (JSON; documented, not recorded).
    Raises: LayoutChanged: the page has no list of results, or none of its people can be read.
    """
    return _people(response, results_of(response), lambda node: node)


def _people(response: Response, nodes: Iterable[Any], account: Callable[[Any], Any]) -> People:
    found: dict[str, Person] = {}
    invalid = []
    for node in nodes:
        try:
            person = _read_person(account(node))
        except (LookupError, TypeError, ValueError) as error:
            invalid.append(Invalid(field="user", error=type(error).__name__))
        else:
            found.setdefault(person.user_id, person)
    if invalid and not found:
        raise LayoutChanged(path_template(response.url, ROUTE_WORDS), f"{len(invalid)} people, none of them readable")
    return People([*found.values()], invalid)


def _is_nobodys(comment: Any) -> bool:
    return isinstance(comment, dict) and comment.get("isDeleted") is True and not comment.get("user")


def _read_person(account: Any) -> Person:
    user_id, username = account["uid"], account.get("username")
    if not _NAME.fullmatch(user_id):
        raise ValueError("no id of an account")
    return Person(user_id, username or None)


def _read_user(node: dict[str, Any]) -> dict[str, Any]:
    return {
        "user_id": node["uid"],
        "username": node.get("username"),
        "user_plan": slug(node.get("account")),
        "model_count": node["modelCount"],
        "like_count": node.get("likeCount"),
        "follower_count": node["followerCount"],
        "following_count": node.get("followingCount"),
        "collection_count": node.get("collectionCount"),
        "joined_at": utc(node.get("dateJoined")),
    }
