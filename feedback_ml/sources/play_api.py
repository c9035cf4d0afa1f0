"""Google Play's reviews of the last seven days: androidpublisher v3, `reviews.list`.

https://developers.google.com/android-publisher/api-ref/rest/v3/reviews/list
A review has the id that the monthly CSV has in its link, so one review by both ways is one text. The API
tells only when it was changed last: that is both `revised_at` and `written_at`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from feedback_ml.sources.pages import AnswerBrokenError, KeyUnfitError, Page, page_of
from feedback_ml.sources.rows import Accepted, Refused, UnfitRowError, feedback_from, rating
from feedback_ml.sources.store_http import StoreHttp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from schemas.feedback import Feedback

ORIGIN, TOKEN_ORIGIN = "https://androidpublisher.googleapis.com", "https://oauth2.googleapis.com"
TOKEN_TARGET = "/token"  # noqa: S105  an address, not a secret
SCOPE = "https://www.googleapis.com/auth/androidpublisher"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ROWS_A_PAGE = 100
DAYS_KEPT = 7
ASSERTION_SECONDS = 600
SPARE_SECONDS = 60
"""A token is renewed so long before its end: it must not end on the way."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, repr=False)
class ServiceAccount:
    """Google's service account: the fields of its key file that are needed."""

    client_email: str
    private_key: str

    @classmethod
    def read(cls, written: str) -> ServiceAccount:
        """Read the key file, or its two fields alone; KeyUnfitError for anything else."""
        try:
            given = json.loads(written)
            return cls(str(given["client_email"]), str(given["private_key"]))
        except (ValueError, KeyError, TypeError):
            raise KeyUnfitError("client_email and private_key, as JSON") from None

    def assertion(self, now: datetime) -> str:
        """Sign (RS256) what is exchanged for a token (RFC 7523); KeyUnfitError for an unreadable key."""
        from joserfc import jwt  # noqa: PLC0415  reading files needs no cryptography
        from joserfc.errors import JoseError  # noqa: PLC0415  as above
        from joserfc.jwk import RSAKey  # noqa: PLC0415  as above

        issued = int(now.timestamp())
        claims = {
            "iss": self.client_email,
            "scope": SCOPE,
            "aud": TOKEN_ORIGIN + TOKEN_TARGET,
            "iat": issued,
            "exp": issued + ASSERTION_SECONDS,
        }
        try:
            key = RSAKey.import_key(self.private_key)
            return jwt.encode({"alg": "RS256", "typ": "JWT"}, claims, key, algorithms=["RS256"])
        except (ValueError, TypeError, JoseError):
            raise KeyUnfitError("the private key is no RSA key in PEM") from None


@dataclass(slots=True)
class PlayReviews:
    """One app's reviews in Google Play. `http` and `tokens` are the API's host and the issuer of tokens."""

    app: str
    account: ServiceAccount = field(repr=False)
    http: StoreHttp = field(default_factory=lambda: StoreHttp(ORIGIN))
    tokens: StoreHttp = field(default_factory=lambda: StoreHttp(TOKEN_ORIGIN))
    newest_first: bool = False
    days_kept: int | None = DAYS_KEPT
    _token: str = field(default="", repr=False)
    _ends: datetime = EPOCH

    @property
    def name(self) -> str:
        return f"play:{self.app}"

    def page(self, position: str) -> Page:
        """Read one page; `position` is the API's page token."""
        asked = {"maxResults": str(ROWS_A_PAGE)} | ({"token": position} if position else {})
        target = f"/androidpublisher/v3/applications/{quote(self.app, safe='')}/reviews?{urlencode(asked)}"
        answer = self.http.get(target, self._bearer)
        reviews = answer.get("reviews", [])
        pagination = answer.get("tokenPagination") or {}
        if not isinstance(reviews, list) or not isinstance(pagination, dict):
            raise AnswerBrokenError("reviews of another shape")
        rows = [self._row(number, review) for number, review in enumerate(reviews, start=1)]
        return page_of(rows, str(pagination.get("nextPageToken") or ""))

    def _row(self, number: int, review: Any) -> Accepted | Refused:
        try:
            return Accepted(self.name, number, feedback(review, self.app))
        except UnfitRowError as error:
            return Refused(self.name, number, str(error))

    def _bearer(self, renew: bool) -> str:
        now = self.tokens.now()
        if renew or now >= self._ends:
            fields = {"grant_type": GRANT, "assertion": self.account.assertion(now)}
            answer = self.tokens.post_form(TOKEN_TARGET, fields)
            token, lasts = answer.get("access_token"), answer.get("expires_in")
            if not isinstance(token, str) or not isinstance(lasts, int) or not token.isascii():
                raise AnswerBrokenError("no token in the answer")
            self._token, self._ends = token, now + timedelta(seconds=lasts - SPARE_SECONDS)
        return self._token


def feedback(review: Any, app: str) -> Feedback:
    """Make one review's record, with the same id as its line of the CSV; UnfitRowError names what lacks."""
    if not isinstance(review, dict) or not review.get("reviewId"):
        raise UnfitRowError("column 'reviewId': missing; it comes with the next run, or not at all")
    comment = _last_comment(review)
    changed = _changed(comment)
    # Play gives a title in front of the text, with a tab between; without a title the tab may stand alone.
    title, tab, text = str(comment.get("text") or "").partition("\t")
    version = comment.get("appVersionName") or comment.get("appVersionCode") or ""
    return feedback_from(
        {
            "source": "play",
            "app": app,
            "external_id": str(review["reviewId"]),
            "written_at": changed,
            "revised_at": changed,
            "text": text if tab else title,
            "title": title if tab else "",
            "rating": rating("starRating", comment.get("starRating")),
            "version": str(version),
            "locale": str(comment.get("reviewerLanguage") or ""),
            "device": str(comment.get("device") or ""),
        }
    )


def _last_comment(review: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the reviewer said last; what the developer answered is nobody's feedback."""
    comments = review.get("comments")
    said = [
        each["userComment"]
        for each in (comments if isinstance(comments, list) else [])
        if isinstance(each, dict) and isinstance(each.get("userComment"), dict)
    ]
    if not said:
        raise UnfitRowError("column 'userComment': missing; it comes with the next run, or not at all")
    return max(said, key=_changed)


def _changed(comment: Mapping[str, Any]) -> datetime:
    """Give the instant of the last change, to the millisecond: the CSV knows it no finer."""
    written: Any = comment.get("lastModified")
    try:
        seconds, nanos = int(written["seconds"]), int(written.get("nanos") or 0)
        return EPOCH + timedelta(seconds=seconds, milliseconds=nanos // 1_000_000)
    except (TypeError, ValueError, KeyError, AttributeError, OverflowError):
        raise UnfitRowError("column 'lastModified': not seconds since 1970") from None
