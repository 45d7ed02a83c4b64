"""Words of the Sketchfab world: categories and licences as the site has them, and what each taste group speaks of."""

from __future__ import annotations

from dataclasses import dataclass

# slug: (uid, name); all 18 of the site.
CATEGORIES = {
    "animals-pets": ("ed9e048550b2478eb1ab2faaba192832", "Animals & Pets"),
    "architecture": ("f825c721edb541dbbc8cd210123616c7", "Architecture"),
    "art-abstract": ("e56c5de1e9344241909de76c5886f551", "Art & Abstract"),
    "cars-vehicles": ("22a2f677efad4d7bbca5ad45f9b5868e", "Cars & Vehicles"),
    "characters-creatures": ("2d643ff5ed03405b9c34ecdffff9d8d8", "Characters & Creatures"),
    "cultural-heritage-history": ("86f23935367b4a1f9647c8a20e03d716", "Cultural Heritage & History"),
    "electronics-gadgets": ("d7cebaeca8604ebab1480e413404b679", "Electronics & Gadgets"),
    "fashion-style": ("81bfbbfa2c9b4f218eed8609e3cf7aa6", "Fashion & Style"),
    "food-drink": ("b3631aefd82b4eeba37aa5fc0b73b05a", "Food & Drink"),
    "furniture-home": ("606f202e5a3c4e62bf9aab1cd9f63e1b", "Furniture & Home"),
    "music": ("357487fbb30a44ee8a0adf9b24829919", "Music"),
    "nature-plants": ("1a99e2b67fc84de0b3ea0d3925208a04", "Nature & Plants"),
    "news-politics": ("34edc263260f43e693ed527495b6d9a4", "News & Politics"),
    "people": ("93e6d27da62149c6b963039835f45997", "People"),
    "places-travel": ("c51b29706d4e4e93a82e5eea7cbe6f91", "Places & Travel"),
    "science-technology": ("17d20ca7b35243d4a45171838b50704c", "Science & Technology"),
    "sports-fitness": ("ac8a0065d9e34fca8a3ffa9c6db39bff", "Sports & Fitness"),
    "weapons-military": ("3badf36bd9f549bdba295334d75e04d3", "Weapons & Military"),
}


@dataclass(frozen=True, slots=True)
class License:
    """A licence; lists say uid and label only."""

    slug: str
    uid: str
    label: str
    weight: int


LICENSES = (
    License("by", "322a749bcfa841b29dff1e8a1bb74b0b", "CC Attribution", 60),
    License("by-sa", "b9ddc40b93e34cdca1fc152f39b9f375", "CC Attribution-ShareAlike", 7),
    License("by-nd", "72360ff1740d419791934298b8b6d270", "CC Attribution-NoDerivs", 2),
    License("by-nc", "bbfe3f7dbcdd4122b966b85b9786a989", "CC Attribution-NonCommercial", 12),
    License("by-nc-sa", "2628dbe5140a4e9592126c8df566c0b7", "CC Attribution-NonCommercial-ShareAlike", 6),
    License("by-nc-nd", "34b725081a6a4184957efaec2cb84ed3", "CC Attribution-NonCommercial-NoDerivs", 4),
    License("cc0", "7c23a1ba438d4306920229c12afcb5f9", "CC0 Public Domain", 5),
    License("st", "783b685da9bf457d81e829fa283f3567", "Standard", 3),
    License("ed", "5b54cf13b1a4422ca439696eb152070d", "Editorial", 1),
)


@dataclass(frozen=True, slots=True)
class Group:
    """A taste: what its models are filed under, called and tagged with. `hints` find it in a real model's name."""

    categories: tuple[str, ...]
    things: tuple[str, ...]
    tags: tuple[str, ...]
    hints: frozenset[str]


def _group(categories: str, things: str, tags: str, hints: str = "") -> Group:
    lower = frozenset(thing.lower() for thing in _words(things))
    return Group(_words(categories), _words(things), _words(tags), lower | frozenset(hints.split()))


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


