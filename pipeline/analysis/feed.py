"""From a hub into the packet channel."""

from collections.abc import Callable
from contextlib import suppress

from pipeline.core.channels import Closed
from pipeline.core.messages import CameraMessage, PacketIn, StreamLost, StreamOpened
from pipeline.core.packet import Packet, StreamInfo

QUIET_PATIENCE = 10
"""Packets that nobody decodes are taken by so many: to wake a thread for each would cost more than all else."""


class Feed:
    """One camera's place in the packet channel; a PacketConsumer. `is_patient` says whether packets may come late."""

    def __init__(
        self, camera: str, put: Callable[[CameraMessage], None], is_patient: Callable[[], bool] = lambda: False
    ) -> None:
        self._camera = camera
        self._send = put
        self._is_patient = is_patient

    @property
    def patient(self) -> bool:
        return self._is_patient()

    def stream_opened(self, info: StreamInfo) -> None:
        self._put(StreamOpened(self._camera, info))

    def packet(self, packet: Packet) -> None:
        self._put(PacketIn(self._camera, packet))

    def stream_lost(self) -> None:
        self._put(StreamLost(self._camera))

    def ended(self) -> None:
        """The stream is over for good: the plane answers Finished when all of it has been analysed."""
        self._put(StreamLost(self._camera, ended=True))

    def _put(self, message: CameraMessage) -> None:
        with suppress(Closed):  # the plane has gone; its supervisor subscribes anew for the next
            self._send(message)
