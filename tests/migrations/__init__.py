"""The schema goes up and down on both databases, and is what the models say."""
