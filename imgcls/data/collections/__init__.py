"""Datasets that people put together in the browser: what they hold, and the folder of them all."""
