#!/bin/bash
# Makes what the service finds in AWS, when LocalStack is ready; what is there already stays as it is.
set -euo pipefail

key() { python3 -c 'import secrets; print(secrets.token_urlsafe(48))'; }

awslocal secretsmanager describe-secret --secret-id brutal-patches-local/jwt >/dev/null 2>&1 ||
    awslocal secretsmanager create-secret --name brutal-patches-local/jwt \
        --secret-string "{\"current\": \"$(key)\", \"previous\": \"$(key)\"}" >/dev/null

awslocal ssm get-parameter --name /brutal-patches/local/rate-limit-max >/dev/null 2>&1 ||
    awslocal ssm put-parameter --name /brutal-patches/local/rate-limit-max --type String --value 600 >/dev/null

awslocal ses verify-email-identity --email-address no-reply@example.com >/dev/null
