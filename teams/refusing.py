"""How a verb of an OMTM says no: a sentence for a person, and the answer that it is about."""

from __future__ import annotations


class LifecycleError(Exception):
    """It cannot be done; the sentence says why and what to do. `field` names the answer it is about."""

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


def demand(given: object, sentence: str, field: str) -> None:
    """Raise LifecycleError with the sentence where nothing was given."""
    if not given:
        raise LifecycleError(sentence, field)
