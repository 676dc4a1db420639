"""Lemmas in a file that is searched where it lies.

spaCy's own lookup table holds 660,000 words in 200 MB and takes seconds to read. The server needs a few
thousand of them, and not beforehand which: so the trained model carries all of them as sorted lines,
`word<tab>lemma`, and a word is found by halving, in microseconds, with only the touched pages in memory.
"""

from __future__ import annotations

import mmap
from collections.abc import Mapping
from pathlib import Path

# Before words that the tokeniser treats as a whole unlike its parts ("köru" is "kör" + "u").
_SPECIAL = "="


class LemmaFile:
    """Lemmas of the words that a file written by `write` holds.

    Raises:
        OSError: the file cannot be read.
    """

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            # The file may be deleted afterwards, as Rasa does with an unpacked model.
            self._lines = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def lemma(self, word: str) -> str:
        """The dictionary form of one lower-case word; its first part where none is known."""
        first = word.partition(":")[0]
        return self._find(_SPECIAL + word) or self._find(first) or first

    def _find(self, word: str) -> str | None:
        lines, key = self._lines, f"{word}\t".encode()
        low, high = 0, len(lines)
        while low < high:
            start = lines.rfind(b"\n", low, (low + high) // 2) + 1 or low
            end = lines.find(b"\n", start)
            line = lines[start:end]
            if line.startswith(key):
                return line[len(key) :].decode()
            if line < key:
                low = end + 1
            else:
                high = start
        return None


def write(path: Path, lemmas: Mapping[str, str], special: Mapping[str, str]) -> None:
    """Writes a file for `LemmaFile`; `special` are words that are not looked up by their first part."""
    entries = [*lemmas.items(), *((_SPECIAL + word, lemma) for word, lemma in special.items())]
    lines = sorted(f"{word}\t{lemma}\n".encode() for word, lemma in entries)
    path.write_bytes(b"".join(lines))
