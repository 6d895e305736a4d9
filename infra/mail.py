"""Mail and what comes back of it: the configuration set, its topic, and the queue into which that topic alone may write."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import CfnOutput, Fn, Stack, Tags
from aws_cdk import aws_iam as iam
from aws_cdk import aws_ses as ses
from aws_cdk import aws_sns as sns

from infra.queues import Queues
from infra.rooms import NOTICES
from infra.stage import Stage

# All that SES can tell of a mail that no template of its own has made.
EVENTS = ("send", "delivery", "deliveryDelay", "bounce", "complaint", "reject", "open", "click")
# The records by which a domain says that SES may sign for it.
_DKIM_RECORDS = (1, 2, 3)


def add_mail(stack: Stack, stage: Stage, queues: Queues, *, sender: str | None) -> None:
    """`sender`: the domain that mail comes from; without it the account's own identities are used as they are."""
    ses.CfnConfigurationSet(
        stack,
        "Mail",
        name=stage.mail,
        reputation_options=ses.CfnConfigurationSet.ReputationOptionsProperty(reputation_metrics_enabled=True),
        # SES's own list is a second net below ours: an address that is dead to the account is not even tried.
        suppression_options=ses.CfnConfigurationSet.SuppressionOptionsProperty(
            suppressed_reasons=["BOUNCE", "COMPLAINT"]
        ),
    )
    topic = sns.Topic(
        stack,
        "MailNotices",
        topic_name=stage.mail,
        # The local cloud speaks plain HTTP on this machine, and keeps to such a policy as AWS does.
        enforce_ssl=not stage.is_local,
    )
    Tags.of(topic).add("club:room", NOTICES)
    source = f"arn:{stack.partition}:ses:{stack.region}:{stack.account}:configuration-set/{stage.mail}"
    topic.add_to_resource_policy(
        iam.PolicyStatement(
            sid="OnlyOwnMailTellsHere",
            principals=[iam.ServicePrincipal("ses.amazonaws.com")],
            actions=["sns:Publish"],
            resources=[topic.topic_arn],
            conditions={"StringEquals": {"aws:SourceAccount": stack.account, "aws:SourceArn": source}},
        )
    )
    queue = queues.by_name[NOTICES]
    # A notice carries no secret of ours: whoever could write here could suppress any member (M7).
    for into in (queue, queues.dead):
        into.add_to_resource_policy(
            iam.PolicyStatement(
                sid="OnlyItsTopicWrites",
                principals=[iam.ServicePrincipal("sns.amazonaws.com")],
                actions=["sqs:SendMessage"],
                resources=[into.queue_arn],
                conditions={"ArnEquals": {"aws:SourceArn": topic.topic_arn}},
            )
        )
    sns.CfnSubscription(
        stack,
        "MailNoticesFollow",
        topic_arn=topic.topic_arn,
        protocol="sqs",
        endpoint=queue.queue_arn,
        raw_message_delivery=True,
        redrive_policy={"deadLetterTargetArn": queues.dead.queue_arn},
    )
    destination = ses.CfnConfigurationSetEventDestination(
        stack,
        "MailEvents",
        configuration_set_name=stage.mail,
        event_destination=ses.CfnConfigurationSetEventDestination.EventDestinationProperty(
            name="notices",
            enabled=True,
            matching_event_types=list(EVENTS),
            sns_destination=ses.CfnConfigurationSetEventDestination.SnsDestinationProperty(topic_arn=topic.topic_arn),
        ),
    )
    # SES tries whether it may publish as soon as it is told where to.
    for first in (stack.node.find_child("Mail"), topic.node.find_child("Policy")):
        destination.node.add_dependency(first)
    if sender is not None:
        identity = ses.CfnEmailIdentity(
            stack,
            "Sender",
            email_identity=sender,
            configuration_set_attributes=ses.CfnEmailIdentity.ConfigurationSetAttributesProperty(
                configuration_set_name=stage.mail
            ),
            # Notices come by the topic; SES would send each as a mail besides.
            feedback_attributes=ses.CfnEmailIdentity.FeedbackAttributesProperty(email_forwarding_enabled=False),
        )
        identity.node.add_dependency(stack.node.find_child("Mail"))
        # The local cloud has no DNS, and verifies by itself.
        for number in () if stage.is_local else _DKIM_RECORDS:
            record = Fn.join(
                " CNAME ",
                [
                    identity.get_att(f"DkimDNSTokenName{number}").to_string(),
                    identity.get_att(f"DkimDNSTokenValue{number}").to_string(),
                ],
            )
            CfnOutput(stack, f"SenderDns{number}", value=record, description="Enter it in the sender's DNS")


# The kinds of phones that there are platform applications for.
PLATFORMS = ("fcm", "apns", "apns_sandbox")


def registering_rights(push: Mapping[str, str], stage: Stage) -> list[iam.PolicyStatement]:
    """What a room needs that makes endpoints of phones' tokens: of the stage's own platform applications, and of no others."""
    if not push:
        return []
    # The local cloud asks about either without saying of which application.
    applications, endpoints = (["*"], ["*"]) if stage.is_local else (list(push.values()), pushed_to(push, stage))
    return [
        iam.PolicyStatement(actions=["sns:CreatePlatformEndpoint"], resources=applications),
        iam.PolicyStatement(actions=["sns:SetEndpointAttributes"], resources=endpoints),
    ]


def pushing_rights(push: Mapping[str, str], stage: Stage) -> list[iam.PolicyStatement]:
    return [iam.PolicyStatement(actions=["sns:Publish"], resources=pushed_to(push, stage))] if push else []


def pushed_to(push: Mapping[str, str], stage: Stage) -> list[str]:
    """All endpoints of applications: `…:app/GCM/name` has those below `…:endpoint/GCM/name/`. The local cloud calls them by the
    name of their application."""
    return [f"{arn if stage.is_local else arn.replace(':app/', ':endpoint/')}/*" for arn in push.values()]


def sending_rights(stack: Stack, stage: Stage, sender: str | None) -> list[iam.PolicyStatement]:
    """What a room needs that sends: mail from the sender by the configuration set, text messages, the gateway's parameter."""
    here = f"arn:{stack.partition}:ses:{stack.region}:{stack.account}"
    ours = [*([f"{here}:identity/{sender}"] if sender else []), f"{here}:configuration-set/{stage.mail}"]
    return [
        # The local cloud asks about a mail without saying from whom it comes.
        iam.PolicyStatement(actions=["ses:SendEmail"], resources=["*"] if stage.is_local else ours),
        # A phone number is no resource: what may not be published to are all topics and endpoints there are.
        iam.PolicyStatement(actions=["sns:Publish"], not_resources=[f"arn:{stack.partition}:sns:*:*:*"]),
        iam.PolicyStatement(
            actions=["ssm:GetParameter"],
            resources=[
                f"arn:{stack.partition}:ssm:{stack.region}:{stack.account}:parameter{stage.gateway}",
            ],
        ),
    ]
