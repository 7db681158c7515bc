"""Alerts as calls of a program."""

import os
import shutil
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr, field_validator, model_validator

from pipeline.core.errors import DeliveryError
from pipeline.core.event import Alert
from pipeline.core.message import AlertOptions, SinkTemplate
from pipeline.core.options import misplaced
from pipeline.core.redact import redact_secrets
from sinks.alerts.document import document, filled
from sinks.alerts.picture_file import picture_file
from sinks.alerts.program import Ended, run

TRY_AGAIN = 75
"""EX_TEMPFAIL of sysexits.h."""
_HANDED_ON = ("HOME", "LANG", "LC_ALL", "LOGNAME", "PATH", "TMPDIR", "TZ", "USER")
"""Of our environment, which also holds what the configuration takes from there: passwords, tokens."""


def _is_a_name(name: str) -> str:
    if not name.isidentifier() or not name.isascii():
        raise ValueError("the name of an environment variable: letters, digits and _")
    return name


class Script:
    """Runs a program for each alert, without a shell: JSON on its standard input, the picture as a file.

    Exit status 0 is an arrival, 75 asks for another try, any other is final. What takes too long is killed, with all
    that it has started.
    """

    class Options(AlertOptions):
        command: Annotated[tuple[SinkTemplate, ...], Field(min_length=1)]
        """The program and its arguments, each a template."""
        cwd: Path | None = None
        """Where it runs; None: where Framewatch does."""
        env: dict[Annotated[str, AfterValidator(_is_a_name)], SecretStr] = Field(default_factory=dict)
        """Beside a few usual ones: nothing else of our environment is handed on."""
        timeout: Annotated[float, Field(gt=0, le=60)] = 5.0
        """Seconds that it may take; above 10 `delivery.timeout` must be longer, too."""

        @field_validator("cwd")
        @classmethod
        def _is_a_folder(cls, cwd: Path | None) -> Path | None:
            if cwd is not None and not cwd.is_dir():
                raise ValueError("a folder that exists")
            return cwd

        @model_validator(mode="after")
        def _can_be_run(self) -> "Script.Options":
            program = self.command[0]
            if "{" not in program and _found(program, self.cwd) is None:
                raise misplaced("command", f'"{program}"', "a program that can be run")
            return self

    def __init__(self, options: Options) -> None:
        self._options = options
        self._secrets = [value.get_secret_value() for value in options.env.values()]

    async def send(self, alert: Alert) -> None:
        command = [filled(part, alert).replace("\0", "") for part in self._options.command]
        name = Path(command[0]).name
        program = _found(command[0], self._options.cwd)
        if program is None:
            raise DeliveryError(f"{name}: cannot be run: it is not there, or not executable", permanent=True)
        with picture_file(alert.snapshot) as picture:
            ended = await self._run([program, *command[1:]], alert, picture, name)
        if ended.status != 0:
            raise DeliveryError(f"{name}: {self._words(ended)}", permanent=ended.status != TRY_AGAIN)

    async def _run(self, command: list[str], alert: Alert, picture: str | None, name: str) -> Ended:
        try:
            return await run(
                command,
                document(alert),
                cwd=self._options.cwd,
                env=self._environment(alert, picture),
                timeout_s=self._options.timeout,
            )
        except TimeoutError:
            raise DeliveryError(f"{name}: took longer than {self._options.timeout:g} s and was stopped") from None
        except OSError as error:
            raise DeliveryError(f"{name}: cannot be run: {error.strerror or error}", permanent=True) from error

    async def close(self) -> None:
        """Nothing runs on between alerts."""

    def _environment(self, alert: Alert, picture: str | None) -> dict[str, str]:
        usual = {name: os.environ[name] for name in _HANDED_ON if name in os.environ}
        own = {name: value.get_secret_value() for name, value in self._options.env.items()}
        of_alert = {"FRAMEWATCH_ALERT_ID": alert.id, "FRAMEWATCH_SNAPSHOT": picture or ""}
        return {**usual, **own, **of_alert}

    def _words(self, ended: Ended) -> str:
        how = f"was killed by signal {-ended.status}" if ended.status < 0 else f"exit status {ended.status}"
        said = redact_secrets(ended.output, self._secrets) if ended.output else "it said nothing"
        return f"{how}: {said}"


def _found(program: str, cwd: Path | None) -> str | None:
    """As a path that is good everywhere; None where it cannot be run."""
    if "/" not in program:
        return shutil.which(program)
    return shutil.which(((cwd or Path()) / program).absolute())
