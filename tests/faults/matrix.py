"""What a crawl must make of every fault of the sandbox: where it is met, how the crawl ends, what the tables lack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sandbox.faults import FAULTS
from sandbox.worlds import World

SIZE = 120
PAGE = 24
_WORLD = World(size=SIZE).sketchfab
_LISTED = sum(model.like_count >= 5 for model in _WORLD.models)
MODELS = [model.model_id for model in _WORLD.models[2:_LISTED:9]]
"""Models whose pages of likes may be faulty, one a fault, far enough from each other for good pages to come between.
The likes of the first fill three pages, the last of them not quite."""


def likes_of(model_id: str) -> int:
    """How many people like a model."""
    return _WORLD.by_id[model_id].like_count


@dataclass(frozen=True)
class Case:
    """A crawl of a world in which some faults that are alike are met."""

    always: Mapping[str, str]
    """For each of its faults the entry of `--faults` by which some pages always have it."""
    others: tuple[str, ...] = ()
    """Further entries: every other page has one of the faults once, or some have."""
    reason: str = "finished"
    code: int = 0
    failed: str | None = None
    """Why each of the faulty pages becomes a dead letter; None if they do not."""
    lost: Mapping[str, int] = field(default_factory=dict)
    """Rows that are not published, by table; of a crawl that did not finish, the models only."""
    changed: Mapping[str, int] = field(default_factory=dict)
    """Rows of which one column is published otherwise than without faults, by table and column."""
    missing: int = 0
    """Likes of which the manifest says that models state them and their lists lack them."""
    is_met: bool = True
    """Whether a page of this crawl can have the fault."""
    settings: tuple[str, ...] = ()

    @property
    def spec(self) -> str:
        """As in `--faults`."""
        return ",".join((*self.always.values(), *self.others))

    @property
    def dead_letters(self) -> dict[str, int]:
        """Their number by reason."""
        return {self.failed: len(self.always)} if self.failed else {}


def _entry(fault: str, where: str) -> str:
    return f"{fault}@{where}" if FAULTS[fault].lasting else f"{fault}@{where}:xall"


def _pages_of(model_id: str) -> str:
    return f"/i/likes?count=24&model={model_id}"


def pages(*faults: str, failed: str | None, rate: float = 1.0, settings: tuple[str, ...] = ()) -> Case:
    """The likes of one model a fault always have it; those that heal are shared out among all other pages of the crawl,
    or a `rate` of them, each of which has one of them once."""
    models = dict(zip(faults, MODELS, strict=False))
    healing = [fault for fault in faults if FAULTS[fault].heals]
    others = [f"{fault}:{rate / (len(healing) - place):.3f}" for place, fault in enumerate(healing)]
    return Case(
        {fault: _entry(fault, _pages_of(model)) for fault, model in models.items()},
        (*others, "per_url=1"),
        failed=failed,
        lost={"likes": sum(map(likes_of, models.values()))},
        settings=settings,
    )


def mended(fault: str, *, is_met: bool = True) -> Case:
    """All pages of the crawl have the fault always, and it costs nothing."""
    return Case({fault: f"{fault}:xall"}, is_met=is_met)


def likes(fault: str, *, failed: str | None = None, lost: int = 0, moved: int = 0, missing: int = 0) -> Case:
    """The pages of one model's likes have a fault of lists; `moved` likes have another position."""
    return Case(
        {fault: _entry(fault, _pages_of(MODELS[0]))},
        failed=failed,
        lost={"likes": lost} if lost else {},
        changed={"likes.position": moved} if moved else {},
        missing=missing,
    )


def in_the_list(
    fault: str,
    reason: str,
    code: int,
    *,
    cursor: int = PAGE,
    lost: int = _LISTED - PAGE,
    changed: Mapping[str, int] | None = None,
    missing: int = 0,
    settings: tuple[str, ...] = (),
) -> Case:
    """A page of the list of models always has the fault: by default the second."""
    return Case(
        {fault: _entry(fault, f"/v3/search?count=24&cursor={cursor}")}, (), reason, code,
        lost={"models": lost} if lost else {}, changed=changed or {}, missing=missing, settings=settings,
    )  # fmt: skip


# A page that never comes costs a time-out each time it is asked for.
_IMPATIENT = ("-s", "DOWNLOAD_TIMEOUT=1.5", "-s", "RETRY_TIMES=1")
_SHORT_PAUSES = ("-s", "BACKOFF_FIRST_S=0.002")
# A wall is a page's own only while other pages are good: sixteen at once might all be read before it was met ten times.
_FEW_AT_ONCE = (*_SHORT_PAUSES, "-s", "CONCURRENT_REQUESTS_PER_DOMAIN=4")
_COUNTS = ("like_count", "view_count", "comment_count", "animation_count", "face_count", "vertex_count")
_FIRST = likes_of(MODELS[0])

