"""One step each; a step does one thing and goes up and down."""
