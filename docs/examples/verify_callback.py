"""Verifies a callback of Clipline (Standard Webhooks 1.0) with nothing but Python."""

import base64
import hashlib
import hmac
import time

TOLERANCE_S = 300


def is_verified(secret, headers, body):
    """Whether ``body``, the raw bytes as they came, was signed with ``secret`` (``whsec_…``) within five minutes.

    ``headers`` are those of the request, with names in lower case.
    """
    event_id = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    if not timestamp.isascii() or not timestamp.isdigit():
        return False
    if abs(time.time() - int(timestamp)) > TOLERANCE_S:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{event_id}.{timestamp}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    # While a secret is being changed there is one signature for each, separated by blanks.
    return any(
        hmac.compare_digest(entry.encode(), expected.encode())
        for entry in headers.get("webhook-signature", "").split(" ")
    )
