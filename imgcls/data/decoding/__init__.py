"""What stands between a picture file and upright RGB pixels, one concern a module."""
