"""A run's answers over HTTP: the Open Inference Protocol, and files as a form sends them."""
