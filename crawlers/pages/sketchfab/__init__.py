"""Pages of Sketchfab: the Data API v3 (JSON, anonymous), the website, and its private list of who likes a model.

AWS WAF guards both. Its challenge looks like success: status 202, the header ``x-amzn-waf-action``, and either no body
or a short script that sets ``gokuProps``. Whom it trusts less gets a captcha: status 405, with that header too.
"""

from crawlers.pages.sketchfab.lists import (
    PAGE_SIZE,
    Listed,
    comments_url,
    followers_url,
    liked,
    liked_url,
    likes,
    likes_url,
    list_url,
    listed,
    models,
    models_url,
    next_page,
)  # fmt: skip
from crawlers.pages.sketchfab.model import model_id_of
from crawlers.pages.sketchfab.people import People, Person, commenters, followers, user, user_url
from crawlers.pages.sketchfab.states import ROUTE_WORDS, recognise
from crawlers.pages.sketchfab.website import (
    Card,
    Grid,
    categories,
    categories_url,
    grid,
    grid_models,
    grid_url,
    licenses,
    model,
    next_cards,
)  # fmt: skip

__all__ = [
    "PAGE_SIZE", "ROUTE_WORDS", "Card", "Grid", "Listed", "People", "Person", "categories", "categories_url",
    "commenters", "comments_url", "followers", "followers_url", "grid", "grid_models", "grid_url", "licenses",
    "liked", "liked_url", "likes", "likes_url", "list_url", "listed", "model", "model_id_of", "models", "models_url",
    "next_cards", "next_page", "recognise", "user", "user_url",
]  # fmt: skip
