"""App Store Connect's customer reviews, newest first.

https://developer.apple.com/documentation/appstoreconnectapi/list-all-customer-reviews-for-an-app
Tokens: https://developer.apple.com/documentation/appstoreconnectapi/generating-tokens-for-api-requests
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from feedback_ml.sources import app_store
from feedback_ml.sources.pages import AnswerBrokenError, KeyUnfitError, Page, SentElsewhereError, page_of
from feedback_ml.sources.rows import Accepted, Defaults, Refused, UnfitRowError
from feedback_ml.sources.store_http import StoreHttp

if TYPE_CHECKING:
    from schemas.feedback import Feedback

ORIGIN = "https://api.appstoreconnect.apple.com"
AUDIENCE = "appstoreconnect-v1"
ROWS_A_PAGE = 200
TOKEN_SECONDS = 15 * 60
"""Apple refuses a token that is good for longer than 20 minutes."""
SPARE_SECONDS = 60
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, repr=False)
class ConnectKey:
    """A key of App Store Connect: who issued it, its id, and the P-256 key in PEM."""

    issuer_id: str
    key_id: str
    private_key: str

    @classmethod
    def read(cls, written: str) -> ConnectKey:
        """Read the three fields as JSON; KeyUnfitError for anything else."""
        try:
            given = json.loads(written)
            return cls(str(given["issuer_id"]), str(given["key_id"]), str(given["private_key"]))
        except (ValueError, KeyError, TypeError):
            raise KeyUnfitError("issuer_id, key_id and private_key, as JSON") from None

    def token(self, now: datetime) -> str:
        """Sign (ES256) a token of TOKEN_SECONDS; KeyUnfitError for an unreadable key."""
        from joserfc import jwt  # noqa: PLC0415  reading files needs no cryptography
        from joserfc.errors import JoseError  # noqa: PLC0415  as above
        from joserfc.jwk import ECKey  # noqa: PLC0415  as above

        issued = int(now.timestamp())
        header = {"alg": "ES256", "kid": self.key_id, "typ": "JWT"}
        claims = {"iss": self.issuer_id, "iat": issued, "exp": issued + TOKEN_SECONDS, "aud": AUDIENCE}
        try:
            return jwt.encode(header, claims, ECKey.import_key(self.private_key), algorithms=["ES256"])
        except (ValueError, TypeError, JoseError):
            raise KeyUnfitError("the private key is no P-256 key in PEM") from None


@dataclass(slots=True)
class AppStoreReviews:
    """One app's reviews in the App Store: `app_id` is Apple's number, `app` what feedback calls it."""

    app_id: str
    app: str
    key: ConnectKey = field(repr=False)
    http: StoreHttp = field(default_factory=lambda: StoreHttp(ORIGIN))
    newest_first: bool = True
    days_kept: int | None = None
    _token: str = field(default="", repr=False)
    _ends: datetime = EPOCH

    @property
    def name(self) -> str:
        return f"app_store:{self.app}"

    def page(self, position: str) -> Page:
        """Read one page; `position` is the path and query of the page, as the page before gave it."""
        first = f"/v1/apps/{quote(self.app_id, safe='')}/customerReviews"
        # A position that was stored is held to the same path: nothing but reviews is ever asked for.
        if position and position.partition("?")[0] != first:
            raise SentElsewhereError("another address")
        target = position or f"{first}?sort=-createdDate&limit={ROWS_A_PAGE}"
        answer = self.http.get(target, self._bearer)
        reviews, links = answer.get("data"), answer.get("links") or {}
        if not isinstance(reviews, list) or not isinstance(links, dict):
            raise AnswerBrokenError("reviews of another shape")
        rows = [self._row(number, review) for number, review in enumerate(reviews, start=1)]
        following = links.get("next")
        return page_of(rows, self.http.target_of(str(following)) if following else "")

    def _row(self, number: int, review: Any) -> Accepted | Refused:
        try:
            return Accepted(self.name, number, self._feedback(review))
        except UnfitRowError as error:
            return Refused(self.name, number, str(error))

    def _feedback(self, review: Any) -> Feedback:
        if not app_store.is_review(review):
            raise UnfitRowError(f"column 'type': not {app_store.TYPE!r}")
        return app_store.feedback(review, Defaults(self.app, EPOCH))

    def _bearer(self, renew: bool) -> str:
        now = self.http.now()
        if renew or now >= self._ends:
            self._token = self.key.token(now)
            self._ends = now + timedelta(seconds=TOKEN_SECONDS - SPARE_SECONDS)
        return self._token
