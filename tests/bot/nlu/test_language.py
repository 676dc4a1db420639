"""Text, spelling, concepts, segments, lemmas: the parts below the classifier."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from spacy.util import load_language_data, registry

from bot.nlu import pipeline
from bot.nlu.concepts import Concepts
from bot.nlu.entities import find_entities
from bot.nlu.lemmas import LemmaFile, write
from bot.nlu.segments import MOST, continues, fragments, segments
from bot.nlu.spelling import KnownWords, known_words
from bot.nlu.text import WORD, exact_key, fold, normalise, words

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("HJÄÄÄÄLP", ["hjälp"]),
        ("se https://example.org/x nu", ["se", "xlink", "nu"]),
        ("mejla anna@klinik.se", ["mejla", "xmail"]),
        ("mitt är SE5560360793-1003", ["mitt", "är", "xhsa"]),
        ("hur går P-7K2M-4QX?", ["hur", "går", "xorder", "?"]),
        ("3 st", ["3", "st"]),
        ("a\u030a", ["å"]),
    ],
)
def test_words_of_a_message(text: str, expected: list[str]) -> None:
    assert words(normalise(text)) == expected


def test_folding_and_key_ignore_dots_case_and_marks() -> None:
    assert fold("låsa") == "lasa"
    assert exact_key("Låsa  UPP, kortet!!") == exact_key("lasa upp kortet")


KNOWN = KnownWords(Counter({"reservkort": 9, "aktivera": 5, "kortet": 7, "lasare": 3, "brev": 2}))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("resevkort", "reservkort"),
        ("reservkrot", "reservkort"),
        ("aktvera", "aktivera"),
        ("reservkort", None),  # right as it is
        ("bre", None),  # too short to tell
        ("xortet", None),  # another first letter tends to be another word
        ("semester", None),
    ],
)
def test_misspelt_word_is_corrected_to_the_nearest_known(written: str, meant: str | None) -> None:
    assert KNOWN.nearest(written) == meant


def test_known_words_are_those_used_twice_and_those_of_the_field() -> None:
    frequencies = known_words([["kort", "hej"], ["kort"]], ["puk"])
    assert frequencies == {"kort": 2, "puk": 1}


def test_concepts_by_stem_whole_word_part_and_phrase() -> None:
    lexicon = {"things": {"card": ["~kort"], "app": ["=app"], "card_letter": ["brev"]}}
    concepts = Concepts({**lexicon, "actions": {"unlock": ["lås upp"]}})
    assert concepts.find(["mitt", "reservkort"]) == ["card"]
    assert concepts.find(["app"]) == ["app"]
    assert concepts.find(["apparat"]) == []
    assert concepts.find(["las", "upp", "brevet"]) == ["unlock", "card_letter"]


def test_dots_count_where_somebody_writes_them() -> None:
    concepts = Concepts({"things": {"month": ["=mån"], "reader": ["läsare"]}}, {"man"}.__contains__)
    assert concepts.find(["mån", "läsare"]) == ["month", "reader"]
    assert concepts.find(["lasare"]) == ["reader"]
    assert concepts.find(["man"]) == [], "a word that needs no dots is not one that has lost them"


@pytest.mark.parametrize(
    ("written", "meant"),
    [("lasare", "läsare"), ("låsare", "läsare"), ("resevkort", "reservkort"), ("för", "för"), ("sol", "sol")],
)
def test_word_without_its_dots_or_misspelt_is_the_usual_word(written: str, meant: str) -> None:
    known = KnownWords(Counter({"läsare": 9, "lasare": 2, "reservkort": 5, "för": 3, "for": 7}))
    assert known.meant(written) == meant


@pytest.mark.parametrize(
    ("text", "key"), [("👍🏽", "ja"), ("nä 👎", "na nej"), ("🤷‍♀️", "vet inte"), ("🐸", "")]
)
def test_signs_that_answer_are_words(text: str, key: str) -> None:
    assert exact_key(text) == key


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("hur låser jag upp kortet", ["hur låser jag upp kortet"]),
        ("Tack. Hej då.", ["Tack Hej då"]),
        ("God morgon, när öppnar telefonen hos er?", ["God morgon när öppnar telefonen hos er?"]),
        ("Mitt kort är låst. Vad kostar ett nytt?", ["Mitt kort är låst", "Vad kostar ett nytt?"]),
        (
            "hur beställer jag en läsare och vad kostar den",
            ["hur beställer jag en läsare", "och vad kostar den"],
        ),
        ("", [""]),
    ],
)
def test_fragments_of_a_message(text: str, parts: list[str]) -> None:
    assert fragments(text) == parts


def test_number_of_fragments_is_bounded_and_no_word_is_lost() -> None:
    found = fragments("hur gör jag nu? " * 500)
    assert len(found) == MOST
    assert " ".join(found).split() == ("hur gör jag nu? " * 500).split()


def test_fragments_that_are_clear_only_together_stay_together() -> None:
    clear = {"jag vill byta kod och sen låsa upp": 0.4, "jag vill byta kod": 0.9, "och sen låsa upp": 0.9}
    parts = ["jag vill byta kod", "och sen låsa upp"]
    assert segments(parts, clear.__getitem__) == parts
    clear |= {"och sen låsa upp": 0.2, "jag vill byta kod och sen låsa upp": 0.8}
    assert segments(parts, clear.__getitem__) == ["jag vill byta kod och sen låsa upp"]


def test_what_joins_two_questions() -> None:
    assert continues("och vad kostar den")
    assert not continues("ordna ett kort")


@pytest.mark.parametrize(
    ("text", "entity", "value"),
    [
        ("för SE5560360793-1003 tack", "hsa_id", "SE5560360793-1003"),
        ("skriv till anna.b@klinik.se", "email", "anna.b@klinik.se"),
        ("hur går det med P-7K2M-4QX", "order_number", "P-7K2M-4QX"),
        ("kundnummer 123456", "customer_number", "123456"),
        ("reservkort LoA 3", "assurance_level", "3"),
    ],
)
def test_identifiers_are_found_where_they_stand(text: str, entity: str, value: str) -> None:
    found = [item for item in find_entities(text) if item["entity"] == entity]
    assert [item["value"] for item in found] == [value]
    assert value in text[found[0]["start"] : found[0]["end"]]


def test_lemma_joins_inflections() -> None:
    lemma = pipeline.SwedishLemmas().lemma
    assert lemma("nycklarna") == lemma("nyckeln") == "nyckel"


def test_vocabulary_of_the_pipeline_stays_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    lemmas = pipeline.PipelineLemmas()
    monkeypatch.setattr(pipeline, "MAX_STRINGS", len(lemmas._pipeline.vocab.strings) + 150)
    for number in range(200):
        lemmas.lemma("q" + "".join(chr(97 + int(digit)) for digit in str(number)))
    assert len(lemmas._pipeline.vocab.strings) <= pipeline.MAX_STRINGS + 10


def test_remembered_lemmas_stay_bounded() -> None:
    asked: list[str] = []

    class Source(pipeline.PipelineLemmas):
        def __init__(self) -> None:
            """Needs no pipeline."""

        def lemma(self, word: str) -> str:
            asked.append(word)
            return word

    lemmas = pipeline.SwedishLemmas(Source(), cache_size=2)
    for word in ["ett", "ett", "två", "tre", "ett"]:
        assert lemmas.lemma(word) == word
    assert asked == ["ett", "två", "tre", "ett"]


def words_to_compare() -> list[str]:
    """Words as visitors write them, words of the table, and forms that a tokeniser takes apart."""
    chance = random.Random(20)
    table = load_language_data(registry.lookups.get("sv")["lemma_lookup"])
    known = chance.sample([word for word in table if WORD.fullmatch(word)], 6_000)
    written = {
        word for path in (ROOT / "data/nlu").glob("*.yml") for word in words(normalise(path.read_text()))
    }
    rules = [word for word in pipeline.load_pipeline().tokenizer.rules if WORD.fullmatch(word)]
    letters = "abcdefghijklmnopqrstuvwxyzåäöéü"
    invented = ["".join(chance.choices(letters, k=length)) for length in range(1, 9) for _ in range(300)]
    some = [*chance.sample(known, 500), *rules, *invented[:500]]
    joined = [f"{word.partition(':')[0]}:{end}" for word in some for end in ("s", "t", "n", "an", "er")]
    misspelt = [word[:-1] for word in known if len(word) > 1] + [f"{word}s" for word in known]
    numbers = [f"{number}{'x' * number}" for number in range(6)] + ["2", "2024", "?"]
    return sorted({*known, *written, *rules, *invented, *joined, *misspelt, *numbers})


def test_stored_lemmas_are_those_of_the_pipeline(tmp_path: Path) -> None:
    real = pipeline.PipelineLemmas()
    real.save(tmp_path)
    stored = LemmaFile(tmp_path / pipeline.LEMMA_FILE)
    compared = words_to_compare()
    assert len(compared) > 20_000
    assert {word: stored.lemma(word) for word in compared} == {word: real.lemma(word) for word in compared}


def test_first_and_last_line_of_a_lemma_file_are_found(tmp_path: Path) -> None:
    write(tmp_path / "lemmas", {"ab": "a", "kort": "kort", "öva": "öva!"}, {"köru": "kör"})
    lemma = LemmaFile(tmp_path / "lemmas").lemma
    asked = ["ab", "öva", "köru", "köru:s", "ab:s", "a", "z", "ö", "övas", "kor"]
    assert list(map(lemma, asked)) == ["a", "öva!", "kör", "köru", "a", "a", "z", "ö", "övas", "kor"]


def test_installed_model_keeps_its_pipeline(other_pipeline: Callable[[], None], tmp_path: Path) -> None:
    other_pipeline()
    pipeline.SwedishLemmas().save(tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert pipeline.SwedishLemmas.load(tmp_path).lemma("låste") == "låsa"


def test_installed_model_is_preferred_and_named(other_pipeline: Callable[[], None]) -> None:
    other_pipeline()
    assert pipeline.describe_pipeline() == "sv_core_news_sm 3.4.0"
    assert pipeline.SwedishLemmas().lemma("låste") == "låsa"
