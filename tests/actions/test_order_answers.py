"""What the answers of an order are read as, and what is none."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from rasa_sdk import Tracker

from actions import order_fields as fields
from actions.errand import Errand
from actions.order_forms import (
    OrderCardReaderForm,
    OrderPukForm,
    OrderReserveCardForm,
    OrderSithsCardForm,
)
from actions.order_lookup import changes_order, just_named, keeps_order, pick
from actions.order_slots import CONFIRM
from actions.order_wishes import GO_AHEAD, found_again, last_words, lives_abroad, response_to_not_ordering
from actions.orders import Order, OrderKind, OrderState, ReserveReason
from actions.people import wants_person
from actions.turn import Turn, plain


def _turn(text: str, label: str = "nlu_fallback", confidence: float = 0.3) -> Turn:
    return Turn(text, label, confidence, (), (), {})


READERS = {"requested_slot": CONFIRM, "quantity": 2}
RESERVE = {"requested_slot": CONFIRM, "assurance_level": 2, "reserve_reason": "other", "hsa_id": "SE1-A"}


@pytest.mark.parametrize(
    ("text", "quantity"),
    [
        ("gör tre", 3),
        ("ja men gör tre", 3),
        ("ändra till 4", 4),
        ("antalet ska va fyra", 4),
        ("ta 3 istället förresten", 3),
        ("nej vi tar 5 läsare", 5),
        ("ja fast bara en", 1),
        ("ja, skicka dem till Storgatan 12, 753 20 Uppsala", 2),
        ("kundnumret är 100200", 2),
    ],
)
def test_a_number_at_the_summary_is_taken_and_never_a_yes(text: str, quantity: int) -> None:
    errand, form = Errand("c", READERS), OrderCardReaderForm()
    said = _turn(text, "affirm", 0.99)
    changed = form.collect(errand, said)
    assert errand["quantity"] == quantity
    assert changed or not form.is_yes(errand, said)


@pytest.mark.parametrize(
    ("text", "yes"),
    [
        ("ja", True),
        ("Ja, beställ", True),
        ("ja tack, 2 st", True),
        ("japp det stämmer", True),
        ("ja men vänta", False),
        ("ja, och en puk också", False),
        ("ja, 3", False),
        ("ja till Anna", False),
        ("jo men kan man ändra adressen?", False),
    ],
)
def test_only_a_plain_yes_places_an_order(text: str, yes: bool) -> None:
    assert OrderCardReaderForm().is_yes(Errand("c", READERS), _turn(text, "affirm", 0.99)) is yes


def test_several_changes_in_one_message_are_all_taken() -> None:
    errand = Errand("c", RESERVE)
    text = "nivån ska vara 3 och skicka det till Storgatan 12, 753 20 Uppsala"
    assert OrderReserveCardForm().collect(errand, _turn(text))
    assert errand["assurance_level"] == 3
    delivery = errand["delivery"]
    assert (delivery["street"], delivery["postal_code"], delivery["city"]) == (
        "Storgatan 12",
        "75320",
        "Uppsala",
    )


@pytest.mark.parametrize(
    ("town", "read"),
    [
        ("Uppsala vi har stängt på lunchen", "Uppsala"),
        ("uppsala vi har stängt på lunchen", "uppsala"),
        ("Upplands Väsby", "Upplands Väsby"),
        ("västra frölunda ring på dörren", "västra frölunda"),
        ("malmö c", "malmö c"),
        ("Östersund. Det brådskar!", "Östersund"),
    ],
)
def test_what_follows_the_town_is_no_part_of_it(town: str, read: str) -> None:
    address = fields.read_address(f"skicka till Storgatan 12, 753 20 {town}", "Vårdcentralen")
    assert address is not None
    assert address.city == read


@pytest.mark.parametrize(
    ("text", "several"),
    [
        ("puk till Anna och Lisa", True),
        ("reservkort åt Per Ek, Åsa o Bo", True),
        ("vi behöver till tre nya vikarier", True),
        ("puk till Anna, och tack för hjälpen", False),
        ("puk till vår kliniksköterska och lite information", False),
    ],
)
def test_several_persons_may_be_named_or_counted(text: str, several: bool) -> None:
    assert fields.means_several_persons(text) is several


@pytest.mark.parametrize(
    ("text", "slot", "value"),
    [
        ("orsaken blev fel, hon är vikarie", "reserve_reason", ReserveReason.TEMPORARY_STAFF),
        ("nej förresten nivå 3, tack", "assurance_level", 3),
        ("gör trean", "assurance_level", 3),
        ("3:an, nej 3an", "assurance_level", 3),
        ("ändra nivån från 2 till 3", "assurance_level", 3),
    ],
)
def test_a_new_value_is_taken_and_the_rest_kept(text: str, slot: str, value: object) -> None:
    errand = Errand("c", RESERVE)
    assert OrderReserveCardForm().collect(errand, _turn(text))
    assert errand[slot] == value
    assert errand["hsa_id"] == "SE1-A"


@pytest.mark.parametrize("text", ["Vad är skillnaden mot trean?", "hur många får man ta, 4 st?"])
def test_a_question_about_values_names_none(text: str) -> None:
    assert not OrderReserveCardForm().collect(Errand("c", RESERVE), _turn(text))
    assert not OrderCardReaderForm().collect(Errand("c", READERS), _turn(text))


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("hur gör man om kortet är borta", True),
        ("måste jag ha nytt kort då?", True),
        ("hej, vem ordnar nytt", True),
        ("vilken ska jag beställa till en vikarie?", True),
        ("vi beställde två läsare, passar de till mac?", True),
        ("kan ni skicka en puk?", False),
        ("kan jag få ett reservkort?", False),
        ("vi behöver beställa två läsare, går det?", False),
        ("beställ puk", False),
        ("antalet ska va fyra", False),
        ("vår adress", False),
        ("var adress", False),
        ("var står kundnumret", True),
    ],
)
def test_who_asks_about_ordering_does_not_order_yet(text: str, asks: bool) -> None:
    assert _turn(text).wants_to_be_told is asks


@pytest.mark.parametrize(
    ("text", "response"),
    [
        ("nej tack jag vill inte beställa", "utter_order_not_wanted"),
        ("jag ska inte beställa något", "utter_order_not_wanted"),
        ("inte beställa nu bara veta", "utter_order_not_wanted"),
        ("strunt i beställningen", "utter_order_not_wanted"),
        ("beställ inget", "utter_order_not_wanted"),
        ("vi avvaktar med resten", "utter_order_later"),
        ("jag tänkte beställa sen", "utter_order_later"),
        ("jag får inte beställa", "utter_order_not_allowed"),
        ("jag kan inte beställa, är bara undersköterska", "utter_order_not_allowed"),
        ("inte än", "utter_order_later"),
        ("jag återkommer", "utter_order_later"),
        ("kollar med chefen först", "utter_order_later"),
        ("vi gör det sen", "utter_order_later"),
        ("beställ puk", None),
        ("jag vet inte kundnumret", None),
        ("har inte hennes hsa-id", None),
    ],
)
def test_who_does_not_want_to_order_gets_out(text: str, response: str | None) -> None:
    assert response_to_not_ordering(text) == response


@pytest.mark.parametrize(
    ("text", "hsa_id"),
    [
        ("SE556O360793-1003", "SE5560360793-1003"),
        ("till SE556o36o793-1003 tack", "SE5560360793-1003"),
        ("SE5560360793-1003 100200", "SE5560360793-1003"),
    ],
)
def test_an_o_for_a_zero(text: str, hsa_id: str) -> None:
    assert fields.read_hsa_id(text) == hsa_id


def test_an_o_in_the_last_part_may_be_a_zero_or_not() -> None:
    assert fields.digits_for_letters("SE5560360793-1OO3") == "SE5560360793-1003"
    assert fields.digits_for_letters("SE2321000016-TOR1") == "SE2321000016-TOR1"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("vårt nr hos er är 100200", "100200"),
        ("SE5560360793-1003 100200", "100200"),
        ("koden är 123456", None),
    ],
)
def test_a_customer_number_that_was_not_asked_for(text: str, number: str | None) -> None:
    assert fields.read_customer_number(_turn(text), asked=False) == number


@pytest.mark.parametrize(
    ("text", "street"),
    [
        ("hem till mig, Lillgatan 3", "Lillgatan 3"),
        ("skicka till Stora gatan 12B", "Stora gatan 12B"),
        ("nivå 3", None),
        ("Uppsala", None),
    ],
)
def test_a_street_alone(text: str, street: str | None) -> None:
    assert fields.read_street(text) == street


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("pukkod till Anna Berg, SE5560360793-1003", "Anna Berg"),
        ("puk till anna berg SE5560360793-1003", "Anna Berg"),
        ("SE5560360793-1003 (Kim Exempel)", "Kim Exempel"),
        ("beställ puk till SE5560360793-1003", None),
        ("puk till en kollega SE5560360793-1003", None),
    ],
)
def test_the_name_beside_an_hsa_id(text: str, name: str | None) -> None:
    assert fields.read_name(text) == name


@pytest.mark.parametrize(
    ("form", "text", "label", "surely"),
    [
        (OrderReserveCardForm, "fel, det är ett vanligt kort hon ska ha", "order_siths_card", True),
        (OrderReserveCardForm, "inte reservkort utan ordinarie", "order_siths_card", True),
        (OrderPukForm, "det skulle vara kort och inte puk", "order_siths_card", True),
        (OrderPukForm, "avbryt puken, ta ett reservkort", "order_reserve_card", True),
        (OrderSithsCardForm, "nej, ett tillfälligt i stället", "order_reserve_card", True),
        (OrderSithsCardForm, "reservkort", "order_reserve_card", False),
        (OrderSithsCardForm, "ett vanligt, hon börjar i maj", None, False),
        (OrderSithsCardForm, "till vår nya kollega", None, False),
        (OrderReserveCardForm, "skicka det till vår vanliga adress", None, False),
        (OrderReserveCardForm, "hon får ett vanligt kort sen, eller?", None, False),
        (OrderPukForm, "hennes kort är låst", None, False),
        (OrderPukForm, "nej, hon har ett reservkort", None, False),
        (OrderPukForm, "ta ett kort då", "order_siths_card", True),
    ],
)
def test_only_words_change_what_is_ordered(form: type, text: str, label: str | None, surely: bool) -> None:
    assert form().wanted_instead(_turn(text, "order_puk", 0.99)) == (label, surely)


@pytest.mark.parametrize(
    ("text", "refuses"),
    [
        ("vi vill inte ha något kort", True),
        ("nej inget siths-kort", True),
        ("hon har inget kort än", False),
        ("därför att kortläsaren inte ser kortet", False),
    ],
)
def test_to_have_no_card_is_not_to_want_none(text: str, refuses: bool) -> None:
    assert fields.refuses_product(text, "order_siths_card") is refuses


@pytest.mark.parametrize(
    ("text", "asked", "own"),
    [
        ("skicka till vår vanliga adress", False, True),
        ("adressen ska vara den ni har registrerad", False, True),
        ("adressen är den vanliga", False, True),
        ("till oss", False, True),
        ("vår", True, True),
        ("vår", False, False),
        ("hit tack", True, True),
        ("till mottagningen", True, True),
        ("på vår avdelning", True, True),
        ("vår e-postadress är ny", False, False),
        ("vårdavdelning 3", True, False),
    ],
)
def test_the_own_address_by_its_short_names(text: str, asked: bool, own: bool) -> None:
    assert fields.means_own_address(text, asked=asked) is own


@pytest.mark.parametrize(
    "text", ["nej 2 ska det vara, inte 3", "jag menar 3", "skriv nivån till 3", "kundnummer 100"]
)
def test_a_correction_is_no_street(text: str) -> None:
    assert fields.read_street(text) is None


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("tre reservkort", 3),
        ("till våra 5 sommarvikarier", 5),
        ("nya kort till 12 undersköterskor", 12),
        ("puk åt fyra st", 4),
        ("kort till flera anställda", None),
        ("reservkort nivå 3 till Kim", None),
    ],
)
def test_persons_are_counted(text: str, count: int | None) -> None:
    assert fields.count_persons(text) == count


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("beställ puk, nej vänta, den ligger här", "den ligger har"),
        ("två läsare förresten", ""),
        ("nej tack", None),
    ],
)
def test_the_last_words_are_what_follows_a_change_of_mind(text: str, last: str | None) -> None:
    assert last_words(text) == last


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("vi hittade kortet i en jacka", True),
        ("brevet dök upp", True),
        ("har hittat kundnumret nu", False),
        ("nu hittade jag det, hsa-id är SE5560360793-1003", False),
        ("kortet är borta", False),
    ],
)
def test_what_is_found_again_needs_no_order(text: str, found: bool) -> None:
    assert found_again(text) is found


@pytest.mark.parametrize(
    ("text", "abroad"),
    [
        ("hon är skriven i Danmark", True),
        ("går det fast jag bor i Norge?", True),
        ("han har ingen svensk folkbokföringsadress", True),
        ("kan man få ett om man bor utomlands?", False),
        ("hon bor i Malmö", False),
    ],
)
def test_who_lives_abroad_is_somebody(text: str, abroad: bool) -> None:
    assert lives_abroad(text) is abroad


@pytest.mark.parametrize(
    ("text", "go_ahead"),
    [("bra, beställ", True), ("lägg den nu tack", True), ("beställ två", False), ("beställ inte", False)],
)
def test_an_order_can_be_told_to_be_placed(text: str, go_ahead: bool) -> None:
    assert bool(GO_AHEAD.fullmatch(plain(text))) is go_ahead


@pytest.mark.parametrize(
    ("text", "only"),
    [
        ("SE5560360793-1003", True),
        ("se5560360793-1003, SE5560360793-1004", True),
        ("puk SE5560360793-1003", False),
    ],
)
def test_a_hsa_id_alone_orders_nothing(text: str, only: bool) -> None:
    assert fields.is_only_hsa_ids(text) is only


def _order(number: str, kind: OrderKind, name: str | None = None) -> Order:
    now = datetime.now(UTC)
    state = OrderState.RECEIVED
    return Order(number, kind, state, "100200", None, name, None, None, None, 1, None, "bo", now, now)


ORDERS = [
    _order("K", OrderKind.ORDINARY_CARD, "Lo Nyanställd"),
    _order("L", OrderKind.CARD_READER),
    _order("P", OrderKind.PUK, "Kim Exempel"),
]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("avbeställ läsarna", "L"),
        ("avbeställ kortbeställningen, inte puken", "K"),
        ("kortet", "K"),
        ("den översta", "K"),
        ("den andra", "L"),
        ("den sista", "P"),
        ("den till Kim", "P"),
        ("jag vill avbeställa", "KLP"),
        ("inte läsarna", "KP"),
    ],
)
def test_which_order_is_meant(text: str, numbers: str) -> None:
    assert [order.number for order in pick(text, ORDERS, listed=True)] == list(numbers)


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        ("kan ni byta leveransadress på det jag beställde", True),
        ("adressen på beställningen blev fel", True),
        ("det är fel efternamn på kortbeställningen", True),
        ("ändra antalet läsare i min order", True),
        ("det skulle bara vara 2, ta bort en", True),
        ("vi fick en för mycket i beställningen", True),
        ("ja eller jag vill ha kvar en", True),
        ("status på den andra beställningen", False),
        ("jag har ändrat mig om beställningen", False),
        ("fel adress, avbeställ den", False),
        ("ta bort en beställning", False),
        ("ta bort ett av korten", False),
        ("den skulle vara här för två dagar sen", False),
        ("hur går det med beställningen", False),
    ],
)
def test_a_change_of_a_placed_order_is_told_from_a_cancellation(text: str, changes: bool) -> None:
    assert changes_order(text) is changes


def _tracker(*events: tuple[str, str]) -> Tracker:
    said = [{"event": event, "text": text} for event, text in events]
    return Tracker("c", {}, {}, said, False, None, {}, "action_listen")


def test_the_order_meant_is_the_one_named_last() -> None:
    status = [("user", "hur går det"), ("bot", "P-7K4M-2XR: PUK-kod, mottagen.")]
    assert just_named(_tracker(*status, ("user", "avbeställ den"))) == "P-7K4M-2XR"
    thanks = [("user", "tack"), ("bot", "Varsågod!")]
    assert just_named(_tracker(*status, *thanks, ("user", "när kommer den"))) == "P-7K4M-2XR"
    assert just_named(_tracker(*status, *thanks * 3, ("user", "när kommer den"))) is None


def test_a_list_of_orders_names_none() -> None:
    listed = [("user", "visa dem"), ("bot", "- P-7K4M-2XR: PUK-kod\n- R-936J-KFJ: Reservkort")]
    assert just_named(_tracker(*listed, ("user", "avbeställ den"))) is None


@pytest.mark.parametrize(
    ("text", "confidence", "topics", "sure"),
    [
        ("jag vill tala med någon", 0.98, (), True),
        ("kan någon ringa upp oss?", 0.99, (), True),
        ("kortet är låst, koppla mig till en människa", 0.95, ("unlock_card",), True),
        ("personal tack", 0.9, (), True),
        ("kan er personal hämta korten", 0.95, (), False),
        ("nån av er får komma och låsa upp kortet", 0.95, ("unlock_card",), False),
        ("får era medhjälpare skriva under", 0.8, (), False),
        ("det sköter väl ni", 0.45, (), False),
    ],
)
def test_only_a_sure_wish_for_a_person_leads_to_the_queue(
    text: str, confidence: float, topics: tuple[str, ...], sure: bool
) -> None:
    assert wants_person(Turn(text, "request_human", confidence, (), (), {}, topics)) is sure


@pytest.mark.parametrize(
    ("text", "keeps"),
    [
        ("läsarna ska vi ha", True),
        ("men den behöver vi ju ha", True),
        ("låt puken ligga kvar", True),
        ("behåll den", True),
        ("läsarna vill vi inte ha", False),
        ("jag vill ha bort puken", False),
        ("puken, kortet vill jag ha men inte den, avbeställ den", False),
        ("den översta", False),
    ],
)
def test_a_wish_to_have_an_order_is_no_wish_to_cancel_it(text: str, keeps: bool) -> None:
    assert keeps_order(text) is keeps
