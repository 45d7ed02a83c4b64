"""The world of Weibo: the same on every machine, found whole from its root, full of what a crawl can stumble over."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from sandbox.worlds import World, WorldError
from sandbox.worlds.weibo import Crawled, WeiboWorld
from sandbox.worlds.weibo_ids import bid_of, picture_prefixes
from sandbox.worlds.weibo_people import ROOT_UID
from tests.sandbox.weibo_site import Asking, some


@pytest.fixture(scope="module")
def weibo() -> WeiboWorld:
    return World().weibo


@pytest.fixture(scope="module")
def crawled(weibo: WeiboWorld) -> Crawled:
    return weibo.crawl(users=0)


@pytest.fixture
def real_graph(datasets_dir: Path) -> Path:
    directory = datasets_dir / "sina-weibo"
    if not directory.is_dir():
        pytest.skip(f"no dataset at {directory}; DATASETS_DIR names another folder of datasets")
    return directory


def test_ids_are_written_as_the_site_does() -> None:
    assert bid_of("4383183661430868") == "HyTZc60ew"
    assert bid_of("450000000000001").endswith("0001")  # the groups behind the first keep their zeros
    assert picture_prefixes("1669879400")[0] == "63885668"
    assert picture_prefixes("1223178222")[1] == "001kMkx0"
    assert picture_prefixes("6020969248") == ["006ztn9e"]  # too large for 8 hex digits


def test_the_same_arguments_give_the_same_people_lists_and_posts() -> None:
    one, other, third = World(3, 90).weibo, World(3, 90).weibo, World(4, 90).weibo
    assert (one.people, one.followees) == (other.people, other.followees)
    assert [post.text for post in one.by_bid.values()] == [post.text for post in other.by_bid.values()]
    assert one.people[5].uid != third.people[5].uid


@pytest.mark.parametrize("size", [1, 60, 90, 200, 600])
def test_in_a_world_of_any_size_everybody_is_found_from_peking_university(size: int) -> None:
    weibo = World(1, size).weibo
    found = weibo.crawl(users=0)
    assert found.users[0] == weibo.root.uid == ROOT_UID
    assert sorted(found.users) == sorted(weibo.by_uid)
    assert len(set(found.users)) == len(weibo.people) == max(20, size // 3)
    assert len({(source, target) for source, target, _ in found.follows}) == len(found.follows)
    assert all(source != target for source, target, _ in found.follows)


def test_a_crawl_with_a_limit_keeps_the_edges_of_the_page_that_reaches_it(weibo: WeiboWorld) -> None:
    everything, found = weibo.crawl(users=0), weibo.crawl(users=50)
    assert found.discoveries == everything.discoveries[:50]
    assert found.follows == everything.follows[: len(found.follows)]
    last = found.follows[-1][0]
    tried = [uid for uid in found.users if found.follow_status[uid] != "not_tried"]
    assert tried[-1] == last
    assert {target for _, target, _ in found.follows} > set(found.users[1:])


def test_people_mostly_follow_their_own_community(weibo: WeiboWorld, crawled: Crawled) -> None:
    planted = weibo.communities()
    inside = sum(planted[source] == planted[target] for source, target, _ in crawled.follows)
    assert len(set(planted.values())) == 6
    assert inside / len(crawled.follows) > 0.7  # chance would be one in six


def test_a_synthetic_world_has_what_a_crawl_can_stumble_over(weibo: WeiboWorld, crawled: Crawled) -> None:
    assert set(crawled.follow_status.values()) == {"complete", "cut_by_limit", "empty", "hidden", "gone"}
    assert set(crawled.post_status.values()) == {"complete", "cut_by_limit", "empty", "hidden", "gone"}
    lengths = {len(places) for places in weibo.followees}
    assert {0, 10, 20} <= lengths
    assert max(lengths) > 50
    assert any(None in places for places in weibo.followees)
    domains = [person.domain for person in weibo.people if person.domain]
    assert any(domain.isdecimal() for domain in domains)
    assert not set(domains) & set(weibo.by_uid)
    posts = list(weibo.by_bid.values())
    assert len(posts) == len({post.mid for post in posts})
    for trait in ("is_long", "is_retweet", "is_pinned", "has_video", "place", "chain", "pictures"):
        assert any(getattr(post, trait) for post in posts), trait
    assert any(post.is_retweet and post.original is None for post in posts)
    assert any(post.is_retweet and not post.text for post in posts)
    assert any(post.repost_count > 1_000_000 == post.shown_counts[1] for post in posts)
    assert any(post.shown_counts == (0, 0, 0) for post in posts)
    assert all(int(post.mid) > int(post.original.mid) for post in posts if post.original)
    said = "".join(post.text for post in posts)
    assert all(sign in said for sign in ("@", "#", "[doge]", "http://t.cn/", "\n"))
    assert weibo.flickers(weibo.root, 3)


def test_every_name_of_a_canary_world_is_a_token_and_stands_on_its_pages() -> None:
    site = Asking(World(0, 60, canary=True))
    weibo = site.world.weibo
    names = weibo.canaries()
    assert len(names) == len(set(names)) > 2 * len(weibo.people)
    assert all(re.fullmatch("cnry[a-z0-9]{11,16}", name) for name in names)
    served = b""
    for person in weibo.people:
        for what in ("info", "follow", "profile", "profile?page=2"):
            served += b"".join(site.reply(f"/{person.uid}/{what}", account).body for account in site.accounts.names)
    gone = some(weibo.people, is_gone=True)
    unseen = {name for name in names if name.encode() not in served} - set(weibo.names_of(gone))
    assert len(unseen) < len(names) / 10, unseen
    shown = [number for number in weibo.numbers if number.encode() in served]
    assert len(shown) > 2 * len(weibo.people)
    assert any(number.endswith("ly1g") and not number.startswith("00") for number in shown)
    assert any(number.endswith("ly1g") and number.startswith("00") for number in shown)


@pytest.mark.real_world
def test_the_real_graph_is_served_as_it_was_recorded(real_graph: Path) -> None:
    users = pq.read_table(real_graph / "users.parquet").sort_by("user_index").to_pylist()
    edges = pq.read_table(real_graph / "follows.parquet").sort_by("edge_order").to_pylist()
    world = World.load(real_graph)
    for found in (world.weibo.crawl(users=2000), world.weibo.crawl(users=0)):
        assert found.users == [user["user_id"] for user in users]
        assert [depth for _, _, depth, _ in found.discoveries] == [user["bfs_depth"] for user in users]
        assert [edge[:2] for edge in found.follows] == [(edge["source_id"], edge["target_id"]) for edge in edges]
        for user in users[:70]:
            expected = "complete" if user["expanded"] else "hidden"
            assert found.follow_status[user["user_id"]] == expected
    assert max(rank for _, _, rank in found.follows) <= 50
    assert (world.size, world.pseudonym_key) == (2000, None)


@pytest.mark.real_world
def test_a_part_of_the_real_graph_is_its_beginning(real_graph: Path, tmp_path: Path) -> None:
    weibo = World.load(real_graph, size=60).weibo
    assert len(weibo.people) == len(weibo.crawl(users=0).users) == 60
    with pytest.raises(WorldError, match="more than the 2000 users"):
        World.load(real_graph, size=2001)
    (tmp_path / "follows.parquet").write_text("no parquet")
    with pytest.raises(WorldError, match="cannot be read as sina-weibo"):
        World.load(tmp_path)
