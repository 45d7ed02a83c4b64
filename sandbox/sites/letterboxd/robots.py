"""robots.txt of letterboxd.com: the rules of the copy of July 2025, in force in substance in September 2026."""

from __future__ import annotations

# Shut out by name.
_NOBODY = (
    "AI2Bot", "Applebot-Extended", "Bytespider", "CCBot", "ClaudeBot", "Diffbot", "cohere-training-data-crawler",
    "Cotoyogi", "Datenbank Crawler", "FacebookBot", "Factset_spyderbot", "Google-Extended", "GPTBot", "ICC-Crawler",
    "Kangaroo Bot", "Meta-ExternalAgent", "netEstate Imprint Crawler", "omgili", "PanguBot", "PetalBot",
    "SemrushBot-OCOB", "Timpibot", "Webzio-Extended",
)  # fmt: skip
# What the others must not read, each with a remark behind it, as there.
_EVERYBODY = (
    ("/*/by/*", "orders"),
    ("/*/popular/this/*", "orders by time"),
    ("/*/on/*", "where to watch"),
    ("/*/tag/*", "lists of tags"),
    ("/*/genre/*", "films of a genre"),
    ("/*/country/*", "films of a country"),
    ("/*/language/*", "films in a language"),
    ("/*/decade/*", "films of a decade"),
    ("/films/year/*", "films of a year"),
    ("/films/*/year/*", "films of a year"),
    ("/films/*/size/large/*", "films with large posters"),
    ("/*/friends/*", "what friends do"),
)

ROBOTS = "".join(
    [
        *(f"User-agent: {agent}\nDisallow: /\n\n" for agent in _NOBODY),
        "# Everybody else\nUser-agent: *\n",
        *(f"Disallow: {path:29} # {remark}\n" for path, remark in _EVERYBODY),
    ]
).encode()
