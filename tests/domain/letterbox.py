"""Letters to write: the shipped templates, a frame of each language, and facts for each template."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from shared.domain.letter_frames import Frame
from shared.domain.letter_templates import BY_NAME, Manner
from shared.domain.letters import Letter, LetterChannel, letter, shelf_of

FOLDER = Path(__file__).resolve().parents[2] / "functions" / "notify" / "templates"
SHELF = shelf_of(FOLDER)
CHANNELS: tuple[LetterChannel, ...] = ("email", "sms", "push")
AS_EVER = Manner()
OUT = "https://rimon.example.com/u/0123456789abcdef"
# One of each fact; a letter is told those that it knows.
FACTS: dict[str, Any] = {
    "first_name": "Noa",
    "offer": "20% off one record",
    "product": "coffee",
    "tier": "gold",
    "code": "RMN7-4KQ2-XWHC",
    "link": "https://rimon.example.com/gift",
    "points": 1_200,
    "worth_minor": 1_250,
    "missing_minor": 4_900,
    "days": 7,
    "ends_on": date(2027, 4, 20),
}


def frame(language: str = "en", **more: Any) -> Frame:
    plain = Frame(
        "Rimon Records", "Rimon Records", "club@rimon.example.com", "1 Orchard Street, New York", "USD", language,
        ("rimon.example.com",), OUT,
    )  # fmt: skip
    return plain._replace(**more)


def facts(name: str, case: str = "", **more: Any) -> dict[str, Any]:
    """All that the letter can be told; `None` is not told."""
    template = BY_NAME[name]
    told = {key: FACTS[key] for key in template.facts} | more
    if template.cases:
        told["case"] = case or template.cases[0]
    return {key: fact for key, fact in told.items() if fact is not None}


def written(
    name: str, channel: LetterChannel = "email", language: str = "en", manner: Manner = AS_EVER, **more: Any
) -> Letter:
    return letter(name, facts(name, **more), frame(language), channel, SHELF, manner)
