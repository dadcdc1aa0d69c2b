"""The HTTP server: the viewer, its API, and the door for OpenTelemetry."""
