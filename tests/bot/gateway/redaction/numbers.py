"""Makes personnummer, codes and card numbers in the ways people write them. All are invented."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import strategies as st
from stdnum import luhn

_FIRST_DAY = date(1900, 1, 1)


@st.composite
def identities(draw: st.DrawFn) -> tuple[str, str]:
    """A valid personnummer or samordningsnummer as text, and its last ten digits."""
    born = _FIRST_DAY + timedelta(days=draw(st.integers(0, 44_000)))
    coordination = draw(st.booleans())
    day = born.day + 60 * coordination
    nine = f"{born:%y%m}{day:02}{draw(st.integers(1, 999)):03}"
    four = nine[6:] + luhn.calc_check_digit(nine)
    long = f"{born:%Y}" if draw(st.booleans()) else f"{born:%y}"
    month, day_text = nine[2:4], nine[4:6]
    way = draw(st.sampled_from(WAYS))
    spelled = way.format(y=long, m=month, d=day_text, n=four, a=four[:2], b=four[2:])
    if draw(st.integers(0, 15)) == 0:
        spelled = " ".join(long + month + day_text + four)
    return spelled, nine[:6] + four


WAYS = [
    "{y}{m}{d}-{n}", "{y}{m}{d}{n}", "{y}{m}{d} {n}", "{y}{m}{d}+{n}", "{y}{m}{d}–{n}", "{y}{m}{d} - {n}",
    "{y}-{m}-{d}-{n}", "{y}-{m}-{d} {n}", "{y} {m} {d} {n}", "{y} {m} {d} {a} {b}", "{y}.{m}.{d}-{n}",
    "{y}.{m}.{d}.{n}", "{y}/{m}/{d} {n}", "{y}{m}{d}\u00a0{n}", "{y}{m}{d}.{n}", "{y}{m}{d}_{n}",
    "{y}{m}{d}−{n}",
    "{y}{m}{d}\n{n}", "{y}{m}{d}/{n}", "{y}{m}{d}: {n}", "{y}{m}{d},{n}",
]  # fmt: skip

SENTENCES = [
    "{}", "Mitt personnummer är {}", "pnr:{}", "personnr {} tack", "Hej! {} är mitt nummer.",
    "Beställ PUK åt {}",
    "Anna Andersson ({}) har tappat kortet", "kortet tillhör {}, kan ni hjälpa?", "nr{}abc",
    "Det gäller '{}'.",
    "samordningsnumret är {}", "{}", "Kan du söka på {}?", "kund 100200, person {}",
    "id {} och HSA-id SE5560360793-1003",
]  # fmt: skip

CODE_SENTENCES = [
    "min pin är {}", "PIN: {}", "PIN-koden är {}", "pinkoden {} funkar inte", "{} är min pinkod", "pin{}",
    "jag har puk {}", "PUK-kod {}", "pukkoden är {} men det går inte", "koden är {}", "jag slog koden {}",
    "har testat {} som pin", "den nya pin-koden blev {}", "min pinkdo är {}", "pukken e {}",
    "säkerhetskoden {}",
    "mina koder är {}", "lösenordet är {}", "Min pin. {}", "hennes pinkod lyder {}",
    "legitimeringskoden är {}",
    "PIN={}", "({}) PIN", "pukkåd {}", "Kortet är låst, pinnkoden är {}", "vad gör jag? koden: {}",
]  # fmt: skip


@st.composite
def codes(draw: st.DrawFn) -> tuple[str, str]:
    """A sentence with a PIN or PUK in it, and the code's digits."""
    digits = draw(st.sampled_from([4, 6, 6, 6, 8, 8]))
    code = "".join(str(draw(st.integers(0, 9))) for _ in range(digits))
    spelled = code
    if digits == 8 and draw(st.booleans()):
        spelled = f"{code[:4]} {code[4:]}"
    elif digits == 6 and draw(st.integers(0, 3)) == 0:
        spelled = draw(st.sampled_from([f"{code[:3]} {code[3:]}", f"{code[:2]} {code[2:4]} {code[4:]}"]))
    return draw(st.sampled_from(CODE_SENTENCES)).format(spelled), code


@st.composite
def bank_cards(draw: st.DrawFn) -> tuple[str, str]:
    """A bank card number as text, and its digits."""
    prefix, length = draw(
        st.sampled_from([("4", 16), ("51", 16), ("55", 16), ("2221", 16), ("37", 15), ("6011", 16)])
    )
    body = prefix + "".join(str(draw(st.integers(0, 9))) for _ in range(length - len(prefix) - 1))
    number = body + luhn.calc_check_digit(body)
    groups = (4, 6, 5) if length == 15 else (4, 4, 4, 4)
    separator = draw(st.sampled_from(["", " ", "-"]))
    parts, start = [], 0
    for size in groups:
        parts.append(number[start : start + size])
        start += size
    return separator.join(parts), number


def digits_only(text: str) -> str:
    """Every digit of the text, in order."""
    return "".join(char for char in text if char.isdigit())
