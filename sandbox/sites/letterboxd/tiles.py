"""A film as a tile of a grid, in the four generations of markup that were recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.sites.letterboxd.layout import STARS, Markup, escaped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.worlds.letterboxd_films import Film

_EMPTY = "https://s.ltrbxd.com/static/img/empty-poster-70-BSf-Pjrh.png"
_LIKED = {
    "2026": '<span class="like liked-micro has-icon icon-liked icon-16"><span class="icon"></span></span> ',
    "old": '<span class="like has-icon icon-liked icon-16"><span class="icon"></span></span> ',
}


class Tiles:
    """Renders the tiles of a world's films; what is the same in every grid is kept, once it was asked for."""

    def __init__(self, films: Sequence[Film], markup: Markup) -> None:
        self._films = films
        self._fronts = [""] * len(films)
        self._front = {"2026": _front_2026, "2025": _front_2025, "middle": _front_middle, "old": _front_old}[markup]
        size = "-tiny" if markup == "old" else "-micro"
        ratings = [f'<span class="rating {size} -darker rated-{n}">{STARS[n]}</span> ' if n else "" for n in range(11)]
        liked = _LIKED["old" if markup == "old" else "2026"]
        self._viewing = [(rating, rating + liked) for rating in ratings]
        self._has_class_for_both = markup == "old"

    def tile(self, film: int, rating: int, *, liked: bool, review: str) -> str:
        """Film number `film` as a member sees it; `review`: the path of the member's review, or nothing."""
        front = self._fronts[film]
        if not front:
            front = self._fronts[film] = self._front(self._films[film])
        if self._has_class_for_both and rating and liked:
            front = front.removesuffix('poster-viewingdata"> ') + 'poster-viewingdata -rated-and-liked"> '
        link = (
            f'<a href="{review}" class="review-micro has-icon icon-review tooltip" title="Review"></a> '
            if review
            else ""
        )
        return f"{front}{self._viewing[rating][liked]}{link}</p>\n</li>\n"


def poster_2026(film: Film, *, width: int = 70, height: int = 105, quote: str = "&quot;", film_id: str = "") -> str:
    """The poster that a script fills later; `film_id`: the attribute that is gone since spring 2026."""
    name, slug = escaped(film.name), film.slug
    uid = f'{{"lid":"{film.lid}","uid":"film:{film.film_id}","type":"film","typeName":"film"}}'.replace('"', quote)
    path = (
        f'{{"postered":{uid},"posteredBaseLink":"/film/{slug}/","isAdultThemed":false,"hasDefaultPoster":true,'
        f'"cacheBustingKey":"{film.film_id:08x}"}}'
    ).replace('"', quote)
    return (
        '<div class="react-component" data-component-class="LazyPoster" data-request-poster-metadata="true" '
        f'data-likeable="true" data-watchable="true" data-rateable="true" data-image-width="{width}" '
        f'data-image-height="{height}" data-item-name="{name}" data-item-slug="{slug}" data-item-link="/film/{slug}/" '
        f"data-item-full-display-name=\"{name}\" {film_id}data-postered-identifier='{uid}' "
        f"data-poster-url=\"/film/{slug}/image-150/\" data-resolvable-poster-path='{path}' "
        f'data-empty-poster-src="{_EMPTY}" data-is-linked="true" data-target-link="/film/{slug}/" '
        f'data-details-endpoint="/film/{slug}/json/" data-show-menu="true" > <div class="poster film-poster"> '
        f'<img src="{_EMPTY}" class="image" width="{width}" height="{height}" alt="{escaped(film.title)}"/> '
        '<span class="frame"><span class="frame-title"></span></span> </div> </div>'
    )


def poster_2025(film: Film, *, width: int = 70, height: int = 105) -> str:
    """The same with the id of the film, and quotes as they are in JSON."""
    return poster_2026(film, width=width, height=height, quote='"', film_id=f'data-film-id="{film.film_id}" ')


def _front_2026(film: Film) -> str:
    viewing = f'<p class="poster-viewingdata" data-item-uid="film:{film.film_id}"> '
    return f'<li class="griditem">\n{poster_2026(film)} {viewing}'


def _front_2025(film: Film) -> str:
    viewing = f'<p class="poster-viewingdata" data-item-uid="film:{film.film_id}"> '
    return f'<li class="griditem">\n{poster_2025(film)} {viewing}'


def _front_middle(film: Film) -> str:
    number, slug, title = film.film_id, film.slug, escaped(film.title)
    return (
        f'<li class="poster-container">\n<div class="react-component poster film-poster film-poster-{number} '
        f'linked-film-poster" data-component-class="globals.comps.FilmPosterComponent" data-film-id="{number}" '
        f'data-item-id="film:{number}" data-film-name="{title}" data-film-slug="{slug}" '
        f'data-poster-url="/film/{slug}/image-150/" data-film-link="/film/{slug}/"><div>'
        f'<img src="{_EMPTY}" width="70" height="105" alt="{title}" class="image"/>'
        f'<a href="/film/{slug}/" class="frame"><span class="frame-title">{escaped(film.name)}</span></a></div></div> '
        '<p class="poster-viewingdata"> '
    )


def _front_old(film: Film) -> str:
    number, slug, title = film.film_id, film.slug, escaped(film.title)
    return (
        f'<li class="poster-container">\n<div class="really-lazy-load poster film-poster film-poster-{number} '
        f'linked-film-poster" data-image-width="70" data-image-height="105" data-film-id="{number}" '
        f'data-film-slug="/film/{slug}/" data-poster-url="/film/{slug}/image-150/" data-linked="linked" '
        f'data-target-link="/film/{slug}/" data-target-link-target="" data-cache-busting-key="{number:08x}" '
        f'data-show-menu="true" > <img src="{_EMPTY}" class="image" width="70" height="105" alt="{title}"/> '
        '<span class="frame"><span class="frame-title"></span></span> </div> <p class="poster-viewingdata"> '
    )
