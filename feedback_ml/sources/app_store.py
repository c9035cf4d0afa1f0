"""App Store Connect's customer reviews: one JSON page, or a list of pages or of reviews."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from feedback_ml.sources.rows import Defaults, UnfitRowError, feedback_from, instant, pseudonym, rating

if TYPE_CHECKING:
    from collections.abc import Mapping

    from schemas.feedback import Feedback

TYPE = "customerReviews"


def is_review(value: Any) -> bool:
    return isinstance(value, dict) and value.get("type") == TYPE


def feedback(review: Mapping[str, Any], defaults: Defaults) -> Feedback:
    """Make one review's record; the page does not say which app it is about, so `defaults.app` does."""
    attributes = review.get("attributes")
    if not isinstance(attributes, dict):
        raise UnfitRowError("column 'attributes': missing; fetch the page again with its attributes")
    if not review.get("id"):
        raise UnfitRowError("column 'id': missing; fetch the page again")
    if not attributes.get("createdDate"):
        raise UnfitRowError("column 'createdDate': missing; fetch the page again with its attributes")
    # An edited review keeps its id and is dated anew: that is when it was revised, too.
    written = instant("createdDate", str(attributes["createdDate"]))
    return feedback_from(
        {
            "source": "app_store",
            "app": defaults.app,
            "external_id": str(review["id"]),
            "written_at": written,
            "revised_at": written,
            "text": attributes.get("body") or "",
            "title": attributes.get("title") or "",
            "rating": rating("rating", attributes.get("rating")),
            "locale": attributes.get("territory") or "",
            "person": pseudonym(defaults.app, str(attributes.get("reviewerNickname") or "")),
        }
    )
