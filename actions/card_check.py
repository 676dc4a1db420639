"""Looking at the card in the visitor's own reader, through the reader bridge.

What the bridge reports is unverified input: it helps to advise, it never proves who somebody is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.base import Events, SupportAction
from actions.handoff import hand_off
from actions.loop import leave_loop
from actions.orders import parse_hsa_id
from actions.orders.errors import InvalidHsaId
from actions.turn import Turn

# Checked this often with the same finding, a person takes over with the report.
CHECKS_BEFORE_PERSON = 3
# What no step of ours changes, or says nothing about whether the card works.
HARMLESS = ("info", "ok")


@dataclass(frozen=True)
class Advice:
    """What follows a finding.

    Attributes:
        step: the guide step to go on with, `guide/step`; or None.
        form: the order form to start; or None.
    """

    step: str | None = None
    form: str | None = None


# One next step for each finding (docs/reader-bridge.md); what is said is `utter_finding_<code>`.
ADVICE = {
    "PIN_LOCKED": Advice(step="unlock_card/have_puk"),
    "CERTIFICATE_EXPIRED": Advice(step="update_siths_eid/follow_guide"),
    "CERTIFICATE_EXPIRES_SOON": Advice(step="update_siths_eid/follow_guide"),
    "NO_READER": Advice(step="card_not_working/reader_connected"),
    "WRONG_CERTIFICATE_FIRST": Advice(step="card_not_working/certificate"),
    "SEVERAL_CARDS": Advice(step="card_not_working/certificate"),
}
KNOWN = frozenset(
    {
        *ADVICE,
        "SERVICE_NOT_RUNNING",
        "CARD_NOT_DETECTED",
        "CARD_MUTE",
        "CARD_BUSY",
        "CARD_NOT_RESPONDING",
        "CARD_REMOVED",
        "READ_FAILED",
        "UNKNOWN_CARD",
        "NO_SITHS_CERTIFICATE",
        "CERTIFICATE_NOT_YET_VALID",
        "NO_HSA_ID_CERTIFICATE",
        "PIN_LOW",
        "REMOTE_DESKTOP",
    }
)


class OfferCardCheck(SupportAction):
    """The visitor wants the card checked."""

    action_name = "action_offer_card_check"

    async def answer(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events:
        """See the base class; "kontrollera igen" after a check is one more of the same."""
        again = tracker.get_slot("pending_offer") == "action_check_card"
        return [
            SlotSet("card_check_purpose", "diagnosis"),
            SlotSet("card_checks", tracker.get_slot("card_checks") if again else 0),
            SlotSet("guide_resume", "card_not_working/reader_reacts"),
            FollowupAction("action_check_card"),
        ]


class CheckCard(SupportAction):
    """Asks the widget to run the check (docs/architecture.md, directive `check_card`)."""

    action_name = "action_check_card"

    async def answer(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events:
        """See the base class."""
        purpose = str(tracker.get_slot("card_check_purpose") or "diagnosis")
        dispatcher.utter_message(response=f"utter_check_card_{purpose}")
        dispatcher.utter_message(json_message={"directive": "check_card", "purpose": purpose})
        return [SlotSet("pending_offer", None)]


class HandleCardReport(SupportAction):
    """The bridge's report has come: say the one next step for the worst finding, or that the card is fine."""

    action_name = "action_handle_card_report"

    async def answer(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events:
        """See the base class."""
        report = turn.metadata.get("report") or {}
        if isinstance(report.get("identity"), dict):
            return _tell_identity(dispatcher, report["identity"])
        finding = _worst(report)
        checks = int(tracker.get_slot("card_checks") or 0) + 1
        kept = [SlotSet("card_report", report), SlotSet("card_checks", checks)]
        if finding is None:
            dispatcher.utter_message(response="utter_card_fine")
            return [*kept, *leave_loop(), SlotSet("pending_offer", "handoff")]
        if checks >= CHECKS_BEFORE_PERSON:
            dispatcher.utter_message(response="utter_card_check_person")
            tried = [f"card check {checks}: {finding}"]
            hand_off(
                dispatcher,
                _with_report(tracker, report),
                reason="card_check_failed",
                errand="card_check",
                tried=tried,
            )
            return [*kept, *leave_loop(), SlotSet("card_checks", 0)]
        dispatcher.utter_message(response=f"utter_finding_{finding.lower()}")
        return [*kept, *_next_step(finding)]


class HandleCardCheckFailed(SupportAction):
    """The card could not be checked: the same guidance goes on by questions."""

    action_name = "action_handle_card_check_failed"

    async def answer(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events:
        """See the base class."""
        reason = str(turn.metadata.get("reason") or "error")
        known = reason in {"no_bridge", "permission_denied", "unsupported_browser", "declined"}
        dispatcher.utter_message(response=f"utter_card_check_{reason if known else 'error'}")
        step = tracker.get_slot("guide_resume") or "card_not_working/reader_reacts"
        return _walk(str(step))


def _tell_identity(dispatcher: CollectingDispatcher, identity: dict[str, Any]) -> Events:
    try:
        hsa_id = parse_hsa_id(str(identity.get("hsa_id") or "")).value
    except InvalidHsaId:
        dispatcher.utter_message(response="utter_card_check_error")
        return _walk("find_hsa_id/log_in")
    dispatcher.utter_message(response="utter_card_identity", card_hsa_id=hsa_id)
    return [*leave_loop(), SlotSet("card_hsa_id", hsa_id)]


def _worst(report: dict[str, Any]) -> str | None:
    """The code of the worst finding that needs something done; unknown ones count as a failed reading."""
    for finding in report.get("findings") or ():
        if isinstance(finding, dict) and finding.get("severity") not in HARMLESS:
            code = str(finding.get("code"))
            return code if code in KNOWN else "READ_FAILED"
    return None


def _next_step(finding: str) -> Events:
    advice = ADVICE.get(finding)
    if advice and advice.step:
        return _walk(advice.step)
    return [*leave_loop(), SlotSet("pending_offer", "action_check_card")]


def _walk(step: str) -> Events:
    return [
        *leave_loop(),
        SlotSet("guide_step", step),
        SlotSet("guide_trail", []),
        SlotSet("misunderstood", 0),
        FollowupAction("guide_form"),
    ]


def _with_report(tracker: Tracker, report: dict[str, Any]) -> Tracker:
    tracker.slots["card_report"] = report
    return tracker
