"""HTML pages: the page of a video, the page of search results, with their JSON in scripts as the site writes it."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

import orjson

from sandbox.sites.youtube import texts
from sandbox.sites.youtube.parts import channel_endpoint, runs, simple
from sandbox.sites.youtube.player import thumbnail
from sandbox.sites.youtube.rows import lockup
from sandbox.sites.youtube.session import CLIENT_VERSION, response_context

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.sites.youtube.parts import Json
    from sandbox.sites.youtube.session import Client
    from sandbox.worlds.youtube import YouTubeWorld
    from sandbox.worlds.youtube_video import Video

NONCE = "bXJ138sandboxNonce0001"
SNIPPET = 155
# Names the values of both kinds of page without being one: a reader that takes the first mention finds nothing.
TAIL = (
    "(function serverContract() {window['ytPageType'] = \"%s\";var a=window;(function(e,c,l,f){var d=window;"
    "d.loadInitialData&&d.loadInitialData({page:e,endpoint:c,response:l,playerResponse:f})})"
    "(a.ytPageType,a.ytCommand,a.ytInitialData,a.ytInitialPlayerResponse,a.ytUrl);})();"
)
# Pages are padded as the real ones are, if less: a sixteenth of their half megabyte of switches.
SWITCHES = {f"web_switch_{number:03}_of_the_sandbox": bool(number % 3) for number in range(800)}


def results_page(query: str, tree: Json, client: Client) -> bytes:
    """The results page; `tree` as a POST would answer."""
    title = html.escape(f"{query} - YouTube")
    head = f"<title>{title}</title>"
    return _page(head, [("ytInitialData", tree)], "search", client)


def watch_page(video: Video | None, answer: Json, world: YouTubeWorld, client: Client) -> bytes:
    """The page of a video; of one that is gone, or that never was, there are no tags and no other videos."""
    known = video if video is not None and not video.is_gone else None
    head = _tags(known) if known else "<title> - YouTube</title>"
    following = _next(known, world, client) if known else {"responseContext": response_context(client, "yt_web_watch")}
    return _page(head, [("ytInitialPlayerResponse", answer), ("ytInitialData", following)], "watch", client)


def script_json(value: Any) -> bytes:
    """JSON as it stands in a script: nothing in it can end the script."""
    text = orjson.dumps(value)
    return text.replace(b"<", b"\\u003c").replace(b">", b"\\u003e").replace(b"&", b"\\u0026")


def _page(head: str, values: Sequence[tuple[str, Json]], page_type: str, client: Client) -> bytes:
    config = {
        "EXPERIMENT_FLAGS": SWITCHES,
        "HL": client.language.code,
        "INNERTUBE_API_KEY": "AIzaSandboxPublicKeyOfTheWebPages000000",
        "INNERTUBE_CONTEXT_CLIENT_VERSION": CLIENT_VERSION,
        "INNERTUBE_CONTEXT_GL": "FR",  # where it is asked from, whatever `gl` says
        "VISITOR_DATA": client.visitor_data,
    }
    open_script = f'<script nonce="{NONCE}">'.encode()
    scripts = [b"ytcfg.set(" + script_json(config) + b");"]
    scripts += [b"var " + name.encode() + b" = " + script_json(value) + b";" for name, value in values]
    scripts.append((TAIL % page_type).encode())
    body = b"</script>".join(open_script + script for script in scripts) + b"</script>"
    language = client.language.code.encode()
    start = b'<!DOCTYPE html><html style="font-size: 10px" lang="' + language + b'"><head><meta charset="utf-8">'
    return start + head.encode() + b'</head><body dir="ltr">' + body + b"</body></html>"


def _tags(video: Video) -> str:
    """Title, meta tags and microdata."""
    line = " ".join(video.description.split())
    short = line if len(line) <= SNIPPET else line[: SNIPPET - 3] + "..."
    picture, picture_width, picture_height = thumbnail(video)
    image = f"https://i.ytimg.com/vi/{video.video_id}/{picture}.jpg"
    url = f"https://www.youtube.com/watch?v={video.video_id}"
    properties = [
        ("og:site_name", "YouTube"),
        ("og:url", url),
        ("og:title", video.title),
        ("og:image", image),
        ("og:image:width", picture_width),
        ("og:image:height", picture_height),
        ("og:description", short),
        ("og:type", "video.other"),
        ("og:video:url", f"https://www.youtube.com/embed/{video.video_id}"),
        ("og:video:width", video.embed[0]),
        ("og:video:height", video.embed[1]),
        *(("og:video:tag", tag) for tag in video.tags),
    ]
    items: list[tuple[str, Any]] = [
        ("name", video.title),
        ("identifier", video.video_id),
        ("duration", texts.iso_duration(video.duration_s or 0).replace("P0D", "PT0S")),
        ("width", video.embed[0]),
        ("height", video.embed[1]),
        ("regionsAllowed", ",".join(video.countries)),
        ("datePublished", texts.pacific(video.published_at)),
        ("genre", video.category),
    ]
    parts = [f"<title>{html.escape(video.title)} - YouTube</title>"]
    parts += [f'<meta property="{name}" content="{html.escape(str(value))}">' for name, value in properties]
    parts += [f'<meta itemprop="{name}" content="{html.escape(str(value))}">' for name, value in items]
    owner = html.escape(f"http://www.youtube.com/@{video.channel.handle}")
    name = html.escape(video.channel.name)
    parts.append(f'<span itemprop="author"><link itemprop="url" href="{owner}"><link itemprop="name" content="{name}">')
    parts += [_counter("LikeAction", video.like_count), _counter("WatchAction", video.view_count), "</span>"]
    return "".join(parts)


def _counter(kind: str, count: int | None) -> str:
    if count is None:
        return ""
    return (
        '<div itemprop="interactionStatistic" itemscope itemtype="https://schema.org/InteractionCounter">'
        f'<meta itemprop="interactionType" content="https://schema.org/{kind}">'
        f'<meta itemprop="userInteractionCount" content="{count}"></div>'
    )


def _next(video: Video, world: YouTubeWorld, client: Client) -> Json:
    """What stands around the player: counts as texts, the channel, how many comments, other videos as lockups."""
    language, place = client.language, video.index
    others = [world.videos[(place + step) % len(world.videos)] for step in range(1, min(6, len(world.videos)))]
    owner = {
        "title": {"runs": [{"text": video.channel.name, "navigationEndpoint": channel_endpoint(video.channel)}]},
        "navigationEndpoint": channel_endpoint(video.channel),
        "subscriberCountText": simple(f"{texts.short_count(video.channel.subscriber_count, language)} subscribers"),
    }
    primary: Json = {"title": runs(video.title), "viewCount": {"videoViewCountRenderer": _view_count(video, client)}}
    primary["relativeDateText"] = simple(texts.age(video.published_at, world.now, language))
    results = [
        {"videoPrimaryInfoRenderer": primary},
        {"videoSecondaryInfoRenderer": {"owner": {"videoOwnerRenderer": owner}}},
    ]
    related = [{"lockupViewModel": lockup(other, world.now, language)} for other in others]
    columns = {
        "results": {"results": {"contents": results}},
        "secondaryResults": {"secondaryResults": {"results": related}},
    }
    panels: list[Json] = []
    if video.comment_count is not None:
        header = {"title": runs("Comments"), "contextualInfo": runs(texts.short_count(video.comment_count, language))}
        panel = {
            "panelIdentifier": "engagement-panel-comments-section",
            "header": {"engagementPanelTitleHeaderRenderer": header},
        }
        panels.append({"engagementPanelSectionListRenderer": panel})
    return {
        "responseContext": response_context(client, "yt_web_watch"),
        "contents": {"twoColumnWatchNextResults": columns},
        "currentVideoEndpoint": {"watchEndpoint": {"videoId": video.video_id}},
        "engagementPanels": panels,
    }


def _view_count(video: Video, client: Client) -> Json:
    if video.state == "live":
        return {"viewCount": runs(texts.grouped(video.watching_count or 0, client.language), " watching now")}
    if video.view_count is None:
        return {}
    return {"viewCount": simple(texts.views(video.view_count, client.language)), "originalViewCount": "0"}
