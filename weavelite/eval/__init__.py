"""Datasets, models, scorers, and evaluations of models by scorers over datasets."""
