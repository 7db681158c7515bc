"""Programs that really run."""

import asyncio
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
from pydantic import ValidationError

from pipeline.core.errors import DeliveryError
from sinks.alerts.script import Script
from tests.docs import blocks
from tests.sinks.an_alert import JPEG, an_alert

TELLS = """\
import json, os, sys
picture = os.environ["FRAMEWATCH_SNAPSHOT"]
said = {
    "args": sys.argv[1:], "env": dict(os.environ), "stdin": json.load(sys.stdin), "cwd": os.getcwd(),
    "picture": list(open(picture, "rb").read()) if picture else None,
}
json.dump(said, open(sys.argv[1], "w"))
"""


def script(*command: str, **options: Any) -> Script:
    return Script(Script.Options.model_validate({"command": command} | options))


def python(code: str, *arguments: str, **options: Any) -> Script:
    """The braces of `code` are its own, not a template's."""
    return script(sys.executable, "-c", "{% raw %}" + code + "{% endraw %}", *arguments, **options)


async def failure(given: Script) -> DeliveryError:
    with pytest.raises(DeliveryError) as refused:
        await given.send(an_alert())
    return refused.value


async def test_what_a_program_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAM_PASSWORD", "swordfish")
    told = tmp_path / "told.json"
    arguments = ("{{ title }}", "$(touch {{ zone }}); `id` && {{ label }}", "{{ attributes.none }}", "{{ url }}")
    given = python(TELLS, str(told), *arguments, cwd=str(tmp_path), env={"TOKEN": "hunter2"})
    await given.send(an_alert())
    said = json.loads(told.read_text())
    assert said["args"][1:] == [
        "Fußgänger entered <door>, Lobby, 14:03",
        "$(touch door); `id` && person",
        "",
        "https://watch.example/e/abc.def",
    ]
    assert (said["stdin"]["id"], said["stdin"]["event"]["zone"], said["stdin"]["snapshot"]) == (
        "0f9a-key",
        "door",
        None,
    )
    assert bytes(said["picture"]) == JPEG
    assert said["cwd"] == str(tmp_path)
    assert (said["env"]["TOKEN"], said["env"]["FRAMEWATCH_ALERT_ID"]) == ("hunter2", "0f9a-key")
    assert said["env"]["PATH"] == os.environ["PATH"]
    assert "CAM_PASSWORD" not in said["env"]
    assert not Path(said["env"]["FRAMEWATCH_SNAPSHOT"]).exists()
    await given.send(an_alert(snapshot=None))
    assert json.loads(told.read_text())["env"]["FRAMEWATCH_SNAPSHOT"] == ""


STATUSES = {
    "try again": ("import sys; print('busy'); sys.exit(75)", "exit status 75: busy", False),
    "wrong": ("import sys; print('no', file=sys.stderr); sys.exit(3)", "exit status 3: no", True),
    "silent": ("raise SystemExit(1)", "exit status 1: it said nothing", True),
    "killed": ("import os; os.kill(os.getpid(), 9)", "was killed by signal 9: it said nothing", True),
}


@pytest.mark.parametrize(("code", "words", "permanent"), STATUSES.values(), ids=STATUSES)
async def test_how_it_ended(code: str, words: str, permanent: bool) -> None:
    error = await failure(python(code))
    assert str(error) == f"{Path(sys.executable).name}: {words}"
    assert error.permanent is permanent


async def test_only_the_end_of_what_it_said_is_kept_and_no_secret() -> None:
    code = "import os, sys; print('x' * 1_000_000, 'https://me:pw@host/', os.environ['TOKEN'], 'end'); sys.exit(1)"
    words = str(await failure(python(code, env={"TOKEN": "hunter2"})))
    assert len(words) < 3000 and words.endswith(" https://host/ … end")


async def test_one_that_reads_nothing_of_what_it_is_given() -> None:
    await python("pass").send(an_alert(text="x" * 1_000_000))


async def test_one_that_takes_too_long_is_killed_with_all_that_it_started(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    code = (
        "import os, signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"open({str(pids)!r}, 'w').write(f'{{os.getpid()}} {{child.pid}}'); time.sleep(60)"
    )
    began = time.monotonic()
    error = await failure(python(code, timeout=2))
    assert str(error).endswith("took longer than 2 s and was stopped") and not error.permanent
    assert time.monotonic() - began < 30
    await until_gone(pids)


async def test_one_that_is_given_up_is_killed(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    code = f"import os, time; open({str(pids)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    sending = asyncio.create_task(python(code, timeout=10).send(an_alert()))
    while not (pids.exists() and pids.read_text()):
        await asyncio.sleep(0.01)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    await until_gone(pids)


async def until_gone(pids: Path) -> None:
    left = [int(pid) for pid in pids.read_text().split()]
    async with asyncio.timeout(20):
        while any(psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE for pid in left):
            await asyncio.sleep(0.02)


async def test_what_it_leaves_running_holds_nobody_up(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    code = (
        "import subprocess, sys; child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"open({str(pids)!r}, 'w').write(str(child.pid))"
    )
    await python(code, timeout=10).send(an_alert())
    os.kill(int(pids.read_text()), signal.SIGKILL)


async def test_a_program_that_went_away(tmp_path: Path) -> None:
    program = tmp_path / "alarm"
    program.write_text("#!/bin/sh\nexit 0\n")
    program.chmod(0o755)
    given = script("./alarm", cwd=str(tmp_path))
    await given.send(an_alert())
    program.write_text("no program at all")
    error = await failure(given)
    assert error.permanent and str(error) == "alarm: cannot be run: Exec format error"
    program.unlink()
    error = await failure(given)
    assert error.permanent and str(error) == "alarm: cannot be run: it is not there, or not executable"


async def test_the_program_of_the_docs(tmp_path: Path) -> None:
    (block,) = blocks(Path(__file__).parents[2] / "docs" / "alert-sinks.md", "sh")
    (tmp_path / "keep.sh").write_text(block.text)
    (tmp_path / "keep.sh").chmod(0o755)
    given = script("./keep.sh", "{{ camera }}", cwd=str(tmp_path))
    await given.send(an_alert(id="a", test=True))
    await given.send(an_alert(id="b"))
    assert not (await failure(script("./keep.sh", "../keep.sh", cwd=str(tmp_path)))).permanent
    assert [path.name for path in (tmp_path / "pictures").rglob("*.jpg")] == ["b.jpg"]
    assert (tmp_path / "pictures/lobby/b.jpg").read_bytes() == JPEG


WRONG = {
    "not there": ({"command": ["./nowhere"]}, "a program that can be run"),
    "not in the path": ({"command": ["no-such-program"]}, "a program that can be run"),
    "not executable": ({"command": [__file__]}, "a program that can be run"),
    "no folder": ({"command": ["echo"], "cwd": "/nowhere"}, "a folder that exists"),
    "one text": ({"command": "echo hi"}, "tuple"),
    "nothing": ({"command": []}, "at least 1 item"),
    "a name": ({"command": ["echo", "{{ titel }}"]}, 'in place of "titel"'),
    "a variable": ({"command": ["echo"], "env": {"A=B": "c"}}, "the name of an environment variable"),
}


@pytest.mark.parametrize(("options", "wanted"), WRONG.values(), ids=WRONG)
def test_options_that_cannot_work(options: dict[str, Any], wanted: str) -> None:
    with pytest.raises(ValidationError, match=wanted):
        Script.Options.model_validate(options)
