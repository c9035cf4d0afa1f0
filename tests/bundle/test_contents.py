"""What is in the zips, and what must not be."""

import importlib.util
import zipfile

import pytest

from infra import build
from infra.packaging import sources
from infra.packaging.bundles import API, CURRENT, LAMBDA_BYTES, PROJECT, target_of

pytestmark = [pytest.mark.bundle]


def names(built, bundle):
    with zipfile.ZipFile(built.out / f"{bundle}.zip") as packed:
        return packed.namelist()


@pytest.fixture(params=["api", "learning"])
def listed(request):
    return names(request.getfixturevalue(request.param), request.param)


def test_nothing_of_tests_or_training_is_packed(listed):
    first = {name.split("/")[0] for name in listed}
    assert not first & {"tests", "infra", "build", "dist", "var", "phrases"}
    ours = [name for name in listed if name.startswith(sources.PACKAGES)]
    assert not [n for n in ours if set(n.split("/")) & set(sources.LEFT_OUT) - {"__pycache__"}]


def test_nothing_another_interpreter_compiled_is_packed(listed):
    tag = importlib.util.cache_from_source("x.py").split(".", 1)[1]
    assert not [n for n in listed if "__pycache__" in n and not n.endswith(tag)]


def test_every_source_and_data_file_of_ours_is_packed(listed):
    tracked = [
        path.relative_to(PROJECT)
        for package in sources.PACKAGES
        for path in (PROJECT / package).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    ]
    wanted = {str(path) for path in tracked if not set(path.parts) & set(sources.LEFT_OUT)}
    assert wanted - set(listed) == set()


def test_the_models_of_called_services_are_packed_and_no_others(listed):
    data = {n.split("/")[2] for n in listed if n.startswith("botocore/data/") and n.count("/") > 2}
    assert data == {"dynamodb", "kms", "s3", "sesv2", "sns", "sqs"}


@pytest.mark.parametrize("package", ["pydantic", "pynamodb", "botocore", "phonenumberslite"])
def test_a_package_keeps_its_licence(listed, package):
    assert any(name.startswith(f"licences/{package}-") for name in listed)


def test_lambda_can_unzip_the_learning_bundle(learning):
    assert learning.bytes < LAMBDA_BYTES


def test_the_same_sources_give_the_same_zip(api, tmp_path):
    again = build.pack(API, target_of(CURRENT), api.ours, tmp_path / "work", tmp_path)
    assert again.path.read_bytes() == (api.out / "api.zip").read_bytes()
