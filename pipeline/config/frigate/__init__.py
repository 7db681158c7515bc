"""Frigate's configuration turned into Framewatch's, and a list of what could not be."""

from pipeline.config.frigate.convert import Converted, ImportFault, convert
from pipeline.config.frigate.report import Note

__all__ = ["Converted", "ImportFault", "Note", "convert"]
