"""Ways of training: on cached features, or Keras's own fit."""
