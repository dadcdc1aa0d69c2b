"""Spans of OpenTelemetry to records: which attribute means what, in whose dialect."""
