"""The metrics of one running system, Prometheus' way; the media plane holds them all."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_SECONDS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 2.0, 5.0, 10.0)


class Metrics:
    """One registry for each system, so that several can live in one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        registry = self.registry
        self.packets = Counter(
            "framewatch_packets", "Packets read from an input", ["camera", "input"], registry=registry
        )
        self.bytes = Counter(
            "framewatch_received_bytes", "Bytes read from an input", ["camera", "input"], registry=registry
        )
        self.reconnects = Counter(
            "framewatch_reconnects", "Times an input was opened again", ["camera", "input"], registry=registry
        )
        self.online = Gauge("framewatch_input_online", "1 while packets come", ["camera", "input"], registry=registry)
        self.dropped = Gauge(
            "framewatch_dropped",
            "Packets or frames lost because a consumer was slow",
            ["camera", "place"],
            registry=registry,
        )
        self.analysed = Gauge(
            "framewatch_analysed_frames", "Frames that went through all stages", ["camera"], registry=registry
        )
        self.looked = Gauge(
            "framewatch_looked_frames", "Analysed frames that a model looked at", ["camera"], registry=registry
        )
        self.decoded = Gauge("framewatch_decoded_frames", "Frames that were decoded", ["camera"], registry=registry)
        self.skipped = Gauge(
            "framewatch_skipped_packets",
            "Packets that were not decoded because nothing happened",
            ["camera"],
            registry=registry,
        )
        self.latency = Histogram(
            "framewatch_result_latency_seconds",
            "From capture to the result",
            ["camera"],
            buckets=_SECONDS,
            registry=registry,
        )
        self.pushing = Gauge(
            "framewatch_push_online", "1 while a sink takes a camera's video", ["camera", "sink"], registry=registry
        )
        self.recording = Gauge(
            "framewatch_recording", "1 while a camera's video is being written", ["camera"], registry=registry
        )
        self.recorded = Counter("framewatch_recorded_bytes", "Bytes of video written", ["camera"], registry=registry)
        self.viewers = Gauge("framewatch_viewers", "Live viewers", ["camera", "view"], registry=registry)
        self.events = Counter("framewatch_events", "Events stored", ["camera", "type"], registry=registry)
        self.alerts = Counter("framewatch_alerts", "Alerts by outcome", ["sink", "outcome"], registry=registry)
        self.left_out = Counter(
            "framewatch_sink_left_out", "What nobody took in time, beside alerts", ["sink"], registry=registry
        )
        self.analysis_restarts = Counter(
            "framewatch_analysis_restarts", "Times the analysis process was started again", registry=registry
        )
