"""What docs/reliability.md reports: long scripts, of which the tests run a short form."""
