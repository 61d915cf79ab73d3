"""The networks: layers, weights, Keras models."""
