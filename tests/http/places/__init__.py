"""Sites, corridors and what each audience sees of them, over HTTP."""
