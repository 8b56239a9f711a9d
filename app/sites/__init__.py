"""Sites: besieged places, assembly points, checkpoints and all else that corridors lead between."""
