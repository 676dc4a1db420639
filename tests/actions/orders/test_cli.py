"""The command line, run in this process and once as a program."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from actions.orders import OrderDraft, OrderService
from actions.orders.cli import main

from .conftest import HOLDER


@pytest.fixture
def run(database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):  # type: ignore[no-untyped-def]
    monkeypatch.setenv("SUPPORT_DATABASE_URL", database_url)

    def run(*words: str) -> tuple[int, str, str]:
        code = main(list(words))
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.fixture
def number(service: OrderService, verified: str, puk: OrderDraft) -> str:
    return service.place_order(verified, puk, idempotency_key="errand-1").order.number


def test_from_nothing_to_demo_data(run) -> None:  # type: ignore[no-untyped-def]
    code, _, err = run("list")
    assert (code, err) == (1, "Databasens tabeller är gamla. Kör: python -m actions.orders migrate\n")
    assert run("migrate")[0] == 0
    assert run("seed")[:2] == (0, "Exempeldata finns på plats.\n")
    assert run("list") == (0, "Inga beställningar.\n", "")


def test_list_show_move(run, number: str) -> None:  # type: ignore[no-untyped-def]
    code, out, _ = run(
        "list", "--state", "received", "--kind", "puk", "--customer", "100200", "--since", "2026-03-02"
    )
    assert code == 0
    assert out.split() == ["2026-03-02", "10:00", number, "mottagen", "PUK-kod", "100200", HOLDER]
    assert run("list", "--until", "2026-03-01")[1] == "Inga beställningar.\n"
    assert run("move", number, "handled", "--by", "anna", "--remark", "Gjort") == (
        0,
        f"{number} är nu under behandling.\n",
        "",
    )
    shown = run("show", number.lower())[1]
    assert "Kortanvändare:        Kim Exempel" in shown
    assert "Läge:                 under behandling" in shown
    assert "under behandling  staff:anna  Gjort" in shown
    assert run("move", number, "received") == (
        1,
        "",
        f"{number} är under behandling och kan inte bli mottagen.\n",
    )


def test_what_is_not_there(run, number: str) -> None:  # type: ignore[no-untyped-def]
    assert run("show", "P-7K4M-2XR") == (1, "", "Beställningen P-7K4M-2XR finns inte.\n")
    assert run("show", "banan")[2].startswith("Det är inget beställningsnummer.")
    assert run("move", number, "handled", "--remark", "640823-3234")[2].startswith("Anmärkningen")


def test_export(run, number: str, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "orders.csv"
    assert run("export", "--output", str(path))[1] == f"1 beställningar skrevs till {path}.\n"
    assert path.read_bytes().startswith(b"\xef\xbb\xbfnumber;")
    assert number in run("export")[1]


def test_the_queue_is_visible(run, number: str, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    assert run("queue")[1] == "väntar: 0   levererade: 0   uppgivna: 0\n"
    monkeypatch.setenv("SUPPORT_ORDER_EMAIL", "order@ombud.example")
    assert run("queue", "--requeue", number)[1] == "1 leveranser är köade.\n"
    row, counts = run("queue", "--state", "pending")[1].splitlines()
    assert row.split()[2:] == [number, "order.placed", "email", "pending", "0"]
    assert counts == "väntar: 1   levererade: 0   uppgivna: 0"
    assert "order.placed" in run("show", number)[1]


def test_import(run, number: str, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "contacts.csv"
    path.write_text("customer_number;name;email;active\n100200;Eva;eva@vardcentralen.example;ja\n")
    assert run("import", "contacts", str(path))[1] == "1 rader lästes in.\n"
    path.write_text("customer_number;name;email;active\n100200;Eva;ingen;ja\n")
    assert run("import", "contacts", str(path))[2] == "Ingenting lästes in. Rad 2: email is not an address\n"


def test_as_a_program_with_a_bad_setting() -> None:
    environment = {**os.environ, "SUPPORT_MODE": "production"}
    program = [sys.executable, "-m", "actions.orders", "list"]
    done = subprocess.run(program, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("Fel inställning: SUPPORT_SECRET_KEY is missing")
    assert len(done.stderr.splitlines()) == 1
