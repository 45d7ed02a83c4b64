"""What the three hosts say to robots (2024): all is closed to those without a name, weibo.com says so in two groups."""

from __future__ import annotations

_ENGINES = ("Sogou web spider", "bingbot", "smspider", "HaosouSpider", "YisouSpider")


def _open_to(*agents: str) -> list[str]:
    return [line for agent in agents for line in (f"User-agent: {agent}", "Disallow:")]


_CLOSED = ["User-agent: *", "Disallow: /"]
ROBOTS = {
    "weibo.cn": [*_CLOSED, "Allow: /dpool/ttt/", "Disallow: /dpool/ttt/*gsid=*", "Disallow: *gsid=*"],
    "m.weibo.cn": [*_open_to("Baiduspider", "360Spider", "Googlebot", *_ENGINES), *_CLOSED],
    "weibo.com": [
        "Sitemap: https://weibo.com/sitemap.xml",
        *_open_to("Baiduspider", "360Spider", "Googlebot"),
        "User-agent: *",
        "Allow: /ads.txt",
        *_open_to(*_ENGINES),
        *_CLOSED,
    ],
}
"""Host -> the lines of its robots.txt."""


def robots(host: str) -> bytes:
    """The file, as the sites send it: without a newline at its end."""
    return "\n".join(ROBOTS[host]).encode()
