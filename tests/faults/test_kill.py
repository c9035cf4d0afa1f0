import pytest

from infra.local.engines import NoEngineError, dynoxide_program
from tests.faults.kill import ROWS, kill_rounds

ROUNDS = 3


@pytest.mark.engine
def test_an_answered_write_survives_the_suites_sudden_death():
    try:
        dynoxide_program()
    except NoEngineError as error:
        pytest.skip(f"only dynoxide promises this: {error}")
    tally = kill_rounds(ROUNDS, ROWS)
    assert tally.acknowledged > 0
    assert (tally.lost, tally.torn) == ([], [])
