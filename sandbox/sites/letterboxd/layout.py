"""What the pages of Letterboxd share: head and foot, ends of lists, escaping, stars. Class names as recorded."""

from __future__ import annotations

import html
from typing import Literal, get_args

Markup = Literal["2026", "2025", "middle", "old"]
MARKUPS: tuple[Markup, ...] = get_args(Markup)
"""July 2026; autumn 2025 and winter; spring 2025 (until August); 2023."""

SITE = "https://letterboxd.com"
MOST_PAGES = 128  # no list of the site has more
STARS = ("", "½", "★", "★½", "★★", "★★½", "★★★", "★★★½", "★★★★", "★★★★½", "★★★★★")

# A widget of Cloudflare is configured on every page: no sign of a challenge.
_SCRIPT = (
    "<script>\nvar person = {username: '', loggedIn: false}, configuration = {cloudflare: {turnstile: "
    "{managedSiteKey: '0x4AAAAAAASANDBOX'}}};\n</script>\n"
    '<script async src="https://challenges.cloudflare.com/turnstile/v0/api.js"></script>\n'
)
_HEADER = (
    '<header id="header" class="site-header js-hide-in-app"><section>\n'
    '<h1 class="site-logo"><a href="/" class="logo replace">Letterboxd</a></h1>\n<nav class="main-nav"><ul '
    'class="navitems">'
    '<li class="navitem films-page main-nav-films"><a class="navlink" href="/films/"><span '
    'class="label">Films</span></a></li>'
    '<li class="navitem lists-page main-nav-lists"><a class="navlink" href="/lists/"><span '
    'class="label">Lists</span></a></li>'
    '<li class="navitem main-nav-people"><a class="navlink" href="/members/"><span '
    'class="label">Members</span></a></li>'
    "</ul></nav>\n</section></header>\n"
)
_FOOTER = (
    '<footer id="page-footer" class="page-footer js-page-footer"><div class="content-wrap"><nav class="footer-nav"><ul>'
    '<li><a href="/about/">About</a></li><li><a href="/legal/terms-of-use/">Terms</a></li>'
    '<li><a href="/api-beta/">API</a></li></ul></nav></div></footer>\n</body>\n</html>\n'
)


def escaped(text: str) -> str:
    """For HTML and XML, in text and in attributes with quotes of either kind; the apostrophe as the site writes it."""
    if text.isalnum():
        return text
    return html.escape(text, quote=True).replace("&#x27;", "&#039;")


def page(*, url: str, title: str, body: str, content: str, about: str = "", head: str = "", more: str = "") -> str:
    """A whole page. `body`: the attributes of its body; `about`: its kind, for ``og:type``; `more`: what follows the
    title in the window's; the rest is HTML."""
    kind = f'<meta property="og:type" content="{about}">\n' if about else ""
    return (
        '\n\n<!DOCTYPE html>\n<html id="html" lang="en" class="context-client-unknown no-mobile no-js">\n<head>\n'
        f'<meta charset="UTF-8">\n<meta name="viewport" content="width=1024">\n{kind}'
        f'<meta property="og:url" content="{SITE}{url}">\n<meta property="og:title" content="{title}">\n{head}'
        f"<title>&lrm;{title}{more} &bull; Letterboxd</title>\n{_SCRIPT}</head>\n<body {body}>\n{_HEADER}"
        f'<main id="content" class="site-body">\n<div class="content-wrap">\n{content}\n</div>\n</main>\n{_FOOTER}'
    )


def numbered(base: str, number: int, last: int) -> str:
    """The end of a grid: newer, older, and the first, the last and the neighbouring pages by number, with dots for
    those between; nothing where there is one page. `base` is the list's path."""
    if last <= 1:
        return ""
    shown = sorted({1, last, *range(max(1, number - 2), min(last, number + 2) + 1)})
    items = []
    for before, at in zip([0, *shown], shown, strict=False):
        if at - before > 1:
            items.append('<li class="paginate-page unseen-pages">&hellip;</li>')
        if at == number:
            items.append(f'<li class="paginate-page paginate-current"><span>{at}</span></li>')
        else:
            items.append(f'<li class="paginate-page"><a href="{page_path(base, at)}">{at}</a></li>')
    ends = _ends(base, number, has_next=number < last, words=("Newer", "Older"))
    pages = f'<div class="paginate-pages"> <ul> {" ".join(items)} </ul> </div>'
    return f'<div class="pagination"> {ends} {pages} </div>'


def unnumbered(base: str, number: int, *, has_next: bool) -> str:
    """The end of a list of members: previous and next only."""
    return f'<div class="pagination"> {_ends(base, number, has_next=has_next, words=("Previous", "Next"))} </div>'


def _ends(base: str, number: int, *, has_next: bool, words: tuple[str, str]) -> str:
    disabled = '<div class="paginate-nextprev paginate-disabled"><span class="{}">{}</span></div>'
    enabled = '<div class="paginate-nextprev"><a class="{}" href="{}">{}</a></div>'
    before = (
        enabled.format("previous", page_path(base, number - 1), words[0])
        if number > 1
        else disabled.format("previous", words[0])
    )
    after = (
        enabled.format("next", page_path(base, number + 1), words[1]) if has_next else disabled.format("next", words[1])
    )
    return f"{before} {after}"


def page_path(base: str, number: int) -> str:
    """The path of a page of a list."""
    return base if number == 1 else f"{base}page/{number}/"


def counted(count: int, noun: str) -> str:
    """``1 film``, ``3,403 films``, with a no-break space."""
    return f"{count:,}&nbsp;{noun}{'' if count == 1 else 's'}"
