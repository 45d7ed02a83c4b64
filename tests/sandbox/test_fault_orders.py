"""How orders of faults are understood, applied, shown and ended."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from sandbox.faults import FAULTS, Asked, Raw
from sandbox.faults.orders import FaultError, Orders
from sandbox.faults.standing import Standing
from sandbox.sites import Reply, SiteRequest
from tests.sandbox.html_site import Pages
from tests.sandbox.test_sandbox_server import API, REPOSITORY
from tests.sandbox.wire import FIRST, Faulty


def _standing(spec: str, seed: int = 0) -> Standing:
    return Standing(Orders.parse(spec, hosts=(*Pages.hosts, "other.example"), seed=seed))


def _asked(target: str, host: str = Pages.hosts[0]) -> Asked:
    return Asked(Pages(), host, target)


def _hit(standing: Standing, target: str, host: str = Pages.hosts[0]) -> str:
    """The template of what went wrong, without ``(fault )``; empty where nothing did."""
    answer = standing.answer(_asked(target, host))
    return answer.template.removeprefix("(fault ").removesuffix(")") if answer else ""


def _hits(spec: str, targets: list[str], seed: int = 0) -> dict[str, str]:
    standing = _standing(spec, seed)
    return {target: _hit(standing, target) for target in targets}


TARGETS = [f"/page/{number}" for number in range(4000)]


def test_a_rate_is_a_share_of_the_requests() -> None:
    hits = Counter(_hits("503:0.1,gzip_cut:0.9,json_cut:0.9,502:0.05", TARGETS).values())
    assert hits["status_503"] == pytest.approx(400, rel=0.15)
    assert hits["status_502"] == pytest.approx(180, rel=0.2)
    assert hits.keys() == {"status_503", "status_502", ""}


def test_what_goes_wrong_depends_on_seed_and_url_and_not_on_order() -> None:
    hits = _hits("503:0.1,all:0.1", TARGETS)
    assert _hits("503:0.1,all:0.1", TARGETS[::-1]) == hits
    assert _hits("503:0.1,all:0.1", TARGETS, seed=1) != hits
    assert _hits("503:0.1,all:0.1,seed=1", TARGETS) == _hits("503:0.1,all:0.1", TARGETS, seed=1)


def test_another_entry_does_not_change_what_an_entry_hits() -> None:
    alone = _hits("503:0.1", TARGETS)
    both = _hits("502:0.01,503:0.1", TARGETS)
    assert all(both[target] in {hit, "status_502"} for target, hit in alone.items())


@pytest.mark.parametrize(
    ("spec", "hits"),
    [
        ("503", ["status_503", "", "", "", ""]),
        ("503:x3", ["status_503", "status_503", "status_503", "", ""]),
        ("503:xall", ["status_503"] * 5),
        ("503,502", ["status_503", "status_502", "", "", ""]),
        ("503,502,500,408", ["status_503", "status_502", "", "", ""]),
        ("503,502,500,408,per_url=3", ["status_503", "status_502", "status_500", "", ""]),
        ("503,502,500:x1", ["status_503", "status_502", "status_500", "", ""]),
        ("404", ["status_404"] * 5),
        ("404:x2", ["status_404", "status_404", "", "", ""]),
    ],
)
def test_a_url_fails_so_many_times_and_then_no_more(spec: str, hits: list[str]) -> None:
    standing = _standing(spec)
    assert [_hit(standing, "/page") for _ in range(5)] == hits


def test_a_lasting_fault_belongs_to_the_url() -> None:
    standing = _standing("410:0.1")
    times = [[_hit(standing, target) for target in TARGETS[:1000]] for _ in range(3)]
    assert times[0] == times[1] == times[2]
    assert times[0].count("status_410") == pytest.approx(100, rel=0.3)


def test_all_means_every_fault_that_asking_again_mends() -> None:
    hits = set(_hits("all", TARGETS).values())
    of_html = {name for name, fault in FAULTS.items() if fault.heals} - {name for name in FAULTS if "json_" in name}
    assert hits == of_html - {"gzip_cut", "gzip_without_trailer", "not_gzip"}
    assert not hits & {"status_404", "status_401", "gzip_bomb", "login_page", "rows_moved", "redirect_to_itself"}


@pytest.mark.parametrize(
    ("spec", "host", "target", "hit"),
    [
        ("503@/a", "pages.example", "/abc", True),
        ("503@/a", "pages.example", "/b/a", False),
        ("503@/a?x=1", "other.example", "/a?x=1&y=2", True),
        ("503@other.example", "other.example", "/a", True),
        ("503@other.example/a", "pages.example", "/a", False),
        ("503", "pages.example", "/robots.txt", False),
        ("503@/", "pages.example", "/robots.txt", False),
        ("503@/robots.txt", "pages.example", "/robots.txt", True),
        (" 503@/b:1.0 ;; 503@/a:x1 ", "pages.example", "/a", True),
    ],
)
def test_an_entry_says_where(spec: str, host: str, target: str, *, hit: bool) -> None:
    assert bool(_hit(_standing(spec), target, host)) is hit


def test_a_replaced_page_is_never_asked_of_the_site() -> None:
    class Closed(Pages):
        def respond(self, request: SiteRequest) -> Reply:
            raise AssertionError(request.path)

    answer = _standing("reset_before_answer").answer(Asked(Closed(), "pages.example", "/"))
    assert isinstance(answer, Raw)
    assert _standing("503").answer(Asked(Closed(), "pages.example", "/")) is not None


# Command line and control endpoint.

BAD_SPECS = [
    ("sunshine", "there is no fault 'sunshine'; `scrapy sandbox --list-faults` lists them all"),
    ("gzip_cutt", "did you mean gzip_cut"),
    ("505:0.1", "did you mean status_530, status_520, status_504?"),
    ("503:2", "neither a rate"),
    ("503:0", "neither a rate"),
    ("503:x0", "nor a number of times"),
    ("503:0.1:0.2", "one too many"),
    ("503@", "nothing after the @"),
    ("503@www.example.com/", "names a host without a replica"),
    ("seed=tomorrow", "not a whole number"),
]


@pytest.mark.parametrize(("spec", "reason"), BAD_SPECS)
def test_a_spec_that_makes_no_sense_is_refused_in_one_line(faulty: Faulty, spec: str, reason: str) -> None:
    with pytest.raises(FaultError, match=re.escape(reason)) as refused:
        _standing(spec)
    assert "\n" not in str(refused.value)
    faulty.order("status_418")
    answer = faulty.running.get("any", "/_sandbox/faults", method="POST", body={"spec": f"502,{spec}"})
    assert answer.status == 400
    assert reason in answer.json()["detail"]
    assert faulty.ask(FIRST).status == 418  # what stood still stands


def test_a_bad_spec_on_the_command_line_is_one_line_and_exit_2() -> None:
    command = [sys.executable, "-m", "sandbox", "--size", "5", "--faults", "503:0.1,sunshine"]
    ended = subprocess.run(command, cwd=REPOSITORY, input="", capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (2, "", 1)
    assert "there is no fault 'sunshine'" in ended.stderr


def test_the_seed_is_printed() -> None:
    command = [sys.executable, "-m", "sandbox", "--size", "5", "--seed", "9", "--faults", "503:0.1@/v3/,seed=4"]
    bad = subprocess.run(command, cwd=REPOSITORY, input="", capture_output=True, text=True, check=False)
    assert bad.returncode == 2  # the place stands before the amounts
    for seed, printed in (("", 9), (",seed=4", 4)):
        command[-1] = f"503@/v3/:0.1{seed}"
        ended = subprocess.run(command, cwd=REPOSITORY, input="", capture_output=True, text=True, check=True)
        assert ended.stderr == f"sandbox: faults 503@/v3/:0.1,seed={printed},per_url=2\n"


def test_the_names_of_all_faults_can_be_listed() -> None:
    command = [str(Path(sys.executable).parent / "scrapy"), "sandbox", "--list-faults"]
    listed = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    assert [line.split()[0] for line in listed.splitlines()] == list(FAULTS)
    unread, pipe = os.pipe()
    os.close(unread)  # as of `| head` that has seen enough
    ended = subprocess.run(command, cwd=REPOSITORY, stdout=pipe, stderr=subprocess.PIPE, check=False)
    os.close(pipe)
    assert (ended.returncode, ended.stderr) == (-signal.SIGPIPE, b"")


def test_the_control_endpoint_shows_orders_and_ends_them(faulty: Faulty) -> None:
    faulty.order("503@/v3/search:x2;all:0.001;seed=5")
    assert [faulty.ask(FIRST).status for _ in range(3)] == [503, 503, 200]
    assert faulty.running.get("any", "/_sandbox/faults").json() == {
        "spec": "503@/v3/search:x2,all:0.001,seed=5,per_url=2",
        "seed": 5,
        "per_url": 2,
        "entries": {"503@/v3/search:x2": 2, "all:0.001": 0},
        "served": {"status_503": 2},
    }
    log = faulty.running.get("any", "/_sandbox/requests").json()
    assert log["by_path"][f"{API}(fault status_503)"] >= 2
    ended = faulty.running.get("any", "/_sandbox/faults", method="DELETE").json()
    assert ended == {"spec": "", "entries": {}, "served": {}}
    assert faulty.running.get("any", "/_sandbox/faults", method="POST", body={"sepc": "503"}).status == 400
