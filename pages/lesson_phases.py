"""Not a page: part 4 of the lesson on Learn, the two phases under the microscope."""

import streamlit as st

from imgcls.architecture import describe
from imgcls.config import PRESETS, TrainConfig
from imgcls.runs import Run
from pages.lesson_photo import Photo


def show(run: Run | None, photo: Photo) -> None:  # noqa: ARG001
    """Show what each phase trains."""
    config = run.config if run else PRESETS["paper"]
    _show_phases(config, len(run.class_names) if run else 10)


def _show_phases(config: TrainConfig, classes: int) -> None:
    network = describe(config, classes)
    st.subheader("Two phases", anchor=False)
    st.markdown(
        "Training a network from nothing takes many photos. Transfer learning starts with one that "
        "was trained on the 1.3 million photos of ImageNet, cuts off its last layer and puts a new "
        "head on it.\n\n"
        "1. **Frozen base.** Only the head is trained. It starts from random numbers, and the "
        "large corrections this takes would destroy what the base knows.\n"
        "2. **Fine-tuning.** The last layers of the base are trained too, in steps ten times "
        "smaller. The first layers stay: edges and textures are useful for any photo."
    )
    with st.container(horizontal=True):
        st.metric("Parameters", f"{network['total_params']:,}")
        for number, phase in enumerate(network["phases"], start=1):
            trained = f"{phase['trainable_params']:,}"
            st.metric(f"Trained in phase {number} ({phase['name']})", trained)
