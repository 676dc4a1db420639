"""Local smart-card service that diagnoses a SITHS card for the chat."""
