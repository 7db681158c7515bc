"""What is published."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Message:
    topic: str
    payload: bytes
    retain: bool = False
    qos: int = 0
    """0: handed to the network; 1: the broker has said that it has it."""


Publish = Callable[[Message], Awaitable[None]]
"""Raises DeliveryError."""
