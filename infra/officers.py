"""Enters the first administrator, who enters everybody else.

    python -m infra.officers enrol SUBJECT --role administrator

SUBJECT is the person's `sub` at the sign-in service. Needs the right to write the officers' table.
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from functions.domain import officers
from functions.domain.access import Role
from functions.domain.errors import InvalidRequest, KhidmatError
from functions.messages import fault_sentence
from schemas.officers import NewPost

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m infra.officers", description=__doc__)
    parser.add_argument("command", choices=["enrol"])
    parser.add_argument("subject")
    parser.add_argument("--role", required=True, choices=[role for role in Role if role is not Role.CITIZEN])
    parser.add_argument("--office", help="id of the office, from GET /v1/offices")
    asked = parser.parse_args(arguments)
    post = NewPost(role=asked.role, office=asked.office)
    try:
        row = officers.write(
            asked.subject, post, datetime.now(UTC), by=officers.OPERATOR, role=officers.OPERATOR
        )
    except InvalidRequest as error:
        for fault in error.faults:
            print(f"{fault.pointer} {fault_sentence(fault.fault, 'en', fault.words)}", file=sys.stderr)
        return 2
    except KhidmatError as error:
        print(error.kind, file=sys.stderr)
        return 1
    print(f"{row.subject} is {row.role} (version {row.version})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
