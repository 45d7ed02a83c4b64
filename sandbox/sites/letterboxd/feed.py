"""A member's feed (RSS): the 50 newest entries of the diary, and sometimes a list, which is no film."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sandbox.sites.letterboxd.layout import SITE, STARS, escaped
from sandbox.worlds.letterboxd_vocabulary import REVIEWS

if TYPE_CHECKING:
    from sandbox.worlds.letterboxd import LetterboxdWorld, Member
    from sandbox.worlds.letterboxd_diary import DiaryEntry

NEWEST = 50
HOME = dt.timezone(dt.timedelta(hours=13))
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def feed(world: LetterboxdWorld, member: Member) -> str:
    """The whole document."""
    name, url = escaped(member.display_name), f"{SITE}/{member.slug}/"
    items = [_item(world, member, entry) for entry in world.diary(member)[:NEWEST]]
    if member.list_count and items:
        items.insert(min(3, len(items)), _list_item(member))
    return (
        "<?xml version='1.0' encoding='utf-8'?>\n"
        '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:letterboxd="https://letterboxd.com" xmlns:tmdb="https://themoviedb.org">\n<channel>\n'
        f"<title>Letterboxd - {name}</title>\n<link>{url}</link>\n<description>Letterboxd - {name}</description>\n"
        f'<atom:link rel="self" href="{url}rss/" type="application/rss+xml"/>\n{"".join(items)}</channel>\n</rss>\n'
    )


def _item(world: LetterboxdWorld, member: Member, entry: DiaryEntry) -> str:
    film = entry.film
    kind = "review" if entry.reviewed else "watch"
    year = f"<letterboxd:filmYear>{film.year}</letterboxd:filmYear>\n" if film.year else ""
    rating = f"<letterboxd:memberRating>{entry.rating:.1f}</letterboxd:memberRating>\n" if entry.rating else ""
    tmdb = "tvId" if film.tmdb_type == "tv" else "movieId"
    number = f"<tmdb:{tmdb}>{film.tmdb_id}</tmdb:{tmdb}>\n" if film.tmdb_id else ""
    title = escaped(film.title) + (f", {film.year}" if film.year else "")
    stars = f" - {STARS[int(entry.rating * 2)]}" if entry.rating else ""
    again = "1/" if entry.rewatch else ""
    return (
        f"<item>\n<title>{title}{stars}</title>\n<link>{SITE}/{member.slug}/film/{film.slug}/{again}</link>\n"
        f'<guid isPermaLink="false">letterboxd-{kind}-{entry.entry_id}</guid>\n<pubDate>{_published(entry)}</pubDate>\n'
        f"<letterboxd:watchedDate>{entry.watched_on.isoformat()}</letterboxd:watchedDate>\n"
        f"<letterboxd:rewatch>{'Yes' if entry.rewatch else 'No'}</letterboxd:rewatch>\n"
        f"<letterboxd:filmTitle>{escaped(film.title)}</letterboxd:filmTitle>\n{year}{rating}"
        f"<letterboxd:memberLike>{'Yes' if entry.liked else 'No'}</letterboxd:memberLike>\n{number}"
        f'<description><![CDATA[ <p><img src="https://a.ltrbxd.com/resized/film-poster/{film.film_id}.jpg"/></p> '
        f"{_text(world, entry)} ]]></description>\n<dc:creator>{escaped(member.display_name)}</dc:creator>\n</item>\n"
    )


def _text(world: LetterboxdWorld, entry: DiaryEntry) -> str:
    """The review, which may speak of another member, or when it was watched."""
    if not entry.reviewed:
        day = entry.watched_on
        return f"<p>Watched on {_DAYS[day.weekday()]} {_MONTHS[day.month - 1]} {day.day}, {day.year}.</p>"
    number = int(entry.entry_id)
    spoilers = "<p><em>This review may contain spoilers.</em></p> " if number % 7 == 0 else ""
    other = world.members[number % len(world.members)]
    mention = f' As <a href="{SITE}/{other.slug}/">{escaped(other.display_name)}</a> said.' if number % 3 == 0 else ""
    return f"{spoilers}<p>{escaped(REVIEWS[number % len(REVIEWS)])}{mention}</p>"


def _list_item(member: Member) -> str:
    return (
        f"<item>\n<title>Favourites of the "
        f"year</title>\n<link>{SITE}/{member.slug}/list/favourites-of-the-year/</link>\n"
        f'<guid isPermaLink="false">letterboxd-list-{3_000_000 + member.index}</guid>\n'
        "<pubDate>Thu, 1 Jan 2026 12:00:00 +1300</pubDate>\n"
        "<description><![CDATA[ <ul> <li>Ten of them</li> </ul> ]]></description>\n"
        f"<dc:creator>{escaped(member.display_name)}</dc:creator>\n</item>\n"
    )


def _published(entry: DiaryEntry) -> str:
    """``Tue, 23 Dec 2025 10:42:16 +1300``: the time of the site's home."""
    at = entry.logged_at.astimezone(HOME)
    return f"{_DAYS[at.weekday()][:3]}, {at.day} {_MONTHS[at.month - 1][:3]} {at.year} {at:%H:%M:%S} +1300"
