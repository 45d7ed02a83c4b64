"""Pages of Weibo: weibo.cn (XHTML, what plain browsers see after a login) and m.weibo.cn (JSON).

    ids.py       addresses, and the two ways the number of a post is written
    markup.py    reading markup that is not well formed
    times.py     Beijing time
    counters.py  counts that are rounded or capped
    states.py    pages of data and walls
    people.py    profiles, counters, lists of followees
    posts.py     lists of posts, one post in full
    comments.py  comments
    pictures.py  albums and pictures
    mobile.py    the JSON of m.weibo.cn; of saved pages, that of weibo.com too

Every page shows the number of the account that asked for it, and a token that lets forms act in its name.
"""

from crawlers.pages.weibo.comments import comment_count, comments
from crawlers.pages.weibo.ids import (
    MOBILE_HEADERS,
    follow_url,
    home_url,
    info_url,
    mobile_posts_url,
    mobile_profile_url,
    mobile_text_url,
    post_url,
    posts_url,
)
from crawlers.pages.weibo.mobile import (
    ajax_posts,
    mobile_comments,
    mobile_following,
    mobile_posts,
    mobile_profile,
    mobile_text,
)
from crawlers.pages.weibo.people import (
    PAGE_SIZE,
    counters,
    followees,
    follows,
    page_count,
    page_owner,
    profile,
    why_empty,
)
from crawlers.pages.weibo.pictures import albums, picture_urls
from crawlers.pages.weibo.posts import full_text, posts
from crawlers.pages.weibo.states import ROUTE_WORDS, recognise

__all__ = [
    "MOBILE_HEADERS", "PAGE_SIZE", "ROUTE_WORDS", "ajax_posts", "albums", "comment_count", "comments",
    "counters", "follow_url", "followees", "follows", "full_text", "home_url", "info_url", "mobile_comments",
    "mobile_following", "mobile_posts", "mobile_posts_url", "mobile_profile", "mobile_profile_url",
    "mobile_text", "mobile_text_url", "page_count", "page_owner", "picture_urls", "post_url", "posts",
    "posts_url", "profile", "recognise", "why_empty",
]  # fmt: skip
