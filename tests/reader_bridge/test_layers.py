"""Who may know what (the architecture's table, for this package)."""

from __future__ import annotations

import ast
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "reader_bridge"


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return names


def files_importing(prefix: str) -> set[str]:
    return {
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        if any(name == prefix or name.startswith(prefix + ".") for name in imported(path))
    }


def test_one_file_knows_pyscard_and_one_python_pkcs11() -> None:
    assert files_importing("smartcard") == {"pcsc.py"}
    assert files_importing("pkcs11") == {"pkcs11_read.py"}


def test_the_card_layer_knows_nothing_above_it() -> None:
    for path in (PACKAGE / "card").glob("*.py"):
        ours = {name for name in imported(path) if name.startswith("reader_bridge")}
        assert all(name.startswith("reader_bridge.card") for name in ours), path


def test_nothing_of_the_bot_is_imported() -> None:
    assert not any(files_importing(prefix) for prefix in ("bot", "actions", "rasa", "rasa_sdk"))


def test_swedish_stands_in_the_catalogue_only() -> None:
    for path in PACKAGE.rglob("*.py"):
        if path.name == "messages.py":
            continue
        words = [
            node.value
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
        swedish = [word for word in words if any(letter in word for letter in "åäöÅÄÖ") and len(word) < 200]
        assert not [word for word in swedish if "Tillitsnivå" not in word], path
