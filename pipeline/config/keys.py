"""The keys that are not names of stages."""

TOP = (
    *("server", "store", "models", "pipeline", "stages", "objects", "live"),
    *("cameras", "camera_groups", "alerts", "sinks", "logging"),
)
CAMERA = ("friendly_name", "enabled", "inputs", "pipeline", "objects", "live", "zones", "lines")
