"""Kortaktiveringskontor: the list an operator keeps, and which of them suits a town."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import yaml
from rapidfuzz import fuzz, process
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.base import Events, SupportAction
from actions.turn import Turn, plain

_CATALOGUE = Path(__file__).resolve().parents[1] / "data" / "catalogue"
_EARTH_RADIUS_KM = 6371.0
# A word this like a town's name (0..100) is that town, misspelt.
_ALIKE = 88
_SHORTEST_FUZZY = 5


@dataclass(frozen=True)
class Office:
    """One office as the catalogue names it."""

    town: str
    name: str
    address: str
    contact: str
    hours: str
    latitude: float
    longitude: float

    @property
    def line(self) -> str:
        """All about it on one line."""
        return f"{self.name}, {self.address}. Kontakt: {self.contact}. {self.hours}."


@lru_cache(maxsize=1)
def load_offices(path: Path = _CATALOGUE / "activation_offices.yml") -> tuple[Office, ...]:
    """The offices in the catalogue; none is a valid list."""
    return tuple(Office(**entry) for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["offices"])


@lru_cache(maxsize=1)
def load_towns(path: Path = _CATALOGUE / "towns.yml") -> dict[str, tuple[str, float, float]]:
    """Plain name → the town's name, latitude and longitude in degrees."""
    towns = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {plain(name): (name, *place) for name, place in towns.items()}


def find_town(text: str, towns: dict[str, tuple[str, float, float]]) -> str | None:
    """The plain name of the town that `text` mentions, also in the genitive or misspelt."""
    tokens = plain(text).split()
    candidates = [*tokens, *map(" ".join, pairwise(tokens))]
    for token in candidates:
        for form in (token, token.removesuffix("s")):
            if form in towns:
                return form
    for token in candidates:
        alike = process.extractOne(token, list(towns), scorer=fuzz.ratio, score_cutoff=_ALIKE)
        if alike and len(token) >= _SHORTEST_FUZZY:
            return str(alike[0])
    return None


def kilometres(first: tuple[float, float], second: tuple[float, float]) -> float:
    """Distance between two places (latitude, longitude in degrees) as the crow flies."""
    (lat1, lon1), (lat2, lon2) = (tuple(map(math.radians, place)) for place in (first, second))
    half = (
        math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    )
    return 2 * _EARTH_RADIUS_KM * math.asin(math.sqrt(half))


def utter_offices(dispatcher: CollectingDispatcher, turn: Turn) -> None:
    """Say which office suits the town in `turn`; without a list, where the list is."""
    offices, towns = load_offices(), load_towns()
    if not offices:
        dispatcher.utter_message(response="utter_offices_on_page")
        return
    names = {plain(office.town): (office.town, office.latitude, office.longitude) for office in offices}
    town = find_town(turn.text, {**towns, **names})
    if town is None:
        dispatcher.utter_message(
            response="utter_offices_which_town", towns=", ".join(sorted({office.town for office in offices}))
        )
        return
    here = [office for office in offices if plain(office.town) == town]
    if here:
        dispatcher.utter_message(
            response="utter_offices_in_town",
            town=here[0].town,
            offices="\n".join(f"- {o.line}" for o in here),
        )
        return
    name, latitude, longitude = towns[town]
    nearest = min(
        offices, key=lambda office: kilometres((latitude, longitude), (office.latitude, office.longitude))
    )
    there = "\n".join(f"- {office.line}" for office in offices if office.town == nearest.town)
    dispatcher.utter_message(response="utter_offices_nearest", town=name, nearest=nearest.town, offices=there)


class FindActivationOffice(SupportAction):
    """Answers where an office is."""

    action_name = "action_find_activation_office"

    async def answer(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events:
        """See the base class."""
        utter_offices(dispatcher, turn)
        return []
