"""What bodies and answers about corridors hold."""
