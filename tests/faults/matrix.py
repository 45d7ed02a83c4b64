"""What a crawl must make of every fault of the sandbox: where it is met, how the crawl ends, what the tables lack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sandbox.faults import FAULTS
from sandbox.worlds import World

SIZE = 120
_WORLD = World(size=SIZE).sketchfab
_MODEL = _WORLD.models[2]
MODEL = _MODEL.model_id
"""The model that has the faulty pages; its likes fill three pages, the last of them not quite."""
LIKES_OF_MODEL = _MODEL.like_count
PAGE = 24
LISTED = sum(model.like_count >= 5 for model in _WORLD.models)

_LIKES = f"/i/likes?count=24&model={MODEL}"
_LIST = "/v3/search?count=24&cursor"
_FIRST_OF_ALL = LISTED - PAGE
"""Models lost when the list is read no further than its first page."""


@dataclass(frozen=True)
class Case:
    """A crawl of a world with one kind of fault in it."""

    fault: str
    spec: str
    """As in `--faults`."""
    reason: str = "finished"
    code: int = 0
    failed: Mapping[str, int] = field(default_factory=dict)
    """Dead letters by their reason."""
    lost: Mapping[str, int] = field(default_factory=dict)
    """Rows that are not published, by table; of a crawl that did not finish, the models only."""
    changed: Mapping[str, int] = field(default_factory=dict)
    """Rows of which one column is published otherwise than without faults, by table and column."""
    missing: int = 0
    """Likes of which the manifest says that models state them and their lists lack them."""
    is_met: bool = True
    """Whether a page of this crawl can have the fault."""
    settings: tuple[str, ...] = ()


def page(fault: str, reason: str | None, *, rate: str = "", settings: tuple[str, ...] = ()) -> Case:
    """The pages of one model's likes have the fault always; if it heals, every other page of the crawl has it once.

    `reason` of the dead letter; None if there is none. `rate`: not every other page, but this share.
    """
    spec = f"{fault}@{_LIKES}" if FAULTS[fault].lasting else f"{fault}@{_LIKES}:xall"
    return Case(
        fault,
        f"{spec},{fault}{rate}" if FAULTS[fault].heals else spec,
        failed={reason: 1} if reason else {},
        lost={"likes": LIKES_OF_MODEL},
        settings=settings,
    )


def mended(fault: str, *, is_met: bool = True) -> Case:
    """All pages of the crawl have the fault always, and it costs nothing."""
    return Case(fault, f"{fault}:xall", is_met=is_met)


def likes(
    fault: str, *, failed: str | None = None, lost: int = 0, moved: int = 0, missing: int = 0, times: str = ":xall"
) -> Case:
    """The pages of one model's likes have a fault of lists; `moved` likes have another position."""
    return Case(
        fault,
        f"{fault}@{_LIKES}{times}",
        failed={failed: 1} if failed else {},
        lost={"likes": lost} if lost else {},
        changed={"likes.position": moved} if moved else {},
        missing=missing,
    )


def models(
    fault: str,
    reason: str,
    code: int,
    *,
    cursor: int = 24,
    lost: int = _FIRST_OF_ALL,
    changed: Mapping[str, int] | None = None,
    missing: int = 0,
    settings: tuple[str, ...] = (),
) -> Case:
    """A page of the list of models always has the fault: by default the second."""
    spec = f"{fault}@{_LIST}={cursor}" if FAULTS[fault].lasting else f"{fault}@{_LIST}={cursor}:xall"
    return Case(
        fault, spec, reason, code, lost={"models": lost} if lost else {}, changed=changed or {}, missing=missing,
        settings=settings,
    )  # fmt: skip


# A page that never comes costs a time-out each time it is asked for.
_IMPATIENT = ("-s", "DOWNLOAD_TIMEOUT=1.5", "-s", "RETRY_TIMES=1")
_SHORT_PAUSES = ("-s", "BACKOFF_FIRST_S=0.002")
_SERVER_ERRORS = (500, 502, 503, 504, 520, 521, 522, 523, 524, 530)
_COUNTS = ("like_count", "view_count", "comment_count", "animation_count", "face_count", "vertex_count")

