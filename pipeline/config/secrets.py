"""Values that are not written in the configuration itself: `${NAME}` and `!secret name`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_REFERENCE = re.compile(r"\$(?P<escaped>\$)?\{(?P<name>[A-Za-z_]\w*)?(?P<end>\})?")


class UnknownSecret(LookupError):
    """A reference that leads nowhere; says what was found and what was wanted."""

    def __init__(self, got: str, wanted: str) -> None:
        self.got = got
        self.wanted = wanted
        super().__init__(f"got {got}, wanted {wanted}")


@dataclass(frozen=True, slots=True)
class Secrets:
    """The environment, and the entries of `secrets.yaml` (None where there is no such file)."""

    env: Mapping[str, str] = field(repr=False)
    entries: Mapping[str, str] | None = field(default=None, repr=False)
    file: str = "secrets.yaml"

    def filled(self, text: str) -> tuple[str, str]:
        """`text` with its `${NAME}` replaced, and the references it held (empty: it was no secret).

        `$${` stands for `${`. Raises UnknownSecret.
        """
        references: list[str] = []
        missing: list[str] = []

        def value(found: re.Match[str]) -> str:
            if found["escaped"]:
                return found[0][1:]
            if not (found["name"] and found["end"]):
                raise UnknownSecret(
                    f'"{found[0]}"', "${NAME} with a name of letters, digits and _ (or $${ for the text ${)"
                )
            (references if found["name"] in self.env else missing).append(f"${{{found['name']}}}")
            return self.env.get(found["name"], "")

        filled = _REFERENCE.sub(value, text)
        if missing:
            wanted = (
                "an environment variable that is set" if len(missing) == 1 else "environment variables that are set"
            )
            raise UnknownSecret(", ".join(dict.fromkeys(missing)), wanted)
        return filled, ", ".join(dict.fromkeys(references))

    def entry(self, name: str) -> str:
        """The value of `!secret name`; raises UnknownSecret."""
        if self.entries is None:
            raise UnknownSecret(f"!secret {name}", f"a file {self.file} that holds it")
        if name not in self.entries:
            raise UnknownSecret(
                f"!secret {name}", f"one of the names in {self.file}: {', '.join(self.entries) or 'it has none'}"
            )
        return self.entries[name]
