"""The stack that wakes somebody: the topic, and the alarms of functions and tables."""

from __future__ import annotations

from aws_cdk import CfnOutput, IStackSynthesizer, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.alarms import add_alarm, alarm_of_cost, alarms_of_functions_and_tables, topic_name
from infra.dashboard import add_dashboard
from infra.stage import Stage


class WatchStack(Stack):
    """`alarm_email` is told of every alarm; without one the topic waits for whoever subscribes. `dashboard`: with graphs."""

    def __init__(
        self,
        scope: Construct,
        stage: Stage,
        *,
        alarm_email: str | None,
        dashboard: bool,
        member_cost_max_minor: float | None,
        synthesizer: IStackSynthesizer,
    ) -> None:
        super().__init__(scope, stage.stack("watch"), description="The club's alarms", synthesizer=synthesizer)
        topic = sns.Topic(self, "Alarms", topic_name=topic_name(stage), enforce_ssl=True)
        # Demanding TLS gave the topic a policy, and with a policy even the account's own alarms need to be let in.
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid="AlarmsMaySpeak",
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": self.account}},
            )
        )
        if alarm_email:
            topic.add_subscription(subscriptions.EmailSubscription(alarm_email))
        for alarm in alarms_of_functions_and_tables(stage):
            add_alarm(self, stage, alarm)
        if member_cost_max_minor is not None:
            add_alarm(self, stage, alarm_of_cost(stage, member_cost_max_minor))
        if dashboard:
            add_dashboard(self, stage, alarms_of_functions_and_tables(stage))
        CfnOutput(self, "AlarmTopic", value=topic.topic_arn, description="Subscribe here to be woken")
