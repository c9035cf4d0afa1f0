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


class NotEnrolled(KhidmatError):
    """Signed in with the force's own issuer, and no row says what this officer is."""

    kind = "not_enrolled"


class Suspended(KhidmatError):
    kind = "suspended"


class PurposeNeeded(KhidmatError):
    """The officer may open this restricted case, and must say for what."""

    kind = "purpose_needed"


class CasesOpen(KhidmatError):
    """Erasure while an office still has to answer: without what was written it could not."""

    kind = "cases_open"


class FreshSignInNeeded(KhidmatError):
    """What cannot be undone is done from a device that showed a code a moment ago."""

    kind = "fresh_sign_in_needed"


class OwnPost(KhidmatError):
    """An administrator tried to change the own row."""

    kind = "own_post"


class CaseErased(KhidmatError):
    """What was written in the case was erased; nothing can be added to it."""

    kind = "case_erased"


class TooManyRequests(KhidmatError):
    """A limit was reached; `seconds` until it is worth coming again."""

    kind = "too_many_requests"

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds=str(seconds))
        self.seconds = seconds


class CodeRefused(KhidmatError):
    """Wrong, used, late or unknown: one answer for all, for the difference would tell who is known."""

    kind = "code_refused"


class PhoneFull(KhidmatError):
    """The telephone is registered for as many people as it may be."""

    kind = "phone_full"


class NotPermitted(KhidmatError):
    """The role may not do this at all. For a row that is not the caller's: NotFound, which tells nothing."""

    kind = "not_permitted"


class NotFound(KhidmatError):
    kind = "not_found"


class UnknownName(KhidmatError):
    """Something public that is asked for by name and is not there; `name` is the parameter's."""

    kind = "unknown_name"


class SourceOff(KhidmatError):
    """A run was asked for of a store whose key or app is not set up."""

    kind = "source_off"


class WebhookRefused(KhidmatError):
    """What came does not carry the signature, or the word, of whoever may call here."""

    kind = "webhook_refused"


class KeyRefused(KhidmatError):
    """The key that a client of the operator's was given is missing or is none."""

    kind = "key_refused"


class TransitionNotAllowed(KhidmatError):
    kind = "transition_not_allowed"


class TooLate(KhidmatError):
    """The time in which an ended case may be taken up again is over."""

    kind = "too_late"


class PauseNotAllowed(KhidmatError):
    """The clock stood as often as it may."""

    kind = "pause_not_allowed"


class CaseFull(KhidmatError):
    """The case holds as many entries as can be read and answered at once."""

    kind = "case_full"


class ChangedMeanwhile(KhidmatError):
    """Somebody else's change came first; the answer names the present state."""

    kind = "changed_meanwhile"


class TopicMerged(KhidmatError):
    """The topic was merged into another, `into`; what is done, is done to that one."""

    kind = "topic_merged"


class UndoNotPossible(KhidmatError):
    """Only the last decision that holds can be taken back, and none that people were told of."""

    kind = "undo_not_possible"


class NothingToldYet(KhidmatError):
    """Nobody has said of this text that its matter is mended, so it cannot be still broken."""

    kind = "nothing_told_yet"


class ModelNotBetter(KhidmatError):
    """The challenger was not measured better than the champion; `why` says what speaks against it."""

    kind = "model_not_better"


class ModelUnfit(KhidmatError):
    """The file of a model is missing, or nothing can be labelled with it."""

    kind = "model_unfit"


class NothingToRollBack(KhidmatError):
    """No model was promoted yet, so there is none before it."""

    kind = "nothing_to_roll_back"


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


class EvidenceFull(KhidmatError):
    """The case holds as many files as it takes."""

    kind = "evidence_full"


class EvidenceMissing(KhidmatError):
    """Nothing was uploaded with the form that was given out."""

    kind = "evidence_missing"


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


class EvidenceRefused(InvalidRequest):
    """What was uploaded is not what it was announced as; it was deleted."""

    kind = "evidence_refused"


class InvalidReference(ValueError):
    """Not a case reference: wrong length, a character that is never used, or a wrong check character."""
