"""What of a changed configuration a running system cannot take over."""

from pipeline.app.plan import model_plans
from pipeline.config import Config

_AT_THE_START = ("server", "store", "logging", "alerts", "sinks", "profiles", "delivery")


def needs_restart(running: Config, wanted: Config) -> list[str]:
    """The sections that differ; models that are new can be loaded, those that run stay as they are."""
    sections = [name for name in _AT_THE_START if getattr(running, name) != getattr(wanted, name)]
    models = model_plans(wanted)
    are_other = any(models.get(name) != model for name, model in model_plans(running).items())
    return [*sections, *(["models"] if are_other else [])]
