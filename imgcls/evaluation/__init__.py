"""What a run's results are worth: metrics, calibration, comparisons."""