GROUPS = (
    _group(
        "characters-creatures people",
        "Dragon Orc Goblin Demon Wizard Knight Golem Mermaid Werewolf Minotaur Imp Titan",
        "creature fantasy monster character sculpt zbrush rigged beast horns claws mythical hero demonic undead boss",
        "monster creature character warrior hero zombie alien ghost skeleton mage king beast skull spider angel",
    ),
    _group(
        "weapons-military",
        "Sword Axe Rifle Dagger Crossbow Shield Helmet Cannon Revolver Halberd Mace Tank",
        "weapon sword gun military blade medieval-weapon fps gameasset prop ammo soldier steel melee ranged armour",
        "gun pistol shotgun grenade sniper armor soldier war battle weapon blade turret tanks",
    ),
    _group(
        "cars-vehicles sports-fitness",
        "Roadster Truck Motorbike Tractor Spaceship Airship Submarine Locomotive Hovercraft Van Buggy Glider",
        "car vehicle racing engine wheels spaceship truck transport motor chrome driving garage turbo aircraft boat",
        "car ship bike boat vehicle spaceship fighter cruiser train plane racer",
    ),
    _group(
        "architecture furniture-home places-travel",
        "House Tower Castle Bridge Cottage Temple Staircase Lighthouse Apartment Balcony Chair Lamp",
        "building interior architecture house room furniture archviz city street window brick wood modern village",
        "room city building church table door interior scene island village dungeon wall street",
    ),
    _group(
        "cultural-heritage-history art-abstract",
        "Statue Bust Amphora Relief Sarcophagus Fresco Coin Idol Column Mosaic Urn Stele",
        "photogrammetry scan museum heritage archaeology statue marble ancient history culture artifact stone bronze",
        "sculpture scan museum stone roman tomb portrait mask bronze fountain head cranium dst",
    ),
    _group(
        "science-technology electronics-gadgets news-politics",
        "Robot Drone Microscope Satellite Circuit Molecule Rover Antenna Reactor Keyboard Camera Engine",
        "robot scifi tech science machine electronics mechanical space hardsurface future anatomy medical satellite",
        "mech bot machine station sci scifi anatomy mecha space futuristic panel",
    ),
    _group(
        "nature-plants animals-pets food-drink",
        "Fox Oak Mushroom Owl Fern Cactus Whale Pear Bread Beetle Pond Heron",
        "nature animal plant tree forest flower bird fish organic wildlife garden leaf fruit rocks landscape",
        "tree cat dog rock wolf deer bear horse lion fish bird elephant plant shark forest",
    ),
    _group(
        "fashion-style music people",
        "Dancer Singer Gown Sneaker Guitar Pony Heroine Mascot Violin Jacket Doll Schoolgirl",
        "anime cartoon cute chibi stylized toon fanart cosplay outfit music handpainted pretty kawaii girl colorful",
        "girl fanart fan pokemon chibi anime cartoon lady santa bunny pony freddy mario legends",
    ),
)

COMMON_TAGS = _words(
    "3d blender maya 3dsmax substance-painter low-poly lowpoly pbr game-ready gameart free download fbx obj stl glb "
    "textured animated render unity unreal 3d-printing sketch wip art design realistic stylised highpoly marmoset "
    "photoshop practice contest daily portfolio student project voxel props scene retro"
)
ADJECTIVES = _words(
    "Ancient Tiny Broken Golden Frozen Rusty Lowpoly Hand-painted Forgotten Burning Silent Crooked Mossy Little "
    "Crimson Hollow Wandering Old Painted Wooden"
)
SUFFIXES = ("", "", "", "", " v2", " (WIP)", " - final", " study", " | game asset", " #3", " set", " diorama")

SENTENCES = (
    "Made in an evening to try a new brush.",
    "Game ready, 2048 textures, two materials.",
    "Modelled in Blender and painted in Substance.",
    "Feedback is welcome!",
    "Part of a series, more to come.",
    "This is my first upload here :)",
    "Scanned with 120 photos under a cloudy sky.",
    "Sculpted from memory, retopology by hand.",
    "Based on a concept of my own.",
    "**Free** for personal use.\n\n- 4k maps\n- clean topology",
    "<p>Low poly version for mobile &amp; VR.</p>",
    "用Blender做的练习作品，喜欢的话请点赞。",
    "初めて作ったモデルです。よろしくお願いします。",
    "نموذج تجريبي، شكرا للمشاهدة",
    "Сделано за выходные.",
)
# Comments; some name the uploader of the model, or sign with the writer's own name.
REMARKS = (
    "Great work!",
    "Love the colours.",
    "Wow @{uploader}, how long did this take?",
    "Thanks @{uploader}!",
    "Can I use it in a game? Write to {name}@mail.example.org",
    "素晴らしい!",
    "太棒了",
    "Nice topology - {name}",
    "See mine at https://sketchfab.com/{name}",
)
# Names that break careless code: other scripts, joined emoji, right to left, separators, NUL, half a surrogate pair.
ODD_NAMES = (
    "龙与剑 · 场景",
    "ドラゴンの森",
    "تنين صغير \u200fv2",
    "Дракон | старый | замок",
    "👩‍🚀 Space girl 🚀",
    "  leading and trailing  ",
    "\nNewline first",
    "back\\slash \\ and | pipe",
    'He said "hi", twice',
    "nul\x00inside",
    "half a pair \ud83d here",
    "\udc00 starts low",
    "ｆｕｌｌ　ｗｉｄｔｈ",
    "zero\u200bwidth\ufeff",
    "é combining: e\u0301",
    "=SUM(A1:A9)",
)
