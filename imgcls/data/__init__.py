"""Photos: reading them, datasets and their splits, uploads, downloads."""
