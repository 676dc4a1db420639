"""The questions of a message that holds more than one."""

from __future__ import annotations

import re

# Where one question ends and another may begin: a sentence's end, or a joint that starts a new clause.
_JOINT = re.compile(
    r"(?<=[?])\s*|[.!;\n]+\s*"
    r"|,?\s*\b(?:dessutom|sen så|sedan så|och så (?=undrar|vill|behöver|skulle)|och sen|å sen)\b\s*"
    r"|,?\s*\b(?:och|o|å|samt|men|sen|eller|plus)\s+"
    r"(?=(?:hur|vad|va|var|vart|när|vilken|vilket|vilka|vem|kan|får|måste|behöver|finns|går|aktiverar|länken)\b)"
    r"|,\s*(?=(?:hur|vad|vart|när|vilken|vilket|vem|kan|får|måste|finns|går)\b)",
    re.IGNORECASE,
)
SHORTEST = 3  # words; less does not ask anything of its own
MOST = 6


def segments(text: str) -> list[str]:
    """The parts of `text` that may each be a question, in order; `[text]` when all are scraps."""
    parts = [part.strip() for part in _JOINT.split(text) if part]
    long_enough = [part for part in parts if len(part.split()) >= SHORTEST][:MOST]
    return long_enough or [text]
