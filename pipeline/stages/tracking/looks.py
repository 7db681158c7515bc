"""How things look, told by a classifier: its scores for a crop are what two sights are compared by."""

import asyncio
from dataclasses import replace

import numpy as np

from pipeline.core.contracts import Classifier
from pipeline.core.detections import FEATURES, Detections
from pipeline.core.frame import Frame


class Looks:
    """Asks for every detection; a model made for telling persons or cars apart gives its vector as scores."""

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier

    async def of(self, frame: Frame, found: Detections) -> Detections:
        """The same detections with their looks, (N, F); raises ModelError."""
        if not len(found):
            return found
        crops = [frame.crop(*corners) for corners in np.round(found.xyxy).astype(int).tolist()]
        told = await asyncio.gather(*(self._classifier.classify(crop) for crop in crops))
        return replace(found, attributes={**found.attributes, FEATURES: np.asarray(told, np.float32)})
