"""The journal: calls are appended here before anything else happens to them."""
