"""Guided tasks: decision trees kept as data, walked by one form."""
