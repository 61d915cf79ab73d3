"""Figures of the lesson on Learn."""

import plotly.graph_objects as go

from imgcls.architecture import cut, is_trained, layers
from imgcls.charts import BLUE, GREEN, GREY, ORANGE, finish
from imgcls.config import TrainConfig

CACHED, FROZEN, TRAINED, HEAD = "frozen and cached", "frozen", "trained", "head"
COLOURS = {CACHED: GREY, FROZEN: GREEN, TRAINED: BLUE, HEAD: ORANGE}
MAP_AXES = 3  # of the shape of a layer with feature maps: height, width, channels


def layer_strip(config: TrainConfig, classes: int = 10) -> go.Figure:
    """Return one bar a layer of MobileNetV2, coloured by what phase 2 does with it.

    Args:
        config: a recipe with MobileNetV2.
        classes: units of the last layer.
    """
    kinds: dict[str, list[tuple[int, int, str]]] = {kind: [] for kind in COLOURS}
    first, last_cached = config.phases[-1].first_trainable, cut(config)
    # The photo's scaling before the base is no layer of it.
    for place, layer in enumerate(layers(config, classes)[1:]):
        if layer.base_index is None:
            kind = HEAD
        elif is_trained(layer, first):
            kind = TRAINED
        else:
            kind = CACHED if layer.base_index <= last_cached else FROZEN
        side = layer.output_shape[0] if len(layer.output_shape) == MAP_AXES else 1
        kinds[kind].append((place, side, f"{layer.name} ({layer.type}), {layer.params:,}"))
    figure = go.Figure()
    for kind, bars in kinds.items():
        figure.add_bar(
            x=[place for place, _, _ in bars],
            y=[side for _, side, _ in bars],
            customdata=[text for _, _, text in bars],
            name=kind,
            marker={"color": COLOURS[kind], "line": {"width": 0}},
            hovertemplate=f"layer %{{x}}: %{{customdata}} parameters<extra>{kind}</extra>",
        )
    # Without the padding's, which are a pixel larger and would hide the others.
    sides = [config.image_size >> halvings for halvings in range(6)] + [1]
    figure.update_layout(bargap=0.1, height=250, barmode="overlay", showlegend=True)
    figure.update_xaxes(title="Layer, from the photo to the answer", range=[-1, 158])
    figure.update_yaxes(
        title="Side of its output", type="log", tickvals=sides, ticktext=list(map(str, sides))
    )
    return finish(figure)
