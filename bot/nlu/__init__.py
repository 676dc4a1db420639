"""Rasa graph components for Swedish."""
