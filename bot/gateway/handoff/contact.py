"""How a visitor can be reached, read from what they write while they wait for a person."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import phonenumbers
from pydantic import ValidationError

from bot.gateway.schemas import ContactRequest

_COUNTRY: Final = "SE"
_EMAIL: Final = re.compile(r"[^\s@,;:<>()]+@[^\s@,;:<>()]+\.[^\s@,;:<>().!?]{2,}")


@dataclass(frozen=True, slots=True)
class ContactReader:
    """Knows the support's own address and number, which are nobody's to be reached at."""

    own_phone: str
    own_email: str

    def read(self, text: str) -> ContactRequest | None:
        """The first e-mail address and the first telephone number in `text`; None when it has neither.

        A number must be a valid one of Sweden's, or begin with + and a country's own (phonenumbers).
        """
        emails = (found[0] for found in _EMAIL.finditer(text))
        email = next((found for found in emails if found.lower() != self.own_email.lower()), None)
        # Digits of an address are no telephone number.
        numbers = phonenumbers.PhoneNumberMatcher(_EMAIL.sub(" ", text), _COUNTRY)
        phone = next((found.raw_string for found in numbers if not self._is_own(found.number)), None)
        for contact in ({"email": email, "phone": phone}, {"phone": phone}):
            try:
                return ContactRequest.model_validate(contact)
            except ValidationError:
                # No e-mail address after all, or nothing.
                continue
        return None

    def _is_own(self, number: phonenumbers.PhoneNumber) -> bool:
        try:
            own = phonenumbers.parse(self.own_phone, _COUNTRY)
        except phonenumbers.NumberParseException:
            return False
        return (number.country_code, number.national_number) == (own.country_code, own.national_number)
