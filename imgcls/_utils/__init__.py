"""What knows nothing of photos or runs: arrays, files, formatting, processes."""
