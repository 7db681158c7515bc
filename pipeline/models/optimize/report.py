"""What an eight-bit model is worth: how far it agrees with the full one, and what it saves."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

NAME = "report.json"


class LabelAgreement(msgspec.Struct, frozen=True):
    """Of one label; shares are None where there was nothing to share out.

    `objects` is how many the full model found in the held-out frames.
    """

    objects: int
    recall: float | None
    precision: float | None
    ap50: float | None


class Agreement(msgspec.Struct, frozen=True):
    """The full model's detections taken as the truth: recall and precision at the configured `min_score`.

    `map50` is the mean over labels of the average precision at an overlap of a half.
    """

    objects: int
    recall: float
    precision: float
    map50: float
    labels: Mapping[str, LabelAgreement]

    @property
    def least(self) -> float:
        return min(self.recall, self.precision, self.map50)


class Speed(msgspec.Struct, frozen=True):
    """Images a second; `gain` is the median of the ratios of runs that followed each other."""

    full: float
    int8: float
    gain: float


class Report(msgspec.Struct, frozen=True):
    """`settings` are what the model was calibrated with."""

    weights: str
    size: str
    agreement: Agreement
    speed: Speed
    settings: Mapping[str, str]

    @property
    def summary(self) -> str:
        told = self.agreement
        return (
            f"recall {told.recall:.0%}, precision {told.precision:.0%}, mAP50 {told.map50:.0%} of full precision, "
            f"{self.speed.gain:.2f} times as fast"
        )

    def write(self, folder: Path) -> None:
        (folder / NAME).write_bytes(msgspec.json.format(msgspec.json.encode(self)))

    @classmethod
    def of(cls, folder: Path) -> "Report | None":
        """None where there is none, or none that can be read."""
        try:
            return msgspec.json.decode((folder / NAME).read_bytes(), type=cls)
        except (OSError, msgspec.DecodeError):
            return None
