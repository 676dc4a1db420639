"""Custom actions for the engine."""
