"""The words that invented films are made of. Each taste group has genres, things and places of its own."""

from __future__ import annotations

from typing import NamedTuple


class Group(NamedTuple):
    """A taste: `genres` by the names that Letterboxd and TMDB use, the first two in most films of the group."""

    genres: tuple[str, ...]
    things: tuple[str, ...]
    adjectives: tuple[str, ...]
    places: tuple[str, ...]


GROUPS = (
    Group(
        ("Horror", "Thriller", "Mystery"),
        ("Cellar", "Lantern", "Whisper", "Marsh", "Sleepwalker", "Orchard", "Thirteenth Guest", "Wax Doll", "Lodger"),
        ("Hollow", "Pale", "Restless", "Drowned", "Crooked", "Unburied"),
        ("Gallow Reach", "the Fen", "Room Nine", "Saltmoor"),
    ),
    Group(
        ("Action", "Science Fiction", "Adventure"),
        ("Orbit", "Courier", "Siege", "Engine", "Signal", "Convoy", "Dreadnought", "Vector", "Last Pilot", "Machine"),
        ("Terminal", "Iron", "Silent", "Seventh", "Burning", "Zero"),
        ("Ganymede", "Sector Five", "the Rim", "New Carthage"),
    ),
    Group(
        ("Romance", "Comedy", "Music"),
        ("Wedding", "Bakery", "Summer", "Letter", "Tandem", "Understudy", "Piano Tuner", "Holiday", "Best Man"),
        ("Perfect", "Second", "Accidental", "Sunny", "Late", "Charming"),
        ("Lake Verano", "Rue Minuit", "Apartment 4B", "Porto Bello"),
    ),
    Group(
        ("Drama", "History", "TV Movie"),
        ("Harvest", "Silence", "Ferryman", "Inheritance", "Winter Light", "Schoolteacher", "Border", "Glass House"),
        ("Long", "Quiet", "Distant", "Unfinished", "Grey", "Ordinary"),
        ("the Estuary", "Lodz Street", "a Small Republic", "the Northern Line"),
    ),
    Group(
        ("Animation", "Family", "Fantasy"),
        ("Dragon", "Tortoise", "Lighthouse", "Moon Rabbit", "Clockmaker", "Cloud Whale", "Fox", "Thimble", "Forest"),
        ("Tiny", "Golden", "Wandering", "Sleepy", "Marvellous", "Paper"),
        ("Puddlewick", "the Hidden Valley", "Tamarind Hill", "the Kite Kingdom"),
    ),
    Group(
        ("Crime", "Western", "War", "Documentary"),
        ("Ledger", "Gunsmith", "Informant", "Railway", "Verdict", "Sheriff", "Trench", "Counterfeiter", "Witness"),
        ("Bitter", "Dusty", "Double", "Dead", "Blind", "Stolen"),
        ("Red Mesa", "Pier 40", "Kilometre 101", "Tribunal Square"),
    ),
)

ENDINGS = ("", "", "", "", "", " II", ": Part Two", " Returns", " Revisited", "!")
FIRST_NAMES = (
    "Alda", "Bruno", "Cosima", "Dario", "Edda", "Farid", "Greta", "Hiro", "Ilse", "Jonas", "Kaya", "Leif", "Mira",
    "Nils", "Oona", "Pavel", "Quirin", "Runa", "Sami", "Tove", "Ulla", "Vito", "Wanda", "Yara", "Zeno",
)  # fmt: skip
LAST_NAMES = (
    "Abendroth", "Brandvold", "Castagne", "Dolezal", "Eskelund", "Farkasdi", "Grunewalt", "Halvorsby", "Ibarola",
    "Jandricek", "Kowaltik", "Lindmarck", "Morvanelli", "Nakahoshi", "Ostrovan", "Pellegrand", "Quispenda",
    "Rasmusberg", "Sorrentis", "Tanigawara", "Ueberfeld", "Vasilenka", "Wintergreen", "Yildizoglu", "Zamoraine",
)  # fmt: skip
STUDIOS = ("Nine Lanterns", "Parallax Works", "Studio Ostra", "Blue Ferry Films", "Kettle & Crane", "Filmhuset Vinter")
# Name on the site, ISO 3166 code, language on the site, ISO 639 code.
COUNTRIES = (
    ("USA", "US", "English", "en"),
    ("UK", "GB", "English", "en"),
    ("France", "FR", "French", "fr"),
    ("Japan", "JP", "Japanese", "ja"),
    ("Germany", "DE", "German", "de"),
    ("South Korea", "KR", "Korean", "ko"),
    ("Brazil", "BR", "Portuguese", "pt"),
    ("India", "IN", "Hindi", "hi"),
)
PLOTS = (
    "A {thing} that nobody claims changes hands three times in one night.",
    "Two strangers reach {place} on the same morning, and neither can leave.",
    "When the {thing} falls silent, the people of {place} must decide whom to believe.",
    "She came back to {place} for a week; that was nine years ago.",
    "An old promise, a {thing}, and the last train from {place}.",
    "The family's \"{thing}\" isn't what the neighbours say it is & never was.",
)
TAGLINES = ("Nobody leaves early.", "You were told.", "It's closer than it looks.", "Some doors open twice.", "Listen.")
REVIEWS = (
    "Saw it twice and would again.",
    "The middle hour drags, but that ending!",
    "Five minutes in I knew.",
    "Lovely to look at <and> not much else.",
)
# What a title may hold that a reader stumbles over: years, quotes, tags, scripts, signs, numbers, no-break spaces.
ODD_TITLES = (
    "1917½",
    "The Year (1984)",
    'Don\'t Say "Never"',
    "Salt & <Pepper>",
    "千の灯籠",
    "Тихий причал",
    "نور الصباح",
    "Amélie's Crème Brûlée",
    "8 1/2 Kilometres to the Sea, or: How the Postmaster of a Very Small Town Lost Three Letters and Found Four",
    "Loud!!! ★★★★",
    "Café\u00a0Minuit",
    "42",
    "🦊",
)
