"""On whose behalf something is done."""

from contextvars import ContextVar

ACTOR: ContextVar[str] = ContextVar("actor", default="framewatch")
"""The address that a request came from; the program itself outside of one."""
