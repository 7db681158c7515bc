"""The version of the installed distribution."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("framewatch")
except PackageNotFoundError:  # a checkout that was not installed
    __version__ = "0+checkout"
