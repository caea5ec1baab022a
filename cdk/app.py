"""The CDK app. `python -m cdk.app` writes every stage's templates to `cdk.out/STAGE`, without credentials or network.

Under the `cdk` command one stage is made at a time: `cdk deploy -c stage=prod 'service' --parameters ImageTag=…`,
with `-c region=…` where it takes over in its second region.
"""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks

from cdk.config import STAGES, Stage, StageInvalid, second_region
from cdk.data import DataStack
from cdk.dns import DnsStack
from cdk.edge import EdgeStack
from cdk.images import ImagesStack
from cdk.mail import MailStack
from cdk.network import NetworkStack
from cdk.notices import NoticesStack
from cdk.observability import ObservabilityStack
from cdk.resources import Resources
from cdk.secrets import SecretsStack
from cdk.service import ServiceStack

HERE = Path(__file__).parent
OUTPUT = HERE.parent / "cdk.out"


def build(stage: Stage, output: Path | None = None, *, checked: bool = True) -> App:
    """All stacks of a stage in one app, checked against cdk-nag's AwsSolutions unless told otherwise."""
    app = App(
        outdir=str(output) if output else None,
        # The flags of cdk.json, so that a template is the same with and without the `cdk` command.
        context=json.loads((HERE / "cdk.json").read_text())["context"],
        analytics_reporting=False,
    )
    if checked:
        Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    notices = NoticesStack(app, stage)
    network = NetworkStack(app, stage)
    images = ImagesStack(app, stage)
    dns = DnsStack(app, stage, stage.domain) if stage.domain else None
    mail = MailStack(app, stage, stage.mail_domain, notices) if stage.mail_domain else None
    uses = _resources(DataStack(app, stage, notices), SecretsStack(app, stage), mail)
    service = ServiceStack(app, stage, network, images, uses, dns.certificate if dns else None)
    EdgeStack(app, stage, service)
    ObservabilityStack(app, stage, service, notices, list(stage.names.tables(stage.live_prefix).values()))
    return app


def _resources(data: DataStack, secrets: SecretsStack, mail: MailStack | None) -> Resources:
    return Resources(
        tables=data.tables,
        table_key=data.key,
        jwt=secrets.jwt,
        ops=secrets.ops,
        sender=mail.sender if mail else None,
        mail_arns=mail.arns if mail else (),
    )


def asked_for(context: Mapping[str, str]) -> Stage:
    """The stage that the command's context names, in its own region or in its second."""
    stage = STAGES[context.get("stage", "dev")]
    region = context.get("region", stage.region)
    if region not in {stage.region, stage.replica_region}:
        raise StageInvalid(f"{stage.name} has nothing in {region}.")
    return stage if region == stage.region else second_region(stage)


def main(arguments: list[str]) -> None:
    """Write the stages named in `arguments`, or all of them; under the `cdk` command the one in its context."""
    if "CDK_OUTDIR" in os.environ:
        build(asked_for(json.loads(os.environ.get("CDK_CONTEXT_JSON", "{}")))).synth()
        return
    for name in arguments or list(STAGES):
        assembly = build(STAGES[name], OUTPUT / name).synth()
        resources = sum(len(stack.template.get("Resources", {})) for stack in assembly.stacks)
        print(f"{name}: {len(assembly.stacks)} stacks, {resources} resources, in cdk.out/{name}")


if __name__ == "__main__":
    main(sys.argv[1:])
