"""Verifies messages with the standardwebhooks package: reads {messages: [{headers, body}], secrets}, prints for each message whether
each secret fits."""

import json
import sys

from standardwebhooks.webhooks import Webhook, WebhookVerificationError


def fits(secret, message):
    try:
        Webhook(secret).verify(message["body"], message["headers"])
        return True
    except WebhookVerificationError:
        return False


asked = json.load(sys.stdin)
print(json.dumps([[fits(secret, message) for secret in asked["secrets"]] for message in asked["messages"]]))
