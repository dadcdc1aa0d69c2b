"""Lets `python -m weavelite` be the command."""

from weavelite.cli import main

main()
