"""The connection to an MQTT broker, made again whenever it is lost."""

import asyncio
import logging
from contextlib import suppress

import aiomqtt
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type
from tenacity.wait import wait_exponential_jitter

from pipeline.core.errors import DeliveryError
from sinks.alerts.broker.address import Address
from sinks.alerts.broker.message import Message, Publish
from sinks.alerts.broker.session import Heard, Session, Work

log = logging.getLogger(__name__)

_CANCELLED_S = 0.5
_HELD_S = 10.0
"""A session that lasted so long was a good one: the next is tried for at once."""


def _ignored(_message: aiomqtt.Message) -> None:
    """Nobody has asked for anything."""


async def _nothing(_publish: Publish) -> None:
    """There is nothing to say but what others publish."""


class Connection:
    """For one event loop. `work` is done anew in every session; what comes is `heard`."""

    def __init__(
        self,
        address: Address,
        client_id: str,
        *,
        will: Message | None = None,
        topics: tuple[str, ...] = (),
        heard: Heard = _ignored,
        work: Work = _nothing,
    ) -> None:
        self._address = address
        self._client_id = client_id
        self._will = will
        self._topics = topics
        self._heard = heard
        self._work = work
        self._session: Session | None = None
        self._trouble = DeliveryError(f"{address}: closed")
        self._known = asyncio.Event()
        """Set while it is known how things are: connected, or why not."""
        self._hurry = asyncio.Event()
        """Cleared while it is waited for the next try."""
        self._hurry.set()
        self._said = ""
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Idempotent; returns at once."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name=f"MQTT to {self._address}")

    async def publish(self, message: Message) -> None:
        """Raises DeliveryError; where there is no connection, one is tried for at once."""
        self.start()
        if not self._hurry.is_set():
            self._known.clear()
            self._hurry.set()
        await self._known.wait()
        if self._session is None:
            raise self._trouble
        await self._session.publish(message)

    async def close(self) -> None:
        """Takes leave where somebody is there; idempotent."""
        task, self._task = self._task, None
        while task is not None and not task.done():  # the library may take one for a broker that does not answer
            task.cancel()
            await asyncio.wait([task], timeout=_CANCELLED_S)
        self._known.set()

    async def _run(self) -> None:
        """For ever: one session after the other, with longer and longer waits where none of them lasts."""
        while True:
            attempts = AsyncRetrying(
                wait=wait_exponential_jitter(initial=1.0, max=60.0, jitter=1.0),
                retry=retry_if_exception_type(DeliveryError),
                before_sleep=self._tell,
                sleep=self._sleep,
            )
            await attempts(self._one_session)

    async def _sleep(self, seconds: float) -> None:
        """Shorter where somebody has something to say meanwhile."""
        self._hurry.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._hurry.wait()
        self._hurry.set()

    async def _one_session(self) -> None:
        """Returns when one that lasted is over; raises DeliveryError where there was none, or a short one."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            await self._hold()
        except DeliveryError as error:
            self._trouble = error
            if loop.time() - began < _HELD_S:
                raise
        except Exception:  # a mistake of ours must not end all that is told
            log.exception("%s: the session ended", self._address)
            self._trouble = DeliveryError(f"{self._address}: something went wrong here; the log says what")
            raise self._trouble from None
        finally:
            self._known.set()

    async def _hold(self) -> None:
        session = await Session.open(self._address, self._client_id, self._will, self._topics)
        try:
            if self._said:
                log.info("%s: connected", self._address)
            self._session, self._said = session, ""
            self._known.set()
            await session.hold(self._heard, self._work)
        finally:
            self._session = None
            self._known.clear()
            await session.close()

    def _tell(self, state: RetryCallState) -> None:
        """Each trouble once."""
        trouble = str(state.outcome.exception()) if state.outcome else ""
        if trouble != self._said:
            log.warning("%s; trying again", trouble)
        self._said = trouble
