"""Pages of Sketchfab: the Data API v3 (JSON, anonymous), the website, and its private list of who likes a model.

Both stand behind AWS WAF, whose challenge is a *success* status: 202 with header ``x-amzn-waf-action`` and an empty
body, or a page of about 2 kB with ``gokuProps``; its harder form is 405 with ``x-amzn-waf-action: captcha``.
"""

from crawlers.pages.sketchfab.lists import likes, likes_url, list_url, models, next_page
from crawlers.pages.sketchfab.model import model_id_of
from crawlers.pages.sketchfab.states import PATH_WORDS, recognise
from crawlers.pages.sketchfab.website import Card, Grid, categories, grid, licenses, model

__all__ = [
    "PATH_WORDS", "Card", "Grid", "categories", "grid", "licenses", "likes", "likes_url", "list_url", "model",
    "model_id_of", "models", "next_page", "recognise",
]  # fmt: skip