PAGES = (
    # Those that wait first, so that the others run meanwhile.
    page("status_429_date", "Blocked", rate=":0.02"),
    page("status_503_date", "ServerFailed", rate=":0.02"),
    page("status_429_seconds", "Blocked", rate=":0.02"),
    page("status_503_seconds", "ServerFailed", rate=":0.02"),
    page("hang", "DownloadTimeoutError", rate=":0.03", settings=_IMPATIENT),
    page("slow_loris", "DownloadTimeoutError", rate=":0.03", settings=_IMPATIENT),
    page("slow_answer", "DownloadTimeoutError", rate=":0.03", settings=_IMPATIENT),
    page("status_429", "Blocked", rate=":0.1", settings=_SHORT_PAUSES),
    page("empty_200", "Blocked", rate=":0.1"),
    page("status_204", "LayoutChanged"),
    page("status_301", "LayoutChanged"),
    page("status_302", "LayoutChanged"),
    page("status_304", "LayoutChanged"),
    page("status_400", "LayoutChanged"),
    page("status_401", "LoginRequired"),
    page("status_403", "Blocked"),
    page("status_404", None),
    page("status_408", "LayoutChanged"),
    page("status_410", None),
    page("status_418", "LayoutChanged"),
    *(page(f"status_{status}", "ServerFailed") for status in _SERVER_ERRORS),
    page("status_999", "ServerFailed"),
    page("length_too_long", "ResponseDataLossError"),
    page("length_too_short", "LayoutChanged"),
    page("chunked_cut", "ResponseDataLossError"),
    page("closed_in_body", "ResponseDataLossError"),
    page("reset_before_answer", "DownloadFailedError"),
    page("reset_in_body", "ResponseDataLossError"),
    page("garbage", "DownloadFailedError"),
    page("long_header", "DownloadFailedError"),
    page("huge_body", "DownloadCancelledError"),
    page("huge_body_unannounced", "DownloadCancelledError"),
    page("gzip_cut", "ResponseDataLossError"),
    mended("gzip_without_trailer"),
    mended("not_gzip"),
    page("gzip_bomb", "Blocked"),
    mended("wrong_charset"),
    mended("gbk_as_gb2312"),
    page("redirect_to_itself", "IgnoreRequest"),
    page("redirect_chain", "IgnoreRequest"),
    page("redirect_offsite", "LeftSite"),
    page("redirect_to_file", "LayoutChanged"),
    page("json_malformed", "LayoutChanged"),
    page("json_cut", "LayoutChanged"),
    mended("html_cut", is_met=False),  # no page that this crawl reads is HTML
    page("changed_layout", "LayoutChanged"),
    page("captcha_page", "Blocked"),
    page("login_page", "LayoutChanged"),
    page("consent_page", "LayoutChanged"),
    likes("next_is_this", failed="LayoutChanged", lost=LIKES_OF_MODEL),
    likes("next_is_earlier", failed="LayoutChanged", lost=LIKES_OF_MODEL - PAGE),
    likes("endless_pages"),
    # The page before the second is the first, that before the third is the true second: only the third's rows are lost.
    likes("page_repeated", lost=LIKES_OF_MODEL - 2 * PAGE, moved=PAGE, missing=LIKES_OF_MODEL - 2 * PAGE),
    likes("rows_repeated", moved=LIKES_OF_MODEL - PAGE),
    likes("rows_moved", lost=6, moved=6, missing=6),
    likes("rows_doubled", moved=LIKES_OF_MODEL - PAGE + 3),
)
"""One case for each fault, in pages of likes."""

LISTS = (
    models("status_429", "blocked", 3, settings=_SHORT_PAUSES),
    models("status_401", "login_required", 3),
    models("status_404", "source_gone", 2),
    models("status_503", "unreachable", 1),
    models("redirect_offsite", "unreachable", 1),
    models("changed_layout", "layout_changed", 4),
    models("captcha_page", "blocked", 3),
    models("next_is_earlier", "layout_changed", 4, lost=LISTED - 2 * PAGE),
    models("endless_pages", "layout_changed", 4, cursor=96, lost=0),
    models("page_repeated", "layout_changed", 4),
    models("rows_repeated", "finished", 0, lost=0),
    models("rows_moved", "finished", 0, lost=3),
    models("rows_doubled", "finished", 0, lost=0, changed={f"models.{name}": 3 for name in _COUNTS}, missing=3),
)
"""Faults in a page of the list of models, on which all the rest hangs: every way in which it can end."""

CASES = {case.fault: case for case in PAGES} | {f"{case.fault}-in-the-list": case for case in LISTS}
