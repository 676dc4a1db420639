"""Swedish support bot for SITHS cards: engine parts, gateway and command line."""
