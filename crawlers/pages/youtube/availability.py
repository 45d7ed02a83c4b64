"""Whether a video can be watched, and whether an answer that says it cannot is about the video at all.

The site answers a client it bans with status 200 and the same words it has for private videos, so what stands in
`playabilityStatus` is read in one place. Its reasons are sentences in the language asked for, which is always English.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crawlers.items.youtube import Availability
from crawlers.pages.state import PageState

# First that is found in the reason counts. Samples: "Sign in to confirm your age", "This video may be inappropriate for
# some users.", "This video is only available to Music Premium members", "Join this channel to get access to
# members-only content like this video", "This video requires payment to watch.", "The uploader has not made this video
# available in your country", "This video is no longer available because the YouTube account associated with this video
# has been terminated.", "Video unavailable", "This video has been removed by the uploader".
_REASONS: tuple[tuple[str, Availability], ...] = (
    ("private", "private"),
    ("inappropriate for some users", "age_restricted"),
    ("confirm your age", "age_restricted"),
    ("age-restricted", "age_restricted"),
    ("music premium", "premium"),
    ("members-only", "members_only"),
    ("members only", "members_only"),
    ("join this channel", "members_only"),
    ("payment", "paid"),
    ("in your country", "region_blocked"),
    ("in your region", "region_blocked"),
    ("terminated", "channel_closed"),
    ("account has been closed", "channel_closed"),
    ("been removed", "removed"),
    ("video unavailable", "removed"),
    ("video is unavailable", "removed"),
    ("no longer available", "removed"),
    ("does not exist", "removed"),
)
_AGE_CHECKS = frozenset({"AGE_CHECK_REQUIRED", "AGE_VERIFICATION_REQUIRED"})
_NOT_THE_VIDEOS = "not available"  # "This video is not available" (to this client), beside complete details
_RELOAD = "needs to be reloaded"  # a fault of the client; the details are there


def state_of_player(answer: Mapping[str, Any], asked_id: str | None) -> PageState:
    """What the answer of a player is. `asked_id` is the video asked for, where that is known.

    OK: it is about the video, which may be private, gone or for sale. BLOCKED: no answer at all, an answer about
    another video, a captcha, or a sign-in "to confirm you're not a bot": the address is banned, whatever the video.
    RATE_LIMITED: the visit is to pause. LOGIN_REQUIRED: it wants a sign-in and does not say that the video is why.
    CHANGED: anything else without details of the video.
    """
    status, reason = playability(answer)
    details = answer.get("videoDetails") or {}
    if not answer or _has_captcha(answer) or "not a bot" in reason:
        return PageState.BLOCKED
    if "try again later" in reason:
        return PageState.RATE_LIMITED
    said_id = details.get("videoId", microformat_of(answer).get("externalVideoId"))
    if asked_id is not None and said_id is not None and said_id != asked_id:
        return PageState.BLOCKED
    if microformat_of(answer) or details.get("title") is not None or _named(status, reason) is not None:
        return PageState.OK
    return PageState.LOGIN_REQUIRED if status == "LOGIN_REQUIRED" else PageState.CHANGED


def availability_of(answer: Mapping[str, Any]) -> Availability | None:
    """For whom the video is, by the answer of a player; None where that leaves it open."""
    status, reason = playability(answer)
    details, about = answer.get("videoDetails") or {}, microformat_of(answer)
    if (named := _named(status, reason)) is not None:
        return named
    if (answer.get("playabilityStatus") or {}).get("desktopLegacyAgeGateReason"):
        return "age_restricted"
    if details.get("isUpcoming"):
        return "upcoming"
    if status != "OK":  # not asked for, of no known name, or about this client rather than about the video
        return None
    if details.get("isLive"):
        return "live"
    if not about:  # only that part tells these apart
        return None
    if about.get("isUnlisted"):
        return "unlisted"
    return "short" if about.get("isShortsEligible") else "public"


def is_known(answer: Mapping[str, Any]) -> bool:
    """Whether the site's word for the state of the video, if it gives one, is one we know."""
    status, reason = playability(answer)
    if status in {"", "OK", "LIVE_STREAM_OFFLINE"} or availability_of(answer) is not None:
        return True
    return status == "UNPLAYABLE" and (_NOT_THE_VIDEOS in reason or _RELOAD in reason)


def playability(answer: Mapping[str, Any]) -> tuple[str, str]:
    """The status, and the reason in lower case with plain apostrophes; both empty where the answer has none."""
    found = answer.get("playabilityStatus") or {}
    return found.get("status") or "", (found.get("reason") or "").lower().replace("’", "'")


def microformat_of(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the answer says of the video for search engines; only clients of the website get it."""
    about: Mapping[str, Any] = (answer.get("microformat") or {}).get("playerMicroformatRenderer") or {}
    return about


def _named(status: str, reason: str) -> Availability | None:
    if status in _AGE_CHECKS:
        return "age_restricted"
    if status in {"", "OK", "LIVE_STREAM_OFFLINE"}:
        return None
    return next((availability for words, availability in _REASONS if words in reason), None)


def _has_captcha(answer: Mapping[str, Any]) -> bool:
    screen = (answer.get("playabilityStatus") or {}).get("errorScreen") or {}
    return "playerCaptchaViewModel" in screen
