"""Pages of Sketchfab: the Data API v3 (JSON, anonymous), the website, and its private list of who likes a model.

AWS WAF guards both. Its challenge looks like success: status 202, the header ``x-amzn-waf-action``, and either no body
or a short script that sets ``gokuProps``. Whom it trusts less gets a captcha: status 405, with that header too.
"""

from crawlers.pages.sketchfab.lists import PAGE_SIZE, likes, likes_url, list_url, models, next_page
from crawlers.pages.sketchfab.model import model_id_of
from crawlers.pages.sketchfab.states import ROUTE_WORDS, recognise
from crawlers.pages.sketchfab.website import Card, Grid, categories, grid, licenses, model

__all__ = [
    "PAGE_SIZE", "ROUTE_WORDS", "Card", "Grid", "categories", "grid", "licenses", "likes", "likes_url", "list_url",
    "model", "model_id_of", "models", "next_page", "recognise",
]  # fmt: skip
