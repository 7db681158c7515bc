"""Keys of Frigate's without a counterpart: why, or what there is instead."""

_ALERTS = "alerts are rules here: `alerts`, with a sink that they are sent to"
_OWN_FFMPEG = "Framewatch opens and decodes streams without ffmpeg's command line"
_NO_GENAI = "Framewatch describes nothing in words"
_NO_AUDIO = "Framewatch detects nothing by its sound; `record.audio` records it"
_NO_FACES = "there is no face recognition; `classify` looks closer at what is tracked"
_NO_PLATES = "there is no licence-plate recognition; `classify` looks closer at what is tracked"
_OWN_FILES = "recordings are in files of Framewatch's own; clips are made when somebody asks"
_SNAPSHOTS = "every object keeps its best picture; `events` says how long"
_PAGE = "the dashboard has no such setting"

BOTH = {
    "audio": _NO_AUDIO,
    "audio_transcription": _NO_AUDIO,
    "birdseye": "the dashboard shows all cameras side by side",
    "face_recognition": _NO_FACES,
    "genai": _NO_GENAI,
    "lpr": _NO_PLATES,
    "notifications": _ALERTS,
    "profiles": "a configuration holds at all times",
    "review": _ALERTS,
    "rtmp": "live video is served over WebRTC",
    "semantic_search": "events are found by camera, label, zone, attribute and time",
    "snapshots": _SNAPSHOTS,
    "timestamp_style": "no time is drawn into the picture",
    "ui": _PAGE,
}
"""Sections that stand at the top, for a camera, or both."""

TOP = {
    **BOTH,
    "auth": "`server.auth` asks for a token instead of users",
    "classification": "`classify`, with a classifier of your own, looks closer at what is tracked",
    "database": "`store.url` names Framewatch's own; what Frigate has recorded stays there",
    "detectors": "a model says what it runs on: `models.general.device` and `backend`, both auto",
    "environment_vars": "set them in the environment that Framewatch is started in",
    "model": "`models.general` names another one than yolov8n.pt; Frigate's own files cannot be used",
    "networking": "`server.host` and `server.port` say where the page is",
    "proxy": "`server.auth` asks for a token; a proxy may stand before it",
    "telemetry": "figures are at /metrics, for Prometheus",
    "tls": "put a TLS proxy before the server",
}

CAMERA = {
    **BOTH,
    "mqtt": "the pictures that are sent are those that are kept",
    "best_image_timeout": _SNAPSHOTS,
    "onvif": "cameras are not moved",
    "type": "all cameras are alike",
    "webui_url": _PAGE,
}

MQTT = {
    "qos": "alerts are sent with QoS 1, what is told again at every change with 0",
    "tls_client_cert": "a broker is shown a user and a password",
    "tls_client_key": "a broker is shown a user and a password",
}

FFMPEG = {
    "apple_compatibility": _OWN_FILES,
    "global_args": _OWN_FFMPEG,
    "gpu": "`hwaccel` takes the first one",
    "input_args": f"{_OWN_FFMPEG}; only what asks for UDP is taken over, as `transport: udp`",
    "output_args": _OWN_FFMPEG,
    "path": _OWN_FFMPEG,
    "retry_interval": "a lost camera is opened again at once, then after 1 s, doubled up to 60 s",
}

OUTPUT_ARGS = {"detect": _OWN_FFMPEG, "rtmp": "live video is served over WebRTC"}

DETECT = {
    "annotation_offset": "boxes are drawn on the frame that they were found in",
    "height": "the picture is looked at in the size that the input has",
    "min_initialized": "two sure sightings begin an object",
    "width": "the picture is looked at in the size that the input has",
}

STATIONARY = {
    "classifier": "rest is told by an object's box alone",
    "max_frames": "objects at rest are kept for as long as they are seen",
}

MOTION = {
    "delta_alpha": "the background adapts by the stream's time",
    "frame_alpha": "the background adapts by the stream's time",
    "mqtt_off_delay": "motion is not told over MQTT",
    "skip_motion_threshold": "`motion.lightning_threshold` tells what is only the light",
}

RECORD = {
    "enabled_in_config": "`record.enabled` says so alone",
    "events": "`record.alerts` and `record.detections` say how long their recordings are kept",
    "expire_interval": "what is too old goes within some minutes",
    "export": _OWN_FILES,
    "preview": "there are no previews",
    "sync_recordings": "files and index are compared at every start",
}

OBJECTS = {"genai": _NO_GENAI, "alert": _ALERTS}

ZONE = {
    "distances": "speed is not estimated",
    "filters": "a zone has no filters; `objects.filters` of the camera hold for the whole picture",
    "friendly_name": "a zone is called by its name",
    "speed_threshold": "speed is not estimated",
}

LIVE = {
    "height": "the browser gets the camera's own video",
    "quality": "the browser gets the camera's own video",
}

GO2RTC_SECTION = "Framewatch opens cameras itself and serves live video over WebRTC (`server.webrtc`)"
