"""Nobody of Weibo gets out: no nickname, no number of an account in any of its forms, nothing of those that crawl."""

from __future__ import annotations

from sandbox.worlds import World
from tests.crawls.running import Crawls, RunningSandbox, running_sandbox
from tests.crawls.test_canary import everything_written, leaks
from tests.crawls.weibo_tables import IGNORED_ROBOTS


def make_trouble(sandbox: RunningSandbox, canary: str, uid: str) -> None:
    """Failures of every class, each with a name or a number in it."""
    html = {"Content-Type": "text/html; charset=utf-8"}
    page = f"<html><head><title>{canary}的微博</title></head><body><div class='c'>{canary} {uid}</div></body></html>"
    cut = f'<div class="c" id="M_HyTZc60ew"><a href="/u/{uid}">{canary}</a></div>'
    cn, mobile = {"host": "weibo.cn"}, {"host": "m.weibo.cn"}
    sandbox.script(status=500, headers=html, body=page, **cn, after=5, times=4)
    sandbox.script(status=200, headers=html, body=page, **cn, after=12, times=2)  # no page that is known
    sandbox.script(status=200, headers=html, body=f"<html><div class='tip2'>微博[1]</div>{cut}</html>", **cn, after=16)
    sandbox.script(status=404, headers=html, body=page, **cn, path_prefix="/comment/", after=3)  # the root must not go
    sandbox.script(status=302, headers={"Location": f"https://weibo.cn/u/{uid}"}, **cn, after=21, times=2)
    sandbox.script(status=200, body={"ok": 1, "data": {"userInfo": {"id": uid, canary: canary}}}, **mobile, after=3)
    sandbox.script(status=200, body={"ok": 0, "msg": canary}, **mobile, after=5, times=2)


def test_no_name_and_no_number_leaves_the_jobs_directory(crawls: Crawls) -> None:
    world = World(size=60, canary=True).weibo
    numbers = [number.encode() for number in world.numbers]
    with running_sandbox(size=60, canary=True, accounts="account-2=frozen:12,account-3=expired:14") as sandbox:
        named = sandbox.ask("canaries/weibo")
        assert named["numbers"] == world.numbers
        make_trouble(sandbox, named["canaries"][-1], world.people[3].uid)
        root = ("-a", f"root={world.root.uid}")  # stands on the command line, and must not go further
        debug = ("-L", "DEBUG", *IGNORED_ROBOTS, *root)
        feed = crawls.directory / "rows.jsonl"
        first = crawls.crawl(sandbox, *debug, "-O", str(feed), "-a", "comments=true", "-a", "users=15", site="weibo")
        mobile = crawls.crawl(sandbox, *debug, "-a", "source=m", "-a", "users=8", site="weibo")
    shown = crawls.scrapy("jobs", "--accounts").stdout + crawls.scrapy("jobs").stdout
    exported = crawls.scrapy("export", "weibo", str(crawls.directory / "export"))
    assert exported.returncode == 0, exported.stderr
    assert {first.returncode, mobile.returncode} <= {0, 4}, first.stderr + mobile.stderr
    assert crawls.table("posts", "weibo").num_rows > 100
    assert crawls.table("comments", "weibo").num_rows > 100
    assert feed.stat().st_size > 10_000
    printed = (first.stderr, mobile.stderr, shown, exported.stdout)
    assert leaks(crawls, named["canaries"], *printed) == []
    written = list(everything_written(crawls, *printed))
    assert [place for place, text in written for number in numbers if number in text] == []
    # The control: what is not to get out does stand in the jobs.
    private = b"".join(path.read_bytes() for path in crawls.jobs.rglob("*") if path.is_file())
    assert b"cnry" in private
    assert any(number in private for number in numbers)
    assert not any(
        cookie.encode() in private for account in World(size=60).accounts for cookie in account["cookies"].values()
    )
