"""Response texts with addresses from a file that an operator edits.

A response may name an address as a variable, `{customer_portal}`; the addresses stand in
`data/catalogue/addresses.yml` as name → `{url, text, label}`. An entry without `url` or `text`, such as a
guide that has no page of its own, refers to the support page.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml
from rasa.core.nlg.generator import ResponseVariationFilter
from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot.engine.errors import StartError
from bot.engine.repetition import times_said

CATALOGUE = Path(__file__).resolve().parents[2] / "data" / "catalogue" / "addresses.yml"
FALLBACK_ADDRESS = "support_page"
# An answer given a second time is led in by the first of these; after that the second comes in its place.
SAID_BEFORE, NOTHING_MORE = "utter_said_before", "utter_nothing_more"
_VARIABLE = re.compile(r"{([^\n{}]+?)}")


def load_addresses(path: Path = CATALOGUE) -> dict[str, str]:
    """Name → what to put in the answer (a web address, a telephone number, an e-mail address).

    Raises:
        StartError: the file is missing, is not such a mapping, or an entry needs the support page's
            address and that has none.
    """
    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise StartError(f"{path}: cannot be read ({error.strerror})") from error
    except yaml.YAMLError as error:
        raise StartError(f"{path}: is not valid YAML") from error
    if not isinstance(entries, dict) or not all(isinstance(entry, dict) for entry in entries.values()):
        raise StartError(f"{path}: must map each name to its url, text and label")
    fallback = (entries.get(FALLBACK_ADDRESS) or {}).get("url")
    addresses = {}
    for name, entry in entries.items():
        address = entry.get("url") or entry.get("text") or fallback
        if not address:
            raise StartError(f"{path}: {name} has no url, and neither has {FALLBACK_ADDRESS}")
        addresses[name] = str(address)
    return addresses


def unknown_variables(domain: Domain, addresses: Iterable[str]) -> list[str]:
    """`response: variable` for every variable in a response that is neither a slot nor an address.

    What an action fills when it utters the response is declared in that response: `metadata: {variables:
    [name]}`.
    """
    known = {slot.name for slot in domain.slots} | set(addresses)
    return sorted(
        f"{name}: {variable}"
        for name, variations in domain.responses.items()
        for variation in variations
        for variable in set(_variables(variation)) - known - _declared(variation)
    )


def _declared(variation: dict[str, Any]) -> set[str]:
    metadata = variation.get("metadata")
    return set(metadata.get("variables", ())) if isinstance(metadata, dict) else set()


def _variables(part: Any) -> Iterator[str]:
    if isinstance(part, str):
        yield from _VARIABLE.findall(part)
    elif isinstance(part, dict):
        for key, value in part.items():
            if key not in ("condition", "metadata", "id", "channel"):
                yield from _variables(value)
    elif isinstance(part, list):
        for item in part:
            yield from _variables(item)


class SupportResponses(TemplatedNaturalLanguageGenerator):
    """Rasa's templated responses, which also know the addresses, and what was answered just before."""

    def __init__(
        self,
        endpoint_config: EndpointConfig | None = None,
        domain: Domain | None = None,
        addresses: dict[str, str] | None = None,
    ) -> None:
        """Reads `addresses` from the endpoint's `addresses` file when not given."""
        super().__init__(domain.responses if domain else {})
        path = Path((endpoint_config.kwargs if endpoint_config else {}).get("addresses", CATALOGUE))
        self.addresses = load_addresses(path) if addresses is None else addresses

    def use_domain(self, domain: Domain) -> None:
        """Takes the responses of `domain`.

        Raises:
            StartError: a response uses a variable that nothing fills.
        """
        unknown = unknown_variables(domain, self.addresses)
        if unknown:
            raise StartError(
                f"responses use variables that are neither slot nor address: {', '.join(unknown)}"
            )
        self.responses = domain.responses

    async def generate(
        self, utter_action: str, tracker: DialogueStateTracker, output_channel: str, **kwargs: Any
    ) -> dict[str, Any] | None:
        """See the base class; the answer that the visitor has just had is not only said again."""
        draft = await super().generate(utter_action, tracker, output_channel, **kwargs)
        times = times_said(reversed(tracker.events), utter_action)
        if draft is None or not times:
            return draft
        if times > 1:
            return await super().generate(NOTHING_MORE, tracker, output_channel) or draft
        again = await super().generate(SAID_BEFORE, tracker, output_channel, answer=draft["text"])
        if again is None:
            return draft
        buttons = draft.get("buttons") or []
        more = [button for button in again.get("buttons") or [] if button not in buttons]
        return {**again, "buttons": [*buttons, *more]}

    def _response_variables(  # type: ignore[override]
        self, filled_slots: dict[str, Any], kwargs: dict[str, Any]
    ) -> dict[str, Any]:
        return {**self.addresses, **(filled_slots or {}), **kwargs}

    def _random_response_for(
        self, utter_action: str, output_channel: str, filled_slots: dict[str, Any]
    ) -> dict[str, Any] | None:
        if utter_action not in self.responses:
            return None
        suitable = ResponseVariationFilter(self.responses).responses_for_utter_action(
            utter_action, output_channel, filled_slots
        )
        return random.choice(suitable) if suitable else None  # noqa: S311 - a wording, not a secret
