"""Predicting with a finished run, without TensorFlow."""
