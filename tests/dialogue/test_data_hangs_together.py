"""What `rasa data validate` does not see: labels, answers, guides and Python belong together."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from actions.card_check import KNOWN
from actions.guides.model import SHARED, load_guides
from actions.labels import EVENTS, ORDER_FORMS, SMALL_TALK, guide_entries, titles
from actions.order_forms import OrderForm
from actions.order_lookup import OrderLookupForm
from actions.orders.values import OrderKind, OrderState, ProblemCode
from actions.turn import plain
from tests.domain_files import ROOT, load_domain, load_yaml, training_messages

LEAST_EXAMPLES = 15
# Where a bot event tells which response it says; no response itself.
UTTER_ACTION = "utter_action"
# The 36 topics of the support page, and the label that answers each.
TOPICS = [
    "faq/contact_details",
    "faq/guides",
    "faq/activation_office_about",
    "find_activation_office",
    "faq/activation_office_may_use",
    "faq/activation_office_booking",
    "faq/activation_office_reserve_card",
    "faq/activation_office_details",
    "faq/id_administrator_role",
    "faq/id_administrator_training",
    "faq/wrongly_activated_card",
    "faq/reserve_card_purpose",
    "faq/reserve_card_hsa_requirement",
    "faq/reserve_card_level_guides",
    "faq/reserve_card_reuse",
    "faq/ordinary_card_address_requirement",
    "faq/no_personal_number",
    "report_lost_card",
    "faq/status_sent",
    "faq/status_active",
    "find_hsa_id",
    "unlock_card",
    "unlock_card_at_visit",
    "change_pin",
    "lost_codes",
    "faq/puk_delivery",
    "faq/codes_with_card",
    "faq/card_requirements",
    "faq/activation_five_days",
    "faq/activation_three_months",
    "order_card_reader",
    "faq/siths_portal",
    "faq/my_pages",
    "faq/permissions",
    "order_siths_card",
    "update_siths_eid",
]


DOMAIN = load_domain()
RESPONSES = DOMAIN["responses"]
LABELS = {label for label, _ in training_messages()}
RULES = (ROOT / "data" / "stories" / "rules.yml").read_text(encoding="utf-8")


def test_every_topic_of_the_support_page_has_questions_and_an_answer() -> None:
    counts: dict[str, int] = defaultdict(int)
    for label, _ in training_messages():
        counts[label] += 1
    for topic in TOPICS:
        assert counts[topic] >= LEAST_EXAMPLES, topic
        assert (
            f"utter_{topic}" in RESPONSES
            or topic in guide_entries()
            or topic in ORDER_FORMS
            or topic == "find_activation_office"
        ), topic
    assert len(set(TOPICS)) == 36


def test_every_question_has_an_answer_and_every_answer_a_question() -> None:
    asked = {label for label in LABELS if label.startswith("faq/")}
    answered = {name.removeprefix("utter_") for name in RESPONSES if name.startswith("utter_faq/")}
    assert asked == answered


def test_no_training_message_stands_in_two_labels() -> None:
    where: dict[str, set[str]] = defaultdict(set)
    for label, text in training_messages():
        where[plain(text) or text].add(label)
    assert {text: labels for text, labels in where.items() if len(labels) > 1} == {}


def test_every_label_is_in_the_domain_and_has_a_rule() -> None:
    for label in LABELS:
        if not label.startswith("faq/"):
            assert label in DOMAIN["intents"], label
            assert re.search(rf"intent: {label}\n", RULES), label
    for label in EVENTS:
        assert re.search(rf"intent: {label}\n", RULES), label


def test_every_label_that_can_be_asked_about_has_a_title_of_its_own() -> None:
    assert set(titles()) <= LABELS
    assert len({plain(title) for title in titles().values()}) == len(titles())
    tasks = {*guide_entries(), *ORDER_FORMS, *(label for label in LABELS if label.startswith("faq/"))}
    assert tasks <= set(titles())


def test_titles_are_no_training_message_of_another_label() -> None:
    where = {plain(text): label for label, text in training_messages()}
    for label, title in titles().items():
        assert where.get(plain(title), label) == label, title


@pytest.mark.parametrize("guide", load_guides().values(), ids=lambda guide: guide.name)
def test_every_step_of_a_guide_is_said_and_can_be_reached(guide: Any) -> None:
    for step in guide.steps.values():
        assert step.response in RESPONSES, step.response
        said = [plain(choice.title) for choice in step.choices]
        assert len(set(said)) == len(said), step.key
        for choice in step.choices:
            for meaning in choice.means:
                assert meaning in LABELS, (step.key, meaning)
            assert choice.start is None or choice.start in DOMAIN["forms"], step.key
    assert guide.name in LABELS
    reached = {
        target
        for other in load_guides().values()
        for step in other.steps.values()
        for choice in step.choices
        for target in [choice.next if choice.next and "/" in choice.next else f"{other.name}/{choice.next}"]
    }
    reached |= set(guide_entries().values())
    starts = {f"{guide.name}/{step}" for step in guide.entries.values()}
    for name in guide.steps:
        assert name in SHARED or f"{guide.name}/{name}" in reached | starts, f"{guide.name}/{name}"


def _strings(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_every_response_named_in_python_exists() -> None:
    named = {
        text
        for path in (ROOT / "actions").rglob("*.py")
        for text in _strings(path)
        if re.fullmatch(r"utter_[a-z_/]*[a-z]", text) and text != UTTER_ACTION
    }
    assert named
    assert {name for name in named if name not in RESPONSES} == set()


def test_every_response_put_together_in_python_exists() -> None:
    wanted = {f"utter_finding_{code.lower()}" for code in KNOWN}
    wanted |= {f"utter_order_placed_{kind}" for kind in OrderKind}
    wanted |= {f"utter_order_status_{state}" for state in OrderState}
    wanted |= {
        f"utter_no_orders_{lookup}" for lookup, form in ORDER_FORMS.items() if form == OrderLookupForm.form
    }
    wanted |= {f"utter_{label}" for label in SMALL_TALK}
    missing = ("HOLDER_MISSING", "LEVEL_MISSING", "REASON_MISSING")  # asked for, never said
    wanted |= {f"utter_problem_{code}" for code in ProblemCode if code.name not in missing}
    questions = {slot for form in OrderForm.__subclasses__() for slot in form.questions}
    questions |= {"customer_number", "contact_email", "one_time_code", "order_confirmed", "order_change"}
    questions |= {"order_switch", "order_retry", "duplicate_confirmed", "hsa_id_guess", "lookup_number"}
    questions |= {"order_start", "order_next", "reserve_note", "delivery_place"}
    wanted |= {
        f"{act}_{slot}" for slot in questions | {"cancel_confirmed"} for act in ("utter_ask", "utter_explain")
    }
    wanted |= {f"utter_begin_{form}" for form in ORDER_FORMS.values()}
    assert wanted - set(RESPONSES) == set()


def test_every_action_in_the_domain_is_a_class_and_the_other_way_round() -> None:
    from actions.server import load_actions

    assert set(load_actions().actions) == set(DOMAIN["actions"])


def test_unresolved_answers_are_kept_and_the_last_two_never_said() -> None:
    entries = load_yaml(ROOT / "data" / "catalogue" / "unresolved.yml")
    assert [entry["answer"] for entry in entries] == [
        "100 dagar.",
        "Ja, det kan man.",
        "Nej, det fungerar inte.",
    ]
    said = " ".join(variant.get("text", "") for variants in RESPONSES.values() for variant in variants)
    for entry in entries:
        if not entry["may_be_mentioned"]:
            assert entry["answer"] not in said
    mentions = [name for name, variants in RESPONSES.items() if "100 dagar" in variants[0].get("text", "")]
    assert mentions == ["utter_faq/reserve_card_validity"]


def test_general_facts_name_where_they_come_from_or_refer_to_us() -> None:
    for name, variants in load_yaml(ROOT / "domain" / "faq_general.yml")["responses"].items():
        text = variants[0]["text"]
        assert "källa" in text or "{phone}" in text or "{email}" in text, name


def test_buttons_send_plain_text() -> None:
    for name, variants in RESPONSES.items():
        for variant in variants:
            for button in variant.get("buttons", []):
                assert not button["payload"].startswith("/"), name


def test_what_covers_an_answer_is_a_label_and_an_order_is_offered_once() -> None:
    covers = load_yaml(ROOT / "data" / "catalogue" / "covers.yml")
    instead, offers = covers["instead"], covers["offers"]
    named = {*instead, *offers, *offers.values(), *(label for row in instead.values() for label in row)}
    assert named <= set(titles())
    assert not [label for label, row in instead.items() if label in row]
    ordered = {titles()[label]: label for label in ORDER_FORMS}
    for label in (name.removeprefix("utter_") for name in RESPONSES if name.startswith("utter_faq/")):
        response = RESPONSES[f"utter_{label}"][0]
        names = [button["title"] for button in response.get("buttons") or ()]
        asks = re.search(r"Vill du beställa [^.?]*\?$", response["text"].strip())
        assert offers.get(label) == (ordered[names[0]] if asks and len(names) == 1 else None), label
