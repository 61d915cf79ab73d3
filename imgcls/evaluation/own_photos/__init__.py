"""What some photos of own classes are worth before a network is trained on them."""
