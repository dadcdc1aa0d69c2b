"""Runs of evaluations in a store: read, chosen by name, compared, and marked as the baseline."""
