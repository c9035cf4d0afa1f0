"""The template that is deployed: whole, linted, and without a right or a name too many."""

import subprocess
import sys

import pytest

from functions.settings import NAMES, OPTIONAL
from infra.packaging.bundles import LEARNING_FUNCTIONS
from infra.packaging.gateway import ANSWERS

pytestmark = pytest.mark.bundle
CFN_LINT = "import sys; from cfnlint.runner import main; sys.exit(main())"
FUNCTIONS = {
    "CopyCaseChanges",
    "CopyOfficerChanges",
    "EnforceRetention",
    "PublishOpenData",
    "SealAudit",
    "APIHandler",
    "FlagDanger",
    "FetchReviews",
    "FlagOverdue",
    "OnCaseChange",
    "OnCodeRequest",
    "OnMessage",
    "SendDigest",
    "SendWaiting",
    "WatchDrift",
    "OnRegroupRequest",
    "RegroupTopics",
}


def of_type(api, kind):
    return {
        name: each["Properties"] for name, each in api.template["Resources"].items() if each["Type"] == kind
    }


@pytest.fixture
def functions(api):
    return of_type(api, "AWS::Serverless::Function")


def references(value):
    """Every name that Ref, Fn::Sub or Fn::GetAtt takes from elsewhere in the template."""
    if isinstance(value, list):
        return set().union(*map(references, value)) if value else set()
    if not isinstance(value, dict):
        return set()
    found = set().union(*map(references, value.values())) if value else set()
    if isinstance(value.get("Ref"), str):
        found.add(value["Ref"])
    if isinstance(value.get("Fn::GetAtt"), list):
        found.add(value["Fn::GetAtt"][0])
    if isinstance(value.get("Fn::Sub"), str):
        found |= {part.split("}")[0].split(".")[0] for part in value["Fn::Sub"].split("${")[1:]}
    return found


