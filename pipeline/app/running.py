"""The API of a system that runs with a configuration, for commands beside it."""

from typing import Any
from urllib.parse import quote

import httpx

from pipeline.config import Config
from pipeline.core.errors import FramewatchError

WITHIN_S = 30.0
_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}


class NotRunningError(FramewatchError, ConnectionError):
    """No system answers at the address of the configuration."""


class Running:
    def __init__(self, config: Config, url: str | None = None) -> None:
        """`url` where it is not the address that the configuration says."""
        server = config.server
        host = _ANY.get(server.host, server.host)
        self.url = url or f"http://{f'[{host}]' if ':' in host else host}:{server.port}"
        token = server.auth.token
        self._headers = {"Authorization": f"Bearer {token.get_secret_value()}"} if token else {}

    def post(self, path: str, body: Any = None) -> Any:
        """Raises NotRunningError, or FramewatchError with what the system says."""
        try:
            answer = httpx.post(f"{self.url}{quote(path)}", json=body, headers=self._headers, timeout=WITHIN_S)
        except httpx.ConnectError as error:
            raise NotRunningError(f"{self.url}: no Framewatch answers there; is it running?") from error
        except httpx.HTTPError as error:
            raise FramewatchError(f"{self.url}: {error or type(error).__name__}") from error
        if not answer.is_success:
            raise FramewatchError(f"{self.url}: {_said(answer)}")
        return answer.json()


def _said(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, LookupError, TypeError):
        return f"answered {answer.status_code}"
