"""Local smart-card service that diagnoses a SITHS card for the chat."""

__version__ = "0.1.0"
