"""Mail: the domain that messages come from, and what is done when they bounce."""

from aws_cdk import aws_ses as ses
from constructs import Construct

from cdk.config import Stage
from cdk.dns import hosted_zone
from cdk.notices import NoticesStack, by_arn
from cdk.stack import StageStack


class MailStack(StageStack):
    """A verified domain with DKIM and its own return path; bounces and complaints are notices."""

    def __init__(self, scope: Construct, stage: Stage, domain: str, notices: NoticesStack) -> None:
        super().__init__(scope, stage, "mail", "the identity that mail is sent as")
        self.sender = f"noreply@{domain}"
        self.configuration = ses.ConfigurationSet(
            self,
            "Configuration",
            configuration_set_name=stage.prefix,
            reputation_metrics=True,
            suppression_reasons=ses.SuppressionReasons.BOUNCES_AND_COMPLAINTS,
            tls_policy=ses.ConfigurationSetTlsPolicy.REQUIRE,
        )
        self.configuration.add_event_destination(
            "Returned",
            destination=ses.EventDestination.sns_topic(by_arn(self, notices.notice)),
            events=[ses.EmailSendingEvent.BOUNCE, ses.EmailSendingEvent.COMPLAINT, ses.EmailSendingEvent.REJECT],
        )
        self.identity = ses.EmailIdentity(
            self,
            "Identity",
            identity=ses.Identity.public_hosted_zone(hosted_zone(self, stage, domain)),
            configuration_set=self.configuration,
            mail_from_domain=f"bounce.{domain}",
        )
        # SES asks for both: who is sent as, and the configuration that comes with it.
        self.arns = (
            self.identity.email_identity_arn,
            self.format_arn(
                service="ses", resource="configuration-set", resource_name=self.configuration.configuration_set_name
            ),
        )
