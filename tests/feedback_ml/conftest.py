"""What the tests of the feedback library share."""

from pathlib import Path

import pytest

from feedback_ml.classifier import Classifier

PUBLIC = Path(__file__).parents[3] / "shared" / "data"


@pytest.fixture(scope="session")
def public_data() -> Path:
    if not (PUBLIC / "app_reviews_types.jsonl").is_file():
        pytest.skip("needs the public sets beside the repository (../shared/data)")
    return PUBLIC


@pytest.fixture(scope="session")
def classifier() -> Classifier:
    return Classifier.load()
