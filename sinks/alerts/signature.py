"""What proves to a receiver that a request is ours, and new."""

import hashlib
import hmac


def signature(secret: str, body: bytes, at: int) -> str:
    """`t=<UTC seconds>,v1=<hex>`: HMAC-SHA256 with the secret over `<t>.<body>`."""
    signed = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256)
    return f"t={at},v1={signed.hexdigest()}"
