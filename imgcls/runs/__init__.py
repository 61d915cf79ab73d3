"""Run folders: the record, its files, finding and managing them."""
