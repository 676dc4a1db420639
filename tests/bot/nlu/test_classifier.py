"""The Rasa component: what it sets, that it survives being saved, and that it is the same every time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.classifier import OtherPipelineError, SwedishIntentClassifier

Trained = Callable[[], SwedishIntentClassifier]


def understood(component: SwedishIntentClassifier, text: str) -> Message:
    return component.process([Message({TEXT: text})])[0]


def said(component: SwedishIntentClassifier, *texts: str) -> DialogueStateTracker:
    """A conversation in which the visitor has written `texts`."""
    tracker = DialogueStateTracker("somebody", [])
    for text in texts:
        message = component.process([Message({TEXT: text})], tracker)[0].as_dict(only_output_properties=True)
        tracker.update(UserUttered(text, message[INTENT], parse_data=message))
    return tracker


def test_what_was_said_before_fills_in_what_a_message_leaves_out(classifier: SwedishIntentClassifier) -> None:
    tracker = said(classifier, "jag vill beställa en puk")
    message = classifier.process([Message({TEXT: "och vad kostar den?"})], tracker)[0]
    assert message.get("reading") == "jag vill beställa en puk och vad kostar den?"
    assert understood(classifier, "och vad kostar den?").get("reading") is None


@pytest.mark.parametrize("between", [("hej",) * 5, ("ja",) * 5])
def test_what_was_said_long_ago_is_forgotten(
    classifier: SwedishIntentClassifier, between: tuple[str, ...]
) -> None:
    tracker = said(classifier, "jag vill beställa en puk", *between)
    message = classifier.process([Message({TEXT: "och vad kostar den?"})], tracker)[0]
    assert message.get("reading") is None


def test_known_message_is_taken_as_what_it_is(classifier: SwedishIntentClassifier) -> None:
    message = understood(classifier, "KORTET är låst!")
    assert message.get(INTENT) == {"name": "unlock_card", "confidence": 1.0}


def test_title_of_a_button_is_understood_as_its_label(classifier: SwedishIntentClassifier) -> None:
    assert understood(classifier, "Beställa en PUK-kod").get(INTENT)["name"] == "order_puk"


def test_retrieval_intent_gets_its_response_key(classifier: SwedishIntentClassifier) -> None:
    message = understood(classifier, "vad kostar kortet egentligen")
    assert message.get(INTENT)["name"] == "faq"
    response = message.get("response_selector")["faq"]["response"]
    assert response["intent_response_key"] == "faq/price"
    assert response["utter_action"] == "utter_faq/price"
    assert response["confidence"] == message.get(INTENT)["confidence"]


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("hur laser jag upp kortet", "unlock_card"),
        ("bestälal pukkod", "order_puk"),
        ("mitt kort låste sig", "unlock_card"),
    ],
)
def test_unseen_wording_without_dots_or_misspelt_is_understood(
    classifier: SwedishIntentClassifier, text: str, label: str
) -> None:
    assert understood(classifier, text).get(INTENT)["name"] == label


def test_unclear_message_falls_back_and_still_says_what_came_close(
    classifier: SwedishIntentClassifier,
) -> None:
    message = understood(classifier, "xyzzy plugh")
    assert message.get(INTENT)["name"] == "nlu_fallback"
    ranking = message.get("intent_ranking")
    assert ranking[0]["name"] == "nlu_fallback"
    assert {entry["name"] for entry in ranking[1:]} == {
        "unlock_card",
        "order_puk",
        "faq/price",
        "affirm",
        "deny",
    }


def test_confidences_of_a_ranking_fall_and_lie_between_0_and_1(classifier: SwedishIntentClassifier) -> None:
    shares = [
        entry["confidence"] for entry in understood(classifier, "vad kostar en puk").get("intent_ranking")
    ]
    shares = shares[-5:]
    assert shares == sorted(shares, reverse=True)
    assert all(0 <= share <= 1 for share in shares)


def test_second_question_becomes_a_topic(classifier: SwedishIntentClassifier) -> None:
    message = understood(classifier, "Mitt kort är låst. Hur mycket kostar det?")
    names = {message.get("intent_ranking")[0]["name"], *message.get("topics")}
    assert names == {"unlock_card", "faq/price"}


def test_message_that_has_an_intent_is_left_alone(classifier: SwedishIntentClassifier) -> None:
    message = Message({TEXT: "kortet är låst", INTENT: {"name": "card_report", "confidence": 1.0}})
    assert classifier.process([message])[0].get(INTENT)["name"] == "card_report"


def test_message_without_text_gets_no_intent(classifier: SwedishIntentClassifier) -> None:
    assert understood(classifier, "").get(INTENT) is None


@pytest.mark.parametrize("text", ["👍", "?", " ", "\n", "a" * 5000, "1234567890123", "\u202e\u0000"])
def test_odd_text_is_classified_without_error(classifier: SwedishIntentClassifier, text: str) -> None:
    assert 0 <= understood(classifier, text).get(INTENT)["confidence"] <= 1


def test_loading_twice_gives_the_same_confidences(trained: Trained) -> None:
    texts = ["mitt kort låser sig", "skicka puk", "vad är det för pris", "jo visst"]
    first, second = trained(), trained()

    def rankings(component: SwedishIntentClassifier) -> list[Any]:
        return [understood(component, text).get("intent_ranking") for text in texts]

    assert rankings(first) == rankings(second)


def test_training_twice_gives_the_same_model(train: Callable[[], Trained]) -> None:
    text = "hur får jag upp ett låst kort"
    first, second = train()(), train()()
    assert understood(first, text).get("intent_ranking") == understood(second, text).get("intent_ranking")


def test_model_trained_with_another_pipeline_is_refused(
    trained: Trained, other_pipeline: Callable[[], None]
) -> None:
    trained()
    other_pipeline()
    with pytest.raises(OtherPipelineError, match="make train"):
        trained()


def test_component_trains_and_understands_with_the_other_pipeline(
    train: Callable[[], Trained], other_pipeline: Callable[[], None]
) -> None:
    other_pipeline()
    assert understood(train()(), "hur laser jag upp kortet").get(INTENT)["name"] == "unlock_card"


def test_what_rasa_may_reuse_changes_with_the_files_behind_the_settings(
    config: dict[str, object], tmp_path: Path
) -> None:
    same = SwedishIntentClassifier.fingerprint_addon(config)
    assert SwedishIntentClassifier.fingerprint_addon(dict(config)) == same
    # Rasa hands over what config.yml says, without the defaults.
    said = {name: config[name] for name in ("titles", "follow_ups")}
    assert SwedishIntentClassifier.fingerprint_addon(said) == same
    titles = tmp_path / "titles.yml"
    titles.write_text("unlock_card: Något annat\n")
    assert SwedishIntentClassifier.fingerprint_addon({**config, "titles": str(titles)}) != same
