"""Words of the YouTube world: categories as the site has them, and what each topic and each kind of video is called."""

from __future__ import annotations

from dataclasses import dataclass

# The site's category ids and their English names: the Data API says the id, the web pages say the name.
CATEGORIES = {
    1: "Film & Animation",
    2: "Autos & Vehicles",
    10: "Music",
    15: "Pets & Animals",
    17: "Sports",
    19: "Travel & Events",
    20: "Gaming",
    22: "People & Blogs",
    23: "Comedy",
    24: "Entertainment",
    25: "News & Politics",
    26: "Howto & Style",
    27: "Education",
    28: "Science & Technology",
    29: "Nonprofits & Activism",
}
CATEGORY_IDS = {name: number for number, name in CATEGORIES.items()}


@dataclass(frozen=True, slots=True)
class Topic:
    """What one query finds. `correction`: the query as the site would spell it, where the two differ."""

    query: str
    correction: str | None
    phrases: tuple[str, ...]
    instruments: tuple[str, ...]
    tags: tuple[str, ...]
    encyclopedia: tuple[str, ...]
    """Titles of the Wikipedia pages that the Data API files such videos under."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of video: how its titles read, how long it lasts, how many more views than others it draws."""

    name: str
    titles: tuple[str, ...]
    weight: int
    draw: float
    shortest_s: int
    longest_s: int
    category: int


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split("|"))


def _topic(
    query: str, phrases: str, instruments: str, tags: str, encyclopedia: str, correction: str | None = None
) -> Topic:
    return Topic(query, correction, *map(_split, (phrases, instruments, tags, encyclopedia)))


TOPICS = (
    _topic(
        "folk rock",
        "Folk Rock|Indie Folk|70s Folk Rock|Campfire Songs|Folk Revival|Americana",
        "banjo|harmonica|mandolin|twelve-string guitar",
        "folk|folk rock|americana|indie folk|singer songwriter|banjo|roots music|harmonies|campfire",
        "Folk_music|Rock_music|Music",
    ),
    _topic(
        "classical guitar",
        "Classical Guitar|Spanish Guitar|Baroque Prelude|Nocturne for Guitar|Romance|Etude",
        "classical guitar|nylon-string guitar|baroque lute|vihuela",
        "classical guitar|fingerstyle|spanish guitar|etude|prelude|nylon strings|recital|solo guitar|virtuoso",
        "Classical_music|Music",
    ),
    _topic(
        "acustic rock",
        "Acoustic Rock|Unplugged|Acoustic Session|Stripped Down|Acoustic 90s Rock|Garage Unplugged",
        "acoustic guitar|cajon|steel-string guitar|ukulele",
        "acoustic|acoustic rock|unplugged|rock ballad|acoustic session|chords|strumming|stripped|ballads",
        "Rock_music|Music",
        "acoustic rock",
    ),
    _topic(
        "orchestral rock",
        "Orchestral Rock|Symphonic Rock|Rock Opera|Rock with Orchestra|Epic Symphonic Metal|Film Score Rock",
        "timpani|electric violin|French horn|church organ",
        "orchestra|symphonic|symphonic rock|rock opera|philharmonic|choir|epic music|conductor|strings",
        "Rock_music|Classical_music|Music",
    ),
    _topic(
        "cello songs",
        "Cello Songs|Cello Duet|Cello and Piano|Cello Suite|Sad Cello|Cello Meditation",
        "cello|piano|double bass|electric cello",
        "cello|cello cover|cello suite|strings|relaxing music|duet|bowing|chamber music|instrumental",
        "Classical_music|Music",
    ),
    _topic(
        "brazilian rock",
        "Rock Brasileiro|Rock Nacional Anos 80|Brazilian Rock|Tropicália|Rock Gaúcho|MPB e Rock",
        "guitarra|viola caipira|bateria|cavaquinho",
        "rock nacional|rock brasileiro|anos 80|brasil|brazilian rock|mpb|ao vivo|tropicalia|banda",
        "Rock_music|Music_of_Latin_America|Music",
    ),
)


