"""The records that travel and rest: calls, ops, objects, tables, feedback.

They are plain dataclasses, since a store makes them by the thousand and `import weavelite` has to
stay quick; the server hands them to FastAPI, which checks and describes them as pydantic models.
Times are whole microseconds (`*_us`) where they leave Python, because JavaScript's numbers cannot
hold nanoseconds, and whole nanoseconds (`*_ns`) inside.
"""
