"""What a page says: pure functions from a response to rows and links, and the state a page is in, one module per site.

A page function knows no network, clock, setting or spider, so a saved response is all its test needs.
"""

from crawlers.pages.state import PageState, page_module

__all__ = ["PageState", "page_module"]
