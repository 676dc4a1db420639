"""Run `rasa data validate` and fail on every warning but three.

Rasa does not see that most responses are named by actions or by data; `tests/` proves that each is used
and each used one exists. Nor does it know that some intents are events of the gateway, which nobody can
write. And it adds the retrieval intent and its action to a domain that has them, then calls them duplicates.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMMAND = [
    *(".venv-engine/bin/python", "-W", "ignore::DeprecationWarning", "-m", "rasa"),
    *(
        "data",
        "validate",
        "--domain",
        "domain.yml",
        "--data",
        "data/nlu",
        "data/stories",
        "--config",
        "config.yml",
    ),
]
ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
WARNING = re.compile(r"UserWarning: (.*(?:\n(?!.*(?:Warning: | INFO | ERROR )).*)*)")
EVENTS = "card_check_failed|card_report|handed_back|nlu_fallback|several_questions"
TOLERATED = re.compile(
    r"The utterance '\w+' is not used in any story or rule\."
    rf"|The intent '({EVENTS})' is listed in the domain file, but is not found in the NLU training data\."
    r"|The following duplicated (intents|actions) have been found across multiple domain files: "
    r"(utter_)?faq\s"
)


def complaints(output: str) -> list[str]:
    """The warnings in Rasa's output that are to be acted on."""
    found = (match.strip() for match in WARNING.findall(ESCAPES.sub("", output)))
    return [warning for warning in found if not TOLERATED.match(warning)]


def main() -> int:
    """Validate; returns 1 after printing what is wrong."""
    environment = {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3"}
    environment["SQLALCHEMY_SILENCE_UBER_WARNING"] = "1"
    result = subprocess.run(
        COMMAND,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    warnings = complaints(result.stdout)
    for warning in warnings:
        print(f"- {warning}")
    if result.returncode:
        print("\n".join(ESCAPES.sub("", result.stdout).strip().splitlines()[-15:]))
    return 1 if warnings or result.returncode else 0


if __name__ == "__main__":
    sys.exit(main())
