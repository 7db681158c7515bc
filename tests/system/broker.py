"""A real MQTT broker (Mosquitto) on loopback, and somebody who listens to it."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Condition
from types import TracebackType
from typing import Any, Self

import pytest
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from tests.system.rtsp import free_port

_PLACES = f"{os.environ.get('PATH', '')}:/usr/sbin"
_LONGEST_START_S = 20


class Broker:
    """Started, stopped, killed, frozen and thawed by tests; the port stays the same."""

    def __init__(
        self, folder: Path, users: Mapping[str, str] | None = None, tls: tuple[Path, Path] | None = None
    ) -> None:
        """With `users` (and their passwords) nobody else gets in; `tls` are a certificate and its key."""
        self.port = free_port()
        self._program = _found("mosquitto")
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        lines = [f"listener {self.port} 127.0.0.1", "persistence false", "user root"]
        if users:
            lines.append(f"password_file {self._passwords(users)}")
        if tls:
            lines += [f"certfile {tls[0]}", f"keyfile {tls[1]}"]
        lines.append(f"allow_anonymous {str(not users).lower()}")
        self._config = folder / f"mosquitto-{self.port}.conf"
        self._config.write_text("\n".join(lines) + "\n")

    def start(self) -> None:
        with (self._folder / "mosquitto.log").open("ab") as log:
            command = [self._program, "-c", str(self._config), "-v"]
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        until = time.monotonic() + _LONGEST_START_S
        while not self._listens():
            assert self._process.poll() is None, (self._folder / "mosquitto.log").read_text()
            assert time.monotonic() < until, "it does not listen"
            time.sleep(0.02)

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            self._process.kill()
            self._process.wait(10)
        self._process = None

    def freeze(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def _listens(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True

    def _passwords(self, users: Mapping[str, str]) -> Path:
        path = self._folder / f"passwords-{self.port}"
        path.touch(0o600)
        for login in users.items():
            subprocess.run([_found("mosquitto_passwd"), "-b", str(path), *login], check=True, capture_output=True)
        return path


class Listener:
    """Keeps everything that is published, in order; `get` and `wait` look at the latest of a topic."""

    def __init__(self, port: int, *filters: str, login: tuple[str, str] | None = None) -> None:
        """Hears everything where there are no `filters`."""
        self.heard: list[MQTTMessage] = []
        self._changed = Condition()
        self._client = Client(CallbackAPIVersion.VERSION2)
        self._client.on_message = self._on_message
        self._client.on_connect = lambda client, *_: client.subscribe([(each, 1) for each in filters or "#"])
        self._client.on_subscribe = lambda *_: self._subscribed()
        self._is_subscribed = False
        if login is not None:
            self._client.username_pw_set(*login)
        self._client.connect("127.0.0.1", port)

    def __enter__(self) -> Self:
        self._client.loop_start()
        with self._changed:
            assert self._changed.wait_for(lambda: self._is_subscribed, 20), "no connection"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.disconnect()
        self._client.loop_stop()
        if kind is not None:
            print("\n".join(["--- heard:", *(f"{m.topic} {bytes(m.payload[:200])!r}" for m in self.heard)]))

    def publish(self, topic: str, payload: str, *, retain: bool = False) -> None:
        self._client.publish(topic, payload, qos=1, retain=retain).wait_for_publish(10)

    def get(self, topic: str) -> bytes | None:
        """The latest; None where there was none."""
        return next((bytes(each.payload) for each in reversed(self.heard) if each.topic == topic), None)

    def all(self, topic: str) -> list[bytes]:
        return [bytes(each.payload) for each in self.heard if each.topic == topic]

    def wait(self, topic: str, fits: Callable[[bytes], bool] = bool, timeout_s: float = 30) -> bytes:
        """The latest of `topic`, once it fits."""

        def is_there() -> bool:
            payload = self.get(topic)
            return payload is not None and fits(payload)

        with self._changed:
            assert self._changed.wait_for(is_there, timeout_s), f"{topic}: {self.get(topic)!r}"
            return self.get(topic) or b""

    def forget(self) -> None:
        self.heard.clear()

    def _subscribed(self) -> None:
        with self._changed:
            self._is_subscribed = True
            self._changed.notify_all()

    def _on_message(self, _client: Client, _userdata: object, message: MQTTMessage) -> None:
        with self._changed:
            self.heard.append(message)
            self._changed.notify_all()


@contextmanager
def running_broker(folder: Path, **options: Any) -> Iterator[Broker]:
    broker = Broker(folder, **options)
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()


def _found(name: str) -> str:
    program = shutil.which(name, path=_PLACES)
    if program is None:
        missing = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        missing(f"no {name} found; install it with: apt-get install mosquitto")
    return program
