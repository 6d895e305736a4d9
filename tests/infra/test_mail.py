"""Mail leaves by the club's own configuration set, and what comes back can have been written by nobody but SES."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from aws_cdk import App, Stack

from infra.mail import EVENTS, sending_rights
from infra.stage import STAGES
from tests.infra.synthesised import Resource, Synthesised, flat, listed

HERE = "{AWS::Region}:{AWS::AccountId}"


def _named(club: Synthesised, type_: str, **named: str) -> str:
    (found,) = (
        logical
        for logical, made in club.full(type_).items()
        if all(made["Properties"].get(name) == value for name, value in named.items())
    )
    return found


def _allowed(club: Synthesised, type_: str, key: str, logical: str) -> list[Resource]:
    """What policies of a queue or topic let somebody do."""
    policies = (one for one in club.resources(type_) if {"Ref": logical} in one[key])
    return [one for policy in policies for one in policy["PolicyDocument"]["Statement"] if one["Effect"] == "Allow"]


def test_everything_that_ses_tells_of_a_mail_comes_to_the_topic(club: Synthesised) -> None:
    (made,) = club.resources("AWS::SES::ConfigurationSet")
    assert made["Name"] == club.stage.mail
    assert made["ReputationOptions"] == {"ReputationMetricsEnabled": True}
    assert made["SuppressionOptions"] == {"SuppressedReasons": ["BOUNCE", "COMPLAINT"]}
    (destination,) = club.resources("AWS::SES::ConfigurationSetEventDestination")
    topic = _named(club, "AWS::SNS::Topic", TopicName=club.stage.mail)
    assert destination["ConfigurationSetName"] == club.stage.mail
    assert destination["EventDestination"]["SnsDestination"] == {"TopicARN": {"Ref": topic}}
    assert destination["EventDestination"]["Enabled"] is True
    assert set(destination["EventDestination"]["MatchingEventTypes"]) == set(EVENTS)
    assert {"bounce", "complaint", "delivery", "open", "click", "reject", "send"} <= set(EVENTS)


def test_where_ses_is_to_publish_stands_before_it_tries(club: Synthesised) -> None:
    (destination,) = club.full("AWS::SES::ConfigurationSetEventDestination").values()
    topic = _named(club, "AWS::SNS::Topic", TopicName=club.stage.mail)
    (policy,) = (
        name
        for name, made in club.full("AWS::SNS::TopicPolicy").items()
        if {"Ref": topic} in made["Properties"]["Topics"]
    )
    assert {policy, _named(club, "AWS::SES::ConfigurationSet")} <= set(destination["DependsOn"])


def test_only_ses_may_publish_and_only_of_this_clubs_mail(club: Synthesised) -> None:
    topic = _named(club, "AWS::SNS::Topic", TopicName=club.stage.mail)
    (allowed,) = _allowed(club, "AWS::SNS::TopicPolicy", "Topics", topic)
    assert (allowed["Principal"], allowed["Action"]) == ({"Service": "ses.amazonaws.com"}, "sns:Publish")
    told = allowed["Condition"]["StringEquals"]
    assert told["aws:SourceAccount"] == {"Ref": "AWS::AccountId"}
    source = f"arn:{{AWS::Partition}}:ses:{HERE}:configuration-set/{club.stage.mail}"
    assert flat(told["aws:SourceArn"]) == source


def test_a_forged_notice_finds_no_way_in_because_only_the_topic_may_write_into_the_queue(club: Synthesised) -> None:
    topic = _named(club, "AWS::SNS::Topic", TopicName=club.stage.mail)
    for name in (club.stage.queue("notices"), club.stage.dead_letters):
        queue = _named(club, "AWS::SQS::Queue", QueueName=name)
        (allowed,) = _allowed(club, "AWS::SQS::QueuePolicy", "Queues", queue)
        assert (allowed["Principal"], allowed["Action"]) == ({"Service": "sns.amazonaws.com"}, "sqs:SendMessage")
        assert allowed["Condition"] == {"ArnEquals": {"aws:SourceArn": {"Ref": topic}}}
    # And no function of the club's own may.
    for room in club.functions():
        for statement in club.statements_of(room):
            if "sqs:SendMessage" in listed(statement["Action"]):
                assert not any(flat(one).endswith("-notices") for one in listed(statement["Resource"]))


def test_notices_come_as_ses_writes_them_and_what_cannot_be_delivered_is_kept(club: Synthesised) -> None:
    (follows,) = (one for one in club.resources("AWS::SNS::Subscription") if one["Protocol"] == "sqs")
    queue = _named(club, "AWS::SQS::Queue", QueueName=club.stage.queue("notices"))
    dead = _named(club, "AWS::SQS::Queue", QueueName=club.stage.dead_letters)
    assert follows["Endpoint"] == {"Fn::GetAtt": [queue, "Arn"]}
    assert follows["RawMessageDelivery"] is True
    assert follows["RedrivePolicy"] == {"deadLetterTargetArn": {"Fn::GetAtt": [dead, "Arn"]}}


def test_who_takes_notices_reaches_messages_and_counts_and_no_claim_of_what_waits(club: Synthesised) -> None:
    of: dict[str, Any] = {}
    for statement in club.statements_of("notices"):
        if flat(listed(statement["Resource"])[0]).endswith("-post"):
            for action in listed(statement["Action"]):
                of[action] = listed(statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"])
    assert of == {
        "dynamodb:GetItem": ["M*", "T*", "breaker#*"],
        "dynamodb:PutItem": ["M*", "T*", "breaker#*"],
        "dynamodb:UpdateItem": ["mails#*", "source#*"],
        "dynamodb:Query": ["mails#*"],
    }


def test_a_sender_stands_only_where_one_is_named_and_says_what_its_dns_needs(
    clubs: Callable[[str], Synthesised], synthesise: Callable[..., Synthesised]
) -> None:
    assert clubs("dev").resources("AWS::SES::EmailIdentity") == []
    # On this machine the demo's own sender stands: there is no DNS to ask.
    assert [one["EmailIdentity"] for one in clubs("local").resources("AWS::SES::EmailIdentity")] == [
        "rimon.example.com"
    ]
    club = synthesise("dev", sender="rimon.example")
    (made,) = club.resources("AWS::SES::EmailIdentity")
    assert made["EmailIdentity"] == "rimon.example"
    assert made["ConfigurationSetAttributes"] == {"ConfigurationSetName": "club-dev-mail"}
    assert made["FeedbackAttributes"] == {"EmailForwardingEnabled": False}
    told = [name for name in club.templates["code"]["Outputs"] if name.startswith("SenderDns")]
    assert told == ["SenderDns1", "SenderDns2", "SenderDns3"]
    assert [plugin["conclusion"] for plugin in club.report()["pluginReports"]] == ["success", "success"]


def test_phones_are_registered_and_pushed_to_only_where_the_stage_names_its_applications(
    clubs: Callable[[str], Synthesised], synthesise: Callable[..., Synthesised]
) -> None:
    def of_sns(club: Synthesised, room: str) -> dict[str, str]:
        told = [one for one in club.statements_of(room) if str(one["Action"]).startswith("sns:") and "Resource" in one]
        return {one["Action"]: flat(one["Resource"]) for one in told}

    assert of_sns(clubs("dev"), "member") == of_sns(clubs("dev"), "notify") == {}
    arn = "arn:aws:sns:us-east-1:111122223333:app/GCM/club"
    pushing = synthesise("dev", push_fcm=arn)
    endpoints = "arn:aws:sns:us-east-1:111122223333:endpoint/GCM/club/*"
    assert of_sns(pushing, "member") == {"sns:CreatePlatformEndpoint": arn, "sns:SetEndpointAttributes": endpoints}
    assert of_sns(pushing, "notify") == {"sns:Publish": endpoints}
    assert json.loads(pushing.functions()["member"]["Environment"]["Variables"]["CLUB_PUSH"]) == {"fcm": arn}
    assert [plugin["conclusion"] for plugin in pushing.report()["pluginReports"]] == ["success", "success"]
    here = synthesise("local", push_fcm=arn)
    assert of_sns(here, "notify") == {"sns:Publish": f"{arn}/*"}
    assert [plugin["conclusion"] for plugin in here.report()["pluginReports"]] == ["success", "success"]


def test_who_sends_may_send_in_the_clubs_own_name_and_to_telephones_alone() -> None:
    stack = Stack(App(), "Any")
    mail, texts, gateway = (
        stack.resolve(one.to_statement_json()) for one in sending_rights(stack, STAGES["dev"], "rimon.example")
    )
    here = f"arn:{{AWS::Partition}}:ses:{HERE}"
    assert mail["Action"] == "ses:SendEmail"
    assert [flat(one) for one in mail["Resource"]] == [
        f"{here}:identity/rimon.example",
        f"{here}:configuration-set/club-dev-mail",
    ]
    assert (texts["Action"], flat(texts["NotResource"])) == ("sns:Publish", "arn:{AWS::Partition}:sns:*:*:*")
    assert gateway["Action"] == "ssm:GetParameter"
    assert flat(gateway["Resource"]) == f"arn:{{AWS::Partition}}:ssm:{HERE}:parameter/club/dev/gateway"
