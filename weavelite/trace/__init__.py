"""Records what the user's program does."""
