"""What leaves the house: models, reports, tables, archives."""
