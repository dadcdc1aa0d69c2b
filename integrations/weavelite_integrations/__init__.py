"""Integrations of weavelite: one module a library, each loaded only when its library is."""
