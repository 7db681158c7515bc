"""The keys that are not names of stages."""

DECODING = ("decode", "hwaccel")
"""Keys with one value each, global and for a camera."""
TOP = (
    *("server", "store", "models", "pipeline", "stages", "objects", "record", "events", "live", *DECODING),
    *("cameras", "camera_groups", "alerts", "profiles", "sinks", "delivery", "logging"),
)
CAMERA = (
    *("friendly_name", "enabled", "priority", "inputs", "pipeline", "objects", "record", "events", "live", *DECODING),
    *("zones", "lines"),
)
