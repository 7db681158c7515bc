"""On whose behalf something is done."""

from contextvars import ContextVar

ACTOR: ContextVar[str] = ContextVar("actor", default="framewatch")
"""The address that a request came from, or the sink; the program itself where nobody asked."""
