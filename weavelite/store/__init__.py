"""Where calls, objects and feedback rest."""
