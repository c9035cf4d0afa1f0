"""Alarms: what must wake somebody, each with what it means for citizens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

FIVE_MINUTES, SWEEP_SILENCE_SECONDS = 300, 900
STREAM_AGE_MS = 10 * 60 * 1000
NAMESPACE = "Khidmat/${Stage}"
TOPIC = "AlarmTopic"
DEAD_LETTERS = {
    "RegroupDeadQueue": "Feedback of an app could not be regrouped",
    "CodesDeadQueue": "One-time codes did not reach their telephones: citizens cannot sign in",
    "MessagesDeadQueue": "Messages could not be looked up or put on record: the app alone tells of them",
    "StreamFailuresQueue": "A change of a case or an officer has no copy in the ledger, or no notice",
}
LOGGED = {
    "DangerWaits": ("FlagDangerLog", "calls for help wait", "Nobody took up a call for help in time"),
    "FeedbackDrifts": ("WatchDriftLog", "drift", "Feedback is no longer what the model learnt from"),
}
"""Counted from what a function logs: its log, the line's message, and what it means."""
Resources = dict[str, Any]


def alarms(functions: Iterable[str]) -> Resources:
    """Resources of all alarms; `functions` are logical ids."""
    found: Resources = {
        TOPIC: {
            "Type": "AWS::SNS::Topic",
            "Properties": {
                "TopicName": {"Fn::Sub": "khidmat-${Stage}-alarms"},
                "Subscription": [{"Protocol": "email", "Endpoint": {"Fn::Sub": "${AlarmEmail}"}}],
            },
        },
        "ApiFailures": _alarm(
            "api-failures",
            "Citizens are answered 5xx",
            _one("AWS/ApiGateway", "5XXError", {"ApiName": "khidmat-${Stage}"}),
        ),
        "CaseStreamAge": _alarm(
            "case-stream-age",
            "Notices are ten minutes behind the cases",
            _one("AWS/Lambda", "IteratorAge", {"FunctionName": "${OnCaseChange}"}, "Maximum"),
            above=STREAM_AGE_MS,
        ),
        "LedgerAge": _alarm(
            "ledger-age",
            "The audit ledger is ten minutes behind the cases",
            _one("AWS/Lambda", "IteratorAge", {"FunctionName": "${CopyCaseChanges}"}, "Maximum"),
            above=STREAM_AGE_MS,
        ),
        "OfficersLedgerAge": _alarm(
            "officers-ledger-age",
            "The audit ledger is ten minutes behind the officers' rows",
            _one("AWS/Lambda", "IteratorAge", {"FunctionName": "${CopyOfficerChanges}"}, "Maximum"),
            above=STREAM_AGE_MS,
        ),
        "SweepSilent": _sweep_silent(),
    }
    for name, (log, message, meaning) in LOGGED.items():
        found |= _counted(name, log, message, meaning)
    for function in functions:
        metric = _one("AWS/Lambda", "Errors", {"FunctionName": f"${{{function}}}"})
        found[f"{function}Errors"] = _alarm(f"{function}-errors", f"{function} fails", metric)
    for queue, meaning in DEAD_LETTERS.items():
        dimensions = {"QueueName": f"${{{queue}.QueueName}}"}
        metric = _one("AWS/SQS", "ApproximateNumberOfMessagesVisible", dimensions, "Maximum")
        found[f"{queue}NotEmpty"] = _alarm(f"{queue}-not-empty", meaning, metric)
    return found


def _sweep_silent() -> Resources:
    """No run of the sweep ended well for 15 minutes. No data is what a stopped schedule looks like."""
    name = {"FunctionName": "${FlagOverdue}"}
    queries = [
        {"Id": "started", "ReturnData": False, "MetricStat": _stat("Invocations", name)},
        {"Id": "failed", "ReturnData": False, "MetricStat": _stat("Errors", name)},
        {"Id": "ended", "ReturnData": True, "Expression": "FILL(started, 0) - FILL(failed, 0)"},
    ]
    alarm = _alarm("sweep-silent", "Missed deadlines are not flagged", {"Metrics": queries})
    alarm["Properties"] |= {
        "ComparisonOperator": "LessThanThreshold",
        "Threshold": 1,
        "TreatMissingData": "breaching",
    }
    return alarm


def _counted(name: str, log: str, message: str, meaning: str) -> Resources:
    """A count of the lines of a log that say `message`, and its alarm."""
    said = {
        "MetricNamespace": {"Fn::Sub": NAMESPACE},
        "MetricName": name,
        "MetricValue": "1",
    }
    metric = {
        "Namespace": {"Fn::Sub": NAMESPACE},
        "MetricName": name,
        "Statistic": "Sum",
        "Period": FIVE_MINUTES,
    }
    return {
        f"{name}Lines": {
            "Type": "AWS::Logs::MetricFilter",
            "Properties": {
                "LogGroupName": {"Ref": log},
                "FilterPattern": f'{{ $.message = "{message}" }}',
                "MetricTransformations": [said],
            },
        },
        name: _alarm(name, meaning, metric),
    }


def _alarm(name: str, meaning: str, metric: Resources, above: int = 0) -> Resources:
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmName": {"Fn::Sub": f"khidmat-${{Stage}}-{name}"},
            "AlarmDescription": meaning,
            "AlarmActions": [{"Ref": TOPIC}],
            "EvaluationPeriods": 1,
            "ComparisonOperator": "GreaterThanThreshold",
            "Threshold": above,
            "TreatMissingData": "notBreaching",
            **metric,
        },
    }


def _one(namespace: str, metric: str, dimensions: dict[str, str], statistic: str = "Sum") -> Resources:
    return {
        "Namespace": namespace,
        "MetricName": metric,
        "Dimensions": _dimensions(dimensions),
        "Statistic": statistic,
        "Period": FIVE_MINUTES,
    }


def _stat(metric: str, dimensions: dict[str, str]) -> Resources:
    named = {"Namespace": "AWS/Lambda", "MetricName": metric, "Dimensions": _dimensions(dimensions)}
    return {"Metric": named, "Stat": "Sum", "Period": SWEEP_SILENCE_SECONDS}


def _dimensions(values: dict[str, str]) -> list[Resources]:
    return [{"Name": name, "Value": {"Fn::Sub": value}} for name, value in values.items()]
