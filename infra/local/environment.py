"""The environment a local run gives the product: the same names that the deployed functions get."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from infra.local import secrets, tokens
from infra.local.home import PROJECT
from infra.tables import LOCAL_ACCOUNT, LOCAL_REGION, bucket_name

if TYPE_CHECKING:
    from infra.local.home import Home

STAGE = "dev"
OWN_APP = "pk.khidmat.app"
# Engines here check no signature. Twenty letters, so that an engine that looks at the form is content.
NO_CREDENTIALS = "localkhidmatengineid"


class StageError(Exception):
    """A local run was asked to pass for a stage that is not the demonstration."""


def refuse_other_stages() -> None:
    """Raise StageError unless the stage is the demonstration's: the local issuer signs anyone in."""
    stage = os.environ.get("KHIDMAT_STAGE", STAGE)
    if stage != STAGE:
        raise StageError(
            f"The local run signs anyone in, so it serves only KHIDMAT_STAGE={STAGE}, not {stage}."
        )


def product_environment(place: Home, base_url: str, dynamodb_url: str, sqs_url: str) -> dict[str, str]:
    """Return this process's environment with the product's settings in place.

    Anything of AWS that was set is left out: a local run never reaches a real account by accident.
    """
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    issuer = base_url + tokens.ISSUER_PATH
    return inherited | {
        "AWS_ENDPOINT_URL_DYNAMODB": dynamodb_url,
        "AWS_ENDPOINT_URL_DYNAMODB_STREAMS": dynamodb_url,
        "AWS_ENDPOINT_URL_SQS": sqs_url,
        "AWS_ENDPOINT_URL_S3": sqs_url,
        "AWS_DEFAULT_REGION": LOCAL_REGION,
        "AWS_ACCESS_KEY_ID": NO_CREDENTIALS,
        "AWS_SECRET_ACCESS_KEY": NO_CREDENTIALS,
        "AWS_EC2_METADATA_DISABLED": "true",
        "KHIDMAT_HOME": str(place.root),
        "KHIDMAT_STAGE": STAGE,
        "KHIDMAT_ISSUER": issuer,
        "KHIDMAT_CLIENT_ID": tokens.CLIENT_ID,
        "KHIDMAT_JWKS": tokens.public_keys(place),
        "KHIDMAT_CURSOR_KEY": tokens.cursor_key(place),
        "KHIDMAT_AUTHORIZE_URL": f"{issuer}/authorize",
        "KHIDMAT_TOKEN_URL": f"{issuer}/token",
        "KHIDMAT_BASE_URL": base_url,
        "KHIDMAT_KEYRING": secrets.keyring(place),
        "KHIDMAT_KEY_FILE": str(secrets.key_file(place)),
        "KHIDMAT_CODES_QUEUE_URL": queue_url(sqs_url, f"khidmat-{STAGE}-codes"),
        "KHIDMAT_MESSAGES_QUEUE_URL": queue_url(sqs_url, f"khidmat-{STAGE}-messages"),
        "KHIDMAT_EVIDENCE_BUCKET": bucket_name("EvidenceBucket", STAGE),
        "KHIDMAT_MODELS_BUCKET": bucket_name("ModelsBucket", STAGE),
        "KHIDMAT_LEDGER_BUCKET": bucket_name("LedgerBucket", STAGE),
        "KHIDMAT_OUTBOX": str(place.outbox),
        "KHIDMAT_REGROUP_QUEUE_URL": queue_url(sqs_url, f"khidmat-{STAGE}-regroup"),
        "KHIDMAT_OWN_APP": OWN_APP,
        "KHIDMAT_DIGEST_TO": "en:owner@khidmat.example",
        "PYTHONPATH": os.pathsep.join(filter(None, [str(PROJECT), os.environ.get("PYTHONPATH", "")])),
        "PYTHONUNBUFFERED": "1",
    }


def queue_url(sqs_url: str, name: str) -> str:
    return f"{sqs_url}/{LOCAL_ACCOUNT}/{name}"
