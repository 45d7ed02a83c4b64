"""A site of one page of HTML, for faults that no page of JSON can have."""

from __future__ import annotations

from sandbox.sites import Reply, SiteRequest


class Pages:
    """A site of HTML."""

    hosts: tuple[str, ...] = ("pages.example",)
    body = "<html><body id='top'><p class=\"row\">页面 丏 😀</p></body></html>".encode()

    def respond(self, request: SiteRequest) -> Reply:
        return Reply(request.path, self.body, content_type="text/html; charset=utf-8")
