"""Pages of YouTube: its Data API v3 (JSON, with a key), its website, and the JSON its website asks for.

The website answers whom it does not trust with success: status 200, and a player that says "Sign in to confirm you're
not a bot", plays another video, or says nothing. So data is what proves to be about what was asked for.
"""

from crawlers.pages.youtube.data_api import api_results, api_videos, next_page_token
from crawlers.pages.youtube.player import player_video, state_is_known
from crawlers.pages.youtube.search import SearchFacts, client_version, results, search_facts, visitor_data
from crawlers.pages.youtube.states import recognise
from crawlers.pages.youtube.urls import (
    CLIENT_VERSION,
    IDS_A_CALL,
    PLAYER_URL,
    PROGRAM_URL,
    ROUTE_WORDS,
    SEARCH_PARAMS,
    SEARCH_URL,
    VISITOR_URL,
    api_search_url,
    api_videos_url,
    continuation_body,
    headers,
    player_body,
    results_url,
    visitor_body,
    watch_url,
)
from crawlers.pages.youtube.watch import watch_state_is_known, watch_video

__all__ = [
    "CLIENT_VERSION", "IDS_A_CALL", "PLAYER_URL", "PROGRAM_URL", "ROUTE_WORDS", "SEARCH_PARAMS", "SEARCH_URL",
    "VISITOR_URL", "SearchFacts", "api_results", "api_search_url", "api_videos", "api_videos_url", "client_version",
    "continuation_body", "headers", "next_page_token", "player_body", "player_video", "recognise", "results",
    "results_url", "search_facts", "state_is_known", "visitor_body", "visitor_data", "watch_state_is_known",
    "watch_url", "watch_video",
]  # fmt: skip
