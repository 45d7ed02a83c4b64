"""What stands between the results of a web search and is none: shelves, channels, playlists, promotions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.sites.youtube.parts import (
    accessible,
    avatar,
    channel_endpoint,
    reel_endpoint,
    runs,
    simple,
    thumbnails,
    watch_endpoint,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.sites.youtube.parts import Json
    from sandbox.worlds.youtube_video import Channel, Video


def channel(one: Channel) -> Json:
    """A channel. The handle stands in the place of the subscribers, and these in the place of the videos."""
    byline = {"runs": [{"text": one.name, "navigationEndpoint": channel_endpoint(one)}]}
    return {
        "channelRenderer": {
            "channelId": one.channel_id,
            "title": {"simpleText": one.name},
            "navigationEndpoint": channel_endpoint(one),
            "thumbnail": {"thumbnails": [avatar(one)]},
            "descriptionSnippet": runs("Songs and stories, every week."),
            "shortBylineText": byline,
            "videoCountText": simple(f"{one.subscriber_count} subscribers", f"{one.subscriber_count} subscribers"),
            "subscriptionButton": {"subscribed": False},
            "subscriberCountText": {"simpleText": f"@{one.handle}"},
            "longBylineText": byline,
        }
    }


def shelf(title: str, rows: Sequence[Json]) -> Json:
    """A box of videos of another kind than the results; some come as results, too."""
    more = {"runs": [{"text": "More"}], "accessibility": accessible("More")}
    content = {"items": list(rows), "collapsedItemCount": 3, "collapsedStateButtonText": more}
    return {"shelfRenderer": {"title": {"simpleText": title}, "content": {"verticalListRenderer": content}}}


def shorts_shelf(videos: Sequence[Video]) -> Json:
    """A box of shorts; the same one may stand on a page twice."""
    items = [
        {
            "shortsLockupViewModel": {
                "entityId": f"shorts-shelf-item-{video.video_id}",
                "accessibilityText": f"{video.title}, {video.view_count} views – play Short",
                "onTap": {"innertubeCommand": reel_endpoint(video.video_id)},
                "indexInCollection": place,
                "overlayMetadata": {
                    "primaryText": {"content": video.title},
                    "secondaryText": {"content": f"{video.view_count} views"},
                },
            }
        }
        for place, video in enumerate(videos)
    ]
    return {
        "gridShelfViewModel": {
            "header": {"sectionHeaderViewModel": {"headline": {"content": "Shorts"}}},
            "contents": items,
        }
    }


def reel_shelf(videos: Sequence[Video]) -> Json:
    """The older box of shorts."""
    items = [{"reelItemRenderer": {"videoId": video.video_id, "headline": simple(video.title)}} for video in videos]
    return {"reelShelfRenderer": {"title": runs("Shorts"), "items": items}}


def playlist(video: Video) -> Json:
    """A playlist as a lockup."""
    return {
        "lockupViewModel": {
            "contentImage": {"collectionThumbnailViewModel": {"primaryThumbnail": {"thumbnailViewModel": {}}}},
            "metadata": {"lockupMetadataViewModel": {"title": {"content": f"Songs like {video.title}"}}},
            "contentId": f"PL{video.video_id}{video.video_id}",
            "contentType": "LOCKUP_CONTENT_TYPE_PLAYLIST",
            "itemPlayback": {"inlinePlayerData": {"onSelect": {"innertubeCommand": watch_endpoint(video.video_id)}}},
        }
    }


def old_playlist(video: Video) -> Json:
    """A playlist as it came until November 2024."""
    child = {"childVideoRenderer": {"videoId": video.video_id, "title": simple(video.title)}}
    return {
        "playlistRenderer": {
            "playlistId": f"PL{video.video_id}",
            "title": simple(f"Songs like {video.title}"),
            "videos": [child],
            "videoCount": "12",
        }
    }


def radio(video: Video) -> Json:
    """An endless mix that begins with a video."""
    return {
        "radioRenderer": {
            "playlistId": f"RD{video.video_id}",
            "title": simple(f"Mix - {video.title}"),
            "thumbnail": thumbnails(video.video_id, ("hqdefault", 480, 360)),
            "videoCountText": runs("50+", " videos"),
            "navigationEndpoint": watch_endpoint(video.video_id, "&start_radio=1"),
        }
    }


def advertisement(video: Video) -> Json:
    """A promoted video."""
    metadata = {"promotedSparklesWebRenderer": {"title": simple(video.title), "videoId": video.video_id}}
    return {"adSlotRenderer": {"fulfillmentContent": {"fulfilledLayout": {"inFeedAdLayoutRenderer": metadata}}}}


def people_also_watched(video: Video) -> Json:
    """Cards side by side."""
    card = {"searchRefinementCardRenderer": {"query": runs(video.title), "thumbnail": {"thumbnails": []}}}
    return {"horizontalCardListRenderer": {"cards": [card], "header": {"richListHeaderRenderer": {}}}}


def never_seen(video: Video) -> Json:
    """Something that no reader knows yet, with a video in it."""
    return {"plantedBySandboxViewModel": {"tiles": [{"videoRenderer": {"videoId": video.video_id}}], "contentId": "x"}}


def corrected(key: str, original: str, correction: str) -> Json:
    """The note that the results are those of another spelling (`showingResultsForRenderer`), or of both."""
    verb = "showingResultsFor" if key == "showingResultsForRenderer" else "includingResultsFor"
    return {
        key: {
            verb: runs(f"{'Showing' if verb.startswith('showing') else 'Including'} results for"),
            "correctedQuery": {"runs": [{"text": correction, "italics": True}]},
            "correctedQueryEndpoint": {"searchEndpoint": {"query": correction, "params": "EgIQAQ%3D%3D"}},
            "searchInsteadFor" if verb == "showingResultsFor" else "searchOnlyFor": runs("Search instead for"),
            "originalQuery": {"simpleText": original},
            "originalQueryEndpoint": {"searchEndpoint": {"query": original, "params": "EgIQAUICCAE%3D"}},
        }
    }