PAGES = (
    # Those that wait first, so that the others run meanwhile.
    pages("status_429", "status_429_seconds", "status_429_date", failed="Blocked", rate=0.06, settings=_FEW_AT_ONCE),
    pages("status_503_seconds", "status_503_date", failed="ServerFailed", rate=0.04),
    pages("hang", "slow_loris", "slow_answer", failed="DownloadTimeoutError", rate=0.06, settings=_IMPATIENT),
    pages(
        "status_500", "status_502", "status_503", "status_504", "status_520", "status_521", "status_522", "status_523",
        "status_524", "status_530", "status_999", failed="ServerFailed",
    ),
    pages("reset_before_answer", "garbage", "long_header", failed="DownloadFailedError"),
    pages(
        "length_too_long", "chunked_cut", "reset_in_body", "closed_in_body", "gzip_cut", failed="ResponseDataLossError"
    ),
    pages("huge_body", "huge_body_unannounced", failed="DownloadCancelledError"),
    pages("empty_200", "status_403", "captcha_page", "gzip_bomb", failed="Blocked", rate=0.1),
    pages("status_401", failed="LoginRequired"),
    pages("status_404", "status_410", failed=None),
    # Of more such pages, the crawl would take the site to have changed.
    pages("status_204", "status_301", failed="LayoutChanged"),
    pages("status_302", "status_304", failed="LayoutChanged"),
    pages("status_400", "status_408", failed="LayoutChanged"),
    pages("status_418", "length_too_short", failed="LayoutChanged"),
    pages("json_malformed", "json_cut", failed="LayoutChanged"),
    pages("changed_layout", "redirect_to_file", failed="LayoutChanged"),
    pages("login_page", "consent_page", failed="LayoutChanged"),
    pages("redirect_to_itself", "redirect_chain", failed="IgnoreRequest"),
    pages("redirect_offsite", failed="LeftSite"),
    mended("not_gzip"),
    mended("gzip_without_trailer"),
    mended("wrong_charset"),
    mended("gbk_as_gb2312"),
    mended("html_cut", is_met=False),  # no page that this crawl reads is HTML
    likes("next_is_this", failed="LayoutChanged", lost=_FIRST),
    likes("next_is_earlier", failed="LayoutChanged", lost=_FIRST - PAGE),
    likes("endless_pages"),
    # The page before the second is the first, that before the third is the true second: only the third's rows are lost.
    likes("page_repeated", lost=_FIRST - 2 * PAGE, moved=PAGE, missing=_FIRST - 2 * PAGE),
    likes("rows_repeated", moved=_FIRST - PAGE),
    likes("rows_moved", lost=6, moved=6, missing=6),
    likes("rows_doubled", moved=_FIRST - PAGE + 3),
)  # fmt: skip
"""Every fault once, in pages of likes."""

LISTS = (
    in_the_list("status_429", "blocked", 3, settings=_SHORT_PAUSES),
    in_the_list("status_401", "login_required", 3),
    in_the_list("status_404", "source_gone", 2),
    in_the_list("status_503", "unreachable", 1),
    in_the_list("redirect_offsite", "unreachable", 1),
    in_the_list("changed_layout", "layout_changed", 4),
    in_the_list("captcha_page", "blocked", 3),
    in_the_list("next_is_earlier", "layout_changed", 4, lost=_LISTED - 2 * PAGE),
    in_the_list("endless_pages", "layout_changed", 4, cursor=4 * PAGE, lost=0),
    in_the_list("page_repeated", "layout_changed", 4),
    in_the_list("rows_repeated", "finished", 0, lost=0),
    in_the_list("rows_moved", "finished", 0, lost=3),
    # One of the three models has no count of faces.
    in_the_list(
        "rows_doubled",
        "finished",
        0,
        lost=0,
        missing=3,
        changed={f"models.{name}": 3 for name in _COUNTS} | {"models.face_count": 2},
    ),
)
"""Faults in a page of the list of models, on which all the rest hangs: every way in which it can end."""

CASES: dict[str, Case] = {fault: case for case in PAGES for fault in case.always} | {
    f"{fault}-in-the-list": case for case in LISTS for fault in case.always
}
"""By fault; faults that are alike share a case, and thereby a crawl."""
