"""Buckets for what AWS writes about us: private, encrypted, over TLS only, emptied by age."""

from aws_cdk import Duration
from aws_cdk import aws_s3 as s3
from constructs import Construct

from cdk.config import Stage
from cdk.stack import accept, removal


def record_bucket(scope: Construct, construct_id: str, stage: Stage) -> s3.Bucket:
    """A bucket whose objects go when the stage's logs go."""
    bucket = s3.Bucket(
        scope,
        construct_id,
        # The load balancer can only write to buckets that S3 encrypts with its own key.
        encryption=s3.BucketEncryption.S3_MANAGED,
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        enforce_ssl=True,
        minimum_tls_version=1.2,
        removal_policy=removal(stage),
        lifecycle_rules=[
            s3.LifecycleRule(
                expiration=Duration.days(stage.log_days), abort_incomplete_multipart_upload_after=Duration.days(1)
            )
        ],
    )
    accept(bucket, "It holds logs itself; a log of who reads logs would need a bucket with the same finding.", "S1")
    return bucket
