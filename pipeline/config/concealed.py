"""Addresses with a user or password in them, which belong into `secrets.yaml` and not into the configuration."""

from collections.abc import Collection, Mapping
from itertools import count
from typing import Any

from pipeline.config.yaml_text import SecretRef, snippet
from pipeline.core.address import holds_secret, without_user
from pipeline.core.redact import redact_url


def concealed(
    name: str, camera: Mapping[str, Any], taken: Collection[str] = ()
) -> tuple[dict[str, Any], dict[str, str]]:
    """The camera with `!secret NAME` for such addresses, and what those names stand for; none of them is `taken`."""
    entries: dict[str, str] = {}
    inputs = []
    for each in camera["inputs"]:
        if holds_secret(each["path"]):
            key = _free(name, {*taken, *entries})
            entries[key] = each["path"]
            each = {**each, "path": SecretRef(f"!secret {key}")}
        inputs.append(each)
    return {**camera, "inputs": inputs}, entries


def entries_snippet(entries: Mapping[str, str]) -> str:
    """How the entries look, to be copied by hand: without what is secret in them."""
    return snippet({name: _form(address) for name, address in entries.items()})


def _free(name: str, taken: Collection[str]) -> str:
    return next(key for number in count(1) if (key := name if number == 1 else f"{name}_{number}") not in taken)


def _form(address: str) -> str:
    bare = without_user(address)
    scheme, _, rest = (redact_url(bare) if holds_secret(bare) else bare).partition("://")
    return f"{scheme}://USER:PASSWORD@{rest}"
