"""The page of a film, with its JSON-LD in the shape of 2025 or of September 2026."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sandbox.sites.letterboxd.layout import SITE, Markup, escaped, page
from sandbox.sites.letterboxd.tiles import poster_2025, poster_2026

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.worlds.letterboxd import LetterboxdWorld
    from sandbox.worlds.letterboxd_films import Film

FEWEST_RATINGS = 3  # below this the site states no average
ABOUT_RATING = "A weighted average over the ratings of all members."


def shown_rating(world: LetterboxdWorld, film: Film) -> tuple[float, int, int] | None:
    """Average in stars, ratings and reviews as the page of a film states them, if it does."""
    count = int(world.rating_counts[film.index])
    if film.json_ld != "full" or count < FEWEST_RATINGS:
        return None
    return float(world.averages[film.index]), count, int(world.review_counts[film.index])


def film_page(world: LetterboxdWorld, film: Film, markup: Markup) -> str:
    """The whole page."""
    directors = " and ".join(map(escaped, film.directors))
    by = f" directed by {directors}" if directors else ""
    json_ld = "" if film.json_ld == "missing" else _json_ld(world, film, markup)
    # The page of a series says that it is a film without a number.
    number = film.tmdb_id if film.tmdb_type == "movie" and film.tmdb_id else ""
    return page(
        url=f"/film/{film.slug}/",
        about="video.movie",
        title=escaped(film.name),
        more=f"{by} • Reviews, film + cast",
        head=f'<meta name="description" content="{escaped(film.description)}">\n'
        f'<meta property="og:description" content="{escaped(film.description)}">\n',
        body=f'class="film backdropped" data-type="film" data-tmdb-type="movie" data-tmdb-id="{number}"',
        content=(
            f'<div id="film-page-wrapper" class="cols-3 overflow">\n<div class="col-17">\n{_masthead(film, markup)}'
            f'<section class="section col-10 col-main">\n{_synopsis(film)}'
            f"<div "
            f'id="tabbed-content">{_tabs(film, markup)}</div>\n{_text_footer(film, markup)}</section>\n</div>\n</div>\n'
            f"{_related(world, film, markup)}{json_ld}"
        ),
    )


def _masthead(film: Film, markup: Markup) -> str:
    title = escaped(film.title)
    year = f'<span class="releasedate"> <a href="/films/year/{film.year}/">{film.year}</a> </span>' if film.year else ""
    original = f'<h2 class="originalname">{escaped(film.original_title)}</h2>' if film.original_title else ""
    people = " ".join(
        f'<a class="contributor" href="/director/{_slug(name)}/"><span class="prettify">{escaped(name)}</span></a>'
        for name in film.directors
    )
    if markup in {"2026", "2025"}:
        # Against widows: the last space of a longer title is a no-break space.
        first, space, last = title.rpartition(" ")
        title = f"{first}&nbsp;{last}" if space and " " in first else title
        heading = f'<h1 class="headline-1 primaryname"><span class="name js-widont prettify">{title}</span></h1>'
        return (
            '<section class="production-masthead -shadowed -productionscreen -film">\n<div class="details">\n'
            f'{heading}\n<div class="productioninfo">{year} {original}<p class="credits"> <span '
            f'class="introduction">Directed '
            f'by </span> <span class="creatorlist"> {people} </span> </p></div>\n</div>\n</section>\n'
        )
    return (
        f'<section id="featured-film-header" class="film-header-lockup">\n<h1 class="headline-1 filmtitle"><span '
        f'class="name">'
        f'{title}</span></h1>\n<div class="details">{year} {original}<span class="directorlist">Directed by '
        f"{people}</span>"
        "</div>\n</section>\n"
    )


def _synopsis(film: Film) -> str:
    tagline = f'<h4 class="tagline">{escaped(film.tagline)}</h4> ' if film.tagline else ""
    return (
        f'<section class="production-synopsis"><div class="review body-text -prose -hero"> {tagline}<div '
        f'class="truncate"> '
        f"<p>{escaped(film.description)}</p> </div> </div></section>\n"
    )


def _tabs(film: Film, markup: Markup) -> str:
    """Cast, crew, details and genres; the ids of the tabs changed in May 2026."""
    name = "tab-panel" if markup == "2026" else "tab"
    country, _, language, _ = film.country
    details = (
        _sluglist("Studios", "studio", film.studios)
        + _sluglist("Country", "films/country", [country])
        + _sluglist("Primary Language", "films/language", [language])
        + _sluglist("Spoken Languages", "films/language", [language, "English"])
    )
    genres = (
        _sluglist("Genres" if len(film.genres) > 1 else "Genre", "films/genre", film.genres)
        + '<h3><span>Themes</span></h3> <div class="text-sluglist capitalize"> <p> <a '
        'href="/films/theme/small-towns-and-long-nights/by/best-match/" class="text-slug">Small towns and long '
        "nights</a> "
        '<a href="/films/mini-theme/slow-train-quiet-ending/by/best-match/" class="text-slug">Quiet endings</a> </p> '
        "</div>"
    )
    parts = {
        "cast": '<h3 class="hidden">Cast</h3> <div class="cast-list text-sluglist"> <p> '
        + " ".join(
            f'<a title="Role {number}" href="/actor/{_slug(actor)}/" class="text-slug tooltip">{escaped(actor)}</a>'
            for number, actor in enumerate(film.actors, 1)
        )
        + " </p> </div>",
        "crew": _sluglist("Director", "director", film.directors, role=True)
        + _sluglist("Producer", "producer", film.studios, role=True),
        "details": details,
        "genres": genres,
    }
    columns = {"cast": "", "crew": " column-block -crewroles", "details": " column-block", "genres": " column-block"}
    return "".join(
        f'<div id="{name}-{part}" class="tabbed-content-block{columns[part]}"> {text} </div>\n'
        for part, text in parts.items()
    )


def _sluglist(heading: str, path: str, names: Iterable[str], *, role: bool = False) -> str:
    links = " ".join(f'<a href="/{path}/{_slug(name)}/" class="text-slug">{escaped(name)}</a>' for name in names)
    if not links:
        return ""
    title = _role(heading) if role else f"<span>{heading}</span>"
    return f'<h3>{title}</h3> <div class="text-sluglist"> <p> {links} </p> </div> '


def _role(name: str) -> str:
    """The short form is for narrow screens, the same text once more."""
    short = f'<span class="crewrole -short" aria-hidden="true">{name}</span>'
    return f'<span class="crewrole -full">{name}</span> {short}'


def _text_footer(film: Film, markup: Markup) -> str:
    """How long it is, and where else it is known."""
    tmdb = "TMDB" if markup in {"2026", "2025"} else "TMDb"
    minutes = f"{film.runtime_min}&nbsp;mins &nbsp; " if film.runtime_min else ""
    more = []
    if film.imdb_id:
        more.append((f"http://www.imdb.com/title/{film.imdb_id}/maindetails", "IMDb"))
    if film.tmdb_id:
        more.append((f"https://www.themoviedb.org/{film.tmdb_type}/{film.tmdb_id}/", tmdb))
    links = " ".join(
        f'<a href="{url}" class="micro-button track-event" data-track-action="{name}" target="_blank" >{name}</a>'
        for url, name in more
    )
    return (
        f'<p class="text-link text-footer"> {minutes}{"More at " if more else ""}{links} <span '
        'class="block-flag-wrapper show-on-hover hide-when-logged-out">'
        '<a href="#" class="block-or-report-flag report-link has-icon icon-16 icon-report tooltip" '
        'title="Report this page" '
        f'data-report-url="/ajax/film:{film.film_id}/report-form">Report this page</a></span> </p>\n'
    )


def _related(world: LetterboxdWorld, film: Film, markup: Markup) -> str:
    """Other films, with ids of their own."""
    poster = poster_2026 if markup == "2026" else poster_2025
    others = [world.films[(film.index + step) % len(world.films)] for step in (1, 2)]
    tiles = "".join(f'<li class="posteritem">{poster(other)}</li>\n' for other in others)
    return (
        f'<section class="section related-films"><ul class="poster-list -p110 -horizontal">\n{tiles}</ul></section>\n'
    )


def _json_ld(world: LetterboxdWorld, film: Film, markup: Markup) -> str:
    """In a CDATA section between comments. Keys, and their order, as recorded in January or in September 2026."""
    is_new = markup == "2026"
    at = SITE if is_new else ""
    url = f"{SITE}/film/{film.slug}/"
    facts: dict[str, Any] = {
        "image": f"https://a.ltrbxd.com/resized/film-poster/{film.film_id}-{film.slug}-0-230-0-345-crop.jpg",
        "@type": "Movie",
        "director": _people(film.directors, f"{at}/director/"),
    }
    if is_new:
        facts |= {"description": film.description, "inLanguage": [film.country[3]]}
    else:
        facts["dateModified"] = "2026-01-03"
    facts["productionCompany"] = [
        {"@type": "Organization", "name": name, "sameAs": f"{at}/studio/{_slug(name)}/"} for name in film.studios
    ]
    if not is_new and film.year:
        facts["releasedEvent"] = [{"@type": "PublicationEvent", "startDate": str(film.year)}]
    facts |= {"@context": "https://schema.org" if is_new else "http://schema.org", "url": url}
    if is_new and film.runtime_min:
        facts["duration"] = f"PT{film.runtime_min // 60}H{film.runtime_min % 60}M"
    facts["actor" if is_new else "actors"] = _people(film.actors, f"{at}/actor/")
    # In the older shape this is the day on which the page was made, not the film's.
    created = (film.released_on and film.released_on.isoformat()) or (film.year and str(film.year))
    facts |= {"dateCreated": created if is_new else "2011-06-22"} if created or not is_new else {}
    facts |= {"name": film.title, "genre": list(film.genres)} if film.genres else {"name": film.title}
    facts |= {"@id": url, "countryOfOrigin": [{"@type": "Country", "name": film.country[0]}]}
    if rating := shown_rating(world, film):
        facts["aggregateRating"] = {
            "bestRating": 5,
            "reviewCount": rating[2],
            "@type": "AggregateRating" if is_new else "aggregateRating",
            "ratingValue": rating[0],
            "description": ABOUT_RATING,
            "ratingCount": rating[1],
            "worstRating": 0.5 if is_new else 0,
        }
    text = json.dumps(facts, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
    return f'<script type="application/ld+json">\n/* <![CDATA[ */\n{text}\n/* ]]> */\n</script>\n'


def _people(names: Iterable[str], base: str) -> list[dict[str, str]]:
    return [{"@type": "Person", "name": name, "sameAs": f"{base}{_slug(name)}/"} for name in names]


def _slug(name: str) -> str:
    return "-".join(name.lower().replace("&", "").split())
