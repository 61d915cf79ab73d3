"""Training: from the request to the finished run."""
