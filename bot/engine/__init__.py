"""What Rasa loads beside the pipeline: tracker store, channel, responses, policies."""