def test_cfn_lint_has_nothing_to_say(api):
    ran = subprocess.run(
        [sys.executable, "-c", CFN_LINT, str(api.out / "template.json")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


def test_everything_that_is_named_exists(api):
    known = set(api.template["Resources"]) | set(api.template["Parameters"])
    named = references({"Resources": api.template["Resources"]})
    assert {n for n in named if not n.startswith("AWS::")} - known - {"RestAPIId"} == set()


def test_every_function_of_the_app_is_set_up(functions):
    assert set(functions) == FUNCTIONS


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_function_has_a_role_a_log_and_an_alarm_of_its_own(api, functions, name):
    function = functions[name]
    role = function["Role"]["Fn::GetAtt"][0]
    log = function["LoggingConfig"]["LogGroup"]["Fn::Sub"].strip("${}")
    logs = of_type(api, "AWS::Logs::LogGroup")
    assert [other for other in functions if functions[other]["Role"]["Fn::GetAtt"][0] == role] == [name]
    assert logs[log]["RetentionInDays"] == 90
    assert logs[log]["LogGroupName"]["Fn::Sub"] == f"/aws/lambda/{function['FunctionName']['Fn::Sub']}"
    assert f"{name}Errors" in of_type(api, "AWS::CloudWatch::Alarm")


@pytest.mark.parametrize(
    "role", [*sorted(f"{name}Role" for name in FUNCTIONS - {"APIHandler"}), "ApiHandlerRole"]
)
def test_no_role_reaches_everything(api, role):
    (policy,) = of_type(api, "AWS::IAM::Role")[role]["Policies"]
    for statement in policy["PolicyDocument"]["Statement"]:
        assert not [a for a in statement["Action"] if "*" in a]
        # A telephone has no name as a resource: what may be published to is all that is no topic.
        if statement["Sid"] == "SendTextMessages":
            assert statement["NotResource"] == [{"Fn::Sub": "arn:${AWS::Partition}:sns:*:*:*"}]
        else:
            assert references(statement["Resource"]) - {"AWS::Partition"}, statement


def test_each_function_runs_from_the_bundle_that_has_what_it_needs(functions):
    learning = {n for n, each in functions.items() if each["CodeUri"] == "./learning.zip"}
    assert learning == LEARNING_FUNCTIONS
    assert {each["CodeUri"] for n, each in functions.items() if n not in learning} == {"./api.zip"}


def test_the_api_is_given_every_setting(functions):
    given = functions["APIHandler"]["Environment"]["Variables"]
    assert set(given) == {*NAMES.values(), *OPTIONAL.values()} - {OPTIONAL["key_file"]}
    assert given["KHIDMAT_CURSOR_KEY"]["Fn::Sub"].startswith("{{resolve:secretsmanager:")


def test_batches_fail_record_by_record_and_are_set_aside_at_last(functions):
    (stream,) = functions["OnCaseChange"]["Events"].values()
    (queue,) = functions["OnRegroupRequest"]["Events"].values()
    (codes,) = functions["OnCodeRequest"]["Events"].values()
    (messages,) = functions["OnMessage"]["Events"].values()
    assert stream["Properties"]["Stream"] == {"Fn::Sub": "${CasesTable.StreamArn}"}
    assert stream["Properties"]["BisectBatchOnFunctionError"] is True
    assert stream["Properties"]["MaximumRetryAttempts"] > 0
    assert stream["Properties"]["DestinationConfig"]["OnFailure"]["Destination"] == {
        "Fn::Sub": "${StreamFailuresQueue.Arn}"
    }
    assert queue["Properties"]["Queue"] == {"Fn::Sub": "${RegroupQueue.Arn}"}
    assert codes["Properties"]["Queue"] == {"Fn::Sub": "${CodesQueue.Arn}"}
    assert messages["Properties"]["Queue"] == {"Fn::Sub": "${MessagesQueue.Arn}"}
    for source in (stream, queue, codes, messages):
        assert source["Properties"]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


@pytest.mark.parametrize(
    ("name", "table"), [("CopyCaseChanges", "CasesTable"), ("CopyOfficerChanges", "OfficersTable")]
)
def test_what_belongs_in_the_ledger_is_tried_until_the_stream_itself_forgets_it(functions, name, table):
    (stream,) = functions[name]["Events"].values()
    assert stream["Properties"]["Stream"] == {"Fn::Sub": f"${{{table}.StreamArn}}"}
    assert (stream["Properties"]["BatchSize"], stream["Properties"]["MaximumBatchingWindowInSeconds"]) == (
        500,
        60,
    )
    assert "MaximumRetryAttempts" not in stream["Properties"]
    assert stream["Properties"]["DestinationConfig"]["OnFailure"]["Destination"] == {
        "Fn::Sub": "${StreamFailuresQueue.Arn}"
    }


def test_a_message_stays_hidden_for_as_long_as_it_may_be_worked_on(api, functions):
    queues = of_type(api, "AWS::SQS::Queue")
    pairs = {"RegroupQueue": "OnRegroupRequest", "CodesQueue": "OnCodeRequest", "MessagesQueue": "OnMessage"}
    for queue, function in pairs.items():
        assert queues[queue]["VisibilityTimeout"] >= functions[function]["Timeout"]


def test_a_citizen_never_waits_longer_than_the_gateway(functions):
    assert functions["APIHandler"]["Timeout"] < 29


def test_the_gateway_throttles_and_answers_in_our_form(api):
    rest = of_type(api, "AWS::Serverless::Api")["RestAPI"]
    (settings,) = rest["MethodSettings"]
    assert settings["ThrottlingRateLimit"] == {"Ref": "RequestsPerSecond"}
    assert set(rest["GatewayResponses"]) == set(ANSWERS)


def test_nothing_names_the_stage_it_was_packaged_with(functions):
    assert not [n for n, each in functions.items() if "aws-chalice" in each["Tags"]]