# Official videos and whole albums draw many views, lessons and talk few: a classifier of titles can learn that.
KINDS = (
    Kind("official", ("{song} (Official Video)", "{song} [Official Music Video] - {phrase}"), 20, 14.0, 150, 330, 10),
    Kind("album", ("{phrase} - Full Album", "{song}: The Complete Album ({year})"), 8, 6.0, 1900, 4300, 10),
    Kind("mix", ("Best of {phrase} - {number} Greatest Hits", "{phrase} Mix {year}"), 12, 5.0, 3000, 40_000, 10),
    Kind("live", ("{song} - Live at {place}", "{phrase} live in {place}, {year}"), 16, 1.5, 180, 6500, 10),
    Kind("cover", ("{song} ({instrument} cover)", "{song} - {phrase} Cover"), 18, 0.7, 120, 360, 10),
    Kind(
        "lesson", ("How to play {song} | {instrument} lesson", "{instrument} tutorial: {song}"), 14, 0.4, 240, 1900, 27
    ),
    Kind("reaction", ("First time hearing {song}! (Reaction)", "Reacting to {phrase}"), 7, 0.3, 400, 1500, 24),
    Kind("gear", ("My {instrument} after {number} days", "Unboxing a {instrument}"), 5, 0.2, 200, 1200, 28),
)

SHORT_TITLES = ("{song} in 30 seconds #shorts", "This {instrument} solo 🔥 #shorts", "Wait for it... {phrase} #shorts")
LIVE_TITLES = ("🔴 LIVE: {phrase} radio 24/7", "LIVE NOW | {phrase} from {place}")
UPCOMING_TITLES = ("{song} - Premiere", "{phrase} night: concert from {place}")

ADJECTIVES = _split(
    "Silver|Broken|Northern|Hollow|Golden|Restless|Paper|Midnight|Salt|Wooden|Distant|Crimson|Quiet|Wild|Burning|Slow"
)
NOUNS = _split(
    "River|Morning|Harbour|Orchard|Letters|Thunder|Lanterns|Valley|Sparrow|Avenue|Winter|Mirrors|Tide|Garden|Train|Moon"
)
PLACES = _split("Red Hall|the Old Mill|Porto|Lighthouse Studio|the Town Square|Teatro Azul|Room 9|Harbour Stage")
COMMON_TAGS = _split("music|rock|song|guitar|live|official|2024|cover|new music|playlist|lyrics|tutorial")

SENTENCES = (
    "Recorded in one take on a rainy afternoon.",
    "Thanks for listening! Like and subscribe for more.",
    "00:00 Intro\n01:12 Verse\n02:45 Solo\n03:50 Outro",
    "All rights belong to their owners.",
    "Tabs and chords are on the next page of the book.",
    "Filmed with two cameras, mixed at home.",
    "This is the third song of the new record.",
    "Música gravada ao vivo, sem cortes.",
    "練習の動画です。よろしくお願いします。",
    "Спасибо за просмотр!",
    "#music #live #newsong",
)

# Titles that break careless code: none at all, other scripts, joined emoji, entities, the marker of a page's JSON.
ODD_TITLES = (
    "",
    "Rock & Roll &amp; \"Folk\" — it's 'live'",
    "What is `var ytInitialData = {};` doing in the page?",
    "大提琴 与 摇滚 · 现场",
    "アコースティック・ロック（公式）",
    "موسيقى هادئة \u200f🎻",
    "Русский рок | лучшее",
    "👩‍🎤 Sing along 👨‍👩‍👧‍👦 🎸",
    "e\u0301tude ｎｏ．１　",
    "=SUM(A1:A9)",
    "back\\slash \\u0026 \\x22 and }; end",
    "zero\u200bwidth\u2060 and \u202eoverride",
)

# All countries of ISO 3166-1, 249, as the site lists them for a video that can be watched everywhere.
COUNTRIES = tuple(
    """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC
    CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD
    GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH
    KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW
    MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC
    SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY
    UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
    """.split()  # noqa: SIM905 - as a list it would fill pages
)
