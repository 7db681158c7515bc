"""A stage that draws every analysed frame at full size: what `result.plot()` is in a loop around ultralytics."""

from pipeline.analysis.paint import paint
from pipeline.core.context import Context
from pipeline.core.contracts import StageSetup
from pipeline.core.options import Options as BaseOptions


class Draw:
    """To stand last; nobody gets the picture."""

    class Options(BaseOptions):
        pass

    def __init__(self, options: Options, setup: StageSetup) -> None:
        pass

    def process(self, ctx: Context) -> None:
        paint(ctx.frame.canvas(), [thing for thing in ctx.objects if thing.confirmed], ctx.draw.marks)
