"""Vector tiles: which piece of the world, what of a shape is drawn there, and in which bytes."""
