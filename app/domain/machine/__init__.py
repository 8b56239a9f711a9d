"""What agreements and corridors share: moves as data, and the rule behind every status change."""
