"""From nodes to a configuration that can run; every problem on the way is collected."""

from collections.abc import Mapping

from pydantic import BaseModel

from pipeline.alerts.delivery_options import DeliveryOptions
from pipeline.config import keys
from pipeline.config.alerts import Alerts
from pipeline.config.cameras import Cameras
from pipeline.config.config import Config, ModelConfig
from pipeline.config.names import known_keys
from pipeline.config.node import Node
from pipeline.config.plugins import Plugins
from pipeline.config.problems import Problems
from pipeline.config.sections import Live, Logging, Server, Store
from pipeline.config.sinks import Sinks
from pipeline.config.stages import Stages
from pipeline.core.camera import Objects
from pipeline.core.decoding import Decoding
from pipeline.core.record import Record
from pipeline.core.retain import Events

DEFAULT_MODELS = {"general": {"type": "yolo", "weights": "yolov8n.pt"}}

GLOBAL: Mapping[str, type[BaseModel]] = {"objects": Objects, "record": Record, "events": Events, "live": Live}
"""Sections that a camera overrides key by key, beside those of the stages."""


def resolve(root: Node, plugins: Plugins, problems: Problems) -> Config:
    """Raises ConfigError with everything that is in `problems` by then."""
    models_node = root.get("models") if root.get("models").names else Node.of(DEFAULT_MODELS, file=root.file)
    models = plugins.section("models", models_node)
    abilities = {name: plugins.abilities(model.get("type")) for name, model in models_node.names.items()}
    stages = Stages(root, abilities, plugins, problems)
    known_keys(root, (*keys.TOP, *stages.names), problems)
    stages.check_global()
    for section, model in GLOBAL.items():
        problems.validated(model, root.get(section))
    problems.validated(Decoding, root.only(keys.DECODING))
    server = problems.validated(Server, root.get("server"))
    store = problems.validated(Store, root.get("store"))
    logging = problems.validated(Logging, root.get("logging"))
    events = problems.validated(Events, root.get("events"))
    sinks = Sinks(root, plugins, problems)
    cameras = Cameras(root, stages, plugins, problems).read()
    delivery = problems.validated(DeliveryOptions, root.get("delivery"))
    alerts = Alerts(root, cameras, sinks.video, problems)
    rules, profiles = alerts.read(), alerts.profiles()
    problems.check()
    assert server and store and logging and events and delivery, "whatever could not be read is a problem"
    return Config(
        base=plugins.base,
        server=server,
        store=store,
        logging=logging,
        events=events,
        models={name: ModelConfig(model.type, model.written) for name, model in models.items()},
        cameras=sinks.joined(cameras),
        alerts=rules,
        sinks=sinks.of_alerts(),
        profiles=profiles,
        delivery=delivery,
    )
