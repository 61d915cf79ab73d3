"""The names of the files in a run folder."""

STATE = "checkpoint/state.npz"
MODEL = "model.keras"
PHASE_1_MODEL = "phase1.keras"
PHASE_1_PROGRAM = "phase1.tflite"
PHASE_1_HEAD = "phase1_head.npz"
RECORD = "run.json"
EVENTS = "events.jsonl"
CHECKPOINT = "checkpoint"
PROGRAM = "model.tflite"
PREDICTIONS = "predictions.parquet"
HEAD = "head.npz"
NEIGHBORS = "neighbours.npz"
OUT_OF_DISTRIBUTION = "strangers.parquet"
TRAINING_LOSSES = "training.parquet"
COMPONENTS = "components.parquet"
EMBEDDING = "embedding.parquet"  # written when somebody first looks at it
PHASE_1_PREDICTIONS = "phase1.parquet"
EIGHT_BITS = "eight_bits.json"
PREDICTED = ("validation", "test")  # splits, in the order of the tables of predictions
# What training writes once, and nobody changes afterwards.
LASTING = (
    MODEL,
    PHASE_1_MODEL,
    PROGRAM,
    PHASE_1_PROGRAM,
    HEAD,
    PHASE_1_HEAD,
    NEIGHBORS,
    PREDICTIONS,
    PHASE_1_PREDICTIONS,
    OUT_OF_DISTRIBUTION,
    TRAINING_LOSSES,
    COMPONENTS,
)
