import pytest

from tests.feedback_ml.sources.stores import serving


@pytest.fixture
def store():
    with serving() as made:
        yield made
