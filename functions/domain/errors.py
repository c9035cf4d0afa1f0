"""Everything that can go wrong, by name. The doors map each to HTTP once, in functions/errors.py."""

from __future__ import annotations

from dataclasses import dataclass, field


class KhidmatError(Exception):
    """Something a caller is told about. `words` fill the sentence of its kind in functions/messages.json."""

    kind = "internal"

    def __init__(self, **words: str) -> None:
        super().__init__(self.kind, words)
        self.words = words


class NotAuthenticated(KhidmatError):
    kind = "not_authenticated"


class NotPermitted(KhidmatError):
    """The role may not do this at all. For a row that is not the caller's: NotFound, which tells nothing."""

    kind = "not_permitted"


class NotFound(KhidmatError):
    kind = "not_found"


class TransitionNotAllowed(KhidmatError):
    kind = "transition_not_allowed"


class CaseFull(KhidmatError):
    """The case holds as many entries as can be read and answered at once."""

    kind = "case_full"


class ChangedMeanwhile(KhidmatError):
    """Somebody else's change came first; the answer names the present state."""

    kind = "changed_meanwhile"


class PreconditionFailed(KhidmatError):
    kind = "precondition_failed"


class IdempotencyKeyReused(KhidmatError):
    kind = "idempotency_key_reused"


class UnsupportedMediaType(KhidmatError):
    kind = "unsupported_media_type"


class BodyTooLarge(KhidmatError):
    kind = "body_too_large"


class CrossSiteRequest(KhidmatError):
    kind = "cross_site_request"


@dataclass(frozen=True, slots=True)
class FieldFault:
    """One wrong field: JSON Pointer ("/phone"), "?name" or "{name}"; `fault` keys messages.json."""

    pointer: str
    fault: str
    words: dict[str, str] = field(default_factory=dict)


class InvalidRequest(KhidmatError):
    """The request cannot be read or a field is wrong; each fault says which and what to do."""

    kind = "invalid_request"

    def __init__(self, *faults: FieldFault) -> None:
        super().__init__()
        self.faults = faults


class InvalidReference(ValueError):
    """Not a case reference: wrong length, a character that is never used, or a wrong check character."""
