"""What the tests of models share, for what joins them to the rest."""

from tests.models.conftest import cache, shared, yolov8n

__all__ = ["cache", "shared", "yolov8n"]
