"""Looking at the card in the visitor's own reader, through the reader bridge."""
