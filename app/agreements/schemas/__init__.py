"""What goes in and out of the routes of agreements."""
